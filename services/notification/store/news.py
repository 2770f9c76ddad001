"""What messages tell that are no pages, at rest."""

from collections.abc import Collection

from sqlalchemy import Connection, insert, select

from services.notification.domain.news import News, What
from services.notification.store.tables import NewsRow, NotificationRow

NEWS = NewsRow.__table__
NOTIFICATION = NotificationRow.__table__


def add(connection: Connection, notification_id: int, news: News) -> None:
    """Adds what a notification tells."""
    row = {
        "notification_id": notification_id,
        "what": news.what.value,
        "by": news.by,
        "level": news.level,
        "start": news.start,
        "end": news.end,
    }
    connection.execute(insert(NEWS).values(row))


def of(connection: Connection, notification_ids: Collection[int]) -> dict[int, News]:
    """Returns what those notifications tell that are no pages, by their ids."""
    wanted = select(NEWS).where(NEWS.c.notification_id.in_(sorted(set(notification_ids))))
    return {
        row.notification_id: News(
            what=What(row.what), by=row.by, level=row.level, start=row.start, end=row.end
        )
        for row in connection.execute(wanted)
    }


def thought_of(connection: Connection, keys: Collection[str]) -> set[str]:
    """Returns those of some keys that there are notifications with."""
    known = select(NOTIFICATION.c.key).where(NOTIFICATION.c.key.in_(sorted(keys)))
    return set(connection.execute(known).scalars())
