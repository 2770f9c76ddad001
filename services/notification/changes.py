"""What a change of a notification brings with it, in the transaction of the change.

Everybody is told of a new one and of how it ended. A page that crossed the answer is taken
back, and where one way to a person fails the next takes over.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import counters, facts, outbox, suite, timers
from services.notification import carrying, falling, references, telling, wire
from services.notification.domain.hearing import TEST
from services.notification.domain.life import stand_down, wants_stand_down
from services.notification.domain.values import FINAL, Ending, Notification, Share, State
from services.notification.store import attempts, bundles, notifications
from tocsin.escalation.v1.user_pb2 import User

#: The kind of the timers: due to be sent, or a claim that runs out.
TIMER = falling.DUE
USER = "user"


def number(connection: Connection) -> int:
    """Returns the id of a new notification."""
    return counters.allocate(connection, "notification")


def schedule(connection: Connection, now: datetime, notification: Notification) -> bool:
    """Adds a notification, to be sent when it is due; False if there is one with its key."""
    if not notifications.add(connection, notification):
        return False  # another level's page to the same contact is taken back by the same message
    timers.set_timer(connection, TIMER, str(notification.id), notification.at)
    tell(connection, now, notification)
    return True


def hold(connection: Connection, now: datetime, notification: Notification, why: str) -> None:
    """Adds a notification that is not sent on purpose."""
    held = replace(notification, state=State.SUPPRESSED, at=now, error=why)
    notifications.add(connection, held)
    tell(connection, now, held)


def give_up(connection: Connection, now: datetime, notification: Notification, why: str) -> None:
    """Adds a notification for which there is no way to go."""
    impossible = replace(notification, state=State.FAILED, error=why)
    notifications.add(connection, impossible)
    tell(connection, now, impossible)
    if notification.subject_kind == TEST:  # whoever made it sees what becomes of it
        return
    suite.raise_alert(
        connection,
        now,
        what=f"no-contact:{notification.user_id}",
        summary=f"user {notification.user_id} cannot be paged: there is {why}",
        details=f"“{notification.headline}” told them nothing. Add a contact: "
        f"`POST /api/users/{notification.user_id}/contacts`.",
    )


def settle(
    connection: Connection,
    now: datetime,
    notification: Notification,
    *,
    ending: Ending | None,
    crossed: bool = False,
) -> None:
    """Writes a notification back that was tried or ended, with what follows from that.

    Timers are the caller's: who ends a run must not lock them after the notifications.
    """
    if ending is None:
        notification = falling.fall(connection, now, notification)
    notifications.save(connection, notification)
    attempts.end(connection, notification, now)
    if notification.state in FINAL:
        tell(connection, now, notification)
    if ending is not None and wants_stand_down(notification, crossed=crossed):
        take_back(connection, notification, replace(ending, at=now))
    falling.complain_if_unreachable(connection, now, notification)
    follow(connection, now, notification)


def follow(connection: Connection, now: datetime, notification: Notification) -> None:
    """Tells those for whom a notification spoke how it ended; its place goes back if unused."""
    carrying.give_back(connection, notification)
    told: list[Notification] = []
    for each in carrying.released(connection, now, notification):
        after = each.notification
        if after.share is Share.TOLD and each.ending is None:
            told.append(after)  # with nothing else to do about it
            continue
        settle(connection, now, after, ending=each.ending, crossed=True)
        if after.state not in FINAL:
            timers.set_timer(connection, TIMER, str(after.id), after.at)
    bundles.told(connection, now, told)
    _tell_all(connection, now, told)


def take_back(connection: Connection, page: Notification, ending: Ending) -> None:
    """Takes a page back, by the way it went."""
    key = notifications.intent_key(page)
    title = notifications.intents(connection, [key])[key].title
    schedule(connection, ending.at, stand_down(page, number(connection), ending, title))


def tell(connection: Connection, now: datetime, notification: Notification) -> None:
    """Tells everybody how it stands with a notification."""
    user_id = notification.user_id
    user = facts.get(connection, USER, user_id, User) if user_id else None
    key = f"notification:{notification.id}:{notification.version}"
    changed = wire.changed(notification, user)
    hook = notification.webhook_id
    if hook and not references.public_hook_name(connection, hook):
        changed.notification.webhook.ClearField("name")
        changed.notification.ClearField("target")
    outbox.put(connection, now, changed, key=key)
    telling.notification_changed(connection, now, notification.state, changed)


def _tell_all(connection: Connection, now: datetime, told: Sequence[Notification]) -> None:
    """Tells how it stands with notifications to people."""
    users = facts.many(connection, USER, {each.user_id for each in told}, User) if told else {}
    changed = [(each, wire.changed(each, users.get(str(each.user_id)))) for each in told]
    named = ((f"notification:{each.id}:{each.version}", event) for each, event in changed)
    outbox.put_all(connection, now, named)
    for each, event in changed:
        telling.notification_changed(connection, now, each.state, event)
