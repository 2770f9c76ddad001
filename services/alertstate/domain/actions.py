"""What people may do to an alert, and what follows.

Each action returns what was done; one that changes nothing, a repeat, has no cause.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.alertstate.domain.alerts import (
    Actor,
    Alert,
    Call,
    Cause,
    Comment,
    Priority,
    Responder,
    Status,
    accepted,
    anew,
    called,
    following,
    joined,
    prioritised,
    resolved,
    sounded,
    written,
)
from services.alertstate.domain.entries import Entry, EntryType
from services.chassis.errors import NotFound, WrongState


class Action(StrEnum):
    """How a caller may answer an alert; the words are the audit trail's."""

    ACCEPT = "accept"
    RESOLVE = "resolve"

    @property
    def cause(self) -> Cause:
        """What has happened once it is done."""
        return Cause.ACCEPTED if self is Action.ACCEPT else Cause.RESOLVED


@dataclass(frozen=True, slots=True)
class Done:
    """An alert after an action, and what is to be told of it."""

    alert: Alert
    entries: tuple[Entry, ...] = ()
    cause: Cause | None = None  # None when nothing changed
    comments: tuple[Comment, ...] = ()


def done(alert: Alert, cause: Cause, *entries: Entry) -> Done:
    """Returns an alert as changed, in its next version."""
    return Done(written(alert, entries), entries, cause)


def act(alert: Alert, action: Action, actor: Actor, now: datetime) -> Done:
    """Answers an alert: takes it, or ends it."""
    match alert.status, action:
        case Status.RESOLVED, Action.ACCEPT:
            raise over(alert)
        case Status.RESOLVED, Action.RESOLVE:
            return Done(alert)
        case _, Action.RESOLVE:
            after = resolved(alert, now)
        case Status.PENDING, Action.ACCEPT:
            after = accepted(alert, actor, now)
        case _ if actor.user_id and not alert.taken_by(actor.user_id):
            after = accepted(alert, actor, now)  # a second person takes it too
        case _:
            return Done(alert)
    answer = _by(EntryType.USER_RESPONSE, action.cause.lower(), actor, now)
    return done(after, action.cause, answer)


def resolve_by_itself(alert: Alert, now: datetime) -> Done:
    """Ends an alert that nothing more was heard of."""
    if alert.status is Status.RESOLVED:
        return Done(alert)
    entry = Entry(EntryType.AUTO_RESOLVED, "auto_resolved", now)
    return done(resolved(alert, now), Cause.AUTO_RESOLVED, entry)


def call(alert: Alert, user_id: int, name: str, actor: Actor, now: datetime) -> Done:
    """Adds a person who is not there yet, and has them paged."""
    _open(alert)
    if alert.has(user_id):
        told = f"{name} is a responder already"
        raise WrongState(told, reason="ALREADY_RESPONDER", http_status=405)
    entry = _by(EntryType.ASSIGNED_BY_USER, "added", actor, now, user=name)
    return done(_with_call(alert, Call(number=0, user_id=user_id)), _RESPONDERS, entry)


def assign_to_user(alert: Alert, user_id: int, name: str, actor: Actor, now: datetime) -> Done:
    """Hands an alert to a person, who is paged; the same again changes nothing."""
    _open(alert)
    if alert.has(user_id) and alert.calls and alert.calls[-1].user_id == user_id:
        return Done(alert)
    entry = _by(EntryType.ASSIGNED_BY_USER, "assigned", actor, now, user=name)
    return done(_with_call(alert, Call(number=0, user_id=user_id)), _RESPONDERS, entry)


def assign_to_schedule(
    alert: Alert, schedule_id: int, name: str, on_call: int | None, actor: Actor, now: datetime
) -> Done:
    """Hands an alert to whoever is on call: a person, 0 for nobody, None when not known yet.

    The same again changes nothing, unless somebody else is on call by now.
    """
    _open(alert)
    again = bool(alert.calls) and alert.calls[-1].schedule_id == schedule_id
    if again and (not on_call or alert.has(on_call)):
        return Done(alert)
    after = _with_call(alert, Call(number=0, schedule_id=schedule_id))
    if on_call and not after.has(on_call):
        after = joined(after, Responder(on_call))
    entries = [_by(EntryType.ASSIGNED_TO_SCHEDULE, "assigned_schedule", actor, now, schedule=name)]
    if on_call == 0:
        told = {"schedule": name}
        entries.append(Entry(EntryType.NOBODY_ON_CALL, "nobody_on_call", now, told))
    return done(after, _RESPONDERS, *entries)


def assign_to_policy(alert: Alert, policy_id: int, name: str, actor: Actor, now: datetime) -> Done:
    """Hands an alert to another policy; an ACCEPTED one stays accepted.

    The same policy again changes nothing, unless a PENDING alert's was gone through in vain or
    the alert is silent.
    """
    _open(alert)
    again = alert.silent or alert.exhausted_at is not None
    if alert.content.policy_id == policy_id and not again:
        return Done(alert)
    entry = _by(EntryType.ASSIGNED_TO_POLICY, "assigned_policy", actor, now, policy=name)
    after = following(replace(alert, silent=False), policy_id)
    return done(after, Cause.REASSIGNED, entry)


