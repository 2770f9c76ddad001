"""What is known of alerts, at rest."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, exists, select

from services.chassis.sql import upsert
from services.ingest.domain.events import match_key
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
    alert_key: str = "",
    raised_at: datetime | None = None,
) -> None:
    """Remembers how an alert stands, unless something newer is known."""
    values = {
        "source_id": source_id,
        "status": status,
        "version": version,
        "resolved_at": now if status == RESOLVED else None,
        "alert_key": alert_key,
        "match_key": match_key(alert_key),
        "raised_at": raised_at,
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


def key_of(connection: Connection, source_id: int, alert_id: int) -> str | None:
    """Returns the key of an alert of a source; None if none is known, or it has none."""
    query = select(SOURCE_ALERT.c.alert_key)
    known = query.where(SOURCE_ALERT.c.alert_id == alert_id, SOURCE_ALERT.c.source_id == source_id)
    return connection.execute(known).scalar_one_or_none() or None


def of_key(
    connection: Connection, source_id: int, key: str, at: datetime
) -> tuple[int, str] | None:
    """Returns the id and the whole key of the alert that an event of this time was about.

    None if no such alert is known. `key` is as keys are compared.
    """
    own = SOURCE_ALERT.c.source_id == source_id, SOURCE_ALERT.c.match_key == key
    newest = select(SOURCE_ALERT).where(*own, SOURCE_ALERT.c.raised_at <= at)
    row = connection.execute(newest.order_by(SOURCE_ALERT.c.alert_id.desc()).limit(1)).first()
    return (row.alert_id, row.alert_key) if row is not None else None


def _forget(connection: Connection, before: datetime) -> None:
    """Forgets some alerts that were resolved long ago: more than one for each that resolves."""
    old = select(SOURCE_ALERT.c.alert_id).where(SOURCE_ALERT.c.resolved_at < before)
    some = old.order_by(SOURCE_ALERT.c.resolved_at).limit(FORGET_SIZE)
    connection.execute(delete(SOURCE_ALERT).where(SOURCE_ALERT.c.alert_id.in_(some)))
