"""An answer stops the page, or takes back what crossed it; a crash repeats it."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import grpc.aio
import pytest
from sqlalchemy import update

from services.notification import claims
from services.notification.channels.terminal import Terminal
from services.notification.config import Config
from services.notification.deliver import Deliverer
from services.notification.domain.values import Kind, Method, Sent, State
from services.notification.peers import Subjects
from services.notification.store import notifications
from services.notification.store.tables import NotificationRow
from tests.integration.notification_house import (
    ACKNOWLEDGED,
    KEY,
    OVER,
    SEALER,
    House,
    ending,
    notification,
)
from tests.parts.claiming import terms
from tests.parts.ports import free_port
from tests.parts.waiting import eventually
from tests.parts.webhook import Reply
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.notification.v1.notification_events_pb2 import NotificationChanged
from tocsin.notification.v1.notification_pb2 import Notification as Told


@pytest.fixture
async def house(any_database_url: str) -> AsyncIterator[House]:
    async with notification(any_database_url) as house:
        yield house


async def claim(house: House) -> list[Any]:
    return list((await house.db.write(claims.take, house.clock, terms())).pages)


async def test_a_crash_between_sending_and_recording_repeats_the_page(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    (first,) = await claim(house)

    assert await claim(house) == []  # it is another's for as long as the claim holds
    house.clock.turn(timedelta(seconds=31))
    (second,) = await claim(house)

    assert second.notification.key == first.notification.key
    assert second.notification.attempt == 2
    assert second.headline == "disk full (possible repeat)"
    await house.db.write(claims.record, house.clock, first, Sent(), 0.5)
    assert await house.states() == [State.SENDING]  # the older attempt changes nothing
    await house.db.write(claims.record, house.clock, second, Sent(), 0.5)
    assert await house.states() == [State.SENT]


async def test_an_answer_before_the_claim_keeps_the_page_back(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    await house.end()

    assert await house.deliverer.step() == 0

    assert await house.states() == [State.SUPPRESSED] * 2
    assert house.lines() == []
    *_, last = await house.published(NotificationChanged)
    assert last.notification.status == Told.Status.ERROR
    assert last.notification.error_message == "not needed: accepted or resolved"


async def test_an_answer_before_the_page_keeps_it_back(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.end()
    await house.page()

    assert await house.told() == []


async def test_a_claim_looks_for_the_answer_itself(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    await house.end()
    row = NotificationRow.__table__  # as if the page had come while the answer was written
    await house.db.write(lambda c: c.execute(update(row).values(state="PENDING")).rowcount)

    assert await claim(house) == []

    assert await house.states() == [State.SUPPRESSED]


async def test_a_run_that_nobody_answered_keeps_its_pages(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    await house.end(Escalation.State.EXHAUSTED)

    assert await house.deliverer.step() == 1


async def test_an_answer_during_the_sending_is_followed_by_a_stand_down(house: House) -> None:
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    house.posts.replies.append(Reply(delay=0.5))
    sending = asyncio.create_task(house.deliverer.step())
    await house.posts.wait_for(lambda post: True)
    await house.end()
    await sending

    assert await house.states() == [State.SENT, State.PENDING]
    await house.deliverer.step()

    first, second = (json.loads(post.body) for post in house.posts.requests)
    assert (first["type"], second["type"]) == ("page", "stand_down")
    assert second["text"] == "stood down: disk full was taken"
    assert second["endedBy"] == "Bob"
    assert await house.states() == [State.SENT, State.SENT]


@pytest.mark.parametrize("method", [Method.WEBHOOK, Method.EMAIL])
async def test_a_page_that_crossed_an_answer_is_taken_back_however_late_that_is_heard(
    house: House, method: Method
) -> None:
    target = house.posts.url if method is Method.WEBHOOK else "ada@example.com"
    await house.reach(method, target)
    answered = house.clock.wall()
    await house.page()
    await house.deliverer.step()
    house.clock.turn(timedelta(minutes=5))
    await house.end(subject_end_time=answered)
    await house.end(subject_end_time=answered)  # a run ends once
    await house.deliverer.step()

    assert [each.kind for each in await house.told()] == [Kind.PAGE, Kind.STAND_DOWN]
    assert await house.states() == [State.SENT, State.SENT]
    kept = await house.db.read(notifications.endings, [KEY])
    assert kept[KEY].subject_end_time == answered


async def test_whoever_was_paged_and_answered_needs_no_second_message(house: House) -> None:
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.reach(Method.EMAIL, "ada@example.com")
    await house.page()
    await house.deliverer.step()
    house.clock.turn(timedelta(seconds=30))
    await house.end(subject_end_time=house.clock.wall())

    assert await house.states() == [State.SENT, State.SENT]


async def test_a_terminal_is_told_when_a_page_is_over(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    await house.deliverer.step()
    await house.end(Escalation.State.STOPPED)
    await house.end(Escalation.State.ACKNOWLEDGED)  # a run ends once
    await house.deliverer.step()

    first, second = house.lines()
    assert (first["terminal"], second["terminal"]) == ("page", "stand_down")
    assert len(house.posts.requests) == 1
    assert [each.kind for each in await house.told()] == [Kind.PAGE, Kind.PAGE, Kind.STAND_DOWN]


async def test_a_crash_and_an_answer_end_in_a_stand_down(house: House) -> None:
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    await claim(house)
    await house.end()
    house.clock.turn(timedelta(seconds=31))
    await house.deliverer.step()
    await house.deliverer.step()

    assert await house.states() == [State.SUPPRESSED, State.SENT]
    (post,) = house.posts.requests
    assert json.loads(post.body)["type"] == "stand_down"


async def test_the_owner_of_the_subject_is_asked_before_sending(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    house.owner.state = OVER

    await house.deliverer.step()

    assert await house.states() == [State.SUPPRESSED]
    assert house.lines() == []
    ((asked,),) = [request.subjects for request in house.owner.asked]
    assert (asked.kind, asked.id, asked.episode) == ("alert", "7", 1)


async def test_an_owner_that_hangs_is_not_waited_for(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    house.owner.delay, house.owner.state = 10.0, OVER

    async with asyncio.timeout(5):
        await house.deliverer.step()

    assert await house.states() == [State.SENT]


async def test_an_owner_that_is_away_is_not_waited_for(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{free_port()}") as nobody:
        config = Config(database_url="", nats_url="", listen="")
        channels = {"TERMINAL": Terminal(house.output)}
        alone = Deliverer(house.db, house.clock, config, Subjects(nobody, nobody), channels, SEALER)
        await alone.step()

    assert await house.states() == [State.SENT]


async def test_an_answer_that_races_its_page_stops_it_or_takes_it_back(house: House) -> None:
    await house.reach(Method.TERMINAL)
    running = asyncio.create_task(house.deliverer.run())

    async def race(number: int) -> None:
        subject = Subject(kind="alert", id="7", title=f"disk {number}")
        await house.page(escalation_key=f"alert:7:{number}", subject=subject)
        await asyncio.sleep(number % 5 / 100)
        await house.react(ending(ACKNOWLEDGED, f"alert:7:{number}"))

    await asyncio.gather(*(race(number) for number in range(40)))

    async def quiet() -> bool:
        return {State.SENT, State.SUPPRESSED} >= set(await house.states())

    await eventually(quiet)
    running.cancel()
    await asyncio.wait({running})
    said = [(line["title"], line["terminal"]) for line in house.lines()]
    assert len(set(said)) == len(said)
    for title in {title for title, _ in said}:
        assert [what for about, what in said if about == title] == ["page", "stand_down"]


async def test_a_call_by_hand_names_no_level(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.reach(Method.EMAIL, "ada@example.com")
    await house.page(level=1001, level_count=0)

    await house.deliverer.step()

    (line,) = house.lines()
    assert (line["level"], line["level_count"]) == (0, 0)
    (mail,) = house.mails.mails
    assert "level" not in mail.text.replace("The next level is paged", "")
    assert "Somebody asked for you by name." in mail.text


async def test_a_call_to_what_was_taken_reaches_the_person(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.end()
    house.owner.state = OVER
    await house.page(escalation_key=f"{KEY}:call:1", level=1001, level_count=0)

    await house.deliverer.step()

    assert await house.states() == [State.SENT]
    assert house.owner.asked == []


async def test_a_call_to_what_was_taken_is_called_off_when_it_is_over(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.end()
    await house.page(escalation_key=f"{KEY}:call:1", level=1001, level_count=0)

    await house.end(Escalation.State.STOPPED)
    await house.deliverer.step()

    assert await house.states() == [State.SUPPRESSED]
    assert house.lines() == []
