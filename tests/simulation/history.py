"""What happened in a world, in order: all that the checker sees."""

import hashlib
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""

    number: int
    at: float  # seconds since the world began
    who: str  # the life that did it; "-" for the world
    what: str
    told: dict[str, Any]

    def __str__(self) -> str:
        told = " ".join(f"{name}={value}" for name, value in self.told.items())
        return f"{self.number:5} {self.at:12.3f} {self.who:14} {self.what:14} {told}"


@dataclass
class History:
    """All that happened."""

    events: list[Event] = field(default_factory=list)

    def add(self, at: float, who: str, what: str, told: dict[str, Any]) -> None:
        """Notes that something happened."""
        self.events.append(Event(len(self.events), at, who, what, told))

    def of(self, *what: str) -> list[Event]:
        """Returns what happened of some kinds."""
        return [event for event in self.events if event.what in what]

    def digest(self) -> str:
        """Returns what is equal if and only if everything happened alike."""
        told = "\n".join(f"{event} {event.at!r}" for event in self.events)
        return hashlib.sha256(told.encode()).hexdigest()
