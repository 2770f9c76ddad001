"""Many rows in one statement are the same rows as one by one, on both kinds of database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, select

from services.chassis.bulk import insert_all, one_of, update_all
from services.chassis.database import Database, database
from services.chassis.dead_letters import DEAD_LETTER
from services.chassis.migrations import migrate
from services.chassis.timers import TIMER
from services.escalation.store.tables import PolicyRow

POLICY = PolicyRow.__table__
NOON = datetime(2026, 3, 29, 12, 0, 0, 123456, tzinfo=UTC)
LETTER = {"msg_id": "a", "stream": "S", "type": "T", "error": '{it\'s}, "so" \\N', "attempts": 1}
LETTERS = [
    {**LETTER, "payload": b"\x00'\\", "stream_seq": None, "created_at": NOON},
    {**LETTER, "payload": b"", "stream_seq": 1 << 40, "created_at": NOON},
    {**LETTER, "payload": b"\xff", "stream_seq": 7, "created_at": NOON + timedelta(days=9)},
]


@pytest.fixture
async def db(any_database_url: str) -> AsyncIterator[Database]:
    migrate(any_database_url, "escalation")
    async with database(any_database_url, "escalation") as opened:
        yield opened


async def kept(db: Database, table: Table, *names: str) -> list[dict[str, Any]]:
    order = table.primary_key.columns.values()[-1]
    query = select(*(table.c[name] for name in names)).order_by(order)
    return await db.read(lambda c: [dict(row._mapping) for row in c.execute(query)])


async def test_rows_are_kept_as_they_were_told(db: Database) -> None:
    await db.write(insert_all, DEAD_LETTER, LETTERS)

    assert await kept(db, DEAD_LETTER, *LETTERS[0]) == LETTERS


async def test_json_is_kept_as_it_was_told(db: Database) -> None:
    told = [
        {
            "id": number,
            "name": f"policy {number}",
            "levels": [{"users": [number], "text": '{"it\'s"}'}],
            "repeating": False,
            "frequency": 1,
            "delay_min": 0,
            "routing_key": None,
        }
        for number in (1, 2)
    ]
    await db.write(insert_all, POLICY, told)
    told[1]["levels"] = []
    await db.write(update_all, POLICY, [{"id": 2, "levels": []}])

    assert await kept(db, POLICY, *told[0]) == told


async def test_each_row_changes_to_its_own_values(db: Database) -> None:
    timers = [{"kind": "bell", "key": str(n), "due_at": NOON, "tries": 0} for n in range(5)]
    await db.write(insert_all, TIMER, timers)
    later = [{**timers[n], "due_at": NOON + timedelta(days=n), "tries": n} for n in (3, 1)]
    await db.write(update_all, TIMER, later)

    timers[3], timers[1] = later
    assert await kept(db, TIMER, "kind", "key", "due_at", "tries") == timers


async def test_one_of_many_values(db: Database) -> None:
    timers = [{"kind": "bell", "key": str(n), "due_at": NOON} for n in range(2000)]
    await db.write(insert_all, TIMER, timers)

    def forget(connection: Connection) -> None:
        keys = [str(n) for n in range(1, 2000)]
        connection.execute(delete(TIMER).where(one_of(connection, TIMER.c.key, keys)))

    await db.write(forget)
    assert [each["key"] for each in await kept(db, TIMER, "key")] == ["0"]


async def test_no_rows_are_no_statement(db: Database) -> None:
    await db.write(insert_all, TIMER, [])
    await db.write(update_all, TIMER, [])
    assert await kept(db, TIMER, "key") == []
