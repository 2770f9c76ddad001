"""Opsgenie's alert API: refuses what can't become an alert, repairs and lists the rest.

The priorities P1 to P5 are the severities 1 to 5. P1 and P2 are HIGH and P4 and P5 LOW under any
rule of a source of type OPSGENIE; about P3, the default, the source's rule decides. The teams,
schedules and escalations among the responders are routing keys, in their order. A repeat of an
open alert's alias is appended to it. An alert without an alias gets one.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

from services.chassis import texts
from services.chassis.errors import InvalidRequest
from services.ingest.dialects import bounds, content, json_text
from services.ingest.dialects.fields import Fields
from services.ingest.domain.events import Comment, Event, EventType, Priority, Repeat

FIELDS = ("message", "alias", "description", "priority", "note", "user", "source", "details")
PRIORITIES = {
    "P1": Priority.HIGH,
    "P2": Priority.HIGH,
    "P3": None,
    "P4": Priority.LOW,
    "P5": Priority.LOW,
}
DEFAULT = "P3"
MOST_RESPONDERS = 20
#: The sorts of responders that a policy can stand for.
ROUTED = ("team", "schedule", "escalation")
KEPT = ("details", "tags", "entity", "source", "actions", "responders", "visibleTo", "user")


def created(body: bytes, content_type: str, made_up: Callable[[], str]) -> Event:
    """Returns the event that raises or repeats an alert; `made_up` gives it an alias if need be.

    Raises TooLarge, and InvalidRequest with the field that keeps it from becoming an alert.
    """
    fields = _fields(body, content_type)
    message = _required(fields, "message", "Message can not be empty.")
    priority = _priority(fields)
    summary, details = bounds.summary_and_details(
        fields, message, fields.text("description"), name="message"
    )
    event = Event(
        type=EventType.ALERT,
        summary=summary,
        details=details,
        alert_key=bounds.key(fields, fields.text("alias"), name="alias").strip() or made_up(),
        priority=PRIORITIES[priority],
        severity=int(priority[1:]),
        comments=_note(fields),
        labels=content.labels(fields, "details"),
        custom_details=_custom_details(fields),
        routing_keys=_routing_keys(fields),
    )
    return _whole(fields, event)


def acknowledged(body: bytes, content_type: str, alias: str) -> Event:
    """Returns the event that accepts an alert."""
    return _about(body, content_type, alias, EventType.ACCEPT)


def closed(body: bytes, content_type: str, alias: str) -> Event:
    """Returns the event that resolves an alert."""
    return _about(body, content_type, alias, EventType.RESOLVE)


def noted(body: bytes, content_type: str, alias: str) -> Event:
    """Returns the event that adds a note to an alert. Raises InvalidRequest without one."""
    fields = _fields(body, content_type)
    _required(fields, "note", "Note can not be empty.")
    event = Event(type=EventType.COMMENT, alert_key=_key(fields, alias), comments=_note(fields))
    return _whole(fields, event)


def message_changed(body: bytes, content_type: str, alias: str) -> Event:
    """Returns the event that tells of another message. Raises InvalidRequest without one."""
    fields = _fields(body, content_type)
    message = _required(fields, "message", "Message can not be empty.")
    summary, details = bounds.summary_and_details(fields, message, "", name="message")
    return _changed(fields, alias, summary, details, said=f"Message: {details or summary}")


def description_changed(body: bytes, content_type: str, alias: str) -> Event:
    """Returns the event that tells of another description. Raises InvalidRequest without one."""
    fields = _fields(body, content_type)
    description = _required(fields, "description", "Description can not be empty.")
    return _changed(fields, alias, "", description, said=f"Description: {description}")


def _about(body: bytes, content_type: str, alias: str, type_: EventType) -> Event:
    fields = _fields(body or b"{}", content_type)
    event = Event(type=type_, alert_key=_key(fields, alias), comments=_note(fields))
    return _whole(fields, event)


def _changed(fields: Fields, alias: str, summary: str, details: str, *, said: str) -> Event:
    """Never raises an alert: what it tells is about one that there is."""
    event = Event(
        type=EventType.COMMENT,
        summary=summary,
        details=details,
        alert_key=_key(fields, alias),
        comments=(Comment(content=said, creator=texts.one_line(fields.text("user"))),),
        repeat=Repeat.UPDATE,
    )
    return _whole(fields, event)


def _fields(body: bytes, content_type: str) -> Fields:
    bounds.check_body(len(body), content_type)
    return Fields(json_text.read(body, FIELDS))


def _whole(fields: Fields, event: Event) -> Event:
    event = bounds.publishable(fields, event, name="details")
    return replace(event, repairs=fields.repairs())


def _key(fields: Fields, alias: str) -> str:
    return bounds.key(fields, texts.clean(alias), name="identifier")


def _required(fields: Fields, name: str, otherwise: str) -> str:
    if not isinstance(fields.told(name), str) and not fields.absent(name):
        _refuse(name, f"{name} must be a string")
    said = fields.text(name)
    if not said.strip():
        _refuse(name, otherwise)
    return said


def _priority(fields: Fields) -> str:
    told = fields.told("priority")
    if fields.absent("priority") or told == "":
        return DEFAULT
    if not isinstance(told, str) or told not in PRIORITIES:
        _refuse("priority", f"Priority should be one of {', '.join(PRIORITIES)}")
    return told


def _note(fields: Fields) -> tuple[Comment, ...]:
    note = fields.text("note")
    user = texts.one_line(fields.text("user"))
    return (Comment(content=note, creator=user),) if note.strip() else ()


def _routing_keys(fields: Fields) -> tuple[str, ...]:
    found = []
    for responder in fields.objects("responders"):
        if responder.text("type").strip().lower() in ROUTED:
            found.append(responder.text("name").strip())
    return tuple(dict.fromkeys(name for name in found if name))[:MOST_RESPONDERS]


def _custom_details(fields: Fields) -> bytes:
    told = fields.members(*KEPT)
    return fields.written("details", told) if told else b""


def _refuse(field: str, message: str) -> NoReturn:
    raise InvalidRequest(message, field=field, http_status=422)
