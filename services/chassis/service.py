"""A running service: its parts in the order in which they start, and stop in reverse.

migrate → database → NATS → gRPC (not ready) → relay, consumers → timers → facts whole → ready.
On SIGTERM: loops stop → not ready → calls finish → what is in the outbox is published → what
is queued is written.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from services.chassis import inbox, token_uses
from services.chassis.authentication import AskOwner, Authenticator
from services.chassis.bus import Bus, Stream, bus
from services.chassis.callers import Callers
from services.chassis.channels import bare_channel, channel
from services.chassis.clock import Clock
from services.chassis.config import Config
from services.chassis.database import Database, database
from services.chassis.errors import Unavailable
from services.chassis.following import Follower
from services.chassis.inbox import Consumer, Reaction
from services.chassis.lifecycle import Loop, run_until_signalled
from services.chassis.limits import Limits
from services.chassis.migrations import migrate
from services.chassis.relay import Relay
from services.chassis.rpc import OPTIONS, Guard
from services.chassis.telemetry import configure_logging, serve_metrics
from services.chassis.timers import Due, Timers
from tocsin.chassis.internal.v1 import fact_service_pb2_grpc

log = logging.getLogger(__name__)

#: The full name of a gRPC service, and what adds its servicer to a server.
Served = tuple[str, Callable[[grpc.aio.Server], None]]

GRACE_SECONDS = 20.0
FLUSH_SECONDS = 5.0
SWEEP_SECONDS = 3600.0
CATCH_UP_SECONDS = 30.0


@dataclass(slots=True)
class Service:
    """The parts that a service is put together from."""

    name: str
    config: Config
    database: Database
    bus: Bus
    clock: Clock
    relay: Relay
    limits: Limits
    callers: Callers
    note_uses: token_uses.Note = token_uses.put
    loops: list[Loop] = field(default_factory=list)
    followers: list[Follower] = field(default_factory=list)
    consumers: list[Consumer] = field(default_factory=list)
    channels: list[grpc.aio.Channel] = field(default_factory=list)

    def peer(self, address: str) -> grpc.aio.Channel:
        """Opens a channel to another service for as long as this one runs."""
        opened = channel(address, self.config.service_token)
        self.channels.append(opened)
        return opened

    def door(self, address: str) -> grpc.aio.Channel:
        """Opens a channel to another service on which callers make themselves known."""
        opened = bare_channel(address)
        self.channels.append(opened)
        return opened

    def follow(self, address: str, kinds: Sequence[str], *, awaited: bool = True) -> Follower:
        """Keeps copies of another service's records.

        The service is ready once they are whole, unless they are not `awaited`.
        """
        stub = fact_service_pb2_grpc.FactServiceStub(self.peer(address))
        follower = Follower(self.database, stub, kinds)
        if awaited:
            self.followers.append(follower)
        self.loops.append(follower.run())
        return follower

    def consume(
        self, publisher: str, reactions: Mapping[str, Reaction], *, awaited: bool = True
    ) -> None:
        """Reacts to what another service publishes.

        What is due waits until what was published meanwhile is known, unless that is not
        `awaited`.
        """
        consumer = Consumer(
            self.database,
            self.bus,
            self.clock,
            durable=self.name,
            publisher=publisher,
            reactions=reactions,
        )
        if awaited:
            self.consumers.append(consumer)
        self.loops.append(consumer.run())

    def act_when_due(self, due: Mapping[str, Due]) -> None:
        """Does what this service's timers say, once it knows what happened meanwhile."""
        timers = Timers(self.database, self.clock, due)

        async def act() -> None:
            await self.caught_up()
            await timers.run()

        self.loops.append(act())

    async def caught_up(self) -> None:
        """Returns when what was published before the start is known, or was waited for enough."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CATCH_UP_SECONDS):
                for consumer in self.consumers:
                    await consumer.caught_up.wait()

    async def run(self, served: Sequence[Served], *, ask_owner: AskOwner | None = None) -> None:
        """Serves until the process is told to stop."""
        authenticator = Authenticator(
            self.database, self.clock, self.config.service_token_hashes, ask_owner
        )
        guard = Guard(authenticator, self.callers)
        uses = token_uses.Teller(authenticator, self.database, self.clock, self.note_uses)
        async with _serving(self.config, guard, served) as readiness:
            await run_until_signalled(
                self.relay.run(),
                self.limits.run(),
                self._sweep(),
                uses.run(),
                self._get_ready(readiness),
                *self.loops,
            )
            await uses.tell()
        await self._end()

    async def _get_ready(self, readiness: "Readiness") -> None:
        for follower in self.followers:
            await follower.whole.wait()
        await readiness.say(ready=True)
        log.info("%s is ready on %s", self.name, self.config.listen)

    async def _sweep(self) -> None:
        while True:
            try:
                while await self.database.write(inbox.forget_old, self.clock):
                    pass  # part by part: others want to write, too
            except Unavailable:
                log.warning("the database is away: the inbox is swept later")
            await asyncio.sleep(SWEEP_SECONDS)

    async def _end(self) -> None:
        for opened in self.channels:
            await opened.close()
        try:
            async with asyncio.timeout(FLUSH_SECONDS):
                await self.relay.flush()
        except TimeoutError:
            log.warning("NATS is away: what is in the outbox leaves at the next start")


class Readiness:
    """What load balancers are told."""

    def __init__(self) -> None:
        self.servicer = health.aio.HealthServicer()

    async def say(self, *, ready: bool) -> None:
        """Tells whether calls may come."""
        status = health_pb2.HealthCheckResponse
        await self.servicer.set("", status.SERVING if ready else status.NOT_SERVING)


@asynccontextmanager
async def service(name: str, config: Config, readers: Sequence[str]) -> AsyncGenerator[Service]:
    """Opens what a service stands on, for as long as the block runs."""
    configure_logging(name)
    await asyncio.to_thread(migrate, config.database_url, name)
    serve_metrics(config.metrics_listen)
    stream = Stream(
        service=name,
        readers=tuple(config.stream_readers.split(","))
        if config.stream_readers
        else tuple(readers),
        max_bytes=config.stream_max_bytes,
        replicas=config.stream_replicas,
    )
    clock = Clock(config.clock_offset_file)
    async with database(config.database_url, name) as db, bus(config.nats_url, name) as connected:
        relay = Relay(db, connected, stream, clock)
        limits = Limits(db, clock)
        callers = Callers(limits, config)
        yield Service(name, config, db, connected, clock, relay, limits, callers)


@asynccontextmanager
async def _serving(
    config: Config, guard: Guard, served: Sequence[Served]
) -> AsyncGenerator[Readiness]:
    """Serves gRPC; in the end says so to load balancers and lets calls finish."""
    readiness = Readiness()
    await readiness.say(ready=False)
    server = grpc.aio.server(interceptors=[guard], options=OPTIONS)
    for _, add in served:
        add(server)
    health_pb2_grpc.add_HealthServicer_to_server(readiness.servicer, server)
    reflection.enable_server_reflection([name for name, _ in served], server)
    server.add_insecure_port(config.listen)
    await server.start()
    try:
        yield readiness
    finally:
        await readiness.say(ready=False)
        await asyncio.sleep(config.drain_seconds)
        await server.stop(GRACE_SECONDS)
