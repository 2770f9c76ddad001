"""The relay: publishes what the outbox holds, oldest first, once.

One relay works per service: on PostgreSQL whoever holds an advisory lock, on SQLite the only
process. A crash between publishing and marking publishes again under the same message id,
which JetStream and every inbox discard. Rows are kept for a day with their sequence number,
so that a broker that lost data is noticed and fed anew. What every reader has acknowledged is
purged when the stream is half full: limits retention never stops a healthy system.
"""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import nats.errors
from nats.js.api import StreamInfo
from nats.js.errors import Error as JetStreamError
from nats.js.errors import NotFoundError
from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from services.chassis import dead_letters, outbox
from services.chassis.bus import (
    MAX_PUBLISHED_BYTES,
    BatchRefused,
    Bus,
    Outgoing,
    Stream,
    StreamFull,
)
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import Unavailable
from services.chassis.leadership import only_one
from services.chassis.outbox import OUTBOX
from services.chassis.pausing import pause
from services.chassis.sql import upsert
from services.chassis.tables import PositionRow
from services.chassis.telemetry import OUTBOX_AGE, OUTBOX_DEPTH

log = logging.getLogger(__name__)

BATCH_SIZE = 256
#: A batch is at most this part of the stream, so that purging keeps up with publishing.
BATCH_PART = 8
#: What a message takes beside its payload, roughly.
HEADER_BYTES = 400
IDLE_SECONDS = 1.0
RETRY_SECONDS = 0.5
VERIFY_SECONDS = 60.0
MEASURE_SECONDS = 5.0
KEPT = timedelta(hours=24)
DELETE_SIZE = 500

POSITION = PositionRow.__table__


@dataclass(slots=True)
class Room:
    """How full the stream is, as far as the relay knows."""

    used: int
    most: int

    def half_full(self, more: int) -> bool:
        """Tells whether it is time to purge, with `more` bytes to come."""
        return (self.used + more) * 2 > self.most

    def full(self, more: int) -> bool:
        """Tells whether `more` bytes might be refused."""
        return (self.used + more) * 10 > self.most * 9


