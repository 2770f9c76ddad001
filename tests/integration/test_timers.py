"""What is due is done once, by whichever replica, and never forgotten."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from services.chassis import counters
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.errors import Unavailable
from services.chassis.migrations import migrate
from services.chassis.outbox import OUTBOX
from services.chassis.timers import TIMER, Timers, Together, clear_timer, set_timer
from tests.parts.waiting import ended, eventually
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised

HOUR = timedelta(hours=1)
Again = datetime | None


@pytest.fixture
async def db(any_database_url: str) -> AsyncIterator[Database]:
    migrate(any_database_url, "ingest")
    async with database(any_database_url, "ingest") as opened:
        yield opened


async def set_due(db: Database, clock: Clock, key: str, after: timedelta = timedelta()) -> None:
    await db.write(lambda c: set_timer(c, "bell", key, clock.now(c) + after))


async def left(db: Database) -> int:
    return await db.read(lambda c: c.execute(select(func.count()).select_from(TIMER)).scalar_one())


async def test_nothing_is_done_before_its_time_and_once_after(db: Database) -> None:
    clock, rung = Clock(), list[str]()
    timers = Timers(db, clock, {"bell": lambda c, now, key: rung.append(key)})
    await set_due(db, clock, "a", HOUR)

    assert await timers.step() == 0
    clock.turn(HOUR * 30)  # however late: once
    assert await timers.step() == 1
    assert await timers.step() == 0
    assert rung == ["a"]


async def test_a_timer_that_is_set_again_while_it_rings_rings_again(db: Database) -> None:
    clock, rung = Clock(), list[str]()

    def ring(connection: Connection, now: datetime, key: str) -> None:
        rung.append(key)
        set_timer(connection, "bell", key, now + HOUR)

    timers = Timers(db, clock, {"bell": ring})
    await set_due(db, clock, "a")
    await timers.step()
    clock.turn(HOUR)
    await timers.step()

    assert rung == ["a", "a"]
    assert await left(db) == 1


async def test_a_cleared_timer_never_rings(db: Database) -> None:
    clock, rung = Clock(), list[str]()
    timers = Timers(db, clock, {"bell": lambda c, now, key: rung.append(key)})
    await set_due(db, clock, "a")
    await db.write(clear_timer, "bell", "a")

    assert await timers.step() == 0
    assert rung == []


async def test_one_that_fails_undoes_itself_stays_due_and_stops_nobody(db: Database) -> None:
    clock, rung = Clock(), list[str]()

    def ring(connection: Connection, now: datetime, key: str) -> None:
        counters.allocate(connection, f"rung-{key}")
        if key == "bad" and not rung.count("bad"):
            rung.append("bad")
            raise KeyError("a fault of ours")
        rung.append(key)

    timers = Timers(db, clock, {"bell": ring})
    await set_due(db, clock, "bad")
    await set_due(db, clock, "good")

    await timers.step()
    assert "good" in rung
    assert await left(db) == 1
    assert await db.write(counters.allocate, "rung-bad") == 1  # the first try left nothing
    clock.turn(HOUR)
    await timers.step()
    assert await left(db) == 0


async def test_what_is_done_together_is_done_in_one_go(db: Database) -> None:
    clock, rung = Clock(), list[list[str]]()

    def ring(connection: Connection, now: datetime, keys: Sequence[str]) -> dict[str, Again]:
        rung.append(sorted(keys))
        return {"a": now + HOUR, "b": None}  # "c" is in somebody else's hands

    timers = Timers(db, clock, {"bell": Together(ring)})
    for key in ("a", "b", "c"):
        await set_due(db, clock, key)

    assert await timers.step() == 2
    assert await left(db) == 2
    clock.turn(HOUR)
    await timers.step()
    assert rung == [["a", "b", "c"], ["a", "c"]]


async def test_one_that_fails_is_found_among_those_done_together(db: Database) -> None:
    clock, rung = Clock(), list[str]()

    def ring(connection: Connection, now: datetime, keys: Sequence[str]) -> dict[str, Again]:
        counters.allocate(connection, "rung", len(keys))
        if "7" in keys:
            raise KeyError("a fault of ours")
        rung.extend(keys)
        return dict.fromkeys(keys)

    for key in range(10):
        await set_due(db, clock, str(key))
    await Timers(db, clock, {"bell": Together(ring)}).step()

    assert sorted(rung) == list("012345689")
    assert await left(db) == 1
    assert await db.write(counters.allocate, "rung") == 10  # what failed left nothing


async def test_one_that_always_fails_is_tried_less_and_less_and_told_of_once(
    db: Database,
) -> None:
    clock, tries = Clock(), list[datetime]()

    def ring(connection: Connection, now: datetime, key: str) -> None:
        tries.append(now)
        raise KeyError("a fault of ours")

    timers = Timers(db, clock, {"bell": ring})
    await set_due(db, clock, "bad")
    for _ in range(60):
        await timers.step()
        clock.turn(timedelta(seconds=1))

    waits = [(later - before).total_seconds() for before, later in pairwise(tries)]
    assert len(tries) >= 6
    assert all(later > 1.5 * before for before, later in pairwise(waits))
    (told,) = await db.read(lambda c: c.execute(select(OUTBOX.c.payload)).scalars().all())
    assert SuiteAlertRaised.FromString(told).alert_key == "ingest:timer:bell"


async def test_a_disk_that_fills_up_forgets_no_timer(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/own.db"
    migrate(url, "ingest")
    async with database(url, "ingest") as db:
        clock = Clock()

        def ring(connection: Connection, now: datetime, key: str) -> None:
            if key == "b":
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
                connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            set_timer(connection, "rung", key * 100_000 if key == "b" else key, now)

        for key in ("a", "b", "c"):
            await set_due(db, clock, key)

        with pytest.raises(Unavailable):
            await Timers(db, clock, {"bell": ring}).step()

        assert await left(db) == 3  # as before: nothing rang, and everything is due


async def test_the_loop_wakes_for_a_new_timer_at_once(db: Database) -> None:
    clock, rung = Clock(), list[str]()
    timers = Timers(db, clock, {"bell": lambda c, now, key: rung.append(key)})
    loop = asyncio.create_task(timers.run())
    await set_due(db, clock, "a")
    await eventually(lambda: rung == ["a"])  # so that it runs

    await set_due(db, clock, "b")

    await eventually(lambda: rung == ["a", "b"], within=5)
    await ended(loop)


async def test_two_replicas_do_everything_once(postgres: Callable[[], str]) -> None:
    url = postgres()
    migrate(url, "ingest")
    async with database(url, "one") as one, database(url, "two") as two:
        clock, rung = Clock(), list[str]()
        replicas = [
            Timers(db, clock, {"bell": lambda c, now, key: rung.append(key)}) for db in (one, two)
        ]
        await asyncio.gather(*(set_due(one, clock, str(n)) for n in range(500)))

        while await left(one):
            await asyncio.gather(*(replica.step() for replica in replicas))

        assert sorted(rung, key=int) == [str(n) for n in range(500)]
