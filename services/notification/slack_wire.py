"""What Slack sends to an app, as far as the app listens, and how Slack signs it."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs

import orjson

from services.notification.nested import at

VERSION = "v0"
TIME, SIGNATURE = "x-slack-request-timestamp", "x-slack-signature"
#: How far the clocks may be apart, with the way of a call between them.
TOLERANCE = timedelta(minutes=5)
LONGEST_TIME = 12


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press of a button."""

    member: str  # who did
    channel: str  # where the message is
    message: str  # its time, which names it there
    action: str
    value: str


def signature(secret: str, time: str, body: bytes) -> str:
    """Returns how Slack signs a body at a time, in seconds since 1970."""
    signed = f"{VERSION}:{time}:".encode() + body
    return f"{VERSION}={hmac.digest(secret.encode(), signed, 'sha256').hex()}"


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Tells whether a body is signed with a secret, and not long ago; without one, none is."""
    time = headers.get(TIME, "")
    if not secret or not (time.isascii() and time.isdigit() and len(time) <= LONGEST_TIME):
        return False
    if abs(now.timestamp() - int(time)) > TOLERANCE.total_seconds():
        return False
    wanted, shown = signature(secret, time, body), headers.get(SIGNATURE, "")
    return hmac.compare_digest(wanted.encode(), shown.encode())


def read(body: bytes) -> Pressed | None:
    """Reads an interaction; None if it is of no interest, or none at all."""
    try:
        (payload,) = parse_qs(body.decode(), max_num_fields=10)["payload"]
        told = orjson.loads(payload)
    except (ValueError, KeyError):  # what is no form, or has no JSON in it
        return None
    actions = at(told, "actions")
    action = actions[0] if isinstance(actions, list) and actions else None
    found = (
        at(told, "user", "id"),
        at(told, "container", "channel_id"),
        at(told, "container", "message_ts"),
        at(action, "action_id"),
        at(action, "value"),
    )
    if at(told, "type") != "block_actions":
        return None
    texts = [each for each in found if isinstance(each, str)]
    return Pressed(*texts) if len(texts) == len(found) else None
