"""One message that tells many things: what becomes of each when it is sent, fails or is over."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from services.notification import claims
from services.notification.domain import life
from services.notification.domain.values import (
    Kind,
    Method,
    Notification,
    Retry,
    Sent,
    Share,
    State,
)
from services.notification.store import bundles, notifications, queue
from services.notification.wire import notification as shown
from tests.integration.notification_house import ACKNOWLEDGED, House, ending, notification
from tests.parts.claiming import terms
from tests.parts.gateway import Told, taken
from tests.parts.webhook import Reply
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1.escalation_pb2 import Subject
from tocsin.notification.v1.notification_events_pb2 import NotificationChanged
from tocsin.notification.v1.notification_pb2 import Notification as Wire

PHONE = "+4915112345678"
LOW = Subject.Priority.LOW
SUCCESS, SCHEDULED = Wire.Status.SUCCESS, Wire.Status.SCHEDULED


@pytest.fixture
async def house(any_database_url: str) -> AsyncIterator[House]:
    async with notification(any_database_url) as house:
        yield house


def run(alert: int) -> str:
    return f"alert:{alert}:1"


async def page(house: House, *alerts: int, priority: Any = 0, title: str = "", **more: Any) -> None:
    """Pages Ada about alerts, with a title of its own each unless one is said."""
    for alert in alerts:
        subject = Subject(
            kind="alert",
            id=str(alert),
            episode=1,
            title=title or f"disk {alert}",
            priority=priority or Subject.Priority.HIGH,
        )
        await house.page(escalation_key=run(alert), subject=subject, **more)


async def end(house: House, *alerts: int) -> None:
    for alert in alerts:
        await house.react(ending(ACKNOWLEDGED, run(alert)))


async def of(house: House, alert: int) -> Notification:
    """Returns the page about an alert."""
    told = await house.db.read(notifications.about, "alert", str(alert))
    return next(each for each in told if each.kind is Kind.PAGE)


async def step(house: House) -> list[Told]:
    """Sends what is due; returns what the provider got."""
    before = len(house.posts.requests)
    while await house.deliverer.step() or await is_due(house):
        pass
    return taken(house.posts)[before:]


async def is_due(house: House) -> bool:
    left = await house.db.read(claims.next_due, house.clock)
    return bool(await house.db.read(queue.depths)) or (left is not None and left <= 0)


async def later(house: House, seconds: float) -> list[Told]:
    house.clock.turn(timedelta(seconds=seconds))
    return await step(house)


def runs(told: Sequence[Told]) -> list[list[str]]:
    return [list(each.runs) for each in told]


async def claim(house: House) -> list[Any]:
    return list((await house.db.write(claims.take, house.clock, terms(100))).pages)


async def test_more_than_five_at_once_are_one_message(house: House) -> None:
    await house.reach(Method.SMS, PHONE)
    await page(house, *range(1, 8))

    (message,) = await step(house)

    assert list(message.runs) == [run(alert) for alert in range(1, 8)]
    assert (message.to, message.marked) == (PHONE, False)
    carrier = await of(house, 1)
    assert (carrier.state, carrier.share) == (State.SENT, Share.CARRIER)
    for alert in range(2, 8):
        member = await of(house, alert)
        assert (member.state, member.error) == (
            State.SUPPRESSED,
            f"told by notification {carrier.id}",
        )
        wire = shown(member, None)
        assert (wire.status, wire.reason, wire.told_by) == (SUCCESS, member.error, carrier.id)
        assert not wire.HasField("error_message")
    changed = [each.notification for each in await house.published(NotificationChanged)]
    assert sorted(each.alert_id for each in changed if each.status == SUCCESS) == [*range(1, 8)]
    assert not [each for each in changed if each.status == Wire.Status.ERROR]
    told = await house.db.read(bundles.told_by, carrier)
    assert [each.subject_id for each in told] == [str(alert) for alert in range(1, 8)]
    assert await house.db.read(claims.next_due, house.clock) is None


async def test_three_go_in_a_window_and_the_rest_at_its_end(house: House) -> None:
    await house.reach(Method.VOICE, PHONE)
    await page(house, 1, 2, 3, 4, 5)

    assert runs(await step(house)) == [[run(1)], [run(2)], [run(3)]]
    waiting = await of(house, 4)
    assert waiting.error == "waits for room: 3 messages within 180 s"
    wire = shown(waiting, None)
    assert (wire.status, wire.reason) == (SCHEDULED, waiting.error)
    assert runs(await later(house, 100)) == []
    await page(house, 6)
    assert runs(await later(house, 80)) == [[run(4), run(5), run(6)]]
    house.clock.turn(timedelta(seconds=31))
    await page(house, 7, 8, 9)
    assert runs(await step(house)) == [[run(7)], [run(8)]]


async def test_high_and_low_are_apart_and_high_goes_first(house: House) -> None:
    await house.reach(Method.EMAIL, "ada@example.com")
    await house.reach(Method.SMS, PHONE)
    await page(house, *range(1, 8), priority=LOW)
    await page(house, *range(11, 18))

    order = [each.intent.priority for each in await claim(house)]
    assert order == ["HIGH", "LOW"] * 2
    house.clock.turn(timedelta(seconds=31))
    high, low = sorted(await step(house), key=lambda each: each.priorities[0])
    assert list(high.runs) == [run(n) for n in range(11, 18)]
    assert list(low.runs) == [run(n) for n in range(1, 8)]
    assert len(house.mails.mails) == 2


async def test_a_terminal_and_programs_get_each_page(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.reach(Method.WEBHOOK, house.posts.url)
    await page(house, *range(1, 9))

    while await house.deliverer.step():
        pass

    assert (len(house.lines()), len(house.posts.requests)) == (8, 8)


async def test_the_same_text_is_pushed_once_while_it_holds(house: House) -> None:
    await house.reach(Method.PUSH, "https://ntfy.example.com/ada")
    await page(house, 1, title="disk full")
    await step(house)
    await page(house, 2, title="disk full")
    assert await step(house) == []
    first, second = await of(house, 1), await of(house, 2)
    assert (second.share, second.carrier_id) == (Share.TOLD, first.id)
    assert [each.id for each in await house.db.read(bundles.told_by, first)] == [
        first.id,
        second.id,
    ]

    await end(house, 1)
    await page(house, 3, title="disk full")  # who has answered thinks that it is over
    assert runs(await step(house)) == [[run(3)]]
    await page(house, 4, title="disk full")
    assert runs(await later(house, 239)) == []
    await page(house, 5, title="disk full")
    assert runs(await later(house, 2)) == [[run(5)]]


async def test_the_same_text_waits_for_one_that_is_being_sent(house: House) -> None:
    await house.reach(Method.PUSH, "https://ntfy.example.com/ada")
    await page(house, 1, title="disk full")
    (sending,) = await claim(house)
    await page(house, 2, 3, title="disk full")
    assert await claim(house) == []
    assert shown(await of(house, 2), None).status == SCHEDULED

    await house.db.write(claims.record, house.clock, sending, Retry("HTTP 500"), 0.5)
    assert runs(await later(house, 3)) == [[run(1), run(2), run(3)]]
    assert (await of(house, 2)).share is Share.TOLD


async def test_what_is_sent_again_tells_the_same_text_that_came_meanwhile(house: House) -> None:
    await house.reach(Method.PUSH, "https://ntfy.example.com/ada")
    await page(house, 1, title="disk full")
    await claim(house)  # and whoever did that dies
    house.clock.turn(timedelta(seconds=31))
    await page(house, 2, title="disk full")

    (again,) = await claim(house)

    assert [intent.escalation_key for intent in again.bundled] == [run(2)]
    await house.db.write(claims.record, house.clock, again, Sent(), 0.5)
    assert (await of(house, 2)).share is Share.TOLD


async def test_who_was_to_be_told_by_a_message_that_fails_is_told_by_another(house: House) -> None:
    await house.reach(Method.SMS, PHONE)
    house.posts.replies.append(Reply(status=400))  # it may be that text that nobody likes
    await page(house, *range(1, 8))

    first, second = await step(house)

    assert list(second.runs) == [run(alert) for alert in range(2, 8)]
    assert (await of(house, 1)).state is State.FAILED
    assert len(await house.published(SuiteAlertRaised)) == 1
    assert first.key != second.key


async def test_a_way_that_fails_twice_fails_for_all_of_them(house: House) -> None:
    await house.reach(Method.SMS, PHONE)
    house.posts.reply = Reply(status=400)
    await page(house, *range(1, 8))

    assert len(await step(house)) == 2

    told = [await of(house, alert) for alert in range(1, 8)]
    assert {each.state for each in told} == {State.FAILED}
    why = f"told by notification {told[1].id}, which failed: HTTP 400"
    assert {each.error for each in told[2:]} == {why}
    reached = [each for each in await house.published(SuiteAlertRaised)]
    assert {each.alert_key for each in reached} == {"notification:unreachable:1"}


async def test_a_message_that_comes_too_late_gives_back_what_it_was_to_tell(house: House) -> None:
    await house.reach(Method.SMS, PHONE)
    house.posts.reply = Reply(status=500)
    now = await house.db.read(house.clock.now)
    await page(house, 1, request_time=now - life.WORTH + timedelta(minutes=1))
    await page(house, *range(2, 8))
    await step(house)
    house.posts.reply = Reply()

    (second,) = await later(house, 61)

    assert (await of(house, 1)).state is State.EXPIRED
    assert list(second.runs) == [run(alert) for alert in range(2, 8)]


async def test_who_answers_one_hears_of_the_others_all_the_same(house: House) -> None:
    await house.reach(Method.SMS, PHONE)
    house.posts.replies.append(Reply(status=500))
    await page(house, *range(1, 8))
    assert len(await step(house)) == 1

    await end(house, 1, 3)
    (second,) = await step(house)

    assert list(second.runs) == [run(alert) for alert in (2, 4, 5, 6, 7)]
    assert not second.marked  # the provider had clearly refused the first
    states = [(await of(house, alert)).state for alert in (1, 2, 3)]
    assert states == [State.SUPPRESSED, State.SENT, State.SUPPRESSED]
    assert (await of(house, 3)).error == life.NOT_NEEDED


async def test_what_may_have_arrived_is_marked_when_another_tells_it(house: House) -> None:
    await house.reach(Method.SMS, PHONE)
    house.posts.replies.append(Reply(drop=True))
    await page(house, *range(1, 8))
    await step(house)

    await end(house, 1)
    told = [*await step(house), *await later(house, 200)]

    pages = [each for each in told if each.kind == "PAGE"]
    assert [(list(each.runs), each.marked) for each in pages] == [
        ([run(alert) for alert in range(2, 8)], True)
    ]
    stood_down = [each for each in told if each.kind == "STAND_DOWN"]
    assert runs(stood_down) == [[run(1)]]  # it may have told of this, too


async def test_who_is_not_needed_any_more_is_left_out_of_the_next_attempt(house: House) -> None:
    await house.reach(Method.SMS, PHONE)
    house.posts.replies.append(Reply(status=500))
    await page(house, *range(1, 8))
    await step(house)

    await end(house, 2, 3)
    assert runs(await later(house, 3)) == [[run(alert) for alert in (1, 4, 5, 6, 7)]]

    assert (await of(house, 2)).error == life.NOT_NEEDED
    assert (await of(house, 4)).share is Share.TOLD


async def test_owners_are_asked_about_all_that_a_message_tells(house: House) -> None:
    await house.reach(Method.SMS, PHONE)
    await page(house, *range(1, 8))
    house.owner.over = {"1", "4"}

    (message,) = await step(house)

    assert list(message.runs) == [run(alert) for alert in (2, 3, 5, 6, 7)]
    assert (await of(house, 4)).error == life.NOT_NEEDED


async def test_a_message_and_what_it_tells_are_over_when_their_owners_say_so(house: House) -> None:
    await house.reach(Method.SMS, PHONE)
    await page(house, *range(1, 8))
    await claim(house)
    await end(house, *range(1, 8))

    told = [(await of(house, alert)).id for alert in range(1, 8)]
    await house.db.write(claims.call_off, house.clock, told)

    pages = [await of(house, alert) for alert in range(1, 8)]
    assert {(each.state, each.error) for each in pages} == {(State.SUPPRESSED, life.NOT_NEEDED)}


async def test_all_that_is_over_is_called_off(house: House) -> None:
    await house.reach(Method.SMS, PHONE)
    house.posts.replies.append(Reply(status=500))
    await page(house, *range(1, 8))
    await step(house)
    await end(house, *range(1, 8))

    assert await later(house, 400) == []

    told = [await of(house, alert) for alert in range(1, 8)]
    assert {(each.state, each.error) for each in told} == {(State.SUPPRESSED, life.NOT_NEEDED)}
    assert await house.db.read(claims.next_due, house.clock) is None


async def test_a_crash_repeats_the_same_message_and_marks_it(house: House) -> None:
    await house.reach(Method.SMS, PHONE)
    await page(house, *range(1, 8))
    (first,) = await claim(house)
    await end(house, 5)

    house.clock.turn(timedelta(seconds=31))
    (second,) = await claim(house)

    assert second.notification.key == first.notification.key
    assert second.notification.possible_repeat
    left = [intent.escalation_key for intent in second.bundled]
    assert left == [run(alert) for alert in (2, 3, 4, 6, 7)]
    await house.db.write(claims.record, house.clock, first, Sent(), 0.5)  # too late to count
    await house.db.write(claims.record, house.clock, second, Sent(), 0.5)
    assert (await of(house, 2)).share is Share.TOLD
    assert runs(await step(house)) == [[run(5)]]  # who may have got the first is told


async def test_one_stand_down_takes_back_what_one_message_told(house: House) -> None:
    await house.reach(Method.SMS, PHONE)
    await page(house, *range(1, 8))
    house.posts.replies.append(Reply(delay=0.5))
    sending = asyncio.create_task(house.deliverer.step())
    await house.posts.wait_for(lambda post: True)
    await end(house, *range(1, 8))
    await sending

    (stood_down,) = await step(house)

    assert (stood_down.kind, list(stood_down.runs)) == (
        "STAND_DOWN",
        [run(alert) for alert in range(1, 8)],
    )


async def test_a_stand_down_says_which_part_is_over(house: House) -> None:
    await house.reach(Method.SMS, PHONE)
    await page(house, *range(1, 8))
    house.posts.replies.append(Reply(delay=0.5))
    sending = asyncio.create_task(house.deliverer.step())
    await house.posts.wait_for(lambda post: True)
    await end(house, 3, 6)
    await sending

    (stood_down,) = await step(house)

    assert (stood_down.kind, list(stood_down.runs)) == ("STAND_DOWN", [run(3), run(6)])


async def test_what_was_called_off_in_time_leaves_its_place(house: House) -> None:
    await house.reach(Method.VOICE, PHONE)
    await page(house, 1, 2, 3)
    house.owner.over = {"1", "2", "3"}
    assert await step(house) == []

    await page(house, 4, 5, 6)

    assert runs(await step(house)) == [[run(4)], [run(5)], [run(6)]]
