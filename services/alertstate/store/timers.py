"""Many timers in one statement."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from services.chassis.database import notify
from services.chassis.sql import upsert
from services.chassis.timers import TIMER, TOPIC


def set_all(connection: Connection, kind: str, due: Mapping[str, datetime | None]) -> None:
    """Makes things due at a time each, instead of whenever they were due before.

    Those without a time stay due when they were.
    """
    rows = [{"kind": kind, "key": key, "due_at": at} for key, at in due.items() if at is not None]
    if rows:
        row = upsert(connection, TIMER)
        put = row.on_conflict_do_update(
            index_elements=["kind", "key"], set_={"due_at": row.excluded.due_at}
        )
        connection.execute(put, rows)
        notify(connection, TOPIC)
