"""Makes it known when a source sends more than its limit lets in: on the source, and as one
alert about it for as long as it goes on, minute after minute.

Refusals cost nothing here: the first of a minute is noted, and written in the background.
"""

import asyncio
import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.chassis import suite
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import NotFound, Unavailable
from services.chassis.timers import set_timer
from services.ingest.domain.sources import SUITE_SOURCE_ID
from services.ingest.store import sources as store

log = logging.getLogger(__name__)

#: The timer that ends a flood, and how long a source must have kept to its limit for that.
TIMER = "flood"
OVER_AFTER = timedelta(minutes=2)
RETRY_SECONDS = 5.0

SUMMARY = 'Alert source "{name}" sends more than {most} events a minute'
DETAILS = """Events of alert source {id} ("{name}") beyond its limit are refused with HTTP 429.
The last fifth of the limit is kept for ALERT events that may page at HIGH priority; beyond it,
these are refused, too.

Find out what floods the source. If it is meant to send that much, raise `eventsPerMinute` of
the source."""


class Floods:
    """The sources that reached their limits, until that is written."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: dict[int, int] = {}
        self._told: dict[int, int] = {}  # the last window of each source
        self._noted = asyncio.Event()

    def note(self, source_id: int, most: int, window: int) -> None:
        """Takes note of a source that reached its limit in a window."""
        if self._told.get(source_id) != window:
            self._told[source_id] = window
            self._waiting[source_id] = most
            self._noted.set()

    async def run(self) -> None:
        """Writes what is noted for as long as the service runs."""
        while True:
            await self._noted.wait()
            self._noted.clear()
            try:
                await self._write()
            except Unavailable:
                log.warning(
                    "the database is away: which sources reached their limits is told later"
                )
                await asyncio.sleep(RETRY_SECONDS)
                self._noted.set()

    async def _write(self) -> None:
        while self._waiting:
            source_id, most = next(iter(self._waiting.items()))
            await self._database.write(self._reached, source_id, most)
            self._waiting.pop(source_id, None)

    def _reached(self, connection: Connection, source_id: int, most: int) -> None:
        reached(connection, self._clock.now(connection), source_id, most)


def reached(connection: Connection, now: datetime, source_id: int, most: int) -> None:
    """Writes that a source reached its limit, and tells people once for each flood."""
    try:
        source = store.get(connection, source_id, lock=True)
    except NotFound:
        return  # it was deleted meanwhile
    since = store.flooded_since(connection, source_id)
    store.note_limit(connection, source_id, now, since or now)
    set_timer(connection, TIMER, str(source_id), now + OVER_AFTER)
    if since is None and source_id != SUITE_SOURCE_ID:
        suite.raise_alert(
            connection,
            now,
            what=_what(source_id, now),
            summary=SUMMARY.format(name=source.name, most=most),
            details=DETAILS.format(id=source_id, name=source.name),
        )


def end(connection: Connection, now: datetime, key: str) -> None:
    """Ends a source's flood: it has kept to its limit for a while."""
    source_id = int(key)
    since = store.flooded_since(connection, source_id)
    if since is not None:
        store.note_end_of_flood(connection, source_id)
        suite.resolve_alert(connection, now, what=_what(source_id, since))


def _what(source_id: int, since: datetime) -> str:
    return f"limit:{source_id}:{since:%Y-%m-%dT%H:%M:%S}"
