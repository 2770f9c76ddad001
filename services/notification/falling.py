"""What follows when a way to somebody fails: the next one, and in the end a call for help.

A way that failed, or whose provider is failing, or that is not certain after some seconds,
hands over to the next of the same page, which is due at once; each hands over once. When
nothing is left to hand over to, it is tried on, and those who can help are told, once, early
enough to act.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.chassis import suite, timers
from services.notification import references
from services.notification.domain import life
from services.notification.domain.hearing import TEST
from services.notification.domain.values import FINAL, Kind, Notification, Share, State
from services.notification.store import notifications

#: The kind of the timers of notifications: due to be sent, or a claim that runs out.
DUE = "notification"
#: The kind of the timers that look whether a way is certain yet.
UNCERTAIN = "notification-uncertain"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a way may be uncertain."""

    until_next: timedelta  # before the next one is tried
    until_help: timedelta  # before those who can help are told


def watch(connection: Connection, patience: Patience, wanted: Sequence[Notification]) -> None:
    """Looks later whether pages that just became due are certain."""
    due = {
        str(each.id): each.wanted_at + patience.until_next
        for each in wanted
        if each.kind is Kind.PAGE and each.wanted_at is not None
    }
    timers.set_all(connection, UNCERTAIN, due)


def look(connection: Connection, now: datetime, key: str, *, patience: Patience) -> None:
    """Hands over from a way that is not certain; calls for help when that is no use."""
    for notification in notifications.lock(connection, [int(key)]):
        if _is_settled(connection, notification):
            return
        if notification.share is Share.HELD and notification.at > now:
            timers.set_timer(connection, UNCERTAIN, key, notification.at + patience.until_next)
            return  # it waits on purpose: the person was told much lately
        handed = _hand_over(connection, now, notification)
        if handed is not notification:
            notifications.save(connection, handed)
            return
        help_at = (notification.wanted_at or now) + patience.until_help
        if now < help_at:
            timers.set_timer(connection, UNCERTAIN, key, help_at)
            return
        _call_for_help(connection, now, notification)


def fall(connection: Connection, now: datetime, notification: Notification) -> Notification:
    """Hands over from a way of a living run that failed; returns it, not yet written back."""
    if notification.state not in (State.FAILED, State.EXPIRED):
        return notification
    return _hand_over(connection, now, notification)


def pass_over(
    connection: Connection, now: datetime, waiting: Sequence[Notification]
) -> list[Notification]:
    """Hands over from ways whose provider is failing; returns them, not yet written back."""
    keys = {notifications.intent_key(each) for each in waiting}
    later = notifications.waiting_their_time(connection, keys, now) if keys else set()
    return [
        _hand_over(connection, now, each) if notifications.intent_key(each) in later else each
        for each in waiting
    ]


def complain_if_unreachable(
    connection: Connection, now: datetime, notification: Notification
) -> None:
    """Tells those who can help when every way to somebody has failed, unless they know."""
    if notification.state not in (State.FAILED, State.EXPIRED):
        return
    if notification.kind is not Kind.PAGE:
        return
    key = notifications.intent_key(notification)
    notifications.lock_intent(connection, key)
    if life.unreachable(notifications.of_intent(connection, key)):
        _raise(connection, now, notification, "could not be reached by any contact")


def _is_settled(connection: Connection, notification: Notification) -> bool:
    """Tells whether nobody waits for a way any more, or another has taken over."""
    if notification.state in FINAL or notification.fell:
        return True
    return bool(notifications.endings(connection, [notification.escalation_key]))


def _hand_over(connection: Connection, now: datetime, notification: Notification) -> Notification:
    if notification.kind is not Kind.PAGE or notification.fell:
        return notification
    key = notifications.intent_key(notification)
    notifications.lock_intent(connection, key)
    following = life.next_way(notifications.of_intent(connection, key), now)
    if following is None:
        return notification
    for waiting in notifications.lock(connection, [following.id]):
        hurried = life.hurry(waiting, now)
        if hurried is not waiting:
            notifications.save(connection, hurried)
            timers.set_timer(connection, DUE, str(hurried.id), now)
    return replace(notification, fell=True)


def _call_for_help(connection: Connection, now: datetime, notification: Notification) -> None:
    key = notifications.intent_key(notification)
    notifications.lock_intent(connection, key)
    if life.unreached(notifications.of_intent(connection, key), now):
        _raise(connection, now, notification, "has not been reached by any contact yet")


def _raise(connection: Connection, now: datetime, notification: Notification, how: str) -> None:
    if notification.subject_kind == TEST:  # whoever made it sees what becomes of it
        return
    if not notifications.alarm(connection, notifications.intent_key(notification)):
        return
    webhook_id = notification.webhook_id
    if webhook_id:
        what, who = (
            f"unreachable:webhook:{webhook_id}",
            references.webhook_called(connection, webhook_id),
        )
        how = "could not be called" if notification.state in FINAL else "cannot be called"
    else:
        what, who = f"unreachable:{notification.user_id}", f"user {notification.user_id}"
    details = f"“{notification.headline}”, by {notification.method}: {notification.error}"
    suite.raise_alert(connection, now, what=what, summary=f"{who} {how}", details=details)
