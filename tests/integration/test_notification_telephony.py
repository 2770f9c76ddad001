"""Text messages and calls at the wire: what providers are told, and what their answers mean."""

import base64
import hashlib
import hmac
import json
import logging
import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from services.notification import telephones
from services.notification.channels import telephony
from services.notification.channels.telephony import Telephony
from services.notification.config import Config
from services.notification.domain.values import (
    Failed,
    Kind,
    Method,
    Outcome,
    Retry,
    Sent,
)
from tests.integration.phone_house import ADA_PHONE, PUBLIC, SECRET, TWILIO, page, willing
from tests.parts.ports import free_port
from tests.parts.twilio import SENDER, SID, Fault, Twilio, twilio
from tests.parts.webhook import Reply, WebhookSink, webhook_sink

CODE = "2b"  # of notification 36


@pytest.fixture
async def provider() -> AsyncIterator[Twilio]:
    async with twilio() as there:
        yield there


@pytest.fixture
async def gateway() -> AsyncIterator[WebhookSink]:
    async with webhook_sink() as sink:
        sink.reply = Reply(status=202, body=b'{"id": "modem-1"}')
        yield sink


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as opened:
        yield opened


def config(said: Mapping[str, str]) -> Config:
    told = {"database_url": "", "nats_url": "", "listen": "", "public_url": PUBLIC, **said}
    return Config.model_validate_strings(told)


def channel(
    client: httpx.AsyncClient,
    provider: Twilio | None = None,
    gateway: WebhookSink | None = None,
    method: Method = Method.SMS,
    **more: Any,
) -> Telephony:
    told = dict(more)
    if provider is not None:
        told = {**TWILIO, "twilio_url": provider.url, **told}
    if gateway is not None:
        told = {"gateway_url": gateway.url, "gateway_secret": SECRET, **told}
    made = telephones.channels(config(told), client, willing)[method]
    assert isinstance(made, Telephony)
    return made


async def test_a_message_is_sent(client: httpx.AsyncClient, provider: Twilio) -> None:
    outcome = await channel(client, provider).send(page())

    (sent,) = provider.messages
    assert outcome == Sent(f"twilio:{sent['sid']}")
    assert sent["To"] == ADA_PHONE
    assert sent["From"] == SENDER
    assert "disk full" in sent["Body"]
    assert f"Reply 1 {CODE} to accept" in sent["Body"]
    assert sent["StatusCallback"] == f"{PUBLIC}/hooks/twilio/status"
    assert sent["ValidityPeriod"] == "14400"


async def test_a_message_is_in_the_person_s_language(
    client: httpx.AsyncClient, provider: Twilio
) -> None:
    await channel(client, provider).send(page(language="de"))

    assert provider.messages[0]["Body"].count(f"1 {CODE}") == 1
    assert "zum Annehmen" in provider.messages[0]["Body"]


async def test_a_messaging_service_and_a_word_send_too(
    client: httpx.AsyncClient, provider: Twilio
) -> None:
    service = "MG" + "1b" * 16
    await channel(client, provider, twilio_from=service).send(page())
    await channel(client, provider, twilio_from="Tocsin").send(page())

    first, second = provider.messages
    assert (first["MessagingServiceSid"], first.get("From")) == (service, None)
    assert second["From"] == "Tocsin"
    assert second["Body"].endswith(f"Ref {CODE}")  # nobody can answer a word


async def test_where_twilio_cannot_call_back_nothing_is_asked(
    client: httpx.AsyncClient, provider: Twilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "services.notification.channels.twilio.can_call_back", lambda url, public_url: False
    )
    await channel(client, provider).send(page())
    await channel(client, provider, method=Method.VOICE).send(page(Method.VOICE))

    assert "StatusCallback" not in provider.messages[0]
    assert provider.messages[0]["Body"].endswith(f"Ref {CODE}")
    spoken = ElementTree.fromstring(provider.calls[0]["Twiml"])
    assert spoken.find("Gather") is None
    say = spoken.find("Say")
    assert say is not None
    assert say.attrib["loop"] == "2"


