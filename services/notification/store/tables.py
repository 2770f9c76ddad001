"""The tables, column by column."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, LargeBinary, MetaData, Table, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from services.chassis.tables import BigId

#: What has never been tried and may go out, alone or with others.
_WAITING = "attempt = 0 AND state IN ('PENDING', 'RETRY')"
_CARRIED = "carrier_id <> 0"


class NotificationTable(SQLModel):
    """A table of notification's database."""

    metadata: ClassVar[MetaData] = MetaData()
    __table__: ClassVar[Table]


class ContactRow(NotificationTable, table=True):
    """A `Contact`."""

    __tablename__ = "contact"
    __table_args__ = (UniqueConstraint("user_id", "method", "target"),)

    id: int = Field(sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False})
    user_id: int
    method: str
    target: str
    created_at: datetime


class IntentRow(NotificationTable, table=True):
    """An `Intent`."""

    __tablename__ = "intent"

    escalation_key: str = Field(primary_key=True)
    cycle: int = Field(primary_key=True)
    level: int = Field(primary_key=True)
    user_id: int = Field(primary_key=True)
    webhook_id: int = Field(default=0, primary_key=True, sa_column_kwargs={"server_default": "0"})
    level_count: int
    subject_kind: str
    subject_id: str
    episode: int
    title: str
    details: str
    links: list[Any] = Field(sa_type=JSON)
    priority: str
    request_time: datetime
    next_step_time: datetime | None
    accept_time: datetime | None
    escalation_id: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class NotificationRow(NotificationTable, table=True):
    """A `Notification`."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("notification_subject", "subject_kind", "subject_id", "id"),
        Index(
            "notification_waiting",
            "user_id",
            "method",
            "target",
            sqlite_where=text(_WAITING),
            postgresql_where=text(_WAITING),
        ),
        Index(
            "notification_carried",
            "carrier_id",
            sqlite_where=text(_CARRIED),
            postgresql_where=text(_CARRIED),
        ),
    )

    id: int = Field(sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False})
    key: str = Field(unique=True)
    kind: str
    escalation_key: str = Field(index=True)
    cycle: int
    level: int
    user_id: int
    method: str
    target: str
    headline: str
    subject_kind: str
    subject_id: str
    state: str
    at: datetime
    expires_at: datetime
    attempt: int
    claim_until: datetime | None
    possible_repeat: bool
    provider_id: str
    error: str
    version: int
    webhook_id: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    share: str = Field(default="", sa_column_kwargs={"server_default": ""})
    carrier_id: int = Field(default=0, sa_type=BigId, sa_column_kwargs={"server_default": "0"})


class BundleRow(NotificationTable, table=True):
    """A message spoke, or tried to speak, for a notification beside its own; kept for ever."""

    __tablename__ = "bundle"

    carrier_id: int = Field(sa_type=BigId, primary_key=True)
    member_id: int = Field(sa_type=BigId, primary_key=True, index=True)


class PaceRow(NotificationTable, table=True):
    """What a contact was told lately: a `Pace`."""

    __tablename__ = "pace"

    user_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    method: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    pace: dict[str, Any] = Field(sa_type=JSON)


class WebhookRow(NotificationTable, table=True):
    """A `Webhook`, and what is secret about it."""

    __tablename__ = "webhook"

    id: int = Field(sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str
    name_folded: str = Field(unique=True)  # a name is one whatever its case
    origin: str
    sealed_url: bytes = Field(sa_type=LargeBinary)
    sealed_secret: bytes = Field(sa_type=LargeBinary)
    former_secret: bytes | None = Field(default=None, sa_type=LargeBinary)
    former_until: datetime | None = None
    created_at: datetime
    updated_at: datetime


class WebhookTeamRow(NotificationTable, table=True):
    """A webhook belongs to a team."""

    __tablename__ = "webhook_team"

    webhook_id: int = Field(sa_type=BigId, primary_key=True)
    team_id: int = Field(sa_type=BigId, primary_key=True, index=True)


class AttemptRow(NotificationTable, table=True):
    """One try to send a notification; without an end if nobody lived to record it."""

    __tablename__ = "attempt"

    notification_id: int = Field(
        sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    number: int = Field(primary_key=True)
    started_at: datetime
    ended_at: datetime | None
    outcome: str  # a state by name; empty while nobody knows


class TombstoneRow(NotificationTable, table=True):
    """An `Ending`."""

    __tablename__ = "tombstone"

    escalation_key: str = Field(primary_key=True)
    taken: bool
    by: str
    at: datetime
    subject_end_time: datetime | None = None
