"""Which open alert takes in an event that no open alert's key matches.

An alert holds every key that it took in, and what came without a key. A RESOLVE takes its key
out; the alert is over when it holds nothing. Events in order need no more than that. An event
that comes late may change what newer ones meant: `Order` tells which are late, and which alerts
may be others than those that the history in order would have made.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, TypeVar

from services.alertstate.domain.alerts import Alert, Status
from services.alertstate.domain.keys import EventType

T = TypeVar("T")


class Creation(StrEnum):
    """When an event without a key match makes a new alert."""

    EACH = "EACH"  # always
    SUBJECT = "SUBJECT"  # when no open alert of the source has its summary
    ONE_PENDING = "ONE_PENDING"  # when no alert of the source is PENDING
    ONE_OPEN = "ONE_OPEN"  # when no alert of the source is open

    @property
    def divides(self) -> bool:
        """Tells whether it may keep events of a source in several groups.

        Then a late event may have belonged to another group than it meets. With one group, what
        is open at the end is always the same alert.
        """
        return self in (Creation.SUBJECT, Creation.ONE_PENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How far the events of a source that groups have come."""

    newest_seq: int = 0  # the newest event
    accept_seq: int = 0  # the newest ACCEPT
    doubted_seq: int = 0  # the newest event when one came late last; 0 when none did

    def is_late(self, seq: int) -> bool:
        """Tells whether a newer event was here first."""
        return seq < self.newest_seq

    def doubts(self, alert: Alert) -> bool:
        """Tells whether the history in order may have made another alert than this."""
        return self.doubted_seq > 0 and alert.begun_seq <= self.doubted_seq

    def questions(self, type_: EventType, seq: int, *, divides: bool) -> bool:
        """Tells whether what alerts hold counts for an event, key by key."""
        if not divides:
            return type_ is EventType.RESOLVE and self.is_late(seq)
        return self.is_late(seq) or (type_ is EventType.ACCEPT and self.doubted_seq > 0)

    def after(self, type_: EventType, seq: int, *, divides: bool) -> "Order":
        """Returns the order after one more event."""
        accept_seq = max(self.accept_seq, seq) if type_ is EventType.ACCEPT else self.accept_seq
        doubted = self.newest_seq if divides and self.is_late(seq) else self.doubted_seq
        newest = max(self.newest_seq, seq)
        return replace(self, newest_seq=newest, accept_seq=accept_seq, doubted_seq=doubted)


class Groups(Generic[T]):
    """Alerts by their source, oldest first, wrapped in whatever the caller keeps them in."""

    def __init__(self, known: Iterable[T], alert_of: Callable[[T], Alert]) -> None:
        self._alert_of = alert_of
        self._by_source: dict[int, list[T]] = defaultdict(list)
        for each in sorted(known, key=lambda each: alert_of(each).id):
            self.add(each)

    def add(self, newest: T) -> None:
        """Adds an alert that is newer than the others."""
        self._by_source[self._alert_of(newest).source_id].append(newest)

    def taken(self, source_id: int) -> list[T]:
        """Returns the ACCEPTED alerts of a source."""
        found = self._by_source[source_id]
        return [each for each in found if self._alert_of(each).status is Status.ACCEPTED]

    def find(self, creation: Creation, source_id: int, summary: str, order: Order) -> T | None:
        """Returns the newest alert that takes the event in; None if it makes one of its own."""
        if creation is Creation.EACH:
            return None
        for each in reversed(self._by_source[source_id]):
            if _takes_in(self._alert_of(each), creation, summary, order):
                return each
        return None


def _takes_in(alert: Alert, creation: Creation, summary: str, order: Order) -> bool:
    match creation, alert.status:
        case Creation.EACH, _:
            return False
        case _, Status.RESOLVED:
            return False
        case Creation.SUBJECT, Status.ACCEPTED:
            # Unless it is surely the one of this summary, the event might go unseen in it.
            return alert.content.summary == summary and not order.doubts(alert)
        case Creation.SUBJECT, _:
            return alert.content.summary == summary
        case Creation.ONE_PENDING, status:
            return status is Status.PENDING
        case _:
            return True
