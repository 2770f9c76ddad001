"""A timer is a row with a due time; whatever dies, the row stays.

`set_timer` and `clear_timer` belong into the transaction that decides. The loop takes due
rows and hands each to its kind's function in one transaction: the check that it is due, the
check of the state, the step, its intents and the next due time commit together. After
downtime a timer that was due many times fires once.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from services.chassis.clock import Clock
from services.chassis.database import Database, is_lost, notify
from services.chassis.errors import Unavailable
from services.chassis.pausing import pause
from services.chassis.sql import BACKGROUND, take_turns, upsert
from services.chassis.tables import TimerRow

log = logging.getLogger(__name__)

Due = Callable[[Connection, datetime, str], None]

TOPIC = "timers"
BATCH_SIZE = 200
LONGEST_WAIT_SECONDS = 1.0
LEAST_WAIT_SECONDS = 0.02  # what is due may be in another replica's hands
RETRY = timedelta(seconds=30)

TIMER = TimerRow.__table__


def set_timer(connection: Connection, kind: str, key: str, due_at: datetime) -> None:
    """Makes something due at a time, instead of whenever it was due before."""
    row = upsert(connection, TIMER).values(kind=kind, key=key, due_at=due_at)
    connection.execute(
        row.on_conflict_do_update(index_elements=["kind", "key"], set_={"due_at": due_at})
    )
    notify(connection, TOPIC)


def clear_timer(connection: Connection, kind: str, key: str) -> None:
    """Makes something never due."""
    connection.execute(delete(TIMER).where(TIMER.c.kind == kind, TIMER.c.key == key))


def due_keys(connection: Connection, kind: str, now: datetime, limit: int) -> list[str]:
    """Returns what is due, most overdue first, locked against other replicas."""
    due = (
        select(TIMER.c.key)
        .where(TIMER.c.kind == kind, TIMER.c.due_at <= now)
        .order_by(TIMER.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(connection.execute(due).scalars())


class Timers:
    """Does what is due."""

    def __init__(self, database: Database, clock: Clock, due: Mapping[str, Due]) -> None:
        self._database = database
        self._clock = clock
        self._due = due
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
        """Does what is due now, up to one batch, and returns how much there was."""
        return await self._database.write(self._take)

    def _take(self, connection: Connection) -> int:
        take_turns(connection, BACKGROUND)
        now = self._clock.now(connection)
        count = 0
        for kind, act in self._due.items():
            for key in due_keys(connection, kind, now, BATCH_SIZE):
                self._act(connection, now, kind, key, act)
                count += 1
        return count

    def _act(self, connection: Connection, now: datetime, kind: str, key: str, act: Due) -> None:
        """Does one thing; one that fails is due again later and leaves the others be."""
        try:
            with connection.begin_nested():
                clear_timer(connection, kind, key)
                act(connection, now, key)
        except Exception as error:  # one bad row must not stop everybody's pages
            if is_lost(connection, error):
                raise
            log.error("timer %s of %s failed", kind, key, exc_info=error)
            set_timer(connection, kind, key, now + RETRY)

    def _seconds_to_next(self, connection: Connection) -> float:
        earliest = select(func.min(TIMER.c.due_at)).where(TIMER.c.kind.in_(list(self._due)))
        due: datetime | None = connection.execute(earliest).scalar_one()
        if due is None:
            return LONGEST_WAIT_SECONDS
        until = (due - self._clock.now(connection)).total_seconds()
        return min(max(until, LEAST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)
