"""How many alerts there are, kept with every change: counting a million rows takes too long."""

from collections import Counter
from collections.abc import Collection

from sqlalchemy import Connection, func, select

from services.alertstate.domain.alerts import Status
from services.alertstate.store.tables import COUNT
from services.chassis.sql import upsert


def add(connection: Connection, changes: Counter[tuple[int, Status]]) -> None:
    """Adds to the counts of a source and a state."""
    rows = [
        {"source_id": source_id, "status": status, "count": count}
        for (source_id, status), count in sorted(changes.items())  # so that nobody deadlocks
        if count
    ]
    if rows:
        row = upsert(connection, COUNT)
        put = row.on_conflict_do_update(
            index_elements=["source_id", "status"],
            set_={"count": COUNT.c.count + row.excluded.count},
        )
        connection.execute(put, rows)


def open_states(connection: Connection, sources: Collection[int]) -> dict[int, set[Status]]:
    """Returns in which open states each source has alerts."""
    states: dict[int, set[Status]] = {source: set() for source in sources}
    some = select(COUNT.c.source_id, COUNT.c.status).where(
        COUNT.c.source_id.in_(states),
        COUNT.c.status.in_([Status.PENDING, Status.ACCEPTED]),
        COUNT.c.count > 0,
    )
    for row in connection.execute(some) if states else ():
        states[row.source_id].add(Status(row.status))
    return states


def total(connection: Connection, states: list[Status], sources: list[int]) -> int:
    """Returns how many alerts are in these states and of these sources; empty means all."""
    query = select(func.coalesce(func.sum(COUNT.c.count), 0))
    if states:
        query = query.where(COUNT.c.status.in_(states))
    if sources:
        query = query.where(COUNT.c.source_id.in_(sources))
    return int(connection.execute(query).scalar_one())
