"""What text messages went to a number, and which numbers want none, at rest."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, and_, delete, select

from services.chassis.sql import upsert
from services.notification.domain.values import Contact, Kind, Method, Notification, State
from services.notification.store import contacts, notifications
from services.notification.store.contacts import CONTACT
from services.notification.store.notifications import NOTIFICATION
from services.notification.store.tables import StoppedNumberRow

STOPPED = StoppedNumberRow.__table__
#: Of the pages that went to a number, the newest that are looked at.
MOST_PAGES = 50


def owners(connection: Connection, number: str) -> list[Contact]:
    """Returns the contacts that a number is of, oldest first."""
    people = select(CONTACT.c.user_id).where(
        CONTACT.c.method == Method.PHONE.value, CONTACT.c.target == number
    )
    user_ids = sorted(set(connection.execute(people).scalars()))
    theirs = contacts.of_users(connection, user_ids)
    return [each for each in theirs if each.method is Method.PHONE and each.target == number]


def texted(connection: Connection, number: str, since: datetime) -> list[Notification]:
    """Returns the pages that may have reached a number as text messages, newest first."""
    pages = and_(
        NOTIFICATION.c.method == Method.SMS.value,
        NOTIFICATION.c.target == number,
        NOTIFICATION.c.kind == Kind.PAGE.value,
        NOTIFICATION.c.at > since,
        NOTIFICATION.c.attempt > 0,
        NOTIFICATION.c.state != State.FAILED.value,
    )
    return notifications.newest(connection, pages, MOST_PAGES)


def called(connection: Connection, number: str, notification_id: int) -> Notification | None:
    """Returns what a call to a number is about; None if that is no such call."""
    call = and_(
        NOTIFICATION.c.id == notification_id,
        NOTIFICATION.c.method == Method.VOICE.value,
        NOTIFICATION.c.target == number,
    )
    return next(iter(notifications.newest(connection, call, 1)), None)


def stop(connection: Connection, number: str, now: datetime) -> bool:
    """Remembers that a number wants no text messages; tells whether that is news."""
    row = upsert(connection, STOPPED).values(number=number, at=now)
    new = row.on_conflict_do_nothing().returning(STOPPED.c.number)
    return connection.execute(new).one_or_none() is not None


def start(connection: Connection, number: str) -> bool:
    """Forgets that a number wants no text messages; tells whether that is news."""
    return bool(connection.execute(delete(STOPPED).where(STOPPED.c.number == number)).rowcount)


def stopped(connection: Connection, numbers: Collection[str]) -> set[str]:
    """Returns those numbers that want no text messages."""
    wanted = select(STOPPED.c.number).where(STOPPED.c.number.in_(sorted(set(numbers))))
    return set(connection.execute(wanted).scalars())
