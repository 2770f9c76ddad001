"""Escalation as its own process, with its real parts, and a clock that can be turned."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message
from nats.js.errors import NotFoundError

from services.chassis import tokens
from services.chassis.bus import Bus, Stream, bus
from services.chassis.tokens import service_token_hash
from tests.parts.process import ServiceProcess
from tests.parts.streams import forget, publish_as, published
from tests.parts.waiting import eventually
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.escalation.v1 import escalation_service_pb2 as pb
from tocsin.escalation.v1 import policy_service_pb2, user_service_pb2
from tocsin.escalation.v1.escalation_events_pb2 import PageRequested
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.escalation_service_pb2_grpc import EscalationServiceStub
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, EscalationRule
from tocsin.escalation.v1.policy_service_pb2_grpc import PolicyServiceStub
from tocsin.escalation.v1.user_pb2 import User
from tocsin.escalation.v1.user_service_pb2_grpc import UserServiceStub

PEER = "the-token-of-notification"
STREAMS = ("escalation", "alertstate")

M = TypeVar("M", bound=Message)


@dataclass
class House:
    """The service with its parts, a clock that can be turned, and the first token."""

    database_url: str
    nats_url: str
    folder: Path
    bus: Bus
    token: tokens.Token = field(default_factory=tokens.new_token)
    replicas: list[ServiceProcess] = field(default_factory=list)
    channels: list[grpc.aio.Channel] = field(default_factory=list)
    sent: int = 0
    turned: int = 0

    async def open(self) -> ServiceProcess:
        """Starts one more process and waits until it is ready."""
        replica = ServiceProcess(
            "escalation",
            self.folder,
            database_url=self.database_url,
            nats_url=self.nats_url,
            bootstrap_token=f"{self.token.id}:{self.token.sha256().hex()}",
            service_token_hashes=f"notification={service_token_hash(PEER)}",
            clock_offset_file=str(self.folder / "clock"),
        )
        self.replicas.append(replica)
        replica.start()
        await replica.ready()
        self.channels.append(grpc.aio.insecure_channel(replica.address))
        return replica

    async def close(self) -> None:
        """Ends what runs, which must end well."""
        for channel in self.channels:
            await channel.close()
        await asyncio.gather(*(replica.close() for replica in self.replicas))

    def stub(self, kind: Callable[[grpc.aio.Channel], Any]) -> Any:
        return kind(self.channels[-1])

    @property
    def me(self) -> Any:
        return [("authorization", f"Bearer {self.token}")]

    def turn(self, seconds: int) -> None:
        """Moves the clock of every process forward."""
        self.turned += seconds
        fresh = self.folder / "clock.new"
        fresh.write_text(str(self.turned))
        fresh.replace(self.folder / "clock")

    async def person(self, name: str, role: str = "USER") -> int:
        told = User(first_name=name, last_name="L", email=f"{name}@example.com", role=role)
        request = user_service_pb2.CreateUserRequest(user=told)
        made: User = await self.stub(UserServiceStub).CreateUser(request, metadata=self.me)
        return made.id

    async def policy(self, *levels: tuple[int, int], **fields: Any) -> int:
        """Makes a policy of (user, seconds to wait) per level."""
        rules = [
            EscalationRule(escalation_timeout_seconds=seconds, users=[User(id=user)])
            for user, seconds in levels
        ]
        told = EscalationPolicy(name="Night", escalation_rules=rules, **fields)
        request = policy_service_pb2.CreateEscalationPolicyRequest(escalation_policy=told)
        stub = self.stub(PolicyServiceStub)
        made: EscalationPolicy = await stub.CreateEscalationPolicy(request, metadata=self.me)
        return made.id

    async def start(self, policy_id: int, name: str = "42") -> Escalation:
        subject = Subject(kind="deploy", id=name, title="Rollout waits")
        request = pb.StartEscalationRequest(subject=subject, escalation_policy_id=policy_id)
        stub = self.stub(EscalationServiceStub)
        run: Escalation = await stub.StartEscalation(request, metadata=self.me)
        return run

    async def run(self, run_id: int) -> Escalation:
        stub = self.stub(EscalationServiceStub)
        run: Escalation = await stub.GetEscalation(
            pb.GetEscalationRequest(id=run_id), metadata=self.me
        )
        return run

    async def published(self, message: type[M]) -> list[M]:
        return await published(self.bus, "escalation", message)

    async def pages(self, key: str) -> list[PageRequested]:
        return [p for p in await self.published(PageRequested) if p.escalation_key == key]

    async def paged(self, key: str, count: int) -> list[PageRequested]:
        """Returns the pages of a run once there are so many."""

        async def there() -> list[PageRequested]:
            found = await self.pages(key)
            assert len(found) >= count, found
            return found

        return await eventually(there)

    async def nothing_is_left_to_do(self, policy_id: int) -> None:
        """Returns once a run that was begun after all others has been seen to."""
        name = secrets.token_hex(4)
        await self.start(policy_id, name)
        await self.paged(f"deploy:{name}:1", 1)

    async def hears_of_alerts(self) -> None:
        """Makes the stream of the owner of alerts."""
        await self.bus.ensure_stream(
            Stream(service="alertstate", readers=("escalation",), max_bytes=16 << 20)
        )

    async def alert(self, changed: AlertChanged) -> None:
        """Publishes as the owner of alerts does."""
        self.sent += 1
        key = f"alert:{changed.alert.id}:{changed.version}"
        await publish_as(self.bus, "alertstate", changed, key=key)

    async def alerts_were_heard(self) -> None:
        """Returns once every alert that was published is acknowledged."""

        async def heard() -> None:
            try:
                info = await self.bus.js.consumer_info("TOCSIN_ALERTSTATE", "escalation")
            except NotFoundError:
                raise AssertionError("it has not seen the stream") from None
            assert info.num_pending == 0
            assert info.ack_floor
            assert info.ack_floor.consumer_seq >= self.sent

        await eventually(heard)


def alert_changed(
    version: int, status: int, policy_id: int, *, episode: int = 1, alert_id: int = 7
) -> AlertChanged:
    alert = Alert(
        id=alert_id,
        summary=f"disk full, said {version} times",
        status=Alert.Status.Name(status),
        priority="HIGH",
        escalation_policy=EscalationPolicy(id=policy_id),
    )
    actor = Actor(kind="SOURCE", id="1", name="checks")
    return AlertChanged(alert=alert, version=version, episode=episode, actor=actor)


@asynccontextmanager
async def escalation(database_url: str, nats_url: str, folder: Path) -> AsyncIterator[House]:
    """Offers a house in which nothing runs yet, and leaves no stream behind."""
    async with bus(nats_url, "test") as connected:
        await forget(connected, *STREAMS)
        house = House(database_url, nats_url, folder, connected)
        try:
            yield house
        finally:
            await house.close()
            await forget(connected, *STREAMS)
