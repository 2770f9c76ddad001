"""What became of an event that was accepted, as far as that was heard."""

import re
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.errors import NotFound
from services.ingest.domain.arrivals import Note
from services.ingest.domain.events import EventType
from services.ingest.store import alerts, events
from services.ingest.store.events import Logged

#: How long to wait for news of an event's alert before saying that there is none.
SOON = timedelta(seconds=10)

_ID = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Tracked:
    """An event, and the alert that it was about."""

    event: Logged
    alert_id: int | None  # None if none is known: another key's alert may have taken it in
    alert_key: str

    @property
    def succeeded(self) -> bool:
        """Whether there is, or will be, an alert that did as the event says."""
        if self.event.note is not Note.NONE:
            return False
        return self.event.type is EventType.ALERT or self.alert_id is not None


def track(connection: Connection, clock: Clock, source_id: int, event_id: str) -> Tracked:
    """Returns what became of an event of a source.

    Raises NotFound if there is none, or nothing has become of it yet.
    """
    event = events.logged(connection, event_id) if _ID.fullmatch(event_id) else None
    if event is None or event.source_id != source_id:
        raise _not_found()
    if event.match_key:
        alert = alerts.of_key(connection, source_id, event.match_key, event.received_at)
        if alert is not None:
            return Tracked(event, *alert)
    if event.note is Note.NONE and clock.now(connection) - event.received_at < SOON:
        raise _not_found()
    return Tracked(event, None, event.match_key)


def _not_found() -> NotFound:
    return NotFound("Request not found. It might not be processed, yet.")
