"""From a page that is requested to a person who is told."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from services.chassis.errors import Unavailable
from services.notification.domain.values import WAYS, Method, State
from services.notification.metrics import PAGE_LATENCY
from tests.integration.notification_house import (
    ACKNOWLEDGED,
    ADA,
    KEY,
    OVER,
    House,
    ending,
    notification,
)
from tests.parts.waiting import eventually
from tests.parts.webhook import Reply
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1.escalation_events_pb2 import (
    UserChanged,
)
from tocsin.escalation.v1.escalation_pb2 import Subject
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1.notification_events_pb2 import NotificationChanged
from tocsin.notification.v1.notification_pb2 import Notification as Told


@pytest.fixture
async def house(any_database_url: str) -> AsyncIterator[House]:
    async with notification(any_database_url) as house:
        yield house


def latency() -> float:
    ways = ("TERMINAL", "EMAIL", "WEBHOOK")
    return float(sum(PAGE_LATENCY.labels("HIGH", way)._sum.get() for way in ways))


async def test_a_page_reaches_a_person_by_every_way(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.reach(Method.EMAIL, "ada@example.com")
    await house.reach(Method.WEBHOOK, f"{house.posts.url}/page?key=secret")
    observed = latency()
    await house.page()

    assert await house.deliverer.step() == 3

    assert await house.states() == [State.SENT] * 3
    (line,) = house.lines()
    assert (line["terminal"], line["user"], line["title"]) == ("page", "Ada Lovelace", "disk full")
    assert (line["level"], line["level_count"], line["priority"]) == (1, 2, "HIGH")
    assert line["next_step_time"].endswith("Z")
    assert "\x07" not in house.output.getvalue()
    (mail,) = house.mails.mails
    assert mail.recipients == ("ada@example.com",)
    assert mail.message["Subject"] == "[tocsin] disk full"
    assert "It is full." in mail.text
    assert "<p>It is full.</p>" in mail.html
    assert "This is level 1 of 2." in mail.text
    assert line["lines"][0] == "This is level 1 of 2."
    (post,) = house.posts.requests
    told = json.loads(post.body)
    assert post.path == "/page?key=secret"
    assert (told["type"], told["text"], told["possibleRepeat"]) == ("page", "disk full", False)
    assert post.headers["webhook-id"] == post.headers["idempotency-key"] == "alert:7:1:0:1:1:3"
    assert int(post.headers["webhook-timestamp"]) > 0
    assert latency() >= observed + 3
    assert len(house.owner.asked) == 1


JOB = Subject(kind="job", id="backup", episode=1, title="backup is late")


async def test_a_page_of_another_programs_subject_says_how_to_acknowledge_it(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.reach(Method.EMAIL, "ada@example.com")
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page(escalation_key="job:backup:1", subject=JOB, escalation_id=9)

    assert await house.deliverer.step() == 3

    url = "http://edge/api/escalations/9/acknowledge"
    (line,), (mail,), (post,) = house.lines(), house.mails.mails, house.posts.requests
    assert (line["subject_kind"], line["escalation_id"]) == ("job", 9)
    assert "This is about job backup." in mail.text
    told = json.loads(post.body)
    assert (told["acceptUrl"], told["escalationId"]) == (url, 9)


async def test_a_page_of_another_programs_subject_is_rechecked_and_stood_down(
    house: House,
) -> None:
    await house.reach(Method.TERMINAL)
    await house.page(escalation_key="job:backup:1", subject=JOB, escalation_id=9)
    await house.deliverer.step()
    await house.react(ending(ACKNOWLEDGED, "job:backup:1"))
    await house.deliverer.step()

    page, stood_down = house.lines()
    assert (page["terminal"], stood_down["terminal"]) == ("page", "stand_down")
    asked = [subject for request in house.owner.asked for subject in request.subjects]
    assert [(each.kind, each.id, each.episode) for each in asked] == [("job", "backup", 1)]

    house.owner.state = OVER  # its answer has not come here yet
    again = Subject(kind="job", id="backup", episode=2, title="backup is late")
    await house.page(escalation_key="job:backup:2", subject=again, escalation_id=10)
    await house.deliverer.step()
    assert len(house.owner.asked) == 2
    assert len(house.lines()) == 2


async def test_what_becomes_of_a_page_is_told(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    await house.deliverer.step()

    scheduled, sent = await house.published(NotificationChanged)

    assert scheduled.notification.status == Told.Status.SCHEDULED
    assert sent.notification.status == Told.Status.SUCCESS
    assert (sent.escalation_key, sent.subject_kind, sent.subject_id) == (KEY, "alert", "7")
    assert (sent.attempt, scheduled.version, sent.version) == (1, 1, 3)
    assert sent.notification.user.firstname == "Ada"


async def test_a_page_that_is_told_twice_is_one(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.page()
    await house.page()
    await house.page(cycle=1)

    assert len(await house.told()) == 2


async def test_a_person_without_a_contact_gets_a_mail(house: House) -> None:
    await house.page()
    await house.deliverer.step()

    (mail,) = house.mails.mails
    assert mail.recipients == ("ada@example.com",)


async def test_a_person_who_cannot_be_reached_is_told_to_those_who_can_help(
    house: House,
) -> None:
    house.offered = [each for each in WAYS if each is not Method.EMAIL]
    await house.page()
    await house.page(level=2)

    first, second = await house.told()
    assert (first.state, first.error, second.state) == (State.FAILED, "no contact", State.FAILED)
    (alert,) = await house.published(SuiteAlertRaised)
    assert alert.alert_key == "notification:no-contact:1"
    assert await house.deliverer.step() == 0


async def test_a_person_who_is_gone_has_no_contacts(house: House) -> None:
    await house.reach(Method.TERMINAL)
    await house.react(UserChanged(user=ADA, version=2, deleted=True))
    await house.page()

    assert await house.states() == [State.FAILED]


async def test_the_loop_sends_what_comes_and_finishes_when_it_ends(house: House) -> None:
    await house.reach(Method.WEBHOOK, house.posts.url)
    running = asyncio.create_task(house.deliverer.run())
    house.posts.replies.extend([Reply(), Reply(delay=0.5)])
    await house.page()

    async def sent() -> bool:
        return await house.states() == [State.SENT]

    await eventually(sent)
    await house.page(level=2)
    await house.posts.wait_for(lambda post: json.loads(post.body)["level"] == 2)
    running.cancel()
    await asyncio.wait({running})

    assert await house.states() == [State.SENT, State.SENT]


async def test_many_pages_go_out_together_and_each_once(house: House) -> None:
    for user_id in range(1, 101):
        await house.reach(Method.WEBHOOK, house.posts.url, user_id)
    both = (house.deliverer, house.replica)
    running = [asyncio.create_task(each.run()) for each in both]
    await house.page(user_ids=range(1, 101))

    await eventually(lambda: len(house.posts.requests) >= 100, within=30)
    for each in running:
        each.cancel()
    await asyncio.wait(running)

    assert await house.states() == [State.SENT] * 100
    assert len({post.headers["webhook-id"] for post in house.posts.requests}) == 100
    assert len(house.posts.requests) == 100


async def test_a_person_whom_nobody_knows_yet_is_waited_for(house: House) -> None:
    with pytest.raises(Unavailable):
        await house.page(user_ids=[2])
    await house.react(UserChanged(user=User(id=2, email="bob@example.com"), version=1))
    await house.page(user_ids=[2])
    await house.deliverer.step()

    (mail,) = house.mails.mails
    assert mail.recipients == ("bob@example.com",)
