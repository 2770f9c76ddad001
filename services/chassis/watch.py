"""What changed, read from the outbox in the order in which it was published.

The outbox keeps a day of changes under their numbers in the stream. One relay numbers them,
a batch in one transaction, so that whoever sees a number sees all that are smaller. The rows'
ids do not have this: on PostgreSQL a transaction may take a smaller id and commit later.

A place, which is also the resume token, is nevertheless the message id of the row that was
told last, and the row says where in the order that is now. When the broker lost its stream, the
relay takes the rows' numbers away and publishes them once more, oldest id first: a number that
a watcher remembered would then name another row, or none for a long time. A row keeps its
message id; while it waits to be numbered again, so does whoever stands at it, and what comes
after it has not been told. Only changes that were committed at the same instant, and only on
PostgreSQL, may by this change sides; each carries its record's version.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from google.api.httpbody_pb2 import HttpBody
from google.protobuf.message import Message
from sqlalchemy import ColumnElement, Connection, func, select

from services.chassis.errors import InvalidRequest, OutOfRange
from services.chassis.outbox import OUTBOX

PAGE_SIZE = 50
#: A page is in memory for as long as somebody takes it slowly.
PAGE_BYTES = 256 * 1024
TOKEN = re.compile("[!-~]{1,200}")


class Change(Protocol):
    """A message that tells a watcher of one change."""

    resume_token: str


Event = TypeVar("Event", bound=Message)
C = TypeVar("C", bound=Change)


@dataclass(frozen=True, slots=True)
class Watched(Generic[Event, C]):
    """What is watched."""

    event: type[Event]  # that is published of every change
    #: Renders what was published, by resume token, without what the caller does not see.
    tell: Callable[[Connection, Sequence[tuple[str, Event]]], Sequence[C]]
    records: str  # what is to be listed when changes were missed: "alerts"

    @property
    def type(self) -> str:
        """The event's name in the outbox."""
        return self.event.DESCRIPTOR.full_name


@dataclass(frozen=True, slots=True)
class Page(Generic[C]):
    """The next changes, which many watchers may be told, and the place after them."""

    changes: Sequence[C]
    place: str
    moved: bool
    frames: dict[str, HttpBody] = field(default_factory=dict)  # as sent, by resume token


def begin(connection: Connection, watched: Watched[Event, C], token: str) -> str:
    """Returns the place that a token names; without one, that of the newest change.

    The place is empty when nothing is kept. Raises InvalidRequest, and OutOfRange when the
    change is no longer kept.
    """
    if not token:
        return _newest(connection, watched.type)
    if not TOKEN.fullmatch(token):
        raise InvalidRequest("this is no resume token of a watch", field="resume-token")
    known = select(OUTBOX.c.msg_id).where(OUTBOX.c.msg_id == token, OUTBOX.c.type == watched.type)
    if connection.execute(known).scalar_one_or_none() is None:
        raise OutOfRange(
            f"changes since then are no longer kept: list the {watched.records}, and watch anew",
            field="resume-token",
        )
    return token


def page(connection: Connection, watched: Watched[Event, C], place: str) -> Page[C]:
    """Reads the changes that were published after a place: a few, or one that is large."""
    size = func.length(OUTBOX.c.payload)
    next_ = (
        select(OUTBOX.c.id, OUTBOX.c.stream_seq, size.label("size"))
        .where(_after(connection, place), OUTBOX.c.type == watched.type)
        .order_by(OUTBOX.c.stream_seq)
        .limit(PAGE_SIZE)
        .subquery()
    )
    total = func.sum(next_.c.size).over(order_by=next_.c.stream_seq)
    sized = select(next_.c.id, next_.c.size, total.label("total")).subquery()
    rows = connection.execute(
        select(OUTBOX.c.msg_id, OUTBOX.c.payload)
        .join(sized, OUTBOX.c.id == sized.c.id)
        .where((sized.c.total <= PAGE_BYTES) | (sized.c.total == sized.c.size))
        .order_by(OUTBOX.c.stream_seq)
    ).all()
    changes = [(row.msg_id, watched.event.FromString(row.payload)) for row in rows]
    told = watched.tell(connection, changes) if changes else ()
    return Page(told, rows[-1].msg_id if rows else place, moved=bool(rows))


def newest_number(connection: Connection) -> int:
    """Returns the number of what was published last; 0 when nothing is kept."""
    published = select(OUTBOX.c.stream_seq).where(OUTBOX.c.stream_seq.is_not(None))
    newest = published.order_by(OUTBOX.c.stream_seq.desc()).limit(1)
    return connection.execute(newest).scalar_one_or_none() or 0


def _newest(connection: Connection, type_: str) -> str:
    published = select(OUTBOX.c.msg_id).where(OUTBOX.c.stream_seq.is_not(None))
    newest = published.where(OUTBOX.c.type == type_).order_by(OUTBOX.c.stream_seq.desc()).limit(1)
    return connection.execute(newest).scalar_one_or_none() or ""


def _after(connection: Connection, place: str) -> ColumnElement[bool]:
    known = select(OUTBOX.c.id).where(OUTBOX.c.msg_id == place)
    if connection.execute(known).one_or_none() is None:
        return OUTBOX.c.stream_seq.is_not(None)  # a day's silence: whatever is kept came since
    told = OUTBOX.alias()
    # In one statement with what it is compared to. Null, while that is to be published again:
    # so is all that comes after it.
    number = select(told.c.stream_seq).where(told.c.msg_id == place).scalar_subquery()
    return OUTBOX.c.stream_seq > number
