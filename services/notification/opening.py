"""Opens what is sealed of a message, for the way that it takes."""

from dataclasses import dataclass, field

from sqlalchemy import Connection

from services.chassis.errors import Unavailable
from services.chassis.sealing import Sealer
from services.notification import addresses, verifying
from services.notification.domain import life
from services.notification.domain.values import (
    Contact,
    Failed,
    Kind,
    Notification,
    Outcome,
    Retry,
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What is sealed of a message, opened for its way."""

    address: str = field(default="", repr=False)
    code: str = field(default="", repr=False)


def opened(
    connection: Connection, sealer: Sealer, notification: Notification, contact: Contact | None
) -> Opened | Outcome:
    """Returns what is sealed of a message, or what comes of it if that is not there."""
    if not notification.contact_id:
        return Opened()
    if contact is None:
        return Failed(life.CONTACT_GONE)
    try:
        code = ""
        if notification.kind is Kind.VERIFICATION:
            code = verifying.opened_code(connection, sealer, contact.id)
            if not code:
                return Failed(verifying.SPENT)
        return Opened(addresses.whole(contact, sealer), code)
    except Unavailable as unopened:
        return Retry(f"what is sealed of the contact cannot be opened: {unopened.message}")
