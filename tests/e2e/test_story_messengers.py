"""People are paged by push, in Telegram and in Slack, and answer from the message."""

import json
import secrets
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest

from services.notification.slack_wire import signature
from tests.e2e.conftest import APPRISE_SCHEMES, BOT, SLACK_APP, SLACK_SIGNING, TELEGRAM_SECRET
from tests.parts.suite import Suite, pretty
from tests.parts.waiting import eventually
from tests.parts.webhook import Reply, Request, WebhookSink, webhook_sink

#: All of them take it as theirs.
TOOK = {
    "ok": True,
    "id": "sPs71M8A2T",
    "result": {"message_id": 3, "chat": {"id": 501}},
    "channel": "D024BE91L",
    "ts": "1503435956.000247",
}


@pytest.fixture
async def messengers(messenger_port: int) -> AsyncIterator[WebhookSink]:
    async with webhook_sink(messenger_port) as sink:
        sink.reply = Reply(body=json.dumps(TOOK).encode())
        yield sink


class Story:
    """Somebody who is told by one way alone, and whom nobody follows but at a second level."""

    def __init__(self, suite: Suite, client: httpx.Client, method: str, target: str) -> None:
        self.suite = suite
        self.client = client
        self.word = secrets.token_hex(4)
        self.first = self._make("/api/users", firstName="Ada", lastName="L", email=self._email())
        self.second = self._make("/api/users", firstName="Bob", lastName="B", email=self._email())
        self._make(f"/api/users/{self.first['id']}/contacts", method=method, target=target)
        levels = [
            {"escalationTimeoutSeconds": 600, "users": [{"id": user["id"]}]}
            for user in (self.first, self.second)
        ]
        policy = self._make(
            "/api/escalation-policies", name=f"policy {self.word}", escalationRules=levels
        )
        self.source = self._make(
            "/api/alert-sources",
            name=f"source {self.word}",
            integrationType="API",
            escalationPolicy={"id": policy["id"]},
        )

    async def page(self, sink: WebhookSink, path: str) -> Request:
        """Raises an alert; returns the message about it."""
        summary = f"disk {self.word} is full"
        key = self.source["integrationKey"]
        sent = self.suite.send("ALERT", summary, apiKey=key, priority="HIGH")
        assert sent.status_code == 202, pretty(sent)
        return await sink.wait_for(lambda r: r.path.endswith(path) and self.word.encode() in r.body)

    async def is_accepted(self) -> None:
        """Checks that Ada has accepted it, and that nobody else is paged when their time comes."""

        def alerts() -> list[dict[str, Any]]:
            params = {"sources": self.source["id"], "states": "ACCEPTED"}
            answer = self.client.get("/api/alerts", params=params)
            assert answer.status_code == 200, pretty(answer)
            found: list[dict[str, Any]] = answer.json()
            return found

        (alert,) = await eventually(alerts)
        told = self.client.get(f"/api/alerts/{alert['id']}/notifications").json()
        assert {each["user"]["id"] for each in told} == {self.first["id"]}

    def _email(self) -> str:
        return f"{secrets.token_hex(4)}@example.com"

    def _make(self, path: str, **body: Any) -> dict[str, Any]:
        made = self.client.post(path, json=body)
        assert made.status_code == 201, pretty(made)
        record: dict[str, Any] = made.json()
        return record


async def test_a_push_message_is_accepted_from_the_notification(
    suite: Suite, client: httpx.Client, messengers: WebhookSink
) -> None:
    story = Story(suite, client, "PUSH", f"alerts-{secrets.token_hex(4)}")
    message = json.loads((await story.page(messengers, "/")).body)

    accept = message["actions"][0]
    assert accept["url"].startswith(f"{suite.url}/api/answers/")
    async with httpx.AsyncClient(trust_env=False) as phone:  # which shows no token
        answer = await phone.request(
            accept["method"], accept["url"], headers=accept["headers"], content=accept["body"]
        )
    assert answer.status_code == 200, pretty(answer)

    await story.is_accepted()


async def test_a_message_in_telegram_is_accepted_by_its_button(
    suite: Suite, client: httpx.Client, messengers: WebhookSink
) -> None:
    story = Story(suite, client, "TELEGRAM", "501")
    request = await story.page(messengers, "/sendMessage")
    assert request.path == f"/bot{BOT}/sendMessage"
    (row,) = json.loads(request.body)["reply_markup"]["inline_keyboard"]
    query = {
        "id": "9",
        "from": {"id": 501},
        "message": {"message_id": 3, "chat": {"id": 501}},
        "data": row[0]["callback_data"],
    }
    async with httpx.AsyncClient(base_url=suite.url, trust_env=False) as telegram:
        hooked = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
        body = {"update_id": 1, "callback_query": query}
        stranger = await telegram.post("/hooks/telegram", json=body)
        assert stranger.status_code == 403, stranger.text
        answer = await telegram.post("/hooks/telegram", json=body, headers=hooked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["text"] == "Accepted by Ada L."

    edit = await messengers.wait_for(lambda r: r.path.endswith("/editMessageText"))
    assert json.loads(edit.body)["text"].endswith("Accepted by Ada L.")
    await story.is_accepted()
    assert not [line for line in suite.lines if BOT in line or row[0]["callback_data"] in line]
    assert not [path for path, content in suite.contents() if BOT.encode() in content]


async def test_a_message_in_slack_is_accepted_by_its_button(
    suite: Suite, client: httpx.Client, messengers: WebhookSink
) -> None:
    story = Story(suite, client, "SLACK", "U024BE7LH")
    request = await story.page(messengers, "/chat.postMessage")
    assert request.headers["authorization"] == f"Bearer {SLACK_APP}"
    (buttons,) = (b for b in json.loads(request.body)["blocks"] if b["type"] == "actions")
    button = buttons["elements"][0]
    payload = {
        "type": "block_actions",
        "user": {"id": "U024BE7LH"},
        "container": {"channel_id": "D024BE91L", "message_ts": "1503435956.000247"},
        "actions": [{"action_id": button["action_id"], "value": button["value"]}],
    }
    form = b"payload=" + quote_plus(json.dumps(payload)).encode()
    now = str(int(suite.now))
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": now,
        "x-slack-signature": signature(SLACK_SIGNING, now, form),
    }
    async with httpx.AsyncClient(base_url=suite.url, trust_env=False) as slack:
        forged = await slack.post("/hooks/slack", content=form + b"&x=1", headers=headers)
        assert forged.status_code == 403, forged.text
        answer = await slack.post("/hooks/slack", content=form, headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")

    edit = await messengers.wait_for(lambda r: r.path.endswith("/chat.update"))
    assert json.loads(edit.body)["text"].endswith("Accepted by Ada L.")
    await story.is_accepted()
    assert not [line for line in suite.lines if SLACK_APP in line]


async def test_a_message_through_apprise_is_accepted_by_its_link(
    suite: Suite, client: httpx.Client, messengers: WebhookSink
) -> None:
    assert "json" in APPRISE_SCHEMES
    host = messengers.url.removeprefix("http://")
    story = Story(suite, client, "APPRISE", f"json://ada:hush@{host}/apprise")
    message = json.loads((await story.page(messengers, "/apprise")).body)["message"]

    link = next(word for word in message.split() if "/m/" in word)
    answers = link.replace("/m/", "/api/answers/")
    async with httpx.AsyncClient(trust_env=False) as reader:
        answer = await reader.post(answers, json={"verb": "ACCEPT"})
    assert answer.status_code == 200, pretty(answer)

    await story.is_accepted()
    assert not [line for line in suite.lines if "hush" in line]
