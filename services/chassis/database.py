"""A service's own database, and the two verbs by which it is used.

`write(fn, *args)` runs `fn(connection, *args)` in a transaction and returns when it is on
disk; `read(fn, *args)` runs it against one moment and changes nothing. `fn` is plain
synchronous SQLAlchemy Core and runs on a thread, in the caller's context.

SQLite has one writer thread, which runs everything that is queued, each in a savepoint of
its own, and commits once: a commit costs a flush to disk, so a group costs one. It begins
with BEGIN IMMEDIATE, because Python's driver would begin at the first write only, and two
callers could read the same row before either changes it. PostgreSQL has several writer
threads and a transaction per call; only calls said to be `bulk` share one.
"""

import asyncio
import contextvars
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from services.chassis.engine import lock_file, open_engine
from services.chassis.errors import Unavailable
from services.chassis.savepoints import collided, disconnected, undone

P = ParamSpec("P")
T = TypeVar("T")

GROUP_SIZE = 512
POSTGRES_WRITERS = 4
READERS = 4
#: For questions that take seconds: what pages people does not wait for these.
SLOW_READERS = 2
RETRIES = 5


class _Job(Generic[T]):
    """One call of `write`, on its way through the writer's queue."""

    def __init__(self, run: Callable[[Connection], T], *, bulk: bool) -> None:
        self.run = run
        self.bulk = bulk
        self.context = contextvars.copy_context()
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self.loop.create_future()
        self.result: T | None = None
        self.error: BaseException | None = None

    def attempt(self, connection: Connection, *, alone: bool) -> None:
        """Runs the call; one that fails undoes itself and leaves its neighbours be."""

        def run() -> None:
            self.result = self.context.copy().run(self.run, connection)

        if alone:
            run()
        else:
            self.error = undone(connection, run, by=BaseException)  # the caller's, and only theirs

    def settle(self) -> None:
        """Tells the caller, who may have gone away meanwhile, even with their loop."""
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)  # type: ignore[arg-type] # T may be None
        else:
            self.future.set_exception(_translated(self.error))


