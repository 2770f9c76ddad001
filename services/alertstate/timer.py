"""Forgets alert keys that nothing touched for a week."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.alertstate.store import keys
from services.chassis.clock import Clock
from services.chassis.timers import Due, set_timer

#: Longer than a message can be on its way from Ingest.
KEPT = timedelta(days=7)
EVERY = timedelta(hours=1)
BATCH_SIZE = 500

FORGET_KEYS = "forget-keys"
ALL = "all"


def begin(connection: Connection, clock: Clock) -> None:
    """Makes the first round due."""
    set_timer(connection, FORGET_KEYS, ALL, clock.now(connection))


def forget_keys(connection: Connection, now: datetime, key: str) -> None:
    """Forgets some old keys; is due again at once while there are more."""
    forgotten = keys.forget_untouched(connection, now - KEPT, BATCH_SIZE)
    again = now if forgotten == BATCH_SIZE else now + EVERY
    set_timer(connection, FORGET_KEYS, key, again)


def due() -> dict[str, Due]:
    """Returns what this service does when its timers are due."""
    return {FORGET_KEYS: forget_keys}
