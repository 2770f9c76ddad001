"""Ten thousand pages at once: each person is told of all of theirs, in few messages."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from services.chassis import counters, timers
from services.chassis.bulk import insert_all
from services.notification import changes, claims
from services.notification.domain.caps import LIMITS
from services.notification.domain.values import Kind, Method, Notification, Share, State
from services.notification.store import notifications, queue
from services.notification.store.notifications import INTENT, NOTIFICATION
from tests.integration.notification_house import ACKNOWLEDGED, House, ending, notification
from tests.parts.gateway import Told, taken
from tests.parts.waiting import eventually
from tests.parts.webhook import Reply
from tocsin.escalation.v1.escalation_pb2 import Subject

PEOPLE = range(1, 101)
ALERTS = 100
#: These come while others are sent.
LATE = range(ALERTS - 4, ALERTS + 1)
#: Fewer people and alerts, of which some are answered while providers fail.
FEW, STORM = range(1, 13), 40
#: In which a contact gets so many messages, the longest there is.
WINDOW = timedelta(seconds=180)
WAYS = (Method.SMS, Method.VOICE, Method.PUSH)


@pytest.fixture
async def house(any_database_url: str) -> AsyncIterator[House]:
    async with notification(any_database_url) as house:
        yield house


async def test_a_flood_drains_and_nobody_gets_more_than_their_caps(house: House) -> None:
    for person in PEOPLE:
        await house.reach(WAYS[person % 3], f"a{person}", person)
    await request(house, 1)
    await house.db.write(copy, range(2, LATE.start))
    both = [asyncio.create_task(each.run()) for each in (house.deliverer, house.replica)]
    for alert in LATE:
        await request(house, alert)
    await quiet(house)
    at_once = taken(house.posts)
    windows = await told_in_windows(house)
    for each in both:
        each.cancel()
    await asyncio.wait(both)

    told = taken(house.posts)
    check_all_told(await rows(house), told)
    check_caps(at_once, windows=1)
    check_caps(told, windows=windows)
    with house.db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
            assert connection.execute(text(deadlocks)).scalar_one() == 0


async def test_answers_and_failures_meanwhile_lose_nothing(house: House) -> None:
    dice = random.Random(6)
    for person in FEW:
        await house.reach(WAYS[person % 3], f"a{person}", person)
    replies = [Reply(), Reply(), Reply(status=500), Reply(status=400), Reply(drop=True)]
    house.posts.replies.extend(dice.choice(replies) for _ in range(150))
    both = [asyncio.create_task(each.run()) for each in (house.deliverer, house.replica)]
    answered = set()
    for alert in range(1, STORM + 1):
        await request(house, alert, FEW)
        for old in dice.sample(range(1, alert + 1), dice.choice((0, 0, 1))):
            answered.add(f"alert:{old}:1")
            await house.react(ending(ACKNOWLEDGED, f"alert:{old}:1"))
    for _ in range(12):
        await quiet(house)
        house.clock.turn(WINDOW)
    await quiet(house)
    for each in both:
        each.cancel()
    await asyncio.wait(both)

    found = await rows(house)
    by_id = {row.id: row for row in found}
    told = taken(house.posts)
    said = {(by_id[each.id].user_id, run) for each in told for run in each.runs}
    pages = [row for row in found if row.kind is Kind.PAGE]
    assert len(pages) == len(FEW) * STORM
    for row in pages:
        if row.is_told:
            assert (row.user_id, row.escalation_key) in said, row
            assert row.state is State.SENT or by_id[row.carrier_id].state is State.SENT
        elif row.state is State.SUPPRESSED:
            assert row.escalation_key in answered, row
        else:
            assert (row.state, row.share is Share.CARRIED) == (State.FAILED, False), row
            assert "HTTP 400" in row.error
    assert len(said) > len(pages) / 2


async def request(house: House, alert: int, people: Sequence[int] = PEOPLE) -> None:
    """Pages people about an alert; each fourth is LOW."""
    subject = Subject(
        kind="alert",
        id=str(alert),
        episode=1,
        title=f"disk {alert} is full",
        priority=Subject.Priority.HIGH if alert % 4 else Subject.Priority.LOW,
    )
    await house.page(escalation_key=f"alert:{alert}:1", subject=subject, user_ids=people)


def copy(connection: Connection, alerts: Sequence[int]) -> None:
    """Queues pages about alerts that are as the first one's; one by one it takes a minute."""
    columns = [dict(row._mapping) for row in connection.execute(select(INTENT))]
    insert_all(connection, INTENT, [about(row, n) for n in alerts for row in columns])
    first = [dict(row._mapping) for row in connection.execute(select(NOTIFICATION))]
    pages = [about(row, n) for n in alerts for row in first]
    number = counters.allocate(connection, "notification", len(pages))
    numbered = [{**row, "id": number + n} for n, row in enumerate(pages)]
    insert_all(connection, NOTIFICATION, numbered)
    timers.set_all(connection, changes.TIMER, {str(row["id"]): row["at"] for row in numbered})


