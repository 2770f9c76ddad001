"""Alertmanager's webhook, version 4: each alert of a group is an event of its own.

An alert's fingerprint is its key. The label `ilert_routingkey` names the policies to ask, and
`severity` says how bad it is, if it is one of critical, error, warning and info. An alert that
nothing can be made of does not cost the others.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from services.chassis import texts
from services.chassis.errors import InvalidRequest
from services.ingest.dialects import bounds, content, json_text, several
from services.ingest.dialects.fields import Fields, shared_repairs
from services.ingest.domain.events import Event, Link, routing_keys

FIELDS = ("alerts", "status", "receiver", "externalURL", "groupKey")
ROUTING_LABEL = "ilert_routingkey"
#: Annotations that say what happened, the best one first.
SUMMARIES = ("summary", "title", "message", "description")
#: Annotations that lead somewhere, by what to call that.
ADDRESSES = {"Runbook": "runbook_url", "Dashboard": "dashboard_url"}
KEPT = ("labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint")
MOST_ROUTING_KEYS = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """The alerts of a group as events, each with its part of the body."""

    events: Sequence[tuple[Event, bytes]]
    refused: int


def read(body: bytes, content_type: str) -> Reading:
    """Returns the events of a group. Raises TooLarge, and InvalidRequest if there can be none."""
    bounds.check_body(len(body), content_type)
    document = json_text.read(body, FIELDS)
    group, repairs = Fields(document), shared_repairs(document)
    sent = several.alerts(document)
    found = ((_event(group, Fields(told)), raw) for raw, told in sent if told is not None)
    events = [
        (replace(event, repairs=(*event.repairs, *repairs)), raw) for event, raw in found if event
    ]
    if sent and not events:
        told = "each alert must be an object with the status firing or resolved"
        raise InvalidRequest(told, field=several.FIELD)
    return Reading(events, len(sent) - len(events))


def _event(group: Fields, alert: Fields) -> Event | None:
    """Returns an alert as an event; None if nothing can be made of it."""
    type_ = content.TYPES.get((alert.text("status") or group.text("status")).strip().lower())
    if type_ is None:
        return None
    labels = content.labels(alert)
    annotations = alert.texts("annotations")
    summary, details = bounds.summary_and_details(
        alert, _summary(labels, annotations), annotations.get("description", ""), name="summary"
    )
    event = Event(
        type=type_,
        summary=summary,
        details=details,
        alert_key=_key(alert, labels),
        severity=content.SEVERITY_OF.get(labels.get("severity", "").strip().lower()),
        links=_links(alert, annotations),
        labels=labels,
        custom_details=_custom_details(group, alert),
        routing_keys=routing_keys(labels.get(ROUTING_LABEL, ""))[:MOST_ROUTING_KEYS],
    )
    event = bounds.publishable(alert, event, name="annotations")
    return replace(event, repairs=alert.repairs())


def _summary(labels: dict[str, str], annotations: dict[str, str]) -> str:
    said = (annotations.get(name, "") for name in SUMMARIES)
    named = labels.get("alertname", "")
    others = ", ".join(f"{name}={value}" for name, value in labels.items())
    return next((each for each in (*said, named, others) if each.strip()), "Alert without a name")


def _key(alert: Fields, labels: dict[str, str]) -> str:
    """Returns what tells alerts apart: as Alertmanager sees it, all their labels."""
    fingerprint = alert.text("fingerprint")
    if fingerprint.strip():
        return bounds.key(alert, fingerprint, name="fingerprint")
    return hashlib.sha256(orjson.dumps(labels, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _links(alert: Fields, annotations: dict[str, str]) -> tuple[Link, ...]:
    said = {"Source": alert.address("generatorURL")}
    said |= {word: texts.address(annotations.get(name, "")) for word, name in ADDRESSES.items()}
    return tuple(Link(href=address, text=word) for word, address in said.items() if address)


def _custom_details(group: Fields, alert: Fields) -> bytes:
    return alert.written("annotations", alert.members(*KEPT) | group.members(*FIELDS[2:]))
