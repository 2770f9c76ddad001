"""Notes when tokens were last used, wherever that was."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection

from services.chassis.inbox import on
from services.escalation.store import tokens
from tocsin.chassis.internal.v1.token_use_pb2 import TokensUsed


def note(connection: Connection, now: datetime, used: Mapping[str, datetime]) -> None:
    """Notes when tokens were used, by their ids; no other service needs to hear of it."""
    for token_id, at in sorted(used.items()):
        tokens.used(connection, token_id, at)


def tokens_used(connection: Connection, now: datetime, event: TokensUsed) -> None:
    """Notes which tokens were used at another service."""
    note(connection, now, {use.token_id: use.time.ToDatetime(UTC) for use in event.uses})


REACTIONS = on(TokensUsed, tokens_used)
