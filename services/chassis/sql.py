"""What SQLite and PostgreSQL do alike and SQLAlchemy has no common word for."""

from typing import Any

from sqlalchemy import Column, Connection, Table, func, select, text
from sqlalchemy.dialects import postgresql, sqlite

#: What messages and timers bring about; they touch the same rows in any order.
BACKGROUND = "tocsin-background"


def upsert(connection: Connection, table: Table) -> Any:
    """Returns an insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def take_turns(connection: Connection, what: str) -> None:
    """Waits until no other transaction does the same, on any replica; until this one ends.

    On SQLite a writer is alone anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": what}
        )


def different(connection: Connection, column: Column[str]) -> list[str]:
    """Returns the different values of a column that an index begins with.

    It takes a step in the index for each, however many rows have it.
    """
    first = select(func.min(column).label("value")).cte(recursive=True)
    following = select(func.min(column)).where(column > first.c.value).scalar_subquery()
    values = first.union_all(select(following).where(first.c.value.is_not(None)))
    found = connection.execute(select(values.c.value)).scalars()
    return [value for value in found if value is not None]
