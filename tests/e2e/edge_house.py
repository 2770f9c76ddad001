"""Real Envoy, with the configuration made for it, before services that only echo."""

import asyncio
import subprocess
import sysconfig
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import grpc
import grpc.aio
import httpx
from google.api.httpbody_pb2 import HttpBody
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2 as details
from google.rpc import status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from deploy.envoy.generate import Edge, Endpoint, render
from tests.parts.ports import free_port
from tests.parts.waiting import eventually
from tocsin.alertstate.v1 import alert_service_pb2, alert_watch_service_pb2
from tocsin.alertstate.v1 import incident_io_service_pb2 as incident_io_alerts_pb2
from tocsin.alertstate.v1 import ttyops_service_pb2 as ttyops_alerts_pb2
from tocsin.chassis.internal.v1 import subject_service_pb2
from tocsin.edge.v1 import options_pb2
from tocsin.escalation.v1 import token_service_pb2, user_service_pb2
from tocsin.escalation.v1 import ttyops_service_pb2 as ttyops_people_pb2
from tocsin.ingest.v1 import alert_source_service_pb2, event_service_pb2
from tocsin.ingest.v1 import incident_io_service_pb2 as incident_io_events_pb2
from tocsin.ingest.v1 import ttyops_service_pb2 as ttyops_events_pb2
from tocsin.notification.v1 import notification_service_pb2

ROOT = Path(__file__).parents[2]
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"

PROTOS = (
    alert_service_pb2,
    alert_source_service_pb2,
    alert_watch_service_pb2,
    event_service_pb2,
    incident_io_alerts_pb2,
    incident_io_events_pb2,
    notification_service_pb2,
    subject_service_pb2,
    token_service_pb2,
    ttyops_alerts_pb2,
    ttyops_events_pb2,
    ttyops_people_pb2,
    user_service_pb2,
)
ALERT = {"summary": "disk full", "status": "PENDING", "priority": "HIGH"}
LIKE_MEMBERS = '{"customDetails":{"escalationRules":[],'
MORE: Mapping[int, dict[str, object]] = {
    8: {
        "details": LIKE_MEMBERS,
        "custom_details": {
            "escalationRules": [],
            "vars": {},
            "x": '"escalationRules":[]',
            "deep": [{"vars": {}}],
        },
        "escalation_policy": {"id": 4, "name": LIKE_MEMBERS},
    }
}
REPLIES: Mapping[str, Callable[[Any], dict[str, object]]] = {
    "GetAlert": lambda request: {"id": request.id, **ALERT, **MORE.get(request.id, {})},
    "AcceptAlert": lambda request: {"id": request.id, **ALERT, "status": "ACCEPTED"},
    "ListAlerts": lambda request: {
        "alerts": [
            {"id": request.start_index, **ALERT, "summary": f'[{{"{list(request.states)}'}
            for _ in range(request.max_results)
        ]
    },
    "CreateAlertSource": lambda request: {"name": request.alert_source.name},
    "PostEvent": lambda request: {
        "event_id": f"{request.body.content_type} {len(request.body.data)}"
    },
    "CreateHttpAlertEvent": lambda request: {"message": request.alert_source_config_id},
    "ListHttpAlerts": lambda request: {
        "alerts": [
            {"title": request.deduplication_key_is, "status": " ".join(request.status_one_of)}
        ],
        "pagination_meta": {"page_size": request.page_size},
    },
    "SubmitEvent": lambda request: {"event_id": request.event.summary},
    "GetUser": lambda request: {"id": len(request.who), "role": "USER"},
    "GetCurrentUser": lambda _: {"role": "ADMIN"},
}
Fault: TypeAlias = tuple[grpc.StatusCode, str, Message]
UNREADABLE: Fault = (grpc.StatusCode.INVALID_ARGUMENT, "unreadable", details.ErrorInfo())
FAULTS: Mapping[int, Fault] = {
    404: (grpc.StatusCode.NOT_FOUND, 'no alert "404"', details.ErrorInfo(reason="NO_SUCH_ALERT")),
    405: (
        grpc.StatusCode.FAILED_PRECONDITION,
        "already a responder",
        details.ErrorInfo(reason="RESPONDER_EXISTS", metadata={"http_status": "405"}),
    ),
    409: (grpc.StatusCode.ALREADY_EXISTS, "taken", details.RequestInfo()),
    429: (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "too many",
        details.RetryInfo(retry_delay={"seconds": 1, "nanos": 500_000_000}),
    ),
    500: (grpc.StatusCode.UNKNOWN, "a secret", details.RequestInfo()),
    503: (grpc.StatusCode.UNAVAILABLE, "starting", details.ErrorInfo(reason="STARTING")),
    999: (grpc.StatusCode.NOT_FOUND, "unknown detail", health_pb2.HealthCheckRequest()),
}


