"""ilert's events: refuses what can't become an alert, repairs and lists the rest.

At most 20 routing keys and 50 comments count.
"""

from dataclasses import dataclass, replace

from services.chassis import texts
from services.chassis.errors import InvalidRequest
from services.ingest.dialects import bounds, content, hiding, json_text
from services.ingest.dialects.fields import Fields
from services.ingest.dialects.json_text import Document
from services.ingest.domain.events import (
    SEVERITIES,
    Comment,
    Event,
    EventType,
    Priority,
    routing_keys,
)

MOST_ROUTING_KEYS = 20
MOST_COMMENTS = 50

KEYS = ("apiKey", "integrationKey")
#: How older clients say it, too.
ALERT_KEYS = ("alertKey", "incidentKey")
FIELDS = (
    *KEYS,
    "eventType",
    "summary",
    "details",
    *ALERT_KEYS,
    "priority",
    "severity",
    "images",
    "links",
    "comments",
    "labels",
    "customDetails",
    "routingKey",
)


@dataclass(frozen=True, slots=True)
class Submission:
    """An event, and the key of the source that it says it is from."""

    key: str
    event: Event

    def __repr__(self) -> str:
        return f"Submission({self.event})"  # never the key


def read(body: bytes, content_type: str = "") -> tuple[Submission, bytes]:
    """Returns the event in a body, and the body as it may be kept: without the key.

    Raises TooLarge, and InvalidRequest with the field that keeps it from becoming an alert.
    """
    bounds.check_body(len(body), content_type)
    document = json_text.read(body, FIELDS)
    return understand(document), hiding.hidden(body, document, KEYS)


def understand(document: Document) -> Submission:
    """Returns the event in a document and its key. Raises InvalidRequest with the field."""
    return Submission(_key(Fields(document)), event(document))


def event(document: Document) -> Event:
    """Returns the event in a document. Raises InvalidRequest with the field that is amiss."""
    fields = Fields(document)
    type_ = _event_type(fields)
    priority, severity = _priority(fields), _severity(fields)
    summary, details = _summary_and_details(fields, required=type_ is EventType.ALERT)
    found = Event(
        type=type_,
        summary=summary,
        details=details,
        alert_key=_event_key(fields),
        priority=priority,
        severity=severity,
        images=content.images(fields),
        links=content.links(fields),
        comments=_comments(fields),
        labels=content.labels(fields),
        custom_details=fields.json_object("customDetails"),
        routing_keys=_routing_keys(fields),
    )
    if type_ is EventType.COMMENT:
        found = _commenting(found)
    found = bounds.publishable(fields, found, name="customDetails")
    return replace(found, repairs=fields.repairs())


def _key(fields: Fields) -> str:
    for name in KEYS:
        told = fields.told(name)
        if not isinstance(told, str) and not fields.absent(name):
            raise InvalidRequest(f"{name} must be a string", field=name)
        if told and told.strip():
            return str(told).strip()
    told = "apiKey, the integration key of the alert source, is required"
    raise InvalidRequest(told, field="apiKey")


def _event_type(fields: Fields) -> EventType:
    if fields.absent("eventType"):
        raise InvalidRequest("eventType is required", field="eventType")
    told = fields.told("eventType")
    if not isinstance(told, str) or told not in EventType.__members__:
        allowed = ", ".join(EventType)
        raise InvalidRequest(f"eventType must be one of {allowed}", field="eventType")
    return EventType(told)


def _priority(fields: Fields) -> Priority | None:
    told = fields.told("priority")
    if fields.absent("priority") or told == "":
        return None
    if not isinstance(told, str) or told not in Priority.__members__:
        allowed = ", ".join(Priority)
        raise InvalidRequest(f"priority must be one of {allowed}", field="priority")
    return Priority(told)


def _severity(fields: Fields) -> int | None:
    told = fields.told("severity")
    if fields.absent("severity") or told == "":
        return None
    if isinstance(told, bool) or not isinstance(told, int) or told not in SEVERITIES:
        said = f"severity must be a whole number from {SEVERITIES[0]} to {SEVERITIES[-1]}"
        raise InvalidRequest(said, field="severity")
    return told


def _summary_and_details(fields: Fields, *, required: bool) -> tuple[str, str]:
    if required and not fields.absent("summary") and not isinstance(fields.told("summary"), str):
        raise InvalidRequest("summary must be a string", field="summary")
    summary = fields.text("summary")
    if required and not summary.strip():
        raise InvalidRequest("summary is required", field="summary")
    return bounds.summary_and_details(fields, summary, fields.text("details"))


def _event_key(fields: Fields) -> str:
    name = next((name for name in ALERT_KEYS if not fields.absent(name)), ALERT_KEYS[0])
    return bounds.key(fields, fields.text(name), name=name)


def _routing_keys(fields: Fields) -> tuple[str, ...]:
    told = fields.told("routingKey")
    if isinstance(told, list) and all(isinstance(key, str) for key in told):
        fields.repaired("routingKey", "was a list, read as comma-separated")
        keys = routing_keys(texts.clean(",".join(told)))
    else:
        keys = routing_keys(fields.text("routingKey"))
    if len(keys) > MOST_ROUTING_KEYS:
        fields.repaired("routingKey", f"only the first {MOST_ROUTING_KEYS} count")
    return keys[:MOST_ROUTING_KEYS]


def _comments(fields: Fields) -> tuple[Comment, ...]:
    found = []
    for comment in fields.objects("comments"):
        content = comment.text("content")
        if not content.strip():
            comment.repaired("content", "missing, so the comment was dropped")
            continue
        found.append(Comment(content=content, creator=texts.one_line(comment.text("creator"))))
    if len(found) > MOST_COMMENTS:
        fields.repaired("comments", f"only the first {MOST_COMMENTS} count")
    return tuple(found[:MOST_COMMENTS])


def _commenting(event: Event) -> Event:
    """Returns a COMMENT event whose comments are all that it says."""
    content = "\n\n".join(part for part in (event.summary, event.details) if part.strip())
    if event.comments or not content:
        return event
    return replace(event, summary="", details="", comments=(Comment(content=content),))
