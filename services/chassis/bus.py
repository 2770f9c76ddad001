"""NATS JetStream, with what costs days handled once.

nats-py gives up after two minutes unless told not to, prints a traceback for every failed
reconnect, answers a fetch on a deleted consumer at once and for ever, and cannot tell quiet
from frozen without heartbeats. A stream is made or verified at the start by the service that
publishes to it; one that was changed by hand is refused, because `discard: old` or a short
age loses pages silently.
"""

import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import nats
import nats.errors
from nats.aio.client import Client
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StreamConfig,
    StreamInfo,
)
from nats.js.errors import APIError, NotFoundError

from services.chassis.pull import Pull

log = logging.getLogger(__name__)

MAX_PUBLISHED_BYTES = 768 * 1024
MAX_AGE = 72 * 3600.0
DUPLICATE_WINDOW = 600.0
#: A reader that dies with a message in hand delays it by this much.
ACK_SECONDS = 5.0
MAX_ACK_PENDING = 1000
PUBLISH_SECONDS = 5.0
LOWEST_SERVER = (2, 12)
#: err_code of "maximum bytes exceeded" and of "insufficient resources".
FULL = {10077, 10023}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """The stream that one service publishes to."""

    service: str
    readers: tuple[str, ...]  # the durables that must have a message before it is purged
    max_bytes: int
    replicas: int = 1

    @property
    def name(self) -> str:
        """The stream's name."""
        return stream_name(self.service)

    def config(self) -> StreamConfig:
        """Returns what the stream must look like."""
        return StreamConfig(
            name=self.name,
            subjects=[f"tocsin.{self.service}.>"],
            retention=RetentionPolicy.LIMITS,
            discard=DiscardPolicy.NEW,
            max_bytes=self.max_bytes,
            max_age=MAX_AGE,
            duplicate_window=DUPLICATE_WINDOW,
            num_replicas=self.replicas,
            deny_delete=True,
            allow_atomic=True,
        )


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to publish."""

    msg_id: str
    subject: str
    payload: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def all_headers(self) -> dict[str, str]:
        """Returns the headers with the id by which a repeat is recognised."""
        return {"Nats-Msg-Id": self.msg_id, **self.headers}


@dataclass(frozen=True, slots=True)
class Left:
    """How much of a stream a durable has not acknowledged."""

    floor: int  # up to here it has acknowledged everything
    none: bool


class StreamFull(Exception):
    """The stream takes no more until something is purged."""


class BatchRefused(Exception):
    """The server did not take an atomic batch; its messages may go one by one."""


def stream_name(service: str) -> str:
    """Returns the name of a service's stream."""
    return f"TOCSIN_{service.upper()}"


