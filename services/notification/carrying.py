"""What follows for others that are told by the same way, when it is known how a message ended."""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from services.chassis import timers
from services.notification.domain import life, noise
from services.notification.domain.values import (
    FINAL,
    Ending,
    Kind,
    Notification,
    Share,
    State,
)
from services.notification.store import bundles, notifications
from services.notification.store.bundles import ContactKey


class Settle(Protocol):
    """Writes a notification back, with what follows from that: `changes.settle`."""

    def __call__(
        self,
        connection: Connection,
        now: datetime,
        notification: Notification,
        *,
        ending: Ending | None,
        crossed: bool = False,
    ) -> None:
        """See `changes.settle`."""


def follow(
    connection: Connection, now: datetime, carrier: Notification, kind: str, settle: Settle
) -> None:
    """Tells those for whom a message spoke how it ended; gives back the place that it took.

    `kind` is that of the timers of notifications. What was not sent is sent after all, by
    another: the first one that fails may have failed for its own text, the second says that
    nothing goes this way, and each takes the next way that it has.
    """
    _give_back(connection, now, carrier)
    if carrier.share is not Share.CARRIER:
        return
    if carrier.state not in FINAL:
        if carrier.possible_repeat:
            bundles.doubt(connection, [carrier.id])
        return
    members = bundles.members(connection, [carrier.id])
    endings = notifications.endings(connection, [each.escalation_key for each in members])
    failed = carrier.state is State.FAILED
    again = bundles.disappointed(connection, carrier.id) if failed else set()
    for member in members:
        ending = endings.get(member.escalation_key) if member.kind is Kind.PAGE else None
        doubtful = member.possible_repeat or carrier.possible_repeat
        marked = replace(member, possible_repeat=doubtful)
        after = _after(carrier, marked, now, ending, again=member.id in again)
        settle(connection, now, after, ending=ending, crossed=True)
        if after.state not in FINAL:
            timers.set_timer(connection, kind, str(after.id), after.at)


def _after(
    carrier: Notification,
    member: Notification,
    now: datetime,
    ending: Ending | None,
    *,
    again: bool,
) -> Notification:
    if carrier.state is State.SENT:
        return life.told(replace(member, possible_repeat=False), now)
    if ending is not None:
        return life.call_off(member, now)
    if again:
        return life.fail_with(member, carrier, now)
    why = "is not needed any more" if carrier.state is State.SUPPRESSED else "was not sent"
    return life.freed(member, now, f"notification {carrier.id}, which would have told it, {why}")


def _give_back(connection: Connection, now: datetime, notification: Notification) -> None:
    """Gives back the place of a message that certainly told nobody anything."""
    told_nobody = notification.state in (State.FAILED, State.SUPPRESSED)
    if not told_nobody or not notification.attempt or notification.possible_repeat:
        return
    if notification.method not in noise.LIMITS or notification.webhook_id:
        return
    key = ContactKey.of(notification)
    for pace in bundles.lock_paces(connection, [key]).values():
        bundles.save_pace(connection, key, noise.without(pace, notification.id))
