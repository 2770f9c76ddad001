"""The tables of ingest's own database, beside the chassis's."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, LargeBinary, MetaData, Table, false, true
from sqlmodel import Field, SQLModel

from services.chassis.tables import BigId
from services.ingest.domain.sources import Creation


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
    deduplication_key_required: bool = Field(
        default=True, sa_column_kwargs={"server_default": true()}
    )
    events_per_minute: int | None = None
    limit_reached_at: datetime | None = None
    flooded_since: datetime | None = None  # empty when it is not


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


class EventNameRow(IngestTable, table=True):
    """A sender's own name for an event."""

    __tablename__ = "event_name"

    source_id: int = Field(
        sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    name: str = Field(primary_key=True)
    event_id: str
    body_sha256: bytes = Field(sa_type=LargeBinary)
    named_at: datetime = Field(index=True)


class SourceAlertRow(IngestTable, table=True):
    """How an alert of a source stands, as far as that was heard."""

    __tablename__ = "source_alert"
    __table_args__: ClassVar[Any] = (
        Index("ix_source_alert_standing", "source_id", "status"),
        Index("ix_source_alert_key", "source_id", "match_key"),
    )

    alert_id: int = Field(
        sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    source_id: int = Field(sa_type=BigId)
    status: str
    version: int
    resolved_at: datetime | None = Field(default=None, index=True)
    alert_key: str = Field(default="", sa_column_kwargs={"server_default": ""})
    match_key: str = Field(default="", sa_column_kwargs={"server_default": ""})
    raised_at: datetime | None = None  # when the event that raised it came


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
EVENT_NAME = EventNameRow.__table__
SOURCE_ALERT = SourceAlertRow.__table__
