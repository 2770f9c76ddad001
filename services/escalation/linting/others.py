"""People who cannot be told, links that lead nowhere, tokens whose maker is gone."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from services.chassis.tables import AuditRow
from services.escalation.domain.findings import Check, Finding, Place, Severity
from services.escalation.domain.tokens import ApiToken
from services.escalation.linting.outlook import Outlook
from services.escalation.peers import Told
from services.escalation.store import users
from tocsin.notification.v1.contact_pb2 import Contact

AUDIT = AuditRow.__table__
_LOOPBACK_NAMES = ("localhost", "ip6-localhost")


def unreachable(outlook: Outlook, responders: Mapping[int, str], told: Told) -> Iterator[Finding]:
    """Yields whom nothing tells; of whom nothing is known yet, nothing is said."""
    for id_, where in sorted(responders.items()):
        if told.contacts.get(id_, True):
            continue
        yield Finding(
            severity=Severity.ERROR,
            check=Check.NO_CONTACT,
            place=Place("user", str(id_), outlook.world.people[id_].name),
            message=f"is paged by {where}, and there is no way to tell them",
            advice=f"Add a contact (POST /api/users/{id_}/contacts), or a mail server for e-mails.",
        )


def loopback(told: Told) -> Iterator[Finding]:
    """Yields that links lead to this machine only, if anybody reads them elsewhere."""
    remote = sum(
        any(_leaves(contact) for contact in contacts) for contacts in told.contacts.values()
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
