"""Tells the other services of records that changed, in the transaction of the change."""

from datetime import datetime

from sqlalchemy import Connection

from services.chassis import facts, outbox
from services.escalation.domain.policies import Policy
from services.escalation.domain.users import ApiToken, User
from services.escalation.store import users
from services.escalation.wire import people
from services.escalation.wire import policies as wire
from tocsin.escalation.v1.escalation_events_pb2 import (
    EscalationPolicyChanged,
    TokenChanged,
    UserChanged,
)
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy


def user_changed(connection: Connection, now: datetime, user: User) -> None:
    """Tells of a person."""
    record = people.user(user)
    version = facts.publish(connection, "user", user.id, record)
    changed = UserChanged(user=record, version=version)
    outbox.put(connection, now, changed, key=f"user:{user.id}:{version}")


def policy_changed(connection: Connection, now: datetime, policy: Policy) -> None:
    """Tells of a policy."""
    record = described(connection, policy)
    version = facts.publish(connection, "policy", policy.id, record)
    changed = EscalationPolicyChanged(escalation_policy=record, version=version)
    outbox.put(connection, now, changed, key=f"policy:{policy.id}:{version}")


def token_changed(connection: Connection, now: datetime, token: ApiToken) -> None:
    """Tells of a token; of a revoked one, that it is gone."""
    user = users.get(connection, token.user_id) if token.user_id else None
    record = people.token_record(token, user, users.teams_of(connection, token.user_id))
    version = facts.publish(connection, "token", token.id, record, deleted=token.revoked)
    changed = TokenChanged(record=record, version=version, deleted=token.revoked)
    outbox.put(connection, now, changed, key=f"token:{token.id}:{version}")


def described(connection: Connection, policy: Policy) -> EscalationPolicy:
    """Returns a policy with the people and teams that it names."""
    named = {user for level in policy.levels for user in level.users}
    return wire.policy(
        policy,
        users.by_ids(connection, named),
        users.team_names(connection, policy.teams),
    )
