"""What messengers are answered who call back, and whose presses of buttons count."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import grpc
import pytest
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.message import Message

from services.chassis.addresses import networks
from services.chassis.callers import Callers
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.limits import Limits
from services.chassis.migrations import migrate
from services.chassis.sealing import Sealer
from services.notification import consumer, slack_wire
from services.notification.buttons import Buttons
from services.notification.channels import asking
from services.notification.channels.slack import Slack
from services.notification.channels.telegram import Telegram
from services.notification.config import Config
from services.notification.domain.values import WAYS, Method, Notification, State
from services.notification.links import Links
from services.notification.slack_servicer import SlackServicer
from services.notification.store import contacts, notifications
from services.notification.telegram_servicer import TelegramServicer
from tests.contract.blocking import Answer, Calls
from tests.parts.webhook import Reply, WebhookSink, webhook_sink
from tocsin.escalation.v1.escalation_events_pb2 import PageRequested, UserChanged
from tocsin.escalation.v1.escalation_pb2 import Subject
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1 import slack_service_pb2 as slack_pb
from tocsin.notification.v1 import telegram_service_pb2 as telegram_pb

BOT, APP = "123:secret-bot", "xoxb-secret-app"
SECRET, SIGNING = "s3cret_of_the_webhook", "8f742231b10e8888"
ADAS, BOBS, ROOM = "501", "502", "-77"
OK, DENIED = grpc.StatusCode.OK, grpc.StatusCode.PERMISSION_DENIED
LIMITED = grpc.StatusCode.RESOURCE_EXHAUSTED
ADDRESS_CALLS = 5


@dataclass
class House:
    """The doors, what the messengers are told, and who tells notification what."""

    db: Database
    clock: Clock
    links: Links
    telegram: Calls
    slack: Calls
    sink: WebhookSink

    async def react(self, event: Message) -> None:
        """Reacts to an event of Escalation's."""
        reaction = consumer.reactions(WAYS)[event.DESCRIPTOR.full_name]
        payload = event.SerializeToString()
        await self.db.write(lambda c: reaction(c, self.clock.now(c), payload))

    async def reach(self, method: Method, target: str, user_id: int = 1) -> None:
        """Gives somebody a contact."""
        await self.db.write(lambda c: contacts.add(c, user_id, method, target, self.clock.now(c)))

    async def page(self, user_id: int = 1, **more: Any) -> str:
        """Has somebody paged; returns the token of the message."""
        now = await self.db.read(self.clock.now)
        values: dict[str, Any] = {
            "escalation_key": "alert:7:1",
            "subject": Subject(kind="alert", id="7", episode=1, title="disk full"),
            "level": 1,
            "level_count": 2,
            "user_ids": [user_id],
            "request_time": now,
            "next_step_time": now + timedelta(minutes=5),
        }
        await self.react(PageRequested(**values | more))
        told = await self.told()
        return self.links.token(next(each for each in told if each.user_id == user_id))

    async def told(self) -> list[Notification]:
        """Returns all notifications about the alert."""
        return await self.db.read(notifications.about, "alert", "7")

    async def update(self, update: Any, **metadata: str) -> Answer:
        """Has Telegram tell something."""
        headers = {"x_telegram_bot_api_secret_token": SECRET} | metadata
        body = HttpBody(content_type="application/json", data=json.dumps(update).encode())
        request = telegram_pb.TakeTelegramUpdateRequest(body=body)
        return await self.telegram("TakeTelegramUpdate", request, **headers)

    async def press_in_telegram(self, data: str, member: str = ADAS) -> Any:
        """Presses a button; returns what the person is told."""
        query = {
            "id": "9",
            "from": {"id": int(member)},
            "message": {"message_id": 3, "chat": {"id": int(ROOM)}},
            "data": data,
        }
        answer = await self.update({"callback_query": query})
        assert answer.code is OK
        said = json.loads(answer.reply.data)
        assert (said["method"], said["callback_query_id"]) == ("answerCallbackQuery", "9")
        return said["text"]

    async def press_in_slack(self, action: str, value: str, member: str, **more: str) -> Answer:
        """Presses a button."""
        payload = {
            "type": "block_actions",
            "user": {"id": member},
            "container": {"channel_id": "C1", "message_ts": "1.2"},
            "actions": [{"action_id": action, "value": value}],
            "response_url": "http://169.254.169.254/latest/meta-data",
        }
        data = b"payload=" + quote_plus(json.dumps(payload)).encode()
        now = str(int(time.time()))
        headers = {
            "x_slack_request_timestamp": now,
            "x_slack_signature": slack_wire.signature(SIGNING, now, data),
        }
        request = slack_pb.TakeSlackInteractionRequest(
            body=HttpBody(content_type="application/x-www-form-urlencoded", data=data)
        )
        return await self.slack("TakeSlackInteraction", request, **headers | more)

    def last(self) -> tuple[str, dict[str, Any]]:
        """Returns which method the messenger was last told to do, and with what."""
        request = self.sink.requests[-1]
        return request.path.rpartition("/")[2], json.loads(request.body)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    url = f"sqlite:///{tmp_path}/notification.db"
    migrate(url, "notification")
    config = Config(
        database_url=url, nats_url="", listen="", address_calls_per_minute=ADDRESS_CALLS
    )
    async with (
        database(url, "notification") as db,
        webhook_sink() as sink,
        asking.opened(networks("127.0.0.0/8")) as client,
    ):
        clock, links = Clock(), Links(Sealer({"k1": b"k" * 32}), "http://edge")
        callers, buttons = Callers(Limits(db, clock), config), Buttons(db, clock, links)
        bot, app = Telegram(client, sink.url, BOT), Slack(client, sink.url, APP)
        telegram = TelegramServicer(buttons, bot, callers, SECRET)
        slack = SlackServicer(buttons, app, callers, clock, SIGNING)
        made = House(
            db,
            clock,
            links,
            Calls(telegram_pb.DESCRIPTOR.services_by_name["TelegramService"], telegram),
            Calls(slack_pb.DESCRIPTOR.services_by_name["SlackService"], slack),
            sink,
        )
        for id_, name, language in ((1, "Ada", "en"), (2, "Bob", "de")):
            await made.react(
                UserChanged(user=User(id=id_, first_name=name, language=language), version=1)
            )
        yield made


