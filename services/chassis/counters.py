"""Numbers for records whose ids are on the wire: small, rising, without gaps.

A sequence of the database's would lose values to conflicts and rollbacks, and int32 is
what JSON clients can read.
"""

from sqlalchemy import Connection, select, update

from services.chassis.sql import upsert
from services.chassis.tables import CounterRow

COUNTER = CounterRow.__table__


def allocate(connection: Connection, name: str, count: int = 1) -> int:
    """Returns the first of `count` numbers that nobody else will get; the first ever is 1."""
    if not count:
        return 0
    taken = connection.execute(
        update(COUNTER)
        .where(COUNTER.c.name == name)
        .values(value=COUNTER.c.value + count)
        .returning(COUNTER.c.value)
    ).scalar_one_or_none()
    if taken is None:
        _begin(connection, name)
        return allocate(connection, name, count)
    return int(taken) - count + 1


def last(connection: Connection, name: str) -> int:
    """Returns the highest number that was ever given; 0 before the first."""
    value = connection.execute(select(COUNTER.c.value).where(COUNTER.c.name == name))
    return int(value.scalar_one_or_none() or 0)


def _begin(connection: Connection, name: str) -> None:
    begun = upsert(connection, COUNTER).values(name=name, value=0)
    connection.execute(begun.on_conflict_do_nothing())
