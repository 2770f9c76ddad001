"""Alert sources at rest."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from services.chassis.errors import NotFound
from services.chassis.paging import Page
from services.chassis.sql import upsert
from services.chassis.team_context import Teams
from services.ingest.domain.events import Priority
from services.ingest.domain.sources import Creation, Source, is_line, match_name
from services.ingest.store.tables import SOURCE, SOURCE_TEAM


def add(
    connection: Connection,
    now: datetime,
    source: Source,
    *,
    key_sha256: bytes | None = None,
    sealed_key: bytes | None = None,
) -> bool:
    """Adds a source; False if there is one with its id already."""
    row = upsert(connection, SOURCE).values(
        id=source.id,
        key_sha256=key_sha256,
        sealed_key=sealed_key,
        created_at=now,
        **_columns(source),
    )
    added = row.on_conflict_do_nothing(index_elements=["id"]).returning(SOURCE.c.id)
    if connection.execute(added).scalar_one_or_none() is None:
        return False
    _add_teams(connection, source)
    return True


def replace(connection: Connection, source: Source) -> None:
    """Puts a source in the place of the one with its id; the key stays."""
    known = SOURCE.c.id == source.id
    connection.execute(update(SOURCE).where(known).values(**_columns(source)))
    connection.execute(delete(SOURCE_TEAM).where(SOURCE_TEAM.c.source_id == source.id))
    _add_teams(connection, source)


def remove(connection: Connection, source_id: int) -> None:
    """Deletes a source and its key; the row stays, so that the event log can name it."""
    gone = {"deleted": True, "key_sha256": None, "sealed_key": None}
    connection.execute(update(SOURCE).where(SOURCE.c.id == source_id).values(**gone))


def get(connection: Connection, source_id: int, *, lock: bool = False) -> Source:
    """Returns a source, locked against other changes if wanted. Raises NotFound."""
    query = select(SOURCE).where(SOURCE.c.id == source_id, ~SOURCE.c.deleted)
    query = query.with_for_update() if lock else query
    found = _sources(connection, connection.execute(query))
    if not found:
        raise NotFound(f"there is no alert source {source_id}")
    return found[0]


def of_key(connection: Connection, key_sha256: bytes) -> Source | None:
    """Returns the source whose integration key has this sum, if there is one."""
    known = select(SOURCE).where(SOURCE.c.key_sha256 == key_sha256, ~SOURCE.c.deleted)
    return next(iter(_sources(connection, connection.execute(known))), None)


def of_name(connection: Connection, name: str) -> Source | None:
    """Returns the oldest source with this name, without case, if there is one."""
    if not is_line(name):
        return None  # nobody's; and some of these a database cannot read
    known = select(SOURCE).where(SOURCE.c.match_name == match_name(name), ~SOURCE.c.deleted)
    oldest = known.order_by(SOURCE.c.id).limit(1)
    return next(iter(_sources(connection, connection.execute(oldest))), None)


def of_type(connection: Connection, integration_type: str) -> list[Source]:
    """Returns the sources of a type, oldest first."""
    query = select(SOURCE).where(SOURCE.c.integration_type == integration_type, ~SOURCE.c.deleted)
    return _sources(connection, connection.execute(query.order_by(SOURCE.c.id)))


def oldest(connection: Connection, page: Page, teams: Teams = None) -> list[Source]:
    """Returns one page of sources, oldest first; of some teams, if they are said."""
    query = select(SOURCE).where(~SOURCE.c.deleted).order_by(SOURCE.c.id)
    if teams is not None:
        theirs = SOURCE_TEAM.c.team_id.in_(sorted(teams))
        query = query.where(SOURCE.c.id.in_(select(SOURCE_TEAM.c.source_id).where(theirs)))
    return _sources(connection, connection.execute(query.offset(page.offset).limit(page.limit)))


def sealed_keys(connection: Connection, source_ids: Iterable[int]) -> dict[int, bytes]:
    """Returns the sealed keys of sources, by id; sources without one are missing."""
    sealed = select(SOURCE.c.id, SOURCE.c.sealed_key).where(SOURCE.c.sealed_key.is_not(None))
    rows = connection.execute(sealed.where(SOURCE.c.id.in_(list(source_ids))))
    return {row.id: row.sealed_key for row in rows}


def _add_teams(connection: Connection, source: Source) -> None:
    links = [{"source_id": source.id, "team_id": team_id} for team_id in source.team_ids]
    if links:
        connection.execute(insert(SOURCE_TEAM), links)


def _columns(source: Source) -> dict[str, Any]:
    return {
        "name": source.name,
        "match_name": match_name(source.name),
        "integration_type": source.integration_type,
        "policy_id": source.policy_id,
        "active": source.active,
        "priority_rule": source.priority_rule.value,
        "creation": source.creation.value,
        "auto_resolution": source.auto_resolution,
        "icon_url": source.icon_url,
        "support_hours_id": source.support_hours_id,
        "deduplication_key_required": source.deduplication_key_required,
        "version": source.version,
    }


def _sources(connection: Connection, rows: Iterable[Row[Any]]) -> list[Source]:
    rows = list(rows)
    teams: dict[int, list[int]] = {row.id: [] for row in rows}
    linked = select(SOURCE_TEAM).where(SOURCE_TEAM.c.source_id.in_(teams))
    for link in connection.execute(linked.order_by(SOURCE_TEAM.c.team_id)) if rows else ():
        teams[link.source_id].append(link.team_id)
    return [_source(row, tuple(teams[row.id])) for row in rows]


def _source(row: Row[Any], team_ids: tuple[int, ...]) -> Source:
    return Source(
        id=row.id,
        name=row.name,
        integration_type=row.integration_type,
        policy_id=row.policy_id,
        active=row.active,
        priority_rule=Priority(row.priority_rule),
        creation=Creation(row.creation),
        auto_resolution=row.auto_resolution,
        icon_url=row.icon_url,
        support_hours_id=row.support_hours_id,
        deduplication_key_required=row.deduplication_key_required,
        team_ids=team_ids,
        version=row.version,
    )
