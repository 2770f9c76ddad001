"""What an event does to one alert, and what the alert's log tells of it."""

from collections.abc import Sequence
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
    sounded,
)
from services.alertstate.domain.cases import Case, Event, Key, Repeat
from services.alertstate.domain.entries import Entry, EntryType
from services.alertstate.domain.keys import EventType

#: Repeats of an alert that its log tells of; the event log has the rest.
MOST_REPEATS_TOLD = 100


def raised(event: Event, content: Content, told_seq: int, silent: bool, now: datetime) -> Case:
    """Returns a new alert that tells what an event told, and holds nothing yet."""
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
        told_seq=told_seq,
        silent=silent,
        fired_at=event.accept_time,
    )
    case = Case(alert, Cause.RAISED, event.actor, is_new=True)
    case.auto_resolution_seconds = event.auto_resolution_seconds
    case.tell(EntryType.RECEIVED, "raised_silent" if silent else "raised", event.actor, now)
    return case


def gone_on(event: Event, alert: Alert, keys: Sequence[Key], now: datetime) -> Case:
    """Returns a new alert in which some of what another holds is to go on, by one of its keys."""
    content = alert.content
    if keys and alert.key not in keys:
        match_key = keys[0][1]
        content = replace(content, alert_key=match_key, match_key=match_key)
    return raised(event, content, alert.told_seq, alert.silent, now)


def repeat(case: Case, event: Event, now: datetime, *, joins: bool = False) -> None:
    """Adds an event to an alert, which may change by it unless it keeps what it was.

    One that `joins` the alert with a key of its own is no repeat of what is in it.
    """
    case.mark(Cause.REPEATED, event.actor)
    fired_at = max(case.alert.fired_at or event.accept_time, event.accept_time)
    case.alert = replace(case.alert, event_count=case.alert.event_count + 1, fired_at=fired_at)
    case.auto_resolution_seconds = event.auto_resolution_seconds
    how = Repeat.APPEND if joins else event.repeat
    if how is Repeat.APPEND:
        _tell_repeat(case, event, now)
    else:
        _retell(case, event, now)
    if how is not Repeat.KEEP:
        _raise_priority(case, event, now)
        _reroute(case, event, now)
    if not event.silent:
        sound(case, event, now)


def sound(case: Case, event: Event, now: datetime) -> None:
    """Has people notified of an alert from now on; its policy starts, once."""
    if not case.alert.silent:
        return
    case.alert = _known_to_nobody(case, sounded(case.alert))
    case.mark(Cause.PRIORITY_CHANGED, event.actor)
    case.tell(EntryType.RAISED_BY_SYSTEM, "sounded", event.actor, now)


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


def _tell_repeat(case: Case, event: Event, now: datetime) -> None:
    if _tells_repeats(case):
        summary = event.content.summary
        case.tell(EntryType.RECEIVED, "repeated", event.actor, now, summary=summary)


def _retell(case: Case, event: Event, now: datetime) -> None:
    """Has an alert tell what an event of its own key tells: the newest, or kept, the oldest."""
    alert = case.alert
    newer = event.seq > alert.told_seq
    if newer is (event.repeat is Repeat.KEEP) or event.key != alert.key:
        return
    content = replace(
        event.content,
        alert_key=alert.content.alert_key,
        priority=alert.content.priority,
        policy_id=alert.content.policy_id,
    )
    case.alert = replace(alert, content=content, told_seq=event.seq)
    if event.repeat is Repeat.UPDATE and content != alert.content and _tells_repeats(case):
        told = content.summary
        case.tell(EntryType.SUMMARY_CHANGED, "updated", event.actor, now, summary=told)


def _known_to_nobody(case: Case, after: Alert) -> Alert:
    """Returns a changed alert, in its first episode if this is the first that is told of it."""
    return replace(after, episode=case.alert.episode) if case.is_new else after


def _raise_priority(case: Case, event: Event, now: datetime) -> None:
    high = event.content.priority is Priority.HIGH
    if not high or case.alert.content.priority is not Priority.LOW:
        return
    case.alert = _known_to_nobody(case, prioritised(case.alert, Priority.HIGH))
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
    case.alert = _known_to_nobody(case, following(case.alert, policy_id))
    case.mark(Cause.REASSIGNED, event.actor)
    named = event.routed_policy_name
    case.tell(EntryType.ASSIGNED_TO_POLICY, "routed", event.actor, now, policy=named)
