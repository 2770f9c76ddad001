"""The engine of escalations: what its steps cost among 10 thousand and 1 million pending ones.

Promised, on SQLite and on PostgreSQL: claiming what is due costs at most twice as much among a
hundred times as many timers; and 2,000 steps a second are taken on SQLite and 5,000 on
PostgreSQL among a million, with the state, the timer and the messages of each committed. Both
in the best of some rounds. Fails if one does not hold. Also measured: the processor's time that a
step costs this process, and what two processes do together on one PostgreSQL.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.chassis.timers import BATCH_SIZE, Timers, due_keys
from services.escalation import running, timer
from tests.bench import runs
from tests.bench.alerts import settle
from tests.bench.measuring import Figure, figure, milliseconds, show, write
from tests.parts.postgres import postgres_server

NAME = "escalation"
SMALL, LARGE = 10_000, 1_000_000
#: How many of those are due at once.
DUE = 5_000
CLAIMS, ROUNDS = 30, 6
ENGINES = 2
MOST_RATIO = 2.0
LEAST_STEPS = {"sqlite": 2_000, "postgresql": 5_000}
#: Longer than any level of the policies is waited for.
TURN = runs.WAIT + timedelta(seconds=1)

Figures = dict[str, Figure]


async def main() -> int:
    """Measures on both kinds of database; returns how many promises are broken."""
    figures: Figures = {}
    broken = 0
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder, postgres_server() as server:
        urls: dict[str, Callable[[int], str]] = {
            "sqlite": lambda count: f"sqlite:///{folder}/{count}.db",
            "postgresql": lambda _: server.new_database(),
        }
        for kind, url in urls.items():
            print(f"{kind}: making {SMALL:,} and {LARGE:,} runs", flush=True)
            measured = await _measured(url(SMALL), url(LARGE))
            broken += _broken(kind, measured)
            figures |= {f"{kind}, {name}": each for name, each in measured.items()}
            _show(kind, measured)
    print(f"written to {write('engine', figures).name}; promises broken: {broken}")
    return broken


def _broken(kind: str, measured: Mapping[str, Figure]) -> int:
    rate = measured[f"steps, {LARGE}"].max
    return (measured["ratio of a claim"].median > MOST_RATIO) + (rate < LEAST_STEPS[kind])


async def _measured(few_url: str, many_url: str) -> Figures:
    async with _filled(few_url, SMALL) as few, _filled(many_url, LARGE) as many:
        sizes = {SMALL: few, LARGE: many}
        claims = await milliseconds(
            {size: partial(db.write, _claim) for size, db in sizes.items()}, rounds=CLAIMS
        )
        ratio = claims[LARGE].min / claims[SMALL].min  # what others do is not its cost
        figures = {f"claim, {size}": each for size, each in claims.items()}
        figures["ratio of a claim"] = figure([ratio], "times")
        engines = {size: _Engine(db) for size, db in sizes.items()}
        taken = [{size: await engines[size].round() for size in sizes} for _ in range(ROUNDS)]
        for size in sizes:
            rounds = [each[size] for each in taken[1:]]  # the first warms what can be warm
            figures[f"steps, {size}"] = figure([rate for rate, _ in rounds], "a second")
            used = [cpu for _, cpu in rounds]
            figures[f"processor's time of a step, {size}"] = figure(used, "us")
        if not many.is_sqlite:
            rates = await _together(many_url, ROUNDS * TURN)
            figures[f"steps of {ENGINES} processes, {LARGE}"] = figure(rates[1:], "a second")
        return figures


@asynccontextmanager
async def _filled(url: str, count: int) -> AsyncGenerator[Database]:
    migrate(url, NAME)
    async with database(url, NAME) as db:
        await db.write(runs.load, count, DUE, await db.read(Clock().now))
        settle(db)
        yield db


def _claim(connection: Connection) -> None:
    """Claims a batch of what is due, and leaves it due."""
    keys = due_keys(connection, running.TIMER, Clock().now(connection), BATCH_SIZE)
    assert len(keys) == BATCH_SIZE


class _Engine:
    """Takes the steps that are due, as the service does."""

    def __init__(self, db: Database, turned: timedelta = timedelta()) -> None:
        self._clock = Clock()
        self._clock.turn(turned)
        self._timers = Timers(db, self._clock, timer.DUE)

    async def round(self) -> tuple[float, float]:
        """Returns how many steps a second were taken, and the microseconds of this process."""
        started, used = time.perf_counter(), time.process_time()
        taken = await self.take_all()
        used, passed = time.process_time() - used, time.perf_counter() - started
        assert taken == DUE, taken
        return taken / passed, used / taken * 1e6

    async def take_all(self) -> int:
        """Takes all that is due, turns the clock, and returns how many steps that were."""
        taken = 0
        while step := await self._timers.step():
            taken += step
        self._clock.turn(TURN)
        return taken


async def _together(url: str, turned: timedelta) -> list[float]:
    """Returns how many steps a second processes of their own take together, round by round."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "tests.bench.engine", url, str(turned.total_seconds()))
    engines = [
        await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        for _ in range(ENGINES)
    ]
    rates = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        taken = await asyncio.gather(*map(_round_of, engines))
        rates.append(DUE / (time.perf_counter() - started))
        assert sum(taken) == DUE, taken
    for each in engines:
        await each.communicate(b"")  # the end of its input is its own
    return rates


async def _round_of(engine: asyncio.subprocess.Process) -> int:
    assert engine.stdin is not None
    assert engine.stdout is not None
    engine.stdin.write(b"\n")
    return int(await engine.stdout.readline())


async def _engine(url: str, turned: timedelta) -> None:
    """Is one of several processes: takes all that is due, and says how much, for each line."""
    async with database(url, NAME) as db:
        engine = _Engine(db, turned)
        while await asyncio.to_thread(sys.stdin.readline):
            print(await engine.take_all(), flush=True)


def _show(kind: str, measured: Mapping[str, Figure]) -> None:
    columns = (kind, "median", "min", "max", "unit")
    rows = [
        (name, f"{each.median:,.2f}", f"{each.min:,.2f}", f"{each.max:,.2f}", each.unit)
        for name, each in measured.items()
    ]
    show(f"{kind}: {DUE:,} steps a round", columns, rows)


if __name__ == "__main__":
    if sys.argv[1:]:
        asyncio.run(_engine(sys.argv[1], timedelta(seconds=float(sys.argv[2]))))
    else:
        sys.exit(1 if asyncio.run(main()) else 0)
