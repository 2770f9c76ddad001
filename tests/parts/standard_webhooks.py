"""Verifies calls as a receiver would, by the words of Standard Webhooks' specification.

https://github.com/standard-webhooks/standard-webhooks, "Verifying signatures": written from the
text, and not from what signs.
"""

import base64
import hashlib
import hmac

from tests.parts.webhook import Request

TOLERANCE_SECONDS = 5 * 60


def verified(request: Request, secret: str, now: float) -> bool:
    """Tells whether a call carries a signature of a secret, made about now (seconds of 1970)."""
    headers = request.headers
    if abs(now - int(headers["webhook-timestamp"])) > TOLERANCE_SECONDS:
        return False
    signed = b".".join(
        (headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), request.body)
    )
    key = base64.b64decode(secret.split("whsec_", 1)[1])
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    for each in headers["webhook-signature"].split(" "):
        version, _, signature = each.partition(",")
        if version == "v1" and hmac.compare_digest(signature, expected):
            return True
    return False


def signatures(request: Request) -> int:
    """Returns how many signatures a call carries."""
    return len(request.headers["webhook-signature"].split(" "))