def about(row: Mapping[str, Any], alert: int) -> dict[str, Any]:
    title = f"disk {alert} is full"
    told = {
        "escalation_key": f"alert:{alert}:1",
        "key": str(row.get("key", "")).replace("alert:1:1", f"alert:{alert}:1"),
        "subject_id": str(alert),
        "headline": title,
        "title": title,
        "priority": "HIGH" if alert % 4 else "LOW",
    }
    return {name: told.get(name, value) for name, value in row.items()}


async def quiet(house: House) -> None:
    """Waits until all that is due has been sent, and what waits has a time for that."""

    async def nothing_is_due() -> bool:
        for _ in range(2):  # what is due moves from one to the other
            left = await house.db.read(claims.next_due, house.clock)
            soon = left is not None and left <= 5  # a claim under way lasts for less
            waiting = await house.db.read(queue.depths)
            if soon or waiting:
                return False
        return True

    await eventually(nothing_is_due, within=90)


async def told_in_windows(house: House) -> int:
    """Turns the clock on until all were told; returns in how many windows.

    What one replica has in hand when the other tells all that waits is told with others later:
    at the end of the burst, or of the window if that is full. That is late, and never lost.
    """
    for windows in range(2, 5):
        house.clock.turn(WINDOW)
        await quiet(house)
        now = await house.db.read(house.clock.now)
        left = [row for row in await rows(house) if row.state is State.PENDING]
        if not left:
            return windows
        for row in left:
            assert row.share is Share.HELD, row
            assert row.at <= now + WINDOW, row
    raise AssertionError(f"still not told: {left}")


async def rows(house: House) -> list[Notification]:
    return await house.db.read(
        lambda c: [notifications.read(row._mapping) for row in c.execute(select(NOTIFICATION))]
    )


def check_all_told(rows: Sequence[Notification], told: Sequence[Told]) -> None:
    """Each page was in one message that its person got, its own or another's."""
    assert len(rows) == len(PEOPLE) * ALERTS
    by_id = {row.id: row for row in rows}
    said = Counter((by_id[each.id].user_id, run) for each in told for run in each.runs)
    assert said == Counter((row.user_id, row.escalation_key) for row in rows)
    for row in rows:
        if row.share is Share.TOLD:
            assert by_id[row.carrier_id].state is State.SENT
            assert row.error == f"told by notification {row.carrier_id}"
        else:
            assert row.state is State.SENT
    assert all(len(set(each.priorities)) == 1 for each in told)


def check_caps(told: Sequence[Told], *, windows: int) -> None:
    """In a window go so many, and a HIGH one that LOW ones left no place for."""
    messages = Counter((each.method, each.to) for each in told)
    assert len(messages) == len(PEOPLE)
    for (method, to), count in messages.items():
        assert count <= windows * (LIMITS[method].most + 1), f"{to} got {count} messages"
