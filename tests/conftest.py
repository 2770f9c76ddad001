"""The real parts as fixtures: servers once per session, databases fresh per test."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.parts.nats import nats_server
from tests.parts.postgres import postgres_server

# Whatever runs the tests in the background may ignore Ctrl-C; what they start must not inherit it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def nats_url() -> Iterator[str]:
    """Where the session's nats-server is. Tests share it: name streams apart, delete them."""
    with nats_server() as server:
        yield server.url


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Makes an empty PostgreSQL database per call and returns its URL."""
    with postgres_server() as server:
        yield server.new_database


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty database is: SQLite, or what the test's indirect parameter names."""
    return _database(getattr(request, "param", "sqlite"), request, tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty database is; the test runs once on SQLite and once on PostgreSQL."""
    return _database(request.param, request, tmp_path)


def _database(kind: str, request: pytest.FixtureRequest, folder: Path) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder}/tocsin.db"
    # Asked for only here, so that a run on SQLite alone starts no PostgreSQL.
    new_database: Callable[[], str] = request.getfixturevalue("postgres")
    return new_database()