async def test_what_takes_a_page_back_asks_for_nothing(
    client: httpx.AsyncClient, provider: Twilio
) -> None:
    await channel(client, provider).send(page(kind=Kind.STAND_DOWN, headline="stood down: disk"))

    body = provider.messages[0]["Body"]
    assert "disk" in body
    assert body.endswith(f"\nRef {CODE}")
    assert "Reply" not in body


async def test_a_call_says_the_page_and_asks_for_a_key(
    client: httpx.AsyncClient, provider: Twilio
) -> None:
    outcome = await channel(client, provider, method=Method.VOICE).send(page(Method.VOICE))

    (call,) = provider.calls
    assert outcome == Sent(f"twilio:{call['sid']}")
    assert (call["To"], call["From"], call["Timeout"]) == (ADA_PHONE, SENDER, "30")
    spoken = ElementTree.fromstring(call["Twiml"])
    gather = spoken.find("Gather")
    assert gather is not None
    assert gather.attrib["action"] == f"{PUBLIC}/hooks/twilio/voice/36"
    assert "disk full" in (gather.findtext("Say") or "")
    assert "Press 1 to accept" in (gather.findtext("Say") or "")
    assert spoken.findtext("Redirect") == f"{PUBLIC}/hooks/twilio/voice/36"
    assert len(call["Twiml"]) < 4000


async def test_the_longest_call_is_short_enough_for_twilio(
    client: httpx.AsyncClient, provider: Twilio
) -> None:
    await channel(client, provider, method=Method.VOICE).send(
        page(Method.VOICE, headline="&" * 5000)
    )

    assert len(provider.calls[0]["Twiml"]) < 4000


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (
            Fault(status=400, code=21211, message=f"Invalid 'To' Phone Number: {ADA_PHONE}"),
            Failed("Twilio 21211: Invalid 'To' Phone Number: …"),
        ),
        (
            Fault(status=400, code=21610, message="Attempt to send to unsubscribed recipient"),
            Failed("Twilio 21610: Attempt to send to unsubscribed recipient"),
        ),
        (
            Fault(status=400, code=21614, message="'To' number is not a valid mobile number"),
            Failed("Twilio 21614: 'To' number is not a valid mobile number"),
        ),
        (
            Fault(status=401, code=20003, message=f"Authenticate {SID}"),
            Retry("twilio: the log-in is refused (20003: Authenticate …)"),
        ),
        (
            Fault(status=429, code=20429, message="Too many", headers={"retry-after": "7"}),
            Retry("twilio: 20429: Too many", timedelta(seconds=7)),
        ),
        (Fault(status=429), Retry("twilio: HTTP 429")),
        (Fault(status=500, code=20500, message="Oops"), Retry("twilio: 20500: Oops")),
        (
            Fault(status=503, headers={"retry-after": "30"}),
            Retry("twilio: HTTP 503", timedelta(seconds=30)),
        ),
        # Not the recipient's fault, and nothing will change it: another provider may do it.
        (
            Fault(status=400, code=21408, message="Permission to send has not been enabled"),
            Failed("twilio: 21408: Permission to send has not been enabled"),
        ),
        (
            Fault(status=302, headers={"location": "http://x"}),
            Failed("twilio: HTTP 302: redirects are not followed"),
        ),
        (Fault(drop=True), Retry("twilio: no answer: ReadError", unknown=True)),
    ],
)
async def test_what_twilio_s_refusals_mean(
    client: httpx.AsyncClient, provider: Twilio, fault: Fault, outcome: Outcome
) -> None:
    provider.faults.append(fault)

    told = await channel(client, provider).send(page())

    if isinstance(outcome, Retry) and outcome.unknown:
        assert isinstance(told, Retry)
        assert told.unknown
    else:
        assert told == outcome


