"""A change that is made and undone at once, to know what it would bring: no second set of rules
can then say anything else.
"""

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from services.chassis.database import Database

P = ParamSpec("P")
T = TypeVar("T")


class _Undone(Exception):
    """Ends a transaction that is to leave nothing but its result."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result


async def rehearse(
    database: Database,
    fn: Callable[Concatenate[Connection, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Runs a change like `write`, returns its result, and leaves everything as it was."""

    def run(connection: Connection) -> None:
        raise _Undone(fn(connection, *args, **kwargs))

    try:
        await database.write(run)
    except _Undone as undone:
        result: T = undone.result
        return result
    raise AssertionError("a rehearsal ends by being undone")
