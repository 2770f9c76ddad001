"""The tables that AlertState owns."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, MetaData, Table, false, text
from sqlmodel import Field, SQLModel

from services.chassis.tables import BigId

#: The order of lists, at the end of every index that they read.
NEWEST = ("report_time", "id")
THEIR_NEWEST = ("report_time", "alert_id")
#: Behind the order, so that a walk along it need not read the alerts.
GROUP = ("source_id", "policy_id")


def _of_responders(name: str, *columns: str) -> Index:
    """Returns an index that leaves out who was taken off."""
    sqlite, postgresql = text("removed = 0"), text("NOT removed")
    return Index(name, *columns, sqlite_where=sqlite, postgresql_where=postgresql)


class AlertStateTable(SQLModel):
    """A table of this service."""

    metadata: ClassVar[MetaData] = MetaData()
    __table__: ClassVar[Table]


class AlertRow(AlertStateTable, table=True):
    """An alert, and how far its escalation is known."""

    __tablename__ = "alert"
    __table_args__ = (
        # Each is one ordered range per combination of what it begins with: lists merge those.
        Index("alert_by_status", "status", *NEWEST, *GROUP),
        Index("alert_by_policy", "policy_id", "status", *NEWEST),
        Index("alert_by_source", "source_id", "policy_id", "status", *NEWEST),
        Index(
            "alert_open",
            "source_id",
            "id",
            sqlite_where=text("resolved_on IS NULL"),
            postgresql_where=text("resolved_on IS NULL"),
        ),
        Index("alert_by_key", "match_key", "status", "report_time", "id"),
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
    report_time: datetime
    accept_time: datetime
    resolved_on: datetime | None = None
    next_escalation: datetime | None = None
    event_count: int
    log_count: int  # the number of the newest log entry
    version: int
    episode: int
    run_episode: int = 0  # of the newest change of an escalation that was applied
    run_version: int = 0
    severity: int = 0  # 0 when not said
    labels: str = "{}"  # JSON
    snoozed_until: datetime | None = None
    comment_count: int = 0  # the number of the newest comment
    call_count: int = 0  # the number of the newest call
    pushes: int = 0
    level: int = 0  # the last level that was paged in this episode
    called_episode: int = 0  # in which people are paged though the alert was taken
    routed_policy_id: int = 0  # what the newest routing key chose
    routed_seq: int = Field(default=0, sa_type=BigId)  # the event that carried it
    held: int = 0  # keys in it that are not over
    keyless_seq: int | None = Field(default=None, sa_type=BigId)  # what no event resolves
    begun_seq: int = Field(default=0, sa_type=BigId)
    settled_seq: int = Field(default=0, sa_type=BigId)
    told_seq: int = Field(default=0, sa_type=BigId)  # the event whose content it has
    silent: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    next_level: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    exhausted_at: datetime | None = None  # when its escalation had come to its end in vain
    accept_expires: datetime | None = None  # when it is PENDING again
    fired_at: datetime | None = None  # when the newest event that raised it was accepted


class ResponderRow(AlertStateTable, table=True):
    """A person who was paged about an alert, or took it, and what lists ask of the alert."""

    __tablename__ = "responder"
    __table_args__ = (
        _of_responders("responder_by_user", "user_id", "status", *THEIR_NEWEST, *GROUP),
        _of_responders(
            "responder_by_source", "user_id", "source_id", "policy_id", "status", *THEIR_NEWEST
        ),
    )

    alert_id: int = Field(sa_type=BigId, primary_key=True)
    user_id: int = Field(primary_key=True)
    added_at: datetime
    accepted_at: datetime | None = None
    removed: bool = False  # was taken off the alert: a page does not bring them back
    source_id: int  # from here on the alert's own, kept the same
    policy_id: int
    status: str
    report_time: datetime


class CallRow(AlertStateTable, table=True):
    """Somebody who is to be paged because a person said so."""

    __tablename__ = "alert_call"

    alert_id: int = Field(sa_type=BigId, primary_key=True)
    number: int = Field(primary_key=True)
    user_id: int
    schedule_id: int


class CommentRow(AlertStateTable, table=True):
    """Something that was said about an alert."""

    __tablename__ = "comment"

    alert_id: int = Field(sa_type=BigId, primary_key=True)
    number: int = Field(primary_key=True)
    content: str
    creator: str
    user_id: int
    at: datetime


class LogEntryRow(AlertStateTable, table=True):
    """Something that happened to an alert."""

    __tablename__ = "log_entry"

    alert_id: int = Field(sa_type=BigId, primary_key=True)
    number: int = Field(primary_key=True)
    type: str
    sentence: str  # which one tells it
    vars: str  # JSON: what goes into it
    at: datetime
    origin: str  # names what is told, where the same may be told twice; else empty


class KeyStateRow(AlertStateTable, table=True):
    """What is known of an alert key, with or without an open alert."""

    __tablename__ = "key_state"
    __table_args__ = (
        Index(
            "key_state_by_alert",
            "alert_id",
            sqlite_where=text("alert_id IS NOT NULL"),
            postgresql_where=text("alert_id IS NOT NULL"),
        ),
    )

    source_id: int = Field(primary_key=True)
    match_key: str = Field(primary_key=True)
    resolve_seq: int = Field(sa_type=BigId)
    accept_seq: int = Field(sa_type=BigId)
    last_alert_seq: int = Field(sa_type=BigId)
    opened_seq: int = Field(sa_type=BigId)
    alert_id: int | None = Field(default=None, sa_type=BigId)  # the open alert that holds it
    touched_at: datetime = Field(index=True)


class SourceOrderRow(AlertStateTable, table=True):
    """How far the events of a source have come; there is none for one that never grouped."""

    __tablename__ = "source_order"

    source_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    newest_seq: int = Field(sa_type=BigId)
    accept_seq: int = Field(sa_type=BigId)
    doubted_seq: int = Field(sa_type=BigId)


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
    """How many alerts of a source follow a policy and are in a state, kept with every change."""

    __tablename__ = "alert_counter"

    source_id: int = Field(primary_key=True)
    policy_id: int = Field(primary_key=True)
    status: str = Field(primary_key=True)
    count: int = Field(sa_type=BigId)


class AlertTeamRow(AlertStateTable, table=True):
    """A team that an alert belongs to, by its source at the time."""

    __tablename__ = "alert_team"

    alert_id: int = Field(sa_type=BigId, primary_key=True)
    team_id: int = Field(primary_key=True, index=True)


ALERT = AlertRow.__table__
RESPONDER = ResponderRow.__table__
CALL = CallRow.__table__
COMMENT = CommentRow.__table__
LOG_ENTRY = LogEntryRow.__table__
KEY_STATE = KeyStateRow.__table__
SOURCE_ORDER = SourceOrderRow.__table__
OUTCOME = OutcomeRow.__table__
COUNT = CountRow.__table__
ALERT_TEAM = AlertTeamRow.__table__