async def test_nobody_listens(client: httpx.AsyncClient) -> None:
    told: dict[str, Any] = {**TWILIO, "twilio_url": f"http://127.0.0.1:{free_port()}"}
    outcome = await channel(client, **told).send(page())

    assert outcome == Retry("twilio: cannot connect: ConnectError")


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=201, drop=True, takes=True),
        Fault(half=True, takes=True),
        Fault(status=201, delay=30, takes=True),
    ],
    ids=["cut off", "half a reply", "no reply"],
)
async def test_a_lost_reply_is_looked_up_before_anything_goes_out_again(
    client: httpx.AsyncClient,
    provider: Twilio,
    fault: Fault,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(telephony, "BUDGET_SECONDS", 1.0)
    provider.faults.append(fault)
    sms = channel(client, provider)

    lost = await sms.send(page())
    found = await sms.send(page(possible_repeat=True))

    assert isinstance(lost, Retry)
    assert lost.unknown
    assert found == Sent(f"twilio:{provider.messages[0]['sid']}")
    assert len(provider.messages) == 1
    listing = provider.requests[-1]
    assert listing.method == "GET"
    assert "To=%2B4915112345678" in listing.path


async def test_what_did_not_go_out_goes_out_marked(
    client: httpx.AsyncClient, provider: Twilio
) -> None:
    provider.faults.append(Fault(drop=True))
    sms = channel(client, provider)

    assert isinstance(await sms.send(page()), Retry)
    outcome = await sms.send(page(possible_repeat=True))

    (sent,) = provider.messages
    assert outcome == Sent(f"twilio:{sent['sid']}")
    assert "possible repeat" in sent["Body"]


async def test_another_page_is_not_taken_for_the_lost_one(
    client: httpx.AsyncClient, provider: Twilio
) -> None:
    sms = channel(client, provider)
    await sms.send(page(id=37))
    provider.messages.append(
        {"sid": "SMfailed", "To": ADA_PHONE, "Body": f"disk\n1 {CODE}", "status": "failed"}
    )
    provider.messages.append(
        {"sid": "SMother", "To": ADA_PHONE, "Body": f"rack 1 {CODE}\n1 2c", "status": "sent"}
    )

    await sms.send(page(possible_repeat=True))

    assert len(provider.messages) == 4


async def test_a_message_that_cannot_be_looked_up_goes_out_marked(
    client: httpx.AsyncClient, provider: Twilio
) -> None:
    provider.faults.append(Fault(status=500))

    await channel(client, provider).send(page(possible_repeat=True))

    assert "possible repeat" in provider.messages[0]["Body"]


async def test_a_call_whose_reply_was_lost_is_placed_again_marked(
    client: httpx.AsyncClient, provider: Twilio
) -> None:
    calls = channel(client, provider, method=Method.VOICE)
    provider.faults.append(Fault(drop=True, takes=True))

    lost = await calls.send(page(Method.VOICE))
    await calls.send(page(Method.VOICE, possible_repeat=True))

    assert isinstance(lost, Retry)
    assert lost.unknown
    assert [("possible repeat" in call["Twiml"]) for call in provider.calls] == [False, True]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=503),
        Fault(status=500, code=20500, message="Oops"),
        Fault(status=401, code=20003, message="Authenticate"),
        Fault(status=429, headers={"retry-after": "60"}),
        Fault(status=400, code=21408, message="Permission to send has not been enabled"),
    ],
)
async def test_the_next_provider_sends_what_the_first_refuses_for_its_own_reasons(
    client: httpx.AsyncClient, provider: Twilio, gateway: WebhookSink, fault: Fault
) -> None:
    provider.faults.append(fault)

    outcome = await channel(client, provider, gateway).send(page())

    assert outcome == Sent("gateway:modem-1")
    assert (len(provider.requests), len(gateway.requests)) == (1, 1)


async def test_the_order_is_as_it_was_said(
    client: httpx.AsyncClient, provider: Twilio, gateway: WebhookSink
) -> None:
    await channel(client, provider, gateway, sms_providers="gateway,twilio").send(page())
    assert (len(provider.requests), len(gateway.requests)) == (0, 1)

    await channel(client, provider, gateway, sms_providers="twilio").send(page())
    assert (len(provider.requests), len(gateway.requests)) == (1, 1)


async def test_the_recipient_s_fault_is_nobody_else_s(
    client: httpx.AsyncClient, provider: Twilio, gateway: WebhookSink
) -> None:
    provider.faults.append(Fault(status=400, code=21610, message="unsubscribed"))

    outcome = await channel(client, provider, gateway).send(page())

    assert outcome == Failed("Twilio 21610: unsubscribed")
    assert gateway.requests == []


