"""Escalation, Ingest and Notification, each behind its guard, talking to each other by gRPC.

What Ingest and Notification are asked to change can be made to fail, before or after they did.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc.aio
from google.protobuf.json_format import MessageToDict, ParseDict
from sqlalchemy import Connection, select

from services.chassis import facts, tokens
from services.chassis.authentication import Authenticator
from services.chassis.callers import Callers
from services.chassis.channels import channel
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database, database
from services.chassis.errors import Unavailable
from services.chassis.facts import FACT
from services.chassis.following import Follower
from services.chassis.limits import Limits
from services.chassis.migrations import migrate
from services.chassis.rpc import Guard
from services.chassis.sealing import Sealer
from services.chassis.tokens import service_token_hash
from services.chassis.watching import Bell
from services.escalation import first_start
from services.escalation.app import Others, served
from services.escalation.documents.parts import Contacts, Parts, Sources
from services.ingest import sources
from services.ingest.keyring import Keyring
from services.ingest.references import FOLLOWED, References
from services.ingest.servicer import configuration as ingest
from services.ingest.servicer.sources import AlertSourceServicer
from services.notification import configuration_servicer as notification
from services.notification.changing import Means
from services.notification.targets import Offer
from tests.contract.ingest_house import CONFIG
from tests.parts.ports import free_port
from tocsin.chassis.internal.v1.fact_service_pb2_grpc import FactServiceStub
from tocsin.configuration.v1 import configuration_service_pb2 as pb
from tocsin.configuration.v1.configuration_pb2 import Configuration
from tocsin.configuration.v1.configuration_service_pb2_grpc import ConfigurationServiceStub
from tocsin.escalation.v1.token_pb2 import TokenRecord
from tocsin.escalation.v1.user_pb2 import User
from tocsin.ingest.internal.v1 import configuration_service_pb2_grpc as ingest_rpc
from tocsin.ingest.v1 import alert_source_service_pb2 as source_pb
from tocsin.ingest.v1 import alert_source_service_pb2_grpc as source_rpc
from tocsin.notification.internal.v1 import configuration_service_pb2_grpc as notification_rpc

SERVICES = ("escalation", "ingest", "notification")
BETWEEN = "between-services"
URL = "http://127.0.0.1:1"

Fault = Callable[[], Awaitable[None]]


SEALER = Sealer({"k1": b"k" * 32})


async def away() -> None:
    """Answers as a service does that is not there."""
    raise Unavailable("it was killed")


@dataclass
class Faults:
    """What happens at certain moments, by their names: each once."""

    at: dict[str, list[Fault]] = field(default_factory=dict)

    async def strike(self, moment: str) -> None:
        if self.at.get(moment):
            await self.at[moment].pop(0)()


class Ingest(ingest.ConfigurationServicer):
    """Ingest's part, with faults."""

    def __init__(self, faults: Faults, *parts: Any) -> None:
        super().__init__(*parts)
        self._faults = faults

    async def ApplySources(self, request: Any, context: Context) -> Any:
        if request.dry_run:
            return await super().ApplySources(request, context)
        await self._faults.strike("before sources")
        reply = await super().ApplySources(request, context)
        await self._faults.strike("after sources")
        return reply

    async def RevertSources(self, request: Any, context: Context) -> Any:
        await self._faults.strike("revert sources")
        return await super().RevertSources(request, context)


class Notification(notification.ConfigurationServicer):
    """Notification's part, with faults."""

    def __init__(self, faults: Faults, *parts: Any) -> None:
        super().__init__(*parts)
        self._faults = faults

    async def ApplyContacts(self, request: Any, context: Context) -> Any:
        if request.dry_run:
            return await super().ApplyContacts(request, context)
        await self._faults.strike("before contacts")
        reply = await super().ApplyContacts(request, context)
        await self._faults.strike("after contacts")
        return reply


