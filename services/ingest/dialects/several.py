"""The alerts of a body that has several, each apart: how deep one is costs no other anything."""

from collections.abc import Sequence

import orjson

from services.chassis.errors import InvalidRequest, TooLarge
from services.ingest.dialects import json_text
from services.ingest.dialects.json_text import Document

FIELD = "alerts"
MOST_ALERTS = 2000


def alerts(document: Document) -> Sequence[tuple[bytes, Document | None]]:
    """Returns the alerts of a body as they were sent and were read; None for one of no object.

    Raises InvalidRequest if there is no list of them, TooLarge if it is too long.
    """
    deep = document.too_deep.get(FIELD, "")
    if deep.startswith("["):
        return _apart(deep)
    told = document.values.get(FIELD)
    if not isinstance(told, list):
        why = "is required" if told is None and not deep else "must be a list"
        raise InvalidRequest(f"{FIELD} {why}", field=FIELD)
    _check_count(len(told))
    return [
        (orjson.dumps(each), Document(each) if isinstance(each, dict) else None) for each in told
    ]


def _apart(text: str) -> Sequence[tuple[bytes, Document | None]]:
    found, end = json_text.items(text, 0, MOST_ALERTS + 1)
    _check_count(len(found))
    if end < len(text):
        json_text.refuse()
    sent = [each.encode() for each in found]
    return [(each, json_text.read(each) if each[:1] == b"{" else None) for each in sent]


def _check_count(count: int) -> None:
    if count > MOST_ALERTS:
        raise TooLarge(f"a request may have {MOST_ALERTS} alerts at most", http_status=413)
