"""The numbers of events at rest: they rise for ever, whatever becomes of the database."""

from datetime import datetime

from sqlalchemy import Connection, func, select, text

from services.chassis.sql import take_turns

#: More events than any second brings, so that the clock keeps ahead of the numbers.
SEQS_A_SECOND = 10_000


def raise_seq(connection: Connection, now: datetime) -> None:
    """Makes the numbers of events go on above all that were ever given.

    A database that was restored from a copy would give the numbers of the events that it lost
    to new ones, and everybody who saw those would take the new ones for repeats.
    """
    floor = int(now.timestamp()) * SEQS_A_SECOND
    if connection.dialect.name == "sqlite":
        raised = text(
            "UPDATE sqlite_sequence SET seq = :floor WHERE name = 'event' AND seq < :floor"
        )
        connection.execute(raised, {"floor": floor})
        begun = text(
            "INSERT INTO sqlite_sequence (name, seq) SELECT 'event', :floor"
            " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'event')"
        )
        connection.execute(begun, {"floor": floor})
        return
    # One replica at a time, and never back: the others are giving numbers meanwhile.
    take_turns(connection, "tocsin-ingest-seq")
    name = connection.execute(text("SELECT pg_get_serial_sequence('event', 'seq')")).scalar_one()
    given = connection.execute(select(func.nextval(name))).scalar_one()
    if given < floor:
        connection.execute(select(func.setval(name, floor)))
