"""Changes of the rules by which people want to be told, and of their quiet hours."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import audit, counters
from services.chassis.clock import Clock
from services.chassis.errors import AlreadyExists, InvalidRequest, NotFound
from services.chassis.principal import caller
from services.chassis.sql import take_turns
from services.notification.domain.preferences import MOST_RULES, Preference, Topic, checked
from services.notification.domain.quiet import QuietHours
from services.notification.store import contacts
from services.notification.store import preferences as store

KIND = "preference"
QUIET = "quiet_hours"


def add(connection: Connection, clock: Clock, wanted: Preference) -> Preference:
    """Adds a rule and returns it with its id. Raises InvalidRequest, AlreadyExists."""
    take_turns(connection, contacts.TURN)
    theirs = _checked(connection, wanted)
    if len(theirs) >= MOST_RULES:
        raise InvalidRequest(f"a person has {MOST_RULES} rules of a kind at most", field="userId")
    added = replace(wanted, id=counters.allocate(connection, KIND))
    store.add(connection, added)
    _audit(connection, clock.now(connection), "create", added)
    return added


def change(connection: Connection, clock: Clock, wanted: Preference) -> Preference:
    """Puts a rule in the place of the one with its id. Raises NotFound, and as `add` does."""
    take_turns(connection, contacts.TURN)
    known = store.get(connection, wanted.user_id, wanted.topic, wanted.id)
    _checked(connection, wanted)
    if wanted != known:
        store.save(connection, wanted)
        _audit(connection, clock.now(connection), "update", wanted)
    return wanted


def remove(connection: Connection, clock: Clock, user_id: int, topic: Topic, id_: int) -> None:
    """Removes a rule. Raises NotFound."""
    take_turns(connection, contacts.TURN)
    known = store.get(connection, user_id, topic, id_)
    store.remove(connection, id_)
    _audit(connection, clock.now(connection), "delete", known)


def put_quiet_hours(
    connection: Connection, clock: Clock, user_id: int, hours: QuietHours
) -> QuietHours:
    """Gives a person quiet hours, and returns them."""
    take_turns(connection, contacts.TURN)
    if store.quiet_hours(connection, [user_id]).get(user_id) != hours:
        store.put_quiet_hours(connection, user_id, hours)
        _audit_quiet(connection, clock.now(connection), "update", user_id)
    return hours


def remove_quiet_hours(connection: Connection, clock: Clock, user_id: int) -> None:
    """Removes a person's quiet hours. Raises NotFound."""
    take_turns(connection, contacts.TURN)
    if not store.remove_quiet_hours(connection, user_id):
        raise NotFound(f"user {user_id} has no quiet hours")
    _audit_quiet(connection, clock.now(connection), "delete", user_id)


def _checked(connection: Connection, wanted: Preference) -> Collection[Preference]:
    """Returns the person's rules of the same topic, if this can be one of them."""
    checked(wanted, contacts.of_users(connection, [wanted.user_id]))
    theirs = [
        each
        for each in store.of_users(connection, [wanted.user_id])
        if each.topic is wanted.topic and each.id != wanted.id
    ]
    if any(each.says == wanted.says for each in theirs):
        raise AlreadyExists(f"user {wanted.user_id} has that notification preference already")
    return theirs


def _audit(connection: Connection, now: datetime, action: str, rule: Preference) -> None:
    told = {
        "userId": rule.user_id,
        "about": rule.topic.value,
        "method": rule.method.value,
        "contactId": rule.contact_id,
        "type": rule.type,
        "minutes": rule.minutes,
    }
    side = {"before": told} if action == "delete" else {"after": told}
    actor, target = caller().actor(), f"{KIND}:{rule.id}"
    audit.record(connection, now, actor, f"{KIND}.{action}", target, **side)


def _audit_quiet(connection: Connection, now: datetime, action: str, user_id: int) -> None:
    actor = caller().actor()
    audit.record(connection, now, actor, f"{QUIET}.{action}", f"{QUIET}:{user_id}", after={})
