"""Attempts and receipts at rest, and what they say of providers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Update, delete, select, update

from services.chassis.bulk import insert_all
from services.chassis.sql import different, upsert
from services.notification.domain.values import Attempt, Notification, Receipt, Sent, State
from services.notification.store.tables import AttemptRow, ReceiptRow

ATTEMPT = AttemptRow.__table__
RECEIPT = ReceiptRow.__table__

#: How long a receipt waits for the record of what it is about.
KEPT = timedelta(days=3)
DELETE_SIZE = 100


def begin_all(connection: Connection, begun: Sequence[Notification], now: datetime) -> None:
    """Writes down that attempts begin."""
    rows = [
        {
            "notification_id": each.id,
            "number": each.attempt,
            "started_at": now,
            "outcome": "",
            "provider": each.provider,
        }
        for each in begun
    ]
    insert_all(connection, ATTEMPT, rows)


def end(connection: Connection, notification: Notification, now: datetime) -> None:
    """Writes down what the last attempt led to, if it is open."""
    last = _open(notification.id, notification.attempt)
    told = {
        "outcome": notification.state.value,
        "provider_id": notification.provider_id,
        "reason": notification.error,
    }
    connection.execute(last.values(ended_at=now, **told))


def end_late(
    connection: Connection, notification: Notification, number: int, sent: Sent, now: datetime
) -> None:
    """Writes down that an attempt was taken that is not the last one any more."""
    told = {"outcome": State.SENT.value, "provider_id": sent.provider_id}
    connection.execute(_open(notification.id, number).values(ended_at=now, **told))


def lose(connection: Connection, notification: Notification) -> None:
    """Writes down that what the last attempt was taken for never arrived."""
    last = _of(notification.id, notification.attempt)
    told = {"outcome": notification.state.value, "reason": notification.error}
    connection.execute(last.values(**told))


def of(connection: Connection, ids: Collection[int]) -> Mapping[int, list[Attempt]]:
    """Returns the attempts of notifications, by their ids, in order."""
    theirs = select(ATTEMPT).where(ATTEMPT.c.notification_id.in_(sorted(ids)))
    found: defaultdict[int, list[Attempt]] = defaultdict(list)
    for row in connection.execute(theirs.order_by(ATTEMPT.c.notification_id, ATTEMPT.c.number)):
        found[row.notification_id].append(Attempt(**row._mapping))
    return found


def find(connection: Connection, provider: str, provider_id: str) -> Attempt | None:
    """Returns the attempt that a provider calls by an id."""
    same = (ATTEMPT.c.provider_id == provider_id) & (ATTEMPT.c.provider == provider)
    newest = select(ATTEMPT).where(same).order_by(ATTEMPT.c.notification_id.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    return Attempt(**row._mapping) if row else None


def newest(connection: Connection, provider: str, outcome: State) -> Attempt | None:
    """Returns the last attempt with a provider that led to a state."""
    those = select(ATTEMPT).where(
        ATTEMPT.c.provider == provider, ATTEMPT.c.outcome == outcome.value
    )
    last = those.where(ATTEMPT.c.ended_at.is_not(None)).order_by(ATTEMPT.c.ended_at.desc()).limit(1)
    row = connection.execute(last).one_or_none()
    return Attempt(**row._mapping) if row else None


def providers(connection: Connection) -> list[str]:
    """Returns by what attempts were made, whenever."""
    return [name for name in different(connection, ATTEMPT.c.provider) if name]


def keep(
    connection: Connection,
    now: datetime,
    provider: str,
    provider_id: str,
    what: Receipt,
    why: str,
) -> None:
    """Keeps a receipt of what nobody has recorded yet; forgets some that waited in vain."""
    row = upsert(connection, RECEIPT).values(
        provider=provider, provider_id=provider_id, what=what.value, why=why, at=now
    )
    connection.execute(row.on_conflict_do_nothing())
    names = (RECEIPT.c.provider, RECEIPT.c.provider_id)
    old = select(*names).where(RECEIPT.c.at < now - KEPT).limit(DELETE_SIZE)
    for each in connection.execute(old).all():
        _forget(connection, each.provider, each.provider_id)


def take(connection: Connection, provider: str, provider_id: str) -> list[tuple[Receipt, str]]:
    """Returns the receipts that were kept of a message, with their reasons; forgets them."""
    same = (RECEIPT.c.provider == provider) & (RECEIPT.c.provider_id == provider_id)
    rows = connection.execute(select(RECEIPT.c.what, RECEIPT.c.why).where(same)).all()
    if rows:
        _forget(connection, provider, provider_id)
    return [(Receipt(row.what), row.why) for row in rows]


def _forget(connection: Connection, provider: str, provider_id: str) -> None:
    same = (RECEIPT.c.provider == provider) & (RECEIPT.c.provider_id == provider_id)
    connection.execute(delete(RECEIPT).where(same))


def _of(notification_id: int, number: int) -> Update:
    return update(ATTEMPT).where(
        ATTEMPT.c.notification_id == notification_id, ATTEMPT.c.number == number
    )


def _open(notification_id: int, number: int) -> Update:
    return _of(notification_id, number).where(ATTEMPT.c.ended_at.is_(None))
