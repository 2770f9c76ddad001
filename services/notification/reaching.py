"""Finds by which ways people are told, as things stand."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import facts
from services.notification.changes import USER
from services.notification.domain.values import Contact, Method
from services.notification.domain.ways import OWN_ADDRESS, ways
from services.notification.store import contacts
from services.notification.targets import is_email
from tocsin.escalation.v1.user_pb2 import User


def ways_of(
    connection: Connection, now: datetime, user_ids: Sequence[int], *, mails: bool
) -> Mapping[int, tuple[Contact, ...]]:
    """Returns by which ways people are told; `mails` says whether anything sends e-mails.

    Who has no contact, and of whom nothing is known yet, is missing.
    """
    theirs: defaultdict[int, list[Contact]] = defaultdict(list)
    for contact in contacts.of_users(connection, user_ids):
        theirs[contact.user_id].append(contact)
    without = [user_id for user_id in user_ids if user_id not in theirs]
    own = _own_addresses(connection, now, without) if mails else dict.fromkeys(without)
    known = (user_id for user_id in user_ids if user_id in theirs or user_id in own)
    return {user_id: ways(theirs[user_id], own.get(user_id)) for user_id in known}


def _own_addresses(
    connection: Connection, now: datetime, user_ids: Sequence[int]
) -> dict[int, Contact | None]:
    """Returns the addresses of people's records, None where there is none that can be used."""
    known = facts.many(connection, USER, user_ids, User)
    found: dict[int, Contact | None] = {}
    for user_id in user_ids:
        user = known.get(str(user_id))
        if user is not None and is_email(user.email):
            found[user_id] = Contact(OWN_ADDRESS, user_id, Method.EMAIL, user.email, now)
        elif user is not None or contacts.user_is_gone(connection, user_id):
            found[user_id] = None
    return found
