"""The whole of Tocsin, started by its own supervisor, as a user would start it.

Data, ports and clock are the test's own. Time is turned by writing an offset that every
process of the suite reads.
"""

import fnmatch
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from tests.parts.ports import free_port
from tests.parts.waiting import until

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
STOP_SECONDS = 40.0
SERVICES = ("ingest", "alertstate", "escalation", "notification")
#: Tests ask again and again whether something has happened, and all of them as one person.
MANY = "1000000"
CHILDREN = ("nats", *SERVICES, "envoy")


@dataclass
class Suite:
    """A running suite and the ways into it."""

    folder: Path
    environment: Mapping[str, str]
    lines: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None
    arguments: Sequence[str] = ()  # of `tocsin up`
    _offset: float = 0.0

    @property
    def address(self) -> str:
        """Where REST and gRPC are served."""
        return self.environment["TOCSIN_HTTP"]

    @property
    def url(self) -> str:
        """Where REST is served."""
        return self.credentials["TOCSIN_URL"]

    @property
    def token(self) -> str:
        """The token that the first start made, of a person."""
        return self.credentials["TOCSIN_TOKEN"]

    @property
    def integration_key(self) -> str:
        """The key of the alert source that the first start made."""
        return self.credentials["TOCSIN_INTEGRATION_KEY"]

    @property
    def credentials(self) -> dict[str, str]:
        """What the first start wrote down for scripts."""
        text = (self.folder / "data" / "credentials.env").read_text()
        found = re.findall(r"""^(?:export )?(\w+)=['"]?([^'"\n]*)['"]?$""", text, re.MULTILINE)
        return dict(found)

    def client(self) -> httpx.Client:
        """Returns an HTTP client that shows the token."""
        return httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {self.token}"},
            trust_env=False,
            timeout=10,
        )

    def send(self, event_type: str, summary: str = "", **fields: Any) -> httpx.Response:
        """Sends an event and returns the answer."""
        body = {"apiKey": self.integration_key, "eventType": event_type, "summary": summary}
        with self.client() as client:
            return client.post("/api/events", json={**body, **fields})

    @property
    def now(self) -> float:
        """The time by the suite's clock, in seconds since 1970."""
        return time.time() + self._offset

    def forward(self, seconds: float) -> None:
        """Turns the clock of every process forward."""
        self._offset += seconds
        file = Path(self.environment["TOCSIN_CLOCK_OFFSET_FILE"])
        fresh = file.with_suffix(".new")
        fresh.write_text(str(self._offset))
        fresh.replace(file)  # or a process could read half a number

    @property
    def forwarded(self) -> float:
        """How many seconds the clock was turned forward."""
        return self._offset

    def contents(self, pattern: str = "*") -> Iterator[tuple[Path, bytes]]:
        """Yields what is in each file of the suite, which may come and go meanwhile."""
        for folder, _, names in os.walk(self.folder):  # which passes over folders that are gone
            for path in (Path(folder, name) for name in fnmatch.filter(names, pattern)):
                with suppress(FileNotFoundError):
                    if path.is_file():
                        yield path, path.read_bytes()

    def pid_of(self, child: str) -> int | None:
        """Returns the process of one part, if it runs."""
        assert self.process is not None
        return self._pid(child, self.process.pid)

    def _pid(self, child: str, supervisor: int) -> int | None:
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                parent = re.search(r"^PPid:\t(\d+)", status.read_text(), re.MULTILINE)
                command = (status.parent / "cmdline").read_bytes().decode().split("\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent and int(parent[1]) == supervisor and _is(child, command):
                return int(status.parent.name)
        return None

    def kill(self, child: str) -> None:
        """Ends one part as a crash would."""
        pid = self.pid_of(child)
        assert pid is not None, f"{child} does not run"
        os.kill(pid, signal.SIGKILL)

    def hold(self, child: str) -> None:
        """Has one part stand still: it lives, and does nothing."""
        pid = self.pid_of(child)
        assert pid is not None, f"{child} does not run"
        os.kill(pid, signal.SIGSTOP)

    def release(self, child: str) -> None:
        """Has one part go on that was held."""
        pid = self.pid_of(child)
        assert pid is not None, f"{child} does not run"
        os.kill(pid, signal.SIGCONT)

    def crash(self) -> None:
        """Ends all of it at once, as the end of its machine would."""
        assert self.process is not None
        process, self.process = self.process, None
        children = [self._pid(child, process.pid) for child in CHILDREN]
        for pid in (process.pid, *filter(None, children)):
            with suppress(ProcessLookupError):  # it ended with the one before
                os.kill(pid, signal.SIGKILL)
        process.wait()
        for child in filter(None, children):
            gone = Path(f"/proc/{child}")
            until(partial(_is_missing, gone), within=STOP_SECONDS)
        if process.stdout:
            process.stdout.close()

    def start(self) -> None:
        """Starts the suite and waits until it answers."""
        self.lines.clear()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "services.cli", "up", *self.arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._read, args=[self.process], daemon=True).start()
        until(self._ready, within=START_SECONDS)

    def stop(self) -> int:
        """Asks the suite to end and returns its exit status."""
        assert self.process is not None
        process, self.process = self.process, None
        process.send_signal(signal.SIGINT)
        try:
            return process.wait(STOP_SECONDS)
        finally:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()

    def _ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "\n".join(self.lines)
        return any("curl" in line for line in self.lines) and self.healthy()

    def healthy(self) -> bool:
        """Tells whether every part answers."""
        try:
            return httpx.get(f"{self.url}/healthz", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        try:
            self.lines.extend(line.rstrip("\n") for line in process.stdout)
        except ValueError:
            return  # closed while it was read


@contextmanager
def running_suite(folder: Path, *, arguments: Sequence[str] = (), **more: str) -> Iterator[Suite]:
    """Runs a suite with its data in a folder; `more` are further TOCSIN_ variables."""
    suite = Suite(folder, environment(folder, **more), arguments=arguments)
    try:
        suite.start()
        yield suite
    finally:
        if suite.process is not None:
            suite.stop()


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Returns the environment of a suite of its own."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("TOCSIN_")}
    kept = {
        name: os.environ[name]
        for name in ("TOCSIN_ENVOY", "TOCSIN_NATS_SERVER")
        if name in os.environ
    }
    return {
        **inherited,
        **kept,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}",
        "PYTHONUNBUFFERED": "1",
        "TOCSIN_DATA": str(folder / "data"),
        "TOCSIN_HTTP": f"127.0.0.1:{free_port()}",
        "TOCSIN_CLOCK_OFFSET_FILE": str(folder / "clock"),
        "TOCSIN_INGEST_EVENTS_PER_MINUTE": MANY,
        "TOCSIN_EDGE_CALLS_PER_MINUTE": MANY,
        **{f"TOCSIN_{name.upper()}_TOKEN_CALLS_PER_MINUTE": MANY for name in SERVICES},
        **{f"TOCSIN_{name.upper()}_ADDRESS_CALLS_PER_MINUTE": MANY for name in SERVICES},
        **more,
    }


def pretty(response: httpx.Response) -> str:
    """Returns an answer for a test's failure message."""
    return f"{response.status_code} {json.dumps(response.json(), indent=1)}"


def _is_missing(path: Path) -> bool:
    return not path.exists()


def _is(child: str, command: list[str]) -> bool:
    program = Path(command[0]).name
    if child in ("nats", "envoy"):
        return program.startswith(child) or any(
            Path(word).name in (child, f"{child}-server") for word in command[:2]
        )
    return f"services.{child}" in command
