"""Messages enter through the database, so each has its effect once.

A few messages are one transaction: for every one of them a savepoint with its inbox row and its
reaction, and how far the stream has been read. Only then is it acknowledged. What can never
succeed goes to the dead letters in the same transaction, with an alert about it; what may
succeed later is asked for again.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import partial
from typing import TypeVar

import nats.errors
from google.protobuf.message import DecodeError, Message
from nats.aio.msg import Msg
from nats.js.errors import Error as JetStreamError
from nats.js.errors import NotFoundError
from sqlalchemy import Connection, delete, insert, select, update

from services.chassis import dead_letters, tracing
from services.chassis.bus import Bus, stream_name
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest, Unavailable
from services.chassis.pull import Pull
from services.chassis.savepoints import undone
from services.chassis.sql import BACKGROUND, take_turns, upsert
from services.chassis.tables import InboxRow, PositionRow

log = logging.getLogger(__name__)

Event = TypeVar("Event", bound=Message)
Reaction = Callable[[Connection, datetime, bytes], None]

BATCH_SIZE = 100
#: Messages that share a transaction; whoever accepts an alert may have to wait for its end.
TRANSACTION_SIZE = 20
FETCH_SECONDS = 5.0
FIRST_FETCH_SECONDS = 0.5  # timers wait for it
RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 30.0
#: Failures after which a message that nobody understands, or that always fails, is given up.
#: Deliveries say nothing: while the database is away, there are many.
MOST_TRIES = 10
#: A restored database takes up the stream this far before where it stood; the inbox knows the rest.
MARGIN = 1000
KEPT = timedelta(hours=96)  # longer than a stream keeps a message and a relay may repeat it
DELETE_SIZE = 500

INBOX = InboxRow.__table__
POSITION = PositionRow.__table__


class _Verdict(Enum):
    DONE = auto()
    AGAIN = auto()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it was delivered."""

    msg_id: str
    type: str
    payload: bytes
    traceparent: str
    seq: int
    tries: int

    @classmethod
    def of(cls, message: Msg) -> "Delivery":
        """Reads what matters of a fetched message."""
        headers = message.headers or {}
        metadata = message.metadata
        return cls(
            msg_id=headers.get("Nats-Msg-Id", f"{metadata.stream}:{metadata.sequence.stream}"),
            type=headers.get("Tocsin-Type", message.subject),
            payload=message.data,
            traceparent=headers.get(tracing.HEADER, ""),
            seq=metadata.sequence.stream,
            tries=metadata.num_delivered or 1,
        )


def on(
    event: type[Event], react: Callable[[Connection, datetime, Event], None]
) -> dict[str, Reaction]:
    """Says what to do about one type of message; join several with `|`."""

    def reaction(connection: Connection, now: datetime, payload: bytes) -> None:
        react(connection, now, event.FromString(payload))

    return {event.DESCRIPTOR.full_name: reaction}


def ignoring(*events: type[Message]) -> dict[str, Reaction]:
    """Says which types of message are none of this service's business."""

    def nothing(connection: Connection, now: datetime, payload: bytes) -> None:
        pass

    return {event.DESCRIPTOR.full_name: nothing for event in events}


def is_first(connection: Connection, now: datetime, msg_id: str) -> bool:
    """Tells whether a message comes for the first time, by whatever way it comes; notes it."""
    row = upsert(connection, INBOX).values(msg_id=msg_id, received_at=now)
    noted = row.on_conflict_do_nothing().returning(INBOX.c.msg_id)
    return connection.execute(noted).one_or_none() is not None


