"""What an event and its source are, and what the two alone decide.

Pure functions over frozen values: no clock, no database, no network.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.chassis.errors import InvalidRequest

#: The built-in source, from which the suite's alerts about itself come.
SUITE_SOURCE_ID = 1
SUITE_POLICY_ID = 1

LONGEST_NAME = 255
#: How much goes into one published message, unless a single event is larger.
GROUP_EVENTS = 500
GROUP_BYTES = 256 * 1024


class EventType(StrEnum):
    """What an event wants done."""

    ALERT = "ALERT"
    ACCEPT = "ACCEPT"
    RESOLVE = "RESOLVE"


class Priority(StrEnum):
    """How loudly to tell; of a source, how its alerts' priority is found."""

    HIGH = "HIGH"
    LOW = "LOW"


class Note(StrEnum):
    """Why a kept event goes no further."""

    NONE = ""
    SOURCE_INACTIVE = "SOURCE_INACTIVE"


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
class Event:
    """What a tool said, as understood: repaired, and without its key."""

    type: EventType
    summary: str = ""
    details: str = ""
    alert_key: str = ""
    priority: Priority | None = None  # None: the source decides
    images: tuple[Image, ...] = ()
    links: tuple[Link, ...] = ()
    custom_details: bytes = b""  # compact JSON
    routing_keys: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()  # "<field>: what was done to it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where events come from."""

    id: int
    name: str
    integration_type: str
    policy_id: int
    active: bool = True
    priority_rule: Priority = Priority.HIGH
    team_ids: tuple[int, ...] = ()
    version: int = 0  # grows with every change


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An event on its way to the disk."""

    event_id: str
    source: Source
    event: Event
    raw: bytes
    content_type: str
    trace: str

    @property
    def note(self) -> Note:
        """Why the event goes no further; NONE if it does."""
        return Note.NONE if self.source.active else Note.SOURCE_INACTIVE


def match_key(alert_key: str) -> str:
    """Returns an alert key as keys are compared: trimmed, without case."""
    return alert_key.strip().casefold()


def routing_keys(text: str) -> tuple[str, ...]:
    """Returns the keys of a comma-separated list, in its order."""
    return tuple(key for part in text.split(",") if (key := part.strip()))


def priority(rule: Priority, said: Priority | None) -> Priority:
    """Returns the priority of an event's alert: a LOW source never gets louder."""
    return Priority.LOW if rule is Priority.LOW else said or Priority.HIGH


def groups(sizes: Sequence[int]) -> Iterator[range]:
    """Divides things of these sizes, in their order, into what is published together."""
    first, weight = 0, 0
    for index, size in enumerate(sizes):
        full = index - first == GROUP_EVENTS or weight + size > GROUP_BYTES
        if full and index > first:
            yield range(first, index)
            first, weight = index, 0
        weight += size
    if sizes:
        yield range(first, len(sizes))


def check_source(name: str, integration_type: str, policy_id: int) -> None:
    """Raises InvalidRequest, naming the field, if a source must not look like this."""
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidRequest(f"name must have 1 to {LONGEST_NAME} characters", field="name")
    if any(ord(character) < ord(" ") for character in name):
        raise InvalidRequest("name must be one line of text", field="name")
    if not is_upper_word(integration_type):
        told = "integrationType must be one upper-case word, for example API"
        raise InvalidRequest(told, field="integrationType")
    if policy_id <= 0:
        raise InvalidRequest("escalationPolicy must have an id", field="escalationPolicy")


def is_upper_word(text: str) -> bool:
    """Tells whether a text is a word like API or CHECK_MK2."""
    plain = text.replace("_", "")
    return (
        len(text) <= LONGEST_NAME
        and text[:1].isalpha()
        and plain.isascii()
        and plain.isalnum()
        and text == text.upper()
    )
