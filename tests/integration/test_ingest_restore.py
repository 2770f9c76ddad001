"""An older copy of Ingest's database comes back: no number of an event is given twice."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, delete, insert, select, text

from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.ingest.numbers import raise_seq
from services.ingest.store.tables import EVENT


@pytest.fixture
async def db(any_database_url: str) -> AsyncIterator[Database]:
    migrate(any_database_url, "ingest")
    async with database(any_database_url, "ingest") as opened:
        yield opened


def add(connection: Connection, event_id: str, clock: Clock) -> int:
    row = {name: "" for name in ("content_type", "type", "match_key", "repairs", "note", "trace")}
    added = insert(EVENT).returning(EVENT.c.seq)
    values = {
        **row,
        "event_id": event_id,
        "source_id": 1,
        "source_version": 1,
        "raw": b"",
        "received_at": clock.now(connection),
    }
    return int(connection.execute(added, [values]).scalar_one())


def restore(connection: Connection) -> None:
    """Brings the table and its numbers back to the beginning, as an old copy would."""
    connection.execute(delete(EVENT))
    if connection.dialect.name == "sqlite":
        connection.execute(text("UPDATE sqlite_sequence SET seq = 0 WHERE name = 'event'"))
    else:
        connection.execute(select(text("setval(pg_get_serial_sequence('event', 'seq'), 1)")))


async def start(db: Database, clock: Clock) -> None:
    await db.write(lambda c: raise_seq(c, clock.now(c)))


async def test_numbers_go_on_above_those_of_the_events_that_were_lost(db: Database) -> None:
    clock = Clock()
    await start(db, clock)
    given = [await db.write(add, f"lost {n}", clock) for n in range(20)]
    assert given == list(range(given[0], given[0] + 20))

    await db.write(restore)
    clock.turn(timedelta(seconds=1))
    await start(db, clock)

    assert await db.write(add, "new", clock) > given[-1]


async def test_a_second_start_gives_no_number_back(db: Database) -> None:
    clock = Clock()
    await start(db, clock)
    first = await db.write(add, "a", clock)
    await start(db, clock)
    assert await db.write(add, "b", clock) > first