@dataclass
class House:
    """The services, as an admin sees them."""

    dbs: dict[str, Database]
    clock: Clock
    faults: Faults
    escalation: grpc.aio.Channel
    ingest: grpc.aio.Channel
    metadata: list[tuple[str, str]]

    async def export(self) -> Any:
        stub = ConfigurationServiceStub(self.escalation)
        reply = await stub.ExportConfiguration(
            pb.ExportConfigurationRequest(), metadata=self.metadata
        )
        return MessageToDict(reply)

    async def apply(self, told: Any, **how: Any) -> pb.ApplyConfigurationResponse:
        stub = ConfigurationServiceStub(self.escalation)
        request = pb.ApplyConfigurationRequest(
            configuration=ParseDict(told, Configuration()), **how
        )
        return await stub.ApplyConfiguration(request, metadata=self.metadata)

    async def sources(self) -> dict[str, tuple[int, str]]:
        """Returns the ids and keys of the sources, by name."""
        stub = source_rpc.AlertSourceServiceStub(self.ingest)
        reply = await stub.ListAlertSources(
            source_pb.ListAlertSourcesRequest(), metadata=self.metadata
        )
        return {each.name: (each.id, each.integration_key) for each in reply.alert_sources}

    async def spread(self) -> None:
        """Lets Escalation know of the sources, as the events between the services would."""
        query = select(FACT).where(FACT.c.kind == "source")
        rows = await self.dbs["ingest"].read(lambda connection: connection.execute(query).all())

        def take(connection: Connection) -> None:
            for row in rows:
                facts.apply(
                    connection, row.kind, row.id, row.version, row.payload, deleted=row.deleted
                )

        await self.dbs["escalation"].write(take)

    async def state(self) -> Any:
        """Returns all that a change must leave alone that is taken back."""
        return await self.export(), await self.sources()


@asynccontextmanager
async def three_services(
    folder: Path, new_database: Callable[[], str] | None = None
) -> AsyncIterator[House]:
    """Offers the services over empty databases: SQLite's, unless others are made."""
    clock, admin, faults = Clock(), tokens.new_token(), Faults()
    ports = {name: free_port() for name in SERVICES}
    async with AsyncExitStack() as stack:
        dbs, peers = {}, {}
        for name in SERVICES:
            url = new_database() if new_database else f"sqlite:///{folder}/{name}.db"
            migrate(url, name)
            dbs[name] = await stack.enter_async_context(database(url, name))
            peers[name] = channel(f"127.0.0.1:{ports[name]}", BETWEEN)
            stack.push_async_callback(peers[name].close)
        known = f"{admin.id}:{admin.sha256().hex()}"
        await dbs["escalation"].write(first_start.prepare, clock, known)
        await dbs["ingest"].write(sources.prepare, clock, URL)
        owner = FactServiceStub(peers["escalation"])
        own = dbs["escalation"]
        callers = Callers(Limits(own, clock), CONFIG)
        base: Any = SimpleNamespace(database=own, clock=clock, callers=callers, config=CONFIG)
        parts = Parts(Sources(peers["ingest"]), Contacts(peers["notification"]))
        adding = {
            "escalation": [add for _, add in served(base, Bell(own), Others(parts))],
            "ingest": _ingest(dbs["ingest"], clock, faults, owner),
            "notification": _notification(dbs["notification"], clock, faults, owner),
        }
        for name in SERVICES:
            await _serve(stack, dbs[name], clock, ports[name], adding[name], owner)
        doors = [grpc.aio.insecure_channel(f"127.0.0.1:{ports[n]}") for n in SERVICES]
        for door in doors:
            stack.push_async_callback(door.close)
        metadata = [("authorization", str(admin))]
        yield House(dbs, clock, faults, doors[0], doors[1], metadata)


def _ingest(db: Database, clock: Clock, faults: Faults, owner: FactServiceStub) -> list[Any]:
    means = sources.Means(clock, SEALER, URL)
    references = References(Follower(db, owner, FOLLOWED))
    keyring = Keyring(db, clock)
    servicer = AlertSourceServicer(db, means, references, keyring)
    part = Ingest(faults, db, means, references, keyring)
    return [
        lambda s: source_rpc.add_AlertSourceServiceServicer_to_server(servicer, s),
        lambda s: ingest_rpc.add_ConfigurationServiceServicer_to_server(part, s),
    ]


def _notification(db: Database, clock: Clock, faults: Faults, owner: FactServiceStub) -> list[Any]:
    people = Follower(db, owner, ["user"])
    means = Means(clock, SEALER, Offer())
    part = Notification(faults, db, lambda id_: people.ask("user", id_, User), means)
    return [lambda s: notification_rpc.add_ConfigurationServiceServicer_to_server(part, s)]


async def _serve(
    stack: AsyncExitStack,
    db: Database,
    clock: Clock,
    port: int,
    adding: list[Callable[[grpc.aio.Server], None]],
    owner: FactServiceStub,
) -> None:
    follower = Follower(db, owner, ["token"])
    hashes = f"peer={service_token_hash(BETWEEN)}"

    guard = Guard(
        Authenticator(db, clock, hashes, lambda id_: follower.ask("token", id_, TokenRecord))
    )
    server = grpc.aio.server(interceptors=[guard])
    for add in adding:
        add(server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    stack.push_async_callback(server.stop, None)
