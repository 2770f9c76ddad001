"""How the engine takes what is due: the one place here that knows."""

from collections.abc import Awaitable, Callable

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.timers import Timers
from services.escalation import timer


def taker(database: Database, clock: Clock) -> Callable[[], Awaitable[int]]:
    """Returns what takes the steps that are due, one batch a call, and tells how many."""
    return Timers(database, clock, timer.DUE).step