async def test_a_provider_that_failed_comes_last_for_a_while(
    client: httpx.AsyncClient,
    provider: Twilio,
    gateway: WebhookSink,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sms = channel(client, provider, gateway)
    provider.faults.append(Fault(status=503))
    await sms.send(page())
    await sms.send(page(id=37))
    assert (len(provider.requests), len(gateway.requests)) == (1, 2)

    gateway.replies.append(Reply(status=503))
    assert isinstance(await sms.send(page(id=38)), Sent)
    assert (len(provider.requests), len(gateway.requests)) == (2, 3)

    monkeypatch.setattr(telephony, "SICK_SECONDS", 0.0)
    fresh = channel(client, provider, gateway)
    provider.faults.append(Fault(status=503))
    await fresh.send(page(id=39))
    await fresh.send(page(id=40))
    assert (len(provider.requests), len(gateway.requests)) == (4, 4)


async def test_after_one_that_hangs_the_next_attempt_looks_and_begins_with_another(
    client: httpx.AsyncClient,
    provider: Twilio,
    gateway: WebhookSink,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(telephony, "BUDGET_SECONDS", 2.0)
    monkeypatch.setattr(telephony, "FIND_SECONDS", 0.3)
    sms = channel(client, provider, gateway)
    provider.faults.extend([Fault(delay=30), Fault(delay=30)])

    first = await sms.send(page())
    second = await sms.send(page(possible_repeat=True))

    assert isinstance(first, Retry)
    assert first.unknown
    assert second == Sent("gateway:modem-1")
    assert json.loads(gateway.requests[0].body)["possibleRepeat"] is True


async def test_one_that_cannot_be_reached_is_passed_over(
    client: httpx.AsyncClient, gateway: WebhookSink
) -> None:
    told: dict[str, Any] = {**TWILIO, "twilio_url": f"http://127.0.0.1:{free_port()}"}

    outcome = await channel(client, None, gateway, **told).send(page())

    assert outcome == Sent("gateway:modem-1")


async def test_all_refuse(
    client: httpx.AsyncClient, provider: Twilio, gateway: WebhookSink
) -> None:
    provider.faults.append(Fault(status=429, headers={"retry-after": "60"}))
    gateway.replies.append(Reply(status=503, headers={"retry-after": "5"}))

    outcome = await channel(client, provider, gateway).send(page())

    assert outcome == Retry("twilio: HTTP 429; gateway: HTTP 503", timedelta(seconds=5))


async def test_the_gateway_is_told_all_it_needs_and_can_be_sure_of_it(
    client: httpx.AsyncClient, gateway: WebhookSink
) -> None:
    calls = channel(client, None, gateway, method=Method.VOICE)
    outcome = await calls.send(page(Method.VOICE, language="de"))

    assert outcome == Sent("gateway:modem-1")
    (request,) = gateway.requests
    told = json.loads(request.body)
    text = told.pop("text")
    assert "disk full" in text
    assert "4" in text
    assert told == {
        "id": "alert:7:1:0:1:1:36",
        "type": "CALL",
        "to": ADA_PHONE,
        "language": "de",
        "possibleRepeat": False,
        "keys": ["1", "4", "6"],
        "notificationId": 36,
        "callbackUrl": f"{PUBLIC}/hooks/gateway",
    }
    headers = request.headers
    assert headers["webhook-id"] == "alert:7:1:0:1:1:36"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + request.body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(status=200), Sent()),
        (Reply(status=200, body=b'{"id": 7}'), Sent()),
        (
            Reply(status=422, body=b'{"error": "no such number +4915112345678"}'),
            Failed("gateway: HTTP 422: no such number …"),
        ),
        (Reply(status=410), Failed("gateway: HTTP 410")),
        (Reply(status=400), Failed("gateway: HTTP 400")),
        (Reply(status=401), Retry("gateway: the log-in is refused (HTTP 401)")),
        (Reply(status=500), Retry("gateway: HTTP 500")),
        (Reply(status=429, headers={"retry-after": "9"}), None),
    ],
)
async def test_what_a_gateway_s_answers_mean(
    client: httpx.AsyncClient, gateway: WebhookSink, reply: Reply, outcome: Outcome | None
) -> None:
    gateway.replies.append(reply)

    told = await channel(client, None, gateway).send(page())

    assert told == (outcome or Retry("gateway: HTTP 429", timedelta(seconds=9)))


