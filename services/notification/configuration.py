"""The contacts and rules as a part of the whole configuration: changed together, or not at all."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Connection

from services.chassis import facts
from services.chassis.errors import Conflict
from services.chassis.sql import take_turns
from services.notification import addresses, changing, preference_wire, preferring, wire
from services.notification.changes import USER
from services.notification.changing import Means, Wanted
from services.notification.contact_book import counts_as_verified
from services.notification.domain.preferences import Preference, Topic
from services.notification.domain.quiet import QuietHours
from services.notification.domain.values import Contact
from services.notification.store import contacts, preferences
from services.notification.wishes import Rules, Wish, restored
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.internal.v1 import configuration_service_pb2 as pb
from tocsin.notification.v1 import contact_pb2, preference_pb2

T = TypeVar("T", Contact, Preference)


@dataclass(frozen=True, slots=True)
class Known:
    """How a person is reached now."""

    contacts: Sequence[Contact] = ()
    rules: Sequence[Preference] = ()
    quiet: QuietHours | None = None

    def wanted(self, means: Means) -> list[Wanted]:
        """Returns the contacts, whole."""
        return [
            Wanted(
                each.method, addresses.whole_or_shown(each, means.sealer), each.name, each.region
            )
            for each in self.contacts
        ]


def export(connection: Connection, means: Means) -> pb.ExportContactsResponse:
    """Returns how everybody is reached, by person; whole for those who may change it."""
    found = known(connection)
    people = [_person(user_id, found[user_id], means) for user_id in sorted(found)]
    return pb.ExportContactsResponse(people=people, digest=_digest(found))


def apply(
    connection: Connection, means: Means, digest: str, wishes: Mapping[int, Wish]
) -> list[pb.PersonContacts]:
    """Makes how people are reached what it shall be, and returns it. Raises Conflict."""
    take_turns(connection, contacts.TURN)  # what is compared stays so until it is changed
    if digest_now(connection) != digest:
        raise Conflict("the contacts changed meanwhile")
    before = known(connection)
    for user_id, wish in wishes.items():
        _replace(connection, means, user_id, before.get(user_id, Known()), wish)
    after = known(connection)
    return [_person(user_id, after.get(user_id, Known()), means) for user_id in wishes]


def revert(
    connection: Connection,
    means: Means,
    were: Mapping[int, pb.PersonContacts],
    left: Iterable[pb.PersonContacts],
) -> None:
    """Makes how people are reached what it was before a change, if that was made.

    `left` is how the change left them; whose contacts somebody else changed since then, or who
    is gone, is left alone.
    """
    take_turns(connection, contacts.TURN)
    found = known(connection)
    for told in left:
        now = found.get(told.user_id, Known())
        there = now.wanted(means)
        was = were.get(told.user_id, pb.PersonContacts(user_id=told.user_id))
        if set(there) == set(restored(told, there).contacts) and not contacts.user_is_gone(
            connection, told.user_id
        ):
            wish = restored(was, there)
            _replace(connection, means, told.user_id, now, wish)


def digest_now(connection: Connection) -> str:
    """Names how everybody is reached now."""
    return _digest(known(connection))


def known(connection: Connection) -> dict[int, Known]:
    """Returns how everybody is reached now, who is in any way."""
    theirs = _by_user(contacts.every(connection))
    rules = _by_user(preferences.every(connection))
    quiet = preferences.every_quiet_hours(connection)
    return {
        user_id: Known(theirs.get(user_id, ()), rules.get(user_id, ()), quiet.get(user_id))
        for user_id in {*theirs, *rules, *quiet}
    }


def _replace(connection: Connection, means: Means, user_id: int, before: Known, wish: Wish) -> None:
    there = dict(zip(before.wanted(means), before.contacts, strict=True))
    now = means.clock.now(connection)
    for want, contact in there.items():
        if want not in wish.contacts:
            changing.remove(connection, now, contact)
    ids = []
    for place, want in enumerate(wish.contacts, start=1):
        if want in there:
            contact = changing.change(connection, means, there[want], want, verified=True)
        else:
            verified = place in wish.verified or _believed(connection, user_id, want)
            contact = changing.add(connection, means, user_id, want, verified=verified)
        ids.append(contact.id)
    if wish.rules is not None:
        _replace_rules(connection, means, user_id, wish.rules, ids)


def _replace_rules(
    connection: Connection, means: Means, user_id: int, wanted: Rules, ids: Sequence[int]
) -> None:
    rules = [
        replace(rule, contact_id=ids[rule.contact_id - 1] if rule.contact_id else 0)
        for rule in wanted.rules
    ]
    stay = {rule.says for rule in rules}
    there = preferences.of_users(connection, [user_id])
    for rule in there:
        if rule.says not in stay:
            preferring.remove(connection, means.clock, user_id, rule.topic, rule.id)
    kept = {rule.says for rule in there}
    for rule in rules:
        if rule.says not in kept:
            preferring.add(connection, means.clock, rule)
    if wanted.quiet is not None:
        preferring.put_quiet_hours(connection, means.clock, user_id, wanted.quiet)
    elif preferences.quiet_hours(connection, [user_id]):
        preferring.remove_quiet_hours(connection, means.clock, user_id)


def _believed(connection: Connection, user_id: int, want: Wanted) -> bool:
    """Tells whether a new contact is used at once."""
    user = facts.get(connection, USER, user_id, User)
    return counts_as_verified(want, user or User(id=user_id))


def _by_user(found: Iterable[T]) -> dict[int, list[T]]:
    by_user: defaultdict[int, list[T]] = defaultdict(list)
    for each in found:
        by_user[each.user_id].append(each)
    return by_user


def _digest(found: Mapping[int, Known]) -> str:
    """Names all of it as it is; what is sealed anew counts as another."""
    sum_ = hashlib.sha256()
    for user_id in sorted(found):
        each = found[user_id]
        sealed = [contact.sealed for contact in each.contacts]
        sum_.update(repr((user_id, each, sealed)).encode())
    return sum_.hexdigest()


def _person(user_id: int, known: Known, means: Means) -> pb.PersonContacts:
    whole = changing.may_change(user_id)
    told = {
        each.id: wire.contact(each, addresses.whole_or_shown(each, means.sealer) if whole else "")
        for each in known.contacts
    }
    person = pb.PersonContacts(user_id=user_id, contacts=told.values())
    if known.rules or known.quiet is not None:
        person.preferences.CopyFrom(_preferences(known, _references(told)))
    return person


def _references(
    told: Mapping[int, contact_pb2.Contact],
) -> dict[int, contact_pb2.Contact]:
    """Returns what rules call contacts: by name if that is one contact's, else by target."""
    names = [each.name for each in told.values()]
    return {
        id_: contact_pb2.Contact(name=each.name)
        if each.name and names.count(each.name) == 1
        else contact_pb2.Contact(method=each.method, target=each.target)
        for id_, each in told.items()
    }


def _preferences(
    known: Known, references: Mapping[int, contact_pb2.Contact]
) -> preference_pb2.Preferences:
    told = preference_pb2.Preferences()
    lists: Mapping[Topic, Any] = {
        Topic.ALERT: told.alerts,
        Topic.DUTY: told.duties,
        Topic.UPDATE: told.updates,
    }
    for rule in known.rules:
        message = preference_wire.RENDER[rule.topic](replace(rule, id=0), None)
        if rule.contact_id:
            message.contact.CopyFrom(references[rule.contact_id])
        lists[rule.topic].append(message)
    if known.quiet is not None:
        told.quiet_hours.CopyFrom(preference_wire.quiet_hours(known.quiet))
    return told
