"""Begins and ends runs as alerts come and go: the only file here that knows alerts.

Alerts come in any order. The newest version that was heard of is in the alert's runs, and
older ones are ignored; an alert that was over before it began leaves a run that ended.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection

from services.chassis import counters, inbox
from services.chassis.errors import InvalidRequest
from services.escalation import running
from services.escalation.domain import runs as domain
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
            by = actor_value(event.actor)
            running.stop(connection, now, run.id, by, subject_version=event.version)
    current = next((run for run in known if run.subject.episode == subject.episode), None)
    if current is not None:
        _go_on(connection, now, event, current)
    elif event.alert.status != Alert.PENDING:
        _never_begin(connection, now, event)
    elif event.alert.HasField("escalation_policy"):  # else it wants nobody
        _begin(connection, now, event)


def _begin(connection: Connection, now: datetime, event: AlertChanged) -> None:
    accepted = event.HasField("accept_time")
    running.begin(
        connection,
        now,
        _subject(event),
        running.plan_of(connection, event.alert.escalation_policy.id),
        actor_value(event.actor),
        accept_time=event.accept_time.ToDatetime(UTC) if accepted else now,
        subject_version=event.version,
    )


def _never_begin(connection: Connection, now: datetime, event: AlertChanged) -> None:
    """Leaves a run that ended, for older news that come late. Nobody need hear of it."""
    run, _ = domain.begin(
        counters.allocate(connection, running.COUNTER),
        _subject(event),
        running.plan_of(connection, event.alert.escalation_policy.id),
        now,
        subject_version=event.version,
    )
    end = domain.acknowledge if event.alert.status == Alert.ACCEPTED else domain.stop
    run, _ = end(run, actor_value(event.actor), now)
    runs.add(connection, run)


def _go_on(connection: Connection, now: datetime, event: AlertChanged, run: Run) -> None:
    wanted, by = STATES[event.alert.status], actor_value(event.actor)
    if wanted is State.ACKNOWLEDGED and run.pending:
        running.acknowledge(connection, now, run.id, by, subject_version=event.version)
    elif wanted is State.STOPPED and run.state is not State.STOPPED:
        running.stop(connection, now, run.id, by, subject_version=event.version)
    else:
        runs.retell(connection, run, _subject(event), event.version)


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
