"""Senders may name their events (see `services.chassis.idempotency`); names belong to sources."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.chassis.errors import InvalidRequest
from services.chassis.idempotency import KEPT, reused
from services.chassis.timers import set_timer
from services.ingest.domain.arrivals import Arrival
from services.ingest.store import names as store
from services.ingest.store.names import Named

#: The timer that deletes names, and how often it is due.
TIMER = "idempotency"
EVERY = timedelta(minutes=10)


def settle(
    connection: Connection, now: datetime, arrivals: Sequence[Arrival]
) -> list[str | InvalidRequest | None]:
    """Returns what each event is kept as already, or why it is refused; None for a new one."""
    first: dict[tuple[int, str], Named] = {}
    for arrival in arrivals:
        if arrival.name:
            first.setdefault(_key(arrival), _named(arrival))
    kept = store.claim(connection, now, now - KEPT, first)
    return [_outcome(arrival, kept) if arrival.name else None for arrival in arrivals]


def forget_old(connection: Connection, now: datetime, key: str) -> None:
    """Deletes some names that are no longer kept; due again and again."""
    more = store.forget(connection, now - KEPT)
    set_timer(connection, TIMER, key, now if more else now + EVERY)


def _outcome(arrival: Arrival, kept: dict[tuple[int, str], Named]) -> str | InvalidRequest | None:
    known = kept[_key(arrival)]
    if known.event_id == arrival.event_id:
        return None
    if known.body_sha256 == _named(arrival).body_sha256:
        return known.event_id
    return reused(InvalidRequest, "event")


def _key(arrival: Arrival) -> tuple[int, str]:
    return arrival.source.id, arrival.name


def _named(arrival: Arrival) -> Named:
    return Named(arrival.event_id, hashlib.sha256(arrival.raw).digest())