class Bus:
    """A connection to JetStream."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.js = client.jetstream(timeout=PUBLISH_SECONDS)

    @property
    def connections(self) -> int:
        """How often the connection was made; after a new one the server may be another."""
        return int(self.client.stats["reconnects"])

    async def ensure_stream(self, stream: Stream) -> StreamInfo:
        """Makes the stream if there is none.

        Raises SystemExit if there is one with other settings than it must have.
        """
        wanted = stream.config()
        try:
            info = await self.js.stream_info(stream.name)
        except NotFoundError:
            return await self.js.add_stream(wanted)
        drift = _drift(wanted, info.config)
        if drift:
            raise SystemExit(f"stream {stream.name} was changed by hand: {'; '.join(drift)}")
        if info.config.max_bytes != wanted.max_bytes:  # an operator's own choice: follow it
            return await self.js.update_stream(wanted)
        return info

    async def publish(self, message: Outgoing) -> int:
        """Publishes one message and returns its sequence number.

        Raises StreamFull, or a nats error.
        """
        try:
            receipt = await self.js.publish(
                message.subject,
                message.payload,
                timeout=PUBLISH_SECONDS,
                headers=message.all_headers(),
            )
        except APIError as error:
            if error.err_code in FULL:
                raise StreamFull from error
            raise
        return receipt.seq

    async def publish_batch(self, messages: Sequence[Outgoing], batch_id: str) -> int:
        """Publishes messages whole and in order; returns the last one's sequence number.

        A batch is flushed to disk once instead of once per message (ADR-50). Raises
        StreamFull, BatchRefused (a message of it may be there already), or a nats error.
        """
        for number, message in enumerate(messages, start=1):
            headers = message.all_headers() | {
                "Nats-Batch-Id": batch_id,
                "Nats-Batch-Sequence": str(number),
            }
            if number < len(messages):
                await self.client.publish(message.subject, message.payload, headers=headers)
                continue
            headers["Nats-Batch-Commit"] = "1"
            try:
                receipt = await self.js.publish(
                    message.subject, message.payload, timeout=PUBLISH_SECONDS, headers=headers
                )
            except APIError as error:
                if error.err_code in FULL:
                    raise StreamFull from error
                raise BatchRefused(error.description) from error
            return receipt.seq
        raise BatchRefused("a batch has at least one message")

    async def acknowledged_floor(self, stream: Stream) -> int | None:
        """Returns the last message that every reader has; None if a reader is missing."""
        floors: list[int] = []
        for reader in stream.readers:
            try:
                floors.append(await self.acknowledged(stream.name, reader))
            except NotFoundError:
                return None
        return min(floors, default=None)

    async def bind(self, stream: str, durable: str, *, start: int | None = None) -> Pull:
        """Takes up a service's place in a stream, at `start` if it has none yet there."""
        config = ConsumerConfig(
            durable_name=durable,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_SECONDS,
            max_ack_pending=MAX_ACK_PENDING,
            max_deliver=-1,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE if start else DeliverPolicy.ALL,
            opt_start_seq=start,
        )
        try:
            await self.js.consumer_info(stream, durable)
        except NotFoundError:
            await self.js.add_consumer(stream, config)
        inbox = await self.client.subscribe(f"{self.client.new_inbox()}.*")
        return Pull(self.client, inbox, stream, durable)

    async def acknowledged(self, stream: str, durable: str) -> int:
        """Returns up to where a durable has acknowledged everything."""
        return (await self.left(stream, durable)).floor

    async def left(self, stream: str, durable: str) -> Left:
        """Returns what a durable has not acknowledged."""
        info = await self.js.consumer_info(stream, durable)
        floor = info.ack_floor.stream_seq if info.ack_floor else 0
        return Left(floor, none=not (info.num_pending or info.num_ack_pending))


@asynccontextmanager
async def bus(url: str, name: str) -> AsyncGenerator[Bus]:
    """Connects, again and again if need be; in the end, sends what is left.

    Draining instead would wait 30 s for answers to fetches that nobody awaits any more.
    """
    complain = _Complainer()
    client = await nats.connect(
        servers=url.split(","),
        name=f"tocsin-{name}",
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.5,
        connect_timeout=5,
        allow_reconnect=True,
        error_cb=complain.log,
        inbox_prefix=f"_INBOX_{name}".encode(),
    )
    version = client.connected_server_version
    if (version.major, version.minor) < LOWEST_SERVER:
        await client.close()
        raise SystemExit(f"nats-server {version} is too old: Tocsin needs 2.12 or newer")
    opened = Bus(client)
    try:
        yield opened
    finally:
        try:
            await client.flush(timeout=2)
            await client.close()
        except (nats.errors.Error, OSError, TimeoutError):
            log.info("NATS was away at the end")


class _Complainer:
    """Logs connection troubles, one line in five seconds."""

    def __init__(self) -> None:
        self._last = 0.0

    async def log(self, error: Exception) -> None:
        if time.monotonic() - self._last >= 5:
            self._last = time.monotonic()
            log.warning("NATS: %s", str(error) or type(error).__name__)


def _drift(wanted: StreamConfig, found: StreamConfig) -> list[str]:
    names = ("retention", "discard", "max_age", "num_replicas", "persist_mode", "subjects")
    return [
        f"{name} is {getattr(found, name)!r} instead of {getattr(wanted, name)!r}"
        for name in names
        if getattr(found, name, None) != getattr(wanted, name, None)
        and not (
            name == "persist_mode" and str(getattr(found, name, "")) in ("", "default", "None")
        )
    ]
