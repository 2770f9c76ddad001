"""The tables that AlertState owns."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, MetaData, Table
from sqlmodel import Field, SQLModel

from services.chassis.tables import BigId


class AlertStateTable(SQLModel):
    """A table of this service."""

    metadata: ClassVar[MetaData] = MetaData()
    __table__: ClassVar[Table]


class AlertRow(AlertStateTable, table=True):
    """An alert, and how far its escalation is known."""

    __tablename__ = "alert"
    __table_args__ = (
        Index("alert_by_status", "status", "id"),
        Index("alert_by_source", "source_id", "id"),
    )

    id: int = Field(sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False})
    source_id: int
    alert_key: str
    match_key: str
    summary: str
    details: str
    priority: str
    images: str  # JSON
    links: str  # JSON
    custom_details: bytes = Field(sa_type=LargeBinary)  # JSON as the tool sent it
    policy_id: int  # 0 when it follows none
    status: str
    report_time: datetime = Field(index=True)
    accept_time: datetime
    resolved_on: datetime | None = None
    next_escalation: datetime | None = None
    event_count: int
    log_count: int  # the number of the newest log entry
    version: int
    episode: int
    run_episode: int = 0  # of the newest change of an escalation that was applied
    run_version: int = 0


class ResponderRow(AlertStateTable, table=True):
    """A person who was paged about an alert, or took it."""

    __tablename__ = "responder"

    alert_id: int = Field(sa_type=BigId, primary_key=True)
    user_id: int = Field(primary_key=True)
    added_at: datetime
    accepted_at: datetime | None = None


class LogEntryRow(AlertStateTable, table=True):
    """Something that happened to an alert."""

    __tablename__ = "log_entry"

    alert_id: int = Field(sa_type=BigId, primary_key=True)
    number: int = Field(primary_key=True)
    type: str
    text: str
    at: datetime
    origin: str  # names what is told, where the same may be told twice; else empty


class KeyStateRow(AlertStateTable, table=True):
    """What is known of an alert key, with or without an open alert."""

    __tablename__ = "key_state"

    source_id: int = Field(primary_key=True)
    match_key: str = Field(primary_key=True)
    resolve_seq: int = Field(sa_type=BigId)
    accept_seq: int = Field(sa_type=BigId)
    last_alert_seq: int = Field(sa_type=BigId)
    opened_seq: int = Field(sa_type=BigId)
    alert_id: int | None = Field(default=None, sa_type=BigId)
    touched_at: datetime = Field(index=True)


class OutcomeRow(AlertStateTable, table=True):
    """What became of an event: one row, however often the event comes."""

    __tablename__ = "outcome"

    event_seq: int = Field(
        sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    source_id: int
    outcome: str
    alert_id: int | None = Field(default=None, sa_type=BigId)


class CountRow(AlertStateTable, table=True):
    """How many alerts of a source are in a state, kept with every change."""

    __tablename__ = "alert_counter"

    source_id: int = Field(primary_key=True)
    status: str = Field(primary_key=True)
    count: int = Field(sa_type=BigId)


class AlertTeamRow(AlertStateTable, table=True):
    """A team that an alert belongs to, by its source at the time."""

    __tablename__ = "alert_team"

    alert_id: int = Field(sa_type=BigId, primary_key=True)
    team_id: int = Field(primary_key=True, index=True)


ALERT = AlertRow.__table__
RESPONDER = ResponderRow.__table__
LOG_ENTRY = LogEntryRow.__table__
KEY_STATE = KeyStateRow.__table__
OUTCOME = OutcomeRow.__table__
COUNT = CountRow.__table__
ALERT_TEAM = AlertTeamRow.__table__
