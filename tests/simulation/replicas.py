"""The processes: real consumers, real timers, real delivery, each with its own life."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import grpc
import grpc.aio
from sqlalchemy import Connection

from services.chassis.errors import Unavailable
from services.chassis.inbox import FETCH_SECONDS, FIRST_FETCH_SECONDS, Consumer, Reaction
from services.chassis.sealing import Sealer
from services.chassis.service import CATCH_UP_SECONDS
from services.chassis.timers import Timers
from services.escalation import consumer as escalation
from services.notification import consumer as notification
from services.notification import falling
from services.notification.config import Config
from services.notification.deliver import Deliverer
from services.notification.domain.values import WAYS, Method
from services.notification.peers import Subjects
from tests.simulation import engine
from tests.simulation.bus import Desk, Durable
from tests.simulation.faults import Faults
from tests.simulation.loop import Life, SeededLoop
from tests.simulation.owner import Owner
from tests.simulation.providers import Provider
from tests.simulation.stores import Store
from tocsin.chassis.internal.v1 import subject_service_pb2 as pb

#: How long a process waits after its database was away.
PATIENCE = 1.0
CLAIM_SECONDS = 30.0
SEALER = Sealer({"k1": b"k" * 32})


class Line:
    """The line to whoever owns the subjects, as a gRPC channel that can fail."""

    def __init__(self, owner: Owner, faults: Faults) -> None:
        self._owner = owner
        self._faults = faults

    def unary_unary(self, method: str, *codec: object, **options: object) -> Any:
        """Returns what makes the call."""
        return self._check

    async def _check(
        self,
        request: pb.CheckSubjectsRequest,
        timeout: float,  # noqa: ASYNC109 # as gRPC's
    ) -> pb.CheckSubjectsResponse:
        await self._faults.point("before check")
        if self._faults.strikes("owner_away"):
            self._faults.note("unanswered", subjects=_subjects(request))
            await asyncio.sleep(timeout)
            nothing = grpc.aio.Metadata()
            raise grpc.aio.AioRpcError(grpc.StatusCode.DEADLINE_EXCEEDED, nothing, nothing)
        told = self._owner.check(request)
        self._faults.note("checked", subjects=_subjects(request), states=list(told.states))
        await self._faults.point("after check")
        return told


@dataclass(frozen=True, slots=True)
class Process:
    """What a process of a service starts with."""

    loop: SeededLoop
    faults: Faults
    life: Life
    store: Store
    durable: Durable
    bell: asyncio.Event  # rings when something may be due

    def run(self, reactions: Mapping[str, Reaction], act: Callable[[], Awaitable[object]]) -> None:
        """Reads the stream, and acts whenever it rings, once it is known what happened."""
        consumer = _consumer(self.store, self.durable, reactions)
        self.loop.live(self.life, _consume(consumer, self.durable))
        self.loop.live(self.life, self._act(consumer, act))

    async def _act(self, consumer: Consumer, act: Callable[[], Awaitable[object]]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(CATCH_UP_SECONDS):
                await consumer.caught_up.wait()
        while True:
            await self.bell.wait()
            self.bell.clear()
            self.loop.live(self.life, _try(act))


def start_engine(process: Process) -> None:
    """Starts a process of escalation."""
    store = process.store
    process.run(escalation.REACTIONS, engine.taker(store, store.clock))


def start_notifier(process: Process, owner: Owner, provider: Provider) -> None:
    """Starts a process of notification."""
    line: Any = Line(owner, process.faults)
    config = Config(
        database_url="",
        nats_url="",
        listen="",
        send_concurrency=3,
        provider_failures=2,
        claim_seconds=CLAIM_SECONDS,
    )
    store, channels = process.store, dict.fromkeys(map(str, Method), provider)
    deliverer = Deliverer(store, store.clock, config, Subjects(line, line), channels, SEALER)
    looking = {falling.UNCERTAIN: partial(falling.look, patience=config.patience)}
    timers = Timers(store, store.clock, looking)

    async def act() -> None:
        await timers.step()
        await deliverer.step()

    process.run(notification.reactions(WAYS), act)


async def _consume(consumer: Consumer, durable: Durable) -> None:
    while True:
        try:
            known = consumer.caught_up.is_set()
            await consumer.step(durable, FETCH_SECONDS if known else FIRST_FETCH_SECONDS)
        except Unavailable:
            await asyncio.sleep(PATIENCE)


async def _try(take: Callable[[], Awaitable[object]]) -> None:
    with suppress(Unavailable):  # what is due is still due then
        await take()


def _consumer(store: Store, durable: Durable, reactions: Mapping[str, Reaction]) -> Consumer:
    heard = {name: _noting(name, reaction) for name, reaction in reactions.items()}
    bus: Any = Desk(durable)
    return Consumer(
        store,
        bus,
        store.clock,
        durable=durable.reader,
        publisher=durable.stream,
        reactions=heard,
    )


def _noting(name: str, reaction: Reaction) -> Reaction:
    """Returns a reaction that leaves word of it, to be noted if it is committed."""

    def react(connection: Connection, now: datetime, payload: bytes) -> None:
        reaction(connection, now, payload)
        connection.info["heard"].append((name, payload, connection.info["newest_said"]()))

    return react


def _subjects(request: pb.CheckSubjectsRequest) -> list[str]:
    return [f"{each.kind}:{each.id}:{each.episode}" for each in request.subjects]
