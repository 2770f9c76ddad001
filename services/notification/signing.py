"""Signatures of calls, by which programs know that they come from here, and when.

As Standard Webhooks says: https://github.com/standard-webhooks/standard-webhooks, version v1,
symmetric.
"""

import base64
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

PREFIX = "whsec_"
SECRET_BYTES = 32
#: The least that the standard lets a secret have.
LEAST_SECRET_BYTES = 24
#: How far the clocks of two programs may be apart, with the way of a call between them.
TOLERANCE = timedelta(minutes=5)
#: What may stand in a header as it is; keys hold other programs' words.
PLAIN = ":/@+=,;!~*'()&$"
LONGEST_TIME = 12
LONGEST_SIGNATURES = 4096


def new_secret() -> str:
    """Returns a secret that nobody has."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signatures(secrets_: Iterable[str], headers: Mapping[str, str], body: bytes) -> str:
    """Returns the header webhook-signature, one signature for each secret.

    What is signed says which call this is, and when it is made: headers of it say so, too.
    """
    head = f"{headers['webhook-id']}.{headers['webhook-timestamp']}."
    signed = head.encode() + body
    return " ".join(f"v1,{_signature(secret, signed)}" for secret in secrets_)


def headers(key: str, now: datetime, secrets_: Iterable[str], body: bytes) -> dict[str, str]:
    """Returns the headers of a signed call; the key names the call and is the same for repeats."""
    told = {
        "webhook-id": quote(key, safe=PLAIN),
        "webhook-timestamp": str(int(now.timestamp())),
    }
    return {**told, "webhook-signature": signatures(secrets_, told, body)}


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Tells whether a call is signed with a secret, and not long ago.

    One signature of several will do: who calls may change secrets.
    """
    told = headers.get("webhook-timestamp", "")
    if not (told.isascii() and told.isdigit() and len(told) <= LONGEST_TIME):
        return False
    if abs(now.timestamp() - int(told)) > TOLERANCE.total_seconds():
        return False
    if not headers.get("webhook-id"):
        return False
    wanted = signatures([secret], headers, body).encode()
    shown = headers.get("webhook-signature", "").encode()[:LONGEST_SIGNATURES].split()
    return any([hmac.compare_digest(wanted, each) for each in shown])


def is_secret(text: str) -> bool:
    """Tells whether a text is a secret that can sign."""
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except ValueError:  # binascii's own is one
        return False
    return text.startswith(PREFIX) and len(key) >= LEAST_SECRET_BYTES


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
