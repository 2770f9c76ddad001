"""Escalation as its own process, with its real parts, and a clock that can be turned."""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2, health_pb2_grpc
from nats.js.errors import NotFoundError

from services.chassis import tokens
from services.chassis.bus import Bus, Outgoing, Stream, bus
from services.chassis.outbox import subject_of
from services.chassis.tokens import service_token_hash
from tests.parts.ports import free_port
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

ROOT = Path(__file__).parents[2]
PEER = "the-token-of-notification"
END_SECONDS = 20.0
STREAMS = ("escalation", "alertstate")

M = TypeVar("M", bound=Message)


@dataclass
class Replica:
    """One process of the service."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    channel: grpc.aio.Channel

    async def ready(self) -> None:
        stub = health_pb2_grpc.HealthStub(self.channel)

        async def serving() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            try:
                answer = await stub.Check(health_pb2.HealthCheckRequest(), wait_for_ready=True)
            except grpc.aio.AioRpcError:
                return False
            return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

        await eventually(serving, within=END_SECONDS)

    def end(self, signum: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signum)
        try:
            return self.process.wait(END_SECONDS)
        finally:
            self.process.kill()
            self.process.wait()


@dataclass
class House:
    """The service with its parts, a clock that can be turned, and the first token."""

    database_url: str
    nats_url: str
    folder: Path
    bus: Bus
    token: tokens.Token = field(default_factory=tokens.new_token)
    replicas: list[Replica] = field(default_factory=list)
    sent: int = 0
    turned: int = 0

    async def open(self) -> Replica:
        """Starts one more process and waits until it is ready."""
        port, log = free_port(), self.folder / f"escalation-{len(self.replicas)}.log"
        settings = {
            "DATABASE_URL": self.database_url,
            "NATS_URL": self.nats_url,
            "LISTEN": f"127.0.0.1:{port}",
            "BOOTSTRAP_TOKEN": f"{self.token.id}:{self.token.sha256().hex()}",
            "SERVICE_TOKEN_HASHES": f"notification={service_token_hash(PEER)}",
            "CLOCK_OFFSET_FILE": str(self.folder / "clock"),
        }
        process = _started(settings, log)
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
        replica = Replica(process, port, log, channel)
        self.replicas.append(replica)
        await replica.ready()
        return replica

    async def close(self) -> None:
        """Ends what runs, which must end well."""
        left = [replica for replica in self.replicas if replica.process.poll() is None]
        for replica in self.replicas:
            await replica.channel.close()
        ends = [replica.end() for replica in left]
        assert ends == [0] * len(left), [replica.log.read_text() for replica in left]

    def stub(self, kind: Callable[[grpc.aio.Channel], Any]) -> Any:
        return kind(self.replicas[-1].channel)

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
        """Returns what is on the service's stream of one type, oldest first."""
        state = (await self.bus.js.stream_info("TOCSIN_ESCALATION")).state
        found = []
        for seq in range(max(state.first_seq, 1), state.last_seq + 1):
            raw = await self.bus.js.get_msg("TOCSIN_ESCALATION", seq)
            if (raw.headers or {})["Tocsin-Type"] == message.DESCRIPTOR.full_name:
                found.append(message.FromString(raw.data or b""))
        return found

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
        await self.bus.publish(
            Outgoing(
                f"alertstate:alert:{changed.alert.id}:{changed.version}",
                subject_of("alertstate", changed),
                changed.SerializeToString(),
                {"Tocsin-Type": changed.DESCRIPTOR.full_name},
            )
        )

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


def _started(settings: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    told = {f"TOCSIN_ESCALATION_{name}": value for name, value in settings.items()}
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "services.escalation"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}", **told},
            stdout=output,
            stderr=output,
        )


async def forget(bus: Bus) -> None:
    for service in STREAMS:
        try:
            await bus.js.delete_stream(f"TOCSIN_{service.upper()}")
        except NotFoundError:
            continue


@asynccontextmanager
async def escalation(database_url: str, nats_url: str, folder: Path) -> AsyncIterator[House]:
    """Offers a house in which nothing runs yet, and leaves no stream behind."""
    async with bus(nats_url, "test") as connected:
        await forget(connected)
        house = House(database_url, nats_url, folder, connected)
        try:
            yield house
        finally:
            await house.close()
            await forget(connected)
