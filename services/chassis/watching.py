"""What all watchers have in common: when they look, and what they read."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Generic, NamedTuple

from services.chassis import outbox, watch
from services.chassis.database import Database
from services.chassis.errors import TooLarge, Unavailable
from services.chassis.principal import Principal, caller
from services.chassis.watch import C, Page, Watched

#: Publishing takes a moment after the commit that rings; another replica's rings nowhere here.
SOON_SECONDS = 0.02
IDLE_SECONDS = 1.0
#: Watchers of one process, and those of one token among them.
MOST = 1000
MOST_OF_TOKEN = 250
#: How long a page may be told to others than those for whom it was read.
FRESH_SECONDS = 1.0


class Bell:
    """Rings for every watcher when something was published."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._committed = asyncio.Event()
        self._watchers: dict[asyncio.Event, str] = {}  # whose each is
        self._newest = -1
        self.rings = 0
        self.closed = False

    async def run(self) -> None:
        """Rings for as long as the service runs; in the end for the last time."""
        self._database.wake(outbox.TOPIC, self._committed.set)
        delay = IDLE_SECONDS
        try:
            while True:
                delay = min(delay * 2, IDLE_SECONDS)
                if await self._woken_within(delay):
                    delay = SOON_SECONDS
                    await asyncio.sleep(delay)
                if self._watchers and await self._moved():
                    self._ring()
        finally:
            self.closed = True
            self._ring()

    @contextmanager
    def heard(self, token: str) -> Iterator[asyncio.Event]:
        """Yields what is set when it rings. Raises TooLarge if too many watch already."""
        self._refuse_more(token)
        ringing = asyncio.Event()
        self._watchers[ringing] = token
        try:
            yield ringing
        finally:
            del self._watchers[ringing]

    @property
    def watchers(self) -> int:
        """How many listen."""
        return len(self._watchers)

    def _refuse_more(self, token: str) -> None:
        """Each watcher that stands still holds what it was being told: up to a megabyte."""
        own = sum(1 for each in self._watchers.values() if each == token)
        if own >= MOST_OF_TOKEN:
            raise _too_many(f"a token may have {MOST_OF_TOKEN} watches at most")
        if self.watchers >= MOST:
            raise _too_many(f"there may be {MOST} watches at most")

    def _ring(self) -> None:
        self.rings += 1
        for ringing in self._watchers:
            ringing.set()

    async def _woken_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._committed.wait()
        woken = self._committed.is_set()
        self._committed.clear()
        return woken

    async def _moved(self) -> bool:
        try:
            newest = await self._database.read(watch.newest_number)
        except Unavailable:
            return True  # the watchers find out for themselves
        before, self._newest = self._newest, newest
        return newest != before


def _too_many(told: str) -> TooLarge:
    return TooLarge(told, reason="TOO_MANY_WATCHES", http_status=429)


class _Wish(NamedTuple):
    """Who wants the same page: they stand at one place, have heard as much and see the same."""

    place: str
    rings: int
    sight: Principal


class Pages(Generic[C]):
    """Reads pages of changes, each once for all who want it at the same time."""

    def __init__(self, database: Database, watched: Watched[Any, C]) -> None:
        self._database = database
        self._watched = watched
        self._reads: dict[_Wish, tuple[float, asyncio.Task[Page[C]]]] = {}

    async def after(self, place: str, rings: int) -> Page[C]:
        """Returns what was published after a place, to those who have heard so many rings."""
        wish = _Wish(place, rings, caller())
        self._forget_old()
        if wish not in self._reads:
            page = self._database.read(watch.page, self._watched, place)
            reading = asyncio.create_task(page)
            reading.add_done_callback(_look)
            self._reads[wish] = time.monotonic(), reading
        return await asyncio.shield(self._reads[wish][1])

    def _forget_old(self) -> None:
        """What a watcher holds on to stays its own."""
        oldest = time.monotonic() - FRESH_SECONDS
        for wish, (at, reading) in list(self._reads.items()):
            if at >= oldest:
                return  # they are in order
            if reading.done():
                del self._reads[wish]


def _look(reading: asyncio.Task[Page[Any]]) -> None:
    """Has a failure that nobody waits for any more pass for seen."""
    if not reading.cancelled():
        reading.exception()
