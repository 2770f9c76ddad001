"""Signatures of calls, by which programs know that they come from here, and when.

As Standard Webhooks says: https://github.com/standard-webhooks/standard-webhooks, version v1,
symmetric.
"""

import base64
import hmac
import secrets
from collections.abc import Iterable, Mapping

PREFIX = "whsec_"
SECRET_BYTES = 32


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


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
