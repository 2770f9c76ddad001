"""Alerts come in any order, and leave the runs as if they had come in the right one."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.errors import InvalidRequest
from services.chassis.migrations import migrate
from services.chassis.outbox import OUTBOX
from services.chassis.timers import Timers
from services.escalation import consumer, timer
from services.escalation.store import runs, users
from tests.parts.people import person
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged, PageRequested
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
ADA = person(1, NOON)
#: Status and episode of an alert's versions, from 1.
HISTORY = [("PENDING", 1), ("PENDING", 1), ("ACCEPTED", 1), ("PENDING", 2), ("RESOLVED", 2)]
#: The episodes that want somebody after each version.
WANTED = [{1}, {1}, set(), {2}, set()]


def version(alert_id: int, number: int, **more: Any) -> AlertChanged:
    status, episode = HISTORY[number - 1]
    told: dict[str, Any] = {"status": status, "escalation_policy": EscalationPolicy(id=9)}
    alert = Alert(id=alert_id, summary=f"said {number}", priority="HIGH", **told | more)
    return AlertChanged(alert=alert, version=number, episode=episode)


@pytest.fixture
async def db(any_database_url: str) -> AsyncIterator[Database]:
    migrate(any_database_url, "escalation")
    async with database(any_database_url, "escalation") as opened:
        yield opened


async def hears(db: Database, *events: AlertChanged) -> None:
    def react(connection: Connection) -> None:
        for event in events:
            consumer.alert_changed(connection, Clock().now(connection), event)

    await db.write(react)


async def endings(db: Database) -> list[EscalationChanged]:
    def read(connection: Connection) -> list[EscalationChanged]:
        name = EscalationChanged.DESCRIPTOR.full_name
        rows = connection.execute(select(OUTBOX.c.payload).where(OUTBOX.c.type == name))
        return [EscalationChanged.FromString(payload) for payload in rows.scalars()]

    said = await db.read(read)
    return [each for each in said if each.cause == EscalationChanged.ENDED]


async def pending(db: Database, alert_id: int) -> set[int]:
    found = await db.read(runs.of_subject, "alert", str(alert_id))
    return {run.subject.episode for run in found if run.pending}


async def test_any_order_leaves_the_same_episode_running(db: Database) -> None:
    alert_id = 0
    for length, wanted in enumerate(WANTED, start=1):
        orders: list[Sequence[int]] = list(permutations(range(1, length + 1)))
        for order in orders:
            alert_id += 1
            await hears(db, *(version(alert_id, number) for number in order))
            assert await pending(db, alert_id) == wanted, order


@pytest.mark.parametrize(
    ("heard", "told"),
    [
        ([1, 2, 3], NOON + timedelta(minutes=3)),  # when it was accepted
        ([1, 3], NOON),  # who knows what was before: when it was raised
        ([1, 2, 4], NOON),
    ],
)
async def test_the_end_of_a_run_tells_since_when_the_alert_wants_nobody(
    db: Database, heard: list[int], told: datetime
) -> None:
    for number in heard:
        dated = version(7, number)
        dated.accept_time.FromDatetime(NOON)
        dated.change_time.FromDatetime(NOON + timedelta(minutes=number))
        await hears(db, dated)

    assert [each.subject_end_time.ToDatetime(UTC) for each in await endings(db)] == [told]


async def test_the_end_of_a_run_is_the_subjects_when_nobody_told_another(db: Database) -> None:
    await hears(db, version(7, 1), version(7, 2), version(7, 3))

    (ended,) = await endings(db)
    assert ended.subject_end_time == ended.escalation.end_time


async def test_a_repetition_changes_nothing(db: Database) -> None:
    for number in (1, 1, 2, 2, 1):
        await hears(db, version(7, number))

    (run,) = await db.read(runs.of_subject, "alert", "7")
    assert (run.subject.title, run.subject_version) == ("said 2", 2)
    assert run.due is not None


#: The episode of an alert's versions, and whether nobody is notified.
SILENCE = [(1, True), (1, True), (2, False), (2, False)]


def silent_version(alert_id: int, number: int, status: str = "PENDING") -> AlertChanged:
    episode, silent = SILENCE[number - 1]
    policy = EscalationPolicy(id=9)
    told: dict[str, Any] = {"status": status, "escalation_policy": policy, "silent": silent}
    alert = Alert(id=alert_id, summary=f"said {number}", priority="HIGH", **told)
    return AlertChanged(alert=alert, version=number, episode=episode)


async def test_nothing_begins_for_a_silent_alert_until_it_is_not_in_any_order(
    db: Database,
) -> None:
    alert_id = 0
    for length in range(1, 5):
        for order in permutations(range(1, length + 1)):
            alert_id += 1
            await hears(db, *(silent_version(alert_id, number) for number in order))
            assert await pending(db, alert_id) == ({2} if length > 2 else set()), order


async def test_nobody_hears_of_the_run_that_a_silent_alert_never_had(db: Database) -> None:
    await hears(db, silent_version(7, 1), silent_version(7, 2, "ACCEPTED"))

    def told(connection: Connection) -> int:
        return int(connection.execute(select(func.count()).select_from(OUTBOX)).scalar_one())

    assert await db.read(told) == 0


async def test_people_who_are_called_to_a_silent_alert_are_paged(db: Database) -> None:
    event = silent_version(7, 2)
    event.calls.add(number=1, user_id=1)
    await db.write(lambda c: users.add(c, ADA))

    await hears(db, silent_version(7, 1), event)

    assert await pending(db, 7) == set()
    (run,) = await db.read(runs.of_subject, "alert", "7")
    assert run.paged == (1,)


async def test_an_alert_without_a_policy_wants_nobody(db: Database) -> None:
    await hears(db, version(7, 1, escalation_policy=None))

    assert await db.read(runs.of_subject, "alert", "7") == []


async def test_a_late_beginning_pages_nobody(db: Database) -> None:
    await hears(db, version(7, 3), version(7, 1))
    clock = Clock()
    clock.turn(timedelta(days=1))

    assert await Timers(db, clock, timer.DUE).step() == 0
    pages = select(func.count()).where(OUTBOX.c.type == PageRequested.DESCRIPTOR.full_name)
    assert await db.read(lambda c: c.execute(pages).scalar_one()) == 0


async def test_an_alert_in_a_state_that_nobody_knows_is_refused(db: Database) -> None:
    with pytest.raises(InvalidRequest):
        await hears(db, version(7, 1, status=9))
