"""Tables that every service has, and what all table definitions share."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    TypeDecorator,
    text,
)
from sqlalchemy.types import TypeEngine
from sqlmodel import Field, SQLModel


class BigId(TypeDecorator[int]):
    """A 64-bit number, which SQLite counts up by itself only when called INTEGER."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Returns the dialect's own type."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())


class ChassisTable(SQLModel):
    """A table that every service has in its own database."""

    metadata: ClassVar[MetaData] = MetaData()
    __table__: ClassVar[Table]


class OutboxRow(ChassisTable, table=True):
    """A message that has to leave, or has left within the last day."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "outbox_waiting",
            "id",
            sqlite_where=text("NOT published"),
            postgresql_where=text("NOT published"),
        ),
    )

    id: int | None = Field(default=None, sa_type=BigId, primary_key=True)  # the publishing order
    msg_id: str = Field(unique=True)  # derived from what happened, never from the attempt
    subject: str
    type: str  # the message's full name
    payload: bytes = Field(sa_type=LargeBinary)
    traceparent: str
    created_at: datetime = Field(index=True)
    published: bool = False
    stream_seq: int | None = Field(default=None, sa_type=BigId, index=True)


class InboxRow(ChassisTable, table=True):
    """A message whose effects are in this database."""

    __tablename__ = "inbox"

    msg_id: str = Field(primary_key=True)
    received_at: datetime = Field(index=True)


class PositionRow(ChassisTable, table=True):
    """How far a stream has been read, or written, by what is in this database."""

    __tablename__ = "consumer_position"

    stream: str = Field(primary_key=True)
    seq: int = Field(sa_type=BigId)
    stream_created: str  # a stream made anew counts from 1 again


class DeadLetterRow(ChassisTable, table=True):
    """A message that could not be acted on, or not be published."""

    __tablename__ = "dead_letter"

    id: int | None = Field(default=None, sa_type=BigId, primary_key=True)
    msg_id: str
    stream: str
    stream_seq: int | None = Field(default=None, sa_type=BigId)
    type: str
    payload: bytes = Field(sa_type=LargeBinary)
    error: str
    attempts: int
    created_at: datetime


class TimerRow(ChassisTable, table=True):
    """Something to be done at a time."""

    __tablename__ = "timer"
    __table_args__ = (Index("timer_due", "kind", "due_at", "key"),)

    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    due_at: datetime
    tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # that failed


class FactRow(ChassisTable, table=True):
    """A record as others know it: the owner's own public form, or a copy of it."""

    __tablename__ = "fact"

    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    version: int
    deleted: bool = False
    payload: bytes = Field(sa_type=LargeBinary)


class AuditRow(ChassisTable, table=True):
    """Who changed what, written in the transaction of the change."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, sa_type=BigId, primary_key=True)
    at: datetime = Field(index=True)
    actor_kind: str
    actor_id: str
    user_id: int
    action: str  # "alert.accept"
    target: str = Field(index=True)  # "alert:7"
    request_id: str
    actor_name: str = Field(default="", sa_column_kwargs={"server_default": ""})
    peer: str = Field(default="", sa_column_kwargs={"server_default": ""})  # an address
    before: str | None = None  # JSON
    after: str | None = None  # JSON


class CounterRow(ChassisTable, table=True):
    """The last number given to a kind of record whose ids are on the wire."""

    __tablename__ = "counter"

    name: str = Field(primary_key=True)
    value: int = Field(sa_type=BigId)


class LimitRow(ChassisTable, table=True):
    """How much of a limit the replicas have claimed in a window of one minute."""

    __tablename__ = "limit_claim"

    key: str = Field(primary_key=True)
    minute: int = Field(sa_type=BigId, index=True)
    claimed: int = Field(sa_type=BigId)
