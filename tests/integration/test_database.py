"""The two verbs, on both databases."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.chassis import counters
from services.chassis.clock import Clock
from services.chassis.counters import COUNTER
from services.chassis.database import SLOW_READERS, Database, database, notify
from services.chassis.errors import NotFound, Unavailable
from services.chassis.migrations import migrate
from tests.parts.waiting import eventually


@pytest.fixture
async def db(any_database_url: str) -> AsyncIterator[Database]:
    migrate(any_database_url, "ingest")
    async with database(any_database_url, "ingest") as opened:
        yield opened


def put(connection: Connection, name: str, value: int) -> None:
    connection.execute(insert(COUNTER).values(name=name, value=value))


def value_of(connection: Connection, name: str) -> int | None:
    return connection.execute(
        select(COUNTER.c.value).where(COUNTER.c.name == name)
    ).scalar_one_or_none()


def read_then_write(connection: Connection) -> None:
    """Adds one as a careless program would: by reading first."""
    locked = select(COUNTER.c.value).where(COUNTER.c.name == "n").with_for_update()
    value = connection.execute(locked).scalar_one()
    connection.execute(update(COUNTER).where(COUNTER.c.name == "n").values(value=value + 1))


async def test_no_update_is_lost_among_many(db: Database) -> None:
    await db.write(put, "n", 0)

    await asyncio.gather(*(db.write(read_then_write) for _ in range(100)))

    assert await db.read(value_of, "n") == 100


@pytest.mark.parametrize("bulk", [False, True])
async def test_a_call_that_fails_leaves_its_neighbours_be(db: Database, bulk: bool) -> None:
    write = db.write_bulk if bulk else db.write

    def fail(connection: Connection) -> None:
        put(connection, "undone", 1)
        raise NotFound("there is none")

    results = await asyncio.gather(
        *(write(put, f"good-{n}", n) for n in range(20)),
        write(fail),
        write(put, "good-0", 1),
        return_exceptions=True,
    )

    assert sum(isinstance(result, NotFound) for result in results) == 1
    assert sum(isinstance(result, IntegrityError) for result in results) == 1
    assert await db.read(value_of, "undone") is None
    assert [await db.read(value_of, f"good-{n}") for n in range(1, 20)] == list(range(1, 20))


async def test_a_caller_that_goes_away_does_not_undo_the_write(db: Database) -> None:
    begun, alone = threading.Event(), threading.Event()

    def put_alone(connection: Connection) -> None:
        begun.set()
        alone.wait(5)
        put(connection, "kept", 7)

    call = asyncio.create_task(db.write(put_alone))
    await eventually(begun.is_set)
    call.cancel()
    await asyncio.wait({call})
    alone.set()

    async def is_there() -> None:
        assert await db.read(value_of, "kept") == 7

    await eventually(is_there)


async def test_numbers_have_no_gaps_whoever_asks(db: Database) -> None:
    firsts = await asyncio.gather(*(db.write(counters.allocate, "alert", 3) for _ in range(40)))
    assert sorted(firsts) == list(range(1, 121, 3))


async def test_a_commit_wakes_who_waits_for_its_topic_only(db: Database) -> None:
    woken, asleep = asyncio.Event(), asyncio.Event()
    db.wake("due", woken.set)
    db.wake("other", asleep.set)

    await db.write(lambda connection: notify(connection, "due"))

    await eventually(woken.is_set)
    assert not asleep.is_set()


async def test_questions_that_take_long_keep_no_others_waiting(db: Database) -> None:
    asked, answers = list[Connection](), threading.Event()

    def ask(connection: Connection) -> bool:
        asked.append(connection)
        return answers.wait()

    slow = [asyncio.create_task(db.read_slowly(ask)) for _ in range(9)]
    try:
        await eventually(lambda: len(asked) >= SLOW_READERS)
        async with asyncio.timeout(20):
            found = [await db.read(lambda c: c.execute(text("SELECT 1")).scalar_one())]
    finally:
        answers.set()

    assert found == [1]
    assert await asyncio.gather(*slow) == [True] * 9


async def test_the_clock_is_the_databases_and_can_be_turned(db: Database) -> None:
    clock = Clock()
    before = await db.read(clock.now)
    clock.turn(timedelta(hours=1))

    assert (await db.read(clock.now)) - before >= timedelta(hours=1)


async def test_a_broken_statement_spoils_nothing_for_the_next(db: Database) -> None:
    def broken(connection: Connection) -> None:
        connection.execute(text("SELECT * FROM no_such_table"))

    with pytest.raises((Unavailable, DBAPIError)):
        await db.write(broken)
    await db.write(put, "after", 1)
    assert await db.read(value_of, "after") == 1


async def test_a_refused_change_is_tried_once(db: Database) -> None:
    tries: list[int] = []

    def refuse(connection: Connection) -> None:
        tries.append(1)
        raise NotFound("there is none")

    with pytest.raises(NotFound):
        await db.write(refuse)

    assert len(tries) == 1


async def test_a_disk_that_fills_up_in_a_group_loses_nothing_that_was_answered(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/own.db"
    migrate(url, "ingest")
    async with database(url, "ingest") as db:
        await fill_disk_soon(db)
        queued = threading.Event()

        async def all_are_queued() -> None:
            queued.set()

        _, *before, much, a, b, c, _ = await asyncio.gather(
            db.write(lambda connection: queued.wait(5)),  # so that the others make a group
            *(db.write(put, f"before-{n}", n) for n in range(3)),
            db.write(put_much),
            *(db.write(put, f"after-{n}", n) for n in range(3)),
            all_are_queued(),  # gather begins with one after the other, and each queues at once
            return_exceptions=True,
        )

        assert isinstance(much, Unavailable)
        for name, result in zip(
            ("before-0", "before-1", "before-2", "after-0", "after-1", "after-2"),
            (*before, a, b, c),
            strict=True,
        ):
            answered = result is None
            assert (await db.read(value_of, name) is not None) == answered, name
        assert before == [None] * 3


async def fill_disk_soon(db: Database) -> None:
    """Leaves the file room for little; what is too large then rolls back by itself."""

    def limit(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 5}")

    await db.write(limit)


def put_much(connection: Connection) -> None:
    put(connection, "x" * 200_000, 1)


async def test_a_second_process_is_kept_off_a_sqlite_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/own.db"
    migrate(url, "ingest")
    async with database(url, "ingest"):
        with pytest.raises(SystemExit, match="in use"):
            async with database(url, "ingest"):
                pass
