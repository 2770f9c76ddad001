"""What people do at their phones, through the doors of the providers."""

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import grpc
import pytest
from google.api.httpbody_pb2 import HttpBody
from sqlalchemy import Connection, select

from services.chassis.callers import Callers
from services.chassis.errors import RateLimited
from services.chassis.tables import AuditRow, OutboxRow
from services.notification import phones as module
from services.notification import receipts
from services.notification.domain import replies
from services.notification.domain.values import Method, Receipt, State
from services.notification.gateway_servicer import GatewayServicer
from services.notification.store import notifications
from services.notification.twilio_servicer import TwilioServicer
from tests.contract.blocking import Answer, Calls
from tests.integration.notification_house import ACKNOWLEDGED, ending
from tests.integration.phone_house import (
    ADA_PHONE,
    BOB_PHONE,
    PUBLIC,
    SECRET,
    House,
    phone_house,
)
from tests.parts.twilio import TOKEN, signature
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1.escalation_pb2 import Escalation
from tocsin.notification.v1 import gateway_service_pb2 as gateway_pb
from tocsin.notification.v1 import twilio_service_pb2 as twilio_pb

OK, FORBIDDEN = grpc.StatusCode.OK, grpc.StatusCode.PERMISSION_DENIED
INVALID = grpc.StatusCode.INVALID_ARGUMENT
STRANGER = "+4930123456"

#: A provider, its id of a message, what became of that, and why.
Recorded = tuple[Any, ...]


class Strangers(Callers):
    """Counts calls for which nothing valid was shown."""

    def __init__(self) -> None:  # without the limits, which know no seconds here
        self.count = 0
        self.most = 1000

    async def stranger(self) -> None:
        self.count += 1
        if self.count > self.most:
            raise RateLimited("too many", name="x", limit=self.most, retry_after=1.0)


