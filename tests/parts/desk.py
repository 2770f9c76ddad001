"""AlertState's rules at work on events as they are delivered, kept in memory."""

from dataclasses import replace
from datetime import UTC, datetime

from services.alertstate.domain.alerts import Alert, Status
from services.alertstate.domain.batches import Stored, work
from services.alertstate.domain.cases import Case, Event, Key
from services.alertstate.domain.grouping import Order
from services.alertstate.domain.keys import KeyState

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


class Desk:
    """Works through batches of events, and keeps what comes of them."""

    def __init__(self) -> None:
        self.keys: dict[Key, KeyState] = {}
        self.alerts: dict[int, Alert] = {}
        self.orders: dict[int, Order] = {}
        self.last: list[Case] = []
        self._seen: set[int] = set()

    def take(self, *events: Event) -> None:
        fresh = {event.seq: event for event in events if event.seq not in self._seen}
        self._seen |= fresh.keys()
        stored = Stored(keys=self.keys, alerts=self.alerts, orders=self.orders)
        worked = work(fresh.values(), stored, NOW)
        worked.number(len(self.alerts) + 1)
        self.alerts |= {case.alert.id: case.alert for case in worked.cases}
        for key, (state, case) in worked.keys.items():
            self.keys[key] = replace(state, alert_id=case.alert.id if case else None)
        self.orders = worked.orders
        self.last = worked.cases

    @property
    def open(self) -> list[Alert]:
        return [each for each in self.alerts.values() if each.status is not Status.RESOLVED]

    def held(self, alert: Alert) -> set[str]:
        """Returns the keys that an alert holds."""
        return {key for (_, key), each in self.keys.items() if each.alert_id == alert.id}
