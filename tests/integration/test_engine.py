"""Steps are taken many at once: as late as it may be, whoever else is there, whatever fails."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, update

from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.chassis.outbox import OUTBOX
from services.chassis.timers import TIMER, take_due
from services.escalation import running, timer
from services.escalation.domain.policies import Level, Plan
from services.escalation.domain.runs import Subject
from services.escalation.store import runs, users
from services.escalation.store.runs import RUN
from tests.parts.people import person
from tocsin.escalation.v1.escalation_events_pb2 import PageRequested

MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
LEVELS = (Level((1,), MINUTE), Level((2,), MINUTE), Level((1, 2), MINUTE))


@dataclass
class House:
    """Runs with a clock that can be turned."""

    db: Database
    clock: Clock = field(default_factory=Clock)

    async def begins(self, count: int, first: int = 0) -> None:
        plan = Plan(policy_id=9, levels=LEVELS, repeats=9)

        def begin(connection: Connection) -> None:
            for number in range(first, first + count):
                subject = Subject(kind="deploy", id=str(number), title="Rollout waits")
                now = self.clock.now(connection)
                running.begin(connection, now, subject, plan, running.TOCSIN)

        await self.db.write(begin)

    async def takes(self, limit: int = 1000) -> int:
        """Takes what is due now, once, and returns how much there was."""
        return await self.db.write(lambda c: take_due(c, self.clock.now(c), timer.DUE, limit))

    async def pages(self) -> list[tuple[str, int]]:
        name = PageRequested.DESCRIPTOR.full_name
        query = select(OUTBOX.c.payload).where(OUTBOX.c.type == name).order_by(OUTBOX.c.id)
        payloads = await self.db.read(lambda c: c.execute(query).scalars().all())
        told = [PageRequested.FromString(payload) for payload in payloads]
        return [(page.subject.id, page.level) for page in told]

    async def statements(self) -> int:
        """Returns how many statements it takes to take what is due."""
        seen: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *rest: object) -> None:
            seen.append(statement)

        event.listen(self.db.engine, "before_cursor_execute", note)
        try:
            await self.takes()
        finally:
            event.remove(self.db.engine, "before_cursor_execute", note)
        return len(seen)


@asynccontextmanager
async def _house(url: str) -> AsyncIterator[House]:
    migrate(url, "escalation")
    async with database(url, "escalation") as db:
        for number in (1, 2):
            await db.write(users.add, person(number, NOON, name=f"ada-{number}"))
        yield House(db)


@pytest.fixture
async def house(any_database_url: str) -> AsyncIterator[House]:
    async with _house(any_database_url) as opened:
        yield opened


@pytest.fixture
async def postgres_house(database_url: str) -> AsyncIterator[House]:
    async with _house(database_url) as opened:
        yield opened


async def test_after_hours_of_downtime_each_run_takes_its_current_step_once(house: House) -> None:
    await house.begins(300)
    assert await house.takes() == 300

    house.clock.turn(timedelta(hours=7))

    assert await house.takes() == 300
    assert await house.takes() == 0
    assert sorted(await house.pages()) == sorted((str(n), at) for n in range(300) for at in (1, 2))
    house.clock.turn(MINUTE - timedelta(seconds=20))  # the next wait counts from the late step
    assert await house.takes() == 0
    house.clock.turn(timedelta(seconds=20))
    assert await house.takes() == 300


async def test_after_the_clock_went_back_steps_are_late_and_none_is_repeated(house: House) -> None:
    await house.begins(3)
    await house.takes()

    house.clock.turn(-timedelta(hours=1))
    assert await house.takes() == 0
    house.clock.turn(timedelta(hours=1) + MINUTE)
    assert await house.takes() == 3

    assert sorted(await house.pages()) == [(str(n), at) for n in range(3) for at in (1, 2)]


async def test_a_hundred_steps_cost_as_many_statements_as_one(house: House) -> None:
    await house.begins(1)
    one = await house.statements()
    await house.begins(100, first=1)

    assert await house.statements() == one


async def test_a_run_that_is_broken_stops_no_other(house: House) -> None:
    await house.begins(50)
    broken = update(RUN).where(RUN.c.subject_id == "17").values(subject={"nothing": "known"})
    await house.db.write(lambda c: c.execute(broken))

    assert await house.takes() == 50

    assert {subject for subject, _ in await house.pages()} == {str(n) for n in range(50)} - {"17"}
    tried = select(TIMER.c.key).where(TIMER.c.tries == 1)
    assert len(await house.db.read(lambda c: c.execute(tried).all())) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_run_that_somebody_changes_is_not_waited_for(postgres_house: House) -> None:
    house = postgres_house
    await house.begins(5)
    (third,) = await house.db.read(runs.of_subject, "deploy", "2")

    with house.db.engine.connect() as other, other.begin():
        runs.get(other, third.id, lock=True)  # as one does who hears of a new version
        assert await house.takes() == 4
        assert await house.takes() == 0

    assert await house.takes() == 1
    assert sorted(await house.pages()) == [(str(n), 1) for n in range(5)]
