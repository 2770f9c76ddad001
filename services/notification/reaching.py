"""Finds by which ways people are told, as things stand."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection

from services.chassis import facts
from services.notification.changes import USER
from services.notification.domain.preferences import Preference
from services.notification.domain.quiet import QuietHours
from services.notification.domain.values import Contact, Method
from services.notification.domain.ways import OWN_ADDRESS, Way, ways
from services.notification.store import contacts, preferences
from services.notification.targets import is_email
from tocsin.escalation.v1.user_pb2 import User

T = TypeVar("T", Contact, Preference)


@dataclass(frozen=True, slots=True)
class Reach:
    """All that decides how a person is told."""

    contacts: Sequence[Contact]
    preferences: Sequence[Preference]
    quiet: QuietHours | None
    muted: datetime | None  # until when
    own_address: Contact | None

    def ways(self, priority: str, now: datetime, offered: Collection[Method]) -> tuple[Way, ...]:
        """Returns the ways by which they are told, as `domain.ways` says."""
        return ways(
            self.contacts,
            self.preferences,
            priority,
            quiet=self.quiet,
            muted=self.muted,
            own_address=self.own_address,
            now=now,
            offered=offered,
        )


def reach_of(
    connection: Connection, now: datetime, user_ids: Collection[int]
) -> Mapping[int, Reach]:
    """Returns how people are told; who has no contact and of whom nothing is known is missing."""
    theirs = _by_user(contacts.of_users(connection, user_ids))
    rules = _by_user(preferences.of_users(connection, user_ids))
    quiet = preferences.quiet_hours(connection, user_ids)
    known = facts.many(connection, USER, user_ids, User)
    unknown = [id_ for id_ in user_ids if str(id_) not in known and id_ not in theirs]
    lost = {id_ for id_ in unknown if not contacts.user_is_gone(connection, id_)}
    return {
        id_: Reach(
            contacts=theirs.get(id_, ()),
            preferences=rules.get(id_, ()),
            quiet=quiet.get(id_),
            muted=_muted(known.get(str(id_))),
            own_address=_own_address(known.get(str(id_)), now),
        )
        for id_ in user_ids
        if id_ not in lost
    }


def _own_address(user: User | None, now: datetime) -> Contact | None:
    """Returns the address of a person's record, if it can be used."""
    if user is None or not is_email(user.email):
        return None
    return Contact(OWN_ADDRESS, user.id, Method.EMAIL, user.email, now)


def _muted(user: User | None) -> datetime | None:
    if user is None or not user.HasField("muted_until"):
        return None
    return user.muted_until.ToDatetime(UTC)


def _by_user(found: Iterable[T]) -> dict[int, list[T]]:
    by_user: defaultdict[int, list[T]] = defaultdict(list)
    for each in found:
        by_user[each.user_id].append(each)
    return by_user
