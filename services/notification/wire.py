"""Contacts, notifications and pages as protobuf messages, and back."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from services.chassis.errors import InvalidRequest
from services.chassis.people import called
from services.chassis.texts import clean
from services.notification import targets
from services.notification.domain.answers import Given, Part, Verb
from services.notification.domain.hearing import Change
from services.notification.domain.news import What
from services.notification.domain.values import (
    CONTACT_METHODS,
    Attempt,
    Contact,
    Ending,
    Intent,
    Link,
    Method,
    Notification,
    Share,
    State,
)
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged, PageRequested
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1 import answer_pb2, contact_pb2, notification_pb2
from tocsin.notification.v1.notification_events_pb2 import AnswerGiven, NotificationChanged

ALERT = "alert"
#: The largest alert id there can be; a longer number is another program's.
LARGEST_ID = 2**31 - 1

STATUS = {
    State.PENDING: "SCHEDULED",
    State.SENDING: "SCHEDULED",
    State.RETRY: "SCHEDULED",
    State.SENT: "SUCCESS",
    State.FAILED: "ERROR",
    State.SUPPRESSED: "ERROR",
    State.EXPIRED: "ERROR",
}
#: Of those whose person is, or will be, told by another message, or later.
SHARED = {
    Share.HELD: "SCHEDULED",
    Share.CARRIED: "SCHEDULED",
    Share.TOLD: "SUCCESS",
}


def contact(contact: Contact, whole: str = "") -> contact_pb2.Contact:
    """Renders a contact; with its whole target for those who are to see that."""
    return contact_pb2.Contact(
        id=contact.id,
        user_id=contact.user_id,
        method=contact.method.value,
        target=whole or contact.target,
        create_time=contact.created_at,
        name=contact.name,
        region_code=contact.region,
        status="OK" if contact.verified else "LOCKED",
    )


def method(contact: contact_pb2.Contact) -> Method:
    """Returns how a contact reaches a person. Raises InvalidRequest if it does not say."""
    known = {contact_pb2.Contact.Method.Value(each): each for each in CONTACT_METHODS}
    if contact.method not in known:
        raise InvalidRequest(f"method must be one of {', '.join(CONTACT_METHODS)}", field="method")
    return known[contact.method]


def notification(
    notification: Notification, user: User | None, attempts: Sequence[Attempt] = ()
) -> notification_pb2.Notification:
    """Renders a notification."""
    status = SHARED.get(notification.share) or STATUS[notification.state]
    waits = notification.state in (State.PENDING, State.RETRY)
    return notification_pb2.Notification(
        id=notification.id,
        method=notification.method,
        target=_shown(notification),
        subject=notification.headline,
        alert_id=alert_id(notification.subject_kind, notification.subject_id),
        user=None if notification.webhook_id else _person(notification.user_id, user),
        webhook=_hook(notification) if notification.webhook_id else None,
        notification_time=notification.at,
        status=status,
        error_message=notification.error if status == "ERROR" else None,
        possible_repeat=notification.possible_repeat,
        provider=notification.provider,
        provider_id=notification.provider_id,
        delivered_time=notification.delivered_at,
        read_time=notification.read_at,
        reason=notification.error,
        next_attempt_time=notification.at if waits else None,
        attempts=map(_attempt, attempts),
        told_by=notification.carrier_id,
    )


def _attempt(attempt: Attempt) -> notification_pb2.Notification.Attempt:
    return notification_pb2.Notification.Attempt(
        number=attempt.number,
        start_time=attempt.started_at,
        end_time=attempt.ended_at,
        outcome=attempt.outcome,
        provider=attempt.provider,
        provider_id=attempt.provider_id,
        reason=attempt.reason,
    )


def changed(change: Notification, user: User | None) -> NotificationChanged:
    """Renders what the others are told about a notification."""
    return NotificationChanged(
        notification=notification(change, user),
        escalation_key=change.escalation_key,
        subject_kind=change.subject_kind,
        subject_id=change.subject_id,
        attempt=change.attempt,
        version=change.version,
    )


def verb(told: int) -> Verb:
    """Reads what somebody wants to happen. Raises InvalidRequest."""
    known = {AnswerGiven.Verb.Value(each): each for each in Verb}
    if told not in known:
        raise InvalidRequest(f"verb must be one of {', '.join(Verb)}", field="verb")
    return known[told]


def answer(user: str, parts: Iterable[Part]) -> answer_pb2.Answer:
    """Renders what a message to a person is about, and what became of their answer."""
    subjects = (
        answer_pb2.Answer.Subject(
            kind=part.subject_kind,
            id=part.subject_id,
            title=part.title,
            state=part.stand.standing.value,
            by=part.stand.by,
            state_time=part.stand.at,
            verbs=[verb.value for verb in part.verbs],
            done=part.done,
        )
        for part in parts
    )
    return answer_pb2.Answer(user=user, subjects=subjects)


def answer_given(given: Given, about: Intent, actor: Actor) -> AnswerGiven:
    """Renders what the subject's owner is told of an answer."""
    return AnswerGiven(
        verb=given.verb.value,
        subject_kind=about.subject_kind,
        subject_id=about.subject_id,
        episode=about.episode,
        escalation_key=given.escalation_key,
        escalation_id=about.escalation_id,
        actor=actor,
        method=given.method,
        answer_time=given.at,
        id=given.id,
    )


