"""The next way takes over from one that fails, each once, and those who can help hear of it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.notification import claims
from services.notification.domain.values import Method, Receipt, State
from tests.integration.notification_house import House, notification
from tests.parts.claiming import terms
from tests.parts.ports import free_port
from tests.parts.smtp import Manner
from tests.parts.webhook import Reply
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised

SENT, FAILED, RETRY, PENDING = State.SENT, State.FAILED, State.RETRY, State.PENDING
DELIVERED, READ, LOST = Receipt.DELIVERED, Receipt.READ, Receipt.FAILED


@pytest.fixture
async def house(any_database_url: str) -> AsyncIterator[House]:
    async with notification(any_database_url, provider_failures=1) as house:
        yield house


async def paged_with_a_way_for_later(house: House) -> None:
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    await house.reach_later(Method.EMAIL, "ada@example.com", seconds=600)


async def test_the_next_way_takes_over_from_one_that_failed(house: House) -> None:
    await paged_with_a_way_for_later(house)
    await house.reach_later(Method.TERMINAL, seconds=900)
    house.posts.reply = Reply(status=404)
    await house.deliverer.step()
    assert await house.states() == [FAILED, PENDING, PENDING]

    assert await house.deliverer.step() == 1

    assert await house.states() == [FAILED, SENT, PENDING]  # one way takes over, not all
    house.clock.turn(timedelta(seconds=901))
    await house.look()
    await house.deliverer.step()
    assert await house.states() == [FAILED, SENT, SENT]
    assert await house.published(SuiteAlertRaised) == []


async def test_a_way_for_later_waits_while_the_first_is_certain(house: House) -> None:
    await paged_with_a_way_for_later(house)
    await house.deliverer.step()
    house.clock.turn(timedelta(seconds=300))
    await house.look()

    assert await house.deliverer.step() == 0
    assert await house.states() == [SENT, PENDING]


async def test_the_next_way_takes_over_while_a_provider_is_left_alone(house: House) -> None:
    await paged_with_a_way_for_later(house)
    house.posts.reply = Reply(status=500)
    await house.deliverer.step()  # one failure opens the breaker here
    house.clock.turn(timedelta(seconds=3))  # the back-off of the page, not the provider's
    await house.deliverer.step()
    await house.deliverer.step()

    first, second = await house.told()
    assert (first.state, first.attempt, second.state) == (RETRY, 1, SENT)
    assert first.error.startswith("provider webhook:http://127.0.0.1:")
    assert first.error.endswith(" is failing")
    house.posts.reply = Reply()
    house.clock.turn(timedelta(seconds=20))
    await house.deliverer.step()
    assert await house.states() == [SENT, SENT]  # it is tried on nevertheless


async def test_the_next_way_takes_over_from_one_that_is_not_certain_in_time(
    house: House,
) -> None:
    house.posts.replies.append(Reply(status=429, headers={"Retry-After": "3600"}))
    await paged_with_a_way_for_later(house)
    await house.deliverer.step()
    house.clock.turn(timedelta(seconds=19))
    await house.look()
    assert await house.deliverer.step() == 0

    house.clock.turn(timedelta(seconds=2))
    await house.look()

    assert await house.deliverer.step() == 1
    assert await house.states() == [RETRY, SENT]


async def test_the_next_way_takes_over_from_one_whose_sender_died(house: House) -> None:
    await paged_with_a_way_for_later(house)
    await house.db.write(claims.take, house.clock, terms(seconds=4000.0))
    house.clock.turn(timedelta(seconds=21))
    await house.look()

    assert await house.deliverer.step() == 1
    assert await house.states() == [State.SENDING, SENT]


async def test_each_way_hands_over_once(house: House) -> None:
    await paged_with_a_way_for_later(house)
    await house.reach_later(Method.TERMINAL, seconds=900)
    house.posts.reply = Reply(status=503)
    await house.deliverer.step()
    house.clock.turn(timedelta(seconds=3))
    await house.deliverer.step()  # left alone: the mail takes over
    await house.deliverer.step()
    house.posts.reply = Reply(status=404)
    for _ in range(3):
        house.clock.turn(timedelta(seconds=30))
        await house.look()
        await house.deliverer.step()

    assert await house.states() == [FAILED, SENT, PENDING]


async def test_nothing_takes_over_when_nobody_is_wanted(house: House) -> None:
    await paged_with_a_way_for_later(house)
    house.posts.reply = Reply(status=503)
    await house.deliverer.step()
    await house.end()
    house.clock.turn(timedelta(seconds=21))
    await house.look()
    await house.deliverer.step()

    assert await house.states() == [State.SUPPRESSED, State.SUPPRESSED]
    assert house.mails.mails == []


async def test_those_who_can_help_hear_early_and_once(house: House) -> None:
    await house.reach(Method.WEBHOOK, f"http://127.0.0.1:{free_port()}")
    await house.page()
    await house.reach_later(Method.EMAIL, "ada@example.com", seconds=600)
    house.mails.manner = Manner.REFUSE_FOR_NOW
    for _ in range(12):
        await house.deliverer.step()
        await house.look()
        assert await house.published(SuiteAlertRaised) == []
        house.clock.turn(timedelta(seconds=10))
    for _ in range(20):
        house.clock.turn(timedelta(seconds=10))
        await house.look()
        await house.deliverer.step()

    (alert,) = await house.published(SuiteAlertRaised)
    assert alert.alert_key == "notification:unreachable:1"
    assert alert.summary == "user 1 has not been reached by any contact yet"
    assert await house.states() == [RETRY, RETRY]
    house.clock.turn(timedelta(hours=4))
    for _ in range(3):
        await house.deliverer.step()
    assert await house.states() == [State.EXPIRED, State.EXPIRED]
    assert len(await house.published(SuiteAlertRaised)) == 1

    house.mails.manner = Manner.ACCEPT
    house.clock.turn(timedelta(seconds=600))
    await house.page(level=2)
    await house.reach_later(Method.EMAIL, "ada@example.com", seconds=600, level=2)
    for _ in range(8):
        await house.deliverer.step()
        await house.look()
        house.clock.turn(timedelta(seconds=30))
    assert len(await house.published(SuiteAlertRaised)) == 1  # somebody was reached
    assert len(house.mails.mails) == 1
