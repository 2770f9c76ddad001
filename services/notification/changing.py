"""Changes of contacts, and who may make them."""

from datetime import datetime

from sqlalchemy import Connection

from services.chassis import audit
from services.chassis.errors import Forbidden
from services.chassis.principal import caller
from services.chassis.teams import in_every_team
from services.notification.domain.values import Contact, Method
from services.notification.store import contacts

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
