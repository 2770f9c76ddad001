"""What is known of alerts, at rest."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, exists, select

from services.chassis.sql import upsert
from services.ingest.domain.sources import Open
from services.ingest.store.tables import SOURCE, SOURCE_ALERT

PENDING, ACCEPTED, RESOLVED = "PENDING", "ACCEPTED", "RESOLVED"
#: How long a resolved alert is remembered, so that late news of it changes nothing.
REMEMBERED = timedelta(days=7)
FORGET_SIZE = 100


def note(
    connection: Connection,
    now: datetime,
    *,
    alert_id: int,
    source_id: int,
    status: str,
    version: int,
) -> None:
    """Remembers how an alert stands, unless something newer is known."""
    values = {
        "source_id": source_id,
        "status": status,
        "version": version,
        "resolved_at": now if status == RESOLVED else None,
    }
    row = upsert(connection, SOURCE_ALERT).values(alert_id=alert_id, **values)
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["alert_id"], set_=values, where=SOURCE_ALERT.c.version < version
        )
    )
    if status == RESOLVED:
        _forget(connection, now - REMEMBERED)


def of_sources(connection: Connection, source_ids: Iterable[int]) -> dict[int, Open]:
    """Returns which open alerts sources have, by the sources' ids."""

    def some(status: str) -> Any:
        of_source = SOURCE_ALERT.c.source_id == SOURCE.c.id
        return exists().where(of_source, SOURCE_ALERT.c.status == status).label(status)

    query = select(SOURCE.c.id, some(PENDING), some(ACCEPTED))
    rows = connection.execute(query.where(SOURCE.c.id.in_(list(source_ids))))
    return {row.id: Open(pending=row.PENDING, accepted=row.ACCEPTED) for row in rows}


def _forget(connection: Connection, before: datetime) -> None:
    """Forgets some alerts that were resolved long ago: more than one for each that resolves."""
    old = select(SOURCE_ALERT.c.alert_id).where(SOURCE_ALERT.c.resolved_at < before)
    some = old.order_by(SOURCE_ALERT.c.resolved_at).limit(FORGET_SIZE)
    connection.execute(delete(SOURCE_ALERT).where(SOURCE_ALERT.c.alert_id.in_(some)))
