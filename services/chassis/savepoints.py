"""Doing something that undoes itself alone if it fails, and knowing when that is impossible."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

#: PostgreSQL's words for "somebody else was faster": serialization failure, deadlock.
COLLISIONS = {"40001", "40P01"}

E = TypeVar("E", bound=BaseException)


def undone(connection: Connection, act: Callable[[], None], *, by: type[E]) -> E | None:
    """Does something that leaves its neighbours be; returns the error that undid it, if any.

    Raises errors of other types, and one that took the whole transaction with it.
    """
    try:
        with connection.begin_nested():
            act()
    except by as error:
        if _is_lost(connection, error):
            raise
        return error
    return None


def collided(error: BaseException) -> bool:
    """Tells whether somebody else was faster, so that it may be tried again."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in COLLISIONS


def disconnected(error: BaseException) -> bool:
    """Tells whether the database went away."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _is_lost(connection: Connection, error: BaseException) -> bool:
    """Tells whether a failure took the whole transaction with it, savepoint or not.

    SQLite undoes everything by itself when the disk is full or fails: what went before is gone,
    and what came after would commit on its own.
    """
    if connection.invalidated or disconnected(error) or collided(error):
        return True
    own: Any = connection.connection.dbapi_connection
    return connection.dialect.name == "sqlite" and not own.in_transaction