@pytest.mark.parametrize("number", ["", "015112345678", "+49 151 1234", "ada@example.com"])
async def test_what_is_no_number_is_not_tried(
    client: httpx.AsyncClient, provider: Twilio, number: str
) -> None:
    outcome = await channel(client, provider).send(page(number=number))

    assert outcome == Failed("the target is no phone number")
    assert provider.requests == []


async def test_a_number_that_wants_none_gets_none(
    client: httpx.AsyncClient, provider: Twilio
) -> None:
    async def refusal(number: str) -> str:
        return "they answered STOP"

    told = config({**TWILIO, "twilio_url": provider.url})
    made = telephones.channels(told, client, refusal)

    assert await made["SMS"].send(page()) == Failed("they answered STOP")
    assert isinstance(await made["VOICE"].send(page(Method.VOICE)), Sent)
    assert provider.messages == []


async def test_no_number_no_token_and_no_text_is_logged(
    client: httpx.AsyncClient,
    provider: Twilio,
    gateway: WebhookSink,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "services")
    provider.faults.append(Fault(status=400, code=21408, message=f"{SID} may not {ADA_PHONE}"))
    gateway.replies.append(Reply(status=400, body=b'{"error": "+4915112345678"}'))

    outcome = await channel(client, provider, gateway).send(page())

    assert isinstance(outcome, Failed)
    told = caplog.text + outcome.why + repr(channel(client, provider)._providers)
    for secret in (ADA_PHONE, SID, TWILIO["twilio_auth_token"], SENDER, SECRET, "disk full"):
        assert secret not in told, secret


@pytest.mark.parametrize(
    ("said", "amiss"),
    [
        ({"sms_providers": "pigeon"}, "SMS_PROVIDERS must be some of twilio, gateway"),
        ({"sms_providers": "gateway,gateway", "gateway_url": "http://x"}, "once each"),
        (
            {"sms_providers": "twilio", "twilio_from": "+15005550006"},
            "SMS_PROVIDERS names twilio, which needs TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
        ),
        (
            {**TWILIO, "twilio_from": "MG" + "0" * 32, "voice_providers": "twilio"},
            "VOICE_PROVIDERS names twilio, which needs TWILIO_CALLER",
        ),
        (
            {"voice_providers": "gateway", "gateway_url": "http://x"},
            "VOICE_PROVIDERS names gateway, which needs GATEWAY_SECRET",
        ),
    ],
)
def test_who_is_named_must_be_configured(said: dict[str, str], amiss: str) -> None:
    with pytest.raises(SystemExit, match=re.escape(amiss)):
        telephones.check(config(said))


@pytest.mark.parametrize(
    ("said", "sms", "voice"),
    [
        ({}, [], []),
        (TWILIO, ["twilio"], ["twilio"]),
        ({**TWILIO, "twilio_from": "Tocsin"}, ["twilio"], []),
        ({**TWILIO, "twilio_from": "Tocsin", "twilio_caller": SENDER}, ["twilio"], ["twilio"]),
        ({**TWILIO, "sms_providers": "none"}, [], ["twilio"]),
        (
            {**TWILIO, "gateway_url": "http://x", "gateway_secret": SECRET},
            ["twilio", "gateway"],
            ["twilio", "gateway"],
        ),
    ],
)
def test_who_is_configured_is_used(said: dict[str, Any], sms: list[str], voice: list[str]) -> None:
    found = config(said)
    assert telephones.chosen(found, Method.SMS) == sms
    assert telephones.chosen(found, Method.VOICE) == voice


@pytest.mark.parametrize(
    "said",
    [
        {"twilio_account_sid": "AC1"},
        {"twilio_from": "a;b"},
        {"twilio_caller": "Tocsin"},
        {"twilio_url": "ftp://x"},
        {"gateway_url": "x"},
        {"gateway_secret": "secret"},
        {"gateway_secret": "whsec_c2hvcnQ="},
    ],
)
def test_what_cannot_be_is_refused_at_the_start(said: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="must be"):
        config(said)
