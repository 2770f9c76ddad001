"""People who cannot be told, links that lead nowhere, tokens whose maker is gone."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from services.chassis.tables import AuditRow
from services.escalation.domain.findings import Check, Finding, Place, Severity
from services.escalation.domain.tokens import ApiToken
from services.escalation.linting.outlook import Outlook
from services.escalation.peers import Person, Told
from services.escalation.store import users
from tocsin.notification.v1.contact_pb2 import Contact

AUDIT = AuditRow.__table__
_LOOPBACK_NAMES = ("localhost", "ip6-localhost")


def unreachable(outlook: Outlook, responders: Mapping[int, str], told: Told) -> Iterator[Finding]:
    """Yields whom nothing tells; of whom nothing is known yet, nothing is said."""
    for id_, where in sorted(responders.items()):
        person = told.people.get(id_)
        if person is None or person.contacts:
            continue
        yield Finding(
            severity=Severity.ERROR,
            check=Check.NO_CONTACT,
            place=Place("user", str(id_), outlook.world.people[id_].name),
            message=f"is paged by {where}, and there is no way to tell them",
            advice=f"Add a contact (POST /api/users/{id_}/contacts), or a mail server for e-mails.",
        )


def unused(outlook: Outlook, responders: Mapping[int, str], told: Told) -> Iterator[Finding]:
    """Yields whose contacts are not verified, or nothing here reaches."""
    for id_ in sorted(responders.keys() & told.people.keys()):
        person = told.people[id_]
        place = Place("user", str(id_), outlook.world.people[id_].name)
        yield from _unverified(place, person)
        lacking = {each.setting: each.contact for each in person.unused if each.setting}
        for setting, contact in lacking.items():
            kind = Contact.Method.Name(contact.method)
            yield Finding(
                severity=Severity.WARNING,
                check=Check.PROVIDER_MISSING,
                place=place,
                message=f"has contacts of the kind {kind}, which nothing here reaches",
                advice=f"Set {setting}, or remove them.",
            )


def _unverified(place: Place, person: Person) -> Iterator[Finding]:
    advice = (
        f"Have them send a code (POST /api/users/{place.id}/contacts/…/verification) and confirm"
        " it, or remove and add the contact as an ADMIN."
    )
    left = sum(not each.setting for each in person.unused)
    if any(contact.status == Contact.LOCKED for contact in person.contacts):
        yield Finding(
            severity=Severity.WARNING,
            check=Check.UNVERIFIED_CONTACT,
            place=place,
            message="is paged by contacts that are not verified, as there is no other way",
            advice=advice,
        )
    elif left:
        yield Finding(
            severity=Severity.INFO,
            check=Check.UNVERIFIED_CONTACT,
            place=place,
            message=f"has {left} {'contact' if left == 1 else 'contacts'} that nothing goes to"
            " until verified",
            advice=advice,
        )


def loopback(told: Told) -> Iterator[Finding]:
    """Yields that links lead to this machine only, if anybody reads them elsewhere."""
    remote = sum(
        any(_leaves(contact) for contact in person.contacts) for person in told.people.values()
    )
    if not remote or not is_loopback(told.public_url):
        return
    yield Finding(
        severity=Severity.WARNING,
        check=Check.LOOPBACK_URL,
        place=Place("deployment", field="TOCSIN_PUBLIC_URL"),
        message=f"links in messages begin with {told.public_url}, which leads to this machine"
        f" only; {remote} of those who are paged read them elsewhere",
        advice="Set TOCSIN_PUBLIC_URL to the address under which they reach Tocsin.",
    )


def is_loopback(url: str) -> bool:
    """Tells whether a URL leads to the machine of whoever follows it."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in _LOOPBACK_NAMES or host.endswith(".localhost")


def makers(connection: Connection, working: list[ApiToken]) -> list[Finding]:
    """Returns the tokens that work and whose maker is gone."""
    made = select(AUDIT.c.target, AUDIT.c.user_id).where(
        AUDIT.c.action == "token.create", AUDIT.c.user_id > 0
    )
    by_token = {row.target: row.user_id for row in connection.execute(made)}
    still = users.existing(connection, by_token.values())
    gone = [each for each in working if by_token.get(f"token:{each.id}", 0) not in {0, *still}]
    return [
        Finding(
            severity=Severity.WARNING,
            check=Check.TOKEN_CREATOR_GONE,
            place=Place("token", token.id, token.name),
            message=f"was made by {token.creator}, who is gone, and still works",
            advice=f"Find out who needs it; else revoke it: tocsin token revoke {token.id}.",
        )
        for token in gone
    ]


def _leaves(contact: Contact) -> bool:
    """Tells whether what goes to a contact may be read on another machine."""
    if contact.method == Contact.TERMINAL:
        return False
    return contact.method != Contact.WEBHOOK or not is_loopback(contact.target)
