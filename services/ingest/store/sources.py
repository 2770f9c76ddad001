"""Alert sources at rest."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, true, update

from services.chassis.errors import NotFound
from services.chassis.paging import Page
from services.chassis.principal import Principal
from services.chassis.sql import upsert
from services.chassis.team_context import Teams
from services.chassis.teams import seen_rows
from services.chassis.texts import is_line
from services.ingest.domain.events import Priority
from services.ingest.domain.sources import Creation, Source, match_name
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
    hide(connection, source_id)
    forget_key(connection, source_id)


def hide(connection: Connection, source_id: int) -> None:
    """Deletes a source, which may be shown again as long as its key is there."""
    connection.execute(update(SOURCE).where(SOURCE.c.id == source_id).values(deleted=True))


def show(connection: Connection, source_id: int) -> None:
    """Makes a source that was hidden be there again."""
    connection.execute(update(SOURCE).where(SOURCE.c.id == source_id).values(deleted=False))


def forget_key(connection: Connection, source_id: int) -> None:
    """Forgets the key of a source that is deleted."""
    gone = update(SOURCE).where(SOURCE.c.id == source_id, SOURCE.c.deleted)
    connection.execute(gone.values(key_sha256=None, sealed_key=None))


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


def key_sums(connection: Connection) -> frozenset[bytes]:
    """Returns the sums of all integration keys."""
    known = select(SOURCE.c.key_sha256).where(SOURCE.c.key_sha256.is_not(None), ~SOURCE.c.deleted)
    return frozenset(connection.execute(known).scalars())


def of_name(connection: Connection, name: str, reader: Principal) -> Source | None:
    """Returns the oldest source with this name, without case, that the reader sees, if any."""
    if not is_line(name):
        return None  # nobody's; and some of these a database cannot read
    called = SOURCE.c.match_name == match_name(name)
    known = select(SOURCE).where(called, ~SOURCE.c.deleted, _seen(reader))
    oldest = known.order_by(SOURCE.c.id).limit(1)
    return next(iter(_sources(connection, connection.execute(oldest))), None)


def of_type(connection: Connection, integration_type: str) -> list[Source]:
    """Returns the sources of a type, oldest first."""
    query = select(SOURCE).where(SOURCE.c.integration_type == integration_type, ~SOURCE.c.deleted)
    return _sources(connection, connection.execute(query.order_by(SOURCE.c.id)))


def oldest(connection: Connection, page: Page, teams: Teams, reader: Principal) -> list[Source]:
    """Returns one page of sources, oldest first; those that the reader sees.

    Of some teams, if they are said.
    """
    query = select(SOURCE).where(~SOURCE.c.deleted, _seen(reader)).order_by(SOURCE.c.id)
    if teams is not None:
        query = query.where(_belongs_to(teams))
    return _sources(connection, connection.execute(query.offset(page.offset).limit(page.limit)))


def every(connection: Connection) -> list[Source]:
    """Returns all sources, oldest first."""
    return _where(connection, true())


def following(connection: Connection, policy_id: int) -> list[Source]:
    """Returns the sources with a policy, oldest first."""
    return _where(connection, SOURCE.c.policy_id == policy_id)


def with_support_hours(connection: Connection, hours_id: int) -> list[Source]:
    """Returns the sources with support hours, oldest first."""
    return _where(connection, SOURCE.c.support_hours_id == hours_id)


def of_team(connection: Connection, team_id: int) -> list[Source]:
    """Returns the sources that belong to a team, oldest first."""
    return _where(connection, _belongs_to([team_id]))


def sealed_keys(connection: Connection, source_ids: Iterable[int]) -> dict[int, bytes]:
    """Returns the sealed keys of sources, by id; sources without one are missing."""
    sealed = select(SOURCE.c.id, SOURCE.c.sealed_key).where(SOURCE.c.sealed_key.is_not(None))
    rows = connection.execute(sealed.where(SOURCE.c.id.in_(list(source_ids))))
    return {row.id: row.sealed_key for row in rows}


def limits_reached(
    connection: Connection, source_ids: Iterable[int], since: datetime
) -> dict[int, datetime]:
    """Returns when sources last reached their limits, by id, if that is not longer ago."""
    reached = select(SOURCE.c.id, SOURCE.c.limit_reached_at)
    recent = reached.where(SOURCE.c.id.in_(list(source_ids)), SOURCE.c.limit_reached_at > since)
    return {row.id: row.limit_reached_at for row in connection.execute(recent)}


def flooded_since(connection: Connection, source_id: int) -> datetime | None:
    """Returns since when a source has sent more than its limit; None if it does not."""
    since = select(SOURCE.c.flooded_since).where(SOURCE.c.id == source_id)
    found: datetime | None = connection.execute(since).scalar_one()
    return found


def note_limit(connection: Connection, source_id: int, now: datetime, since: datetime) -> None:
    """Writes that a source reached its limit, in a flood that began some time ago."""
    noted = {"limit_reached_at": now, "flooded_since": since}
    connection.execute(update(SOURCE).where(SOURCE.c.id == source_id).values(**noted))


def note_end_of_flood(connection: Connection, source_id: int) -> None:
    """Writes that a source keeps to its limit."""
    over = update(SOURCE).where(SOURCE.c.id == source_id).values(flooded_since=None)
    connection.execute(over)


def _seen(reader: Principal) -> ColumnElement[bool]:
    return seen_rows(reader, SOURCE.c.id, SOURCE_TEAM.c.source_id, SOURCE_TEAM)


def _where(connection: Connection, is_meant: ColumnElement[bool]) -> list[Source]:
    known = select(SOURCE).where(is_meant, ~SOURCE.c.deleted).order_by(SOURCE.c.id)
    return _sources(connection, connection.execute(known))


def _belongs_to(teams: Iterable[int]) -> ColumnElement[bool]:
    theirs = select(SOURCE_TEAM.c.source_id).where(SOURCE_TEAM.c.team_id.in_(sorted(teams)))
    return SOURCE.c.id.in_(theirs)


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
        "events_per_minute": source.events_per_minute,
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
        events_per_minute=row.events_per_minute,
        version=row.version,
    )
