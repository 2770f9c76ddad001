"""Whose alerts and runs are, at rest."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from services.chassis.sql import upsert
from services.notification.store.tables import BelongingRow

BELONGING = BelongingRow.__table__


def note(
    connection: Connection,
    now: datetime,
    name: str,
    *,
    policy_id: int = 0,
    team_ids: Sequence[int] = (),
) -> None:
    """Remembers whose something is, which never changes."""
    values = {"name": name, "policy_id": policy_id, "team_ids": list(team_ids), "at": now}
    connection.execute(upsert(connection, BELONGING).values(values).on_conflict_do_nothing())


def known(connection: Connection, names: Collection[str]) -> Sequence[Row[Any]]:
    """Returns whose those things are that somebody told of: name, policy_id, team_ids."""
    rows = select(BELONGING).where(BELONGING.c.name.in_(sorted(names)))
    return connection.execute(rows).all() if names else ()


def forget(connection: Connection, before: datetime, limit: int) -> int:
    """Forgets up to a limit of those noted before a time; returns how many."""
    old = select(BELONGING.c.name).where(BELONGING.c.at < before).limit(limit)
    return connection.execute(delete(BELONGING).where(BELONGING.c.name.in_(old))).rowcount
