"""Events as protobuf messages, and back."""

import math
from datetime import datetime
from typing import Any

from google.protobuf.struct_pb2 import Struct, Value

from services.ingest.dialects.json_text import Document
from services.ingest.domain.arrivals import Arrival
from services.ingest.domain.events import match_key
from tocsin.ingest.v1 import event_pb2
from tocsin.ingest.v1.ingest_events_pb2 import AcceptedEvent

#: Beyond it, doubles are no whole numbers any more.
LARGEST_WHOLE = 2**53


def accepted_event(arrival: Arrival, seq: int, now: datetime) -> AcceptedEvent:
    """Renders an event as the other services need it."""
    event, source = arrival.event, arrival.source
    message = AcceptedEvent(
        seq=seq,
        event_id=arrival.event_id,
        source_id=source.id,
        source_version=source.version,
        type=event.type.value,
        alert_key=event.alert_key,
        match_key=match_key(event.alert_key),
        summary=event.summary,
        details=event.details,
        priority=arrival.priority.value,
        severity=event.severity,
        labels=event.labels,
        custom_details=event.custom_details,
        routing_keys=event.routing_keys,
        escalation_policy_id=source.policy_id,
        creation=source.creation.value,
        auto_resolution_seconds=source.auto_resolution_seconds,
        accept_time=now,
        repeat=event.repeat.value,
        silent=event.silent,
    )
    for image in event.images:
        message.images.add(src=image.src, href=image.href, alt=image.alt)
    for link in event.links:
        message.links.add(href=link.href, text=link.text)
    for comment in event.comments:
        message.comments.add(creator=comment.creator, content=comment.content)
    return message


def receipt(arrival: Arrival, public_url: str) -> event_pb2.EventReceipt:
    """Renders the answer to an event that is on disk."""
    keyed = bool(match_key(arrival.event.alert_key))
    return event_pb2.EventReceipt(
        alert_key=arrival.event.alert_key if keyed else None,
        alert_url=f"{public_url}/api/alerts?sources={arrival.source.id}" if keyed else None,
        response_code="ACCEPTED",
        event_id=arrival.event_id,
    )


def document(event: event_pb2.Event) -> Document:
    """Returns a typed event as the JSON that its REST twin would send."""
    values: dict[str, Any] = {
        "apiKey": event.api_key,
        "integrationKey": event.integration_key,
        "eventType": _name(event_pb2.Event.Type, event.event_type),
        "summary": event.summary,
        "details": event.details,
        "alertKey": event.alert_key,
        "priority": _name(event_pb2.Event.Priority, event.priority),
        "severity": event.severity if event.HasField("severity") else None,
        "images": [{"src": image.src, **_optional(image, "href", "alt")} for image in event.images],
        "links": [{"href": link.href, **_optional(link, "text")} for link in event.links],
        "comments": [
            {"creator": comment.creator, "content": comment.content} for comment in event.comments
        ],
        "labels": dict(event.labels),
        "routingKey": event.routing_key,
    }
    if event.HasField("custom_details"):
        values["customDetails"] = _plain_struct(event.custom_details)
    return Document(values)


def without_keys(event: event_pb2.Event) -> bytes:
    """Returns a typed event as it may be kept; the same event is always the same bytes."""
    kept = event_pb2.Event()
    kept.CopyFrom(event)
    kept.ClearField("api_key")
    kept.ClearField("integration_key")
    return kept.SerializeToString(deterministic=True)


def _name(enum: Any, number: int) -> str | None:
    """Returns a value's name; None for the unspecified one, the number for an unknown one."""
    if number == 0:
        return None
    return enum.Name(number) if number in enum.values() else str(number)


def _optional(message: Any, *names: str) -> dict[str, str]:
    return {name: getattr(message, name) for name in names if message.HasField(name)}


def _plain_struct(struct: Struct) -> dict[str, Any]:
    return {name: _plain(value) for name, value in struct.fields.items()}


def _plain(value: Value) -> Any:
    match value.WhichOneof("kind"):
        case "struct_value":
            return _plain_struct(value.struct_value)
        case "list_value":
            return [_plain(inner) for inner in value.list_value.values]
        case "number_value":
            return _number(value.number_value)
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
    return None


def _number(number: float) -> float | int | str:
    if not math.isfinite(number):
        return str(number)  # JSON has no word for it
    whole = number.is_integer() and abs(number) < LARGEST_WHOLE
    return int(number) if whole else number
