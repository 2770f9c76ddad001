"""What providers say later of the messages they took is believed, in any order."""

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
