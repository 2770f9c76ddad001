"""Which open alert takes in an event that no open alert's key matches.

An alert keeps the key of the oldest event that it took in, so that alerts in any order come to
the same; what it took in of another key keeps a late answer from ending it. An alert that comes
after the answer that ended its group may make a group of its own.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Generic, TypeVar

from services.alertstate.domain.alerts import Alert, Status

T = TypeVar("T")


class Creation(StrEnum):
    """When an event without a key match makes a new alert."""

    EACH = "EACH"  # always
    SUBJECT = "SUBJECT"  # when no open alert of the source has its summary
    ONE_PENDING = "ONE_PENDING"  # when no alert of the source is PENDING
    ONE_OPEN = "ONE_OPEN"  # when no alert of the source is open


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

    def find(self, creation: Creation, source_id: int, summary: str) -> T | None:
        """Returns the newest alert that takes the event in; None if it makes one of its own."""
        if creation is Creation.EACH:
            return None
        for each in reversed(self._by_source[source_id]):
            if _takes_in(self._alert_of(each), creation, summary):
                return each
        return None


def _takes_in(alert: Alert, creation: Creation, summary: str) -> bool:
    match creation:
        case Creation.SUBJECT:
            return alert.status is not Status.RESOLVED and alert.content.summary == summary
        case Creation.ONE_PENDING:
            return alert.status is Status.PENDING
        case Creation.ONE_OPEN:
            return alert.status is not Status.RESOLVED
        case Creation.EACH:
            return False
