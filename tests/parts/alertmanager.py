"""A real Alertmanager, as Debian has it."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.parts.debian import relocated, root_of
from tests.parts.ports import free_port
from tests.parts.waiting import until

PACKAGE = "prometheus-alertmanager"
PROGRAM = f"usr/bin/{PACKAGE}"
#: Where it looks for its templates.
SHARE = "/usr/share/prometheus/alertmanager"
START_SECONDS = 20.0
STOP_SECONDS = 10.0


class Alertmanager:
    """Takes alerts as Prometheus sends them, and tells its one receiver of them."""

    def __init__(self, folder: Path, receiver: Mapping[str, Any]) -> None:
        """Begins to run it; `receiver` is what it is configured to tell, without its name."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._log = folder / "alertmanager.log"
        config = folder / "alertmanager.yml"
        config.write_text(json.dumps(_config(receiver)))  # which is YAML, too
        options = {
            "config.file": str(config),
            "storage.path": str(folder / "data"),
            "web.listen-address": f"127.0.0.1:{port}",
            "cluster.listen-address": "",  # it is alone
        }
        root = root_of(PACKAGE, PROGRAM)
        program = root / PROGRAM
        if root != Path("/"):
            program = relocated(program, SHARE)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [program, *(f"--{name}={value}" for name, value in options.items())],
                cwd=f"{root}{SHARE}",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def fire(self, *alerts: Mapping[str, str], **annotations: str) -> None:
        """Lets alerts with these labels fire."""
        self._post(alerts, annotations, timedelta(hours=1))

    def resolve(self, *alerts: Mapping[str, str], **annotations: str) -> None:
        """Lets the alerts with these labels be over."""
        self._post(alerts, annotations, timedelta())

    def ready(self) -> bool:
        """Tells whether it takes alerts."""
        assert self._process.poll() is None, self._log.read_text()
        try:
            return httpx.get(f"{self.url}/-/ready", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """Ends it."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        finally:
            self._process.kill()
            self._process.wait()

    def _post(
        self, alerts: tuple[Mapping[str, str], ...], annotations: Mapping[str, str], left: timedelta
    ) -> None:
        now = datetime.now(UTC)
        told = [
            {
                "labels": dict(labels),
                "annotations": dict(annotations),
                "startsAt": (now - timedelta(minutes=1)).isoformat(),
                "endsAt": (now + left).isoformat(),
                "generatorURL": "http://prometheus.example.com/graph",
            }
            for labels in alerts
        ]
        answer = httpx.post(f"{self.url}/api/v2/alerts", json=told, trust_env=False)
        assert answer.status_code == 200, answer.text


@contextmanager
def alertmanager(folder: Path, receiver: Mapping[str, Any]) -> Iterator[Alertmanager]:
    """Runs an Alertmanager until the block ends."""
    running = Alertmanager(folder, receiver)
    try:
        until(running.ready, within=START_SECONDS)
        yield running
    finally:
        running.stop()


def _config(receiver: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "route": {
            "receiver": "tocsin",
            "group_by": ["alertname"],
            "group_wait": "100ms",
            "group_interval": "500ms",
            "repeat_interval": "1h",
        },
        "receivers": [{"name": "tocsin", **receiver}],
    }
