"""Calendar feeds at rest; never their secrets."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, Row, delete, func, insert, select

from services.escalation.domain.feeds import Feed
from services.escalation.store.schedule_tables import CalendarFeedRow

FEED = CalendarFeedRow.__table__


def add(connection: Connection, feed: Feed) -> None:
    """Records a new feed."""
    connection.execute(insert(FEED).values(asdict(feed)))


def count(connection: Connection, schedule_id: int) -> int:
    """Returns how many feeds a schedule has."""
    query = select(func.count()).select_from(FEED).where(FEED.c.schedule_id == schedule_id)
    return connection.execute(query).scalar_one()


def of_schedule(connection: Connection, schedule_id: int) -> list[Feed]:
    """Returns the feeds of a schedule, oldest first."""
    query = select(FEED).where(FEED.c.schedule_id == schedule_id).order_by(FEED.c.id)
    return [_feed(row) for row in connection.execute(query)]


def opened(connection: Connection, token_sha256: bytes) -> Feed | None:
    """Returns the feed that a secret opens; None if it opens none."""
    query = select(FEED).where(FEED.c.token_sha256 == token_sha256)
    row = connection.execute(query).one_or_none()
    return _feed(row) if row else None


def remove(connection: Connection, schedule_id: int, feed_id: int) -> bool:
    """Forgets a feed of a schedule; False if it has none of this id."""
    known = delete(FEED).where(FEED.c.schedule_id == schedule_id, FEED.c.id == feed_id)
    return bool(connection.execute(known).rowcount)


def remove_all(connection: Connection, schedule_id: int) -> None:
    """Forgets the feeds of a schedule."""
    connection.execute(delete(FEED).where(FEED.c.schedule_id == schedule_id))


def remove_of_user(connection: Connection, user_id: int) -> Sequence[Feed]:
    """Forgets the feeds that have one person's shifts alone, and returns them."""
    theirs = connection.execute(select(FEED).where(FEED.c.user_id == user_id)).all()
    connection.execute(delete(FEED).where(FEED.c.user_id == user_id))
    return [_feed(row) for row in theirs]


def _feed(row: Row[tuple[object, ...]]) -> Feed:
    return Feed(**row._mapping)
