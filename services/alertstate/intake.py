"""What accepted events do to alerts: a batch at a time, in a constant number of statements."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.alertstate import known, outgoing, wire
from services.alertstate.domain.alerts import Alert, Status
from services.alertstate.domain.batches import Stored, work
from services.alertstate.domain.cases import Case, Event, Worked
from services.alertstate.domain.expiry import armed
from services.alertstate.domain.grouping import Creation, Order
from services.alertstate.domain.policies import routed
from services.alertstate.known import Known
from services.alertstate.store import alerts, comments, keys, log, orders
from services.alertstate.timer_kinds import ACCEPT_EXPIRY, AUTO_RESOLVE
from services.chassis import timers
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
    stored = known_of(connection, now, events)
    worked = work(events, stored, now)
    worked.number(allocate(connection, COUNTER, len(worked.raised)))
    _arm(connection, now, worked.cases, stored.alerts)
    _save(connection, now, worked, stored.alerts)
    _save_teams(connection, worked.raised, sources)
    changes = [(case.alert, case.cause, case.actor) for case in worked.cases]
    about = known.about(connection, [case.alert for case in worked.cases])
    outgoing.publish(connection, now, changes, about)


def known_of(connection: Connection, now: datetime, events: Collection[Event]) -> Stored:
    """Returns what is known and matters for events, keeping others from changing it."""
    grouping = {event.source_id for event in events if event.creation is not Creation.EACH}
    known_orders = orders.lock(connection, grouping)
    states = keys.lock(connection, {event.key for event in events if event.key}, now)
    holders = {state.alert_id for state in states.values() if state.alert_id is not None}
    wanted = holders | _groups(connection, events, known_orders)
    known_alerts = alerts.many(connection, wanted, lock=True)
    questioned = _questioned(events, known_orders, known_alerts.values())
    states |= keys.held_by(connection, questioned)
    return Stored(keys=states, alerts=known_alerts, orders=known_orders)


def _read(connection: Connection, events: Collection[AcceptedEvent], names: Known) -> list[Event]:
    named = any(event.routing_keys for event in events)
    by_routing_key = known.policies_by_routing_key(connection) if named else {}
    return [wire.event(each, routed(each.routing_keys, by_routing_key), names) for each in events]


def _groups(
    connection: Connection, events: Collection[Event], known_orders: Mapping[int, Order]
) -> set[int]:
    """Returns the open alerts that may take events in."""
    by_source: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        if event.creation is not Creation.EACH:
            by_source[event.source_id].append(event)
    found: set[int] = set()
    for source_id, heard in sorted(by_source.items()):
        oldest = min(event.seq for event in heard)
        late_seq = oldest if known_orders[source_id].is_late(oldest) else None
        summaries = {event.content.summary for event in heard}
        found |= alerts.open_of(connection, source_id, summaries, late_seq)
    return found


def _questioned(
    events: Collection[Event], known_orders: Mapping[int, Order], known_alerts: Iterable[Alert]
) -> set[int]:
    """Returns the alerts whose keys count one by one: those of sources with late events."""
    sources = {
        event.source_id
        for event in events
        if (order := known_orders.get(event.source_id))
        and order.questions(event.type, event.seq, divides=event.creation.divides)
    }
    return {alert.id for alert in known_alerts if alert.source_id in sources and alert.held}


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
    expiries = {str(case.alert.id): case.alert.accept_expires for case in worked.cases}
    timers.set_all(connection, ACCEPT_EXPIRY, expiries)
    states = {
        key: replace(state, alert_id=case.alert.id if case else None)
        for key, (state, case) in worked.keys.items()
    }
    keys.save(connection, states, now)
    orders.save(connection, worked.orders)
    outcomes = (
        (event.seq, event.source_id, outcome, case.alert.id if case else None)
        for event, outcome, case in worked.outcomes
    )
    keys.add_outcomes(connection, outcomes)


def _arm(
    connection: Connection, now: datetime, cases: Iterable[Case], before: Mapping[int, Alert]
) -> None:
    """Has what events accepted just now expire."""
    taken = [
        case
        for case in cases
        if case.alert.status is Status.ACCEPTED
        and (case.is_new or before[case.alert.id].status is not Status.ACCEPTED)
    ]
    policies = {case.alert.content.policy_id for case in taken}
    expiries = known.accept_expiries(connection, policies) if policies else {}
    for case in taken:
        case.alert = armed(case.alert, expiries.get(case.alert.content.policy_id), now)


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
