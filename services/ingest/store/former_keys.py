"""Integration keys that were replaced, and still work for a while. Only their sums are kept."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from services.ingest.domain.sources import Source
from services.ingest.store import sources
from services.ingest.store.tables import FORMER_KEY, SOURCE


def replace(
    connection: Connection, source_id: int, key_sha256: bytes, sealed_key: bytes, until: datetime
) -> None:
    """Gives a source another key; of its former ones only the last works on, until then."""
    known = SOURCE.c.id == source_id
    former = connection.execute(select(SOURCE.c.key_sha256).where(known)).scalar_one()
    connection.execute(delete(FORMER_KEY).where(FORMER_KEY.c.source_id == source_id))
    if former is not None:
        row = {"key_sha256": former, "source_id": source_id, "until": until}
        connection.execute(insert(FORMER_KEY).values(row))
    fresh = {"key_sha256": key_sha256, "sealed_key": sealed_key}
    connection.execute(update(SOURCE).where(known).values(fresh))


def sums(connection: Connection, now: datetime) -> frozenset[bytes]:
    """Returns the sums of the former keys that still work."""
    known = select(FORMER_KEY.c.key_sha256).where(FORMER_KEY.c.until > now)
    return frozenset(connection.execute(known).scalars())


def source_of(connection: Connection, key_sha256: bytes, now: datetime) -> Source | None:
    """Returns the source that a former key still opens, if there is one."""
    query = (
        select(FORMER_KEY.c.source_id)
        .join(SOURCE, SOURCE.c.id == FORMER_KEY.c.source_id)
        .where(FORMER_KEY.c.key_sha256 == key_sha256, FORMER_KEY.c.until > now, ~SOURCE.c.deleted)
    )
    source_id = connection.execute(query).scalar_one_or_none()
    return None if source_id is None else sources.get(connection, source_id)
