"""The senders' own names for events, at rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, tuple_

from services.chassis.sql import upsert
from services.ingest.store.tables import EVENT_NAME

FORGET_SIZE = 1000


@dataclass(frozen=True, slots=True)
class Named:
    """The event that has a name, and a sum of what it said."""

    event_id: str
    body_sha256: bytes


def claim(
    connection: Connection, now: datetime, before: datetime, wanted: Mapping[tuple[int, str], Named]
) -> dict[tuple[int, str], Named]:
    """Gives events their names, by source and name, unless others have them already.

    Returns who has the names afterwards. What was named `before` a time no longer counts.
    """
    keys = sorted(wanted)  # so that no two transactions wait for each other
    rows = [
        {
            "source_id": key[0],
            "name": key[1],
            "event_id": wanted[key].event_id,
            "body_sha256": wanted[key].body_sha256,
            "named_at": now,
        }
        for key in keys
    ]
    added = upsert(connection, EVENT_NAME).values(rows)
    columns = ("event_id", "body_sha256", "named_at")
    replaced = added.on_conflict_do_update(
        index_elements=["source_id", "name"],
        set_={column: added.excluded[column] for column in columns},
        where=EVENT_NAME.c.named_at < before,
    )
    connection.execute(replaced)
    of = tuple_(EVENT_NAME.c.source_id, EVENT_NAME.c.name)
    known = connection.execute(select(EVENT_NAME).where(of.in_(keys)))
    return {(row.source_id, row.name): Named(row.event_id, row.body_sha256) for row in known}


def forget(connection: Connection, before: datetime) -> bool:
    """Deletes some of the names given before a time; tells whether there may be more."""
    key = tuple_(EVENT_NAME.c.source_id, EVENT_NAME.c.name)
    old = select(EVENT_NAME.c.source_id, EVENT_NAME.c.name).where(EVENT_NAME.c.named_at < before)
    deleted = connection.execute(delete(EVENT_NAME).where(key.in_(old.limit(FORGET_SIZE))))
    return deleted.rowcount == FORGET_SIZE
