"""Reacts to what the other services publish: events, records, escalations, notifications.

Messages can arrive in any order, and again: events are ordered by their `seq`, records and
escalations by their version, and a log entry that may be told twice names its origin.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.alertstate import changing, intake, known, reported, wire
from services.alertstate.domain.actions import Done, done
from services.alertstate.domain.alerts import SYSTEM, Alert, Cause, logged
from services.alertstate.domain.entries import Entry
from services.alertstate.domain.reports import escalated, notified
from services.alertstate.domain.run_entries import entries
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
from tocsin.notification.v1.notification_events_pb2 import (
    AnswerGiven,
    NotificationChanged,
    WebhookChanged,
)


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
        AnswerGiven, WebhookChanged, SuiteAlertRaised, TokensUsed
    )


def _escalation(connection: Connection, now: datetime, event: EscalationChanged) -> None:
    """Takes over how an escalation stands; what happened is logged however late it comes."""
    subject = event.escalation.subject
    alert_id = wire.alert_id(subject.kind, subject.id)
    if alert_id is None:
        return
    run = reported.run_changed(event, reported.names(connection, event))
    newer = runs.advance(connection, alert_id, run)
    before = alerts.many(connection, [alert_id], lock=True).get(alert_id)
    if before is not None:
        after = escalated(before, run) if newer else before
        _save(connection, now, before, after, entries(before, run, now))


def _notification(connection: Connection, now: datetime, event: NotificationChanged) -> None:
    alert_id = wire.alert_id(event.subject_kind, event.subject_id)
    notice = reported.notice(event.notification)
    if alert_id is None or notice is None:
        return
    alert = alerts.many(connection, [alert_id], lock=True).get(alert_id)
    if alert is not None:
        _save(connection, now, alert, alert, [notified(notice, now)])


def _save(
    connection: Connection, now: datetime, before: Alert, after: Alert, told: Sequence[Entry]
) -> None:
    """Writes what was reported; whoever watches hears of what changed beside the log."""
    fresh = log.fresh(connection, before.id, told)
    if _seen(after) != _seen(before):
        changed = done(after, Cause.ESCALATION_CHANGED, *fresh)
    else:
        changed = Done(logged(after, fresh), fresh)
    changing.save(connection, now, before, changed, SYSTEM)


def _seen(alert: Alert) -> tuple[object, ...]:
    return alert.responders, alert.next_escalation, alert.exhausted_at


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
