"""What a change of a notification brings with it, in the transaction of the change.

Everybody is told of a new one and of how it ended. A page that crossed the answer is taken
back, and when every way to a person has failed, the people who run Tocsin are told.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import counters, facts, outbox, suite, timers
from services.notification import references, telling, wire
from services.notification.domain.life import NO_CONTACT, stand_down, unreachable, wants_stand_down
from services.notification.domain.values import FINAL, Ending, Kind, Notification, State
from services.notification.store import notifications
from tocsin.escalation.v1.user_pb2 import User

#: The kind of the timers: due to be sent, or a claim that runs out.
TIMER = "notification"
USER = "user"


def number(connection: Connection) -> int:
    """Returns the id of a new notification."""
    return counters.allocate(connection, "notification")


def schedule(connection: Connection, now: datetime, notification: Notification) -> None:
    """Adds a notification, to be sent when it is due."""
    if not notifications.add(connection, notification):
        return  # another level's page to the same contact is taken back by the same message
    timers.set_timer(connection, TIMER, str(notification.id), notification.at)
    _tell(connection, now, notification)


def give_up(connection: Connection, now: datetime, notification: Notification) -> None:
    """Adds a notification for which there is no way to go."""
    impossible = replace(notification, state=State.FAILED, error=NO_CONTACT)
    notifications.add(connection, impossible)
    _tell(connection, now, impossible)
    suite.raise_alert(
        connection,
        now,
        what=f"no-contact:{notification.user_id}",
        summary=f"user {notification.user_id} cannot be paged: there is no contact",
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
    notifications.save(connection, notification)
    notifications.end_attempt(connection, notification, now)
    if notification.state in FINAL:
        _tell(connection, now, notification)
    if ending is not None and wants_stand_down(notification, crossed=crossed):
        take_back(connection, notification, replace(ending, at=now))
    if notification.state in (State.FAILED, State.EXPIRED):
        _complain_if_unreachable(connection, now, notification)


def take_back(connection: Connection, page: Notification, ending: Ending) -> None:
    """Takes a page back, by the way it went."""
    key = notifications.intent_key(page)
    title = notifications.intents(connection, [key])[key].title
    schedule(connection, ending.at, stand_down(page, number(connection), ending, title))


def _complain_if_unreachable(
    connection: Connection, now: datetime, notification: Notification
) -> None:
    if notification.kind is not Kind.PAGE:
        return
    key = notifications.intent_key(notification)
    notifications.lock_intent(connection, key)
    if not unreachable(notifications.of_intent(connection, key)):
        return
    if notification.webhook_id:
        what = f"unreachable:webhook:{notification.webhook_id}"
        summary = (
            f"{references.webhook_called(connection, notification.webhook_id)} could not be called"
        )
    else:
        what = f"unreachable:{notification.user_id}"
        summary = f"user {notification.user_id} could not be reached by any contact"
    details = f"“{notification.headline}”, by {notification.method}: {notification.error}"
    suite.raise_alert(connection, now, what=what, summary=summary, details=details)


def _tell(connection: Connection, now: datetime, notification: Notification) -> None:
    user_id = notification.user_id
    user = facts.get(connection, USER, user_id, User) if user_id else None
    key = f"notification:{notification.id}:{notification.version}"
    changed = wire.changed(notification, user)
    if notification.webhook_id and not references.webhook_name(connection, notification.webhook_id):
        changed.notification.webhook.ClearField("name")
        changed.notification.ClearField("target")
    outbox.put(connection, now, changed, key=key)
    telling.notification_changed(connection, now, notification.state, changed)
