"""The distribution tocsin-stubs works where nothing else of Tocsin is."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import grpc
import pytest

from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.alertstate.v1.alert_service_pb2 import (
    AcceptAlertRequest,
    ListAlertsRequest,
    ListAlertsResponse,
)
from tocsin.ingest.v1.event_pb2 import EventReceipt
from tocsin.ingest.v1.event_service_pb2 import SubmitEventRequest

HERE = Path(__file__).parent
STUBS = HERE.parents[1] / "gen"
BUILD_SECONDS = 120.0
INSTALL_SECONDS = 300.0
CALL_SECONDS = 60.0

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True)
class SuiteAddress:
    """Where a suite is, and what opens it."""

    target: str  # host:port
    token: str
    integration_key: str


class Suite:
    """As much of a suite as the client calls: an event becomes an alert at the second look."""

    def __init__(self, token: str, integration_key: str) -> None:
        self._token = token
        self._key = integration_key
        self._raised: list[Alert] = []
        self._listed: list[Alert] = []

    def handlers(self) -> tuple[grpc.GenericRpcHandler, ...]:
        """Returns what answers the RPCs, by the names that the protos give them."""
        submit = grpc.unary_unary_rpc_method_handler(
            self._submit, SubmitEventRequest.FromString, EventReceipt.SerializeToString
        )
        page = grpc.unary_unary_rpc_method_handler(
            self._list, ListAlertsRequest.FromString, ListAlertsResponse.SerializeToString
        )
        accept = grpc.unary_unary_rpc_method_handler(
            self._accept, AcceptAlertRequest.FromString, Alert.SerializeToString
        )
        events, alerts = "tocsin.ingest.v1.EventService", "tocsin.alertstate.v1.AlertService"
        return (
            grpc.method_handlers_generic_handler(events, {"SubmitEvent": submit}),
            grpc.method_handlers_generic_handler(
                alerts, {"ListAlerts": page, "AcceptAlert": accept}
            ),
        )

    async def _submit(self, request: SubmitEventRequest, context: Context) -> EventReceipt:
        if request.event.integration_key != self._key:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such key")
        alert = Alert(id=7, summary=request.event.summary, status=Alert.Status.PENDING)
        self._raised.append(alert)
        return EventReceipt(response_code="ACCEPTED", event_id="1")

    async def _list(self, request: ListAlertsRequest, context: Context) -> ListAlertsResponse:
        await self._authenticate(context)
        page, self._listed = self._listed, list(self._raised)
        return ListAlertsResponse(alerts=page)

    async def _accept(self, request: AcceptAlertRequest, context: Context) -> Alert:
        await self._authenticate(context)
        assert request.id == 7
        self._raised[0].status = Alert.Status.ACCEPTED
        return self._raised[0]

    async def _authenticate(self, context: Context) -> None:
        metadata = dict(context.invocation_metadata() or ())
        if metadata.get("authorization") != f"Bearer {self._token}":
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "no such token")


@pytest.fixture
async def suite_address() -> AsyncIterator[SuiteAddress]:
    """A server of the three RPCs that the client calls."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(Suite("a token", "a key").handlers())
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield SuiteAddress(f"127.0.0.1:{port}", "a token", "a key")
    await server.stop(None)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distribution, built once."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-build-isolation", "--no-deps", "--wheel-dir", str(folder)]
    run("pip", "wheel", *options, str(STUBS), within=BUILD_SECONDS)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(params=["protobuf6.lock", "protobuf7.lock"])
def stranger(request: pytest.FixtureRequest, wheel: Path, tmp_path: Path) -> Path:
    """The Python of an environment that has the stubs, what they need, and nothing else."""
    run("venv", "--without-pip", str(tmp_path / "venv"), within=BUILD_SECONDS)
    python = tmp_path / "venv" / "bin" / "python"
    pip = ["pip", "--python", str(python)]
    lock = ["--require-hashes", "-r", str(HERE / request.param)]
    run(*pip, "install", *lock, within=INSTALL_SECONDS)
    run(*pip, "install", "--no-index", "--no-deps", str(wheel), within=BUILD_SECONDS)
    run(*pip, "check", within=BUILD_SECONDS)
    return python


def test_the_wheel_is_typed(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())

    assert "tocsin/py.typed" in names
    assert {f"{name}i" for name in names if name.endswith(".py")} <= names


@pytest.mark.timeout(2 * INSTALL_SECONDS)
async def test_the_stubs_alone_can_raise_and_accept_an_alert(
    stranger: Path, suite_address: SuiteAddress, tmp_path: Path
) -> None:
    environment = {
        "TOCSIN_ADDRESS": suite_address.target,
        "TOCSIN_TOKEN": suite_address.token,
        "TOCSIN_INTEGRATION_KEY": suite_address.integration_key,
    }

    client = await asyncio.create_subprocess_exec(
        stranger,
        "-I",  # neither this repository nor the folder of the script is on the path
        HERE / "client.py",
        cwd=tmp_path,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await asyncio.wait_for(client.communicate(), CALL_SECONDS)

    assert output == b"ACCEPTED\n"
    assert client.returncode == 0


def run(module: str, *arguments: str, within: float) -> None:
    """Runs one of Python's own tools; pytest shows what it says if it fails."""
    subprocess.run([sys.executable, "-m", module, *arguments], check=True, timeout=within)
