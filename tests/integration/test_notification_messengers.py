"""ntfy, Telegram, Slack and Apprise at the wire: what is sent, and what every answer means."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.chassis.addresses import networks
from services.notification.channels import apprise as apprise_channel
from services.notification.channels import asking, ntfy, slack, telegram
from services.notification.channels.apprise import Apprise
from services.notification.channels.channel import Channel
from services.notification.channels.ntfy import Ntfy
from services.notification.channels.slack import Slack
from services.notification.channels.telegram import Telegram
from services.notification.domain.values import (
    Failed,
    Method,
    Outcome,
    Page,
    Retry,
    Sent,
    State,
)
from tests.integration.notification_house import notification
from tests.parts.pages import LINK, a_page, bundle, stand_down
from tests.parts.ports import free_port
from tests.parts.webhook import Reply, WebhookSink, webhook_sink

BOT = "123456:AA-very_secret"
APP = "xoxb-very-secret"
ACCESS = "tk_verysecret"
ANSWER = "https://tocsin.example/api/answers/c2VjcmV0"
SECRETS = (BOT, APP, ACCESS, "very", "c2VjcmV0", "hush")
ALLOWED = networks("127.0.0.0/8")
NTFY_TOOK = Reply(body=b'{"id":"sPs71M8A2T","event":"message","topic":"hush"}')
TELEGRAM_TOOK = Reply(body=b'{"ok":true,"result":{"message_id":3,"chat":{"id":-42}}}')
SLACK_TOOK = Reply(body=b'{"ok":true,"channel":"D024BE91L","ts":"1503435956.000247"}')

#: Of Apprise's own, when it loads its plug-ins.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
async def sink() -> AsyncIterator[WebhookSink]:
    async with webhook_sink() as opened:
        yield opened


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with asking.opened(ALLOWED) as opened:
        yield opened


def channels(client: httpx.AsyncClient, url: str) -> dict[str, tuple[Channel, str, Reply]]:
    """Returns the channels, each with a target of its kind and how its provider takes a page."""
    return {
        "ntfy": (Ntfy(client, url, ACCESS), "hush", NTFY_TOOK),
        "telegram": (Telegram(client, url, BOT), "-42", TELEGRAM_TOOK),
        "slack": (Slack(client, url, APP), "U024BE7LH", SLACK_TOOK),
    }


async def sent(
    client: httpx.AsyncClient, sink: WebhookSink, kind: str, page: Page, reply: Reply | None = None
) -> tuple[Outcome, dict[str, Any]]:
    """Sends a page; returns what became of it, and the last that was sent."""
    channel, target, took = channels(client, sink.url)[kind]
    sink.reply = reply or took
    addressed = a_page_to(page, target)
    outcome = await channel.send(addressed)
    for secret in SECRETS:
        assert secret not in repr(outcome)
        assert secret not in channel.provider(addressed)
    return outcome, json.loads(sink.requests[-1].body)


def a_page_to(page: Page, target: str) -> Page:
    return replace(page, address=target)


async def test_ntfy_is_told_all_it_can_show(client: httpx.AsyncClient, sink: WebhookSink) -> None:
    outcome, body = await sent(client, sink, "ntfy", a_page())

    assert outcome == Sent("sPs71M8A2T")
    (request,) = sink.requests
    assert (request.method, request.path) == ("POST", "/")
    assert request.headers["authorization"] == f"Bearer {ACCESS}"
    assert request.headers["content-type"] == "application/json"
    assert (body["topic"], body["title"], body["priority"]) == ("hush", "disk full on db-1", 5)
    assert "This is level 1 of 3." in body["message"]
    assert (body["tags"], body["click"]) == (["rotating_light"], LINK)
    accept, view = body["actions"]
    assert accept == {
        "action": "http",
        "label": "Accept",
        "url": ANSWER,
        "method": "POST",
        "headers": {"Content-Type": "application/json"},
        "body": '{"verb":"ACCEPT"}',
        "clear": True,
    }
    assert (view["action"], view["url"]) == ("view", LINK)


@pytest.mark.parametrize(
    ("page", "priority", "tag", "answers"),
    [
        (a_page(intent={"priority": "LOW"}), 3, "bell", True),
        (a_page(link=""), 5, "rotating_light", False),
        (stand_down(), 2, "white_check_mark", False),
        (bundle(3), 5, "rotating_light", True),
        (a_page(intent={"title": "x" * 900, "details": "ü" * 9000}), 5, "rotating_light", True),
    ],
)
async def test_ntfy_is_as_loud_as_it_must_be(
    client: httpx.AsyncClient,
    sink: WebhookSink,
    page: Page,
    priority: int,
    tag: str,
    answers: bool,
) -> None:
    _, body = await sent(client, sink, "ntfy", page)
    assert (body["priority"], body["tags"], "actions" in body) == (priority, [tag], answers)
    assert len(body["message"].encode()) <= 4096
    assert len(body["title"]) <= 100


async def test_a_repeat_in_ntfy_takes_the_place_of_what_it_repeats(
    client: httpx.AsyncClient, sink: WebhookSink
) -> None:
    _, first = await sent(client, sink, "ntfy", a_page())
    _, again = await sent(client, sink, "ntfy", a_page(notification={"possible_repeat": True}))
    _, over = await sent(client, sink, "ntfy", stand_down())
    assert first["sequence_id"] == again["sequence_id"] != over["sequence_id"]
    assert len(first["sequence_id"]) <= 64


async def test_another_ntfy_server_is_not_shown_our_token(
    client: httpx.AsyncClient, sink: WebhookSink
) -> None:
    channel = Ntfy(client, "https://ntfy.example.com", ACCESS)
    sink.reply = NTFY_TOOK
    own = sink.url.replace("//", "//:tk_own@")
    for target, shown in ((sink.url, None), (own, "Bearer tk_own")):
        assert isinstance(await channel.send(a_page_to(a_page(), f"{target}/hush")), Sent)
        assert sink.requests[-1].headers.get("authorization") == shown


async def test_telegram_is_told_in_plain_text_with_buttons(
    client: httpx.AsyncClient, sink: WebhookSink
) -> None:
    outcome, body = await sent(client, sink, "telegram", a_page(intent={"title": "<b>&x"}))

    assert outcome == Sent("-42:3")
    (request,) = sink.requests
    assert (request.method, request.path) == ("POST", f"/bot{BOT}/sendMessage")
    assert body["chat_id"] == -42
    assert "parse_mode" not in body
    assert body["text"].startswith("<b>&x\n")
    assert LINK in body["text"]
    (row,) = body["reply_markup"]["inline_keyboard"]
    assert [(key["text"], key["callback_data"]) for key in row] == [
        ("Accept", "ACCEPT:c2VjcmV0"),
        ("Resolve", "RESOLVE:c2VjcmV0"),
        ("Escalate", "ESCALATE:c2VjcmV0"),
    ]


async def test_slack_is_told_in_blocks_with_buttons(
    client: httpx.AsyncClient, sink: WebhookSink
) -> None:
    outcome, body = await sent(client, sink, "slack", a_page(intent={"title": "<!here> & x"}))

    assert outcome == Sent("D024BE91L:1503435956.000247")
    (request,) = sink.requests
    assert (request.method, request.path) == ("POST", "/api/chat.postMessage")
    assert request.headers["authorization"] == f"Bearer {APP}"
    assert body["channel"] == "U024BE7LH"
    assert body["text"] == "&lt;!here&gt; &amp; x"
    header, *_, buttons = body["blocks"]
    assert header["text"] == {"type": "plain_text", "text": "<!here> & x", "emoji": False}
    assert [(each["action_id"], each["value"]) for each in buttons["elements"]] == [
        ("tocsin:ACCEPT", "c2VjcmV0"),
        ("tocsin:RESOLVE", "c2VjcmV0"),
        ("tocsin:ESCALATE", "c2VjcmV0"),
    ]
    assert (body["unfurl_links"], body["unfurl_media"]) == (False, False)


@pytest.mark.parametrize("kind", ["telegram", "slack"])
async def test_a_page_that_is_taken_back_has_no_buttons_any_more(
    client: httpx.AsyncClient, sink: WebhookSink, kind: str
) -> None:
    before = {"telegram": "-42:3", "slack": "D024BE91L:1503435956.000247"}[kind]
    page = stand_down(taken_back=(before,), reason="accepted", ended_by="Bob")
    sink.replies.append(Reply(status=500))  # it only looks better

    outcome, last = await sent(client, sink, kind, page)

    assert isinstance(outcome, Sent)
    edit, message = sink.requests
    assert edit.path.endswith(("/editMessageText", "/chat.update"))
    assert message.path.endswith(("/sendMessage", "/chat.postMessage"))
    told = json.loads(edit.body)
    assert "was accepted by Bob" in told["text"]
    if kind == "telegram":
        assert (told["chat_id"], told["message_id"]) == (-42, 3)
        assert told["reply_markup"] == {"inline_keyboard": []}
        assert "reply_markup" not in last
        assert last["disable_notification"] is True
    else:
        assert (told["channel"], told["ts"]) == ("D024BE91L", "1503435956.000247")
        assert not any(block["type"] == "actions" for block in told["blocks"])


@pytest.mark.parametrize(
    ("method", "target", "took", "paths"),
    [
        (Method.TELEGRAM, "-42", TELEGRAM_TOOK, ["sendMessage", "editMessageText", "sendMessage"]),
        (
            Method.SLACK,
            "U024BE7LH",
            SLACK_TOOK,
            ["chat.postMessage", "chat.update", "chat.postMessage"],
        ),
    ],
)
async def test_what_crossed_an_answer_is_taken_back_where_it_stands(
    any_database_url: str, method: Method, target: str, took: Reply, paths: list[str]
) -> None:
    async with notification(any_database_url) as house:
        house.posts.reply = took
        await house.reach(method, target)
        await house.page()
        assert await house.deliverer.step() == 1
        await house.end(subject_end_time=await house.db.read(house.clock.now))
        assert await house.deliverer.step() == 1

        assert await house.states() == [State.SENT, State.SENT]
        assert [each.path.rpartition("/")[2] for each in house.posts.requests] == paths


def said(**body: Any) -> bytes:
    return json.dumps(body).encode()


FIVE = timedelta(seconds=5)
EVERYBODYS = [
    (Reply(status=500), Retry),
    (Reply(status=503, headers={"retry-after": "5"}), Retry),
    (Reply(status=302, headers={"location": "http://127.0.0.1:9/x"}), Failed),
    (Reply(status=200, body=b"<html>welcome</html>"), Retry),
    (Reply(status=200, body=b"{"), Retry),
    (Reply(drop=True), Retry),
]


@pytest.mark.parametrize("kind", ["ntfy", "telegram", "slack"])
@pytest.mark.parametrize(("reply", "wanted"), EVERYBODYS)
async def test_what_every_provider_may_answer(
    client: httpx.AsyncClient, sink: WebhookSink, kind: str, reply: Reply, wanted: type
) -> None:
    outcome, _ = await sent(client, sink, kind, a_page(), reply)
    assert isinstance(outcome, wanted)
    if isinstance(outcome, Retry):
        assert outcome.unknown == (reply.drop or reply.status == 200)
        assert outcome.after == (FIVE if reply.headers else None)


@pytest.mark.parametrize(
    ("kind", "reply", "wanted"),
    [
        ("ntfy", Reply(status=400, body=said(code=40009)), Failed("ntfy: HTTP 400, 40009")),
        (
            "ntfy",
            Reply(status=401),
            Failed("ntfy: HTTP 401: it refuses the user or the access token"),
        ),
        (
            "ntfy",
            Reply(status=403, body=said(code=40301, error="forbidden: topic hush")),
            Failed("ntfy: HTTP 403, 40301: it lets nobody, or not this user, write to the topic"),
        ),
        (
            "ntfy",
            Reply(status=413, body=said(code=41301)),
            Failed("ntfy: HTTP 413, 41301: it finds the message too long"),
        ),
        (
            "ntfy",
            Reply(status=429, headers={"retry-after": "5"}),
            Retry("ntfy: HTTP 429: it takes no more messages for now", FIVE),
        ),
        (
            "telegram",
            Reply(
                status=429,
                body=said(
                    ok=False,
                    error_code=429,
                    description="Too Many Requests: retry after 5",
                    parameters={"retry_after": 5},
                ),
            ),
            Retry("Telegram: Too Many Requests: retry after 5", FIVE),
        ),
        (
            "telegram",
            Reply(status=403, body=said(description="Forbidden: bot was blocked by the user")),
            Failed("Telegram: Forbidden: bot was blocked by the user"),
        ),
        (
            "telegram",
            Reply(status=400, body=said(description=f"Bad Request: chat not found {BOT}")),
            Failed("Telegram: Bad Request: chat not found …"),
        ),
        (
            "telegram",
            Reply(status=400, body=said(parameters={"migrate_to_chat_id": -100})),
            Failed("the group became a supergroup with another id: send it /start"),
        ),
        (
            "telegram",
            Reply(status=401, body=said(description="Unauthorized")),
            Retry("Telegram refuses the bot's token"),
        ),
        (
            "slack",
            Reply(status=429, headers={"retry-after": "5"}),
            Retry("Slack: HTTP 429", FIVE),
        ),
        (
            "slack",
            Reply(headers={"retry-after": "5"}, body=said(ok=False, error="ratelimited")),
            Retry("Slack: ratelimited", FIVE),
        ),
        (
            "slack",
            Reply(body=said(ok=False, error="internal_error")),
            Retry("Slack: internal_error", unknown=True),
        ),
        (
            "slack",
            Reply(body=said(ok=False, error="channel_not_found")),
            Failed("Slack: channel_not_found"),
        ),
        (
            "slack",
            Reply(body=said(ok=False, error="account_inactive")),
            Failed("Slack: account_inactive"),
        ),
        (
            "slack",
            Reply(body=said(ok=False, error="token_revoked")),
            Retry("Slack: token_revoked"),
        ),
        (
            "slack",
            Reply(body=said(ok=False, error="<b>very odd")),
            Retry("what answers is not Slack's Web API", unknown=True),
        ),
    ],
)
async def test_what_a_refusal_means(
    client: httpx.AsyncClient, sink: WebhookSink, kind: str, reply: Reply, wanted: Outcome
) -> None:
    outcome, _ = await sent(client, sink, kind, a_page(), reply)
    assert outcome == wanted


@pytest.mark.parametrize("kind", ["ntfy", "telegram", "slack"])
async def test_who_hangs_or_is_away_is_asked_again(
    client: httpx.AsyncClient, sink: WebhookSink, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (ntfy, telegram, slack):
        monkeypatch.setattr(module, "SECONDS", 0.2)
    outcome, _ = await sent(client, sink, kind, a_page(), Reply(delay=5))
    assert isinstance(outcome, Retry)
    assert outcome.unknown

    channel, target, _ = channels(client, f"http://127.0.0.1:{free_port()}")[kind]
    away = await channel.send(a_page_to(a_page(), target))
    assert away == Retry("cannot connect: ConnectError")


@pytest.mark.parametrize("kind", ["ntfy", "telegram", "slack"])
async def test_nothing_goes_where_no_call_goes(sink: WebhookSink, kind: str) -> None:
    async with asking.opened(()) as client:
        channel, target, _ = channels(client, sink.url)[kind]
        outcome = await channel.send(a_page_to(a_page(), target))
    assert outcome == Failed(
        "not called: the host is 127.0.0.1, where this deployment calls nobody"
    )
    assert not sink.requests


@pytest.mark.parametrize("kind", ["ntfy", "telegram", "slack"])
async def test_what_is_no_target_is_not_sent(
    client: httpx.AsyncClient, sink: WebhookSink, kind: str
) -> None:
    channel, _, _ = channels(client, sink.url)[kind]
    assert isinstance(await channel.send(a_page_to(a_page(), "a/../b c")), Failed)
    assert isinstance(await Telegram(client, sink.url, "").send(a_page()), Failed)
    assert isinstance(await Slack(client, sink.url, "").send(a_page()), Failed)
    assert not sink.requests


def an_apprise_page(url: str, **more: Any) -> Page:
    return a_page_to(a_page(**more), url)


async def test_apprise_calls_real_services(sink: WebhookSink) -> None:
    channel = Apprise({"json", "ntfy"}, ALLOWED)
    host = sink.url.removeprefix("http://")

    as_json = an_apprise_page(f"json://ada:hush@{host}/path")
    assert await channel.send(as_json) == Sent()
    assert channel.provider(as_json) == "apprise:json"
    told = json.loads(sink.requests[-1].body)
    assert told["title"] == "disk full on db-1"
    assert told["message"].startswith("This is level 1 of 3.")
    assert LINK in told["message"]
    assert told["type"] == "failure"

    sink.reply = NTFY_TOOK
    assert await channel.send(an_apprise_page(f"ntfy://{host}/hush")) == Sent()
    assert json.loads(sink.requests[-1].body)["topic"] == "hush"


async def test_apprise_follows_no_redirect_and_keeps_its_words_to_itself(
    sink: WebhookSink, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = Apprise({"json"}, ALLOWED)
    host = sink.url.removeprefix("http://")
    for reply in (
        Reply(status=302, headers={"location": f"{sink.url}/elsewhere"}),
        Reply(status=500),
        Reply(drop=True),
    ):
        sink.reply = reply
        outcome = await channel.send(an_apprise_page(f"json://ada:hush@{host}/?redirect=yes"))
        assert outcome == Retry("Apprise could not deliver it", unknown=True, theirs=True)
    assert all(request.path != "/elsewhere" for request in sink.requests)
    assert "hush" not in caplog.text


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("xml://127.0.0.1/", Failed("its scheme is not among TOCSIN_APPRISE_SCHEMES")),
        ("syslog://", Failed("its scheme is not among TOCSIN_APPRISE_SCHEMES")),
        ("nothing", Failed("its scheme is not among TOCSIN_APPRISE_SCHEMES")),
        ("tgram://", Failed("Apprise cannot use the URL")),
        (
            "json://127.0.0.1:{port}/",
            Failed("not called: the host is 127.0.0.1, where this deployment calls nobody"),
        ),
        (
            "json://localhost:{port}/",
            Failed("not called: the host is {any}, where this deployment calls nobody"),
        ),
        ("json://nowhere.invalid/", Retry("the name of the host is unknown", theirs=True)),
    ],
)
async def test_apprise_does_no_more_than_it_may(
    sink: WebhookSink, url: str, wanted: Outcome
) -> None:
    channel = Apprise({"json", "tgram", "syslog"}, ())
    outcome = await channel.send(an_apprise_page(url.replace("{port}", sink.url.split(":")[-1])))
    assert type(outcome) is type(wanted)
    if "{any}" not in repr(wanted):
        assert outcome == wanted
    assert not sink.requests


async def test_what_apprise_takes_too_long_for_may_have_been_sent(
    sink: WebhookSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apprise_channel, "SECONDS", 1.0)
    monkeypatch.setattr(apprise_channel, "THREADS", 1)
    channel = Apprise({"json"}, ALLOWED)
    host = sink.url.removeprefix("http://")
    await channel.send(an_apprise_page(f"json://{host}/"))  # loads Apprise
    sink.reply = Reply(delay=1.5)

    first, second = await asyncio.gather(
        *(channel.send(an_apprise_page(f"json://{host}/{each}")) for each in range(2))
    )

    assert first == Retry("Apprise took longer than 1 s", unknown=True)
    assert second == Retry("Apprise is busy with other messages to that service")