class Relay:
    """Publishes one service's outbox to its stream."""

    def __init__(self, database: Database, bus: Bus, stream: Stream, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._stream = stream
        self._clock = clock
        self._waiting = asyncio.Event()
        self._verified_connection = -1
        self._verify_at = 0.0
        self._measure_at = 0.0
        self._room = Room(0, stream.max_bytes)

    async def run(self) -> None:
        """Publishes queued messages for as long as the service runs."""
        self._database.wake(outbox.TOPIC, self._waiting.set)
        async with only_one(self._database, f"tocsin-relay-{self._stream.service}") as only:
            while True:
                self._waiting.clear()
                await self._measure_if_due()
                published = await self._step_or_wait() if await only.held() else 0
                if not published:
                    await pause(IDLE_SECONDS, self._waiting)

    async def flush(self) -> None:
        """Publishes what is queued now, once."""
        while await self._step_or_wait():
            pass

    async def step(self) -> int:
        """Publishes one batch and returns how many messages left.

        Raises nats errors and StreamFull; nothing is lost then.
        """
        await self._verify_if_due()
        rows = await self._database.read(_waiting_rows, self._stream.max_bytes // BATCH_PART)
        rows = await self._without_oversized(rows)
        if not rows:
            return 0
        size = sum(len(row.payload) + HEADER_BYTES for row in rows)
        await self._make_room(size)
        seqs = await self._publish([_outgoing(row) for row in rows])
        self._room.used += size
        await self._database.write(
            _mark, [(row.id, seq) for row, seq in zip(rows, seqs, strict=True)]
        )
        return len(rows)

    async def _measure_if_due(self) -> None:
        """Tells now and then how much waits; every replica does, whoever publishes."""
        now = asyncio.get_running_loop().time()
        if now < self._measure_at:
            return
        self._measure_at = now + MEASURE_SECONDS
        with suppress(Unavailable):
            depth, age = await self._database.read(_backlog, self._clock)
            OUTBOX_DEPTH.set(depth)
            OUTBOX_AGE.set(age)

    async def _step_or_wait(self) -> int:
        try:
            return await self.step()
        except StreamFull as full:
            if full.__cause__ is None:  # the relay holds back by itself until readers catch up
                log.info("stream %s is nearly full: messages wait", self._stream.name)
            else:
                log.error("stream %s is full: NATS refused a message", self._stream.name)
        except Unavailable:
            log.warning("the database is away: its outbox waits")
        except (nats.errors.Error, JetStreamError, TimeoutError, OSError) as error:
            log.warning("NATS is away, messages wait in the outbox: %s", type(error).__name__)
            self._verify_at = 0.0
        await asyncio.sleep(RETRY_SECONDS)
        return 0

    async def _publish(self, messages: Sequence[Outgoing]) -> list[int]:
        if len(messages) > 1:
            try:
                last = await self._bus.publish_batch(messages, secrets.token_hex(8))
                return list(range(last - len(messages) + 1, last + 1))
            except (BatchRefused, TimeoutError) as error:
                log.info("publishing one by one: %s", str(error) or type(error).__name__)
        return [await self._bus.publish(message) for message in messages]

    async def _without_oversized(self, rows: Sequence[Row[Any]]) -> list[Row[Any]]:
        """Takes out what no stream would take, so that the rest goes on."""
        oversized = [row for row in rows if len(row.payload) > MAX_PUBLISHED_BYTES]
        if oversized:
            log.error("%d messages are too large to publish", len(oversized))
            await self._database.write(_bury, self._clock, oversized, self._stream.name)
        return [row for row in rows if row not in oversized]

    async def _make_room(self, size: int) -> None:
        if not self._room.half_full(size):
            return
        floor = await self._bus.acknowledged_floor(self._stream)
        if floor:
            await self._bus.js.purge_stream(self._stream.name, seq=floor + 1)
        info = await self._bus.js.stream_info(self._stream.name)
        self._room.used = info.state.bytes
        if self._room.full(size):
            raise StreamFull

    async def _verify_if_due(self) -> None:
        """Finds out, after each connection and every minute, what the broker forgot."""
        now = asyncio.get_running_loop().time()
        if self._verified_connection == self._bus.connections and now < self._verify_at:
            return
        info = await self._bus.ensure_stream(self._stream)
        self._room.used = info.state.bytes
        await self._rewind_if_forgotten(info)
        while await self._database.write(_forget_old, self._clock):
            pass  # part by part: others want to write, too
        self._verified_connection, self._verify_at = self._bus.connections, now + VERIFY_SECONDS

    async def _rewind_if_forgotten(self, info: StreamInfo) -> None:
        created = str(info.created)
        newest, msg_id, known = await self._database.read(_newest, self._stream.name)
        good = info.state.last_seq
        remade = bool(known) and known != created
        if remade or (0 < newest <= good and not await self._is_ours(newest, msg_id, info)):
            good = 0
        if newest > good:
            again = await self._database.write(_rewind, good)
            log.warning(
                "stream %s forgot messages: %d are published again", info.config.name, again
            )
        if known != created:
            await self._database.write(_remember, self._stream.name, created)

    async def _is_ours(self, seq: int, msg_id: str, info: StreamInfo) -> bool:
        """Tells whether the broker has, at the newest number we know, what we put there."""
        if seq < info.state.first_seq:
            return True  # purged, by us or by age
        try:
            found = await self._bus.js.get_msg(self._stream.name, seq)
        except NotFoundError:
            return True  # purged in between
        return (found.headers or {}).get("Nats-Msg-Id") == msg_id


def _outgoing(row: Row[Any]) -> Outgoing:
    headers = {"Tocsin-Type": row.type, "traceparent": row.traceparent}
    return Outgoing(row.msg_id, row.subject, row.payload, headers)


def _waiting_rows(connection: Connection, most_bytes: int) -> list[Row[Any]]:
    waiting = select(OUTBOX).where(~OUTBOX.c.published).order_by(OUTBOX.c.id).limit(BATCH_SIZE)
    rows: list[Row[Any]] = []
    size = 0
    for row in connection.execute(waiting):
        size += len(row.payload)
        if rows and size > most_bytes:
            break
        rows.append(row)
    return rows


def _mark(connection: Connection, published: Sequence[tuple[int, int]]) -> None:
    row = update(OUTBOX).where(OUTBOX.c.id == bindparam("which"))
    marked = row.values(published=True, stream_seq=bindparam("seq"))
    connection.execute(marked, [{"which": row_id, "seq": seq} for row_id, seq in published])


def _bury(connection: Connection, clock: Clock, rows: Sequence[Row[Any]], stream: str) -> None:
    now = clock.now(connection)
    for row in rows:
        connection.execute(update(OUTBOX).where(OUTBOX.c.id == row.id).values(published=True))
        dead_letters.bury(
            connection,
            now,
            msg_id=row.msg_id,
            stream=stream,
            type_=row.type,
            payload=row.payload,
            error=f"larger than {MAX_PUBLISHED_BYTES} bytes",
        )


def _newest(connection: Connection, stream: str) -> tuple[int, str, str]:
    row = connection.execute(
        select(OUTBOX.c.stream_seq, OUTBOX.c.msg_id)
        .where(OUTBOX.c.stream_seq.is_not(None))
        .order_by(OUTBOX.c.stream_seq.desc())
        .limit(1)
    ).one_or_none()
    known = connection.execute(
        select(POSITION.c.stream_created).where(POSITION.c.stream == f"out:{stream}")
    ).scalar_one_or_none()
    return (row.stream_seq, row.msg_id, known or "") if row else (0, "", known or "")


def _rewind(connection: Connection, good: int) -> int:
    forgotten = update(OUTBOX).where(OUTBOX.c.stream_seq > good)
    return connection.execute(forgotten.values(published=False, stream_seq=None)).rowcount


def _remember(connection: Connection, stream: str, created: str) -> None:
    row = {"stream": f"out:{stream}", "seq": 0, "stream_created": created}
    known = upsert(connection, POSITION).values(**row)
    connection.execute(
        known.on_conflict_do_update(index_elements=["stream"], set_={"stream_created": created})
    )


def _forget_old(connection: Connection, clock: Clock) -> bool:
    """Deletes some of what left a day ago; tells whether there may be more."""
    old = (
        select(OUTBOX.c.id)
        .where(OUTBOX.c.published, OUTBOX.c.created_at < clock.now(connection) - KEPT)
        .limit(DELETE_SIZE)
    )
    some = delete(OUTBOX).where(OUTBOX.c.id.in_(old))
    return connection.execute(some).rowcount == DELETE_SIZE


def _backlog(connection: Connection, clock: Clock) -> tuple[int, float]:
    """Returns how many messages wait, and for how many seconds the oldest does."""
    depth, oldest = connection.execute(
        select(func.count(), func.min(OUTBOX.c.created_at)).where(~OUTBOX.c.published)
    ).one()
    return depth, (clock.now(connection) - oldest).total_seconds() if oldest else 0.0
