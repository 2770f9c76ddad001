"""Contacts at rest."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, delete, select

from services.chassis import counters, facts
from services.chassis.errors import AlreadyExists, NotFound
from services.chassis.sql import take_turns, upsert
from services.notification.domain.values import Contact, Method
from services.notification.store.tables import ContactRow

CONTACT = ContactRow.__table__
#: Whoever changes contacts.
TURN = "notification contacts"


def add(
    connection: Connection, user_id: int, method: Method, target: str, now: datetime
) -> Contact:
    """Adds a contact and returns it with its id. Raises AlreadyExists."""
    take_turns(connection, TURN)
    contact = Contact(counters.allocate(connection, "contact"), user_id, method, target, now)
    row = upsert(connection, CONTACT).values(
        id=contact.id, user_id=user_id, method=method.value, target=target, created_at=now
    )
    new = row.on_conflict_do_nothing().returning(CONTACT.c.id)
    if connection.execute(new).one_or_none() is None:
        raise AlreadyExists(f"user {user_id} has that {method} contact already")
    return contact


def of_users(connection: Connection, user_ids: Sequence[int]) -> list[Contact]:
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


def remove(connection: Connection, user_id: int, contact_id: int) -> None:
    """Removes a contact of a person. Raises NotFound."""
    take_turns(connection, TURN)
    theirs = delete(CONTACT).where(CONTACT.c.id == contact_id, CONTACT.c.user_id == user_id)
    if not connection.execute(theirs).rowcount:
        raise NotFound(f"user {user_id} has no contact {contact_id}")


def remove_all(connection: Connection, user_id: int) -> None:
    """Removes all contacts of a person who is gone."""
    take_turns(connection, TURN)
    connection.execute(delete(CONTACT).where(CONTACT.c.user_id == user_id))


def user_is_gone(connection: Connection, user_id: int) -> bool:
    """Tells whether a person was known and is no more."""
    return bool(facts.gone(connection, "user", [user_id]))


def _contact(row: Row[tuple[object, ...]]) -> Contact:
    return Contact(row.id, row.user_id, Method(row.method), row.target, row.created_at)
