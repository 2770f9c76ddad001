"""What an alert is: its state, its content, and everybody around it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.alertstate.domain.entries import Entry


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
    REASSIGNED = "REASSIGNED"
    PRIORITY_CHANGED = "PRIORITY_CHANGED"
    SNOOZED = "SNOOZED"
    RESPONDERS_CHANGED = "RESPONDERS_CHANGED"
    ESCALATED = "ESCALATED"
    COMMENTED = "COMMENTED"
    AUTO_RESOLVED = "AUTO_RESOLVED"
    ESCALATION_CHANGED = "ESCALATION_CHANGED"
    ACCEPT_EXPIRED = "ACCEPT_EXPIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who caused a change; only one with a user becomes a responder."""

    kind: str
    id: str
    user_id: int = 0
    name: str


#: Tocsin itself, by a timer or a rule.
SYSTEM = Actor(kind="SYSTEM", id="", name="Tocsin")


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
class Call:
    """Somebody is to be paged because a person said so: a user, or a schedule's."""

    number: int
    user_id: int = 0
    schedule_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody said about an alert."""

    content: str
    creator: str
    user_id: int = 0
    at: datetime


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
    severity: int = 0  # 0 when not said
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A condition that somebody must look at."""

    id: int
    source_id: int  # 0 when it belongs to none
    content: Content
    status: Status
    report_time: datetime
    accept_time: datetime  # when the event that raised it was accepted by Ingest
    resolved_on: datetime | None = None
    next_escalation: datetime | None = None
    next_level: int = 0  # the number of that level; 0 when it isn't told
    exhausted_at: datetime | None = None  # when the escalation had come to its end in vain
    accept_expires: datetime | None = None  # when an ACCEPTED one is PENDING again
    snoozed_until: datetime | None = None
    event_count: int = 1
    log_count: int = 0
    comment_count: int = 0
    version: int = 0  # 0 until it is stored
    episode: int = 1
    pushes: int = 0  # how often the next level was asked for in this episode
    level: int = 0  # the last level that was paged in this episode
    called_episode: int = 0  # in which people are paged though the alert was taken
    run_episode: int = 0  # the newest episode whose escalation was heard of
    routed_policy_id: int = 0  # what the newest routing key chose
    routed_seq: int = 0  # the event that carried that key
    held: int = 0  # keys that have fired and are not over; a RESOLVE takes its key out
    keyless_seq: int | None = None  # the oldest thing in it that no event resolves, if any
    begun_seq: int = 0  # the oldest ALERT that it took in; 0 when a person raised it
    settled_seq: int = 0  # the newest event that its being ACCEPTED rests on; 0 for a person's
    told_seq: int = 0  # the event whose content it has; 0 for a person's
    fired_at: datetime | None = None  # when the newest ALERT it took in was accepted; None: unknown
    silent: bool = False  # nobody is notified: no policy runs, though it is PENDING
    responders: tuple[Responder, ...] = ()
    removed: tuple[int, ...] = ()  # people who were taken off it
    calls: tuple[Call, ...] = ()

    def taken_by(self, user_id: int) -> bool:
        """Tells whether a person has taken the alert."""
        return any(each.user_id == user_id and each.accepted_at for each in self.responders)

    def has(self, user_id: int) -> bool:
        """Tells whether a person is a responder."""
        return any(each.user_id == user_id for each in self.responders)

    @property
    def holds_nothing(self) -> bool:
        """Tells whether everything in it is over."""
        return self.held <= 0 and self.keyless_seq is None

    @property
    def key(self) -> tuple[int, str] | None:
        """What the alert is called by; None if it came without a key."""
        match_key = self.content.match_key
        return (self.source_id, match_key) if match_key else None


def accepted(alert: Alert, actor: Actor, now: datetime) -> Alert:
    """Returns the alert taken: nobody else is paged."""
    after = alert
    if actor.user_id:
        others = tuple(each for each in alert.responders if each.user_id != actor.user_id)
        after = joined(replace(alert, responders=others), Responder(actor.user_id, now))
    return replace(
        after,
        status=Status.ACCEPTED,
        next_escalation=None,
        exhausted_at=None,
        accept_expires=None,
        snoozed_until=None,
        called_episode=0,
        settled_seq=0,
    )


def resolved(alert: Alert, now: datetime) -> Alert:
    """Returns the alert ended."""
    return replace(
        alert,
        status=Status.RESOLVED,
        resolved_on=now,
        next_escalation=None,
        exhausted_at=None,
        accept_expires=None,
        snoozed_until=None,
    )


def joined(alert: Alert, responder: Responder) -> Alert:
    """Returns the alert with one more responder."""
    return replace(
        alert,
        responders=(*alert.responders, responder),
        removed=tuple(each for each in alert.removed if each != responder.user_id),
    )


def anew(alert: Alert) -> Alert:
    """Returns the alert in an episode of its own: it wants somebody as if just raised."""
    return replace(
        alert,
        episode=alert.episode + 1,
        pushes=0,
        level=0,
        next_escalation=None,
        next_level=0,
        exhausted_at=None,
    )


def following(alert: Alert, policy_id: int) -> Alert:
    """Returns the alert on another policy; a PENDING one begins at its first level."""
    after = replace(alert, content=replace(alert.content, policy_id=policy_id))
    return anew(after) if alert.status is Status.PENDING else after


def prioritised(alert: Alert, priority: Priority) -> Alert:
    """Returns the alert with a priority; raising a PENDING one starts its policy."""
    raised = alert.content.priority is Priority.LOW and priority is Priority.HIGH
    after = replace(alert, content=replace(alert.content, priority=priority))
    starts = raised and alert.status is Status.PENDING and not alert.silent
    return anew(after) if starts else after


def sounded(alert: Alert) -> Alert:
    """Returns the alert as one that people are notified of; a PENDING one starts its policy."""
    if not alert.silent:
        return alert
    after = replace(alert, silent=False)
    return anew(after) if alert.status is Status.PENDING else after


def written(alert: Alert, entries: Sequence[Entry]) -> Alert:
    """Returns the alert in its next version, whose log has these entries too."""
    return logged(replace(alert, version=alert.version + 1), entries)


def logged(alert: Alert, entries: Sequence[Entry]) -> Alert:
    """Returns the alert with these entries in its log, which is no change that others see."""
    return replace(alert, log_count=alert.log_count + len(entries))


def called(actor: Actor) -> str:
    """Returns what to call an actor in a sentence."""
    return actor.name or f"{actor.kind.lower().replace('_', ' ')} {actor.id}".strip()
