"""Limits that replicas share, on a real database; minutes pass by turning the clock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, select

from services.chassis.clock import Clock
from services.chassis.database import database
from services.chassis.limits import LIMIT, Limits
from services.chassis.migrations import migrate
from tests.parts.waiting import ended, eventually

MOST = 1200
SECONDS_FOR_A_TEST = 30


class Replicas:
    """Two replicas of a service on one database, with one clock."""

    def __init__(self, url: str, limits: list[Limits], clock: Clock) -> None:
        self.url = url
        self.limits = limits
        self.clock = clock

    async def flood(self, replica: int, times: int, key: str = "k") -> int:
        """Sends much at once and returns how much was let in."""
        taken = (self.limits[replica].take(key, MOST) for _ in range(times))
        return sum(await asyncio.gather(*taken))

    def forward(self, minutes: int = 1) -> None:
        self.clock.turn(timedelta(minutes=minutes))

    def claimed(self) -> dict[str, int]:
        engine = create_engine(self.url)
        with engine.connect() as connection:
            rows = {row.key: row.claimed for row in connection.execute(select(LIMIT))}
        engine.dispose()
        return rows


@pytest.fixture
async def replicas(database_url: str) -> AsyncIterator[Replicas]:
    migrate(database_url, "ingest")
    clock = Clock()
    async with AsyncExitStack() as stack:
        count = 1 if database_url.startswith("sqlite") else 2
        opened = [
            await stack.enter_async_context(database(database_url, "x")) for _ in range(count)
        ]
        limits = [Limits(db, clock) for db in opened]
        running = [asyncio.create_task(each.run()) for each in limits]
        house = Replicas(database_url, limits, clock)
        if limits[0].seconds_left() < SECONDS_FOR_A_TEST:
            house.clock.turn(timedelta(seconds=limits[0].seconds_left()))
        yield house
        await ended(*running)


postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


async def test_one_alone_needs_no_table(replicas: Replicas) -> None:
    assert await replicas.flood(0, MOST + 100) == MOST
    replicas.forward()
    assert await replicas.flood(0, MOST + 100) == MOST

    assert replicas.claimed() == {}
    assert replicas.limits[0].has_room("other", 1)
    assert not replicas.limits[0].has_room("k", MOST)


@postgresql
async def test_two_replicas_let_in_what_one_would(replicas: Replicas) -> None:
    for _ in range(3):
        counts = await asyncio.gather(replicas.flood(0, 2 * MOST), replicas.flood(1, 2 * MOST))

        assert 0.9 * MOST <= sum(counts) <= 1.1 * MOST
        replicas.forward()


@postgresql
async def test_a_flood_of_one_replica_gets_the_whole_limit(replicas: Replicas) -> None:
    assert await replicas.flood(1, 5) == 5

    let_in = await replicas.flood(0, 2 * MOST)

    assert 0.95 * MOST <= let_in <= MOST
    assert await replicas.flood(1, MOST) <= 0.06 * MOST


@postgresql
async def test_who_sends_little_leaves_no_row(replicas: Replicas) -> None:
    for key in range(50):
        assert await replicas.flood(key % 2, 5, key=f"source:{key}") == 5

    assert await replicas.flood(0, 100, key="busy") == 100
    await eventually(lambda: replicas.claimed())

    assert set(replicas.claimed()) == {"busy"}


@postgresql
async def test_rows_of_windows_that_have_ended_are_deleted(replicas: Replicas) -> None:
    assert await replicas.flood(0, 100, key="old") == 100
    replicas.forward(minutes=3)

    async def only_the_new_one() -> None:
        await replicas.flood(0, 100, key="new")
        assert set(replicas.claimed()) == {"new"}

    await eventually(only_the_new_one)
