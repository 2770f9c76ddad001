"""Events, the alerts that they may change, and what a batch of them comes to."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from services.alertstate.domain.alerts import Actor, Alert, Cause, Comment, Content, called
from services.alertstate.domain.entries import Entry, EntryType
from services.alertstate.domain.grouping import Creation, Order
from services.alertstate.domain.keys import EventType, KeyState, Outcome

#: A source and the key as compared.
Key = tuple[int, str]

#: Which of several things that one batch did to an alert is told as what happened.
_WEIGHT = {
    Cause.COMMENTED: 0,
    Cause.REPEATED: 1,
    Cause.PRIORITY_CHANGED: 2,
    Cause.REASSIGNED: 3,
    Cause.ACCEPTED: 4,
    Cause.RESOLVED: 4,
}


class Repeat(StrEnum):
    """What a repeat of its key does to an alert."""

    APPEND = "APPEND"  # adds to its log
    KEEP = "KEEP"  # changes nothing: the oldest event tells what the alert tells
    UPDATE = "UPDATE"  # the newest event tells what the alert tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event as Ingest understood it."""

    seq: int
    type: EventType
    actor: Actor  # the source
    source_id: int
    content: Content
    accept_time: datetime
    creation: Creation = Creation.EACH
    routed_policy_id: int = 0  # what its routing keys choose; 0 if they choose nothing
    routed_policy_name: str = ""
    auto_resolution_seconds: int = 0  # 0 for never
    comments: tuple[Comment, ...] = ()
    repeat: Repeat = Repeat.APPEND
    silent: bool = False  # wants nobody notified

    @property
    def key(self) -> Key | None:
        """What the event finds its alert by; None if it cannot."""
        match_key = self.content.match_key
        return (self.source_id, match_key) if match_key else None

    @property
    def changes_what_is_open(self) -> bool:
        """Tells whether it fires, or answers what it finds by its key."""
        answers = self.type in (EventType.ACCEPT, EventType.RESOLVE)
        return self.type is EventType.ALERT or (answers and self.key is not None)


@dataclass(slots=True, eq=False)
class Case:
    """An alert that a batch may change. A new one has the id 0 until it is numbered."""

    alert: Alert
    cause: Cause
    actor: Actor
    is_new: bool = False
    changed: bool = False
    entries: list[Entry] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    auto_resolution_seconds: int = 0  # what the newest event that raised or repeated it says

    def tell(
        self, type_: EntryType, sentence: str, actor: Actor, at: datetime, **told: str
    ) -> None:
        """Adds to the alert's log."""
        self.entries.append(Entry(type_, sentence, at, {"actor": called(actor), **told}))

    def mark(self, cause: Cause, actor: Actor) -> None:
        """Notes what happened, unless something weightier did."""
        if self.is_new and cause not in (Cause.ACCEPTED, Cause.RESOLVED):
            return
        if _WEIGHT[cause] >= _WEIGHT.get(self.cause, 0):
            self.cause, self.actor = cause, actor


@dataclass(slots=True)
class Worked:
    """What a batch comes to."""

    cases: list[Case]
    keys: dict[Key, tuple[KeyState, Case | None]]  # with the open alert that holds it
    orders: dict[int, Order]
    outcomes: list[tuple[Event, Outcome, Case | None]]

    @property
    def raised(self) -> list[Case]:
        """The new alerts."""
        return [case for case in self.cases if case.is_new]

    def number(self, first: int) -> None:
        """Gives the new alerts their ids."""
        for id_, case in enumerate(self.raised, start=first):
            case.alert = replace(case.alert, id=id_)
