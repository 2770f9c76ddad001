"""Callers' own names for requests, at rest."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, tuple_

from services.chassis.sql import upsert
from services.escalation.store.tables import RequestNameRow

NAME = RequestNameRow.__table__
#: Whoever gives a name takes some away that are no longer kept, so that they never pile up.
FORGET_SIZE = 10


@dataclass(frozen=True, slots=True)
class Named:
    """The run that a request began, and a sum of what the request said."""

    run_id: int
    request_sha256: bytes


def find(connection: Connection, caller: str, name: str, since: datetime) -> Named | None:
    """Returns what a caller named, at a time or later; None if nothing."""
    known = select(NAME.c.run_id, NAME.c.request_sha256).where(
        NAME.c.caller == caller, NAME.c.name == name, NAME.c.named_at >= since
    )
    row = connection.execute(known).one_or_none()
    return Named(*row) if row else None


def put(
    connection: Connection, now: datetime, before: datetime, caller: str, name: str, named: Named
) -> None:
    """Gives a request its name; forgets some that were given before a time."""
    told = {"run_id": named.run_id, "request_sha256": named.request_sha256, "named_at": now}
    row = upsert(connection, NAME).values(caller=caller, name=name, **told)
    connection.execute(row.on_conflict_do_update(index_elements=["caller", "name"], set_=told))
    key = tuple_(NAME.c.caller, NAME.c.name)
    old = select(NAME.c.caller, NAME.c.name).where(NAME.c.named_at < before).limit(FORGET_SIZE)
    connection.execute(delete(NAME).where(key.in_(old)))
