"""Alerts, their logs and their changes as protobuf messages, and events as they come in."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from services.alertstate.domain import alerts as domain
from services.alertstate.domain.alerts import (
    Actor,
    Alert,
    Cause,
    Comment,
    Content,
    Image,
    Link,
    Priority,
    called,
)
from services.alertstate.domain.cases import Event, Repeat
from services.alertstate.domain.entries import Entry, Language, group
from services.alertstate.domain.grouping import Creation
from services.alertstate.domain.keys import EventType
from services.alertstate.known import Known
from services.chassis.principal import Principal
from services.chassis.texts import clean
from tocsin.alertstate.v1 import alert_events_pb2 as events
from tocsin.alertstate.v1 import alert_pb2 as pb
from tocsin.edge.v1 import actor_pb2, content_pb2
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.event_pb2 import Event as IngestEvent
from tocsin.ingest.v1.ingest_events_pb2 import AcceptedEvent

#: What alerts are called among the subjects of escalations.
KIND = "alert"
ALERT_ID = re.compile("[0-9]{1,10}")
EVENT_TYPES: Mapping[int, EventType] = {
    IngestEvent.ALERT: EventType.ALERT,
    IngestEvent.ACCEPT: EventType.ACCEPT,
    IngestEvent.RESOLVE: EventType.RESOLVE,
    IngestEvent.COMMENT: EventType.COMMENT,
}
CREATIONS: Mapping[int, Creation] = {
    AlertSource.ONE_ALERT_PER_EMAIL_SUBJECT: Creation.SUBJECT,
    AlertSource.ONE_PENDING_ALERT_ALLOWED: Creation.ONE_PENDING,
    AlertSource.ONE_OPEN_ALERT_ALLOWED: Creation.ONE_OPEN,
}
REPEATS: Mapping[int, Repeat] = {
    AcceptedEvent.KEEP: Repeat.KEEP,
    AcceptedEvent.UPDATE: Repeat.UPDATE,
}


def alert(alert: Alert, known: Known) -> pb.Alert:
    """Renders an alert for readers, with its source and policy as they are now."""
    return complete(_bare(alert, known), known)


def complete(rendered: pb.Alert, known: Known) -> pb.Alert:
    """Gives an alert what readers are shown beside it: its source and policy as they are now."""
    if rendered.responders:
        rendered.assigned_to.id = rendered.responders[0].user.id
    source = known.sources.get(str(rendered.alert_source.id))
    if source is not None:
        rendered.alert_source.CopyFrom(source)
    policy = known.policies.get(str(rendered.escalation_policy.id))
    if policy is not None:
        rendered.escalation_policy.CopyFrom(policy)
    return rendered


def changed(
    alert: Alert, cause: Cause, actor: Actor, known: Known, team_ids: Sequence[int], now: datetime
) -> events.AlertChanged:
    """Renders a change of an alert, with its source and policy by id and name only."""
    return events.AlertChanged(
        alert=_bare(alert, known),
        version=alert.version,
        episode=alert.episode,
        cause=cause.name,
        actor=actor_pb2.Actor(kind=actor.kind, id=actor.id, user_id=actor.user_id, name=actor.name),
        accept_time=alert.accept_time,
        pushes=alert.pushes,
        calls=[
            events.Call(number=each.number, user_id=each.user_id, schedule_id=each.schedule_id)
            for each in alert.calls
            if each.user_id not in alert.removed  # who was taken off is not to be paged again
        ],
        change_time=now,
        belonging=events.Belonging(team_ids=team_ids),
    )


def log_entry(
    alert_id: int, number: int, entry: Entry, language: Language, *, with_vars: bool
) -> pb.LogEntry:
    """Renders a log entry in a language."""
    return pb.LogEntry(
        id=number,
        timestamp=entry.at,
        log_entry_type=entry.type,
        text=entry.text(language),
        alert_id=alert_id,
        filter_types=[group(entry.type)],
        vars=entry.vars if with_vars else None,
    )


def comment(number: int, comment: Comment) -> pb.Comment:
    """Renders what somebody said."""
    return pb.Comment(
        id=number,
        content=comment.content,
        creator=comment.creator,
        user_id=comment.user_id,
        created=comment.at,
    )


def actor(principal: Principal) -> Actor:
    """Returns a caller as the cause of a change."""
    return Actor(
        kind=principal.kind, id=principal.id, user_id=principal.user_id, name=principal.name
    )


def actor_value(told: actor_pb2.Actor) -> Actor:
    """Reads who caused something; of a newer version's kind, that it was somebody."""
    known = actor_pb2.Actor.Kind.values()
    kind = actor_pb2.Actor.Kind.Name(told.kind) if told.kind in known else "KIND_UNSPECIFIED"
    return Actor(kind=kind, id=told.id, user_id=told.user_id, name=told.name)


