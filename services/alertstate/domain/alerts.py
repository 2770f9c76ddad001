"""The life of an alert: what may happen to it, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.chassis.errors import WrongState


class Status(StrEnum):
    """Where an alert is in its life; it is open while PENDING or ACCEPTED."""

    PENDING = "PENDING"  # nobody owns it; escalation is running
    ACCEPTED = "ACCEPTED"  # somebody owns it; escalation has stopped
    RESOLVED = "RESOLVED"  # over, for good


class Priority(StrEnum):
    """How loudly to tell."""

    HIGH = "HIGH"
    LOW = "LOW"


class Cause(StrEnum):
    """What happened to an alert last."""

    RAISED = "RAISED"
    ACCEPTED = "ACCEPTED"
    RESOLVED = "RESOLVED"
    REPEATED = "REPEATED"


class Action(StrEnum):
    """What a caller may want done; the words are the audit trail's."""

    ACCEPT = "accept"
    RESOLVE = "resolve"

    @property
    def cause(self) -> Cause:
        """What has happened once it is done."""
        return Cause.ACCEPTED if self is Action.ACCEPT else Cause.RESOLVED


class EntryType(StrEnum):
    """What a log entry tells, in the contract's words."""

    RECEIVED = "AlertReceivedLogEntry"
    USER_RESPONSE = "UserResponseLogEntry"
    SOURCE_RESPONSE = "AlertSourceResponseLogEntry"
    ESCALATED = "AlertEscalatedToLevelLogEntry"
    NOBODY_ON_CALL = "NobodyOnCallLogEntry"
    NOTIFICATION = "NotificationLogEntry"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened to an alert, for a person to read."""

    type: EntryType
    text: str
    at: datetime
    origin: str = ""  # names what is told, where the same may be told twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who caused a change; only one with a user becomes a responder."""

    kind: str
    id: str
    user_id: int = 0
    name: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that came with an event."""

    src: str
    href: str | None = None
    alt: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link that came with an event."""

    href: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Responder:
    """A person who was paged, or took the alert."""

    user_id: int
    accepted_at: datetime | None = None  # None while they have not taken it


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What an alert tells."""

    alert_key: str = ""
    match_key: str = ""
    summary: str
    details: str = ""
    priority: Priority = Priority.HIGH
    images: tuple[Image, ...] = ()
    links: tuple[Link, ...] = ()
    custom_details: bytes = b""
    policy_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A condition that somebody must look at."""

    id: int
    source_id: int
    content: Content
    status: Status
    report_time: datetime
    accept_time: datetime  # when the event that raised it was accepted by Ingest
    resolved_on: datetime | None = None
    next_escalation: datetime | None = None
    event_count: int = 1
    log_count: int = 0
    version: int = 0  # 0 until it is stored
    episode: int = 1
    responders: tuple[Responder, ...] = ()

    def taken_by(self, user_id: int) -> bool:
        """Tells whether a person has taken the alert."""
        return any(each.user_id == user_id and each.accepted_at for each in self.responders)


def act(alert: Alert, action: Action, actor: Actor, now: datetime) -> tuple[Alert, list[Entry]]:
    """Returns the alert after a caller's action, and its new log entries: none for a repeat."""
    match alert.status, action:
        case Status.RESOLVED, Action.ACCEPT:
            raise WrongState(f"alert {alert.id} is resolved", reason="ALERT_RESOLVED")
        case Status.RESOLVED, Action.RESOLVE:
            return alert, []
        case _, Action.RESOLVE:
            after = resolved(alert, now)
        case Status.PENDING, Action.ACCEPT:
            after = accepted(alert, actor, now)
        case _ if actor.user_id and not alert.taken_by(actor.user_id):
            after = accepted(alert, actor, now)  # a second person takes it too
        case _:
            return alert, []
    entry = Entry(EntryType.USER_RESPONSE, f"{called(actor)} {action.cause.lower()} the alert", now)
    return written(after, [entry]), [entry]


def accepted(alert: Alert, actor: Actor, now: datetime) -> Alert:
    """Returns the alert taken: nobody else is paged."""
    responders = alert.responders
    if actor.user_id:
        others = (each for each in responders if each.user_id != actor.user_id)
        responders = (*others, Responder(actor.user_id, now))
    return replace(alert, status=Status.ACCEPTED, next_escalation=None, responders=responders)


def resolved(alert: Alert, now: datetime) -> Alert:
    """Returns the alert ended."""
    return replace(alert, status=Status.RESOLVED, resolved_on=now, next_escalation=None)


def written(alert: Alert, entries: Sequence[Entry]) -> Alert:
    """Returns the alert in its next version, whose log has these entries too."""
    return logged(replace(alert, version=alert.version + 1), entries)


def logged(alert: Alert, entries: Sequence[Entry]) -> Alert:
    """Returns the alert with these entries in its log, which is no change that others see."""
    return replace(alert, log_count=alert.log_count + len(entries))


def called(actor: Actor) -> str:
    """Returns what to call an actor in a sentence."""
    return actor.name or f"{actor.kind.lower().replace('_', ' ')} {actor.id}".strip()
