"""Sources and the event log at rest. Rows never leave this file; callers get domain values."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

import orjson
from sqlalchemy import (
    Connection,
    LargeBinary,
    MetaData,
    Row,
    Table,
    func,
    insert,
    select,
    text,
)
from sqlmodel import Field, SQLModel

from services.chassis.errors import NotFound
from services.chassis.paging import Page
from services.chassis.sql import upsert
from services.chassis.tables import BigId
from services.ingest.domain import Arrival, Priority, Source, match_key


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


#: More events than any second brings, so that the clock keeps ahead of the numbers.
SEQS_A_SECOND = 10_000

SOURCE = SourceRow.__table__
SOURCE_TEAM = SourceTeamRow.__table__
EVENT = EventRow.__table__


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


def raise_seq(connection: Connection, now: datetime) -> None:
    """Makes the numbers of events go on above all that were ever given.

    A database that was restored from a copy would give the numbers of the events that it lost
    to new ones, and everybody who saw those would take the new ones for repeats.
    """
    floor = int(now.timestamp()) * SEQS_A_SECOND
    if connection.dialect.name == "sqlite":
        raised = text(
            "UPDATE sqlite_sequence SET seq = :floor WHERE name = 'event' AND seq < :floor"
        )
        connection.execute(raised, {"floor": floor})
        begun = text(
            "INSERT INTO sqlite_sequence (name, seq) SELECT 'event', :floor"
            " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'event')"
        )
        connection.execute(begun, {"floor": floor})
        return
    # One replica at a time, and never back: the others are giving numbers meanwhile.
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('tocsin-ingest-seq'))"))
    name = connection.execute(text("SELECT pg_get_serial_sequence('event', 'seq')")).scalar_one()
    given = connection.execute(select(func.nextval(name))).scalar_one()
    if given < floor:
        connection.execute(select(func.setval(name, floor)))


def add_source(
    connection: Connection, now: datetime, source: Source, key_sha256: bytes | None
) -> bool:
    """Adds a source; False if there is one with its id already."""
    row = upsert(connection, SOURCE).values(
        id=source.id,
        key_sha256=key_sha256,
        name=source.name,
        integration_type=source.integration_type,
        policy_id=source.policy_id,
        active=source.active,
        priority_rule=source.priority_rule.value,
        version=source.version,
        created_at=now,
    )
    added = row.on_conflict_do_nothing(index_elements=["id"]).returning(SOURCE.c.id)
    if connection.execute(added).scalar_one_or_none() is None:
        return False
    links = [{"source_id": source.id, "team_id": team_id} for team_id in source.team_ids]
    if links:
        connection.execute(insert(SOURCE_TEAM), links)
    return True


def source(connection: Connection, source_id: int) -> Source:
    """Returns a source. Raises NotFound."""
    found = _sources(connection, connection.execute(select(SOURCE).where(SOURCE.c.id == source_id)))
    if not found:
        raise NotFound(f"there is no alert source {source_id}")
    return found[0]


def source_of_key(connection: Connection, key_sha256: bytes) -> Source | None:
    """Returns the source whose integration key has this sum, if there is one."""
    known = select(SOURCE).where(SOURCE.c.key_sha256 == key_sha256)
    return next(iter(_sources(connection, connection.execute(known))), None)


def oldest_sources(connection: Connection, page: Page) -> list[Source]:
    """Returns one page of all sources, oldest first."""
    query = select(SOURCE).order_by(SOURCE.c.id).offset(page.offset).limit(page.limit)
    return _sources(connection, connection.execute(query))


def _sources(connection: Connection, rows: Iterable[Row[Any]]) -> list[Source]:
    rows = list(rows)
    teams: dict[int, list[int]] = {row.id: [] for row in rows}
    linked = select(SOURCE_TEAM).where(SOURCE_TEAM.c.source_id.in_(teams))
    for link in connection.execute(linked.order_by(SOURCE_TEAM.c.team_id)) if rows else ():
        teams[link.source_id].append(link.team_id)
    return [
        Source(
            id=row.id,
            name=row.name,
            integration_type=row.integration_type,
            policy_id=row.policy_id,
            active=row.active,
            priority_rule=Priority(row.priority_rule),
            team_ids=tuple(teams[row.id]),
            version=row.version,
        )
        for row in rows
    ]
