"""Sources, the event log and what is known of alerts, at rest.

Rows never leave this file; callers get domain values.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import orjson
from sqlalchemy import (
    Connection,
    Index,
    LargeBinary,
    MetaData,
    Row,
    Table,
    delete,
    exists,
    false,
    insert,
    select,
    update,
)
from sqlmodel import Field, SQLModel

from services.chassis.errors import NotFound
from services.chassis.paging import Page
from services.chassis.principal import Principal
from services.chassis.sql import upsert
from services.chassis.tables import BigId
from services.chassis.teams import seen_rows
from services.ingest.domain.arrivals import Arrival
from services.ingest.domain.events import Priority, match_key
from services.ingest.domain.sources import Creation, Open, Source, match_name

PENDING, ACCEPTED, RESOLVED = "PENDING", "ACCEPTED", "RESOLVED"
#: How long a resolved alert is remembered, so that late news of it changes nothing.
REMEMBERED = timedelta(days=7)
FORGET_SIZE = 100


class IngestTable(SQLModel):
    """A table of ingest's own."""

    metadata: ClassVar[MetaData] = MetaData()
    __table__: ClassVar[Table]


class SourceRow(IngestTable, table=True):
    """A `Source`, and by what its events are recognised."""

    __tablename__ = "alert_source"

    id: int = Field(sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False})
    key_sha256: bytes | None = Field(default=None, sa_type=LargeBinary, unique=True)
    name: str
    integration_type: str
    policy_id: int = Field(sa_type=BigId)
    active: bool
    priority_rule: str
    version: int
    created_at: datetime
    match_name: str = Field(index=True, sa_column_kwargs={"server_default": ""})
    sealed_key: bytes | None = Field(default=None, sa_type=LargeBinary)
    creation: str = Field(sa_column_kwargs={"server_default": Creation.ONE_ALERT_PER_EMAIL.value})
    auto_resolution: str | None = None
    icon_url: str | None = None
    support_hours_id: int | None = Field(default=None, sa_type=BigId)
    deleted: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class SourceTeamRow(IngestTable, table=True):
    """A source belongs to a team."""

    __tablename__ = "alert_source_team"

    source_id: int = Field(sa_type=BigId, primary_key=True, foreign_key="alert_source.id")
    team_id: int = Field(sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False})


class EventRow(IngestTable, table=True):
    """An event as it came, and what was made of it."""

    __tablename__ = "event"
    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_autoincrement": True}  # seq never repeats

    seq: int | None = Field(default=None, sa_type=BigId, primary_key=True)
    event_id: str = Field(unique=True)
    source_id: int = Field(sa_type=BigId)
    source_version: int
    received_at: datetime
    raw: bytes = Field(sa_type=LargeBinary)
    content_type: str
    type: str
    match_key: str
    repairs: str  # a JSON array of texts
    note: str  # why the event went no further; empty if it did
    trace: str


