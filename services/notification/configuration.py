"""The contacts as a part of the whole configuration: changed together, or not at all."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.errors import Conflict
from services.chassis.sql import take_turns
from services.notification import changing, wire
from services.notification.changing import Way
from services.notification.domain.values import Contact
from services.notification.store import contacts
from tocsin.notification.internal.v1 import configuration_service_pb2 as pb


def export(connection: Connection) -> pb.ExportContactsResponse:
    """Returns all contacts, by person."""
    people = [_person(user_id, ways) for user_id, ways in sorted(_by_user(connection).items())]
    sum_ = hashlib.sha256()
    for person in people:
        sum_.update(person.SerializeToString(deterministic=True))
    return pb.ExportContactsResponse(people=people, digest=sum_.hexdigest())


def apply(
    connection: Connection, clock: Clock, digest: str, wanted: Mapping[int, Sequence[Way]]
) -> list[pb.PersonContacts]:
    """Makes the contacts of people what they shall be, and returns them. Raises Conflict."""
    take_turns(connection, contacts.TURN)  # what is compared stays so until it is changed
    if export(connection).digest != digest:
        raise Conflict("the contacts changed meanwhile")
    known = _by_user(connection)
    for user_id, theirs in wanted.items():
        _replace(connection, clock, user_id, known[user_id], theirs)
    after = _by_user(connection)
    return [_person(user_id, after[user_id]) for user_id in wanted]


def revert(
    connection: Connection,
    clock: Clock,
    were: Mapping[int, Sequence[Way]],
    left: Mapping[int, Sequence[Way]],
) -> None:
    """Makes the contacts of people what they were before a change, if it was made.

    `left` is how that left them; whose contacts somebody else changed since then, or who is
    gone, is left alone.
    """
    take_turns(connection, contacts.TURN)
    known = _by_user(connection)
    for user_id, theirs in left.items():
        now = {(contact.method, contact.target) for contact in known[user_id]}
        if now == set(theirs) and not contacts.user_is_gone(connection, user_id):
            _replace(connection, clock, user_id, known[user_id], were.get(user_id, ()))


def ways(connection: Connection) -> Mapping[int, Collection[Way]]:
    """Returns how people are reached now."""
    found = _by_user(connection)
    return {user_id: {(c.method, c.target) for c in theirs} for user_id, theirs in found.items()}


def _replace(
    connection: Connection,
    clock: Clock,
    user_id: int,
    known: Sequence[Contact],
    wanted: Sequence[Way],
) -> None:
    now = clock.now(connection)
    for contact in known:
        if (contact.method, contact.target) not in wanted:
            changing.remove(connection, now, user_id, contact.id)
    there = {(contact.method, contact.target) for contact in known}
    for method, target in dict.fromkeys(wanted):
        if (method, target) not in there:
            changing.add(connection, now, user_id, method, target)


def _by_user(connection: Connection) -> defaultdict[int, list[Contact]]:
    found: defaultdict[int, list[Contact]] = defaultdict(list)
    for contact in contacts.every(connection):
        found[contact.user_id].append(contact)
    return found


def _person(user_id: int, ways: Sequence[Contact]) -> pb.PersonContacts:
    return pb.PersonContacts(user_id=user_id, contacts=map(wire.contact, ways))
