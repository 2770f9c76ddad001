"""The processes of the embedded suite, and what each is told."""

import asyncio
import json
import os
import random
import secrets
import socket
import string
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.chassis.tokens import service_token_hash
from services.cli import edge
from services.cli.folder import Folder
from services.cli.parts import SERVICES
from services.cli.settings import Settings
from services.cli.supervisor import Program

NATS, ENVOY = "nats", "envoy"
NATS_TEMPLATE = Path(__file__).parents[2] / "deploy" / "nats" / "nats-server.tmpl.conf"
ASK_SECONDS = 2.0
#: Below the ports that systems give to outgoing connections: one of those would keep a service
#: that died from coming back.
PORTS = range(15_000, 32_000)
LONGEST_SOCKET_PATH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where the children listen on the loopback."""

    nats: int
    nats_monitoring: int
    services: Mapping[str, int]
    metrics: Mapping[str, int]

    @classmethod
    def free(cls, services: Sequence[str] = SERVICES) -> "Ports":
        """Returns ports that nobody listens on."""
        found = iter(free_ports(2 + 2 * len(services)))
        return cls(
            nats=next(found),
            nats_monitoring=next(found),
            services={name: next(found) for name in services},
            metrics={name: next(found) for name in services},
        )


def free_ports(count: int) -> list[int]:
    """Returns different loopback ports that were free a moment ago."""
    found: list[int] = []
    with ExitStack() as probes:
        for port in random.sample(PORTS, len(PORTS)):
            probe = probes.enter_context(socket.socket())
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found.append(port)
            if len(found) == count:
                return found
    raise OSError("no free ports")


class Suite:
    """The programs to supervise, made for one start."""

    def __init__(
        self,
        settings: Settings,
        folder: Folder,
        *,
        bootstrap: str,
        services: Sequence[str] = SERVICES,
    ) -> None:
        """Takes `bootstrap`, the `id:hash` of the token of a first start; empty later."""
        self._services = services
        self._settings = settings
        self._folder = folder
        self._bootstrap = bootstrap
        self._ports = Ports.free(services)
        self._nats_password = secrets.token_urlsafe(32)
        self._tokens = {name: secrets.token_urlsafe(32) for name in services}
        self._channels: list[grpc.aio.Channel] = []
        self._admin = admin_socket(folder.file("envoy.sock"))
        self._envoy = edge.Envoy(self._admin, settings.local_url)

    def programs(self) -> list[Program]:
        """Writes the configurations and returns the programs in the order of their start."""
        return [self._nats(), *map(self._service, self._services), self._edge()]

    @property
    def ending(self) -> Sequence[Sequence[str]]:
        """The order in which the programs end.

        Calls finish, then events stop, then what was to happen is stored, then the bus goes.
        """
        return ((ENVOY,), self._services, (NATS,))

    async def close(self) -> None:
        """Closes the connections to the children."""
        await self._envoy.close()
        for channel in self._channels:
            await channel.close()

    def _nats(self) -> Program:
        path = self._folder.file("nats-server.conf")
        values = {
            "port": str(self._ports.nats),
            "monitoring_port": str(self._ports.nats_monitoring),
            "password": json.dumps(self._nats_password),
            "store_dir": json.dumps(str(self._folder.file("nats"))),
        }
        path.write_text(string.Template(NATS_TEMPLATE.read_text()).substitute(values))
        return Program(
            name=NATS,
            command=(self._settings.nats_server, "--config", str(path)),
            environment=common_environment(os.environ),
            ready=partial(nats_ready, self._ports.nats),
        )

    def _service(self, name: str) -> Program:
        told = service_environment(
            name,
            settings=self._settings,
            folder=self._folder.path,
            ports=self._ports,
            tokens=self._tokens,
            nats_password=self._nats_password,
        )
        if name == "escalation":
            told["TOCSIN_ESCALATION_RECOVERY_FILE"] = str(self._folder.recovery)
        if name == "escalation" and self._bootstrap:
            told["TOCSIN_ESCALATION_BOOTSTRAP_TOKEN"] = self._bootstrap
        return Program(
            name=name,
            command=(sys.executable, "-P", "-m", f"services.{name}"),
            environment={**common_environment(os.environ), **own(name, os.environ), **told},
            ready=self._serving(self._ports.services[name]),
            needs=(NATS,),
        )

    def _edge(self) -> Program:
        path = self._folder.file("envoy.yaml")
        path.write_text(edge.configuration(self._settings, self._admin, dict(self._ports.services)))
        self._admin.unlink(missing_ok=True)
        command = (self._settings.envoy, "--config-path", str(path))
        return Program(
            name=ENVOY,
            command=(*command, "--concurrency", "1", "--disable-hot-restart"),
            environment=common_environment(os.environ),
            ready=self._envoy.ready,
            drain=self._envoy.drain,
        )

    def _serving(self, port: int) -> Callable[[], Awaitable[bool]]:
        channel = grpc.aio.insecure_channel(
            f"127.0.0.1:{port}",
            options=[
                ("grpc.initial_reconnect_backoff_ms", 100),
                ("grpc.max_reconnect_backoff_ms", 200),
            ],
        )
        self._channels.append(channel)
        return partial(serving, health_pb2_grpc.HealthStub(channel))


def service_environment(
    name: str,
    *,
    settings: Settings,
    folder: Path,
    ports: Ports,
    tokens: Mapping[str, str],
    nats_password: str,
) -> dict[str, str]:
    """Returns what a service is told."""
    hashes = ",".join(f"{each}={service_token_hash(token)}" for each, token in tokens.items())
    told = {
        "database_url": f"sqlite:///{folder / name}.db",
        "nats_url": f"nats://tocsin:{nats_password}@127.0.0.1:{ports.nats}",
        "listen": f"127.0.0.1:{ports.services[name]}",
        "metrics_listen": f"127.0.0.1:{ports.metrics[name]}",
        "service_token": tokens[name],
        "service_token_hashes": hashes,
        "public_url": settings.public_url,
        "sealing_key_file": str(folder / "sealing.key"),
    }
    if len(ports.services) < len(SERVICES):  # a reader that does not run would never have read
        told["stream_readers"] = ",".join(each for each in ports.services if each != name)
    told |= {f"{each}_address": f"127.0.0.1:{port}" for each, port in ports.services.items()}
    if settings.clock_offset_file is not None:
        told["clock_offset_file"] = str(settings.clock_offset_file)
    if name == "notification":
        said = {
            "smtp_url": settings.smtp_url,
            "smtp_sender": settings.smtp_sender,
            "ntfy_url": settings.ntfy_url,
            "apprise_schemes": settings.apprise_schemes,
            "message_caps": settings.message_caps,
        }
        told |= {field: value for field, value in said.items() if value}
        told["webhook_allow"] = settings.webhook_allow
        told |= {name.lower(): value for name, value in settings.providers.items()}
        told["webhook_keep_days"] = str(settings.webhook_keep_days)
    return {f"TOCSIN_{name.upper()}_{field.upper()}": value for field, value in told.items()}


def common_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Returns what every child inherits: nothing of Tocsin's, least of all credentials."""
    return {
        name: value for name, value in environment.items() if not name.startswith("TOCSIN_")
    } | {"PYTHONUNBUFFERED": "1"}


def own(name: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Returns what the person who starts the suite says to one service alone."""
    prefix = f"TOCSIN_{name.upper()}_"
    return {key: value for key, value in environment.items() if key.startswith(prefix)}


def admin_socket(wanted: Path) -> Path:
    """Returns the path of a socket; systems take no long ones."""
    if len(os.fsencode(wanted)) <= LONGEST_SOCKET_PATH:
        return wanted
    return Path(tempfile.mkdtemp(prefix="tocsin-")) / wanted.name


async def nats_ready(port: int) -> bool:
    """Tells whether nats-server takes clients; it greets them once JetStream is recovered."""
    try:
        async with asyncio.timeout(ASK_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                return await reader.read(4) == b"INFO"
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


async def serving(stub: health_pb2_grpc.HealthStub) -> bool:
    """Tells whether a service says that it serves."""
    try:
        answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=ASK_SECONDS)
    except grpc.aio.AioRpcError:
        return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
