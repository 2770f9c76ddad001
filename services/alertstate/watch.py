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
PostgreSQL, may by this change sides; each carries its alert's version.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from google.api.httpbody_pb2 import HttpBody
from sqlalchemy import ColumnElement, Connection, func, select

from services.alertstate import known, reach, showing, wire
from services.alertstate.store.tables import ALERT
from services.chassis.errors import InvalidRequest, OutOfRange
from services.chassis.outbox import OUTBOX
from services.chassis.principal import caller
from services.chassis.teams import hides_nothing
from tocsin.alertstate.v1 import alert_watch_service_pb2 as pb
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert

PAGE_SIZE = 50
#: A page is in memory for as long as somebody takes it slowly.
PAGE_BYTES = 256 * 1024
STATES = (Alert.PENDING, Alert.ACCEPTED, Alert.RESOLVED)
TYPE = AlertChanged.DESCRIPTOR.full_name
TOKEN = re.compile("[!-~]{1,200}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts a watcher asks for; empty is all."""

    states: frozenset[int]
    sources: frozenset[int]

    def has(self, alert: Alert) -> bool:
        """Tells whether an alert is one of them."""
        return (not self.states or alert.status in self.states) and (
            not self.sources or alert.alert_source.id in self.sources
        )


@dataclass(frozen=True, slots=True)
class Page:
    """The next changes, which many watchers may be told, and the place after them."""

    changes: Sequence[pb.WatchAlertsResponse]
    place: str
    moved: bool
    frames: dict[str, HttpBody] = field(default_factory=dict)  # as sent, by resume token


def wanted(request: pb.WatchAlertsRequest | pb.StreamAlertsRequest) -> Wanted:
    """Reads which alerts a watcher asks for. Raises InvalidRequest."""
    if not set(request.states) <= set(STATES):
        raise InvalidRequest("states must be PENDING, ACCEPTED or RESOLVED", field="states")
    return Wanted(frozenset(request.states), frozenset(request.sources))


def begin(connection: Connection, token: str) -> str:
    """Returns the place that a token names; without one, that of the newest change.

    The place is empty when nothing is kept. Raises InvalidRequest, and OutOfRange when the
    change is no longer kept.
    """
    if not token:
        return _newest(connection)
    if not TOKEN.fullmatch(token):
        raise InvalidRequest("this is no resume token of a watch", field="resume-token")
    known = select(OUTBOX.c.msg_id).where(OUTBOX.c.msg_id == token, OUTBOX.c.type == TYPE)
    if connection.execute(known).scalar_one_or_none() is None:
        raise OutOfRange(
            "changes since then are no longer kept: list the alerts, and watch anew",
            field="resume-token",
        )
    return token


def page(connection: Connection, place: str) -> Page:
    """Reads the changes that were published after a place: a few, or one that is large."""
    size = func.length(OUTBOX.c.payload)
    next_ = (
        select(OUTBOX.c.id, OUTBOX.c.stream_seq, size.label("size"))
        .where(_after(connection, place), OUTBOX.c.type == TYPE)
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
    changes = [(row.msg_id, AlertChanged.FromString(row.payload)) for row in rows]
    told = _told(connection, _seen(connection, changes))
    return Page(told, rows[-1].msg_id if rows else place, moved=bool(rows))


def _seen(
    connection: Connection, changes: list[tuple[str, AlertChanged]]
) -> list[tuple[str, AlertChanged]]:
    """Leaves out the alerts that the watcher does not see."""
    if not changes or hides_nothing(caller()):
        return changes
    ids = {change.alert.id for _, change in changes}
    query = select(ALERT.c.id).where(ALERT.c.id.in_(sorted(ids)), reach.seen(caller()))
    theirs = set(connection.execute(query).scalars())
    return [(token, change) for token, change in changes if change.alert.id in theirs]


def newest_number(connection: Connection) -> int:
    """Returns the number of what was published last; 0 when nothing is kept."""
    published = select(OUTBOX.c.stream_seq).where(OUTBOX.c.stream_seq.is_not(None))
    newest = published.order_by(OUTBOX.c.stream_seq.desc()).limit(1)
    return connection.execute(newest).scalar_one_or_none() or 0


def _newest(connection: Connection) -> str:
    published = select(OUTBOX.c.msg_id).where(OUTBOX.c.stream_seq.is_not(None))
    newest = published.where(OUTBOX.c.type == TYPE).order_by(OUTBOX.c.stream_seq.desc()).limit(1)
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


def _told(
    connection: Connection, changes: Sequence[tuple[str, AlertChanged]]
) -> list[pb.WatchAlertsResponse]:
    alerts = [change.alert for _, change in changes]
    source_ids = {alert.alert_source.id for alert in alerts}
    about = known.beside(connection, source_ids, {each.escalation_policy.id for each in alerts})
    about = showing.with_standing(connection, about)
    return [
        pb.WatchAlertsResponse(
            resume_token=token,
            alert=wire.complete(change.alert, about),
            cause=change.cause,
            version=change.version,
        )
        for token, change in changes
    ]
