"""What ingest answers to too many events, and whom it tells."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from services.chassis.errors import NotFound, RateLimited
from services.ingest import floods
from services.ingest.domain.limits import Defaults, shares
from services.ingest.store.tables import EVENT, SOURCE
from tests.contract.ingest_house import (
    CODE,
    Door,
    body,
    open_door,
    post_all,
    refusals,
    said,
)
from tests.parts.waiting import ended, eventually
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.alert_source_service_pb2 import GetAlertSourceRequest


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as door:
        yield door


async def test_a_source_may_send_so_many_a_minute(door: Door) -> None:
    key = await door.key(events_per_minute=5)
    for _ in range(5):
        assert (await door.post(body(key))).code is CODE.OK

    answer = await door.post(body(key))

    assert answer.code is CODE.RESOURCE_EXHAUSTED
    failure = door.failure
    assert isinstance(failure, RateLimited)
    assert (failure.limit, failure.name) == (5, "alert source 2")
    assert 0 < failure.retry_after <= 60
    assert (await door.post(body(await door.key(name="Other")))).code is CODE.OK
    door.clock.turn(timedelta(minutes=1))
    assert (await door.post(body(key))).code is CODE.OK


async def test_the_last_fifth_is_for_what_may_page(door: Door) -> None:
    key = await door.key(events_per_minute=10)
    noise = [body(key, priority="LOW"), body(key, eventType="RESOLVE", alertKey="a")]
    for n in range(8):
        assert (await door.post(noise[n % 2])).code is CODE.OK

    for one in noise:
        assert (await door.post(one)).code is CODE.RESOURCE_EXHAUSTED
    for _ in range(2):
        assert (await door.post(body(key))).code is CODE.OK
    assert (await door.post(body(key))).code is CODE.RESOURCE_EXHAUSTED


async def test_a_batch_counts_each_event(door: Door) -> None:
    key = await door.key(events_per_minute=5)
    low = await door.key(name="Low", alert_priority_rule=AlertSource.LOW, events_per_minute=5)

    answer = await post_all(door, [said(key)] * 7 + [said(low)] * 5)

    assert refusals(answer) == [(429, "TOO_MANY_REQUESTS", "")] * 3
    assert len(await door.rows(EVENT)) == 9


async def test_who_tries_keys_is_refused_at_last_and_his_neighbour_is_not(door: Door) -> None:
    key = await door.key()
    assert (await door.post(body(key))).code is CODE.OK
    for _ in range(1000):
        with pytest.raises(NotFound):
            await door.doors.source_of_key("no")

    for unknown in ("no", "nor this"):
        with pytest.raises(RateLimited):
            await door.doors.source_of_key(unknown)

    assert (await door.doors.source_of_key(key)).id == 2


async def test_a_key_that_comes_for_the_first_time_is_let_in_beside_who_tries_keys(
    door: Door,
) -> None:
    seldom = await door.key()
    for _ in range(1000):
        with pytest.raises(NotFound):
            await door.doors.source_of_key("no")

    first = [door.doors.source_of_key(key) for key in (seldom, "no", seldom)]
    told = await asyncio.gather(*first, return_exceptions=True)

    assert [isinstance(each, RateLimited) for each in told] == [False, True, False]
    late = await door.key(name="Late")
    door.forget()  # as after seconds
    assert (await door.doors.source_of_key(late)).id == 3


async def test_a_flood_is_told_once_and_ends(door: Door) -> None:
    key = await door.key(events_per_minute=1)
    running = asyncio.create_task(door.floods.run())
    for _ in range(3):  # minutes
        for _ in range(4):
            await door.post(body(key))

        async def noted() -> None:
            row = (await door.rows(SOURCE))[1]
            assert row.limit_reached_at is not None
            assert door.clock.wall() - row.limit_reached_at < timedelta(seconds=50)

        await eventually(noted)
        door.clock.turn(timedelta(minutes=1))

    (raised,) = await door.published(SuiteAlertRaised)
    assert 'Prometheus" sends more than 1 events a minute' in raised.summary
    shown = (await door.source("GetAlertSource", GetAlertSourceRequest(id="2"))).reply
    assert shown.HasField("limit_reached")

    def end(connection: Connection) -> None:
        floods.end(connection, door.clock.now(connection), "2")

    for _ in range(2):
        await door.db.write(end)
    raised, over = await door.published(SuiteAlertRaised)
    assert (over.alert_key, over.over) == (raised.alert_key, True)

    door.clock.turn(timedelta(hours=49))
    shown = (await door.source("GetAlertSource", GetAlertSourceRequest(id="2"))).reply
    assert not shown.HasField("limit_reached")
    await door.post(body(key))
    await door.post(body(key))

    async def raised_anew() -> None:
        told = await door.published(SuiteAlertRaised)
        assert len({one.alert_key for one in told}) == 2

    await eventually(raised_anew)
    await ended(running)


@pytest.mark.parametrize("number", [0, -1, 1_000_001])
async def test_a_limit_is_a_number_that_makes_sense(door: Door, number: int) -> None:
    answer = await door.create(events_per_minute=number)
    assert (answer.code, door.failure.field) == (CODE.INVALID_ARGUMENT, "eventsPerMinute")


async def test_a_limit_is_shown_and_can_be_taken_away(door: Door) -> None:
    made = (await door.create(events_per_minute=120)).reply
    assert made.events_per_minute == 120
    assert not (await door.create(name="Other")).reply.HasField("events_per_minute")


def test_a_source_has_its_own_limit_its_types_or_the_default() -> None:
    defaults = Defaults(1200, {"API": 50})
    assert [defaults.of(7, "API"), defaults.of(None, "API"), defaults.of(None, "GRAFANA")] == [
        7, 50, 1200,
    ]  # fmt: skip
    assert [shares(most) for most in (1, 4, 5, 1200)] == [(1, 0), (4, 0), (4, 1), (960, 240)]