class Services:
    """All services on one port; remembers the metadata of each call."""

    def __init__(self) -> None:
        self.port = free_port()
        self.calls: list[tuple[str, dict[str, str | bytes], float]] = []
        self.frames: asyncio.Queue[str] = asyncio.Queue()  # what a stream says; "" ends it
        self.streaming = 0
        self.fault: status_pb2.Status | None = None  # what every call fails with
        self.server = grpc.aio.server()

    async def start(self) -> None:
        """Serves every method of PROTOS, internal ones too."""
        for module in PROTOS:
            for service in module.DESCRIPTOR.services_by_name.values():
                methods = {method.name: self._handler(method) for method in service.methods}
                handler = grpc.method_handlers_generic_handler(service.full_name, methods)
                self.server.add_generic_rpc_handlers([handler])
        health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), self.server)
        self.server.add_insecure_port(f"127.0.0.1:{self.port}")
        await self.server.start()

    def _handler(self, method: MethodDescriptor) -> "grpc.RpcMethodHandler[Any, Any]":
        request_class, reply_class = map(GetMessageClass, (method.input_type, method.output_type))

        def read(data: bytes) -> Message | None:
            try:
                return request_class.FromString(data)
            except DecodeError:
                return None

        async def run(request: Message | None, context: Context) -> Message:
            metadata = dict(context.invocation_metadata() or ())
            self.calls.append((method.name, metadata, context.time_remaining() or 0))
            if self.fault:
                await context.abort_with_status(rpc_status.to_status(self.fault))
            fault = FAULTS.get(getattr(request, "id", 0)) if request else UNREADABLE
            if fault:
                status = status_pb2.Status(code=fault[0].value[0], message=fault[1])
                status.details.add().Pack(fault[2])
                await context.abort_with_status(rpc_status.to_status(status))
            return reply_class(**REPLIES.get(method.name, lambda _: {})(request))

        async def stream(request: Message | None, context: Context) -> AsyncIterator[Message]:
            self.streaming += 1
            try:
                if not getattr(request, "states", ()):
                    await run(None, context)
                while text := await self.frames.get():
                    yield HttpBody(content_type="text/event-stream", data=text.encode())
            finally:
                self.streaming -= 1

        write = reply_class.SerializeToString
        if method.server_streaming:
            return grpc.unary_stream_rpc_method_handler(stream, read, write)
        return grpc.unary_unary_rpc_method_handler(run, read, write)


class House:
    """The edge before two sets of services, of which one can be stopped."""

    def __init__(self, folder: Path, dialects: Mapping[str, str], **more: int) -> None:
        self.dialects = dialects
        self.more = more  # what the edge is told
        self.services, self.fragile = Services(), Services()
        self.target = f"127.0.0.1:{free_port()}"
        self.http = httpx.AsyncClient(base_url=f"http://{self.target}", timeout=10)
        self.channel = grpc.aio.insecure_channel(self.target)
        self.log = folder / "access.log"
        self.config = folder / "envoy.yaml"
        self.admin = folder / "admin.sock"

    def start(self) -> subprocess.Popen[bytes]:
        descriptors = ROOT / "gen/tocsin.binpb"
        host, _, port = self.target.partition(":")
        clusters = {
            "ingest": Endpoint("127.0.0.1", self.services.port),
            "alertstate": Endpoint("127.0.0.1", self.services.port),
            "escalation": Endpoint("localhost", self.services.port, strict_dns=True),
            "notification": Endpoint("127.0.0.1", self.fragile.port),
        }
        edge = Edge(host, int(port), self.admin, descriptors, clusters, **self.more)
        self.config.write_text(render(spoken(descriptors.read_bytes(), self.dialects), edge))
        envoy = Path(sysconfig.get_path("scripts")) / "envoy"
        flags = ["--disable-hot-restart", "--concurrency", "1", "--log-level", "warning"]
        flags += ["--file-flush-interval-msec", "100"]
        with self.log.open("wb") as log:
            return subprocess.Popen([envoy, "-c", self.config, *flags], stdout=log)

    async def healthy(self) -> bool:
        try:
            return (await self.http.get("/healthz")).status_code == 200
        except httpx.TransportError:
            return False


def spoken(descriptors: bytes, dialects: Mapping[str, str]) -> bytes:
    """Returns descriptors in which the methods of these names have these dialects."""
    files = descriptor_pb2.FileDescriptorSet.FromString(descriptors)
    for file in files.file:
        for method in (method for service in file.service for method in service.method):
            if method.name in dialects:
                hints: Any = method.options.Extensions[options_pb2.http]  # type: ignore[index]
                hints.dialect = options_pb2.HttpHints.Dialect.Value(dialects[method.name])
    return files.SerializeToString()


@asynccontextmanager
async def open_house(
    dialects: Mapping[str, str] = MappingProxyType({}), **more: int
) -> AsyncIterator[House]:
    """Runs the edge and its services until all of them are healthy, and then for the caller."""
    with tempfile.TemporaryDirectory(prefix="tocsin-edge-") as folder:
        house = House(Path(folder), dialects, **more)
        await house.services.start()
        await house.fragile.start()
        envoy = house.start()
        try:
            await eventually(house.healthy, within=60)  # Envoy may start on a busy machine
            yield house
        finally:
            await house.channel.close()
            await house.http.aclose()
            envoy.terminate()
            envoy.wait(10)
            await house.services.server.stop(0)
            await house.fragile.server.stop(0)
