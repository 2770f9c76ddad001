"""Connections to SQLite and PostgreSQL, with what their drivers leave undone."""

import fcntl
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url


def lock_file(url: str) -> IO[str] | None:
    """Keeps a second process off a SQLite file; group commit assumes one writer."""
    path = make_url(url).database
    if make_url(url).get_backend_name() != "sqlite" or not path:
        return None
    handle = Path(f"{path}.lock").open("w")  # noqa: SIM115 # stays open as long as the database
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise SystemExit(f"{path} is in use by another process: stop that one first") from None
    return handle


def open_engine(url: str, service: str, *, connections: int) -> Engine:
    """Returns an engine for one service's database, with so many connections and a few more."""
    size = connections + 1  # one for the relay's lock
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, pool_size=size, max_overflow=2)
        _make_transactions_real(engine)
    else:
        engine = create_engine(url, pool_size=size, max_overflow=2, pool_pre_ping=True)
    return engine.execution_options(tocsin_service=service)


def _make_transactions_real(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: object) -> None:
        connection.isolation_level = None  # leave BEGIN to us
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "busy_timeout = 5000",
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writer = connection.get_execution_options().get("tocsin_writer", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")
