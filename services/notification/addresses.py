"""Where contacts lead, in full: what can be a secret is sealed, and opened when it is needed."""

import logging
from dataclasses import replace

from sqlalchemy import Connection

from services.chassis.errors import Unavailable
from services.chassis.sealing import Sealer
from services.notification import targets
from services.notification.domain.values import Contact
from services.notification.store import contacts

log = logging.getLogger(__name__)


def kept(contact: Contact, sealer: Sealer) -> Contact:
    """Returns a contact that has its whole target as it is stored."""
    if not targets.KINDS[contact.method].secret:
        return replace(contact, sealed=None)
    sealed = sealer.seal(contact.target, context(contact.id))
    return replace(contact, target=targets.shown(contact.method, contact.target), sealed=sealed)


def whole(contact: Contact, sealer: Sealer) -> str:
    """Returns where a contact leads, in full. Raises Unavailable if that cannot be opened."""
    return (
        contact.target
        if contact.sealed is None
        else sealer.open(contact.sealed, context(contact.id))
    )


def whole_or_shown(contact: Contact, sealer: Sealer) -> str:
    """Returns where a contact leads; as everybody may see it if more cannot be opened."""
    try:
        return whole(contact, sealer)
    except Unavailable:
        log.error("the target of contact %s cannot be opened", contact.id)
        return contact.target


def seal_plain(connection: Connection, sealer: Sealer) -> int:
    """Seals what an older version stored in the open, and returns how much that was."""
    plain = [
        contact
        for contact in contacts.every(connection)
        if contact.sealed is None and targets.KINDS[contact.method].secret
    ]
    for contact in plain:
        contacts.save(connection, kept(contact, sealer))
    return len(plain)


def context(contact_id: int) -> str:
    """Returns the place that a contact's target is sealed for."""
    return f"contact:{contact_id}:target"
