"""What Twilio sends: its forms, its signature, its words for how messages and calls fare."""

import base64
import hmac
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from services.notification.domain.values import Receipt

#: More fields than any form of Twilio's has.
MOST_FIELDS = 200
PORTS = {"http": 80, "https": 443}
MESSAGE = {
    "delivered": Receipt.DELIVERED,
    "read": Receipt.READ,
    "undelivered": Receipt.FAILED,
    "failed": Receipt.FAILED,
    "canceled": Receipt.FAILED,
}
CALL = {
    "completed": Receipt.DELIVERED,
    "busy": Receipt.FAILED,
    "no-answer": Receipt.FAILED,
    "failed": Receipt.FAILED,
    "canceled": Receipt.FAILED,
}
WHY = {
    "busy": "the line was busy",
    "no-answer": "nobody took the call",
    "failed": "it failed at Twilio",
    "canceled": "it was cancelled at Twilio",
}
#: Codes of messages that did not get there, as people understand them.
CODES = {
    "21610": "the number has unsubscribed at Twilio",
    "30001": "Twilio's queue is full",
    "30002": "the account is suspended",
    "30003": "the phone is off or out of reach",
    "30004": "the number is blocked",
    "30005": "the number is unknown",
    "30006": "the number is a landline, or its network is out of reach",
    "30007": "a network took the message for spam",
    "30008": "the network does not say why",
    "30034": "the sender is not registered with the networks",
    "30036": "it waited at Twilio for too long",
}
#: One word alone by which a number leaves or comes back at Twilio, which confirms that itself.
CONFIRMED = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"}
CONFIRMED |= {"START", "UNSTOP"}

Form = Sequence[tuple[str, str]]


def form(body: bytes) -> Form:
    """Reads a form. Raises ValueError if it is none."""
    return parse_qsl(
        body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=MOST_FIELDS
    )


def signature(token: str, url: str, fields: Form) -> str:
    """Returns how Twilio signs a form that it POSTs to a URL.

    Each field once, sorted: what is told twice in the same words is signed once.
    """
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode()


def is_signed(token: str, url: str, fields: Form, shown: str) -> bool:
    """Tells whether a form for a URL is signed with an account's token."""
    wanted = (signature(token, each, fields).encode() for each in _spellings(url))
    return any([hmac.compare_digest(each, shown.encode()) for each in wanted])


def why(status: str, code: str) -> str:
    """Returns why a message or a call failed."""
    if not code.isascii() or not code.isdigit():
        return WHY.get(status, "Twilio does not say why")
    return f"Twilio {code[:6]}: {CODES.get(code, 'it did not get there')}"


def _spellings(url: str) -> Iterator[str]:
    """Returns a URL with and without the port that its scheme has anyway, which Twilio may add."""
    parts = urlsplit(url)
    yield url
    usual = PORTS.get(parts.scheme)
    if parts.port is None:
        yield urlunsplit(parts._replace(netloc=f"{parts.netloc}:{usual}"))
    elif parts.port == usual:
        yield urlunsplit(parts._replace(netloc=parts.netloc.rpartition(":")[0]))
