"""Changes of contacts, and who may make them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import audit
from services.chassis.clock import Clock
from services.chassis.errors import AlreadyExists, Forbidden, InvalidRequest
from services.chassis.principal import caller
from services.chassis.sealing import Sealer
from services.chassis.sql import take_turns
from services.chassis.teams import in_every_team
from services.chassis.texts import is_line
from services.notification import addresses, targets, wire
from services.notification.domain.values import Contact, Method
from services.notification.store import contacts, preferences, verifications
from services.notification.targets import Offer
from tocsin.notification.v1 import contact_pb2

#: The scope that it takes to change others' contacts; one's own take less.
CONFIGURE = "config:write"
LONGEST_NAME = 255
MOST_CONTACTS = 50  # of one person


@dataclass(frozen=True, slots=True)
class Means:
    """What every change of a contact takes beside the contact."""

    clock: Clock
    sealer: Sealer
    offer: Offer


@dataclass(frozen=True, slots=True)
class Wanted:
    """How somebody shall be reached."""

    method: Method
    target: str = field(repr=False)  # whole
    name: str = field(default="", compare=False)
    region: str = field(default="", compare=False)


def refuse_others(user_id: int) -> None:
    """Raises Forbidden unless the caller may say how that person is reached."""
    if not may_change(user_id):
        raise Forbidden(
            "only ADMINs change how others are reached", reason="NOT_YOURSELF", field="userId"
        )


def may_change(user_id: int) -> bool:
    """Tells whether the caller may say how that person is reached."""
    return caller().user_id == user_id or configures()


def configures() -> bool:
    """Tells whether the caller may say how everybody is reached."""
    return in_every_team(caller()) and caller().may(CONFIGURE)


def wanted(told: contact_pb2.Contact, offer: Offer, kept: Collection[Wanted] = ()) -> Wanted:
    """Reads how somebody shall be reached.

    What is `kept` stays, whatever is refused by now. Raises InvalidRequest naming the field.
    """
    stays = Wanted(wire.method(told), told.target.strip())
    if stays in kept:
        return replace(stays, name=_name(told), region=told.region_code.strip().upper())
    region = told.region_code.strip().upper()
    target = targets.checked(stays.method, told.target, region, offer)
    if stays.method is Method.PHONE:
        region = region or targets.region_of(target)
    elif region:
        raise InvalidRequest("only a PHONE has a regionCode", field=targets.REGION_FIELD)
    return Wanted(stays.method, target, _name(told), region)


def add(
    connection: Connection, means: Means, user_id: int, want: Wanted, *, verified: bool
) -> Contact:
    """Adds a contact and returns it with its id. Raises AlreadyExists, InvalidRequest."""
    take_turns(connection, contacts.TURN)
    now = means.clock.now(connection)
    theirs = contacts.of_users(connection, [user_id])
    if len(theirs) >= MOST_CONTACTS:
        raise InvalidRequest(f"a person has {MOST_CONTACTS} contacts at most", field="userId")
    _refuse_twice(theirs, means, want)
    whole = Contact(
        contacts.number(connection),
        user_id,
        want.method,
        want.target,
        now,
        name=want.name,
        region=want.region,
        verified=verified,
    )
    contact = addresses.kept(whole, means.sealer)
    contacts.put(connection, contact)
    # The target may be an address that is a secret in itself.
    after = {"userId": user_id, "method": want.method.value}
    _audit(connection, now, "create", contact.id, after=after)
    return contact


def change(
    connection: Connection, means: Means, known: Contact, want: Wanted, *, verified: bool
) -> Contact:
    """Puts what is wanted in a contact's place, and returns it; its method stays.

    `verified` tells whether another target counts as verified. Raises AlreadyExists.
    """
    take_turns(connection, contacts.TURN)
    now = means.clock.now(connection)
    changed = replace(known, name=want.name, region=want.region)
    if want.target != addresses.whole_or_shown(known, means.sealer):
        others = contacts.of_users(connection, [known.user_id])
        _refuse_twice((each for each in others if each.id != known.id), means, want)
        verifications.spend(connection, known.id)
        moved = replace(changed, target=want.target, verified=verified)
        changed = addresses.kept(moved, means.sealer)
    if changed != known:
        contacts.save(connection, changed)
        _audit(connection, now, "update", known.id, after={"userId": known.user_id})
    return changed


def verify(connection: Connection, now: datetime, contact: Contact) -> Contact:
    """Remembers that a contact is its person's."""
    verified = replace(contact, verified=True)
    contacts.save(connection, verified)
    verifications.spend(connection, contact.id)
    _audit(connection, now, "verify", contact.id, after={"userId": contact.user_id})
    return verified


def remove(connection: Connection, now: datetime, contact: Contact) -> None:
    """Removes a contact, and the rules that name it."""
    take_turns(connection, contacts.TURN)
    rules = preferences.remove_naming(connection, contact.id)
    verifications.spend(connection, contact.id)
    contacts.remove(connection, contact.id)
    before = {"userId": contact.user_id, **({"preferences": rules} if rules else {})}
    _audit(connection, now, "delete", contact.id, before=before)


def _refuse_twice(theirs: Iterable[Contact], means: Means, want: Wanted) -> None:
    for other in theirs:
        if other.method is not want.method:
            continue
        if addresses.whole_or_shown(other, means.sealer) == want.target:
            told = f"user {other.user_id} has that {want.method} contact already"
            raise AlreadyExists(told)


def _name(told: contact_pb2.Contact) -> str:
    name = told.name.strip()
    if len(name) > LONGEST_NAME or not is_line(name):
        why = f"name must be one line of {LONGEST_NAME} characters at most"
        raise InvalidRequest(why, field="name")
    return name


def _audit(
    connection: Connection,
    now: datetime,
    action: str,
    contact_id: int,
    *,
    before: audit.Record | None = None,
    after: audit.Record | None = None,
) -> None:
    actor = caller().actor()
    name, target = f"contact.{action}", f"contact:{contact_id}"
    audit.record(connection, now, actor, name, target, before=before, after=after)
