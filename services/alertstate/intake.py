"""What accepted events do to alerts: a batch at a time, in a constant number of statements."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.alertstate import known, outgoing, wire
from services.alertstate.domain.alerts import Alert
from services.alertstate.domain.batches import work
from services.alertstate.domain.cases import Case, Event, Key, Worked
from services.alertstate.domain.grouping import Creation
from services.alertstate.domain.policies import routed
from services.alertstate.known import Known
from services.alertstate.store import alerts, comments, keys, log, timers
from services.alertstate.timer_kinds import AUTO_RESOLVE
from services.chassis.counters import allocate
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.ingest_events_pb2 import AcceptedEvent, EventsAccepted

COUNTER = "alert"


def take(connection: Connection, now: datetime, batch: EventsAccepted) -> None:
    """Acts on the events that were not acted on before."""
    alerts.lock_numbers(connection, COUNTER)
    done = keys.known_outcomes(connection, [event.seq for event in batch.events])
    fresh = {event.seq: event for event in batch.events if event.seq not in done}
    if not fresh:
        return
    sources = known.sources(connection, {event.source_id for event in fresh.values()})
    events = _read(connection, fresh.values(), Known(sources=sources))
    groups = _groups(connection, events)
    wanted = {event.key for event in events if event.key}
    states = keys.lock(connection, wanted | {key for key in groups.values() if key}, now)
    open_ids = {state.alert_id for state in states.values() if state.alert_id is not None}
    before = alerts.many(connection, open_ids | groups.keys(), lock=True)
    worked = work(events, states, before, now)
    worked.number(allocate(connection, COUNTER, len(worked.raised)))
    _save(connection, now, worked, before)
    _save_teams(connection, worked.raised, sources)
    changes = [(case.alert, case.cause, case.actor) for case in worked.cases]
    about = known.about(connection, [case.alert for case in worked.cases])
    outgoing.publish(connection, now, changes, about)


def _read(connection: Connection, events: Collection[AcceptedEvent], names: Known) -> list[Event]:
    named = any(event.routing_keys for event in events)
    by_routing_key = known.policies_by_routing_key(connection) if named else {}
    return [wire.event(each, routed(each.routing_keys, by_routing_key), names) for each in events]


def _groups(connection: Connection, events: Collection[Event]) -> dict[int, Key | None]:
    """Returns the open alerts that may take events in, with their keys as they are now."""
    summaries: dict[int, set[str]] = defaultdict(set)
    for event in events:
        if event.creation is not Creation.EACH:
            summaries[event.source_id].add(event.content.summary)
    found: dict[int, Key | None] = {}
    for source_id, told in sorted(summaries.items()):
        found |= alerts.open_of(connection, source_id, told)
    return found


def _save(
    connection: Connection, now: datetime, worked: Worked, before: Mapping[int, Alert]
) -> None:
    changed = [(before.get(case.alert.id), case.alert) for case in worked.cases]
    alerts.save(connection, changed, now)
    log.add(connection, [(case.alert, case.entries) for case in worked.cases])
    comments.add(connection, [(case.alert, case.comments) for case in worked.cases])
    due = {
        str(case.alert.id): now + timedelta(seconds=case.auto_resolution_seconds)
        for case in worked.cases
        if case.auto_resolution_seconds
    }
    timers.set_all(connection, AUTO_RESOLVE, due)
    states = {
        key: replace(state, alert_id=case.alert.id if case else None)
        for key, (state, case) in worked.keys.items()
    }
    keys.save(connection, states, now)
    outcomes = (
        (event.seq, event.source_id, outcome, case.alert.id if case else None)
        for event, outcome, case in worked.outcomes
    )
    keys.add_outcomes(connection, outcomes)


def _save_teams(
    connection: Connection, raised: Collection[Case], sources: Mapping[str, AlertSource]
) -> None:
    teams = [
        (case.alert.id, team.id)
        for case in raised
        if (source := sources.get(str(case.alert.source_id)))
        for team in source.teams
    ]
    alerts.add_teams(connection, teams)
