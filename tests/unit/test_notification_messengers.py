"""Messengers: what they sign, what they send, and what fits into their messages."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

import httpx
import orjson
import pytest
from pydantic import ValidationError

from services.chassis.sealing import Sealer
from services.notification import slack_wire, telegram_wire
from services.notification.channels import slack, telegram
from services.notification.channels.ntfy import Topic
from services.notification.config import Config
from services.notification.domain.answers import Part, Stand, Standing, Verb
from services.notification.links import Links, token_of
from services.notification.messages import compose
from services.notification.messages.answered import outcome
from services.notification.messages.message import Action
from tests.parts.pages import a_page, bundle, stand_down

# The example of Slack's own documentation of signatures.
EXAMPLE_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
EXAMPLE_TIME = "1531420618"
EXAMPLE_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
    b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
    b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
EXAMPLE_SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
THEN = datetime.fromtimestamp(int(EXAMPLE_TIME), UTC)
HEADERS = {slack_wire.TIME: EXAMPLE_TIME, slack_wire.SIGNATURE: EXAMPLE_SIGNATURE}
EVIL = "<!channel> <@U1> &amp; *x* <https://evil.example|safe> | ]("
SERVER = "https://ntfy.example.com"


def test_the_vendors_example_of_a_signature_holds() -> None:
    assert slack_wire.signature(EXAMPLE_SECRET, EXAMPLE_TIME, EXAMPLE_BODY) == EXAMPLE_SIGNATURE
    assert slack_wire.is_signed(EXAMPLE_SECRET, HEADERS, EXAMPLE_BODY, THEN)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_clocks_may_be_five_minutes_apart(seconds: int) -> None:
    now = THEN + timedelta(seconds=seconds)
    assert slack_wire.is_signed(EXAMPLE_SECRET, HEADERS, EXAMPLE_BODY, now)


@pytest.mark.parametrize(
    ("secret", "headers", "body", "seconds"),
    [
        ("", HEADERS, EXAMPLE_BODY, 0),
        ("other", HEADERS, EXAMPLE_BODY, 0),
        (EXAMPLE_SECRET, HEADERS, EXAMPLE_BODY + b"&", 0),
        (EXAMPLE_SECRET, HEADERS, EXAMPLE_BODY, 301),
        (EXAMPLE_SECRET, HEADERS, EXAMPLE_BODY, -301),
        (EXAMPLE_SECRET, {}, EXAMPLE_BODY, 0),
        (EXAMPLE_SECRET, {**HEADERS, slack_wire.TIME: "1531420619"}, EXAMPLE_BODY, 0),
        (EXAMPLE_SECRET, {**HEADERS, slack_wire.TIME: "¹"}, EXAMPLE_BODY, 0),
        (EXAMPLE_SECRET, {**HEADERS, slack_wire.TIME: "9" * 400}, EXAMPLE_BODY, 0),
        (EXAMPLE_SECRET, {**HEADERS, slack_wire.SIGNATURE: "v0=ä"}, EXAMPLE_BODY, 0),
    ],
)
def test_nothing_else_is_signed(
    secret: str, headers: dict[str, str], body: bytes, seconds: int
) -> None:
    now = THEN + timedelta(seconds=seconds)
    assert not slack_wire.is_signed(secret, headers, body, now)


def interaction(**more: Any) -> bytes:
    payload = {
        "type": "block_actions",
        "user": {"id": "U1ADA00"},
        "container": {"channel_id": "D1", "message_ts": "1.2"},
        "actions": [{"action_id": "tocsin:ACCEPT", "value": "abc"}],
        **more,
    }
    return b"payload=" + quote_plus(orjson.dumps(payload)).encode()


def test_a_press_in_slack_is_read() -> None:
    read = slack_wire.read(interaction())
    assert read == slack_wire.Pressed("U1ADA00", "D1", "1.2", "tocsin:ACCEPT", "abc")
    assert slack.pressed("tocsin:ACCEPT", "abc") == (Verb.ACCEPT, "abc")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"payload=",
        b"payload=1&payload=2",
        b"payload=" + b"[" * 2000,
        b"&".join(b"a=1" for _ in range(20)),
        interaction(type="view_submission"),
        interaction(actions=[]),
        interaction(actions={"0": 1}),
        interaction(user="U1ADA00"),
        interaction(actions=[{"action_id": "tocsin:ACCEPT", "value": 7}]),
    ],
)
def test_other_words_of_slack_are_none(body: bytes) -> None:
    assert slack_wire.read(body) is None


@pytest.mark.parametrize(
    ("action", "value"), [("tocsin:DELETE", "a"), ("other:ACCEPT", "a"), ("tocsin:ACCEPT", "")]
)
def test_other_buttons_in_slack_are_none(action: str, value: str) -> None:
    assert slack.pressed(action, value) is None


def test_a_press_in_telegram_is_read() -> None:
    update = {
        "callback_query": {
            "id": "9",
            "from": {"id": 5},
            "message": {"message_id": 3, "chat": {"id": -4}},
            "data": "ACCEPT:abc",
        }
    }
    assert telegram_wire.read(orjson.dumps(update)) == telegram_wire.Callback(
        "9", 5, -4, 3, "ACCEPT:abc"
    )
    assert telegram.pressed("ACCEPT:abc") == (Verb.ACCEPT, "abc")


@pytest.mark.parametrize("text", ["/start", "/start abc", "/start@tocsin_bot"])
def test_a_start_in_telegram_is_read(text: str) -> None:
    update = {"message": {"text": text, "chat": {"id": -4}}}
    assert telegram_wire.read(orjson.dumps(update)) == telegram_wire.Start(-4)


@pytest.mark.parametrize(
    "update",
    [
        [],
        {"message": {"text": "hello", "chat": {"id": 4}}},
        {"message": {"text": "/starts", "chat": {"id": 4}}},
        {"message": {"text": "/start", "chat": {"id": "4"}}},
        {"callback_query": {"id": "9", "from": {"id": 5}, "data": "ACCEPT:abc"}},
        {"callback_query": {"id": 9}},
    ],
)
def test_other_updates_are_none(update: Any) -> None:
    assert telegram_wire.read(orjson.dumps(update)) is None
    assert telegram_wire.read(b"{") is None


@pytest.mark.parametrize("data", ["", "ACCEPT", "ACCEPT:", "accept:abc", ":abc"])
def test_other_buttons_in_telegram_are_none(data: str) -> None:
    assert telegram.pressed(data) is None


@pytest.mark.parametrize(("secret", "shown"), [("", ""), ("s" * 16, ""), ("s" * 16, "ß")])
def test_who_does_not_know_the_secret_is_not_telegram(secret: str, shown: str) -> None:
    assert not telegram_wire.is_authentic(secret, shown)


def test_what_buttons_hold_fits() -> None:
    notification = a_page().notification
    token = Links(Sealer({"k": b"k" * 32}), "https://tocsin.example").token(notification)
    rows = telegram.keyboard([Action(verb.value, "x") for verb in Verb], token)
    assert all(len(key["callback_data"].encode()) <= 64 for row in rows for key in row)


def test_a_toast_fits() -> None:
    callback = telegram_wire.Callback("9", 5, -4, 3, "")
    told = orjson.loads(telegram_wire.answered(callback, "x" * 300))["text"]
    assert len(told) == 200


@pytest.mark.parametrize(
    "page",
    [
        a_page(),
        a_page(intent={"title": EVIL, "details": EVIL}, others=(EVIL,)),
        a_page(intent={"title": "x" * 5000, "details": "<" * 9000}),
        bundle(40),
        stand_down(),
        a_page(link=""),
    ],
)
def test_a_message_in_slack_keeps_to_its_limits(page: Any) -> None:
    said = compose(page)
    told = slack.said_in_slack(said, said.actions, "<@U1> took it")
    assert 0 < len(told["text"]) <= 4000
    for word in ("<!channel>", "<@U1>", "<https://evil.example"):
        assert word not in told["text"]
    assert told["blocks"][0]["type"] == "header"
    assert len(told["blocks"][0]["text"]["text"]) <= 150
    for block in told["blocks"]:
        if block["type"] == "section":
            assert 0 < len(block["text"]["text"]) <= 3000
            if block["text"]["type"] == "mrkdwn":  # all else is plain
                assert "<!" not in block["text"]["text"]
        if block["type"] == "actions":
            assert {each["value"] for each in block["elements"]} == {token_of(said.link)}
    has_buttons = any(block["type"] == "actions" for block in told["blocks"])
    assert has_buttons == bool(page.link and not page.is_stand_down)


@pytest.mark.parametrize(
    ("target", "server", "name", "shown"),
    [
        ("alerts", SERVER, "alerts", "Bearer tk_ours"),
        (f"{SERVER}/alerts", SERVER, "alerts", "Bearer tk_ours"),
        ("https://:tk_own@other.example/a-b_c", "https://other.example", "a-b_c", "Bearer tk_own"),
        ("https://ada:pw@other.example/alerts", "https://other.example", "alerts", "Basic "),
        ("https://other.example/alerts", "https://other.example", "alerts", ""),
        (
            "https://ntfy.example.com.evil.example/alerts",
            "https://ntfy.example.com.evil.example",
            "alerts",
            "",
        ),
        ("http://ntfy.example.com/alerts", "http://ntfy.example.com", "alerts", ""),
        ("http://10.0.0.1:8080/alerts/", "http://10.0.0.1:8080", "alerts", ""),
    ],
)
def test_a_topic_is_found(target: str, server: str, name: str, shown: str) -> None:
    topic = Topic.of(target, f"{SERVER}/", "tk_ours")
    assert topic is not None
    assert (topic.server, topic.name) == (server, name)
    request = httpx.Request("POST", server)
    if topic.auth is not None:
        request = next(topic.auth.auth_flow(request))
    assert request.headers.get("authorization", "").startswith(shown)
    assert ("authorization" in request.headers) == bool(shown)


@pytest.mark.parametrize(
    "target", ["", "a b", "https://", "https://host", "ftp://host/topic", "x" * 65, "https://[/t"]
)
def test_other_targets_are_no_topics(target: str) -> None:
    assert Topic.of(target, SERVER, "") is None
    assert Topic.of("alerts", "", "") is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("apprise_schemes", "json,syslog"),
        ("apprise_schemes", "json,DBUS"),
        ("apprise_schemes", "json://host"),
        ("telegram_token", "secret/../x"),
        ("telegram_secret", "short"),
        ("telegram_url", "ftp://host"),
        ("slack_token", "sec ret"),
        ("ntfy_url", "host"),
    ],
)
def test_settings_that_cannot_be_are_refused(field: str, value: str) -> None:
    given = {"database_url": "", "nats_url": "", "listen": "", field: value}
    with pytest.raises(ValidationError) as caught:
        Config.model_validate_strings(given)
    (fault,) = caught.value.errors()
    assert fault["loc"] == (field,)
    assert "secret" not in fault["msg"]


@pytest.mark.parametrize(
    ("standing", "by", "done", "english"),
    [
        (Standing.ACCEPTED, "Ada", True, "Accepted by Ada."),
        (Standing.ACCEPTED, "", False, "Accepted."),
        (Standing.OVER, "Ada", False, "Ended by Ada."),
        (Standing.OVER, "", False, "It needs nobody any more."),
        (Standing.WANTED, "Ada", True, "Ada had the next level paged."),
        (Standing.WANTED, "", False, "There is no further level."),
        (
            Standing.SUPERSEDED,
            "",
            False,
            "People were wanted anew since: answer the newest message.",
        ),
    ],
)
def test_an_outcome_is_a_sentence(standing: Standing, by: str, done: bool, english: str) -> None:
    part = Part(
        subject_kind="alert",
        subject_id="7",
        title="x",
        stand=Stand(standing, by),
        verbs=(),
        done=done,
    )
    assert outcome([part, part], "en") == english
    assert outcome([part], "de") not in ("", english)
