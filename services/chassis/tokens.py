"""API tokens: what they look like, and how one is recognised without being stored.

A token is `tcs_<8: public id>_<43: secret>_<6: checksum>`. The id is in every log and list;
of the secret only the SHA-256 is kept. That is enough for 256 random bits, and a slow hash
would let anybody burn our processor with wrong ones.
"""

import hashlib
import hmac
import secrets
import string
import zlib
from dataclasses import dataclass

ALPHABET = string.digits + string.ascii_letters
ID_LENGTH = 8
SECRET_LENGTH = 43
CHECKSUM_LENGTH = 6


@dataclass(frozen=True, slots=True)
class Token:
    """A token, taken apart."""

    id: str
    secret: str

    def __str__(self) -> str:
        body = f"tcs_{self.id}_{self.secret}"
        return f"{body}_{_checksum(body)}"

    def __repr__(self) -> str:
        return f"Token({self.id})"  # never the secret

    def sha256(self) -> bytes:
        """Returns what may be stored of the secret."""
        return hashlib.sha256(self.secret.encode()).digest()


def new_token() -> Token:
    """Returns a token that nobody has."""
    return Token(_random(ID_LENGTH), _random(SECRET_LENGTH))


def parse(text: str) -> Token | None:
    """Takes a token apart; None if the text cannot be one."""
    if not text.isascii():
        return None
    body, _, checksum = text.rpartition("_")
    parts = body.split("_")
    if len(parts) != 3 or parts[0] != "tcs" or not hmac.compare_digest(checksum, _checksum(body)):
        return None
    return Token(parts[1], parts[2])


def same(token: Token, sha256: bytes) -> bool:
    """Tells whether a token is the one that was hashed, in constant time."""
    return hmac.compare_digest(token.sha256(), sha256)


def service_token_hash(token: str) -> str:
    """Returns what the other services may know of a service's own token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _checksum(body: str) -> str:
    rest = zlib.crc32(body.encode("utf-8", "replace"))
    digits = []
    for _ in range(CHECKSUM_LENGTH):
        rest, digit = divmod(rest, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(digits)
