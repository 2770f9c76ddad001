"""incident.io's HTTP alert sources: refuses what can't become an alert, repairs and lists the rest.

A repeat of a firing alert changes nothing: its first title and metadata stay.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

from services.chassis.errors import InvalidRequest
from services.ingest.dialects import bounds, content, json_text
from services.ingest.dialects.fields import Fields
from services.ingest.domain.events import Event, EventType, Link, Repeat

FIELDS = ("title", "status", "deduplication_key", "description", "metadata", "source_url")
UNPROCESSABLE = 422


def read(body: bytes, content_type: str, made_up: Callable[[], str] | None) -> Event:
    """Returns the event in a body; `made_up` gives a key to one without, None asks for the key.

    Raises TooLarge, and InvalidRequest with the field that keeps it from becoming an alert.
    """
    bounds.check_body(len(body), content_type)
    fields = Fields(json_text.read(body, FIELDS))
    type_, title = _type(fields), _title(fields)
    if type_ is EventType.ALERT and not title.strip():
        _missing("title", "Title can't be blank")
    summary, details = bounds.summary_and_details(
        fields, title, fields.text("description"), name="title"
    )
    address = fields.address("source_url")
    event = Event(
        type=type_,
        summary=summary,
        details=details,
        alert_key=_key(fields) or (made_up or _no_key)(),
        links=(Link(href=address),) if address else (),
        custom_details=fields.json_object("metadata"),
        repeat=Repeat.KEEP,
    )
    event = bounds.publishable(fields, event, name="metadata")
    return replace(event, repairs=fields.repairs())


def _title(fields: Fields) -> str:
    if not isinstance(fields.told("title"), str) and not fields.absent("title"):
        _invalid("title", "must be a string")
    return fields.text("title")


def _type(fields: Fields) -> EventType:
    if fields.absent("status"):
        _missing("status", "A status is required: firing or resolved")
    told = fields.told("status")
    if not isinstance(told, str) or told not in content.TYPES:
        _invalid("status", f"must be one of {', '.join(content.TYPES)}")
    return content.TYPES[told]


def _key(fields: Fields) -> str:
    told = fields.told("deduplication_key")
    number = isinstance(told, int | float) and not isinstance(told, bool)
    if not (isinstance(told, str) or number or fields.absent("deduplication_key")):
        _invalid("deduplication_key", "must be a string")
    key = fields.text("deduplication_key")
    return bounds.key(fields, key, name="deduplication_key") if key.strip() else ""


def _no_key() -> NoReturn:
    _missing("deduplication_key", "A deduplication key is required by this alert source")


def _missing(field: str, message: str) -> NoReturn:
    raise InvalidRequest(message, reason="IS_REQUIRED", field=field, http_status=UNPROCESSABLE)


def _invalid(field: str, why: str) -> NoReturn:
    told = f"{field} {why}"
    raise InvalidRequest(told, reason="IS_INVALID", field=field, http_status=UNPROCESSABLE)
