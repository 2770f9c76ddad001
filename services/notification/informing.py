"""Tells people what they asked for: what became of what they were paged about, and of shifts."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.notification import changes
from services.notification.domain import hearing as domain
from services.notification.domain.hearing import Change, Shift, Wish
from services.notification.domain.news import News, What
from services.notification.domain.values import Intent, Kind, Notification, State
from services.notification.store import news as store
from services.notification.store import notifications

#: Finds what those people, or everybody if it is None, want to be told of some kinds of news.
WishesOf = Callable[
    [Connection, datetime, Collection[int] | None, Collection[What]], Sequence[Wish]
]

#: What lists call what a message tells; people read it in their own language.
HEADLINES = {
    What.ACCEPTED: "accepted",
    What.RESOLVED: "resolved",
    What.ESCALATED: "escalated",
    What.ON_CALL: "on call",
}


def tell_change(connection: Connection, now: datetime, change: Change, wishes: WishesOf) -> None:
    """Tells those who were paged about something what became of it, if they asked for that."""
    if change.what is What.ESCALATED and notifications.endings(connection, [change.escalation_key]):
        return
    told = notifications.of_run(connection, change.escalation_key)
    hearers = domain.hearers(change, told, now)
    if not hearers:
        return
    for wish in wishes(connection, now, hearers.keys(), [change.what]):
        intent, until = hearers[wish.user_id], change.at + domain.WORTH
        message = _message(now, change.key(wish), Kind.UPDATE, intent, wish, until)
        _tell(connection, now, message, change.news())


def remind(
    connection: Connection, now: datetime, wishes: Sequence[Wish], shifts: Sequence[Shift]
) -> int:
    """Reminds people of their shifts, where that is due; returns how many reminders are new."""
    wanted = {
        shift.reminder_key(wish): (wish, shift) for wish, shift in domain.due(wishes, shifts, now)
    }
    fresh = wanted.keys() - store.thought_of(connection, wanted.keys())
    for key in sorted(fresh):
        wish, shift = wanted[key]
        intent, until = _intent(shift, now), domain.worth_until(shift)
        notifications.add_intent(connection, intent)
        message = _message(now, key, Kind.DUTY, intent, wish, until)
        _tell(connection, now, message, shift.news())
    return len(fresh)


def _tell(connection: Connection, now: datetime, message: Notification, news: News) -> None:
    numbered = replace(message, id=changes.number(connection))
    if changes.schedule(connection, now, numbered):
        store.add(connection, numbered.id, news)


def _message(
    now: datetime, key: str, kind: Kind, intent: Intent, wish: Wish, until: datetime
) -> Notification:
    """Returns a message that has no id yet."""
    return Notification(
        id=0,
        key=key,
        kind=kind,
        escalation_key=intent.escalation_key,
        cycle=intent.cycle,
        level=intent.level,
        user_id=intent.user_id,
        method=wish.method.value,
        target=wish.target,
        headline=f"{HEADLINES[wish.what]}: {intent.title}",
        subject_kind=intent.subject_kind,
        subject_id=intent.subject_id,
        state=State.PENDING,
        at=now,
        expires_at=until,
        contact_id=wish.contact_id,
    )


def _intent(shift: Shift, now: datetime) -> Intent:
    """Returns the wish that somebody is told of a shift: nobody wants them for anything yet."""
    return Intent(
        escalation_key=shift.key,
        cycle=0,
        level=0,
        user_id=shift.user_id,
        level_count=0,
        subject_kind=domain.SCHEDULE,
        subject_id=str(shift.schedule_id),
        episode=shift.minute,
        title=shift.schedule,
        details="",
        links=(),
        priority="LOW",
        request_time=now,
        next_step_time=None,
        accept_time=None,
    )
