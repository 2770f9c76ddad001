"""Contacts of every kind: what they may be, who sees where they lead, and codes."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from sqlalchemy import Connection, text

from services.chassis import facts
from services.chassis.addresses import networks
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.chassis.principal import Principal
from services.chassis.sealing import Sealer
from services.notification import addresses, claims, consumer, targets, verifying
from services.notification.changing import Means
from services.notification.contact_book import ContactBook
from services.notification.contact_servicer import (
    ContactServicer,
    EmailContactServicer,
    PhoneNumberContactServicer,
)
from services.notification.domain.values import WAYS, Failed, Kind, Method, Page, Sent, State
from services.notification.reaching import Reach, reach_of
from services.notification.store import contacts, notifications
from services.notification.targets import Offer
from tests.contract.blocking import ADA, Answer, Calls
from tests.parts.claiming import terms
from tocsin.escalation.v1.escalation_events_pb2 import PageRequested
from tocsin.escalation.v1.escalation_pb2 import Subject
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1 import contact_service_pb2 as pb
from tocsin.notification.v1 import email_contact_service_pb2 as emails
from tocsin.notification.v1 import phone_number_contact_service_pb2 as phones
from tocsin.notification.v1.contact_pb2 import Contact, EmailContact, PhoneNumberContact

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
OK = grpc.StatusCode.OK
INVALID = grpc.StatusCode.INVALID_ARGUMENT
EXISTS = grpc.StatusCode.ALREADY_EXISTS
NOT_FOUND = grpc.StatusCode.NOT_FOUND
WRONG_STATE = grpc.StatusCode.FAILED_PRECONDITION
EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED
SEALER = Sealer({"k1": b"k" * 32})
OFFER = Offer(
    allowed=networks("10.0.0.0/8"),
    ntfy_url="https://ntfy.example.com/",
    apprise_schemes=frozenset({"gotify"}),
)
#: Somebody who changes their own contacts, and no others.
BOB = Principal(
    kind="USER", id="bobtoken", name="Bob", user_id=1, scopes=frozenset({"alerts:write"})
)
READER = Principal(
    kind="USER", id="evetoken", name="Eve", user_id=2, scopes=frozenset({"config:read"})
)
SECRET = "do-not-tell-me"


class StillClock(Clock):
    """Shows a moment until it is set to another."""

    def __init__(self) -> None:
        super().__init__()
        self.at = NOW

    def now(self, connection: Connection) -> datetime:
        return self.at


@dataclass
class House:
    """The contacts of a few people, and what is sent to them."""

    db: Database
    clock: StillClock
    offer: Offer = OFFER

    async def user(self, user_id: int) -> User | None:
        return User(id=user_id, email="bob@example.com") if user_id < 9 else None

    def book(self, kind: Method | None = None) -> ContactBook:
        return ContactBook(self.db, self.user, Means(self.clock, SEALER, self.offer), kind)

    async def call(self, method: str, caller: Principal = ADA, **request: Any) -> Answer:
        service = pb.DESCRIPTOR.services_by_name["ContactService"]
        asked = getattr(pb, f"{method}Request")(**{"user_id": 1} | request)
        return await Calls(service, ContactServicer(self.book()), caller)(method, asked)

    async def add(
        self, method: str, target: str = "", caller: Principal = ADA, **more: Any
    ) -> Answer:
        told = Contact(method=method, target=target, **more)
        return await self.call("CreateContact", caller, contact=told)

    async def page(self, **more: Any) -> None:
        await self.db.write(_page, **more)

    async def take(self) -> list[Page]:
        return list((await self.db.write(claims.take, self.clock, terms())).pages)

    async def told(self) -> list[Any]:
        return await self.db.read(notifications.about, "deploy", "7")


def _page(connection: Connection, level: int = 1) -> None:
    user = User(id=1, email="bob@example.com")
    facts.apply(connection, "user", "1", 1, user.SerializeToString(), deleted=False)
    event = PageRequested(
        escalation_key="deploy:7:1",
        subject=Subject(kind="deploy", id="7", title="waits", episode=1),
        level=level,
        user_ids=[1],
        request_time=NOW,
    )
    consumer.reactions(WAYS)[event.DESCRIPTOR.full_name](connection, NOW, event.SerializeToString())


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    url = f"sqlite:///{tmp_path}/notification.db"
    migrate(url, "notification")
    async with database(url, "notification") as opened:
        yield House(opened, StillClock())


@pytest.mark.parametrize(
    ("method", "target", "kept", "shown"),
    [
        ("TERMINAL", "", "", ""),
        ("EMAIL", " bob@home.example ", "bob@home.example", "bob@home.example"),
        ("PHONE", "+49 30 123456", "+4930123456", "+4930123456"),
        ("WEBHOOK", "https://a.example/x?y", "https://a.example/x?y", "https://a.example/…"),
        ("WEBHOOK", "http://10.1.2.3/x", "http://10.1.2.3/x", "http://10.1.2.3/…"),
        ("PUSH", "alerts", "https://ntfy.example.com/alerts", "https://ntfy.example.com/…"),
        ("PUSH", "https://:tk_1@n.example/t", "https://:tk_1@n.example/t", "https://n.example/…"),
        ("TELEGRAM", "-1001234567890", "-1001234567890", "-1001234567890"),
        ("SLACK", "U024BE7LH", "U024BE7LH", "U024BE7LH"),
        ("APPRISE", "gotify://host/token", "gotify://host/token", "gotify://…"),
    ],
)
async def test_who_may_change_a_contact_sees_where_it_leads(
    house: House, method: str, target: str, kept: str, shown: str
) -> None:
    made = await house.add(method, target, name="Mine")
    again = await house.add(method, target)

    assert (made.code, again.code) == (OK, EXISTS), made.details
    assert (made.reply.target, made.reply.status, made.reply.name) == (kept, Contact.OK, "Mine")
    listed = await house.call("ListContacts")
    assert [each.target for each in listed.reply.contacts] == [shown]
    for caller, seen in ((ADA, kept), (BOB, kept), (READER, shown)):
        got = await house.call("GetContact", caller, id=made.reply.id)
        assert got.reply.target == seen
    assert targets.shown(Method(method), shown) == shown  # telling it again tells no more


@pytest.mark.parametrize(
    ("method", "target", "region", "field"),
    [
        ("EMAIL", "bob", "", "target"),
        ("EMAIL", "bob@example.com", "DE", "regionCode"),
        ("PHONE", "030 123456", "", "target"),
        ("PHONE", "+4930", "", "target"),
        ("PHONE", "call me", "DE", "target"),
        ("PHONE", "030 123456", "XX", "regionCode"),
        ("WEBHOOK", "http://127.0.0.1/", "", "target"),
        ("PUSH", "two words", "", "target"),
        ("PUSH", "https://ntfy.example.com/", "", "target"),
        ("PUSH", "http://localhost/topic", "", "target"),
        ("TELEGRAM", "@bob", "", "target"),
        ("SLACK", "#general", "", "target"),
        ("APPRISE", "json://10.0.0.1/", "", "target"),
        ("APPRISE", "gotify", "", "target"),
        ("SMS", "+4930123456", "", "method"),
        ("VOICE", "+4930123456", "", "method"),
    ],
)
async def test_a_contact_that_cannot_work_is_refused(
    house: House, method: str, target: str, region: str, field: str
) -> None:
    made = await house.add(method, target, region_code=region)

    assert made.code is INVALID
    assert field in made.details


async def test_a_number_may_be_told_as_its_region_does(house: House) -> None:
    made = await house.add("PHONE", "030 / 12 34 56", region_code="de")

    assert (made.reply.target, made.reply.region_code) == ("+4930123456", "DE")
    assert (await house.add("PHONE", "+4930123456")).code is EXISTS


@pytest.mark.parametrize(
    ("method", "target", "setting"),
    [
        ("EMAIL", "bob@example.com", "TOCSIN_SMTP_URL"),
        ("PHONE", "+4930123456", "TOCSIN_"),
        ("TELEGRAM", "1", "TOCSIN_TELEGRAM_TOKEN"),
        ("SLACK", "U024BE7LH", "TOCSIN_SLACK_TOKEN"),
        ("APPRISE", "gotify://host/token", "TOCSIN_APPRISE_SCHEMES"),
        ("PUSH", "alerts", "TOCSIN_NTFY_URL"),
    ],
)
async def test_what_the_deployment_does_not_reach_is_refused_with_the_setting(
    house: House, method: str, target: str, setting: str
) -> None:
    house.offer = Offer(lacking=targets.lacking(object()))

    made = await house.add(method, target)

    assert made.code is INVALID
    assert setting in made.details


async def test_a_contact_is_replaced_and_its_secret_stays_untold(house: House) -> None:
    made = (await house.add("WEBHOOK", f"https://a.example/{SECRET}")).reply
    first = await house.call("UpdateContact", id=made.id, contact=Contact(name="Bot"))
    shown = Contact(method="WEBHOOK", target="https://a.example/…", name="Robot")
    second = await house.call("UpdateContact", id=made.id, contact=shown)
    other = Contact(target="https://b.example/x")
    third = await house.call("UpdateContact", id=made.id, contact=other)
    kind = await house.call("UpdateContact", id=made.id, contact=Contact(method="EMAIL"))
    missing = await house.call("UpdateContact", id=99, contact=other)

    assert [each.reply.name for each in (first, second)] == ["Bot", "Robot"]
    assert {each.reply.target for each in (first, second)} == {f"https://a.example/{SECRET}"}
    assert (third.reply.target, third.reply.name) == ("https://b.example/x", "")
    assert (kind.code, missing.code) == (INVALID, NOT_FOUND)


async def test_ilerts_words_tell_the_same_contacts(house: House) -> None:
    mail_service = emails.DESCRIPTOR.services_by_name["EmailContactService"]
    mails = Calls(mail_service, EmailContactServicer(house.book(Method.EMAIL)))
    phone_service = phones.DESCRIPTOR.services_by_name["PhoneNumberContactService"]
    calls = Calls(phone_service, PhoneNumberContactServicer(house.book(Method.PHONE)))
    told = PhoneNumberContact(region_code="DE", target="030 123456")

    made = await calls(
        "CreatePhoneNumberContact",
        phones.CreatePhoneNumberContactRequest(user_id=1, phone_number_contact=told),
    )
    mail = await mails(
        "CreateEmailContact",
        emails.CreateEmailContactRequest(
            user_id=1, email_contact=EmailContact(target="b@x.example")
        ),
    )

    whole = PhoneNumberContact(id=1, region_code="DE", target="+4930123456", status="OK")
    assert made.reply == whole
    search = phones.SearchPhoneNumberContactRequest(user_id=1, phone_number_contact=told)
    assert (await calls("SearchPhoneNumberContact", search)).reply == whole
    none = phones.SearchPhoneNumberContactRequest(
        user_id=1, phone_number_contact=PhoneNumberContact(target="+4930123457")
    )
    assert (await calls("SearchPhoneNumberContact", none)).code is NOT_FOUND
    other = phones.GetPhoneNumberContactRequest(user_id=1, id=mail.reply.id)
    assert (await calls("GetPhoneNumberContact", other)).code is NOT_FOUND
    moved = PhoneNumberContact(target="+4930123457")
    update = phones.UpdatePhoneNumberContactRequest(user_id=1, id=1, phone_number_contact=moved)
    assert (await calls("UpdatePhoneNumberContact", update)).reply.target == "+4930123457"
    listed = await mails("ListEmailContacts", emails.ListEmailContactsRequest(user_id=1))
    assert [each.target for each in listed.reply.email_contacts] == ["b@x.example"]
    gone = emails.DeleteEmailContactRequest(user_id=1, id=mail.reply.id)
    assert (await mails("DeleteEmailContact", gone)).code is OK
    assert (await mails("DeleteEmailContact", gone)).code is NOT_FOUND


async def test_a_page_goes_to_where_the_contact_is_when_it_is_sent(house: House) -> None:
    made = (await house.add("WEBHOOK", f"https://a.example/{SECRET}")).reply
    await house.page()
    moved = Contact(target=f"https://b.example/{SECRET}")
    await house.call("UpdateContact", id=made.id, contact=moved)

    (page,) = await house.take()

    assert page.address == f"https://b.example/{SECRET}"
    assert page.notification.target == "https://a.example/…"
    assert page.notification.contact_id == made.id
    assert SECRET not in repr(page)


async def test_a_page_whose_contact_is_gone_fails_with_a_reason(house: House) -> None:
    made = (await house.add("WEBHOOK", "https://a.example/x")).reply
    await house.page()
    assert (await house.call("DeleteContact", id=made.id)).code is OK

    assert await house.take() == []
    (row,) = await house.told()
    assert (row.state, row.error) == (State.FAILED, "the contact was deleted")


async def test_a_page_waits_while_its_address_cannot_be_opened(house: House) -> None:
    await house.add("WEBHOOK", f"https://a.example/{SECRET}")
    await house.page()
    other = Sealer({"k2": b"o" * 32})

    assert not (await house.db.write(claims.take, house.clock, terms(sealer=other))).pages
    (row,) = await house.told()
    assert row.state is State.RETRY
    assert "k1" in row.error
    house.clock.at += timedelta(minutes=1)
    assert [page.address for page in await house.take()] == [f"https://a.example/{SECRET}"]


async def test_nothing_at_rest_tells_a_secret(house: House) -> None:
    for method, target in (
        ("WEBHOOK", f"https://a.example/{SECRET}"),
        ("PUSH", f"https://:{SECRET}@n.example/{SECRET}"),
        ("APPRISE", f"gotify://{SECRET}/{SECRET}"),
    ):
        assert (await house.add(method, target)).code is OK
    await house.page()
    for page in await house.take():
        assert SECRET in page.address
        await house.db.write(claims.record, house.clock, page, Failed("HTTP 404"), 0.5)
    await house.call("DeleteContact", id=1)

    dump = await house.db.read(lambda c: "\n".join(_everything(c)))
    assert SECRET not in dump
    assert "https://a.example/…" in dump


def _everything(connection: Connection) -> Iterable[str]:
    tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
    for name in tables.scalars().all():
        yield from (repr(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{name}"')))


async def _code(house: House) -> str:
    (page,) = await house.take()
    assert page.notification.kind is Kind.VERIFICATION
    assert page.headline == f"Your Tocsin code: {page.code}"
    await house.db.write(claims.record, house.clock, page, Sent(), 0.5)
    assert page.code.isdigit()
    assert len(page.code) == 6
    return page.code


def confirmation(code: str) -> Any:
    return pb.ConfirmVerificationRequest.Confirmation(code=code)


async def test_a_persons_own_number_is_used_once_it_is_verified(house: House) -> None:
    await house.add("EMAIL", "bob@example.com", BOB)  # the address of their record
    made = (await house.add("PHONE", "+4930123456", BOB)).reply
    await house.page()
    assert [each.method for each in await house.told()] == ["EMAIL"]
    for page in await house.take():
        await house.db.write(claims.record, house.clock, page, Sent(), 0.5)

    sent = await house.call("SendVerification", BOB, id=made.id)
    code = await _code(house)
    dump = await house.db.read(lambda c: "\n".join(_everything(c)))
    verified = await house.call(
        "ConfirmVerification", BOB, id=made.id, confirmation=confirmation(f" {code} ")
    )
    await house.page(level=2)

    assert made.status == Contact.LOCKED
    assert (sent.code, sent.reply.tries_left) == (OK, 5)
    assert sent.reply.expire_time.ToDatetime(UTC) == NOW + timedelta(minutes=15)
    assert code not in dump
    assert verified.reply.status == Contact.OK
    again = await house.call("SendVerification", BOB, id=made.id)
    assert again.code is WRONG_STATE
    later = [each.method for each in await house.told() if each.level == 2]
    assert later == ["EMAIL", "SMS", "VOICE"]
    moved = await house.call(
        "UpdateContact", BOB, id=made.id, contact=Contact(target="+4930123457")
    )
    assert moved.reply.status == Contact.LOCKED


async def test_who_has_no_other_way_is_paged_unverified(house: House) -> None:
    made = await house.add("PHONE", "+4930123456", BOB)
    await house.db.write(_forget_address)
    await house.page()

    assert made.reply.status == Contact.LOCKED
    assert [each.method for each in await house.told()] == ["SMS", "VOICE"]
    reach = await house.db.read(_reach)
    assert not reach.contacts[0].verified


def _forget_address(connection: Connection) -> None:
    facts.apply(connection, "user", "1", 1, User(id=1).SerializeToString(), deleted=False)


def _reach(connection: Connection) -> Reach:
    return reach_of(connection, NOW, [1])[1]


async def test_five_wrong_codes_are_enough(house: House) -> None:
    made = (await house.add("PHONE", "+4930123456", BOB)).reply
    early = await house.call(
        "ConfirmVerification", BOB, id=made.id, confirmation=confirmation("123456")
    )
    await house.call("SendVerification", BOB, id=made.id)
    code = await _code(house)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    told = [
        await house.call("ConfirmVerification", BOB, id=made.id, confirmation=confirmation(wrong))
        for _ in range(5)
    ]
    right = await house.call(
        "ConfirmVerification", BOB, id=made.id, confirmation=confirmation(code)
    )

    assert (early.code, right.code) == (WRONG_STATE, WRONG_STATE)
    assert {each.code for each in told} == {INVALID}
    assert told[1].details == "code is wrong; 3 tries are left"


async def test_a_code_is_old_after_a_quarter_of_an_hour(house: House) -> None:
    made = (await house.add("PHONE", "+4930123456", BOB)).reply
    await house.call("SendVerification", BOB, id=made.id)
    code = await _code(house)
    house.clock.at += timedelta(minutes=15)

    late = await house.call("ConfirmVerification", BOB, id=made.id, confirmation=confirmation(code))
    assert late.code is WRONG_STATE


async def test_codes_are_limited(house: House) -> None:
    made = (await house.add("PHONE", "+4930123456", BOB)).reply
    codes = [(await house.call("SendVerification", BOB, id=made.id)).code for _ in range(6)]
    other = (await house.add("PHONE", "+4930123457", BOB)).reply
    more = [(await house.call("SendVerification", BOB, id=other.id)).code for _ in range(6)]
    house.clock.at += timedelta(hours=1, seconds=1)
    later = await house.call("SendVerification", BOB, id=made.id)

    assert codes == [OK] * 5 + [EXHAUSTED]
    assert more == [OK] * 5 + [EXHAUSTED]
    assert later.code is OK
    third = (await house.add("PHONE", "+4930123458", BOB)).reply
    assert (await house.call("SendVerification", BOB, id=third.id)).code is OK


@pytest.mark.parametrize("gone", [False, True])
async def test_changing_contacts_gives_no_more_codes(house: House, *, gone: bool) -> None:
    made = (await house.add("PHONE", "+4930123456", BOB)).reply
    told = []
    for number in range(12):
        told.append((await house.call("SendVerification", BOB, id=made.id)).code)
        target = f"+49301234{number:02}"
        if gone:
            await house.call("DeleteContact", BOB, id=made.id)
            made = (await house.add("PHONE", target, BOB)).reply
        else:
            await house.call("UpdateContact", BOB, id=made.id, contact=Contact(target=target))

    assert told.count(OK) == (10 if gone else 5)  # to a person, to a contact
    assert set(told) == {OK, EXHAUSTED}


async def test_a_code_for_another_number_is_not_sent(house: House) -> None:
    made = (await house.add("PHONE", "+4930123456", BOB)).reply
    await house.call("SendVerification", BOB, id=made.id)
    await house.call("UpdateContact", BOB, id=made.id, contact=Contact(target="+4930123457"))

    assert await house.take() == []
    sent = await house.db.read(notifications.about, "verification", str(made.id))
    assert [(each.state, each.error) for each in sent] == [(State.FAILED, verifying.SPENT)]


async def test_what_was_stored_in_the_open_is_sealed_at_the_start(house: House) -> None:
    plain = f"https://a.example/{SECRET}"
    await house.db.write(contacts.add, 1, Method.WEBHOOK, plain, NOW)
    await house.db.write(contacts.add, 1, Method.EMAIL, "bob@example.com", NOW)

    sealed = await house.db.write(addresses.seal_plain, SEALER)
    again = await house.db.write(addresses.seal_plain, SEALER)

    assert (sealed, again) == (1, 0)
    assert SECRET not in await house.db.read(lambda c: "\n".join(_everything(c)))
    assert (await house.call("GetContact", id=1)).reply.target == plain