class SourceAlertRow(IngestTable, table=True):
    """How an alert of a source stands, as far as that was heard."""

    __tablename__ = "source_alert"
    __table_args__: ClassVar[Any] = (Index("ix_source_alert_standing", "source_id", "status"),)

    alert_id: int = Field(
        sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    source_id: int = Field(sa_type=BigId)
    status: str
    version: int
    resolved_at: datetime | None = Field(default=None, index=True)


class FormerKeyRow(IngestTable, table=True):
    """An integration key that was replaced, and still opens its source for a while."""

    __tablename__ = "former_key"

    key_sha256: bytes = Field(sa_type=LargeBinary, primary_key=True)
    source_id: int = Field(sa_type=BigId, index=True)
    until: datetime


SOURCE = SourceRow.__table__
FORMER_KEY = FormerKeyRow.__table__
SOURCE_TEAM = SourceTeamRow.__table__
EVENT = EventRow.__table__
SOURCE_ALERT = SourceAlertRow.__table__


def add_events(connection: Connection, now: datetime, arrivals: Sequence[Arrival]) -> list[int]:
    """Adds events to the log and returns their numbers, which rise in the order of arrival."""
    rows = [
        {
            "event_id": arrival.event_id,
            "source_id": arrival.source.id,
            "source_version": arrival.source.version,
            "received_at": now,
            "raw": arrival.raw,
            "content_type": arrival.content_type,
            "type": arrival.event.type.value,
            "match_key": match_key(arrival.event.alert_key),
            "repairs": orjson.dumps(arrival.event.repairs).decode(),
            "note": arrival.note.value,
            "trace": arrival.trace,
        }
        for arrival in arrivals
    ]
    added = insert(EVENT).returning(EVENT.c.seq, sort_by_parameter_order=True)
    return list(connection.execute(added, rows).scalars())


def add_source(
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


def replace_source(connection: Connection, source: Source) -> None:
    """Puts a source in the place of the one with its id; the key stays."""
    known = SOURCE.c.id == source.id
    connection.execute(update(SOURCE).where(known).values(**_columns(source)))
    connection.execute(delete(SOURCE_TEAM).where(SOURCE_TEAM.c.source_id == source.id))
    _add_teams(connection, source)


def delete_source(connection: Connection, source_id: int) -> None:
    """Deletes a source and its key; the row stays, so that the event log can name it."""
    gone = {"deleted": True, "key_sha256": None, "sealed_key": None}
    connection.execute(update(SOURCE).where(SOURCE.c.id == source_id).values(**gone))


def source(connection: Connection, source_id: int, *, lock: bool = False) -> Source:
    """Returns a source, locked against other changes if wanted. Raises NotFound."""
    query = select(SOURCE).where(SOURCE.c.id == source_id, ~SOURCE.c.deleted)
    query = query.with_for_update() if lock else query
    found = _sources(connection, connection.execute(query))
    if not found:
        raise NotFound(f"there is no alert source {source_id}")
    return found[0]


def source_of_key(connection: Connection, key_sha256: bytes) -> Source | None:
    """Returns the source whose integration key has this sum, if there is one."""
    known = select(SOURCE).where(SOURCE.c.key_sha256 == key_sha256, ~SOURCE.c.deleted)
    return next(iter(_sources(connection, connection.execute(known))), None)


def source_of_name(connection: Connection, name: str) -> Source | None:
    """Returns the oldest source with this name, without case, if there is one."""
    known = select(SOURCE).where(SOURCE.c.match_name == match_name(name), ~SOURCE.c.deleted)
    oldest = known.order_by(SOURCE.c.id).limit(1)
    return next(iter(_sources(connection, connection.execute(oldest))), None)


def oldest_sources(connection: Connection, page: Page, reader: Principal) -> list[Source]:
    """Returns one page of the sources that somebody sees, oldest first."""
    seen = seen_rows(reader, SOURCE.c.id, SOURCE_TEAM.c.source_id, SOURCE_TEAM)
    query = select(SOURCE).where(~SOURCE.c.deleted, seen).order_by(SOURCE.c.id)
    return _sources(connection, connection.execute(query.offset(page.offset).limit(page.limit)))


def sealed_keys(connection: Connection, source_ids: Iterable[int]) -> dict[int, bytes]:
    """Returns the sealed keys of sources, by id; sources without one are missing."""
    sealed = select(SOURCE.c.id, SOURCE.c.sealed_key).where(SOURCE.c.sealed_key.is_not(None))
    rows = connection.execute(sealed.where(SOURCE.c.id.in_(list(source_ids))))
    return {row.id: row.sealed_key for row in rows}


def note_alert(
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
        _forget_alerts(connection, now - REMEMBERED)


def open_alerts(connection: Connection, source_ids: Iterable[int]) -> dict[int, Open]:
    """Returns which open alerts sources have, by the sources' ids."""

    def some(status: str) -> Any:
        of_source = SOURCE_ALERT.c.source_id == SOURCE.c.id
        return exists().where(of_source, SOURCE_ALERT.c.status == status).label(status)

    query = select(SOURCE.c.id, some(PENDING), some(ACCEPTED))
    rows = connection.execute(query.where(SOURCE.c.id.in_(list(source_ids))))
    return {row.id: Open(pending=row.PENDING, accepted=row.ACCEPTED) for row in rows}


def _forget_alerts(connection: Connection, before: datetime) -> None:
    """Forgets some alerts that were resolved long ago: more than one for each that resolves."""
    old = select(SOURCE_ALERT.c.alert_id).where(SOURCE_ALERT.c.resolved_at < before)
    some = old.order_by(SOURCE_ALERT.c.resolved_at).limit(FORGET_SIZE)
    connection.execute(delete(SOURCE_ALERT).where(SOURCE_ALERT.c.alert_id.in_(some)))


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
        team_ids=team_ids,
        version=row.version,
    )
