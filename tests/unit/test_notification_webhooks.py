"""Where calls may go, how they are signed, and what is told of a webhook."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from services.chassis.addresses import networks
from services.chassis.errors import InvalidRequest
from services.cli.settings import CannotStart, Settings
from services.notification import destinations, signing, targets
from services.notification.channels.webhook import _body
from services.notification.domain import life
from services.notification.domain.values import (
    Ending,
    Hook,
    Intent,
    Kind,
    Notification,
    Page,
    State,
)
from services.notification.domain.webhooks import Wanted, checked
from tocsin.notification.v1.webhook_pb2 import WebhookCall

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
PAGE = Notification(
    id=1,
    key=life.webhook_key("alert:7:1", 0, 2, 5),
    kind=Kind.PAGE,
    escalation_key="alert:7:1",
    cycle=0,
    level=2,
    user_id=0,
    webhook_id=5,
    method="WEBHOOK",
    target="bot",
    headline="disk full",
    subject_kind="alert",
    subject_id="7",
    state=State.SENT,
    at=NOW,
    expires_at=NOW,
)
INTENT = Intent(
    escalation_key="alert:7:1",
    cycle=0,
    level=2,
    user_id=0,
    webhook_id=5,
    level_count=3,
    subject_kind="alert",
    subject_id="7",
    episode=1,
    title="disk full",
    details="",
    links=(),
    priority="HIGH",
    request_time=NOW,
    next_step_time=None,
    accept_time=None,
)
HOOK = Hook(5, "bot", b"", ())


def test_a_signature_is_that_of_the_standard() -> None:
    """The standard's own example."""
    headers = {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330"}
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    signed = signing.signatures([secret, secret], headers, b'{"test": 2432232314}')

    assert signed.split(" ") == ["v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="] * 2


def test_a_secret_is_of_the_standards_form() -> None:
    first, second = signing.new_secret(), signing.new_secret()

    assert first != second
    assert first.startswith("whsec_")
    assert len(first) == len("whsec_") + 44  # 32 bytes in base64


NOWHERE = [
    *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255"),
    *("192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "192.88.99.1"),
    *("224.0.0.1", "240.0.0.1", "255.255.255.255", "198.51.100.7", "203.0.113.7", "192.0.0.8"),
    *("::1", "::", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:10::1", "100::1"),
    *("fd00:ec2::254", "::ffff:0:127.0.0.1"),
]
SOMEWHERE = ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1", "2a00:1450::1"]


@pytest.mark.parametrize("address", NOWHERE)
def test_calls_go_to_no_address_that_is_not_public(address: str) -> None:
    assert not destinations.is_allowed(ip_address(address), ())


@pytest.mark.parametrize("address", SOMEWHERE)
def test_calls_go_to_public_addresses(address: str) -> None:
    assert destinations.is_allowed(ip_address(address), ())


def test_what_is_allowed_besides_is_that_alone() -> None:
    allowed = networks("10.20.0.0/16, fd00::/8")

    for inside in ("10.20.1.1", "::ffff:10.20.1.1", "fd00::7"):
        assert destinations.is_allowed(ip_address(inside), allowed)
    for outside in ("10.21.1.1", "127.0.0.1", "fc00::7", "::1"):
        assert not destinations.is_allowed(ip_address(outside), allowed)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "0x7f000001", "2130706433", "017700000001", "0", "0x0a000001"),
        *("localhost", "LOCALHOST", "localhost.", "me.localhost", "[::1]", "[::ffff:127.0.0.1]"),
        *("[fe80::1%25eth0]", "169.254.169.254", "10.1", "[64:ff9b::7f00:1]"),
    ],
)
@pytest.mark.parametrize("form", ["http://{}/x", "https://{}:8443/", "http://user:pass@{}/"])
def test_a_url_that_leads_nowhere_is_refused_at_once(form: str, host: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        destinations.checked(form.format(host), "url", ())
    assert refused.value.field == "url"
    assert "pass" not in refused.value.message


@pytest.mark.parametrize(
    "url",
    [
        *("", "/page", "ftp://example.com/", "//example.com", "http://", "http://x:0/"),
        *(
            "http://exa mple.com/",
            "http://ex\u00e4mple.com/",
            "javascript:alert(1)",
            "http://[::1/",
        ),
        "https://example.com/" + "x" * 2048,
    ],
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest, match="absolute http or https URL"):
        destinations.checked(url, "url", ())


@pytest.mark.parametrize(
    "url", ["https://example.com/hook", "http://1.1.1.1:9000", "https://notlocalhost.example"]
)
def test_other_urls_are_taken(url: str) -> None:
    assert destinations.checked(url, "url", ()) == url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hooks.example.com/T0/secret", "https://hooks.example.com/…"),
        ("https://hooks.example.com", "https://hooks.example.com"),
        ("https://hooks.example.com/", "https://hooks.example.com"),
        ("https://hooks.example.com/?token=x", "https://hooks.example.com/…"),
        ("https://hooks.example.com#secret", "https://hooks.example.com"),
        ("http://user:pass@10.0.0.1:9000/x", "http://10.0.0.1:9000/…"),
    ],
)
def test_a_url_is_shown_up_to_its_host(url: str, shown: str) -> None:
    assert targets.origin(url) == shown


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Wanted(name="", url=None), "name"),
        (Wanted(name="x" * 256, url=None), "name"),
        (Wanted(name="a\nb", url=None), "name"),
        (Wanted(name="a", url=None, team_ids=tuple(range(101))), "teams"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused(wanted: Wanted, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        checked(wanted)
    assert refused.value.field == field


def test_a_program_that_was_paged_is_always_told_of_the_end() -> None:
    assert life.wants_stand_down(PAGE, crossed=False)
    assert not life.wants_stand_down(replace(PAGE, state=State.FAILED), crossed=True)
    assert not life.wants_stand_down(replace(PAGE, kind=Kind.STAND_DOWN), crossed=True)


def test_the_pages_of_all_levels_are_taken_back_once() -> None:
    ending = Ending("alert:7:1", False, "Ada", NOW)
    other = replace(PAGE, key=life.webhook_key("alert:7:1", 1, 1, 5), cycle=1, level=1)
    person = replace(PAGE, user_id=5, webhook_id=0, key=life.page_key("alert:7:1", 0, 2, 5, 5))

    first, second, theirs = (life.stand_down(p, 9, ending, "x") for p in (PAGE, other, person))

    assert first.key == second.key == "alert:7:1:stand-down:webhook:5"
    assert theirs.key == "alert:7:1:stand-down:5:5"
    assert (first.kind, first.webhook_id, first.target) == (Kind.STAND_DOWN, 5, "bot")


def test_what_a_webhook_is_sent_is_what_the_proto_says() -> None:
    """Or whoever reads it would look for fields that there are not."""
    page = Page(notification=PAGE, intent=INTENT, user_name="", attempt_time=NOW, hook=HOOK)
    sent = json.loads(_body(page, None))
    fields = {field.json_name: field for field in WebhookCall.DESCRIPTOR.fields}

    assert set(sent) == set(fields)
    for name in ("subject", "webhook"):
        message = fields[name].message_type
        assert message
        assert set(sent[name]) == {field.json_name for field in message.fields}
    assert (sent["type"], sent["id"]) == ("page", "alert:7:1:0:2:webhook:5")
    assert (sent["user"], sent["webhook"]) == (None, {"id": 5, "name": "bot"})


@pytest.mark.parametrize(("taken", "reason"), [(True, "accepted"), (False, "stopped")])
def test_a_webhook_is_told_why_nobody_is_wanted(taken: bool, reason: str) -> None:
    ending = Ending("alert:7:1", taken, "Ada", NOW)
    told = life.stand_down(PAGE, 9, ending, "disk full")
    page = Page(
        notification=told,
        intent=INTENT,
        user_name="",
        attempt_time=NOW,
        ended_by=ending.by,
        reason=life.reason(ending),
        hook=HOOK,
    )
    sent = json.loads(_body(page, None))

    assert (sent["type"], sent["reason"], sent["endedBy"]) == ("stand_down", reason, "Ada")
    assert sent["escalationKey"] == "alert:7:1"


def test_the_suite_calls_what_is_around_it_unless_told_otherwise() -> None:
    around = networks(Settings.from_env({}).webhook_allow)

    for near in ("127.0.0.1", "::1", "192.168.1.5", "10.0.0.9"):
        assert destinations.is_allowed(ip_address(near), around)
    assert not destinations.is_allowed(ip_address("169.254.169.254"), around)
    assert Settings.from_env({"TOCSIN_WEBHOOK_ALLOW": "none"}).webhook_allow == ""
    with pytest.raises(CannotStart, match="TOCSIN_WEBHOOK_ALLOW"):
        Settings.from_env({"TOCSIN_WEBHOOK_ALLOW": "10.0.0.1/8"})