def source_actor(source_id: int, known: Known) -> Actor:
    """Returns a source as the cause of a change."""
    source = known.sources.get(str(source_id))
    return Actor(kind="SOURCE", id=str(source_id), name=source.name if source else "")


def event(event: AcceptedEvent, routed_policy_id: int, known: Known) -> Event:
    """Reads an event, given the policy that its routing keys choose, 0 if none."""
    by = source_actor(event.source_id, known)
    policy = known.policies.get(str(routed_policy_id))
    at = event.accept_time.ToDatetime(UTC)
    return Event(
        seq=event.seq,
        type=EVENT_TYPES.get(event.type, EventType.OTHER),
        actor=by,
        source_id=event.source_id,
        content=_content(event, routed_policy_id or event.escalation_policy_id),
        accept_time=at,
        creation=CREATIONS.get(event.creation, Creation.EACH),
        routed_policy_id=routed_policy_id,
        routed_policy_name=policy.name if policy else "",
        auto_resolution_seconds=event.auto_resolution_seconds,
        comments=tuple(_comments(event, by, at)),
        repeat=REPEATS.get(event.repeat, Repeat.APPEND),
        silent=event.silent,
    )


def _content(event: AcceptedEvent, policy_id: int) -> Content:
    return Content(
        alert_key=event.alert_key,
        match_key=event.match_key,
        summary=event.summary,
        details=event.details,
        priority=Priority.LOW if event.priority == IngestEvent.LOW else Priority.HIGH,
        images=images(event.images),
        links=links(event.links),
        custom_details=event.custom_details,
        policy_id=policy_id,
        severity=event.severity,
        labels=tuple(sorted(event.labels.items())),
    )


def _comments(event: AcceptedEvent, by: Actor, at: datetime) -> Iterator[Comment]:
    """Reads an event's comments; a COMMENT that has none says what its text says."""
    for each in event.comments:
        if each.content.strip():
            yield Comment(content=each.content, creator=each.creator or called(by), at=at)
    text = event.details or event.summary
    if event.type == IngestEvent.COMMENT and not event.comments and text.strip():
        yield Comment(content=text, creator=called(by), at=at)


def images(found: Iterable[content_pb2.Image]) -> tuple[Image, ...]:
    """Reads pictures."""
    return tuple(Image(each.src, _said(each, "href"), _said(each, "alt")) for each in found)


def links(found: Iterable[content_pb2.Link]) -> tuple[Link, ...]:
    """Reads links."""
    return tuple(Link(each.href, _said(each, "text")) for each in found)


def alert_id(kind: str, id_: str) -> int | None:
    """Returns which alert a subject is; None if it is something else."""
    return int(id_) if kind == KIND and ALERT_ID.fullmatch(id_) else None


def _bare(alert: Alert, known: Known) -> pb.Alert:
    content = alert.content
    rendered = pb.Alert(
        id=alert.id,
        summary=content.summary,
        details=content.details,
        report_time=alert.report_time,
        resolved_on=alert.resolved_on,
        status=alert.status.name,
        alert_source=_source(alert.source_id, known) if alert.source_id else None,
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
        severity=content.severity or None,
        labels=dict(content.labels),
        snoozed_until=alert.snoozed_until,
        next_escalation_rule_index=next_index(alert, known),
        silent=alert.silent,
        escalation_exhausted=alert.exhausted_at,
        accept_expires=alert.accept_expires,
    )
    rendered.responders.extend(_responder(each, known) for each in alert.responders)
    return rendered


def next_index(alert: Alert, known: Known) -> int | None:
    """Returns the index of the level that is paged next; None when none is."""
    if alert.next_escalation is None:
        return None
    if alert.next_level:
        return alert.next_level - 1
    policy = known.policies.get(str(alert.content.policy_id))
    count = len(policy.escalation_rules) if policy else 0
    return alert.level % count if count else alert.level


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
    return clean(getattr(message, name)) if message.HasField(name) else None


def standing(alert: Alert) -> dict[str, Any]:
    """Renders of an alert what callers change, as JSON: who has it, how loud it is, till when."""
    asleep = alert.snoozed_until
    return {
        "status": alert.status.value,
        "priority": alert.content.priority.value,
        "escalationPolicy": alert.content.policy_id,
        "responders": [each.user_id for each in alert.responders],
        "snoozedUntil": asleep.isoformat() if asleep else None,
        "comments": alert.comment_count,
    }
