"""The tables, column by column."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    Index,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    false,
    text,
    true,
)
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

    id: int = Field(sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False})
    user_id: int = Field(index=True)
    method: str
    target: str
    created_at: datetime
    name: str = Field(default="", sa_column_kwargs={"server_default": ""})
    region: str = Field(default="", sa_column_kwargs={"server_default": ""})
    verified: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    sealed: bytes | None = Field(default=None, sa_type=LargeBinary)


class PreferenceRow(NotificationTable, table=True):
    """A `Preference`."""

    __tablename__ = "preference"

    id: int = Field(sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False})
    user_id: int = Field(index=True)
    topic: str
    method: str
    contact_id: int
    type: str
    minutes: int


class QuietHoursRow(NotificationTable, table=True):
    """The `QuietHours` of a person."""

    __tablename__ = "quiet_hours"

    user_id: int = Field(sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False})
    timezone: str
    start: str
    end: str
    days: list[Any] = Field(sa_type=JSON)
    drops: bool


class VerificationRow(NotificationTable, table=True):
    """A `Verification`: a code that was sent to a contact."""

    __tablename__ = "verification"

    id: int = Field(sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False})
    contact_id: int = Field(index=True)
    user_id: int = Field(index=True)
    sealed_code: bytes = Field(sa_type=LargeBinary)
    sent_at: datetime
    expires_at: datetime
    tries: int


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
    #: Those who can help were told that nothing reaches the person.
    alarmed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class NotificationRow(NotificationTable, table=True):
    """A `Notification`."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("notification_subject", "subject_kind", "subject_id", "id"),
        Index(
            "notification_texted",
            "target",
            "id",
            sqlite_where=text("method = 'SMS'"),
            postgresql_where=text("method = 'SMS'"),
        ),
        Index(
            "notification_waiting",
            "user_id",
            "method",
            "contact_id",
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
    provider: str = Field(default="", sa_column_kwargs={"server_default": ""})
    wanted_at: datetime | None = None
    fell: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    contact_id: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    share: str = Field(default="", sa_column_kwargs={"server_default": ""})
    carrier_id: int = Field(default=0, sa_type=BigId, sa_column_kwargs={"server_default": "0"})


class NewsRow(NotificationTable, table=True):
    """The `News` that a notification tells which is no page."""

    __tablename__ = "news"

    notification_id: int = Field(
        sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    what: str
    by: str
    level: int
    start: datetime | None
    end: datetime | None


class QueueRow(NotificationTable, table=True):
    """A notification that is due, where its provider's wait."""

    __tablename__ = "queue"
    __table_args__ = (Index("queue_order", "provider", "rank", "since", "notification_id"),)

    notification_id: int = Field(
        sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    provider: str
    rank: int  # the lower goes first
    since: datetime


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
    contact_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
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
    #: Types of events that it is told of, a space between them.
    events: str = Field(default="", sa_column_kwargs={"server_default": ""})
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_failure: str = Field(default="", sa_column_kwargs={"server_default": ""})


class WebhookTeamRow(NotificationTable, table=True):
    """A webhook belongs to a team."""

    __tablename__ = "webhook_team"

    webhook_id: int = Field(sa_type=BigId, primary_key=True)
    team_id: int = Field(sa_type=BigId, primary_key=True, index=True)


class AttemptRow(NotificationTable, table=True):
    """One try to send a notification; without an end if nobody lived to record it."""

    __tablename__ = "attempt"
    __table_args__ = (
        Index("attempt_of_provider", "provider", "outcome", "ended_at"),
        Index("attempt_provider_id", "provider_id", "provider"),
    )

    notification_id: int = Field(
        sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    number: int = Field(primary_key=True)
    started_at: datetime
    ended_at: datetime | None
    outcome: str  # a state by name; empty while nobody knows
    provider: str = Field(default="", sa_column_kwargs={"server_default": ""})
    provider_id: str = Field(default="", sa_column_kwargs={"server_default": ""})
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})


class ReceiptRow(NotificationTable, table=True):
    """A `Receipt` that came before what it is about was recorded."""

    __tablename__ = "receipt"

    provider: str = Field(primary_key=True)
    provider_id: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    why: str
    at: datetime = Field(index=True)


class TombstoneRow(NotificationTable, table=True):
    """An `Ending`."""

    __tablename__ = "tombstone"

    escalation_key: str = Field(primary_key=True)
    taken: bool
    by: str
    at: datetime
    subject_end_time: datetime | None = None


class AnswerRow(NotificationTable, table=True):
    """A `Given`."""

    __tablename__ = "answer"

    id: int = Field(sa_type=BigId, primary_key=True, sa_column_kwargs={"autoincrement": False})
    key: str = Field(unique=True)
    notification_id: int = Field(sa_type=BigId)
    escalation_key: str
    verb: str
    user_id: int
    by: str
    method: str
    at: datetime


class StoppedNumberRow(NotificationTable, table=True):
    """A number that wants no text messages any more."""

    __tablename__ = "stopped_number"

    number: str = Field(primary_key=True)
    at: datetime


class WebhookDeliveryRow(NotificationTable, table=True):
    """A `Delivery`, and what is sent."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index("webhook_delivery_due", "webhook_id", "due_at"),
        Index("webhook_delivery_listed", "webhook_id", "id"),
        Index("webhook_delivery_ended", "ended_at"),
        {"sqlite_autoincrement": True},  # an id never repeats
    )

    #: The database's own count: a counter's row would be held by who is told of pages, too.
    id: int = Field(sa_type=BigId, primary_key=True)
    webhook_id: int = Field(sa_type=BigId)
    event_id: str
    type: str
    about: str  # whose the event is: names of `BelongingRow`s, a line each
    body: bytes = Field(sa_type=LargeBinary)
    state: str
    attempt: int
    error: str
    created_at: datetime
    due_at: datetime | None  # of one that ended: never
    expires_at: datetime
    ended_at: datetime | None


class BelongingRow(NotificationTable, table=True):
    """Whose an alert or a run is, as far as webhooks are told of it."""

    __tablename__ = "belonging"

    name: str = Field(primary_key=True)  # "alert:7", "run:alert:7:1"
    policy_id: int  # whose teams a run belongs to; 0 for an alert, and for a run without one
    team_ids: list[int] = Field(sa_type=JSON)  # an alert's
    at: datetime = Field(index=True)
