"""How a document says that a person shall be reached, read against what there is.

A document names contacts by what they are called, or by method and target; and it may tell a
target that can be a secret as everybody sees it, which means the one that there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from services.chassis.errors import AlreadyExists, InvalidRequest, TocsinError
from services.chassis.texts import folded
from services.notification import changing, preference_wire, targets, wire
from services.notification.changing import Wanted
from services.notification.domain.preferences import MOST_RULES, Preference, checked
from services.notification.domain.quiet import QuietHours
from services.notification.domain.values import Contact
from services.notification.preference_wire import Told
from services.notification.targets import Offer
from tocsin.notification.internal.v1 import configuration_service_pb2 as pb
from tocsin.notification.v1 import contact_pb2

#: When contacts were made that are read only to be referred to.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
#: The lists of rules in a document.
LISTS = ("alerts", "duties", "updates")


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules that a person shall have; whose contacts are places in a list, from 1."""

    rules: tuple[Preference, ...] = ()
    quiet: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """How a person shall be reached."""

    contacts: tuple[Wanted, ...]
    rules: Rules | None = None  # None: those that name contacts which stay
    verified: frozenset[int] = frozenset()  # places of contacts that are known to be, from 1


@dataclass(slots=True)
class Faults:
    """What is wrong with a person, each with its contact, or NO_CONTACT, and its field."""

    found: list[tuple[int, str, TocsinError]] = field(default_factory=list)

    def add(self, contact: int, place: str, error: TocsinError) -> None:
        """Adds a fault; its field is within a place."""
        inside = error.field or ""
        whole = f"{place}.{inside}" if place and inside else place or inside
        self.found.append((contact, whole, error))


#: The place of what is wrong with a person, and with none of their contacts.
NO_CONTACT = -1


def wish(told: pb.PersonContacts, known: Sequence[Wanted], offer: Offer, faults: Faults) -> Wish:
    """Reads how a person shall be reached who is reached as is known; adds what is wrong.

    What is known may stay, whatever is refused by now.
    """
    left = list(known)
    read: list[Wanted | None] = []
    for place, contact in enumerate(told.contacts):
        try:
            meant = _meant(contact, left)
            read.append(changing.wanted(meant, offer, known))
        except TocsinError as error:
            faults.add(place, "", error)
            read.append(None)
    contacts = tuple(each for each in read if each is not None)
    if not told.HasField("preferences") or len(contacts) < len(read):
        return Wish(tuple(dict.fromkeys(contacts)))
    rules = _rules(told, contacts, faults)
    return _once(Wish(contacts, rules))


def restored(told: pb.PersonContacts, known: Sequence[Wanted]) -> Wish:
    """Reads how a person was reached, as it was told here: it was good once."""
    left = list(known)
    meant = [_meant(each, left) for each in told.contacts]
    contacts = tuple(
        Wanted(wire.method(each), each.target, each.name, each.region_code) for each in meant
    )
    good = {
        place
        for place, each in enumerate(told.contacts, start=1)
        if each.status in (contact_pb2.Contact.STATUS_UNSPECIFIED, contact_pb2.Contact.OK)
    }
    faults = Faults()
    rules = _rules(told, contacts, faults)
    return _once(Wish(contacts, None if faults.found else rules, frozenset(good)))


def _meant(told: contact_pb2.Contact, left: list[Wanted]) -> contact_pb2.Contact:
    """Returns a contact with its whole target, if it is told as everybody sees that."""
    target = told.target.strip()
    exact = next((each for each in left if each.target == target and _fits(each, told)), None)
    shown = exact or next(
        (each for each in left if _shown(each) == target and _fits(each, told)), None
    )
    if shown is None:
        if target.endswith("…"):
            why = "target is told as others see it, and the person has no such contact"
            raise InvalidRequest(why, field="target")
        return told
    left.remove(shown)
    meant = contact_pb2.Contact()
    meant.CopyFrom(told)
    meant.target = shown.target
    return meant


def _fits(known: Wanted, told: contact_pb2.Contact) -> bool:
    return contact_pb2.Contact.Method.Value(known.method) == told.method


def _shown(known: Wanted) -> str:
    return targets.shown(known.method, known.target)


def _rules(told: pb.PersonContacts, contacts: Sequence[Wanted], faults: Faults) -> Rules:
    """Reads all rules of a person."""
    numbered = [
        Contact(place, told.user_id, each.method, each.target, NEVER)
        for place, each in enumerate(contacts, start=1)
    ]
    read: dict[tuple[object, ...], Preference] = {}
    for name in LISTS:
        rules = getattr(told.preferences, name)
        for index, rule in enumerate(rules[: MOST_RULES + 1]):
            place = f"preferences.{name}[{index}]"
            try:
                found = _rule(rule, told, contacts, numbered)
                if found.says in read:
                    raise AlreadyExists("it is there twice")
                if index == MOST_RULES:
                    raise InvalidRequest(f"a person has {MOST_RULES} rules of a kind at most")
                read[found.says] = found
            except TocsinError as error:
                faults.add(NO_CONTACT, place, error)
    return Rules(tuple(read.values()), _quiet(told, faults))


def _rule(
    rule: Told, told: pb.PersonContacts, contacts: Sequence[Wanted], numbered: Sequence[Contact]
) -> Preference:
    place = _place(rule.contact, told, contacts) if rule.HasField("contact") else 0
    found = replace(preference_wire.rule(rule, told.user_id), contact_id=place)
    return checked(found, numbered)


def _place(named: contact_pb2.Contact, told: pb.PersonContacts, contacts: Sequence[Wanted]) -> int:
    """Returns the place of the contact that a rule names, from 1. Raises InvalidRequest."""
    if named.name.strip():
        how = f"called {named.name.strip()}"
        found = [
            place
            for place, each in enumerate(contacts, start=1)
            if folded(each.name) == folded(named.name)
        ]
    else:
        how = f"with the target {named.target.strip()}"
        said = named.target.strip()
        found = [
            place
            for place, (each, raw) in enumerate(zip(contacts, told.contacts, strict=True), start=1)
            if raw.method == (named.method or raw.method)
            and said in (each.target, raw.target.strip(), _shown(each))
        ]
    if len(found) == 1:
        return found[0]
    many = "several contacts" if found else "no contact"
    raise InvalidRequest(f"the person has {many} {how}", field="contact")


def _quiet(told: pb.PersonContacts, faults: Faults) -> QuietHours | None:
    if not told.preferences.HasField("quiet_hours"):
        return None
    try:
        return preference_wire.wanted_quiet_hours(told.preferences.quiet_hours)
    except TocsinError as error:
        faults.add(NO_CONTACT, "preferences.quietHours", error)
        return None


def _once(wish: Wish) -> Wish:
    """Returns a wish in which each contact is there once."""
    first = {each: place for place, each in reversed(list(enumerate(wish.contacts, start=1)))}
    if len(first) == len(wish.contacts):
        return wish
    contacts = tuple(dict.fromkeys(wish.contacts))
    now = {place: contacts.index(each) + 1 for place, each in enumerate(wish.contacts, start=1)}
    rules = wish.rules and replace(
        wish.rules,
        rules=tuple(
            replace(each, contact_id=now.get(each.contact_id, 0)) for each in wish.rules.rules
        ),
    )
    return Wish(contacts, rules, frozenset(now[place] for place in wish.verified))