class Database:
    """Where a service keeps what it owns."""

    def __init__(self, url: str, service: str) -> None:
        self.engine = open_engine(
            url, service, connections=READERS + SLOW_READERS + POSTGRES_WRITERS
        )
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        # One moment for all that a question asks, which on SQLite every transaction is.
        level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._snapshots = self.engine.execution_options(**level)
        self._wakers: dict[str, list[tuple[asyncio.AbstractEventLoop, Callable[[], None]]]] = {}
        self._queue: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._slow_readers = ThreadPoolExecutor(SLOW_READERS, thread_name_prefix="slow-reader")
        count = 1 if self.is_sqlite else POSTGRES_WRITERS
        self._writers = [
            threading.Thread(target=self._write_until_closed, name=f"writer-{n}", daemon=True)
            for n in range(count)
        ]
        for writer in self._writers:
            writer.start()

    async def write(
        self,
        fn: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Runs a change and returns its result once it is on disk.

        A caller that is cancelled meanwhile does not undo it. Raises what `fn` raises,
        and Unavailable when the database is away or full.
        """
        return await self._submit(lambda connection: fn(connection, *args, **kwargs), bulk=False)

    async def write_bulk(
        self,
        fn: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Runs a change like `write`, in one transaction with others that wait."""
        return await self._submit(lambda connection: fn(connection, *args, **kwargs), bulk=True)

    async def read(
        self,
        fn: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Runs a question against one moment."""
        return await self._ask(self._readers, lambda connection: fn(connection, *args, **kwargs))

    async def read_slowly(
        self,
        fn: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Runs a question that may take seconds; it waits for others such, and no other for it."""
        return await self._ask(
            self._slow_readers, lambda connection: fn(connection, *args, **kwargs)
        )

    def wake(self, topic: str, call: Callable[[], None]) -> None:
        """Calls back, on the event loop, after each commit that said `notify(topic)`."""
        self._wakers.setdefault(topic, []).append((asyncio.get_running_loop(), call))

    async def close(self) -> None:
        """Finishes what is queued, then closes."""
        for _ in self._writers:
            self._queue.put(None)
        for writer in self._writers:
            await asyncio.to_thread(writer.join)
        self._readers.shutdown()
        self._slow_readers.shutdown()
        self.engine.dispose()

    async def _ask(self, readers: Executor, fn: Callable[[Connection], T]) -> T:
        context = contextvars.copy_context()

        def ask() -> T:
            try:
                with self._snapshots.connect() as connection:
                    return context.run(fn, connection)
            except (OperationalError, InterfaceError) as error:
                raise _translated(error) from error

        return await asyncio.get_running_loop().run_in_executor(readers, ask)

    async def _submit(self, run: Callable[[Connection], T], *, bulk: bool) -> T:
        job = _Job(run, bulk=bulk)
        self._queue.put(job)
        return await job.future

    def _write_until_closed(self) -> None:
        held: _Job[Any] | None = None
        while True:
            first = held or self._queue.get()
            if first is None:
                return
            jobs, held, closing = self._group(first)
            self._commit(jobs)
            if closing:
                return

    def _group(self, first: _Job[Any]) -> tuple[list[_Job[Any]], _Job[Any] | None, bool]:
        """Returns what to commit together, what was taken too many, and whether to end."""
        jobs = [first]
        while len(jobs) < GROUP_SIZE and (self.is_sqlite or first.bulk):
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return jobs, None, True
            if not self.is_sqlite and not job.bulk:
                return jobs, job, False
            jobs.append(job)
        return jobs, None, False

    def _commit(self, jobs: Sequence[_Job[Any]]) -> None:
        """Commits a group; if the group as a whole fails, each call for itself."""
        if len(jobs) == 1:
            self._commit_one(jobs[0])
        elif self._try_commit(jobs) is not None:
            for job in jobs:
                self._commit_one(job)

    def _commit_one(self, job: _Job[Any]) -> None:
        for _ in range(RETRIES):
            failure = self._try_commit([job])
            if failure is None:
                return
            if not (collided(failure) or disconnected(failure)):
                break
        job.error = failure
        job.settle()

    def _try_commit(self, jobs: Sequence[_Job[Any]]) -> BaseException | None:
        topics: set[str] = set()
        for job in jobs:
            job.error = None
        try:
            with self.engine.connect().execution_options(tocsin_writer=True) as connection:
                connection.info["topics"] = topics
                with connection.begin():
                    for job in jobs:
                        job.attempt(connection, alone=len(jobs) == 1)
        except BaseException as error:  # carried to the callers, who wait for it
            return error
        for topic in topics:
            for loop, call in self._wakers.get(topic, ()):
                with suppress(RuntimeError):  # the loop is closed: nobody waits
                    loop.call_soon_threadsafe(call)
        for job in jobs:  # last: whoever is answered finds what was remembered forgotten
            job.settle()
        return None


def notify(connection: Connection, topic: str) -> None:
    """Says that whoever waits for a topic has something to do, once this is committed."""
    connection.info["topics"].add(topic)


def service_of(connection: Connection) -> str:
    """Returns the service whose database this is."""
    service: str = connection.get_execution_options()["tocsin_service"]
    return service


@asynccontextmanager
async def database(url: str, service: str) -> AsyncGenerator[Database]:
    """Opens a migrated database for as long as the block runs.

    Raises SystemExit if another process has the same SQLite file open.
    """
    lock = lock_file(url)
    opened = Database(url, service)
    try:
        yield opened
    finally:
        await opened.close()
        if lock is not None:
            lock.close()


def _translated(error: BaseException) -> BaseException:
    """Returns what a caller may read of a failure of the database itself."""
    if isinstance(error, OperationalError | InterfaceError):
        unavailable = Unavailable("the database is away")
        unavailable.__cause__ = error
        return unavailable
    return error
