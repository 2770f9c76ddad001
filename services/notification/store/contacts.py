"""Contacts at rest."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from services.chassis import counters, facts
from services.chassis.errors import NotFound
from services.chassis.sql import take_turns
from services.notification.domain.values import Contact, Method
from services.notification.store.tables import ContactRow, VerificationRow

CONTACT = ContactRow.__table__
VERIFICATION = VerificationRow.__table__
#: Whoever changes contacts, or the rules that name them.
TURN = "notification contacts"


def number(connection: Connection) -> int:
    """Returns the id of a new contact."""
    return counters.allocate(connection, "contact")


def add(
    connection: Connection, user_id: int, method: Method, target: str, now: datetime
) -> Contact:
    """Adds a contact with a target as it is told, and returns it with its id."""
    take_turns(connection, TURN)
    contact = Contact(number(connection), user_id, method, target, now)
    put(connection, contact)
    return contact


def put(connection: Connection, contact: Contact) -> None:
    """Adds a contact that has its id."""
    connection.execute(insert(CONTACT).values(_columns(contact)))


def save(connection: Connection, contact: Contact) -> None:
    """Writes a contact back."""
    row = update(CONTACT).where(CONTACT.c.id == contact.id)
    connection.execute(row.values(_columns(contact)))


def get(connection: Connection, user_id: int, contact_id: int) -> Contact:
    """Returns a contact of a person. Raises NotFound."""
    found = by_ids(connection, [contact_id]).get(contact_id)
    if found is None or found.user_id != user_id:
        raise NotFound(f"user {user_id} has no contact {contact_id}")
    return found


def by_ids(connection: Connection, ids: Iterable[int]) -> dict[int, Contact]:
    """Returns those contacts that are there, by id."""
    wanted = sorted(set(ids) - {0})
    rows = connection.execute(select(CONTACT).where(CONTACT.c.id.in_(wanted))) if wanted else ()
    return {row.id: _contact(row) for row in rows}


def of_users(connection: Connection, user_ids: Collection[int]) -> list[Contact]:
    """Returns all contacts of some people, oldest first."""
    theirs = select(CONTACT).where(CONTACT.c.user_id.in_(user_ids)).order_by(CONTACT.c.id)
    return [_contact(row) for row in connection.execute(theirs)]


def holders(connection: Connection, method: Method, target: str) -> list[int]:
    """Returns the people who have a contact, by id."""
    theirs = select(CONTACT.c.user_id).where(
        CONTACT.c.method == method.value, CONTACT.c.target == target
    )
    return list(connection.execute(theirs.distinct().order_by(CONTACT.c.user_id)).scalars())


def every(connection: Connection) -> list[Contact]:
    """Returns all contacts, oldest first."""
    return [_contact(row) for row in connection.execute(select(CONTACT).order_by(CONTACT.c.id))]


def remove(connection: Connection, contact_id: int) -> None:
    """Removes a contact."""
    connection.execute(delete(CONTACT).where(CONTACT.c.id == contact_id))


def remove_all(connection: Connection, user_id: int) -> None:
    """Removes all contacts of a person who is gone."""
    take_turns(connection, TURN)
    connection.execute(delete(VERIFICATION).where(VERIFICATION.c.user_id == user_id))
    connection.execute(delete(CONTACT).where(CONTACT.c.user_id == user_id))


def user_is_gone(connection: Connection, user_id: int) -> bool:
    """Tells whether a person was known and is no more."""
    return bool(facts.gone(connection, "user", [user_id]))


def _columns(contact: Contact) -> dict[str, Any]:
    return asdict(contact) | {"method": contact.method.value}


def _contact(row: Row[tuple[object, ...]]) -> Contact:
    values = dict(row._mapping)
    return Contact(**values | {"method": Method(row.method)})
