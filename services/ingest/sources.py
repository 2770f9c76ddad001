"""Makes sources, each with the fact and the event by which the others learn of it."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import audit, counters, facts, outbox
from services.chassis.clock import Clock
from services.ingest import store, wire
from services.ingest.domain import SUITE_POLICY_ID, SUITE_SOURCE_ID, Source
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.ingest.v1.ingest_events_pb2 import AlertSourceChanged

KIND = "source"
COUNTER = "alert_source"

SUITE = Source(
    id=SUITE_SOURCE_ID,
    name="tocsin",
    integration_type="TOCSIN",
    policy_id=SUITE_POLICY_ID,
    version=1,
)


def prepare(connection: Connection, clock: Clock, public_url: str) -> None:
    """Makes ready to take events: above all numbers ever given, and from the suite itself.

    The built-in source is made at the first start; its number is the first of all.
    """
    now = clock.now(connection)
    store.raise_seq(connection, now)
    if store.add_source(connection, now, SUITE, None):
        counters.allocate(connection, COUNTER)
        _publish(connection, now, SUITE, public_url)


def create(
    connection: Connection,
    clock: Clock,
    wanted: Source,
    key_sha256: bytes,
    actor: Actor,
    public_url: str,
) -> Source:
    """Makes a source and returns it with its id."""
    now = clock.now(connection)
    source = replace(wanted, id=counters.allocate(connection, COUNTER), version=1)
    store.add_source(connection, now, source, key_sha256)
    audit.record(connection, now, actor, "alert_source.create", f"alert_source:{source.id}")
    _publish(connection, now, source, public_url)
    return source


def _publish(connection: Connection, now: datetime, source: Source, public_url: str) -> None:
    record = wire.source(source, public_url)
    version = facts.publish(connection, KIND, source.id, record)
    changed = AlertSourceChanged(alert_source=record, version=version)
    outbox.put(connection, now, changed, key=f"{KIND}:{source.id}:{version}")
