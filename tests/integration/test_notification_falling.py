"""The next way takes over from one that fails, and what providers say later is believed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from services.notification import claims
from services.notification.domain.values import Method, Page, Receipt, Sent, State
from services.notification.store.tables import AttemptRow, ReceiptRow
from tests.integration.notification_house import House, ending, notification
from tests.parts.claiming import terms
from tests.parts.ports import free_port
from tests.parts.smtp import Manner
from tests.parts.webhook import Reply
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1.escalation_pb2 import Escalation
from tocsin.notification.v1.notification_events_pb2 import NotificationChanged

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


# Receipts: of a provider that calls messages p-1, p-2 and so on.


async def sent(house: House) -> Page:
    """Has a page sent, and returns it; the record has the provider's id p-1."""
    (page,) = await claimed(house)
    await house.db.write(claims.record, house.clock, page, Sent("p-1"), 0.5)
    return page


async def claimed(house: House) -> list[Page]:
    with_a_name = terms(provider_of=lambda page: "twilio", seconds=30.0)
    return list((await house.db.write(claims.take, house.clock, with_a_name)).pages)


async def test_a_page_is_delivered_and_read(house: House) -> None:
    await paged_with_a_way_for_later(house)
    await sent(house)
    for what in (READ, DELIVERED, READ, LOST, LOST):  # in any order, repeated, contradicting
        await house.receive("twilio", "p-1", what, "unreachable")

    page, _ = await house.told()
    assert (page.state, page.provider_id, page.error) == (SENT, "p-1", "")
    assert page.delivered_at
    assert page.read_at
    told = [each.notification for each in await house.published(NotificationChanged)]
    assert [each.HasField("read_time") for each in told if each.id == page.id] == [0, 0, 1]
    assert await house.deliverer.step() == 0


async def test_a_page_that_was_lost_falls_through(house: House) -> None:
    await paged_with_a_way_for_later(house)
    await sent(house)
    await house.receive("twilio", "p-1", LOST, "the number is not in service")

    page, _ = await house.told()
    assert (page.state, page.error) == (FAILED, "the number is not in service")
    await house.deliverer.step()
    assert len(house.mails.mails) == 1
    attempt = AttemptRow.__table__
    asked = select(attempt.c.outcome, attempt.c.reason).where(attempt.c.provider == "twilio")
    (row,) = await house.db.read(lambda c: c.execute(asked).all())
    assert tuple(row) == ("FAILED", "the number is not in service")

    await house.receive("twilio", "p-1", DELIVERED)  # after all
    assert await house.states() == [SENT, SENT]


async def test_a_page_that_was_lost_after_its_run_ended_is_no_trouble(house: House) -> None:
    await paged_with_a_way_for_later(house)
    await sent(house)
    await house.react(ending(Escalation.State.ACKNOWLEDGED))
    await house.receive("twilio", "p-1", LOST)

    first, second, *_ = await house.states()
    assert (first, second) == (FAILED, State.SUPPRESSED)
    assert house.mails.mails == []


async def test_the_last_way_that_was_lost_is_told_to_those_who_can_help(house: House) -> None:
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    await sent(house)
    await house.receive("twilio", "p-1", LOST)

    (alert,) = await house.published(SuiteAlertRaised)
    assert alert.summary == "user 1 could not be reached by any contact"


@pytest.mark.parametrize(
    ("what", "state"), [(LOST, FAILED), (DELIVERED, SENT), (READ, SENT)], ids=str
)
async def test_a_receipt_that_is_faster_than_the_record_is_kept(
    house: House, what: Receipt, state: State
) -> None:
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    (page,) = await claimed(house)
    await house.receive("twilio", "p-1", what, "why")
    await house.receive("twilio", "p-2", what, "another's")
    assert await house.states() == [State.SENDING]

    await house.db.write(claims.record, house.clock, page, Sent("p-1"), 0.5)

    (told,) = await house.told()
    assert told.state is state
    assert (told.delivered_at is None) == (what is LOST)
    left = select(func.count()).select_from(ReceiptRow.__table__)
    assert await house.db.read(lambda c: c.execute(left).scalar_one()) == 1


async def test_a_receipt_of_an_attempt_that_nobody_recorded_in_time_counts(
    house: House,
) -> None:
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    (first,) = await claimed(house)
    house.clock.turn(timedelta(seconds=31))
    (second,) = await claimed(house)
    assert second.notification.attempt == 2

    await house.db.write(claims.record, house.clock, first, Sent("p-1"), 0.5)  # too late
    await house.receive("twilio", "p-1", DELIVERED)
    assert await house.states() == [State.SENDING]
    house.clock.turn(timedelta(seconds=31))  # the second died, too

    assert await claimed(house) == []
    assert await house.states() == [SENT]


async def test_receipts_that_nobody_asks_for_are_forgotten(house: House) -> None:
    await house.receive("twilio", "p-1", DELIVERED)
    await house.receive("twilio", "", DELIVERED)
    house.clock.turn(timedelta(days=4))
    await house.receive("twilio", "p-2", DELIVERED)

    left = select(ReceiptRow.__table__.c.provider_id)
    assert await house.db.read(lambda c: c.execute(left).scalars().all()) == ["p-2"]


async def test_a_receipt_and_its_record_never_miss_each_other(house: House) -> None:
    """They are written at the same moment, many times; each page ends as delivered."""
    await house.reach(Method.WEBHOOK, house.posts.url)
    for level in range(1, 21):
        await house.page(level=level)
    pages = await house.db.write(
        claims.take, house.clock, terms(20, provider_of=lambda page: "twilio")
    )
    writes = []
    for page in pages.pages:
        name = f"p-{page.notification.id}"
        writes.append(house.db.write(claims.record, house.clock, page, Sent(name), 0.5))
        writes.append(house.receive("twilio", name, DELIVERED))

    await asyncio.gather(*writes)

    told = await house.told()
    assert [each.delivered_at is not None for each in told] == [True] * 20
    assert await house.states() == [SENT] * 20
