"""What must be there before anybody can make anything."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.chassis import audit, counters
from services.chassis.clock import Clock
from services.chassis.principal import SYSTEM
from services.escalation import announcing, own_tokens
from services.escalation.domain.policies import BUILT_IN, BUILT_IN_NAME, Level, Policy
from services.escalation.store import policies
from services.escalation.store.alone import alone


def prepare(connection: Connection, clock: Clock, bootstrap_token: str) -> None:
    """Makes the built-in policy and the first token, where they were never made.

    What was recorded before an upgrade is told as it is told since.
    """
    alone(connection, "first start")
    now = clock.now(connection)
    if policies.find(connection, BUILT_IN) is None:
        _make_policy(connection, now)
    announcing.anew(connection, now)
    if bootstrap_token:
        token_id, _, sha256 = bootstrap_token.partition(":")
        told = bytes.fromhex(sha256)
        own_tokens.make(connection, now, token_id, told, name="bootstrap", action="token.create")


def _make_policy(connection: Connection, now: datetime) -> None:
    policy = Policy(
        id=counters.allocate(connection, "policy"),
        name=BUILT_IN_NAME,
        levels=(Level(users=(), timeout=timedelta()),),
    )
    policies.add(connection, policy)
    announcing.policies_changed(connection, now, [policy])
    audit.record(connection, now, SYSTEM.actor(), "policy.create", f"policy:{policy.id}")
