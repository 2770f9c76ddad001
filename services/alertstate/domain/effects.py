"""What an event does to one alert, and what the alert's log tells of it."""

from dataclasses import replace
from datetime import datetime

from services.alertstate.domain.alerts import (
    Alert,
    Cause,
    Content,
    Priority,
    Status,
    accepted,
    following,
    prioritised,
    resolved,
)
from services.alertstate.domain.cases import Case, Event
from services.alertstate.domain.entries import Entry, EntryType
from services.alertstate.domain.keys import EventType

#: Repeats of an alert that its log tells of; the event log has the rest.
MOST_REPEATS_TOLD = 100


def raised(event: Event, content: Content, now: datetime) -> Case:
    """Returns a new alert, which holds nothing yet."""
    alert = Alert(
        id=0,
        source_id=event.source_id,
        content=content,
        status=Status.PENDING,
        report_time=event.accept_time,
        accept_time=event.accept_time,
        begun_seq=event.seq,
        routed_policy_id=event.routed_policy_id,
        routed_seq=event.seq,
    )
    case = Case(alert, Cause.RAISED, event.actor, is_new=True)
    case.auto_resolution_seconds = event.auto_resolution_seconds
    case.tell(EntryType.RECEIVED, "raised", event.actor, now)
    return case


def repeat(case: Case, event: Event, now: datetime) -> None:
    """Adds an event to an alert; it may get louder, or move to another policy."""
    case.mark(Cause.REPEATED, event.actor)
    case.alert = replace(case.alert, event_count=case.alert.event_count + 1)
    case.auto_resolution_seconds = event.auto_resolution_seconds
    if _tells_repeats(case):
        summary = event.content.summary
        case.tell(EntryType.RECEIVED, "repeated", event.actor, now, summary=summary)
    high = event.content.priority is Priority.HIGH
    if high and case.alert.content.priority is Priority.LOW:
        _raise_priority(case, event, now)
    _reroute(case, event, now)


def name(case: Case, event: Event) -> None:
    """Calls an alert by an event's key: the oldest event that it took in names it."""
    told = event.content
    named = replace(case.alert.content, alert_key=told.alert_key, match_key=told.match_key)
    case.alert = replace(case.alert, content=named)


def accept(case: Case, event: Event, settled_seq: int, now: datetime) -> None:
    """Takes an alert, because of what the events up to `settled_seq` say."""
    case.alert = replace(accepted(case.alert, event.actor, now), settled_seq=settled_seq)
    case.mark(Cause.ACCEPTED, event.actor)
    case.tell(EntryType.SOURCE_RESPONSE, "accepted", event.actor, now)


def release(case: Case, event: Event, now: datetime) -> None:
    """Tells that one of the keys that an alert holds is over, and the alert is not."""
    case.mark(Cause.REPEATED, event.actor)
    if _tells_repeats(case):
        key = event.content.alert_key
        case.tell(EntryType.SOURCE_RESPONSE, "released", event.actor, now, key=key)


def resolve(case: Case, event: Event, now: datetime) -> None:
    """Ends an alert."""
    case.alert = resolved(case.alert, now)
    case.mark(Cause.RESOLVED, event.actor)
    case.tell(EntryType.SOURCE_RESPONSE, "resolved", event.actor, now)


def hear(case: Case, event: Event, now: datetime) -> None:
    """Adds the event's comments; those of a repeat as long as the log tells of repeats."""
    if event.type is EventType.ALERT and not _tells_repeats(case):
        return
    for said in event.comments:
        case.mark(Cause.COMMENTED, event.actor)
        case.comments.append(said)
        case.alert = replace(case.alert, comment_count=case.alert.comment_count + 1)
        told = {"actor": said.creator, "content": said.content}
        case.entries.append(Entry(EntryType.COMMENTED_BY_SYSTEM, "commented", now, told))


def _tells_repeats(case: Case) -> bool:
    return case.alert.event_count <= MOST_REPEATS_TOLD + 1


def _raise_priority(case: Case, event: Event, now: datetime) -> None:
    episode = case.alert.episode
    case.alert = prioritised(case.alert, Priority.HIGH)
    if case.is_new:  # nobody knows of it yet
        case.alert = replace(case.alert, episode=episode)
    case.mark(Cause.PRIORITY_CHANGED, event.actor)
    case.tell(EntryType.RAISED_BY_SYSTEM, "raised_priority", event.actor, now, priority="HIGH")


def _reroute(case: Case, event: Event, now: datetime) -> None:
    """Moves a PENDING alert to the policy that a later routing key names."""
    policy_id = event.routed_policy_id
    if not policy_id or event.seq <= case.alert.routed_seq:
        return
    same = policy_id == case.alert.routed_policy_id
    case.alert = replace(case.alert, routed_policy_id=policy_id, routed_seq=event.seq)
    moved = not same and policy_id != case.alert.content.policy_id
    if not moved or case.alert.status is not Status.PENDING:
        return
    episode = case.alert.episode
    case.alert = following(case.alert, policy_id)
    if case.is_new:
        case.alert = replace(case.alert, episode=episode)
    case.mark(Cause.REASSIGNED, event.actor)
    named = event.routed_policy_name
    case.tell(EntryType.ASSIGNED_TO_POLICY, "routed", event.actor, now, policy=named)
