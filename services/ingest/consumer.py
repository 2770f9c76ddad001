"""Keeps copies of what Escalation owns and of how alerts stand; makes events of what the suite
says about itself.

Whoever raises an alert about the suite must not do so about alerts of the built-in source:
such an alert would be about itself.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection

from services.chassis import authentication, facts, tracing
from services.chassis.clock import Clock
from services.chassis.inbox import Reaction, ignoring, on
from services.ingest import references
from services.ingest.acceptor import accept
from services.ingest.dialects import ilert
from services.ingest.dialects.json_text import Document
from services.ingest.domain.arrivals import Arrival
from services.ingest.domain.sources import SUITE_SOURCE_ID
from services.ingest.doors import TYPED
from services.ingest.event_id import new_event_id
from services.ingest.sources import Means
from services.ingest.store import alerts, sources
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert
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
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.ingest.v1.ingest_events_pb2 import AlertSourceChanged, EventsAccepted
from tocsin.notification.v1.notification_events_pb2 import (
    AnswerGiven,
    NotificationChanged,
    WebhookChanged,
)


def reactions(means: Means) -> Mapping[str, Mapping[str, Reaction]]:
    """Returns what ingest does about each message, by the service that publishes it."""

    about_the_suite = on(SuiteAlertRaised, _suite_alert(means.clock)) | ignoring(TokensUsed)
    return {
        # Its own stream, too: what ingest has to say about itself leaves like everybody's.
        "ingest": about_the_suite | ignoring(EventsAccepted, AlertSourceChanged),
        "alertstate": about_the_suite | on(AlertChanged, alert),
        "escalation": about_the_suite
        | on(TokenChanged, token)
        | on(UserChanged, user)
        | on(EscalationPolicyChanged, partial(policy, means))
        | on(TeamChanged, partial(team, means))
        | on(SupportHoursChanged, partial(support_hours, means))
        | ignoring(ScheduleChanged, PageRequested, EscalationChanged),
        "notification": about_the_suite
        | ignoring(AnswerGiven, NotificationChanged, WebhookChanged),
    }


def _suite_alert(clock: Clock) -> Callable[[Connection, datetime, SuiteAlertRaised], None]:
    """Returns what makes an event of what the suite says about itself."""

    def react(connection: Connection, now: datetime, raised: SuiteAlertRaised) -> None:
        document = Document(
            {
                "eventType": "RESOLVE" if raised.over else "ALERT",
                "summary": raised.summary,
                "details": raised.details,
                "alertKey": raised.alert_key,
            }
        )
        arrival = Arrival(
            event_id=new_event_id(clock),
            source=sources.get(connection, SUITE_SOURCE_ID),
            event=ilert.event(document),
            raw=raised.SerializeToString(),
            content_type=TYPED,
            trace=tracing.current(),
        )
        accept(connection, now, [arrival])

    return react


def alert(connection: Connection, now: datetime, changed: AlertChanged) -> None:
    """Takes note of how an alert of a source stands."""
    if changed.alert.alert_source.id:
        alerts.note(
            connection,
            now,
            alert_id=changed.alert.id,
            source_id=changed.alert.alert_source.id,
            status=Alert.Status.Name(changed.alert.status),
            version=changed.version,
            alert_key=changed.alert.alert_key,
            raised_at=changed.accept_time.ToDatetime(UTC),
        )


def token(connection: Connection, now: datetime, changed: TokenChanged) -> None:
    """Takes over a token's record."""
    facts.copy(connection, authentication.KIND, changed.record.token.id, changed.record, changed)


def user(connection: Connection, now: datetime, changed: UserChanged) -> None:
    """Takes over a person's record."""
    facts.copy(connection, "user", changed.user.id, changed.user, changed)


def policy(
    means: Means, connection: Connection, now: datetime, changed: EscalationPolicyChanged
) -> None:
    """Takes over a policy."""
    _refer(means, connection, now, references.POLICY, changed.escalation_policy, changed)


def team(means: Means, connection: Connection, now: datetime, changed: TeamChanged) -> None:
    """Takes over a team."""
    _refer(means, connection, now, references.TEAM, changed.team, changed)


def support_hours(
    means: Means, connection: Connection, now: datetime, changed: SupportHoursChanged
) -> None:
    """Takes over support hours."""
    _refer(means, connection, now, references.SUPPORT_HOURS, changed.support_hours, changed)


def _refer(
    means: Means,
    connection: Connection,
    now: datetime,
    kind: str,
    record: EscalationPolicy | Team | SupportHours,
    changed: facts.Change,
) -> None:
    """Takes over what sources refer to. An id is never given again, so what is gone stays gone."""
    facts.copy(connection, kind, record.id, record, changed)
    if changed.deleted:
        references.gone(connection, now, means, kind, record.id)
