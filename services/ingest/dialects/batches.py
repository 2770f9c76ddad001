"""Takes a body with several events apart, without reading any: a bad one spoils no other."""

from services.chassis.errors import InvalidRequest
from services.ingest.dialects import json_text

MOST_EVENTS = 1_000
MEMBER = "events"
#: Members of the object beside the events, which mean nothing here.
MOST_MEMBERS = 1_000


def read(body: bytes) -> list[bytes]:
    """Returns the bodies of the events in a JSON array, or in the member "events" of an object.

    Raises InvalidRequest if the body is neither, or has too many.
    """
    try:
        text = body.decode().removeprefix("\ufeff")
    except UnicodeDecodeError:
        told = "the body is not JSON: it is not in UTF-8"
        raise InvalidRequest(told, reason="NOT_JSON") from None
    return [item.encode() for item in _array(text)]


def check_count(count: int) -> None:
    """Raises InvalidRequest if these are too many events for one request."""
    if count > MOST_EVENTS:
        told = f"a request may have {MOST_EVENTS} events at most"
        raise InvalidRequest(told, field=MEMBER)


def _array(text: str) -> list[str]:
    if text.lstrip(" \t\r\n").startswith("{"):
        members = json_text.members(text, MOST_MEMBERS)
        named = [member for member in members if member.name == MEMBER]
        if not named or text[named[-1].start] != "[":
            raise InvalidRequest("events must be an array", field=MEMBER)
        return _items(text, named[-1].start)[0]
    found, end = _items(text, 0)
    if end < len(text):
        json_text.refuse()
    return found


def _items(text: str, start: int) -> tuple[list[str], int]:
    found, end = json_text.items(text, start, MOST_EVENTS + 1)
    check_count(len(found))
    return found, end
