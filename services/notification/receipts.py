"""What providers say later of the messages they took: delivered, read, or lost.

A receipt names a message by its provider's id, and may come in any order, many times, and
before the record of what it is about: then it is kept until that comes.
"""

from datetime import datetime

from sqlalchemy import Connection

from services.chassis.sql import take_turns
from services.notification import changes
from services.notification.domain import life
from services.notification.domain.values import Attempt, Receipt, State
from services.notification.store import attempts, notifications

LONGEST_WHY = 200


def record(
    connection: Connection,
    now: datetime,
    provider: str,
    provider_id: str,
    what: Receipt,
    why: str = "",
) -> None:
    """Writes down what a provider says of a message; where it is lost, the next way is tried.

    `provider` is what the channel's `provider` returned for it, `provider_id` what `Sent` told,
    and `why` a short reason that people may read. Whoever calls has made sure of the signature.
    """
    if not provider_id:
        return
    _take_turns(connection, provider, provider_id)
    attempt = attempts.find(connection, provider, provider_id)
    if attempt is None:
        attempts.keep(connection, now, provider, provider_id, what, why[:LONGEST_WHY])
    else:
        _apply(connection, now, attempt, what, why[:LONGEST_WHY])


def apply_kept(connection: Connection, now: datetime, provider: str, provider_id: str) -> None:
    """Does what receipts ask for that came before the record that was just written."""
    if not provider_id:
        return
    _take_turns(connection, provider, provider_id)
    attempt = attempts.find(connection, provider, provider_id)
    kept = attempts.take(connection, provider, provider_id) if attempt else []
    for what, why in kept:
        if attempt is not None:
            _apply(connection, now, attempt, what, why)


def _take_turns(connection: Connection, provider: str, provider_id: str) -> None:
    """Lets a receipt and the record of what it is about not miss each other."""
    take_turns(connection, f"receipt:{provider}:{provider_id}")


def _apply(
    connection: Connection, now: datetime, attempt: Attempt, what: Receipt, why: str
) -> None:
    for notification in notifications.lock(connection, [attempt.notification_id]):
        after = life.receive(notification, attempt.number, what, why, now)
        if after is notification:
            return
        if after.state is State.FAILED:
            attempts.lose(connection, after)
        if after.state is notification.state:
            notifications.save(connection, after)
            changes.tell(connection, now, after)
            return
        found = notifications.endings(connection, [after.escalation_key])
        changes.settle(connection, now, after, ending=found.get(after.escalation_key))
