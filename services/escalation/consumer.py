"""Begins and ends runs as alerts come and go: the only file here that knows alerts.

Alerts come in any order. The newest version that was heard of is in the alert's runs, and
older ones are ignored; an alert that was over before it began leaves a run that ended. The
state is what counts, never the cause: words about an alert change no run, but their version
is heard of. A run also remembers which calls by hand and wishes for the next level it has seen.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from services.chassis import counters, inbox
from services.chassis.database import notify
from services.chassis.errors import InvalidRequest
from services.escalation import on_duty, plans, running
from services.escalation.domain import runs as domain
from services.escalation.domain.policies import BUILT_IN_SOURCE, Plan
from services.escalation.domain.runs import ALERT, Priority, Run, State, Subject
from services.escalation.store import runs
from services.escalation.store.alone import alone
from services.escalation.wire.runs import actor_value, link_value
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised

#: Where the run of an alert is to be.
STATES = {
    Alert.PENDING: State.RUNNING,
    Alert.ACCEPTED: State.ACKNOWLEDGED,
    Alert.RESOLVED: State.STOPPED,
}


def alert_changed(connection: Connection, now: datetime, event: AlertChanged) -> None:
    """Brings the runs of an alert to where the alert is."""
    if event.alert.status not in STATES:
        raise InvalidRequest(f"alert {event.alert.id} is in a state that nobody here knows")
    subject = _subject(event)
    alone(connection, f"{ALERT}:{subject.id}")
    known = runs.of_subject(connection, ALERT, subject.id)
    if any(run.subject_version >= event.version for run in known):
        return
    for run in known:
        if run.subject.episode < subject.episode and run.pending:
            _stop(connection, now, event, run)
    current = next((run for run in known if run.subject.episode == subject.episode), None)
    if current is not None:
        _go_on(connection, now, event, current)
    else:
        current = _come(connection, now, event, known)
    if current is not None and event.alert.status != Alert.RESOLVED:
        _call(connection, now, event, current)


def _wanted(event: AlertChanged, now: datetime) -> State:
    """Returns where the run is to be.

    One of an alert that sleeps, or that nobody is notified of, is over until another episode.
    """
    asleep = (
        event.alert.HasField("snoozed_until") and event.alert.snoozed_until.ToDatetime(UTC) > now
    )
    if event.alert.status == Alert.PENDING and (asleep or event.alert.silent):
        return State.STOPPED
    return STATES[event.alert.status]


def _come(
    connection: Connection, now: datetime, event: AlertChanged, known: Sequence[Run]
) -> Run | None:
    """Returns the run of an episode that is new here; None if it wants nobody."""
    calls = max((run.calls for run in known), default=0)
    if _wanted(event, now) is not State.RUNNING:
        return _never_begin(connection, now, event, calls)
    if event.alert.HasField("escalation_policy"):
        return _begin(connection, now, event, calls)
    if event.calls:  # everybody is called again, or a new episode would page nobody
        return _begin(connection, now, event, 0)
    if known:
        runs.retell(connection, known[0], known[0].subject, event.version)
    return None


def _begin(connection: Connection, now: datetime, event: AlertChanged, calls: int) -> Run:
    accepted = event.HasField("accept_time")
    by = actor_value(event.actor)
    run = running.begin(
        connection,
        now,
        _subject(event),
        _plan(connection, event),
        by,
        accept_time=event.accept_time.ToDatetime(UTC) if accepted else now,
        subject_version=event.version,
        calls=calls,
    )
    if event.pushes:  # news of the beginning come late: the first level is paged, then the next
        run = running.push(connection, now, run.id, 0, by)
        run = running.push(connection, now, run.id, event.pushes, by)
    return run


def _never_begin(connection: Connection, now: datetime, event: AlertChanged, calls: int) -> Run:
    """Leaves a run that ended, for older news that come late. Nobody need hear of it."""
    run, _ = domain.begin(
        counters.allocate(connection, running.COUNTER),
        _subject(event),
        _plan(connection, event),
        now,
        subject_version=event.version,
        calls=calls,
    )
    end = domain.acknowledge if event.alert.status == Alert.ACCEPTED else domain.stop
    run, _ = end(run, actor_value(event.actor), now)
    runs.add(connection, run)
    return run


def _go_on(connection: Connection, now: datetime, event: AlertChanged, run: Run) -> None:
    wanted, by = _wanted(event, now), actor_value(event.actor)
    if wanted is State.ACKNOWLEDGED and run.pending:
        running.acknowledge(
            connection,
            now,
            run.id,
            by,
            subject_version=event.version,
            subject_end_time=_end_time(event, run),
        )
    elif wanted is State.STOPPED and run.state is not State.STOPPED:
        _stop(connection, now, event, run)
    else:
        runs.retell(connection, run, _subject(event), event.version)
        notify(connection, running.TOPIC)
    if wanted is State.RUNNING and event.pushes > run.pushes:
        running.push(connection, now, run.id, event.pushes, by)


def _stop(connection: Connection, now: datetime, event: AlertChanged, run: Run) -> None:
    running.stop(
        connection,
        now,
        run.id,
        actor_value(event.actor),
        subject_version=event.version,
        subject_end_time=_end_time(event, run),
        over=event.alert.status == Alert.RESOLVED,
    )


def _end_time(event: AlertChanged, run: Run) -> datetime | None:
    """Returns since when an alert whose run ends wants nobody; None if nobody told.

    When news from before these are missing, any of them may have ended it: the time is then
    one before all of them, as a page too many is taken back rather than one too few.
    """
    if not event.HasField("change_time"):
        return None
    if event.version > run.subject_version + 1:
        return run.accept_time
    return event.change_time.ToDatetime(UTC)


def _call(connection: Connection, now: datetime, event: AlertChanged, run: Run) -> None:
    """Pages whom people have called to the alert since the last time."""
    for call in sorted(event.calls, key=lambda call: call.number):
        if call.number > run.calls:
            if call.user_id:
                meant: tuple[int, ...] = (call.user_id,)
            else:
                on_call = on_duty.people(connection, [call.schedule_id], now)
                meant = on_call.get(call.schedule_id, ())
            by = actor_value(event.actor)
            run = running.call(connection, now, run.id, call.number, meant, by)


def _plan(connection: Connection, event: AlertChanged) -> Plan:
    """Returns what a run about an alert follows; one about Tocsin itself is known as such."""
    plan = plans.plan_of(connection, event.alert.escalation_policy.id)
    return replace(plan, about_suite=event.alert.alert_source.id == BUILT_IN_SOURCE)


def _subject(event: AlertChanged) -> Subject:
    alert = event.alert
    return Subject(
        kind=ALERT,
        id=str(alert.id),
        episode=event.episode,
        title=alert.summary,
        details=alert.details,
        links=tuple(link_value(link) for link in alert.links),
        priority=Priority.LOW if alert.priority == Alert.LOW else Priority.HIGH,
    )


REACTIONS = inbox.on(AlertChanged, alert_changed) | inbox.ignoring(SuiteAlertRaised)
