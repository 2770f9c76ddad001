"""A provider that hangs or fails holds up its own messages and nobody else's."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from services.notification import claims, targets
from services.notification.domain.breaker import Circuit
from services.notification.domain.values import Method, State
from services.notification.store import queue
from services.notification.store.queue import Place
from tests.integration.notification_house import House, notification
from tests.parts.claiming import terms
from tests.parts.smtp import Manner
from tests.parts.waiting import eventually
from tests.parts.webhook import Reply, WebhookSink, webhook_sink
from tocsin.escalation.v1.escalation_pb2 import Subject

EACH = 2
FAILURES = 3


@pytest.fixture
async def house(any_database_url: str) -> AsyncIterator[House]:
    settings = {"provider_concurrency": EACH, "provider_failures": FAILURES}
    async with notification(any_database_url, paced=False, claim_seconds=60, **settings) as house:
        yield house


@asynccontextmanager
async def delivering(house: House) -> AsyncIterator[None]:
    running = asyncio.create_task(house.deliverer.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait({running})


def page_of(number: int, priority: Any = Subject.Priority.HIGH) -> dict[str, Any]:
    subject = Subject(kind="alert", id="7", title=f"page {number}", priority=priority)
    return {"escalation_key": f"alert:7:{number}", "subject": subject}


def texts(sink: WebhookSink) -> list[str]:
    return [json.loads(request.body)["text"] for request in sink.requests]


async def test_a_provider_that_hangs_holds_up_nobody_else(house: House) -> None:
    """Told by order: the host that hangs answers nobody before all others' pages arrived."""
    async with delivering(house), webhook_sink() as hung:
        hung.reply = Reply(delay=3600)
        await house.reach(Method.WEBHOOK, hung.url, user_id=1)
        await house.reach(Method.TERMINAL, user_id=2)
        await house.reach(Method.EMAIL, "bob@example.com", user_id=2)
        await house.reach(Method.WEBHOOK, house.posts.url, user_id=2)
        for number in range(40):
            await house.page(**page_of(number))
        for number in range(40, 60):
            await house.page(**page_of(number), user_ids=[2])

        await eventually(lambda: len(house.lines()) == 20, within=30)
        await eventually(lambda: len(house.mails.mails) == 20, within=30)
        await eventually(lambda: len(house.posts.requests) == 20, within=30)

        async def recorded() -> bool:
            return (await house.states()).count(State.SENT) == 60

        await eventually(recorded)
        states = await house.states()
        assert states.count(State.SENDING) == EACH == len(hung.requests)
        assert states.count(State.PENDING) == 40 - EACH