async def test_a_press_in_telegram_accepts_and_the_message_says_so(house: House) -> None:
    await house.reach(Method.TELEGRAM, ADAS)
    token = await house.page()

    assert await house.press_in_telegram(f"ACCEPT:{token}") == "Accepted by Ada."

    assert [each.state for each in await house.told()] == [State.SUPPRESSED]
    method, edit = house.last()
    assert method == "editMessageText"
    assert (edit["chat_id"], edit["message_id"]) == (int(ROOM), 3)
    assert edit["text"].startswith("disk full\n")
    assert edit["text"].endswith("\n\nAccepted by Ada.")
    ((resolve,),) = edit["reply_markup"]["inline_keyboard"]
    assert resolve["callback_data"] == f"RESOLVE:{token}"
    assert await house.press_in_telegram(f"ACCEPT:{token}") == "Accepted by Ada."  # a redelivery
    assert await house.press_in_telegram(f"RESOLVE:{token}") == "Ended by Ada."
    assert house.last()[1]["reply_markup"] == {"inline_keyboard": []}


async def test_an_answer_counts_though_the_messenger_is_away(house: House) -> None:
    await house.reach(Method.TELEGRAM, ADAS)
    token = await house.page()
    house.sink.reply = Reply(drop=True)

    assert await house.press_in_telegram(f"ACCEPT:{token}") == "Accepted by Ada."
    assert [each.state for each in await house.told()] == [State.SUPPRESSED]


async def test_in_a_group_only_who_was_paged_answers(house: House) -> None:
    await house.reach(Method.TELEGRAM, ROOM)
    token = await house.page()
    wanted = "Only who was paged answers. Your id here, for a contact of yours in Tocsin: "

    assert await house.press_in_telegram(f"ACCEPT:{token}") == f"{wanted}{ADAS}"
    await house.reach(Method.TELEGRAM, BOBS, user_id=2)  # somebody, but nobody that was paged
    assert await house.press_in_telegram(f"ACCEPT:{token}", BOBS) == f"{wanted}{BOBS}"
    assert not house.sink.requests
    assert [each.state for each in await house.told()] == [State.PENDING]

    await house.reach(Method.TELEGRAM, ADAS)
    assert await house.press_in_telegram(f"ACCEPT:{token}") == "Accepted by Ada."


async def test_who_was_paged_by_another_way_answers_in_a_group(house: House) -> None:
    await house.reach(Method.TELEGRAM, ROOM)
    await house.reach(Method.TELEGRAM, BOBS, user_id=2)
    token = await house.page()
    await house.page(user_id=2, level=2)

    assert await house.press_in_telegram(f"ACCEPT:{token}", BOBS) == "Accepted by Bob."


