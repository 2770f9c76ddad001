"""What an event is, as understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

#: How bad an event may say that it is: 1 is the worst.
SEVERITIES = range(1, 6)


class EventType(StrEnum):
    """What an event wants done."""

    ALERT = "ALERT"
    ACCEPT = "ACCEPT"
    RESOLVE = "RESOLVE"
    COMMENT = "COMMENT"


class Repeat(StrEnum):
    """What a repeat of an open alert's key does to that alert."""

    APPEND = "APPEND"  # adds a log entry, and may raise LOW to HIGH
    KEEP = "KEEP"  # changes nothing
    UPDATE = "UPDATE"  # changes what the alert tells


class Priority(StrEnum):
    """How loudly to tell; of a source, how its alerts' priority is found."""

    HIGH = "HIGH"
    LOW = "LOW"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture to show with the alert."""

    src: str
    href: str | None = None
    alt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link to show with the alert."""

    href: str
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """Something to add to what is said about the alert."""

    content: str
    creator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a tool said, as understood: repaired, and without its key."""

    type: EventType
    summary: str = ""
    details: str = ""
    alert_key: str = ""
    priority: Priority | None = None  # None: the source decides
    severity: int | None = None
    images: tuple[Image, ...] = ()
    links: tuple[Link, ...] = ()
    comments: tuple[Comment, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    custom_details: bytes = b""  # compact JSON
    routing_keys: tuple[str, ...] = ()
    repeat: Repeat = Repeat.APPEND
    silent: bool = False  # its alert notifies nobody
    repairs: tuple[str, ...] = ()  # "<field>: what was done to it"


def match_key(alert_key: str) -> str:
    """Returns an alert key as keys are compared: trimmed, without case."""
    return alert_key.strip().casefold()


def routing_keys(text: str) -> tuple[str, ...]:
    """Returns the keys of a comma-separated list, in its order."""
    return tuple(key for part in text.split(",") if (key := part.strip()))
