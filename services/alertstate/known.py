"""What is known here of other services' records, for the alerts that name them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from services.alertstate.domain.alerts import Alert
from services.chassis import facts
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.user_pb2 import User
from tocsin.ingest.v1.alert_source_pb2 import AlertSource

SOURCE = "source"
POLICY = "policy"
USER = "user"


@dataclass(frozen=True, slots=True)
class Known:
    """Records by their id; whatever is missing is shown by its id alone."""

    sources: dict[str, AlertSource] = field(default_factory=dict)
    policies: dict[str, EscalationPolicy] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)


def about(connection: Connection, alerts: Collection[Alert]) -> Known:
    """Returns what is known of the sources, policies and people of alerts."""
    return Known(
        sources=sources(connection, (alert.source_id for alert in alerts)),
        policies=facts.many(
            connection,
            POLICY,
            {alert.content.policy_id for alert in alerts} - {0},
            EscalationPolicy,
        ),
        users=users(connection, alerts),
    )


def sources(connection: Connection, ids: Iterable[int]) -> dict[str, AlertSource]:
    """Returns what is known of sources."""
    return facts.many(connection, SOURCE, ids, AlertSource)


def users(connection: Connection, alerts: Iterable[Alert]) -> dict[str, User]:
    """Returns what is known of the responders of alerts."""
    ids = {each.user_id for alert in alerts for each in alert.responders}
    return facts.many(connection, USER, ids, User) if ids else {}


def policies_by_routing_key(connection: Connection) -> dict[str, int]:
    """Returns the ids of all policies that events can name, by how they do."""
    found = facts.every(connection, POLICY, EscalationPolicy)
    return {policy.routing_key: policy.id for policy in found if policy.HasField("routing_key")}
