"""Records found by what people call them."""

from sqlalchemy import Connection, Table, select

from services.escalation.domain.checks import folded


def oldest_called(connection: Connection, table: Table, name: str) -> int | None:
    """Returns the id of the oldest row with a name, without case; None if none has it."""
    rows = connection.execute(select(table.c.id, table.c.name).order_by(table.c.id))
    return next((row.id for row in rows if folded(row.name) == folded(name)), None)
