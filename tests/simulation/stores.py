"""The services' databases: real tables in memory, used through the two real verbs.

A transaction runs as a whole, as on SQLite. Between transactions anything may happen: before
one, the process may die or stand still; after one, before its caller knows, as well.
"""

import sqlite3
import tempfile
from collections.abc import Callable
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import Unavailable
from services.chassis.migrations import migrate
from tests.simulation.faults import Faults
from tests.simulation.loop import LIFE, SeededLoop

P = ParamSpec("P")
T = TypeVar("T")

EPOCH = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


class VirtualClock(Clock):
    """A database's clock, and beside it the wrong one of the process that asks."""

    def __init__(self, loop: SeededLoop, ahead: float) -> None:
        super().__init__()
        self._loop = loop
        self.ahead = ahead  # seconds by which the database's clock is

    def told(self) -> datetime:
        """Returns what the database's clock shows."""
        return EPOCH + timedelta(seconds=self._loop.time() + self.ahead)

    def now(self, connection: Connection) -> datetime:
        return self.told()

    def wall(self) -> datetime:
        life = LIFE.get()
        return self.told() + timedelta(seconds=life.skew if life else 0.0)


class Store(Database):
    """A service's database, shared by its replicas."""

    def __init__(
        self,
        service: str,
        clock: VirtualClock,
        faults: Faults,
        committed: Callable[["Store"], None],
    ) -> None:
        self.service = service
        self.clock = clock
        self.raw, self.connection = _opened(service)
        self.is_sqlite = True
        self._faults = faults
        self._committed = committed
        _empty(self.raw)

    async def write(
        self,
        fn: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        await self._faults.point("before commit", self.service)
        if self._faults.strikes("away"):
            self._faults.note("away", store=self.service)
            raise Unavailable("the database is away")
        result = self.commit(lambda connection: fn(connection, *args, **kwargs))
        if self._faults.strikes("reply_lost"):  # the connection died: it is done again
            self._faults.note("reply lost", store=self.service)
            result = self.commit(lambda connection: fn(connection, *args, **kwargs))
        await self._faults.point("after commit", self.service)
        return result

    async def read(
        self,
        fn: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        await self._faults.point("before read", self.service)
        with self.connection.begin():
            return fn(self.connection, *args, **kwargs)

    def commit(self, fn: Callable[[Connection], T]) -> T:
        """Runs a transaction now."""
        self.connection.info.update(topics=set(), heard=[], newest_said=self.newest_said)
        with self.connection.begin():
            result = copy_context().run(fn, self.connection)
        self._committed(self)
        return result

    def newest_said(self) -> int:
        """Returns the id of the last message in the outbox, committed or not."""
        (newest,) = self.raw.execute("SELECT max(id) FROM outbox").fetchone()
        return newest or 0

    def next_due(self) -> datetime | None:
        """Returns when the next is due, or was that waits for room; without a transaction."""
        (due,) = self.raw.execute("SELECT min(due_at) FROM timer").fetchone()
        if self.service == "notification":
            (since,) = self.raw.execute("SELECT min(since) FROM queue").fetchone()
            due = min(filter(None, (due, since)), default=None)
        return None if due is None else datetime.fromisoformat(due).replace(tzinfo=UTC)


@cache
def _opened(service: str) -> tuple[sqlite3.Connection, Connection]:
    """Returns an in-memory database of this version, which worlds use one after another."""
    raw = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.db"
        migrate(f"sqlite:///{path}", service)
        made = sqlite3.connect(path)
        made.backup(raw)
        made.close()
    engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
    event.listen(engine, "begin", _begin)
    return raw, engine.execution_options(tocsin_service=service).connect()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _empty(raw: sqlite3.Connection) -> None:
    tables = raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (name,) in tables:
        if name != "alembic_version":
            raw.execute(f'DELETE FROM "{name}"')


def rows(store: Store, table: str) -> list[dict[str, Any]]:
    """Returns all rows of a table, as SQLite has them."""
    found = store.raw.execute(f'SELECT * FROM "{table}"')
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]
