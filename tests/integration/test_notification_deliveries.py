"""Events on their way to webhooks: how long they are tried, and what hangs alone."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.notification import deliveries, telling, webhooks
from services.notification.courier import LANES
from services.notification.domain.values import Retry, State
from services.notification.store import deliveries as store
from services.notification.store import webhooks as webhook_store
from services.notification.webhooks import Means
from tests.integration.notification_house import SEALER
from tests.integration.webhook_house import (
    Hooks,
    changed,
    escalated,
    told_webhooks,
)
from tests.parts.standard_webhooks import signatures, verified
from tests.parts.waiting import ended, eventually
from tests.parts.webhook import Reply
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised


@pytest.fixture
async def hooks(any_database_url: str) -> AsyncIterator[Hooks]:
    async with told_webhooks(any_database_url) as made:
        yield made


async def test_an_event_is_told_in_its_envelope_and_signed_once(hooks: Hooks) -> None:
    _, secret = await hooks.make("alert.created")
    for _ in range(2):
        await hooks.alert(changed())
    await hooks.alert(changed("COMMENTED", version=2))

    assert await hooks.told() == {"/1": ["alert.created"]}
    (request,) = hooks.house.posts.requests
    assert verified(request, secret, await hooks.now())
    assert signatures(request) == 1
    assert request.headers["webhook-id"] == "event:alert:7:1"
    body = json.loads(request.body)
    assert set(body) == {"type", "timestamp", "data"}
    assert body["timestamp"] == "2026-03-29T01:30:00.000Z"
    data = body["data"]
    assert (data["cause"], data["version"], data["episode"]) == ("RAISED", 1, 1)
    assert data["alert"]["summary"] == "disk full"
    assert data["alert"]["escalationPolicy"]["name"] == "policy 1"
    assert "belonging" not in data
    (row,) = await hooks.rows()
    assert (row.state, row.attempt, row.due_at) == ("SENT", 1, None)


async def test_it_is_tried_for_two_days_whatever_is_answered(hooks: Hooks) -> None:
    id_, secret = await hooks.make("alert.*")
    replies = [410, 404, 301, 500, 429, 401]
    hooks.house.posts.replies.extend(Reply(status=status) for status in replies)
    await hooks.alert(changed())
    for status in replies:
        await hooks.courier.step()
        (row,) = await hooks.rows()
        assert (row.state, row.error[:8]) == ("RETRY", f"HTTP {status}")
        hooks.turn(hours=1)

    await hooks.courier.step()

    (row,) = await hooks.rows()
    assert (row.state, row.attempt) == ("SENT", len(replies) + 1)
    ids = {request.headers["webhook-id"] for request in hooks.house.posts.requests}
    assert ids == {"event:alert:7:1"}
    assert verified(hooks.house.posts.requests[-1], secret, await hooks.now())
    stands = (await hooks.house.db.read(webhook_store.standings, [id_]))[id_]
    assert stands.last_failure == "HTTP 401"
    assert stands.last_success_at is not None


async def test_what_is_given_up_is_told_once_a_day_and_can_be_tried_anew(hooks: Hooks) -> None:
    id_, _ = await hooks.make("alert.*")
    hooks.house.posts.reply = Reply(status=500)
    for alert_id in (7, 8):
        await hooks.alert(changed(id_=alert_id))
    await hooks.courier.step()
    hooks.turn(hours=48)
    await hooks.courier.step()

    first, second = await hooks.rows()
    assert {first.state, second.state} == {"FAILED"}
    assert first.error == "gave up after 48 hours: HTTP 500"
    (alert,) = await hooks.house.published(SuiteAlertRaised)
    assert alert.alert_key == f"notification:webhook-deliveries:{id_}"
    assert alert.summary == f"webhook {id_} (bot 1) was not told of an event"

    hooks.house.posts.reply = Reply()
    clock = hooks.house.clock
    await hooks.house.db.write(deliveries.retry, clock, id_, first.id)
    await hooks.courier.step()
    assert [row.state for row in await hooks.rows()] == ["SENT", "FAILED"]


async def test_it_waits_as_long_as_it_is_asked_to(hooks: Hooks) -> None:
    await hooks.make("alert.*")
    hooks.house.posts.replies.append(Reply(status=503, headers={"Retry-After": "7200"}))
    await hooks.alert(changed())
    await hooks.courier.step()

    hooks.turn(minutes=119)
    assert await hooks.courier.step() == 0
    hooks.turn(minutes=2)
    assert await hooks.courier.step() == 1


async def test_of_too_many_the_oldest_is_given_up_loudly(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "MOST_WAITING", 3)
    await hooks.make("alert.*")
    for alert_id in range(1, 6):
        await hooks.alert(changed(id_=alert_id))

    rows = await hooks.rows()
    assert [row.state for row in rows] == ["FAILED"] * 2 + ["PENDING"] * 3
    assert "too many newer events" in rows[0].error
    assert len(await hooks.house.published(SuiteAlertRaised)) == 1


async def test_what_ended_is_forgotten_after_a_while(hooks: Hooks) -> None:
    await hooks.make("alert.*")
    await hooks.alert(changed())
    await hooks.courier.step()
    await hooks.alert(changed(id_=8))
    week = timedelta(days=7)

    await hooks.house.db.write(deliveries.forget_old, hooks.house.clock, week)
    assert len(await hooks.rows()) == 2
    hooks.turn(days=8)
    await hooks.house.db.write(deliveries.forget_old, hooks.house.clock, week)
    assert [row.event_id for row in await hooks.rows()] == ["event:alert:8:1"]  # it still waits


async def test_a_webhook_that_is_deleted_is_told_of_nothing(hooks: Hooks) -> None:
    id_, _ = await hooks.make("alert.*")
    await hooks.alert(changed())
    await hooks.house.db.write(webhooks.remove, Means(hooks.house.clock, SEALER), id_)

    assert await hooks.told() == {}
    assert await hooks.rows() == []


async def test_what_was_under_way_when_it_died_goes_out_again(hooks: Hooks) -> None:
    await hooks.make("alert.*")
    await hooks.alert(changed())
    clock = hooks.house.clock
    taken = await hooks.house.db.write(deliveries.take, clock, {}, LANES, 4.0)
    assert [each.delivery.attempt for each in taken] == [1]

    assert await hooks.courier.step() == 0  # it is another's
    hooks.turn(seconds=5)
    assert await hooks.told() == {"/1": ["alert.created"]}
    late = taken[0].delivery
    await hooks.house.db.write(deliveries.record, clock, late, Retry("too late"), 0.5)
    (row,) = await hooks.rows()
    assert (row.state, row.attempt) == (State.SENT, 2)


async def test_one_that_hangs_keeps_nobody_waiting_but_itself(hooks: Hooks) -> None:
    """Measured by order: what hangs is let go only when everybody else has been told."""
    released = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    slow, _ = await hooks.make("alert.*", url=f"http://127.0.0.1:{port}/")
    await hooks.make("alert.*")
    for alert_id in range(20):
        await hooks.alert(changed(id_=alert_id + 1))
    running = asyncio.create_task(hooks.courier.run())
    try:
        await eventually(lambda: len(hooks.house.posts.requests) == 20)
        waiting = await hooks.house.db.read(store.waiting, [slow])
        assert waiting == {slow: 20}
    finally:
        released.set()
        await ended(running)
        server.close()
        await server.wait_closed()


async def test_what_webhooks_are_told_costs_nobody_a_page(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hooks.make("*")

    def fail(*args: Any) -> Any:
        raise ValueError("an event that nobody foresaw")

    monkeypatch.setattr(telling, "_data", fail)
    await hooks.house.react(escalated(1))
    await hooks.house.page()
    await hooks.house.deliverer.step()

    assert [each.state for each in await hooks.house.told()] == [State.SENT]
    assert len(hooks.house.mails.mails) == 1
    (alert,) = await hooks.house.published(SuiteAlertRaised)
    assert alert.summary == "webhooks were not told of an event"
    assert await hooks.rows() == []