class Consumer:
    """Reads another service's stream into this service's database."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        clock: Clock,
        *,
        durable: str,
        publisher: str,
        reactions: Mapping[str, Reaction],
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._durable = durable
        self._stream = stream_name(publisher)
        self._reactions = reactions
        self._failures: Counter[str] = Counter()
        self._newest_at_start: int | None = None
        #: Set once everything that was there at the start has been reacted to, by any replica.
        self.caught_up = asyncio.Event()

    async def run(self) -> None:
        """Reacts to messages as they come, for as long as the service runs."""
        while True:
            try:
                pull = await self.bind()
                try:
                    while True:
                        wait = FETCH_SECONDS if self.caught_up.is_set() else FIRST_FETCH_SECONDS
                        await self.step(pull, wait)
                finally:
                    await pull.close()
            except NotFoundError:  # its publisher is not deployed, or has not started yet
                self.caught_up.set()
                await asyncio.sleep(RETRY_SECONDS)
            except (nats.errors.Error, JetStreamError, Unavailable, TimeoutError, OSError) as error:
                log.info("%s waits for %s: %s", self._durable, self._stream, type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    async def bind(self) -> Pull:
        """Takes up this service's place in the stream; finds it again after a restore."""
        info = await self._bus.js.stream_info(self._stream)
        if self._newest_at_start is None:
            self._newest_at_start = info.state.last_seq
        created = str(info.created)
        known = await self._database.read(_position, self._stream)
        if known is None or known[1] != created:
            await self._database.write(_begin, self._stream, created)
            return await self._bus.bind(self._stream, self._durable)
        pull = await self._bus.bind(self._stream, self._durable)
        acknowledged = await self._bus.acknowledged(self._stream, self._durable)
        # Read after what is acknowledged, which other replicas move on meanwhile.
        now_known = await self._database.read(_position, self._stream)
        seq = now_known[0] if now_known else 0
        if acknowledged <= seq:
            return pull
        await pull.close()
        log.warning("%s was restored: reading %s again", self._durable, self._stream)
        await self._bus.js.delete_consumer(self._stream, self._durable)
        return await self._bus.bind(self._stream, self._durable, start=max(1, seq - MARGIN))

    async def step(self, pull: Pull, wait: float = FETCH_SECONDS) -> int:
        """Reacts to the messages that are there and returns how many there were."""
        messages = await pull.batch(BATCH_SIZE, wait)
        for start in range(0, len(messages), TRANSACTION_SIZE):
            await self._take_in(messages[start : start + TRANSACTION_SIZE])
        if not self.caught_up.is_set() and await self._has_caught_up():
            self.caught_up.set()
        return len(messages)

    async def _has_caught_up(self) -> bool:
        """Tells whether nothing of before the start is left, nor with a replica that died."""
        left = await self._bus.left(self._stream, self._durable)
        return left.none or left.floor >= (self._newest_at_start or 0)

    async def _take_in(self, messages: Sequence[Msg]) -> None:
        deliveries = [Delivery.of(message) for message in messages]
        verdicts = await self._database.write(self._react, deliveries)
        for message, delivery, verdict in zip(messages, deliveries, verdicts, strict=True):
            if verdict is _Verdict.DONE:
                await message.ack()
            else:
                await message.nak(delay=self._patience(delivery))

    def _react(self, connection: Connection, deliveries: Sequence[Delivery]) -> list[_Verdict]:
        # Replicas would meet in each other's rows, and a message that took too long is with
        # two of them: after this, what the other did is seen.
        take_turns(connection, BACKGROUND)
        now = self._clock.now(connection)
        seen = _seen(connection, (delivery.msg_id for delivery in deliveries))
        verdicts = [self._react_once(connection, now, delivery, seen) for delivery in deliveries]
        _move(connection, self._stream, max(delivery.seq for delivery in deliveries))
        return verdicts

    def _react_once(
        self, connection: Connection, now: datetime, delivery: Delivery, seen: set[str]
    ) -> _Verdict:
        if delivery.msg_id in seen:
            return _Verdict.DONE
        tracing.follow(delivery.traceparent)
        reaction = partial(self._react_anew, connection, now, delivery)
        error = undone(connection, reaction, by=Exception)  # its fault must not stop its neighbours
        if error is not None:
            if self._may_succeed(delivery, error):
                log.warning("will try a %s again: %r", delivery.type, error, exc_info=error)
                return _Verdict.AGAIN
            self._bury(connection, now, delivery, error)
        self._failures.pop(delivery.msg_id, None)
        seen.add(delivery.msg_id)
        return _Verdict.DONE

    def _react_anew(self, connection: Connection, now: datetime, delivery: Delivery) -> None:
        connection.execute(insert(INBOX).values(msg_id=delivery.msg_id, received_at=now))
        reaction = self._reactions.get(delivery.type)
        if reaction is None:
            raise _Unknown(f"nobody here knows a {delivery.type}")
        reaction(connection, now, delivery.payload)

    def _may_succeed(self, delivery: Delivery, error: Exception) -> bool:
        if isinstance(error, DecodeError | InvalidRequest):
            return False
        self._failures[delivery.msg_id] += 1
        return self._failures[delivery.msg_id] < MOST_TRIES

    def _patience(self, delivery: Delivery) -> float:
        return min(2.0 ** (self._failures[delivery.msg_id] - 1), LONGEST_RETRY_SECONDS)

    def _bury(
        self, connection: Connection, now: datetime, delivery: Delivery, error: Exception
    ) -> None:
        log.error("gave up a %s: %r", delivery.type, error)
        connection.execute(insert(INBOX).values(msg_id=delivery.msg_id, received_at=now))
        dead_letters.bury(
            connection,
            now,
            msg_id=delivery.msg_id,
            stream=self._stream,
            stream_seq=delivery.seq,
            type_=delivery.type,
            payload=delivery.payload,
            error=f"{type(error).__name__}: {error}",
            attempts=delivery.tries,
        )


class _Unknown(Exception):
    """A type of message that a newer replica may know."""


def forget_old(connection: Connection, clock: Clock) -> bool:
    """Deletes some inbox rows that no repeat can need; tells whether there may be more."""
    old = select(INBOX.c.msg_id).where(INBOX.c.received_at < clock.now(connection) - KEPT)
    some = delete(INBOX).where(INBOX.c.msg_id.in_(old.limit(DELETE_SIZE)))
    return connection.execute(some).rowcount == DELETE_SIZE


def _seen(connection: Connection, msg_ids: Iterable[str]) -> set[str]:
    known = select(INBOX.c.msg_id).where(INBOX.c.msg_id.in_(list(msg_ids)))
    return set(connection.execute(known).scalars())


def _position(connection: Connection, stream: str) -> tuple[int, str] | None:
    row = connection.execute(
        select(POSITION.c.seq, POSITION.c.stream_created).where(POSITION.c.stream == stream)
    ).one_or_none()
    return (row.seq, row.stream_created) if row else None


def _begin(connection: Connection, stream: str, created: str) -> None:
    begun = {"seq": 0, "stream_created": created}
    row = upsert(connection, POSITION).values(stream=stream, **begun)
    connection.execute(row.on_conflict_do_update(index_elements=["stream"], set_=begun))


def _move(connection: Connection, stream: str, seq: int) -> None:
    behind = update(POSITION).where(POSITION.c.stream == stream, POSITION.c.seq < seq)
    connection.execute(behind.values(seq=seq))
