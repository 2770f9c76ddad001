"""Changes of sources, each with the fact and the event by which the others learn of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.chassis import audit, counters, facts, outbox, timers
from services.chassis.clock import Clock
from services.chassis.principal import caller
from services.chassis.sealing import Sealer
from services.chassis.sql import take_turns
from services.chassis.teams import refuse_unchangeable
from services.ingest import idempotency, keyring, numbers
from services.ingest.domain.sources import (
    SUITE_POLICY_ID,
    SUITE_SOURCE_ID,
    Source,
    check_changeable,
)
from services.ingest.store import sources as store
from services.ingest.wire import sources as wire
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.ingest.v1.ingest_events_pb2 import AlertSourceChanged

KIND = "source"
COUNTER = "alert_source"
#: Whoever changes sources, or notes that what they refer to is gone. Taken before any row is
#: locked, so that nobody who has it waits for one who wants it.
TURN = "ingest sources"
#: The timer of a source that was deleted, but not for good yet; and for how long that is.
HIDDEN = "hidden_source"
RESTORABLE = timedelta(hours=1)

SUITE = Source(
    id=SUITE_SOURCE_ID,
    name="tocsin",
    integration_type="TOCSIN",
    policy_id=SUITE_POLICY_ID,
    version=1,
)


@dataclass(frozen=True, slots=True)
class Means:
    """What every change of a source takes beside the source."""

    clock: Clock
    sealer: Sealer
    public_url: str


def prepare(connection: Connection, clock: Clock, public_url: str) -> None:
    """Makes ready to take events: above all numbers ever given, and from the suite itself.

    The built-in source is made at the first start; its number is the first of all.
    """
    now = clock.now(connection)
    numbers.raise_seq(connection, now)
    timers.set_timer(connection, idempotency.TIMER, "all", now)
    if store.add(connection, now, SUITE):
        counters.allocate(connection, COUNTER)
        _publish(connection, now, SUITE, public_url)


def create(connection: Connection, means: Means, wanted: Source, actor: Actor) -> Source:
    """Makes a source, with a new key, and returns it with its id."""
    take_turns(connection, TURN)
    now = means.clock.now(connection)
    source = replace(wanted, id=counters.allocate(connection, COUNTER), version=1)
    key = keyring.new_key()
    sealed = means.sealer.seal(key, key_context(source.id))
    sum_ = keyring.sha256(key)
    store.add(connection, now, source, key_sha256=sum_, sealed_key=sealed)
    _publish(connection, now, source, means.public_url)
    audit.record(connection, now, actor, "alert_source.create", f"alert_source:{source.id}")
    return source


def change(
    connection: Connection, means: Means, source_id: int, wanted: Source, actor: Actor
) -> Source:
    """Puts another source in a source's place and returns it. Raises NotFound, WrongState."""
    check_changeable(source_id)
    take_turns(connection, TURN)
    known = store.get(connection, source_id, lock=True)
    refuse_unchangeable(caller(), known.team_ids, f"alert source {source_id}")
    return put(connection, means, known, wanted, actor)


def put(
    connection: Connection, means: Means, known: Source, wanted: Source, actor: Actor
) -> Source:
    """Puts what is wanted in a source's place, if it differs, and returns it."""
    if replace(wanted, id=known.id, version=known.version) == known:
        return known
    now = means.clock.now(connection)
    source = replace(wanted, id=known.id, version=known.version + 1)
    store.replace(connection, source)
    _publish(connection, now, source, means.public_url)
    audit.record(connection, now, actor, "alert_source.update", f"alert_source:{known.id}")
    return source


def remove(
    connection: Connection, means: Means, source_id: int, actor: Actor, *, for_good: bool = True
) -> None:
    """Deletes a source. Raises NotFound, WrongState.

    One that is not deleted for good can be restored for a while, with its key.
    """
    check_changeable(source_id)
    take_turns(connection, TURN)
    source = store.get(connection, source_id, lock=True)
    refuse_unchangeable(caller(), source.team_ids, f"alert source {source_id}")
    now = means.clock.now(connection)
    if for_good:
        store.remove(connection, source_id)
    else:
        store.hide(connection, source_id)
        timers.set_timer(connection, HIDDEN, str(source_id), now + RESTORABLE)
    _publish(connection, now, source, means.public_url, deleted=True)
    audit.record(connection, now, actor, "alert_source.delete", f"alert_source:{source_id}")


def restore(connection: Connection, means: Means, wanted: Source, actor: Actor) -> None:
    """Makes a source that was deleted a moment ago be there again. Raises NotFound."""
    now = means.clock.now(connection)
    store.show(connection, wanted.id)
    timers.clear_timer(connection, HIDDEN, str(wanted.id))
    known = store.get(connection, wanted.id, lock=True)
    source = replace(wanted, version=known.version + 1)
    store.replace(connection, source)
    _publish(connection, now, source, means.public_url)
    audit.record(connection, now, actor, "alert_source.restore", f"alert_source:{source.id}")


def forget_key(connection: Connection, now: datetime, key: str) -> None:
    """Forgets the key of a source that was deleted, and is not to come back."""
    store.forget_key(connection, int(key))


def key_context(source_id: int) -> str:
    """Returns the place that a source's key is sealed for."""
    return f"alert_source:{source_id}:key"


def _publish(
    connection: Connection, now: datetime, source: Source, public_url: str, *, deleted: bool = False
) -> None:
    record = wire.record(source, public_url)
    version = facts.publish(connection, KIND, source.id, record, deleted=deleted)
    changed = AlertSourceChanged(alert_source=record, version=version, deleted=deleted)
    outbox.put(connection, now, changed, key=f"{KIND}:{source.id}:{version}")
