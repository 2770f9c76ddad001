"""Records found by what people call them."""

from sqlalchemy import ColumnElement, Connection, Table, select

from services.escalation.domain.checks import folded


def oldest_called(
    connection: Connection, table: Table, name: str, wanted: ColumnElement[bool]
) -> int | None:
    """Returns the id of the oldest wanted row with a name, without case; None if none has it."""
    query = select(table.c.id, table.c.name).where(wanted).order_by(table.c.id)
    rows = connection.execute(query)
    return next((row.id for row in rows if folded(row.name) == folded(name)), None)