class Doors:
    """The doors of the providers, by which people answer."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.strangers = Strangers()
        twilio = twilio_pb.DESCRIPTOR.services_by_name["TwilioService"]
        gateway = gateway_pb.DESCRIPTOR.services_by_name["GatewayService"]
        self.twilio = Calls(twilio, TwilioServicer(house.phones, self.strangers, PUBLIC, TOKEN))
        self.gateway = Calls(
            gateway, GatewayServicer(house.phones, self.strangers, house.clock, SECRET)
        )

    async def text(self, number: str, text: str, **more: str) -> str:
        """Returns what is sent back to a number that sent a text."""
        form = {"From": number, "Body": text, **more}
        answer = await self.form("TakeTwilioMessage", "/sms", form)
        assert answer.code is OK, answer.details
        assert answer.reply.content_type == "text/xml"
        return ElementTree.fromstring(answer.reply.data).findtext("Message") or ""

    async def call(self, id_: int, to: str, digits: str = "") -> ElementTree.Element:
        """Returns the TwiML by which a call goes on."""
        form = {"CallSid": "CA1", "To": to} | ({"Digits": digits} if digits else {})
        answer = await self.form("GoOnWithTwilioCall", f"/voice/{id_}", form, id_)
        assert answer.code is OK, answer.details
        return ElementTree.fromstring(answer.reply.data)

    async def form(
        self,
        method: str,
        path: str,
        form: Mapping[str, str],
        id_: int | None = None,
        signed: str | None = None,
    ) -> Answer:
        """POSTs a form as Twilio does; signed as told, or as is right."""
        body = HttpBody(
            content_type="application/x-www-form-urlencoded", data=urlencode(form).encode()
        )
        request = {
            "TakeTwilioMessage": twilio_pb.TakeTwilioMessageRequest(body=body),
            "GoOnWithTwilioCall": twilio_pb.GoOnWithTwilioCallRequest(
                body=body, notification_id=id_
            ),
            "TakeTwilioStatus": twilio_pb.TakeTwilioStatusRequest(body=body),
        }[method]
        right = signature(TOKEN, f"{PUBLIC}/hooks/twilio{path}", form)
        return await self.twilio(
            method, request, x_twilio_signature=right if signed is None else signed
        )

    async def json(
        self, method: str, told: Any, *, late: int = 0, secret: str = SECRET, **headers: str
    ) -> Answer:
        """POSTs JSON as a gateway does, signed some seconds ago."""
        data = told if isinstance(told, bytes) else json.dumps(told).encode()
        time = str(int(self.house.clock.wall().timestamp()) - late)
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.new(key, f"msg_1.{time}.".encode() + data, hashlib.sha256).digest()
        shown = {
            "webhook_id": "msg_1",
            "webhook_timestamp": time,
            "webhook_signature": f"v1,{base64.b64encode(digest).decode()}",
            **headers,
        }
        body = HttpBody(content_type="application/json", data=data)
        request = {
            "TakeGatewayReceipt": gateway_pb.TakeGatewayReceiptRequest,
            "TakeGatewayReply": gateway_pb.TakeGatewayReplyRequest,
            "TakeGatewayKey": gateway_pb.TakeGatewayKeyRequest,
        }[method](body=body)
        return await self.gateway(method, request, **shown)


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with phone_house(database_url) as made:
        yield made


@pytest.fixture
async def doors(house: House) -> Doors:
    return Doors(house)


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> list[Recorded]:
    """What is handed over to be recorded."""
    found: list[Recorded] = []

    def record(connection: Connection, now: datetime, *told: Any) -> None:
        found.append(told)

    monkeypatch.setattr(receipts, "record", record)
    return found


def said(spoken: ElementTree.Element) -> str:
    return " ".join(each.text or "" for each in spoken.iter("Say"))


async def test_a_bare_reply_answers_the_only_open_page(house: House, doors: Doors) -> None:
    await house.sent()

    assert await doors.text(ADA_PHONE, "ok") == "Accepted: disk full."
    assert await house.answers() == [("ACCEPT", 1, "SMS")]
    assert await doors.text(ADA_PHONE, "1") == "Accepted: disk full."  # a repeat
    assert await doors.text(ADA_PHONE, "done") == "Resolved: disk full."
    assert await house.answers() == [("ACCEPT", 1, "SMS"), ("RESOLVE", 1, "SMS")]


async def test_people_are_answered_in_their_language(house: House, doors: Doors) -> None:
    await house.sent(number=BOB_PHONE, user_id=2)

    assert await doors.text(BOB_PHONE, "übernehme") == "Angenommen: disk full."
    assert await doors.text(BOB_PHONE, "6") == "Bob Beispiel hat das schon angenommen: disk full."
    assert await doors.text(BOB_PHONE, "erledigt") == "Gelöst: disk full."
    assert await doors.text(BOB_PHONE, "1") == "Angenommen: disk full."  # as they said before


async def test_two_pages_of_one_run_are_one(house: House, doors: Doors) -> None:
    await house.sent()
    await house.sent(level=2, cycle=1)

    assert await doors.text(ADA_PHONE, "1") == "Accepted: disk full."


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_of_several_pages_the_code_says_which(house: House, doors: Doors) -> None:
    disk = await house.sent()
    cpu = await house.sent(subject_id="8", title="cpu hot")

    which = await doors.text(ADA_PHONE, "1")
    assert await house.answers() == []
    told = f"1 {replies.code(cpu)} (cpu hot), 1 {replies.code(disk)} (disk full)"
    assert which == f"2 pages are open. Say which one: {told}."

    assert await doors.text(ADA_PHONE, f"1 {replies.code(disk)}") == "Accepted: disk full."
    assert await doors.text(ADA_PHONE, "1") == "Accepted: cpu hot."  # the only one left
    assert len(await house.answers()) == 2


async def test_one_reply_answers_several_pages(house: House, doors: Doors) -> None:
    ids = [await house.sent(subject_id=str(n), title=f"disk {n}") for n in (7, 8)]

    told = await doors.text(ADA_PHONE, f"1 {replies.code(ids[0])} {replies.code(ids[1])}")

    assert told == "Accepted: disk 8. Accepted: disk 7."


async def test_a_code_of_somebody_else_s_page_is_unknown(house: House, doors: Doors) -> None:
    bobs = await house.sent(number=BOB_PHONE, user_id=2)
    never = bobs + 1000

    for id_ in (bobs, never):
        told = await doors.text(ADA_PHONE, f"1 {replies.code(id_)}")
        assert told == "No page with this code was sent to this number."
    assert await house.answers() == []


async def test_a_number_that_is_nobody_s_is_not_answered(house: House, doors: Doors) -> None:
    id_ = await house.sent(number=STRANGER)

    for text in ("1", replies.code(id_), "STOP", "hello"):
        assert await doors.text(STRANGER, text) == ""
    assert await house.answers() == []


async def test_a_page_to_another_person_s_number_is_not_theirs(house: House, doors: Doors) -> None:
    """As when a number has gone to a colleague."""
    await house.sent(number=BOB_PHONE, user_id=1)

    assert await doors.text(BOB_PHONE, "1") == "Für diese Nummer ist kein Alarm offen."
    assert await house.answers() == []


async def test_an_old_page_is_not_meant(
    house: House, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.sent()
    monkeypatch.setattr(module, "OPEN", -module.OPEN)

    assert await doors.text(ADA_PHONE, "1") == "No page is open for this number."


async def test_what_never_went_out_is_not_meant(house: House, doors: Doors) -> None:
    await house.sent()
    ids = {"attempt": 0, "state": State.SUPPRESSED.value}

    def suppress(connection: Connection) -> None:
        connection.execute(notifications.NOTIFICATION.update().values(**ids))

    await house.db.write(suppress)
    assert await doors.text(ADA_PHONE, "1") == "No page is open for this number."


async def test_what_is_over_by_then_is_said(house: House, doors: Doors) -> None:
    await house.sent()
    await house.ends(ending(Escalation.State.STOPPED))

    told = await doors.text(ADA_PHONE, "1")

    assert told == "Stood down: disk full needs nobody any more."
    assert await house.answers() == []


async def test_what_somebody_else_took_is_said(house: House, doors: Doors) -> None:
    await house.sent()
    await house.ends(ending(ACKNOWLEDGED))

    assert await doors.text(ADA_PHONE, "1") == "Bob has accepted it already: disk full."


async def test_what_is_not_clear_is_asked_again_and_not_for_ever(
    house: House, doors: Doors
) -> None:
    assert await doors.text(ADA_PHONE, "who is this?") == ""  # nothing went there
    await house.sent()

    told = [await doors.text(ADA_PHONE, "I am driving") for _ in range(7)]

    assert told[0] == "That was not understood. Reply 1 to accept, 4 to resolve, 6 to escalate."
    assert [bool(text) for text in told] == [True] * 5 + [False] * 2
    assert await doors.text(ADA_PHONE, "1") == "Accepted: disk full."


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_stop_ends_text_messages_and_start_begins_them(house: House, doors: Doors) -> None:
    assert await house.phones.refusal(ADA_PHONE) == ""

    assert await doors.text(ADA_PHONE, "STOP") == ""  # Twilio confirms that itself
    assert await house.phones.refusal(ADA_PHONE) == module.STOPPED
    assert await house.phones.refusal(BOB_PHONE) == ""
    (alert,) = await _alerts(house)
    assert alert.summary == "user 1 has stopped text messages"
    assert ADA_PHONE not in str(alert)

    assert await doors.text(ADA_PHONE, "unstop") == ""
    assert await house.phones.refusal(ADA_PHONE) == ""
    assert [each.over for each in await _alerts(house)] == [False, True]
    assert await _audited(house) == ["contact.stop", "contact.start"]


async def test_words_that_twilio_does_not_know_are_confirmed(house: House, doors: Doors) -> None:
    told = await doors.text(BOB_PHONE, "Abmelden")
    assert told.startswith("Von hier kommen keine SMS mehr.")
    assert await house.phones.refusal(BOB_PHONE) == module.STOPPED
    assert await doors.text(BOB_PHONE, "anmelden") == "Von hier kommen wieder SMS."


async def test_keys_answer_a_call(house: House, doors: Doors) -> None:
    id_ = await house.sent(Method.VOICE)

    assert said(await doors.call(id_, ADA_PHONE, "1")) == "Accepted: disk full."
    assert await house.answers() == [("ACCEPT", 1, "VOICE")]
    assert said(await doors.call(id_, ADA_PHONE, "4")) == "Resolved: disk full."


async def test_a_key_escalates(house: House, doors: Doors) -> None:
    id_ = await house.sent(Method.VOICE)

    assert said(await doors.call(id_, ADA_PHONE, "6")) == "Escalated: disk full."
    assert await house.answers() == [("ESCALATE", 1, "VOICE")]


async def test_without_a_key_a_call_says_the_page_once_more(house: House, doors: Doors) -> None:
    id_ = await house.sent(Method.VOICE, number=BOB_PHONE, user_id=2)

    spoken = await doors.call(id_, BOB_PHONE)

    gather = spoken.find("Gather")
    assert gather is not None
    assert gather.attrib["action"] == f"{PUBLIC}/hooks/twilio/voice/{id_}"
    assert "disk full. Zum Annehmen drücken Sie die 1." in said(spoken)
    assert spoken.find("Redirect") is None


async def test_a_wrong_key_is_asked_again(house: House, doors: Doors) -> None:
    id_ = await house.sent(Method.VOICE)

    spoken = await doors.call(id_, ADA_PHONE, "9")

    assert spoken.find("Gather") is not None
    assert await house.answers() == []


@pytest.mark.parametrize("key", ["", "1"])
async def test_a_call_about_what_is_over_says_so(house: House, doors: Doors, key: str) -> None:
    id_ = await house.sent(Method.VOICE)
    await house.ends(ending(Escalation.State.STOPPED))

    spoken = await doors.call(id_, ADA_PHONE, key)

    assert said(spoken) == "Stood down: disk full needs nobody any more."
    assert spoken.find("Gather") is None


async def test_a_call_that_never_was_hears_nothing(house: House, doors: Doors) -> None:
    id_ = await house.sent(Method.VOICE)
    text = await house.sent(Method.SMS, subject_id="8")

    for call, number in ((id_, BOB_PHONE), (id_ + 100, ADA_PHONE), (text, ADA_PHONE)):
        assert len(await doors.call(call, number, "1")) == 0
    assert await house.answers() == []


@pytest.mark.parametrize(
    ("form", "recorded"),
    [
        (
            {"MessageSid": "SM1", "MessageStatus": "delivered"},
            ("sms", "twilio:SM1", Receipt.DELIVERED),
        ),
        ({"MessageSid": "SM1", "MessageStatus": "read"}, ("sms", "twilio:SM1", Receipt.READ)),
        ({"MessageSid": "SM1", "MessageStatus": "sent"}, None),
        ({"MessageSid": "SM1"}, None),
        ({"MessageStatus": "failed"}, None),
        (
            {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30005"},
            ("sms", "twilio:SM1", Receipt.FAILED, "Twilio 30005: the number is unknown"),
        ),
        (
            {"CallSid": "CA1", "CallStatus": "completed"},
            ("voice", "twilio:CA1", Receipt.DELIVERED),
        ),
        ({"CallSid": "CA1", "CallStatus": "ringing"}, None),
        (
            {"CallSid": "CA1", "CallStatus": "no-answer"},
            ("voice", "twilio:CA1", Receipt.FAILED, "nobody took the call"),
        ),
        (
            {"CallSid": "CA1", "CallStatus": "busy"},
            ("voice", "twilio:CA1", Receipt.FAILED, "the line was busy"),
        ),
    ],
)
async def test_what_twilio_reports_is_recorded(
    doors: Doors, records: list[Recorded], form: dict[str, str], recorded: Recorded | None
) -> None:
    answer = await doors.form("TakeTwilioStatus", "/status", form)

    assert answer.code is OK
    if recorded is None:
        assert records == []
    else:
        assert [record[: len(recorded)] for record in records] == [recorded]


@pytest.mark.parametrize("signed", ["", "x", signature("other", f"{PUBLIC}/hooks/twilio/sms", {})])
async def test_nobody_but_twilio_is_let_in(house: House, doors: Doors, signed: str) -> None:
    id_ = await house.sent()
    voice = await house.sent(Method.VOICE, subject_id="8")
    form = {"From": ADA_PHONE, "Body": "1", "To": ADA_PHONE, "Digits": "1"}

    answers = [
        await doors.form("TakeTwilioMessage", "/sms", form, signed=signed),
        await doors.form("GoOnWithTwilioCall", f"/voice/{voice}", form, voice, signed),
        await doors.form("TakeTwilioStatus", "/status", form, signed=signed),
        # Signed for another door, or for another call.
        await doors.form("TakeTwilioMessage", "/status", form),
        await doors.form("GoOnWithTwilioCall", f"/voice/{id_}", form, voice),
    ]

    assert {answer.code for answer in answers} == {FORBIDDEN}
    assert doors.strangers.count == 5
    assert await house.answers() == []


async def test_who_tries_too_often_is_told_so(doors: Doors) -> None:
    doors.strangers.most = 0
    answer = await doors.form("TakeTwilioMessage", "/sms", {}, signed="x")
    assert answer.code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_without_an_account_nobody_is_let_in(house: House, doors: Doors) -> None:
    twilio = twilio_pb.DESCRIPTOR.services_by_name["TwilioService"]
    doors.twilio = Calls(twilio, TwilioServicer(house.phones, doors.strangers, PUBLIC, ""))
    signed = signature("", f"{PUBLIC}/hooks/twilio/sms", {})

    answer = await doors.form("TakeTwilioMessage", "/sms", {}, signed=signed)

    assert answer.code is FORBIDDEN


async def test_a_gateway_tells_replies_and_keys(house: House, doors: Doors) -> None:
    await house.sent()
    call = await house.sent(Method.VOICE, subject_id="8", title="cpu hot")

    replied = await doors.json("TakeGatewayReply", {"from": ADA_PHONE, "text": "1", "more": 1})
    stopped = await doors.json("TakeGatewayReply", {"from": ADA_PHONE, "text": "STOP"})
    asked = await doors.json("TakeGatewayKey", {"notificationId": call, "to": ADA_PHONE})
    pressed = await doors.json(
        "TakeGatewayKey", {"notificationId": call, "to": ADA_PHONE, "key": "1"}
    )

    assert (replied.reply.text, replied.reply.language) == ("Accepted: disk full.", "en")
    assert stopped.reply.text.startswith("You get no more text messages")
    assert list(asked.reply.keys) == ["1", "4", "6"]
    assert (pressed.reply.text, list(pressed.reply.keys)) == ("Accepted: cpu hot.", [])
    assert [how for _, _, how in await house.answers()] == ["SMS", "VOICE"]


async def test_a_reply_that_comes_again_answers_nothing_newer(house: House, doors: Doors) -> None:
    bare = {"from": ADA_PHONE, "text": "1"}
    await house.sent()
    first = await doors.json("TakeGatewayReply", bare)
    texted = await doors.text(ADA_PHONE, "1", MessageSid="SM1")
    await house.sent(subject_id="8", title="cpu hot")
    again = await doors.json("TakeGatewayReply", bare, late=1)
    repeated = await doors.text(ADA_PHONE, "1", MessageSid="SM1")

    assert (first.reply.text, again.code, again.reply.text) == ("Accepted: disk full.", OK, "")
    assert (texted, repeated) == ("Accepted: disk full.", "")
    assert len(await house.answers()) == 1
    assert await doors.text(ADA_PHONE, "1", MessageSid="SM2") == "Accepted: cpu hot."


@pytest.mark.parametrize(
    ("told", "recorded"),
    [
        ({"id": "m 1", "status": "DELIVERED"}, ("sms", "gateway:m 1", Receipt.DELIVERED)),
        ({"id": "m 1", "status": "READ", "type": "SMS"}, ("sms", "gateway:m 1", Receipt.READ)),
        (
            {"id": "m 1", "status": "FAILED", "reason": "no signal at +4915112345678"},
            ("sms", "gateway:m 1", Receipt.FAILED, "no signal at …"),
        ),
        (
            {"id": "m 1", "status": "FAILED", "type": "CALL"},
            ("voice", "gateway:m 1", Receipt.FAILED, "the gateway does not say why"),
        ),
    ],
)
async def test_what_a_gateway_reports_is_recorded(
    doors: Doors, records: list[Recorded], told: dict[str, str], recorded: Recorded
) -> None:
    answer = await doors.json("TakeGatewayReceipt", told)

    assert answer.code is OK
    assert [record[: len(recorded)] for record in records] == [recorded]


@pytest.mark.parametrize(
    ("method", "told", "field"),
    [
        ("TakeGatewayReceipt", {"status": "FAILED"}, "id"),
        ("TakeGatewayReceipt", {"id": "x" * 201, "status": "FAILED"}, "id"),
        ("TakeGatewayReceipt", {"id": "x"}, "status"),
        ("TakeGatewayReceipt", {"id": "x", "status": "LOST"}, "status"),
        ("TakeGatewayReply", {"text": "1"}, "from"),
        ("TakeGatewayReply", b"not JSON", "GatewayReply"),
        ("TakeGatewayReply", b"\xff", "GatewayReply"),
        ("TakeGatewayReply", [], "from"),
        ("TakeGatewayReply", {"from": 7}, "GatewayReply"),
        ("TakeGatewayKey", {"notificationId": 1}, "to"),
        ("TakeGatewayKey", {"notificationId": 2**31, "to": ADA_PHONE}, "GatewayKey"),
    ],
)
async def test_what_a_gateway_must_say_is_said(
    doors: Doors, method: str, told: Any, field: str
) -> None:
    answer = await doors.json(method, told)

    assert answer.code is INVALID
    assert field in answer.details


@pytest.mark.parametrize(
    "faults",
    [
        {"secret": "whsec_" + "b3RoZXI=" * 4},
        {"late": 301},
        {"late": -301},
        {"webhook_id": "msg_2"},
        {"webhook_id": ""},
        {"webhook_timestamp": ""},
        {"webhook_timestamp": "1e9"},
        {"webhook_timestamp": "9" * 20},
        {"webhook_signature": ""},
        {"webhook_signature": "v1,"},
        {"webhook_signature": "v2,x v1,y"},
    ],
)
async def test_nobody_but_the_gateway_is_let_in(
    house: House, doors: Doors, faults: dict[str, Any]
) -> None:
    await house.sent()

    answer = await doors.json("TakeGatewayReply", {"from": ADA_PHONE, "text": "1"}, **faults)

    assert answer.code is FORBIDDEN
    assert await house.answers() == []


async def test_a_gateway_may_sign_with_several_secrets_and_be_a_little_late(
    house: House, doors: Doors
) -> None:
    told = {"from": ADA_PHONE, "text": "1"}
    data = json.dumps(told).encode()
    time = str(int(house.clock.wall().timestamp()) - 200)
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, f"msg_1.{time}.".encode() + data, hashlib.sha256).digest()
    right = f"v1,{base64.b64encode(digest).decode()}"

    answer = await doors.json(
        "TakeGatewayReply",
        data,
        webhook_timestamp=time,
        webhook_signature=f"v1,{'A' * 43}= v1a,x {right}",
    )

    assert answer.code is OK


async def test_no_number_and_no_text_is_logged(
    house: House, doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await house.sent()

    await doors.text(ADA_PHONE, "1 hush")
    await doors.text(ADA_PHONE, "STOP")
    await doors.form("TakeTwilioMessage", "/sms", {"From": ADA_PHONE, "Body": "hush"}, signed="x")
    await doors.json("TakeGatewayReply", {"from": ADA_PHONE, "text": "hush"}, secret=SECRET)

    for secret in (ADA_PHONE, ADA_PHONE[1:], "hush", TOKEN, SECRET):
        assert secret not in caplog.text, secret


async def _alerts(house: House) -> list[SuiteAlertRaised]:
    table = OutboxRow.__table__

    def ask(connection: Connection) -> list[SuiteAlertRaised]:
        mine = table.c.type == SuiteAlertRaised.DESCRIPTOR.full_name
        rows = connection.execute(select(table.c.payload).where(mine).order_by(table.c.id))
        return [SuiteAlertRaised.FromString(payload) for payload in rows.scalars()]

    return await house.db.read(ask)


async def _audited(house: House) -> list[str]:
    table = AuditRow.__table__

    def ask(connection: Connection) -> list[str]:
        return list(connection.execute(select(table.c.action).order_by(table.c.id)).scalars())

    return await house.db.read(ask)
