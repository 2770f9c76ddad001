"""Who is due and waits for room with a provider: the oldest first, HIGH before LOW.

Each question reads the index at the places of the providers there are, never their rows: ten
thousand that wait for one hide nobody else's.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, delete, func, select

from services.chassis.bulk import one_of
from services.chassis.sql import different, upsert
from services.notification.store.tables import QueueRow

QUEUE = QueueRow.__table__


@dataclass(frozen=True, slots=True)
class Place:
    """Where a notification waits."""

    notification_id: int
    provider: str
    rank: int  # the lower goes first
    since: datetime


@dataclass(frozen=True, slots=True)
class Depth:
    """How many wait for a provider."""

    provider: str
    count: int
    oldest: datetime


def put_all(connection: Connection, places: Sequence[Place]) -> None:
    """Lets notifications wait."""
    rows = [
        {
            "notification_id": place.notification_id,
            "provider": place.provider,
            "rank": place.rank,
            "since": place.since,
        }
        for place in places
    ]
    if rows:  # who has a place keeps it
        connection.execute(upsert(connection, QUEUE).values(rows).on_conflict_do_nothing())


def drop_all(connection: Connection, ids: Collection[int]) -> None:
    """Takes notifications out."""
    if ids:
        own = one_of(connection, QUEUE.c.notification_id, list(ids))
        connection.execute(delete(QUEUE).where(own))


def drop_free(connection: Connection, ids: Collection[int]) -> None:
    """Takes notifications out; those that another replica has, it takes out itself."""
    own = one_of(connection, QUEUE.c.notification_id, list(ids))
    free = select(QUEUE.c.notification_id).where(own).with_for_update(skip_locked=True)
    connection.execute(delete(QUEUE).where(QUEUE.c.notification_id.in_(free)))


def heads(connection: Connection) -> list[Place]:
    """Returns who is first at each provider, the most urgent of all first."""
    found = [_head(connection, name) for name in different(connection, QUEUE.c.provider)]
    places = [place for place in found if place is not None]
    return sorted(places, key=lambda place: (place.rank, place.since, place.notification_id))


def front(connection: Connection, provider: str, count: int) -> list[int]:
    """Returns who is first at a provider, locked against other replicas."""
    some = _in_order(provider).limit(count).with_for_update(skip_locked=True)
    return [row.notification_id for row in connection.execute(some)]


def depths(connection: Connection) -> list[Depth]:
    """Returns how many wait, by provider."""
    counts = select(QUEUE.c.provider, func.count().label("count"), func.min(QUEUE.c.since))
    return [Depth(*row) for row in connection.execute(counts.group_by(QUEUE.c.provider))]


def _head(connection: Connection, provider: str) -> Place | None:
    row = connection.execute(_in_order(provider).limit(1)).one_or_none()
    return Place(**row._mapping) if row else None


def _in_order(provider: str) -> Select[tuple[int, str, int, datetime]]:
    those = select(QUEUE.c.notification_id, QUEUE.c.provider, QUEUE.c.rank, QUEUE.c.since)
    return those.where(QUEUE.c.provider == provider).order_by(
        QUEUE.c.rank, QUEUE.c.since, QUEUE.c.notification_id
    )
