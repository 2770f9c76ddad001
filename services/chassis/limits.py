"""Lets in no more than a limit, over all replicas of a service, without a call per event.

Counting is in memory (`services.chassis.windows`). On SQLite the process is alone and nothing
else is done. On PostgreSQL replicas claim parts of a limit in a table, many keys with one
transaction, about once a second and when a claim runs out; nothing is claimed for who sends
little. The minutes are those of the database's clock.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select, text, update

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import RateLimited, Unavailable
from services.chassis.pausing import pause
from services.chassis.sql import upsert
from services.chassis.tables import LimitRow
from services.chassis.windows import WINDOW_SECONDS, Claim, Verdict, Windows, minute_of

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
FORGET_SIZE = 500

LIMIT = LimitRow.__table__


class Limits:
    """The limits of one service, as this replica counts."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._windows = Windows(shared=not database.is_sqlite)
        self._ahead = timedelta()  # of the database's clock before this host's
        self._ask = asyncio.Event()
        self._answer: asyncio.Future[None] | None = None
        self._swept = 0

    async def take(self, key: str, most: int) -> bool:
        """Lets one more in under a key; False when as many as may come have come."""
        while (verdict := self._take(key, most)) is Verdict.ASK:
            if self._answer is None:
                self._answer = asyncio.get_running_loop().create_future()
            self._ask.set()
            await asyncio.shield(self._answer)
        return verdict is Verdict.IN

    def has_room(self, key: str, most: int) -> bool:
        """Tells whether another would be let in, as far as this replica knows."""
        self._windows.turn(minute_of(self._now().timestamp()))
        return self._windows.has_room(key, most)

    def reached(self, whose: str, most: int, what: str) -> RateLimited:
        """Returns what to raise: `whose` limit it is, and `what` it limits ("events")."""
        seconds = self.seconds_left()
        told = f"{whose} is limited to {most} {what} a minute; try again in {seconds:.0f} s"
        return RateLimited(told, name=whose, limit=most, retry_after=seconds)

    def seconds_left(self) -> float:
        """Returns the seconds until this window ends."""
        return WINDOW_SECONDS - self._now().timestamp() % WINDOW_SECONDS

    @property
    def window(self) -> int:
        """The number of the window in which something was taken last."""
        return self._windows.minute

    async def run(self) -> None:
        """Claims what is needed for as long as the service runs."""
        if self._database.is_sqlite:
            return
        loop = asyncio.get_running_loop()
        await self._compare_clocks()
        ticked = loop.time()
        while True:
            await pause(max(0.0, ticked + TICK_SECONDS - loop.time()), self._ask)
            unused: list[Claim] = []
            if loop.time() >= ticked + TICK_SECONDS:
                ticked = loop.time()
                unused = self._windows.leftovers()
            await self._claim([*self._windows.claims(), *unused])

    def _take(self, key: str, most: int) -> Verdict:
        verdict = self._take_now(key, most)
        if self._windows.asks:
            self._ask.set()
        return verdict

    def _take_now(self, key: str, most: int) -> Verdict:
        self._windows.turn(minute_of(self._now().timestamp()))
        return self._windows.take(key, most)

    def _now(self) -> datetime:
        return self._clock.wall() + self._ahead

    async def _compare_clocks(self) -> None:
        try:
            self._set_clock(await self._database.read(self._clock.now))
        except Unavailable:
            log.warning("the database is away: windows begin by this host's clock")

    def _set_clock(self, now: datetime) -> None:
        self._ahead = now - self._clock.wall()

    async def _claim(self, claims: Sequence[Claim]) -> None:
        answer, self._answer = self._answer, None
        try:
            if claims:
                await self._settle(claims)
        finally:
            if answer is not None:
                answer.set_result(None)

    async def _settle(self, claims: Sequence[Claim]) -> None:
        minute = self._windows.minute
        try:
            now, shares = await self._database.write(self._write, minute, claims)
        except Unavailable:
            log.warning("the database is away: each replica limits for itself")
            self._windows.trust(claims)
            return
        self._set_clock(now)
        if self._windows.minute == minute:
            self._windows.grant(claims, shares)

    def _write(
        self, connection: Connection, minute: int, claims: Sequence[Claim]
    ) -> tuple[datetime, Mapping[str, int]]:
        # After a crash of the database a minute's count may be too small; waiting for the disk
        # would make who needs a claim wait for it, too.
        connection.execute(text("SET LOCAL synchronous_commit TO OFF"))
        now = self._clock.now(connection)
        current = minute_of(now.timestamp())
        if current != self._swept:
            self._swept = current
            _forget(connection, current - 1)
        if minute < current:  # that window has ended meanwhile
            return now, {claim.key: 0 for claim in claims}
        return now, _divide(connection, minute, claims)


def _divide(connection: Connection, minute: int, claims: Sequence[Claim]) -> dict[str, int]:
    """Gives each claim its share of what is left of its limit, in this window."""
    # In the order of the keys, so that no two replicas wait for each other.
    claims = sorted(claims, key=lambda claim: claim.key)
    begun = upsert(connection, LIMIT).on_conflict_do_nothing()
    rows = [{"key": claim.key, "minute": minute, "claimed": 0} for claim in claims]
    connection.execute(begun, rows)
    known = select(LIMIT).where(LIMIT.c.key.in_([claim.key for claim in claims]))
    locked = connection.execute(known.order_by(LIMIT.c.key).with_for_update())
    taken = {
        row.key: row.claimed if row.minute == minute else 0
        for row in locked
        if row.minute <= minute  # or the others count the next window already
    }
    shares = {
        claim.key: claim.share(taken[claim.key]) if claim.key in taken else 0 for claim in claims
    }
    changed = update(LIMIT).where(LIMIT.c.key == bindparam("of"))
    changed = changed.values(minute=minute, claimed=bindparam("in_all"))
    values = [{"of": key, "in_all": before + shares[key]} for key, before in taken.items()]
    if values:
        connection.execute(changed, values)
    return shares


def _forget(connection: Connection, before: int) -> None:
    """Deletes some rows of windows that have long ended."""
    old = select(LIMIT.c.key).where(LIMIT.c.minute < before).limit(FORGET_SIZE)
    some = old.with_for_update(skip_locked=True)
    connection.execute(delete(LIMIT).where(LIMIT.c.key.in_(some)))
