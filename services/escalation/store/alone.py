"""One at a time, where there is no row yet that could be locked."""

from sqlalchemy import Connection, text

#: Said by whoever changes what records refer to each other, or deletes one.
CONFIGURATION = "configuration"


def alone(connection: Connection, what: str) -> None:
    """Keeps every other transaction that says the same word waiting until this one ends."""
    if connection.dialect.name == "sqlite":
        return  # has one writer
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"),
        {"what": f"escalation {what}"},
    )
