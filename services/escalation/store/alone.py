"""One at a time, where there is no row yet that could be locked."""

from sqlalchemy import Connection

from services.chassis.sql import take_turns

#: Said by whoever changes what records refer to each other, or deletes one.
CONFIGURATION = "configuration"


def alone(connection: Connection, what: str) -> None:
    """Keeps every other transaction that says the same word waiting until this one ends."""
    take_turns(connection, f"escalation {what}")
