"""A service as its own process, told everything by its environment, as it runs anywhere."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import grpc.aio
import httpx
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.parts.ports import free_port
from tests.parts.waiting import eventually

ROOT = Path(__file__).parents[2]
START_SECONDS = 30.0
END_SECONDS = 30.0


class ServiceProcess:
    """One process of a service; it may be started again after its end."""

    def __init__(self, service: str, folder: Path, **settings: str) -> None:
        self.service = service
        self.address = f"127.0.0.1:{free_port()}"
        self._output = folder / f"{service}-{self.address}.out"
        self._log = folder / f"{service}-{self.address}.log"
        self._running: subprocess.Popen[bytes] | None = None
        prefix = f"TOCSIN_{service.upper()}_"
        told = {**settings, "listen": self.address}
        others = {name: value for name, value in os.environ.items() if "TOCSIN" not in name}
        self._environment = {
            **others,
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "gen"))),
            **{f"{prefix}{name.upper()}": value for name, value in told.items()},
        }

    def metrics(self) -> str:
        """Returns what it tells Prometheus, if it was told where to."""
        where = self._environment[f"TOCSIN_{self.service.upper()}_METRICS_LISTEN"]
        return httpx.get(f"http://{where}/metrics", trust_env=False).text

    @property
    def runs(self) -> bool:
        """Whether there is a process now."""
        return self._running is not None and self._running.poll() is None

    def start(self) -> None:
        """Starts the process."""
        with self._output.open("ab") as output, self._log.open("ab") as log:
            self._running = subprocess.Popen(
                [sys.executable, "-m", f"services.{self.service}"],
                cwd=ROOT,
                env=self._environment,
                stdout=output,
                stderr=log,
            )

    async def ready(self) -> None:
        """Returns once the service says that calls may come."""
        async with grpc.aio.insecure_channel(self.address) as channel:
            stub = health_pb2_grpc.HealthStub(channel)

            async def serving() -> bool:
                if not self.runs:
                    raise RuntimeError(f"{self.service} ended: {self.log()}")
                try:
                    answer = await stub.Check(
                        health_pb2.HealthCheckRequest(), timeout=2, wait_for_ready=True
                    )
                except grpc.aio.AioRpcError:
                    return False
                return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

            await eventually(serving, within=START_SECONDS)

    def end(self, signum: signal.Signals = signal.SIGTERM) -> int:
        """Ends the process, for good if it does not listen, and returns its exit status."""
        assert self._running is not None
        if self.runs:
            self._running.send_signal(signum)
        try:
            return self._running.wait(END_SECONDS)
        finally:
            self._running.kill()
            self._running.wait()

    async def close(self) -> None:
        """Ends the process if it still runs, which it must do well."""
        if self.runs:
            assert await asyncio.to_thread(self.end) == 0, self.log()

    def output(self) -> str:
        """Returns what was written to standard output."""
        return self._output.read_text()

    def log(self) -> str:
        """Returns what was written to standard error."""
        return self._log.read_text()
