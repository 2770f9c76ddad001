"""One at a time: a lock that a lost connection gives up.

On PostgreSQL an advisory lock of a session that does nothing else; on SQLite the only process
always has it. Two holders for a moment cost duplicates, never order or loss, because what
they do is recognised when it is done twice.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from services.chassis.database import Database

log = logging.getLogger(__name__)


class Lock:
    """A lock that this process may hold."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name
        self._session: Connection | None = None

    async def held(self) -> bool:
        """Tells whether this process holds the lock now, trying to take it if not."""
        return self._database.is_sqlite or await asyncio.to_thread(self._try)

    def release(self) -> None:
        """Lets another process have it."""
        if self._session is not None:
            self._session.invalidate()
            self._session.close()
            self._session = None

    def _try(self) -> bool:
        try:
            if self._session is not None:
                self._session.execute(text("SELECT 1"))
                return True
            session = self._database.engine.connect().execution_options(
                isolation_level="AUTOCOMMIT"
            )
            taken = session.execute(
                text("SELECT pg_try_advisory_lock(hashtext(:name))"), {"name": self._name}
            ).scalar_one()
        except DBAPIError:
            log.warning("lost the lock %s with its connection", self._name)
            self.release()
            return False
        if taken:
            self._session = session
        else:
            session.close()
        return bool(taken)


@asynccontextmanager
async def only_one(database: Database, name: str) -> AsyncGenerator[Lock]:
    """Offers a lock for as long as the block runs."""
    lock = Lock(database, name)
    try:
        yield lock
    finally:
        lock.release()