@pytest.mark.parametrize(
    "data", ["", "ACCEPT:", "ACCEPT:abc", "DELETE:abc", f"ACCEPT:{'a' * 29}", "ACCEPT:\u00e4"]
)
async def test_what_no_button_holds_answers_nothing(house: House, data: str) -> None:
    said = await house.press_in_telegram(data)
    assert said == "This message cannot be answered any more."


async def test_a_token_of_another_channel_is_no_button(house: House) -> None:
    await house.reach(Method.EMAIL, "ada@example.com")
    token = await house.page()
    said = await house.press_in_telegram(f"ACCEPT:{token}")
    assert said == "This message cannot be answered any more."
    assert [each.state for each in await house.told()] == [State.PENDING]


async def test_an_answer_is_told_in_the_language_of_the_message(house: House) -> None:
    await house.reach(Method.TELEGRAM, BOBS, user_id=2)
    token = await house.page(user_id=2)
    assert await house.press_in_telegram(f"ACCEPT:{token}", BOBS) == "Von Bob angenommen."


async def test_start_tells_the_id_of_the_chat(house: House) -> None:
    answer = await house.update({"message": {"text": "/start abc", "chat": {"id": 501}}})
    said = json.loads(answer.reply.data)
    assert (said["method"], said["chat_id"]) == ("sendMessage", 501)
    assert "501" in said["text"]
    ignored = await house.update({"message": {"text": "hello", "chat": {"id": 501}}})
    assert (ignored.code, ignored.reply.data) == (OK, b"{}")


@pytest.mark.parametrize("secret", ["", "wrong", f"{SECRET}x"])
async def test_who_is_not_telegram_is_refused(house: House, secret: str) -> None:
    for _ in range(ADDRESS_CALLS):
        answer = await house.update({}, x_telegram_bot_api_secret_token=secret)
        assert answer.code is DENIED
        assert SECRET not in answer.details
    limited = await house.update({}, x_telegram_bot_api_secret_token=secret)
    assert limited.code is LIMITED
    assert (await house.update({})).code is OK  # Telegram itself is not held up


async def test_a_press_in_slack_accepts_and_the_message_says_so(house: House) -> None:
    house.sink.reply = Reply(body=b'{"ok":true}')
    await house.reach(Method.SLACK, "U024BE7LH")
    token = await house.page()

    answer = await house.press_in_slack("tocsin:ACCEPT", token, "U024BE7LH")

    assert (answer.code, answer.reply.data) == (OK, b"")
    assert [each.state for each in await house.told()] == [State.SUPPRESSED]
    (request,) = house.sink.requests  # no call went to the URL that came from outside
    assert request.headers["authorization"] == f"Bearer {APP}"
    method, edit = house.last()
    assert method == "chat.update"
    assert (edit["channel"], edit["ts"]) == ("C1", "1.2")
    assert edit["text"] == "disk full\nAccepted by Ada."
    (buttons,) = (block for block in edit["blocks"] if block["type"] == "actions")
    assert [each["action_id"] for each in buttons["elements"]] == ["tocsin:RESOLVE"]


async def test_a_stranger_in_a_channel_is_told_so_alone(house: House) -> None:
    await house.reach(Method.SLACK, "C024BE7LH")
    token = await house.page()

    assert (await house.press_in_slack("tocsin:ACCEPT", token, "U0STRANGER")).code is OK

    method, told = house.last()
    assert (method, told["user"]) == ("chat.postEphemeral", "U0STRANGER")
    assert told["text"].startswith("Only who was paged answers.")
    assert [each.state for each in await house.told()] == [State.PENDING]
    await house.reach(Method.SLACK, "U024BE7LH")
    await house.press_in_slack("tocsin:ACCEPT", token, "U024BE7LH")
    assert [each.state for each in await house.told()] == [State.SUPPRESSED]


async def test_other_buttons_in_slack_do_nothing(house: House) -> None:
    assert (await house.press_in_slack("other:ACCEPT", "abc", "U024BE7LH")).code is OK
    assert not house.sink.requests


@pytest.mark.parametrize(
    "more",
    [
        {"x_slack_signature": ""},
        {"x_slack_signature": "v0=00"},
        {"x_slack_request_timestamp": "1531420618"},
        {"x_slack_request_timestamp": ""},
    ],
)
async def test_what_is_not_signed_by_slack_is_refused(house: House, more: dict[str, str]) -> None:
    await house.reach(Method.SLACK, "U024BE7LH")
    token = await house.page()
    answer = await house.press_in_slack("tocsin:ACCEPT", token, "U024BE7LH", **more)
    assert answer.code is DENIED
    assert [each.state for each in await house.told()] == [State.PENDING]
