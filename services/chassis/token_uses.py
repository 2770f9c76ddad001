"""Tells the tokens' owner which were used, coarsely: one event a minute, none when none was.

What is not told yet is in memory: a use within the last minute before a crash is not known.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import outbox
from services.chassis.authentication import Authenticator
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import Unavailable
from tocsin.chassis.internal.v1.token_use_pb2 import TokensUsed

log = logging.getLogger(__name__)

TELL_SECONDS = 60.0
MOST_IN_ONE = 5_000


#: What is done with the tokens that were used: when, by their ids.
Note = Callable[[Connection, datetime, Mapping[str, datetime]], None]


class Teller:
    """Tells which tokens were used at a service."""

    def __init__(
        self, authenticator: Authenticator, database: Database, clock: Clock, note: Note
    ) -> None:
        self._authenticator = authenticator
        self._database = database
        self._clock = clock
        self._note = note

    async def run(self) -> None:
        """Tells now and then, for as long as the service runs."""
        while True:
            await asyncio.sleep(TELL_SECONDS)
            await self.tell()

    async def tell(self) -> None:
        """Tells of the tokens that were used since the last time."""
        used = self._authenticator.take_used()
        if not used:
            return
        try:
            await self._database.write(self._write, used)
        except Unavailable:
            log.warning("the database is away: which tokens were used is told later")
            self._authenticator.give_back(used)

    def _write(self, connection: Connection, used: Mapping[str, datetime]) -> None:
        self._note(connection, self._clock.now(connection), used)


def put(connection: Connection, now: datetime, used: Mapping[str, datetime]) -> None:
    """Tells the owner by an event."""
    all_ = sorted(used.items())
    for first in range(0, len(all_), MOST_IN_ONE):
        event = TokensUsed()
        for token_id, at in all_[first : first + MOST_IN_ONE]:
            event.uses.add(token_id=token_id, time=at)
        # Replicas tell of the same minute, so the first token's own moment is in the key.
        outbox.put(connection, now, event, key=f"uses:{all_[first][0]}:{now.timestamp():.6f}")
