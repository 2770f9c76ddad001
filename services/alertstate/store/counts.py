"""How many alerts there are, kept with every change: counting a million rows takes too long."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from services.alertstate.domain.alerts import Status
from services.alertstate.store.tables import COUNT
from services.chassis.sql import upsert


class Group(NamedTuple):
    """Alerts that are counted together."""

    source_id: int
    policy_id: int
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """Which groups a reader asks for; what is empty says nothing."""

    states: tuple[Status, ...] = ()
    sources: tuple[int, ...] = ()
    policies: tuple[int, ...] = ()


def add(connection: Connection, changes: Counter[Group]) -> None:
    """Adds to the counts of groups."""
    rows = [
        {**group._asdict(), "count": count}
        for group, count in sorted(changes.items())  # so that nobody deadlocks
        if count
    ]
    if rows:
        row = upsert(connection, COUNT)
        put = row.on_conflict_do_update(
            index_elements=list(Group._fields),
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


def total(connection: Connection, among: Among) -> int:
    """Returns how many alerts are in these groups."""
    query = select(func.coalesce(func.sum(COUNT.c.count), 0)).where(*_conditions(among))
    return int(connection.execute(query).scalar_one())


def groups(connection: Connection, among: Among) -> list[Group]:
    """Returns those of these groups that have alerts."""
    query = select(*(COUNT.c[name] for name in Group._fields)).where(*_conditions(among))
    rows = connection.execute(query.where(COUNT.c.count > 0))
    return [Group(row.source_id, row.policy_id, Status(row.status)) for row in rows]


def _conditions(among: Among) -> list[ColumnElement[bool]]:
    asked = {
        COUNT.c.status: among.states,
        COUNT.c.source_id: among.sources,
        COUNT.c.policy_id: among.policies,
    }
    return [column.in_(values) for column, values in asked.items() if values]
