"""By which ways a person is told: the one place that decides, for pages and for simulations."""

from collections.abc import Sequence

from services.notification.domain.values import Contact

#: Stands for the e-mail address of the person's record, which is nobody's stored contact.
OWN_ADDRESS = 0


def ways(contacts: Sequence[Contact], own_address: Contact | None) -> tuple[Contact, ...]:
    """Returns the ways by which a page goes to a person, all at once, in their order.

    All of their contacts; who has none is told at the address of their record. Nothing if
    there is no such address, or nothing that sends e-mails.
    """
    if contacts:
        return tuple(contacts)
    return () if own_address is None else (own_address,)
