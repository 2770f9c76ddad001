"""Links by which people answer a message without logging in.

A token is its own credential: which message, until when, and an HMAC-SHA256 of both, of 96
bits, under a key that is good for nothing else. It is 29 letters and digits, as a link in a text
message has to be short, and as some readers leave a dash at its end out of a link. Every
attempt to send a message has the same one. It is in the message alone: no log, no event, no
trace, no error has it.

A restored database numbers its messages anew. So a token also holds two bytes of the digest of its
message's key: an older link must not answer what somebody else was told since.
"""

import hashlib
import hmac
import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from services.chassis.errors import NotFound
from services.chassis.sealing import Sealer
from services.chassis.tokens import ALPHABET
from services.notification.domain.values import Kind, Notification

PURPOSE = "tocsin answer link 1"
#: How long after its message was worth sending a link can be used.
LIFETIME = timedelta(days=7)
ID_BYTES, HOURS_BYTES, PRINT_BYTES, MAC_BYTES = 4, 3, 2, 12
DATA_BYTES = ID_BYTES + HOURS_BYTES + PRINT_BYTES
TOKEN_BYTES = DATA_BYTES + MAC_BYTES
LENGTH = math.ceil(TOKEN_BYTES * 8 / math.log2(len(ALPHABET)))
HOUR = timedelta(hours=1)
EPOCH = datetime.fromtimestamp(0, UTC)

_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}


class Links:
    """Makes the links of a deployment, and reads them."""

    def __init__(self, sealer: Sealer, public_url: str, lifetime: timedelta = LIFETIME) -> None:
        self._keys = sealer.derived(PURPOSE)
        self._url = public_url.rstrip("/")
        self._lifetime = lifetime

    def url(self, notification: Notification) -> str:
        """Returns where a person looks at a message and answers it; empty if nobody can.

        Whatever takes pages back asks for nothing, and a webhook is nobody.
        """
        if notification.kind is not Kind.PAGE or not notification.user_id or not self._url:
            return ""
        return f"{self._url}/m/{self.token(notification)}"

    def token(self, notification: Notification) -> str:
        """Returns what lets its bearer answer a message, for the person it was for."""
        hours = math.ceil((notification.expires_at + self._lifetime - EPOCH) / HOUR)
        data = (
            notification.id.to_bytes(ID_BYTES)
            + hours.to_bytes(HOURS_BYTES)
            + _print(notification.key)
        )
        return _text(data + _mac(self._keys[0], data))

    def opened(self, token: str, now: datetime) -> int:
        """Returns the id of the message that a token is of. Raises NotFound, see `unknown`."""
        return self._data(token, now)[0]

    def fits(self, token: str, notification: Notification, now: datetime) -> bool:
        """Tells whether a token is of this very message, rather than of one of its number."""
        id_, printed = self._data(token, now)
        return id_ == notification.id and printed == _print(notification.key)

    def _data(self, token: str, now: datetime) -> tuple[int, bytes]:
        raw = _bytes(token)
        data, mac = raw[:DATA_BYTES], raw[DATA_BYTES:]
        if not _any(hmac.compare_digest(_mac(key, data), mac) for key in self._keys):
            raise unknown()
        hours = int.from_bytes(data[ID_BYTES : ID_BYTES + HOURS_BYTES])
        if EPOCH + hours * HOUR <= now:
            raise NotFound("this link has expired", reason="LINK_EXPIRED", http_status=410)
        return int.from_bytes(data[:ID_BYTES]), data[ID_BYTES + HOURS_BYTES :]


def unknown() -> NotFound:
    """Returns the refusal of a token that nobody made, or whose message is not there.

    Of one that was made here it may be said that it has expired; of others, nothing.
    """
    return NotFound("this link is not known", reason="LINK_UNKNOWN")


def token_of(link: str) -> str:
    """Returns the token that a link ends with; empty without a link."""
    return link.rpartition("/m/")[2]


def answer_url(link: str) -> str:
    """Returns where a program posts the answer that a link is for; empty without a link."""
    base, _, token = link.rpartition("/m/")
    return f"{base}/api/answers/{token}" if token else ""


def _any(found: Iterable[bool]) -> bool:
    """Tells whether anything is so, having looked at all of it: time must not tell which."""
    return sum(found) > 0


def _mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")[:MAC_BYTES]


def _print(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()[:PRINT_BYTES]


def _text(data: bytes) -> str:
    number, letters = int.from_bytes(data), []
    for _ in range(LENGTH):
        number, value = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[value])
    return "".join(reversed(letters))


def _bytes(token: str) -> bytes:
    """Reads a token; what cannot be one becomes bytes that nobody signed."""
    number = 0
    if len(token) == LENGTH and all(letter in _VALUES for letter in token):
        for letter in token:
            number = number * len(ALPHABET) + _VALUES[letter]
    return number.to_bytes(TOKEN_BYTES) if number < 1 << TOKEN_BYTES * 8 else bytes(TOKEN_BYTES)