def remove(alert: Alert, user_id: int, name: str, actor: Actor, now: datetime) -> Done:
    """Takes a person off an alert."""
    if not alert.has(user_id):
        raise NotFound(f"user {user_id} is no responder of alert {alert.id}")
    after = replace(
        alert,
        responders=tuple(each for each in alert.responders if each.user_id != user_id),
        removed=(*alert.removed, user_id),
    )
    return done(after, _RESPONDERS, _by(EntryType.REMOVED, "removed", actor, now, user=name))


def escalate(alert: Alert, actor: Actor, now: datetime) -> Done:
    """Asks for the next level now; for the first, if nobody was to be notified so far."""
    if alert.status is not Status.PENDING:
        raise _not_pending(alert)
    if alert.silent and alert.content.policy_id and not alert.snoozed_until:
        entry = _by(EntryType.ESCALATED, "pushed", actor, now)
        return done(sounded(alert), Cause.ESCALATED, entry)
    ended = alert.run_episode == alert.episode and alert.next_escalation is None
    if not alert.content.policy_id or ended or alert.snoozed_until:
        raise WrongState(f"alert {alert.id} has no further level", reason="NO_FURTHER_LEVEL")
    after = replace(alert, pushes=alert.pushes + 1)
    return done(after, Cause.ESCALATED, _by(EntryType.ESCALATED, "pushed", actor, now))


def set_priority(alert: Alert, priority: Priority, actor: Actor, now: datetime) -> Done:
    """Raises or lowers the priority; HIGH also of an alert that nobody is notified of."""
    _open(alert)
    sounds = alert.silent and priority is Priority.HIGH
    if alert.content.priority is priority and not sounds:
        return Done(alert)
    sentence = "raised_priority" if priority is Priority.HIGH else "lowered_priority"
    type_ = EntryType.RAISED_BY_USER if priority is Priority.HIGH else EntryType.USER_RESPONSE
    entry = _by(type_, sentence, actor, now, priority=priority)
    after = prioritised(alert, priority)
    return done(sounded(after) if sounds else after, Cause.PRIORITY_CHANGED, entry)


def snooze(alert: Alert, until: datetime, actor: Actor, now: datetime) -> Done:
    """Lets a PENDING alert sleep; a time that has passed wakes it."""
    if alert.status is not Status.PENDING:
        raise _not_pending(alert)
    if until <= now:
        if alert.snoozed_until is None:
            return Done(alert)
        entry = _by(EntryType.USER_RESPONSE, "woken", actor, now)
        return done(anew(replace(alert, snoozed_until=None)), Cause.SNOOZED, entry)
    told = until.isoformat(timespec="seconds").replace("+00:00", "Z")
    entry = _by(EntryType.USER_RESPONSE, "snoozed", actor, now, until=told)
    return done(anew(replace(alert, snoozed_until=until)), Cause.SNOOZED, entry)


def wake(alert: Alert, now: datetime) -> Done:
    """Wakes an alert that has slept long enough."""
    if alert.snoozed_until is None or alert.snoozed_until > now:
        return Done(alert)
    entry = Entry(EntryType.RAISED_BY_SYSTEM, "woke_silent" if alert.silent else "woke", now)
    return done(anew(replace(alert, snoozed_until=None)), Cause.SNOOZED, entry)


def comment(alert: Alert, content: str, actor: Actor, now: datetime) -> Done:
    """Says something about an alert, whatever its state."""
    said = Comment(content=content, creator=called(actor), user_id=actor.user_id, at=now)
    entry = _by(EntryType.COMMENTED, "commented", actor, now, content=content)
    after = replace(alert, comment_count=alert.comment_count + 1)
    return Done(written(after, [entry]), (entry,), Cause.COMMENTED, (said,))


def raised_by_hand(alert: Alert, user_ids: Sequence[int], actor: Actor, now: datetime) -> Done:
    """Raises an alert that has no id yet, and calls people to it."""
    for user_id in dict.fromkeys(user_ids):
        alert = _with_call(alert, Call(number=0, user_id=user_id))
    return done(alert, Cause.RAISED, _by(EntryType.CREATED, "created", actor, now))


def over(alert: Alert) -> WrongState:
    """Returns the refusal of whatever a resolved alert cannot do."""
    return WrongState(f"alert {alert.id} is resolved", reason="ALERT_RESOLVED")


_RESPONDERS = Cause.RESPONDERS_CHANGED


def _open(alert: Alert) -> None:
    if alert.status is Status.RESOLVED:
        raise over(alert)


def _not_pending(alert: Alert) -> WrongState:
    return WrongState(f"alert {alert.id} is {alert.status.lower()}", reason="ALERT_NOT_PENDING")


def _with_call(alert: Alert, wanted: Call) -> Alert:
    if alert.status is Status.ACCEPTED and alert.called_episode != alert.episode:
        # Pages from before the accept stay stopped: this one is of another episode.
        alert = anew(alert)
        alert = replace(alert, called_episode=alert.episode)
    numbered = replace(wanted, number=len(alert.calls) + 1)
    after = replace(alert, calls=(*alert.calls, numbered))
    if wanted.user_id and not alert.has(wanted.user_id):
        return joined(after, Responder(wanted.user_id))
    return after


def _by(type_: EntryType, sentence: str, actor: Actor, now: datetime, **told: str) -> Entry:
    return Entry(type_, sentence, now, {"actor": called(actor), **told})
