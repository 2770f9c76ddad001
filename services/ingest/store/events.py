"""The event log at rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, insert, select

from services.ingest.domain.arrivals import Arrival, Note
from services.ingest.domain.events import EventType, match_key
from services.ingest.store.tables import EVENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """What the log tells of an event."""

    source_id: int
    type: EventType
    match_key: str
    received_at: datetime
    note: Note


def logged(connection: Connection, event_id: str) -> Logged | None:
    """Returns an event of the log; None if there is none with this id."""
    row = connection.execute(select(EVENT).where(EVENT.c.event_id == event_id)).first()
    if row is None:
        return None
    return Logged(
        source_id=row.source_id,
        type=EventType(row.type),
        match_key=row.match_key,
        received_at=row.received_at,
        note=Note(row.note),
    )


def add(connection: Connection, now: datetime, arrivals: Sequence[Arrival]) -> list[int]:
    """Adds events to the log and returns their numbers, which rise in the order of arrival."""
    rows = [
        {
            "event_id": arrival.event_id,
            "source_id": arrival.source.id,
            "source_version": arrival.source.version,
            "received_at": now,
            "raw": arrival.raw,
            "content_type": arrival.content_type,
            "type": arrival.event.type.value,
            "match_key": match_key(arrival.event.alert_key),
            "repairs": orjson.dumps(arrival.event.repairs).decode(),
            "note": arrival.note.value,
            "trace": arrival.trace,
        }
        for arrival in arrivals
    ]
    added = insert(EVENT).returning(EVENT.c.seq, sort_by_parameter_order=True)
    return list(connection.execute(added, rows).scalars())
