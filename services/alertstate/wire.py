"""Alerts, their logs and their changes as protobuf messages, and events as they come in."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from services.alertstate.domain import alerts as domain
from services.alertstate.domain.alerts import (
    Actor,
    Alert,
    Cause,
    Content,
    Entry,
    EntryType,
    Image,
    Link,
    Priority,
    Status,
)
from services.alertstate.domain.batches import Event
from services.alertstate.domain.keys import EventType
from services.alertstate.domain.reports import Notice, Run
from services.alertstate.known import Known
from services.alertstate.store.lists import Wanted
from services.chassis.errors import InvalidRequest
from services.chassis.principal import Principal
from tocsin.alertstate.v1 import alert_events_pb2 as events
from tocsin.alertstate.v1 import alert_pb2 as pb
from tocsin.alertstate.v1 import alert_service_pb2 as service
from tocsin.edge.v1 import actor_pb2, content_pb2
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged
from tocsin.escalation.v1.escalation_pb2 import Escalation
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.event_pb2 import Event as IngestEvent
from tocsin.ingest.v1.ingest_events_pb2 import AcceptedEvent
from tocsin.notification.v1.contact_pb2 import Contact
from tocsin.notification.v1.notification_pb2 import Notification

#: What alerts are called among the subjects of escalations.
KIND = "alert"
ALERT_ID = re.compile("[0-9]{1,10}")
#: The contract's groups of log entries.
FILTER_TYPES = {
    EntryType.RECEIVED: ["ALERT_SOURCE_EVENTS"],
    EntryType.SOURCE_RESPONSE: ["ALERT_SOURCE_EVENTS"],
    EntryType.USER_RESPONSE: ["ALERT_UPDATES"],
    EntryType.ESCALATED: ["ALERT_UPDATES"],
    EntryType.NOBODY_ON_CALL: ["ALERT_UPDATES"],
    EntryType.NOTIFICATION: ["NOTIFICATIONS"],
}
EVENT_TYPES: Mapping[int, EventType] = {
    IngestEvent.ALERT: EventType.ALERT,
    IngestEvent.ACCEPT: EventType.ACCEPT,
    IngestEvent.RESOLVE: EventType.RESOLVE,
}
METHODS = {number: name for name, number in Contact.Method.items()}


def alert(alert: Alert, known: Known) -> pb.Alert:
    """Renders an alert for readers, with its source and policy as they are now."""
    rendered = _bare(alert, known)
    source = known.sources.get(str(alert.source_id))
    if source is not None:
        rendered.alert_source.CopyFrom(source)
        rendered.alert_source.ClearField("integration_key")
    policy = known.policies.get(str(alert.content.policy_id))
    if policy is not None:
        rendered.escalation_policy.CopyFrom(policy)
    return rendered


def changed(alert: Alert, cause: Cause, actor: Actor, known: Known) -> events.AlertChanged:
    """Renders a change of an alert, with its source and policy by id and name only."""
    return events.AlertChanged(
        alert=_bare(alert, known),
        version=alert.version,
        episode=alert.episode,
        cause=cause.name,
        actor=actor_pb2.Actor(kind=actor.kind, id=actor.id, user_id=actor.user_id, name=actor.name),
        accept_time=alert.accept_time,
    )


def log_entry(alert_id: int, number: int, entry: Entry) -> pb.LogEntry:
    """Renders a log entry."""
    return pb.LogEntry(
        id=number,
        timestamp=entry.at,
        log_entry_type=entry.type,
        text=entry.text,
        alert_id=alert_id,
        filter_types=FILTER_TYPES[entry.type],
    )


def actor(principal: Principal) -> Actor:
    """Returns a caller as the cause of a change."""
    return Actor(
        kind=principal.kind, id=principal.id, user_id=principal.user_id, name=principal.name
    )


def source_actor(source_id: int, known: Known) -> Actor:
    """Returns a source as the cause of a change."""
    source = known.sources.get(str(source_id))
    return Actor(kind="SOURCE", id=str(source_id), name=source.name if source else "")


def event(event: AcceptedEvent, policy_id: int, by: Actor) -> Event:
    """Reads an event, given the policy that a new alert of it follows."""
    content = Content(
        alert_key=event.alert_key,
        match_key=event.match_key,
        summary=event.summary,
        details=event.details,
        priority=Priority.LOW if event.priority == IngestEvent.LOW else Priority.HIGH,
        images=tuple(
            Image(image.src, _said(image, "href"), _said(image, "alt")) for image in event.images
        ),
        links=tuple(Link(link.href, _said(link, "text")) for link in event.links),
        custom_details=event.custom_details,
        policy_id=policy_id,
    )
    return Event(
        seq=event.seq,
        type=EVENT_TYPES.get(event.type, EventType.OTHER),
        actor=by,
        source_id=event.source_id,
        content=content,
        accept_time=event.accept_time.ToDatetime(UTC),
    )


def wanted(request: service.ListAlertsRequest | service.CountAlertsRequest) -> Wanted:
    """Reads which alerts a caller asks for. Raises InvalidRequest."""
    return Wanted(
        states=tuple(_status(state) for state in request.states),
        sources=tuple(request.sources),
        start=_time(getattr(request, "from"), "from") if request.HasField("from") else None,
        until=_time(request.until, "until") if request.HasField("until") else None,
    )


def alert_id(kind: str, id_: str) -> int | None:
    """Returns which alert a subject is; None if it is something else."""
    return int(id_) if kind == KIND and ALERT_ID.fullmatch(id_) else None


def run(event: EscalationChanged) -> Run:
    """Reads how an escalation stands."""
    escalation = event.escalation
    running = escalation.state == Escalation.RUNNING and escalation.HasField("next_step_time")
    return Run(
        episode=escalation.subject.episode or 1,
        version=escalation.version,
        next_step=escalation.next_step_time.ToDatetime(UTC) if running else None,
        paged=tuple(escalation.paged_user_ids),
        level=escalation.level,
        cycle=escalation.cycle,
        stepped=event.cause == EscalationChanged.STEPPED,
        exhausted=event.cause == EscalationChanged.ENDED
        and escalation.state == Escalation.EXHAUSTED,
        reached_nobody=event.reached_nobody,
    )


def notice(notification: Notification) -> Notice | None:
    """Reads how a notification ended; None while it has not."""
    if notification.status not in (Notification.SUCCESS, Notification.ERROR):
        return None
    user = notification.user
    failed = notification.status == Notification.ERROR
    return Notice(
        id=notification.id,
        person=f"{user.firstname} {user.lastname}".strip() or f"user {user.id}",
        method=METHODS.get(notification.method, "another way"),
        failure=notification.error_message if failed else None,
    )


def _bare(alert: Alert, known: Known) -> pb.Alert:
    content = alert.content
    rendered = pb.Alert(
        id=alert.id,
        summary=content.summary,
        details=content.details,
        report_time=alert.report_time,
        resolved_on=alert.resolved_on,
        status=alert.status.name,
        alert_source=_source(alert.source_id, known),
        escalation_policy=_policy(content.policy_id, known) if content.policy_id else None,
        priority=content.priority.name,
        alert_key=content.alert_key or None,
        next_escalation=alert.next_escalation,
        images=[
            content_pb2.Image(src=image.src, href=image.href, alt=image.alt)
            for image in content.images
        ],
        links=[content_pb2.Link(href=link.href, text=link.text) for link in content.links],
        event_count=alert.event_count,
    )
    rendered.responders.extend(_responder(each, known) for each in alert.responders)
    return rendered


def _source(source_id: int, known: Known) -> AlertSource:
    source = known.sources.get(str(source_id))
    return AlertSource(id=source_id, name=source.name if source else "")


def _policy(policy_id: int, known: Known) -> EscalationPolicy:
    policy = known.policies.get(str(policy_id))
    return EscalationPolicy(id=policy_id, name=policy.name if policy else "")


def _responder(responder: domain.Responder, known: Known) -> pb.Responder:
    user = known.users.get(str(responder.user_id))
    return pb.Responder(
        user=pb.Responder.Person(
            id=responder.user_id,
            first_name=user.first_name if user else "",
            last_name=user.last_name if user else "",
        ),
        status=pb.Responder.ACCEPTED if responder.accepted_at else pb.Responder.PENDING,
        accepted_at=responder.accepted_at,
    )


def _said(message: content_pb2.Image | content_pb2.Link, name: str) -> str | None:
    return str(getattr(message, name)) if message.HasField(name) else None


def _status(state: int) -> Status:
    if state not in (pb.Alert.PENDING, pb.Alert.ACCEPTED, pb.Alert.RESOLVED):
        raise InvalidRequest("states must be PENDING, ACCEPTED or RESOLVED", field="states")
    return Status(pb.Alert.Status.Name(state))


def _time(timestamp: Timestamp, field: str) -> datetime:
    try:
        return timestamp.ToDatetime(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidRequest(f"{field} is not a time", field=field) from error