def intent(event: PageRequested, user_id: int, now: datetime) -> Intent:
    """Reads what one person is to be told."""
    subject = event.subject
    low = subject.priority == Subject.Priority.LOW
    return Intent(
        escalation_key=event.escalation_key,
        cycle=event.cycle,
        level=event.level,
        user_id=user_id,
        level_count=event.level_count,
        subject_kind=subject.kind,
        subject_id=subject.id,
        episode=subject.episode,
        title=clean(subject.title),
        details=clean(subject.details),
        links=tuple(Link(clean(link.href), clean(link.text)) for link in subject.links),
        priority="LOW" if low else "HIGH",
        request_time=_time(event, "request_time") or now,
        next_step_time=_time(event, "next_step_time"),
        accept_time=_time(event, "accept_time"),
        escalation_id=event.escalation_id,
    )


def ending(event: EscalationChanged, now: datetime) -> Ending | None:
    """Reads whether a run wants nobody any more; one that nobody answered still does."""
    run = event.escalation
    if run.state not in (Escalation.State.ACKNOWLEDGED, Escalation.State.STOPPED):
        return None
    taken = run.state == Escalation.State.ACKNOWLEDGED
    by = run.ended_by.name or event.actor.name
    return Ending(run.key, taken, by, now, _time(event, "subject_end_time"))


def change(event: EscalationChanged, now: datetime) -> Change | None:
    """Reads what happened to a run that people may want to hear of; None if it is nothing."""
    what, run = _what(event), event.escalation
    if what is None:
        return None
    return Change(
        escalation_key=run.key,
        subject_kind=run.subject.kind,
        what=what,
        at=run.end_time.ToDatetime(UTC) if run.HasField("end_time") else now,
        by=event.actor.name if event.actor.user_id else "",
        by_user=event.actor.user_id,
        cycle=run.cycle,
        level=run.level,
        paged=frozenset(each.user_id for each in event.reasons),
    )


def _what(event: EscalationChanged) -> What | None:
    match event.cause, event.escalation.state:
        case EscalationChanged.ENDED, Escalation.ACKNOWLEDGED:
            return What.ACCEPTED
        case EscalationChanged.ENDED, Escalation.STOPPED if event.subject_over:
            return What.RESOLVED
        case EscalationChanged.STEPPED, Escalation.RUNNING:
            return What.ESCALATED
        case _:
            return None


def alert_id(kind: str, id_: str) -> int:
    """Returns the number of the alert that a subject is; 0 if it is none."""
    if kind != ALERT or not (id_.isascii() and id_.isdigit() and len(id_) <= len(str(LARGEST_ID))):
        return 0
    return int(id_) if int(id_) <= LARGEST_ID else 0


def user_name(user: User | None, user_id: int) -> str:
    """Returns what to call a person, of whom nothing may be known."""
    return called(user or User(id=user_id))


def _person(user_id: int, user: User | None) -> notification_pb2.Notification.Person:
    return notification_pb2.Notification.Person(
        id=user_id,
        firstname=user.first_name if user else "",
        lastname=user.last_name if user else "",
    )


def _hook(notification: Notification) -> notification_pb2.Notification.Hook:
    return notification_pb2.Notification.Hook(id=notification.webhook_id, name=notification.target)


def _shown(notification: Notification) -> str:
    """Returns where it goes, as everybody may see it."""
    if notification.method != Method.WEBHOOK or notification.webhook_id:
        return notification.target
    return targets.origin(notification.target)


def _time(event: PageRequested | EscalationChanged, field: str) -> datetime | None:
    if not event.HasField(field):
        return None
    time: Timestamp = getattr(event, field)
    return time.ToDatetime(UTC)
