"""PagerDuty's Events API v2: refuses what can't become an alert, repairs and lists the rest.

`critical`, `error`, `warning` and `info` are the severities 1 to 4. The first two are HIGH under
any rule of a source of type PAGERDUTY; about the others, and words that nobody knows, the source's
rule decides. So HIGH pages for all, as that vendor does by default, and LOW is what it calls
severity-based urgency. A repeat is appended to the open alert.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

from services.chassis import texts
from services.chassis.errors import InvalidRequest
from services.ingest.dialects import bounds, content, hiding, json_text
from services.ingest.dialects.content import SEVERITY_OF
from services.ingest.dialects.fields import Fields
from services.ingest.domain.events import Event, EventType, Link, Priority

KEY = "routing_key"
FIELDS = (KEY, "event_action", "dedup_key", "payload", "client", "client_url", "images", "links")
TYPES = {
    "trigger": EventType.ALERT,
    "acknowledge": EventType.ACCEPT,
    "resolve": EventType.RESOLVE,
}
LOUD = ("critical", "error")
PLACE = ("source", "component", "group", "class")


def read(
    body: bytes, content_type: str, shown_key: str, made_up: Callable[[], str]
) -> tuple[str, Event, bytes]:
    """Returns the key of a source, its event, and the body as it may be kept: without the key.

    `shown_key` is what older clients show in a header instead; `made_up` names an alert that has
    no name. Raises TooLarge, and InvalidRequest with what keeps the event from becoming an alert.
    """
    fields, kept = _fields(body, content_type)
    key, type_ = _key(fields, shown_key), _type(fields)
    payload = fields.object("payload")
    summary, details = _summary_and_details(payload, required=type_ is EventType.ALERT)
    severity = _severity(payload)
    event = Event(
        type=type_,
        summary=summary,
        details=details,
        alert_key=_dedup_key(fields, made_up if type_ is EventType.ALERT else None),
        priority=Priority.HIGH if severity in LOUD else None,
        severity=SEVERITY_OF.get(severity),
        images=content.images(fields),
        links=(*content.links(fields), *_client(fields)),
        custom_details=_custom_details(fields, payload),
    )
    return key, _whole(fields, event), kept


def read_change(body: bytes, content_type: str, shown_key: str) -> tuple[str, Event, bytes]:
    """Returns the same of an event about a change, which concerns no alert: it is only kept."""
    fields, kept = _fields(body, content_type)
    key = _key(fields, shown_key)
    payload = fields.object("payload")
    summary, details = _summary_and_details(payload, required=True)
    event = Event(
        type=EventType.COMMENT,
        summary=summary,
        details=details,
        links=content.links(fields),
        custom_details=_custom_details(fields, payload),
    )
    return key, _whole(fields, event), kept


def _fields(body: bytes, content_type: str) -> tuple[Fields, bytes]:
    bounds.check_body(len(body), content_type)
    document = json_text.read(body, FIELDS)
    return Fields(document), hiding.hidden(body, document, (KEY,))


def _whole(fields: Fields, event: Event) -> Event:
    event = bounds.publishable(fields, event, name="payload.custom_details")
    return replace(event, repairs=fields.repairs())


def _key(fields: Fields, shown_key: str) -> str:
    told = fields.told(KEY)
    if not isinstance(told, str) and not fields.absent(KEY):
        _refuse(KEY, "must be a string")
    return (told or "").strip() or shown_key.strip() or _missing(KEY)


def _type(fields: Fields) -> EventType:
    if fields.absent("event_action"):
        _missing("event_action")
    told = fields.told("event_action")
    if not isinstance(told, str) or told not in TYPES:
        _refuse("event_action", f"must be one of {', '.join(TYPES)}")
    return TYPES[told]


def _dedup_key(fields: Fields, made_up: Callable[[], str] | None) -> str:
    key = fields.text("dedup_key")
    if key.strip():
        return bounds.key(fields, key, name="dedup_key")
    return made_up() if made_up else _missing("dedup_key")


def _summary_and_details(payload: Fields, *, required: bool) -> tuple[str, str]:
    if required and not isinstance(payload.told("summary"), str) and not payload.absent("summary"):
        _refuse("payload.summary", "must be a string")
    summary = payload.text("summary")
    if required and not summary.strip():
        _missing("payload.summary")
    place = "\n".join(f"{name}: {told}" for name in PLACE if (told := _line(payload, name)))
    return bounds.summary_and_details(payload, summary, place)


def _line(payload: Fields, name: str) -> str:
    return texts.one_line(payload.text(name))


def _severity(payload: Fields) -> str:
    said = payload.text("severity").strip().lower()
    if said and said not in SEVERITY_OF:
        payload.repaired("severity", "nobody knows it, so the source's rule decides")
    return said


def _client(fields: Fields) -> tuple[Link, ...]:
    address = fields.address("client_url")
    return (Link(href=address, text=fields.text("client") or None),) if address else ()


def _custom_details(fields: Fields, payload: Fields) -> bytes:
    said = payload.members("severity", *PLACE, "timestamp", "custom_details")
    told = said | fields.members("client", "client_url")
    return payload.written("custom_details", told) if told else b""


def _missing(field: str) -> NoReturn:
    _refuse(field, "is missing or blank")


def _refuse(field: str, why: str) -> NoReturn:
    raise InvalidRequest(f"'{field}' {why}", field=field)
