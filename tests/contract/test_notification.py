"""What callers of notification are answered, per method and state."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from sqlalchemy import Connection, select

from services.chassis import facts
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.errors import Unavailable
from services.chassis.migrations import migrate
from services.chassis.principal import Principal
from services.chassis.sealing import Sealer
from services.chassis.tables import AuditRow
from services.notification import changing, claims, consumer, receipts
from services.notification.contact_book import ContactBook
from services.notification.contact_servicer import ContactServicer
from services.notification.domain.values import WAYS, Failed, Method, Receipt, Sent, State
from services.notification.servicer import NotificationServicer
from services.notification.store import contacts
from services.notification.targets import Offer
from services.notification.wire import STATUS
from tests.contract.blocking import Calls
from tests.parts.claiming import terms
from tocsin.escalation.v1.escalation_events_pb2 import PageRequested
from tocsin.escalation.v1.escalation_pb2 import Subject
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1 import contact_service_pb2 as contact_calls
from tocsin.notification.v1 import notification_service_pb2 as notification_calls
from tocsin.notification.v1.contact_pb2 import Contact
from tocsin.notification.v1.notification_pb2 import Notification

ADA = User(id=1, first_name="Ada", last_name="Lovelace", email="ada@example.com")
NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
OK = grpc.StatusCode.OK
INVALID = grpc.StatusCode.INVALID_ARGUMENT
NOT_FOUND = grpc.StatusCode.NOT_FOUND
FORBIDDEN = grpc.StatusCode.PERMISSION_DENIED
PERSON = Principal(
    kind="USER", id="adatoken", name="Ada", user_id=1, scopes=frozenset({"config:write"})
)
SEALER = Sealer({"k1": b"k" * 32})
MEANS = changing.Means(Clock(), SEALER, Offer())
OFFERED = frozenset(WAYS) - {Method.EMAIL}
ANSWERING = frozenset({"alerts:write"})
TERMINAL = Contact(method=Contact.Method.TERMINAL)


@dataclass
class Owners:
    """The other services, as far as the servicers ask them."""

    users: dict[int, User] = field(default_factory=lambda: {1: ADA})
    alerts: set[int] = field(default_factory=lambda: {7})
    away: bool = False

    async def user(self, user_id: int) -> User | None:
        self._answer()
        return self.users.get(user_id)

    async def knows_alert(self, alert_id: int) -> bool:
        self._answer()
        return alert_id in self.alerts

    async def seen_runs(self, keys: Collection[str]) -> Collection[str]:
        self._answer()
        return keys

    def _answer(self) -> None:
        if self.away:
            raise Unavailable("away")


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path}/notification.db"
    migrate(url, "notification")
    async with database(url, "notification") as opened:
        yield opened


@pytest.fixture
def owners() -> Owners:
    return Owners()


@pytest.fixture
async def contact(db: Database, owners: Owners) -> Calls:
    service = contact_calls.DESCRIPTOR.services_by_name["ContactService"]
    return Calls(service, ContactServicer(ContactBook(db, owners.user, MEANS)))


@pytest.fixture
async def notification(db: Database, owners: Owners) -> Calls:
    service = notification_calls.DESCRIPTOR.services_by_name["NotificationService"]
    return Calls(service, NotificationServicer(db, owners.knows_alert, owners.seen_runs))


def create(contact: Contact, user_id: int = 1) -> contact_calls.CreateContactRequest:
    return contact_calls.CreateContactRequest(user_id=user_id, contact=contact)


def test_every_method_has_its_name_on_the_wire() -> None:
    assert {"METHOD_UNSPECIFIED", *Method.__members__} == set(Contact.Method.keys())


def test_every_state_has_a_status_on_the_wire() -> None:
    assert set(STATUS) == set(State)
    assert {"STATUS_UNSPECIFIED", *STATUS.values()} == set(Notification.Status.keys())


async def test_a_contact_is_made_and_listed_and_removed(contact: Calls) -> None:
    email = Contact(method=Contact.Method.EMAIL, target=" ada@example.com ")

    made = await contact("CreateContact", create(email))
    again = await contact("CreateContact", create(TERMINAL))
    listed = await contact("ListContacts", contact_calls.ListContactsRequest(user_id=1))
    delete = contact_calls.DeleteContactRequest(user_id=1, id=made.reply.id)
    removed = await contact("DeleteContact", delete)
    left = await contact("ListContacts", contact_calls.ListContactsRequest(user_id=1))

    assert (made.code, again.code, removed.code) == (OK, OK, OK)
    assert (made.reply.id, made.reply.user_id, made.reply.target) == (1, 1, "ada@example.com")
    assert made.reply.HasField("create_time")
    assert list(listed.reply.contacts) == [made.reply, again.reply]
    assert list(left.reply.contacts) == [again.reply]


async def test_who_changed_contacts_is_remembered(db: Database, contact: Calls) -> None:
    await contact("CreateContact", create(TERMINAL))
    await contact("DeleteContact", contact_calls.DeleteContactRequest(user_id=1, id=1))

    audit = AuditRow.__table__
    rows = await db.read(lambda c: c.execute(select(audit.c.action, audit.c.user_id)).all())
    assert [tuple(row) for row in rows] == [("contact.create", 1), ("contact.delete", 1)]


@pytest.mark.parametrize(
    ("who", "own", "others"),
    [
        (PERSON, OK, FORBIDDEN),
        (replace(PERSON, user_id=0), FORBIDDEN, FORBIDDEN),  # a token of nobody's
        (replace(PERSON, is_admin=True), OK, OK),
        (replace(PERSON, user_id=0, scopes=frozenset({"admin"})), OK, OK),
        (replace(PERSON, team=3, scopes=frozenset({"admin"})), OK, FORBIDDEN),
        (replace(PERSON, scopes=ANSWERING), OK, FORBIDDEN),
        (replace(PERSON, scopes=ANSWERING, is_admin=True), OK, FORBIDDEN),
    ],
)
async def test_people_change_their_own_contacts(
    db: Database, owners: Owners, who: Principal, own: grpc.StatusCode, others: grpc.StatusCode
) -> None:
    owners.users[2] = User(id=2)
    await db.write(contacts.add, 2, Method.TERMINAL, "", NOW)
    service = contact_calls.DESCRIPTOR.services_by_name["ContactService"]
    calls = Calls(service, ContactServicer(ContactBook(db, owners.user, MEANS)), who)
    gone = contact_calls.DeleteContactRequest(user_id=2, id=1)

    assert (await calls("CreateContact", create(TERMINAL))).code is own
    email = Contact(method=Contact.Method.EMAIL, target="eve@example.com")
    assert (await calls("CreateContact", create(email, 2))).code is others
    assert (await calls("DeleteContact", gone)).code is others
    listed = await calls("ListContacts", contact_calls.ListContactsRequest(user_id=2))
    assert listed.code is OK


@pytest.mark.parametrize(
    "wrong",
    [
        Contact(),
        Contact(method=99),  # type: ignore[arg-type] # what a newer client may say
        Contact(method=Contact.Method.EMAIL, target="ada"),
        Contact(method=Contact.Method.WEBHOOK, target="/page"),
        Contact(method=Contact.Method.TERMINAL, target="tty1"),
    ],
)
async def test_a_contact_that_cannot_work_is_refused(contact: Calls, wrong: Contact) -> None:
    assert (await contact("CreateContact", create(wrong))).code is INVALID


async def test_a_contact_twice_is_refused(contact: Calls) -> None:
    await contact("CreateContact", create(TERMINAL))

    again = await contact("CreateContact", create(TERMINAL))

    assert again.code is grpc.StatusCode.ALREADY_EXISTS


async def test_contacts_of_nobody_are_not_found(contact: Calls) -> None:
    made = await contact("CreateContact", create(TERMINAL, user_id=2))
    listed = await contact("ListContacts", contact_calls.ListContactsRequest(user_id=2))

    assert (made.code, listed.code) == (NOT_FOUND, NOT_FOUND)


async def test_another_persons_contact_is_not_found(contact: Calls) -> None:
    await contact("CreateContact", create(TERMINAL))

    removed = await contact("DeleteContact", contact_calls.DeleteContactRequest(user_id=2, id=1))

    assert removed.code is NOT_FOUND


async def test_contacts_need_the_owner_of_people(contact: Calls, owners: Owners) -> None:
    owners.away = True

    assert (await contact("CreateContact", create(TERMINAL))).code is grpc.StatusCode.UNAVAILABLE


def page(connection: Connection, kind: str, subject_id: str, key: str) -> None:
    facts.apply(connection, "user", "1", 1, ADA.SerializeToString(), deleted=False)
    event = PageRequested(
        escalation_key=key,
        subject=Subject(kind=kind, id=subject_id, title="disk full"),
        level=1,
        level_count=1,
        user_ids=[1],
        request_time=NOW,
    )
    consumer.reactions(OFFERED)["tocsin.escalation.v1.PageRequested"](
        connection, NOW, event.SerializeToString()
    )


def webhook(connection: Connection, target: str = "https://example.com") -> None:
    contacts.add(connection, 1, Method.WEBHOOK, target, NOW)


class TurnedBack(Clock):
    """Shows the same moment for ever."""

    def now(self, connection: Connection) -> datetime:
        return NOW + timedelta(seconds=1)


async def test_an_alert_tells_who_was_told(db: Database, notification: Calls) -> None:
    await db.write(webhook)
    await db.write(webhook, "https://example.org")
    await db.write(webhook, "https://example.net")
    await db.write(page, "alert", "7", "alert:7:1")
    sent, failed = (await db.write(claims.take, TurnedBack(), terms(2))).pages
    await db.write(claims.record, TurnedBack(), sent, Sent(), 0.5)
    await db.write(claims.record, TurnedBack(), failed, Failed("HTTP 404"), 0.5)

    request = notification_calls.ListAlertNotificationsRequest(id=7)
    told = await notification("ListAlertNotifications", request)

    assert told.code is OK
    first, second, third = told.reply.notifications
    assert (first.id, first.alert_id, first.subject) == (1, 7, "disk full")
    assert (first.method, first.target) == (Contact.Method.WEBHOOK, "https://example.com")
    person = Notification.Person(id=1, firstname="Ada", lastname="Lovelace")
    assert first.user == person
    assert first.status == Notification.Status.SUCCESS
    assert first.notification_time.ToDatetime(UTC) == NOW + timedelta(seconds=1)
    assert not first.HasField("error_message")
    assert (second.status, second.error_message) == (Notification.Status.ERROR, "HTTP 404")
    assert third.status == Notification.Status.SCHEDULED
    assert third.notification_time.ToDatetime(UTC) == NOW
    assert [each.provider for each in (first, second, third)] == ["one", "one", "one"]
    assert [each.reason for each in (first, second, third)] == ["", "HTTP 404", ""]
    assert [len(each.attempts) for each in (first, second, third)] == [1, 1, 0]
    (attempt,) = second.attempts
    assert (attempt.number, attempt.outcome, attempt.provider) == (1, "FAILED", "one")
    assert (attempt.provider_id, attempt.reason) == ("", "HTTP 404")
    assert attempt.HasField("start_time")
    assert attempt.HasField("end_time")
    assert third.next_attempt_time.ToDatetime(UTC) == NOW
    assert not second.HasField("next_attempt_time")


async def test_an_alert_tells_what_became_of_a_message(db: Database, notification: Calls) -> None:
    await db.write(webhook)
    await db.write(page, "alert", "7", "alert:7:1")
    (sent,) = (await db.write(claims.take, TurnedBack(), terms())).pages
    request = notification_calls.ListAlertNotificationsRequest(id=7)
    (under_way,) = (await notification("ListAlertNotifications", request)).reply.notifications
    await db.write(claims.record, TurnedBack(), sent, Sent("p-1"), 0.5)
    await db.write(receipts.record, NOW, "one", "p-1", Receipt.READ)

    (told,) = (await notification("ListAlertNotifications", request)).reply.notifications

    assert not under_way.HasField("next_attempt_time")
    assert [(each.outcome, each.HasField("end_time")) for each in under_way.attempts] == [("", 0)]
    assert not told.HasField("next_attempt_time")
    assert told.provider_id == told.attempts[0].provider_id == "p-1"
    assert told.read_time.ToDatetime(UTC) == told.delivered_time.ToDatetime(UTC) == NOW
    assert told.notification_time.ToDatetime(UTC) == NOW + timedelta(seconds=1)


async def test_an_alert_that_told_nobody_has_an_empty_list(notification: Calls) -> None:
    request = notification_calls.ListAlertNotificationsRequest(id=7)

    told = await notification("ListAlertNotifications", request)

    assert (told.code, list(told.reply.notifications)) == (OK, [])


async def test_an_alert_that_nobody_knows_is_not_found(notification: Calls) -> None:
    request = notification_calls.ListAlertNotificationsRequest(id=8)

    assert (await notification("ListAlertNotifications", request)).code is NOT_FOUND


async def test_only_an_empty_list_needs_the_owner_of_alerts(
    db: Database, notification: Calls, owners: Owners
) -> None:
    owners.away = True
    await db.write(page, "alert", "7", "alert:7:1")

    known = notification_calls.ListAlertNotificationsRequest(id=7)
    unknown = notification_calls.ListAlertNotificationsRequest(id=8)

    assert (await notification("ListAlertNotifications", known)).code is OK
    away = await notification("ListAlertNotifications", unknown)
    assert away.code is grpc.StatusCode.UNAVAILABLE


async def test_any_subject_tells_who_was_told(db: Database, notification: Calls) -> None:
    await db.write(page, "deploy", "7", "deploy:7:1")
    await db.write(page, "alert", "7", "alert:7:1")

    request = notification_calls.ListSubjectNotificationsRequest(kind="deploy", subject_id="7")
    told = await notification("ListSubjectNotifications", request)

    (only,) = told.reply.notifications
    assert (only.alert_id, only.status) == (0, Notification.Status.ERROR)
    assert only.error_message == "no contact"


@pytest.mark.parametrize(("kind", "subject_id"), [("", "7"), ("deploy", ""), ("", "")])
async def test_a_subject_has_a_kind_and_an_id(
    notification: Calls, kind: str, subject_id: str
) -> None:
    request = notification_calls.ListSubjectNotificationsRequest(kind=kind, subject_id=subject_id)

    assert (await notification("ListSubjectNotifications", request)).code is INVALID
