"""The one statement that SQLite and PostgreSQL spell alike and SQLAlchemy does not."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table) -> Any:
    """Returns an insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)
