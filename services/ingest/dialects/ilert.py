"""ilert's events: refuses what can't become an alert, repairs and lists the rest.

Limits of our own, where the vendor names none: a summary has 255 characters, the whole of a
longer one is kept in the details; of an alert key with more than 255, a sum takes the end's place.
At most 20 routing keys, 50 comments and 100 labels count.
"""

import hashlib
from dataclasses import dataclass, replace

from services.chassis import texts
from services.chassis.errors import InvalidRequest, TooLarge
from services.ingest.dialects import json_text
from services.ingest.dialects.fields import Fields
from services.ingest.dialects.json_text import Document
from services.ingest.domain.events import (
    SEVERITIES,
    Comment,
    Event,
    EventType,
    Image,
    Link,
    Priority,
    match_key,
    routing_keys,
)

LARGEST_BODY = 512 * 1024
LONGEST_SUMMARY = 255
LONGEST_ALERT_KEY = 255
MOST_ROUTING_KEYS = 20
MOST_COMMENTS = 50
MOST_LABELS = 100
#: An event must fit into a published message, however its custom details grow when they are
#: written out (1e9 becomes 1000000000.0).
MOST_WRITTEN = 640 * 1024

MEDIA_TYPE = "application/json"
KEYS = ("apiKey", "integrationKey")
FIELDS = (
    *KEYS,
    "eventType",
    "summary",
    "details",
    "alertKey",
    "priority",
    "severity",
    "images",
    "links",
    "comments",
    "labels",
    "customDetails",
    "routingKey",
)
#: Shorter ones are no keys of ours; hiding them could blacken half of the body.
SHORTEST_SECRET = 16


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
    check_size(len(body))
    media_type = content_type.partition(";")[0].strip().lower()
    if body and media_type not in ("", MEDIA_TYPE):
        told = f"the content type must be {MEDIA_TYPE}"
        raise InvalidRequest(told, reason="UNSUPPORTED_MEDIA_TYPE", http_status=415)
    document = json_text.read(body, FIELDS)
    return understand(document), _without_keys(body, document)


def check_size(size: int) -> None:
    """Raises TooLarge if an event has more bytes than are ever taken."""
    if size > LARGEST_BODY:
        told = f"an event may have {LARGEST_BODY // 1024} KiB at most"
        raise TooLarge(told, http_status=413)


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
        alert_key=_alert_key(fields),
        priority=priority,
        severity=severity,
        images=_images(fields),
        links=_links(fields),
        comments=_comments(fields),
        labels=_labels(fields),
        custom_details=fields.json_object("customDetails"),
        routing_keys=_routing_keys(fields),
    )
    if type_ is EventType.COMMENT:
        found = _commenting(found)
    if _size(found) > MOST_WRITTEN:
        fields.repaired("customDetails", "too large once written out, the event log has them")
        found = replace(found, custom_details=b"")
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
    summary = texts.one_line(fields.text("summary"))
    if required and not summary:
        raise InvalidRequest("summary is required", field="summary")
    details = fields.text("details")
    if len(summary) <= LONGEST_SUMMARY:
        return summary, details
    fields.repaired(
        "summary", f"shortened to {LONGEST_SUMMARY} characters, the whole is in details"
    )
    whole = f"{summary}\n\n{details}" if details else summary
    return f"{summary[: LONGEST_SUMMARY - 1]}…", whole


def _alert_key(fields: Fields) -> str:
    key = fields.text("alertKey")
    if len(key) <= LONGEST_ALERT_KEY:
        return key
    fields.repaired("alertKey", f"shortened to {LONGEST_ALERT_KEY} characters")
    told_apart_by = hashlib.sha256(match_key(key).encode()).hexdigest()
    return f"{key.strip()[: LONGEST_ALERT_KEY - len(told_apart_by)]}{told_apart_by}"


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


def _images(fields: Fields) -> tuple[Image, ...]:
    found = []
    for image in fields.objects("images"):
        src = image.address("src")
        if src is None:
            image.repaired("src", "missing, so the image was dropped")
            continue
        found.append(Image(src=src, href=image.address("href"), alt=image.optional("alt")))
    return tuple(found)


def _links(fields: Fields) -> tuple[Link, ...]:
    found = []
    for link in fields.objects("links"):
        href = link.address("href")
        if href is None:
            link.repaired("href", "missing, so the link was dropped")
            continue
        found.append(Link(href=href, text=link.optional("text")))
    return tuple(found)


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


def _labels(fields: Fields) -> dict[str, str]:
    found = list(fields.texts("labels").items())
    if len(found) > MOST_LABELS:
        fields.repaired("labels", f"only the first {MOST_LABELS} count")
    return dict(found[:MOST_LABELS])


def _commenting(event: Event) -> Event:
    """Returns a COMMENT event whose comments are all that it says."""
    content = "\n\n".join(part for part in (event.summary, event.details) if part.strip())
    if event.comments or not content:
        return event
    return replace(event, summary="", details="", comments=(Comment(content=content),))


def _size(event: Event) -> int:
    texts = [event.summary, event.details, event.alert_key, *event.routing_keys]
    for image in event.images:
        texts += [image.src, image.href or "", image.alt or ""]
    for link in event.links:
        texts += [link.href, link.text or ""]
    for comment in event.comments:
        texts += [comment.content, comment.creator]
    for name, value in event.labels.items():
        texts += [name, value]
    return len(event.custom_details) + sum(len(each.encode()) for each in texts)


def _without_keys(body: bytes, document: Document) -> bytes:
    """Returns a body with stars for its keys: a secret must not lie in the event log."""
    for name in KEYS:
        secret = document.values.get(name)
        if not isinstance(secret, str) or len(secret) < SHORTEST_SECRET:
            continue
        stars = b"*" * len(secret)
        starred = body.replace(secret.encode(), stars)
        escaped, repeated = starred == body, body.count(name.encode()) > 1
        body = _without_member(starred, name, stars) if escaped or repeated else starred
    return body


def _without_member(body: bytes, name: str, stars: bytes) -> bytes:
    """Does the same for a key that is written with escapes, or more than once."""
    whole = body.decode()
    spans = [member for member in json_text.members(whole) if member.name == name]
    for member in reversed(spans):
        whole = f'{whole[: member.start]}"{stars.decode()}"{whole[member.end :]}'
    return whole.encode()
