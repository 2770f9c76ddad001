"""Reacts to what the other services publish: events, records, escalations, notifications.

Messages can arrive in any order, and again: events are ordered by their `seq`, records and
escalations by their version, and a log entry that may be told twice names its origin.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from services.alertstate import changing, intake, known, wire
from services.alertstate.domain.actions import Done, done
from services.alertstate.domain.alerts import SYSTEM, Alert, Cause, logged
from services.alertstate.domain.entries import Entry
from services.alertstate.domain.reports import escalated, notified
from services.alertstate.store import alerts, log, runs
from services.chassis import authentication, facts
from services.chassis.inbox import Reaction, ignoring, on
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.chassis.internal.v1.token_use_pb2 import TokensUsed
from tocsin.escalation.v1.escalation_events_pb2 import (
    EscalationChanged,
    EscalationPolicyChanged,
    PageRequested,
    ScheduleChanged,
    SupportHoursChanged,
    TeamChanged,
    TokenChanged,
    UserChanged,
)
from tocsin.ingest.v1.ingest_events_pb2 import AlertSourceChanged, EventsAccepted
from tocsin.notification.v1.notification_events_pb2 import NotificationChanged, WebhookChanged


def of_ingest() -> Mapping[str, Reaction]:
    """Returns what is done about Ingest's messages."""
    return (
        on(EventsAccepted, intake.take)
        | on(AlertSourceChanged, _source)
        | ignoring(SuiteAlertRaised, TokensUsed)
    )


def of_escalation() -> Mapping[str, Reaction]:
    """Returns what is done about Escalation's messages."""
    return (
        on(EscalationChanged, _escalation)
        | on(UserChanged, _user)
        | on(EscalationPolicyChanged, _policy)
        | on(TokenChanged, _token)
        | on(ScheduleChanged, _schedule)
        | on(TeamChanged, _team)
        | ignoring(PageRequested, SupportHoursChanged, SuiteAlertRaised, TokensUsed)
    )


def of_notification() -> Mapping[str, Reaction]:
    """Returns what is done about Notification's messages."""
    return on(NotificationChanged, _notification) | ignoring(
        WebhookChanged, SuiteAlertRaised, TokensUsed
    )


def _escalation(connection: Connection, now: datetime, event: EscalationChanged) -> None:
    subject = event.escalation.subject
    alert_id = wire.alert_id(subject.kind, subject.id)
    names = {user: known.user_name(connection, user) for user in event.called_user_ids}
    run = wire.run_changed(event, names)
    if alert_id is None or not runs.advance(connection, alert_id, run):
        return
    before = alerts.get(connection, alert_id)
    after, entry = escalated(before, run, now)
    _save(connection, now, before, after, entry)


def _notification(connection: Connection, now: datetime, event: NotificationChanged) -> None:
    alert_id = wire.alert_id(event.subject_kind, event.subject_id)
    notice = wire.notice(event.notification)
    if alert_id is None or notice is None:
        return
    alert = alerts.many(connection, [alert_id], lock=True).get(alert_id)
    if alert is not None:
        _save(connection, now, alert, alert, notified(notice, now))


def _save(
    connection: Connection, now: datetime, before: Alert, after: Alert, entry: Entry | None
) -> None:
    """Writes what was reported; whoever watches hears of a new responder or another next step."""
    fresh = entry is not None and not log.told(connection, before.id, entry.origin)
    entries = (entry,) if entry is not None and fresh else ()
    seen = after.responders, after.next_escalation
    if seen != (before.responders, before.next_escalation):
        changed = done(after, Cause.ESCALATION_CHANGED, *entries)
    else:
        changed = Done(logged(after, entries), entries)
    changing.save(connection, now, before, changed, SYSTEM)


def _source(connection: Connection, now: datetime, event: AlertSourceChanged) -> None:
    facts.copy(connection, known.SOURCE, event.alert_source.id, event.alert_source, event)


def _team(connection: Connection, now: datetime, event: TeamChanged) -> None:
    facts.copy(connection, authentication.TEAM, event.team.id, event.team, event)


def _user(connection: Connection, now: datetime, event: UserChanged) -> None:
    facts.copy(connection, known.USER, event.user.id, event.user, event)


def _policy(connection: Connection, now: datetime, event: EscalationPolicyChanged) -> None:
    policy = event.escalation_policy
    facts.copy(connection, known.POLICY, policy.id, policy, event)


def _schedule(connection: Connection, now: datetime, event: ScheduleChanged) -> None:
    schedule = event.schedule
    facts.copy(connection, known.SCHEDULE, schedule.id, schedule, event)


def _token(connection: Connection, now: datetime, event: TokenChanged) -> None:
    facts.copy(connection, authentication.KIND, event.record.token.id, event.record, event)
