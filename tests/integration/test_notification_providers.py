"""Providers that fail, hang, refuse or ask for patience, and what they are sent."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import ValidationError

from services.notification.config import Config
from services.notification.domain.values import Method, State
from tests.integration.notification_house import (
    House,
    notification,
)
from tests.parts.ports import free_port
from tests.parts.smtp import Manner
from tests.parts.webhook import Reply
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1.escalation_pb2 import Subject
from tocsin.notification.v1.notification_events_pb2 import NotificationChanged


@pytest.fixture
async def house(any_database_url: str) -> AsyncIterator[House]:
    async with notification(any_database_url) as house:
        yield house


async def test_a_provider_that_fails_is_tried_again(house: House) -> None:
    house.posts.replies.append(Reply(status=500))
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()

    await house.deliverer.step()
    assert await house.states() == [State.RETRY]
    assert await house.deliverer.step() == 0
    house.clock.turn(timedelta(seconds=2))
    await house.deliverer.step()

    assert await house.states() == [State.SENT]
    first, second = house.posts.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert json.loads(second.body)["text"] == "disk full"  # a clear refusal makes no repeat


async def test_a_provider_says_when_to_try_again(house: House) -> None:
    house.posts.replies.append(Reply(status=429, headers={"Retry-After": "120"}))
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    await house.deliverer.step()

    house.clock.turn(timedelta(seconds=110))
    assert await house.deliverer.step() == 0
    house.clock.turn(timedelta(seconds=11))
    assert await house.deliverer.step() == 1

    assert await house.states() == [State.SENT]


async def test_a_provider_that_refuses_for_good_is_not_tried_again(house: House) -> None:
    house.posts.reply = Reply(status=404)
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    await house.deliverer.step()

    (told,) = await house.told()
    assert (told.state, told.error) == (State.FAILED, "HTTP 404")
    (alert,) = await house.published(SuiteAlertRaised)
    assert alert.alert_key == "notification:unreachable:1"


async def test_a_redirect_is_not_followed(house: House) -> None:
    house.posts.reply = Reply(status=302, headers={"Location": f"{house.posts.url}/elsewhere"})
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()
    await house.deliverer.step()

    assert await house.states() == [State.FAILED]
    assert len(house.posts.requests) == 1


async def test_one_way_that_fails_alarms_nobody_while_another_works(house: House) -> None:
    house.posts.reply = Reply(status=404)
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.reach(Method.TERMINAL)
    await house.page()
    await house.deliverer.step()

    assert sorted(await house.states()) == [State.FAILED, State.SENT]
    assert await house.published(SuiteAlertRaised) == []


async def test_a_page_that_nobody_takes_for_hours_is_given_up(house: House) -> None:
    await house.reach(Method.WEBHOOK, f"http://127.0.0.1:{free_port()}")
    await house.page()
    await house.deliverer.step()
    assert await house.states() == [State.RETRY]

    house.clock.turn(timedelta(hours=4))
    await house.deliverer.step()

    (told,) = await house.told()
    assert (told.state, told.error) == (State.EXPIRED, "cannot connect: ConnectError")
    assert len(await house.published(SuiteAlertRaised)) == 1


async def test_a_mail_server_that_is_busy_is_tried_again(house: House) -> None:
    house.mails.manner = Manner.REFUSE_FOR_NOW
    await house.reach(Method.EMAIL, "ada@example.com")
    await house.page()
    await house.deliverer.step()
    assert await house.states() == [State.RETRY]

    house.mails.manner = Manner.ACCEPT
    house.clock.turn(timedelta(seconds=2))
    await house.deliverer.step()

    assert await house.states() == [State.SENT]


async def test_a_mail_server_that_refuses_for_good_is_believed(house: House) -> None:
    house.mails.manner = Manner.REFUSE_FOR_GOOD
    await house.reach(Method.EMAIL, "ada@example.com")
    await house.page()
    await house.deliverer.step()

    (told,) = await house.told()
    assert (told.state, told.error) == (
        State.FAILED,
        "SMTP 550: 5.1.1 nobody of that name",
    )


async def test_a_mail_whose_reply_is_lost_may_come_twice_and_says_so(house: House) -> None:
    house.mails.manner = Manner.DROP_REPLY
    await house.reach(Method.EMAIL, "ada@example.com")
    await house.page()
    await house.deliverer.step()
    house.mails.manner = Manner.ACCEPT
    house.clock.turn(timedelta(seconds=2))
    await house.deliverer.step()

    first, second = house.mails.mails
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert second.message["Subject"] == "[tocsin] disk full (possible repeat)"


async def test_a_provider_that_hangs_costs_a_retry(house: House) -> None:
    house.posts.replies.append(Reply(delay=30))
    await house.reach(Method.WEBHOOK, house.posts.url)
    await house.page()

    await house.deliverer.step()

    (told,) = await house.told()
    assert (told.state, told.error) == (State.RETRY, "no answer within 2 s")
    assert told.possible_repeat


async def test_a_channel_that_breaks_costs_a_retry(house: House) -> None:
    await house.reach(Method.TERMINAL)
    house.output.close()  # writing to it raises what no channel expects
    await house.page()

    await house.deliverer.step()

    assert await house.states() == [State.RETRY]


async def test_a_title_cannot_smuggle_a_header(house: House) -> None:
    title = "disk\r\nBcc: bob@example.com\r\n\r\nfull\x00"
    await house.reach(Method.EMAIL, "ada@example.com")
    await house.reach(Method.WEBHOOK, house.posts.url)
    subject = Subject(kind="dëploy", id="a\r\nb", title=title)
    await house.page(escalation_key="dëploy:a\r\nb:1", subject=subject)

    assert await house.deliverer.step() == 2

    (mail,) = house.mails.mails
    assert mail.message["Bcc"] is None
    assert mail.message["Subject"] == "[tocsin] disk Bcc: bob@example.com full"
    assert mail.recipients == ("ada@example.com",)
    (post,) = house.posts.requests
    assert post.headers["webhook-id"] == "d%C3%ABploy:a%0D%0Ab:1:0:1:1:2"


async def test_a_url_is_never_logged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="services")
    for target in ("http://user:secret@127.0.0.1:1/?key=secret", f"{house.posts.url}/?key=secret"):
        await house.reach(Method.WEBHOOK, target)
    house.posts.reply = Reply(status=404)
    await house.page()
    await house.deliverer.step()

    assert caplog.text
    assert "secret" not in caplog.text
    assert not any("secret" in each.error for each in await house.told())
    assert "secret" not in str(await house.published(NotificationChanged))


async def test_a_mark_outlives_a_long_title_in_any_alphabet(house: House) -> None:
    await house.reach(Method.EMAIL, "ada@example.com")
    subject = Subject(kind="alert", id="7", title="Größe 🔥 " * 200)
    house.mails.manner = Manner.DROP_REPLY
    await house.page(subject=subject)
    await house.deliverer.step()
    house.clock.turn(timedelta(seconds=2))
    await house.deliverer.step()

    first, second = (str(mail.message["Subject"]) for mail in house.mails.mails)
    assert first.startswith("[tocsin] Größe 🔥 Größe")
    assert second.endswith("… (possible repeat)")


@pytest.mark.parametrize("setting", [{"smtp_url": "http://x"}, {"smtp_sender": "nobody"}])
def test_a_mail_server_that_cannot_be_one_is_refused(setting: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Config(database_url="", nats_url="", listen="", **setting)  # type: ignore[arg-type] # wrong