async def test_many_hosts_that_hang_leave_room_for_other_providers(
    any_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: dict[str, Any] = {"provider_concurrency": 4, "send_concurrency": 8}
    async with (
        notification(any_database_url, paced=False, claim_seconds=60, **settings) as house,
        delivering(house),
        webhook_sink() as hung,
    ):
        hung.reply = Reply(delay=3600)
        for user_id in range(2, 22):  # for each a provider of its own
            await house.reach(Method.WEBHOOK, f"{hung.url}/{user_id}", user_id)
        monkeypatch.setattr(targets, "origin", lambda url: url)
        await house.page(user_ids=range(2, 22))
        await hung.wait_for(lambda request: len(hung.requests) == 4)

        await house.reach(Method.EMAIL, "ada@example.com")
        await house.page(level=2)
        await house.mails.wait_for(lambda mail: True)

        assert len(hung.requests) == 4


async def test_a_line_moves_oldest_first_and_high_before_low(house: House) -> None:
    await house.reach(Method.WEBHOOK, house.posts.url)
    for number in range(4):
        await house.page(**page_of(number, Subject.Priority.LOW))
        house.clock.turn(timedelta(seconds=1))
    for number in range(4, 8):
        await house.page(**page_of(number))
        house.clock.turn(timedelta(seconds=1))

    order: list[set[str]] = []
    while await house.deliverer.step():
        order.append(set(texts(house.posts)[-EACH:]))

    assert order == [
        {"page 4", "page 5"},
        {"page 6", "page 7"},
        {"page 0", "page 1"},
        {"page 2", "page 3"},
    ]


async def test_a_page_that_was_tried_keeps_its_place_in_the_line(house: House) -> None:
    await house.reach(Method.WEBHOOK, house.posts.url)
    house.posts.replies.append(Reply(status=503))
    await house.page(**page_of(0))
    await house.deliverer.step()
    house.clock.turn(timedelta(seconds=3))
    for number in range(1, 4):
        await house.page(**page_of(number))

    await house.deliverer.step()

    assert set(texts(house.posts)[1:]) == {"page 0", "page 1"}


@contextmanager
def counted(house: House) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    event.listen(house.db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(house.db.engine, "before_cursor_execute", note)


async def test_ten_thousand_that_wait_hide_nobody_and_cost_nothing(house: House) -> None:
    """A claim asks as much whether one waits for a provider that is full, or ten thousand."""
    await house.reach(Method.TERMINAL)
    full = terms(EACH, provider_of=lambda page: page.notification.method.lower())
    full.admission.busy["hung"] = EACH  # type: ignore[index] # a dict in fact

    async def claim() -> int:
        with counted(house) as statements:
            taken = await house.db.write(claims.take, house.clock, full)
        assert [page.notification.provider for page in taken.pages] == ["terminal"]
        return len(statements)

    def wait(connection: Connection, first: int, count: int) -> None:
        since = house.clock.now(connection) - timedelta(hours=1)
        places = [Place(id_, "hung", 0, since) for id_ in range(first, first + count)]
        queue.put_all(connection, places)

    await house.db.write(wait, 1_000_000, 1)
    await house.page(**page_of(0))
    one = await claim()
    await house.db.write(wait, 1_000_001, 9_999)
    await house.page(**page_of(1))

    assert await claim() == one


async def test_a_provider_that_fails_is_left_alone_and_tried_again(house: House) -> None:
    lanes = house.deliverer.lanes

    async def circuit() -> Circuit:
        return lanes.circuit("smtp", await house.db.read(house.clock.now))

    await house.reach(Method.EMAIL, "ada@example.com")
    house.mails.manner = Manner.REFUSE_FOR_NOW
    for number in range(6):
        await house.page(**page_of(number))
    await house.deliverer.step()
    assert await circuit() is Circuit.CLOSED
    await house.deliverer.step()

    assert await circuit() is Circuit.OPEN
    assert await house.deliverer.step() == 0
    told = await house.told()
    assert {each.state for each in told} == {State.RETRY}
    assert [each.error for each in told].count("provider smtp is failing") == 2
    assert [each.attempt for each in told] == [1, 1, 1, 1, 0, 0]

    house.clock.turn(timedelta(seconds=16))
    assert await circuit() is Circuit.HALF_OPEN
    assert await house.deliverer.step() == 1  # the rest waits to see how that goes
    assert await circuit() is Circuit.OPEN
    assert await house.deliverer.step() == 0

    house.mails.manner = Manner.ACCEPT
    house.clock.turn(timedelta(seconds=31))
    assert await house.deliverer.step() == 1
    assert await circuit() is Circuit.CLOSED
    while await house.deliverer.step():
        pass
    assert await house.states() == [State.SENT] * 6
    assert len(house.mails.mails) == 6


async def test_refusals_that_are_the_recipients_doing_leave_nobody_alone(house: House) -> None:
    await house.reach(Method.EMAIL, "ada@example.com")
    house.mails.manner = Manner.REFUSE_RECIPIENT_FOR_NOW
    for number in range(2 * FAILURES):
        await house.page(**page_of(number))
    while await house.deliverer.step():
        pass
    house.mails.manner = Manner.REFUSE_FOR_GOOD
    for number in range(10, 10 + 2 * FAILURES):
        await house.page(**page_of(number))
    while await house.deliverer.step():
        pass

    assert house.deliverer.lanes.admission().breakers == {}
    states = await house.states()
    assert set(states[: 2 * FAILURES]) <= {State.RETRY, State.FAILED}  # some tried again by now
    assert states[2 * FAILURES :] == [State.FAILED] * 2 * FAILURES


async def test_a_channel_that_cannot_name_its_provider_costs_its_own_page(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unnamed(self: object, page: object) -> str:
        raise ValueError("what is this?")

    monkeypatch.setattr("services.notification.channels.email.Email.provider", unnamed)
    await house.reach(Method.EMAIL, "ada@example.com")
    await house.reach(Method.TERMINAL)
    await house.page()

    assert await house.deliverer.step() == 2

    assert [each.provider for each in await house.told()] == ["email", "terminal"]
    assert await house.states() == [State.SENT, State.SENT]
