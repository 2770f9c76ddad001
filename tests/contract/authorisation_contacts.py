"""How the methods about contacts, rules and quiet hours are called on a thing."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from google.protobuf import descriptor_pool

from tocsin.notification.v1 import contact_pb2, preference_pb2
from tocsin.notification.v1 import contact_service_pb2 as contacts
from tocsin.notification.v1 import email_contact_service_pb2 as emails
from tocsin.notification.v1 import phone_number_contact_service_pb2 as phones
from tocsin.notification.v1 import preference_service_pb2 as preferences
from tocsin.notification.v1 import quiet_hours_service_pb2 as quiet

NOTIFICATIONS = "tocsin.notification.v1."
CREATE_CONTACT = NOTIFICATIONS + "ContactService.CreateContact"
Fresh = Callable[[Any, Any], Awaitable[Any]]
_NUMBERS = count(1000)
_TARGET = "looked-for@example.com"
_NUMBER = "+493012345678"


@dataclass(frozen=True)
class Kept:
    """A kind of record that a person has several of."""

    service: str
    noun: str
    module: Any
    field: str
    told: Callable[[Any], Any]  # what is made, of a thing
    found: Any = None  # what is looked for, where that can be done

    def method(self, verb: str, plural: str = "") -> str:
        return f"{NOTIFICATIONS}{self.service}.{verb}{self.noun}{plural}"

    def request(self, verb: str, thing: Any, *, told: Any = None, id_: int = 0) -> Any:
        made = getattr(self.module, f"{verb}{self.noun}Request")(user_id=thing.person)
        if told is not None:
            getattr(made, self.field).CopyFrom(told)
        if id_:
            made.id = id_
        return made

    async def make(self, house: Any, thing: Any) -> int:
        request = self.request("Create", thing, told=self.told(thing))
        return int((await _call(house, self.method("Create"), request)).id)


def _rule(message: Any, **more: Any) -> Callable[[Any], Any]:
    return lambda thing: message(method="EMAIL", contact={"id": thing.contact}, **more)


EMAIL = Kept(
    "EmailContactService",
    "EmailContact",
    emails,
    "email_contact",
    lambda _: contact_pb2.EmailContact(target=f"mail{next(_NUMBERS)}@example.com"),
    contact_pb2.EmailContact(target=_TARGET),
)
PHONE = Kept(
    "PhoneNumberContactService",
    "PhoneNumberContact",
    phones,
    "phone_number_contact",
    lambda _: contact_pb2.PhoneNumberContact(target=f"+4930123{next(_NUMBERS):04}"),
    contact_pb2.PhoneNumberContact(target=_NUMBER),
)
RULES = tuple(
    Kept("PreferenceService", noun, preferences, field, told)
    for noun, field, told in (
        (
            "AlertPreference",
            "alert_preference",
            _rule(preference_pb2.AlertPreference, type="HIGH_PRIORITY"),
        ),
        ("DutyPreference", "duty_preference", _rule(preference_pb2.DutyPreference)),
        (
            "UpdatePreference",
            "update_preference",
            _rule(preference_pb2.UpdatePreference, type="ALERT_RESOLVED"),
        ),
    )
)


def entries(entry: Any, not_yourself: Mapping[str, str]) -> dict[str, Any]:
    """Returns an entry for each method."""
    found = _of_contacts(entry, not_yourself) | _of_quiet_hours(entry, not_yourself)
    for kind in (EMAIL, PHONE, *RULES):
        found |= _of_kept(entry, not_yourself, kind)
    return found


def _of_kept(entry: Any, not_yourself: Mapping[str, str], kind: Kept) -> dict[str, Any]:
    another = _another_contact if kind in RULES else None

    async def fresh(house: Any, thing: Any) -> Any:
        thing = await _another_contact(house, thing) if kind in RULES else replace(thing)
        return replace(thing, kept=await kind.make(house, thing))

    found = {
        kind.method("Create"): entry(
            lambda t: kind.request("Create", t, told=kind.told(t)),
            fresh=another,
            otherwise=not_yourself,
        ),
        kind.method("List", "s"): entry(
            lambda t: getattr(kind.module, f"List{kind.noun}sRequest")(user_id=t.person)
        ),
        kind.method("Get"): entry(
            lambda t: kind.request("Get", t, id_=t.kept), fresh=_once(kind.noun, fresh)
        ),
        kind.method("Update"): entry(
            lambda t: kind.request("Update", t, told=kind.told(t), id_=t.kept),
            fresh=_once(kind.noun, fresh),
            otherwise=not_yourself,
        ),
        kind.method("Delete"): entry(
            lambda t: kind.request("Delete", t, id_=t.kept),
            fresh=fresh,
            otherwise=not_yourself,
        ),
    }
    if kind.found is not None:
        found[kind.method("Search")] = entry(
            lambda t: kind.request("Search", t, told=kind.found),
            fresh=_once("looked for", replaced(kind)),
        )
    return found


def replaced(kind: Kept) -> Fresh:
    """Makes what is looked for, once for the person whose it is."""
    made = replace(kind, told=lambda _: kind.found)
    there: set[int] = set()

    async def fresh(house: Any, thing: Any) -> Any:
        if id(house) not in there:
            there.add(id(house))
            await made.make(house, thing)
        return replace(thing)

    return fresh


def _of_contacts(entry: Any, not_yourself: Mapping[str, str]) -> dict[str, Any]:
    name = f"{NOTIFICATIONS}ContactService."
    once = _once("contact", _another_contact)
    code = contacts.ConfirmVerificationRequest.Confirmation(code="123456")
    return {
        f"{name}GetContact": entry(
            lambda t: contacts.GetContactRequest(user_id=t.person, id=t.contact), fresh=once
        ),
        f"{name}UpdateContact": entry(
            lambda t: contacts.UpdateContactRequest(
                user_id=t.person, id=t.contact, contact=contact_pb2.Contact(name="Home")
            ),
            fresh=once,
            otherwise=not_yourself,
        ),
        f"{name}SendVerification": entry(
            lambda t: contacts.SendVerificationRequest(user_id=t.person, id=t.contact),
            fresh=once,
            otherwise=not_yourself,
        ),
        f"{name}ConfirmVerification": entry(
            lambda t: contacts.ConfirmVerificationRequest(
                user_id=t.person, id=t.contact, confirmation=code
            ),
            fresh=once,
            otherwise=not_yourself,
        ),
    }


def _of_quiet_hours(entry: Any, not_yourself: Mapping[str, str]) -> dict[str, Any]:
    name = f"{NOTIFICATIONS}QuietHoursService."

    async def fresh(house: Any, thing: Any) -> Any:
        await _call(house, f"{name}UpdateQuietHours", _put(thing))
        return replace(thing)

    return {
        f"{name}UpdateQuietHours": entry(_put, otherwise=not_yourself),
        f"{name}GetQuietHours": entry(
            lambda t: quiet.GetQuietHoursRequest(user_id=t.person), fresh=fresh
        ),
        f"{name}DeleteQuietHours": entry(
            lambda t: quiet.DeleteQuietHoursRequest(user_id=t.person),
            fresh=fresh,
            otherwise=not_yourself,
        ),
    }


def _put(thing: Any) -> quiet.UpdateQuietHoursRequest:
    hours = preference_pb2.QuietHours(timezone="UTC", start="22:00", end="07:00")
    return quiet.UpdateQuietHoursRequest(user_id=thing.person, quiet_hours=hours)


def _once(what: str, fresh: Fresh) -> Fresh:
    """Makes what a place has one of, for all calls that leave it there."""
    made: dict[tuple[int, str, str], Any] = {}

    async def known(house: Any, thing: Any) -> Any:
        key = (id(house), thing.place, what)
        if key not in made:
            made[key] = await fresh(house, thing)
        return made[key]

    return known


async def _another_contact(house: Any, thing: Any) -> Any:
    told = contact_pb2.Contact(method="EMAIL", target=f"way{next(_NUMBERS)}@example.com")
    request = contacts.CreateContactRequest(user_id=thing.person, contact=told)
    return replace(thing, contact=(await _call(house, CREATE_CONTACT, request)).id)


async def _call(house: Any, name: str, request: Any) -> Any:
    return await house.call(descriptor_pool.Default().FindMethodByName(name), request)
