"""A timer is a row with a due time; whatever dies, the row stays.

`set_timer` and `clear_timer` belong into the transaction that decides. The loop takes due
rows and hands them to their kind's function: the check that they are due, the check of the
state, the step, its intents and the next due time commit together. After downtime a timer
that was due many times fires once. After the database's clock went back, what is due is late
by as much, and nothing that was done is done again: its row has a new time, or is gone.

A kind does one thing at a time, and takes turns with all other background work, as replicas
would meet in each other's rows; or many `Together`, on every replica at once.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from services.chassis import suite
from services.chassis.bulk import one_of, update_all
from services.chassis.clock import Clock
from services.chassis.database import Database, notify, service_of
from services.chassis.errors import Unavailable
from services.chassis.pausing import pause
from services.chassis.savepoints import undone
from services.chassis.sql import BACKGROUND, take_turns, upsert
from services.chassis.tables import TimerRow

log = logging.getLogger(__name__)

#: Does one thing, whose timer is cleared, and which may set it again.
One = Callable[[Connection, datetime, str], None]
#: Does things and returns when each is due again, None for never; what it leaves out stays due.
Many = Callable[[Connection, datetime, Sequence[str]], Mapping[str, datetime | None]]


@dataclass(frozen=True, slots=True)
class Together:
    """What is done about many timers of a kind at once.

    It must not wait for rows: whoever has one may wait for a timer. It locks them with
    `skip_locked` and leaves out what somebody else has.
    """

    act: Many


Due = One | Together

TOPIC = "timers"
BATCH_SIZE = 500
LONGEST_WAIT_SECONDS = 1.0
LEAST_WAIT_SECONDS = 0.02  # what is due may be in another replica's hands
LONGEST_RETRY_SECONDS = 300
#: So often something fails before people hear of it.
PATIENCE = 5

TIMER = TimerRow.__table__


def set_timer(connection: Connection, kind: str, key: str, due_at: datetime) -> None:
    """Makes something due at a time, instead of whenever it was due before."""
    set_all(connection, kind, {key: due_at})


def set_all(connection: Connection, kind: str, due: Mapping[str, datetime | None]) -> None:
    """Makes things due at a time each, instead of whenever they were due before.

    Those without a time stay due when they were.
    """
    rows = _rows(kind, due)
    if rows:
        row = upsert(connection, TIMER)
        fresh = {"due_at": row.excluded.due_at, "tries": 0}
        connection.execute(
            row.on_conflict_do_update(index_elements=["kind", "key"], set_=fresh), rows
        )
        notify(connection, TOPIC)


def clear_timer(connection: Connection, kind: str, key: str) -> None:
    """Makes something never due."""
    clear_all(connection, kind, [key])


def clear_all(connection: Connection, kind: str, keys: Sequence[str]) -> None:
    """Makes things never due."""
    if keys:
        connection.execute(
            delete(TIMER).where(TIMER.c.kind == kind, one_of(connection, TIMER.c.key, keys))
        )


def due_keys(connection: Connection, kind: str, now: datetime, limit: int) -> list[str]:
    """Returns what is due, most overdue first, locked against other replicas."""
    due = (
        select(TIMER.c.key)
        .where(TIMER.c.kind == kind, TIMER.c.due_at <= now)
        .order_by(TIMER.c.due_at, TIMER.c.key)  # as the index is, which has all of it
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(connection.execute(due).scalars())


def take_due(connection: Connection, now: datetime, due: Mapping[str, Due], limit: int) -> int:
    """Does what is due, up to a limit of each kind, in the caller's transaction.

    Returns how much was done or failed.
    """
    if not all(isinstance(act, Together) for act in due.values()):
        take_turns(connection, BACKGROUND)
    count = 0
    for kind, act in due.items():
        keys = due_keys(connection, kind, now, limit)
        if isinstance(act, Together):
            together = partial(_together, connection, now, kind, act.act)
            count += _try(connection, now, kind, keys, together)
        else:
            one = partial(_one, connection, now, kind, act)
            count += sum(_try(connection, now, kind, [key], one) for key in keys)
    return count


class Timers:
    """Does what is due."""

    def __init__(self, database: Database, clock: Clock, due: Mapping[str, Due]) -> None:
        self._database = database
        self._clock = clock
        self._due = due
        #: Each in a transaction of its own: what takes turns does not keep the rest waiting.
        together = {kind: act for kind, act in due.items() if isinstance(act, Together)}
        taking_turns = {kind: act for kind, act in due.items() if kind not in together}
        self._groups = [group for group in (together, taking_turns) if group]
        self._set = asyncio.Event()

    async def run(self) -> None:
        """Does what is due for as long as the service runs."""
        self._database.wake(TOPIC, self._set.set)
        while True:
            try:
                done = await self.step()
                wait = 0.0 if done else await self._database.read(self._seconds_to_next)
            except Unavailable:
                log.warning("the database is away: what is due waits")
                wait = LONGEST_WAIT_SECONDS
            if wait:
                await pause(wait, self._set)

    async def step(self) -> int:
        """Does what is due now, up to one batch of each kind, and returns how much there was."""
        return sum([await self._database.write(self._take, group) for group in self._groups])

    def _take(self, connection: Connection, due: Mapping[str, Due]) -> int:
        return take_due(connection, self._clock.now(connection), due, BATCH_SIZE)

    def _seconds_to_next(self, connection: Connection) -> float:
        earliest = [at for kind in self._due if (at := _earliest(connection, kind)) is not None]
        if not earliest:
            return LONGEST_WAIT_SECONDS
        until: timedelta = min(earliest) - self._clock.now(connection)
        return min(max(until.total_seconds(), LEAST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)


def _earliest(connection: Connection, kind: str) -> datetime | None:
    """Returns when the first of a kind is due: a look into the index, kind by kind."""
    first = select(func.min(TIMER.c.due_at)).where(TIMER.c.kind == kind)
    found: datetime | None = connection.execute(first).scalar_one()
    return found


def _one(connection: Connection, now: datetime, kind: str, act: One, keys: Sequence[str]) -> int:
    for key in keys:
        clear_timer(connection, kind, key)
        act(connection, now, key)
    return len(keys)


def _together(
    connection: Connection, now: datetime, kind: str, act: Many, keys: Sequence[str]
) -> int:
    again = act(connection, now, keys)
    clear_all(connection, kind, [key for key, at in again.items() if at is None])
    update_all(connection, TIMER, _rows(kind, again))
    notify(connection, TOPIC)
    return len(again)


def _rows(kind: str, due: Mapping[str, datetime | None]) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "key": key, "due_at": at, "tries": 0}
        for key, at in due.items()
        if at is not None
    ]


def _try(
    connection: Connection,
    now: datetime,
    kind: str,
    keys: Sequence[str],
    act: Callable[[Sequence[str]], int],
) -> int:
    """Does things; what fails is found by halves, is due again later and stops no other."""
    if not keys:
        return 0
    count = 0

    def run() -> None:
        nonlocal count
        count = act(keys)

    error = undone(connection, run, by=Exception)  # one bad row must not stop everybody's pages
    if error is None:
        return count
    if len(keys) == 1:
        _postpone(connection, now, kind, keys[0], error)
        return 1
    half = len(keys) // 2
    halves = (keys[:half], keys[half:])
    return sum(_try(connection, now, kind, some, act) for some in halves)


def _postpone(connection: Connection, now: datetime, kind: str, key: str, error: Exception) -> None:
    own = (TIMER.c.kind == kind) & (TIMER.c.key == key)
    tries = connection.execute(select(TIMER.c.tries).where(own)).scalar_one() + 1
    log.error("timer %s of %s failed %d times", kind, key, tries, exc_info=error)
    wait = timedelta(seconds=min(2 ** (tries - 1), LONGEST_RETRY_SECONDS))
    connection.execute(update(TIMER).where(own).values(tries=tries, due_at=now + wait))
    if tries == PATIENCE:
        service = service_of(connection)
        suite.raise_alert(
            connection,
            now,
            what=f"timer:{kind}",
            summary=f"{service} fails at what is due: {kind}",
            details=f"Timer {key} failed {tries} times. It is tried on, and the log says why.",
        )
