"""Resolves alerts by themselves, wakes those that slept, lets accepts expire, forgets old keys."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.alertstate.changing import change
from services.alertstate.domain.actions import resolve_by_itself, wake
from services.alertstate.domain.alerts import SYSTEM
from services.alertstate.domain.expiry import expire
from services.alertstate.store import keys
from services.alertstate.timer_kinds import ACCEPT_EXPIRY, AUTO_RESOLVE, SNOOZE
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


def auto_resolve(connection: Connection, now: datetime, key: str) -> None:
    """Ends an alert that nothing more was heard of."""
    change(connection, now, int(key), lambda _, alert, at: resolve_by_itself(alert, at), SYSTEM)


def wake_up(connection: Connection, now: datetime, key: str) -> None:
    """Wakes an alert that has slept long enough."""
    change(connection, now, int(key), lambda _, alert, at: wake(alert, at), SYSTEM)


def expire_accept(connection: Connection, now: datetime, key: str) -> None:
    """Has an alert that somebody took, but did not resolve in time, want somebody anew."""
    change(connection, now, int(key), lambda _, alert, at: expire(alert, at), SYSTEM)


def due() -> dict[str, Due]:
    """Returns what this service does when its timers are due."""
    return {
        FORGET_KEYS: forget_keys,
        AUTO_RESOLVE: auto_resolve,
        SNOOZE: wake_up,
        ACCEPT_EXPIRY: expire_accept,
    }
