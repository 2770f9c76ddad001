"""Changes of contacts, and who may make them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection

from services.chassis import audit
from services.chassis.addresses import Network
from services.chassis.errors import Forbidden
from services.chassis.principal import caller
from services.chassis.teams import in_every_team
from services.notification import destinations, targets, wire
from services.notification.domain.values import Contact, Method
from services.notification.store import contacts
from tocsin.notification.v1 import contact_pb2

#: A way to reach somebody: how, and where.
Way: TypeAlias = tuple[Method, str]
#: The scope that it takes to change others' contacts; one's own take less.
CONFIGURE = "config:write"


def refuse_others(user_id: int) -> None:
    """Raises Forbidden unless the caller may say how that person is reached."""
    who = caller()
    if who.user_id == user_id:
        return
    if not in_every_team(who) or not who.may(CONFIGURE):
        raise Forbidden(
            "only ADMINs change how others are reached", reason="NOT_YOURSELF", field="userId"
        )


def wanted(
    told: contact_pb2.Contact, allowed: Sequence[Network], kept: Collection[Way] = ()
) -> Way:
    """Reads how somebody shall be reached.

    `allowed` are the addresses that are not public and that URLs may lead to; a way that is
    `kept` may lead anywhere. Raises InvalidRequest naming the field.
    """
    method, target = way(told)
    if method is Method.WEBHOOK and (method, target) not in kept:
        destinations.checked(target, "contact.target", allowed)
    return method, target


def way(told: contact_pb2.Contact) -> Way:
    """Reads a way to reach somebody, wherever it leads. Raises InvalidRequest."""
    method = wire.method(told)
    return method, targets.checked(method, told.target)


def add(
    connection: Connection, now: datetime, user_id: int, method: Method, target: str
) -> Contact:
    """Adds a contact and returns it with its id. Raises AlreadyExists."""
    contact = contacts.add(connection, user_id, method, target, now)
    # The target may be an address that is a secret in itself.
    after = {"userId": user_id, "method": method.value}
    actor = caller().actor()
    audit.record(connection, now, actor, "contact.create", f"contact:{contact.id}", after=after)
    return contact


def remove(connection: Connection, now: datetime, user_id: int, contact_id: int) -> None:
    """Removes a contact of a person. Raises NotFound."""
    contacts.remove(connection, user_id, contact_id)
    actor, before = caller().actor(), {"userId": user_id}
    audit.record(connection, now, actor, "contact.delete", f"contact:{contact_id}", before=before)
