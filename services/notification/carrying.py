"""What follows for others that are told by the same way, when it is known how a message ended."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from services.notification.domain import life, noise
from services.notification.domain.caps import LIMITS
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


@dataclass(frozen=True, slots=True)
class Released:
    """A notification that another spoke for, as it is now that this one ended."""

    notification: Notification
    ending: Ending | None  # of its run


def released(connection: Connection, now: datetime, carrier: Notification) -> list[Released]:
    """Returns those for whom a message spoke, if it ended, not yet written back.

    What was not sent is sent after all, by another: the first one that fails may have failed
    for its own text, the second says that nothing goes this way, and each takes the next way
    that it has.
    """
    if carrier.share is not Share.CARRIER:
        return []
    if carrier.state not in FINAL:
        if carrier.possible_repeat:
            bundles.doubt(connection, [carrier.id])
        return []
    failed = carrier.state is State.FAILED
    members = bundles.members(connection, [carrier.id], told=failed)
    endings = notifications.endings(connection, [each.escalation_key for each in members])
    again = bundles.disappointed(connection, carrier.id) if failed else set()
    found = []
    for member in members:
        ending = endings.get(member.escalation_key) if member.kind is Kind.PAGE else None
        if ending is not None and member.share is Share.TOLD:
            continue  # it was lost, but nobody is wanted any more
        after = _after(carrier, member, now, ended=ending is not None, again=member.id in again)
        found.append(Released(after, ending))
    return found


def give_back(connection: Connection, notification: Notification) -> None:
    """Gives back the place of a message that certainly told nobody anything."""
    told_nobody = notification.state in (State.FAILED, State.SUPPRESSED)
    if not told_nobody or not notification.attempt or notification.possible_repeat:
        return
    if notification.method not in LIMITS or notification.webhook_id:
        return
    key = ContactKey.of(notification)
    for pace in bundles.lock_paces(connection, [key]).values():
        bundles.save_pace(connection, key, noise.without(pace, notification.id))


def _after(
    carrier: Notification, member: Notification, now: datetime, *, ended: bool, again: bool
) -> Notification:
    if carrier.state is State.SENT:
        return life.told(replace(member, possible_repeat=False), now)
    marked = replace(member, possible_repeat=member.possible_repeat or carrier.possible_repeat)
    if ended:
        return life.call_off(marked, now)
    if again:
        return life.fail_with(marked, carrier, now)
    why = "is not needed any more" if carrier.state is State.SUPPRESSED else "was not sent"
    return life.freed(marked, now, f"notification {carrier.id}, which would have told it, {why}")
