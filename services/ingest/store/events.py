"""The event log at rest."""

from collections.abc import Sequence
from datetime import datetime

import orjson
from sqlalchemy import Connection, insert

from services.ingest.domain.arrivals import Arrival
from services.ingest.domain.events import match_key
from services.ingest.store.tables import EVENT


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
