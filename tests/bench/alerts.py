"""Databases with very many alerts, loaded in bulk, the same ones each time.

A year of them, whatever their number: nearly all are resolved and 300 are open. Sources,
policies and people are used very unevenly, as they are; the last of each has a handful of
alerts, of which as many in a small database as in a large one.
"""

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from services.alertstate.domain.alerts import Status
from services.alertstate.store.tables import ALERT, COUNT, RESPONDER
from services.chassis.database import Database

END = datetime(2026, 11, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
SOURCES, POLICIES, USERS = 50, 20, 30
OPEN, RARE = 300, 5
PART = 20_000


def load(connection: Connection, count: int) -> None:
    """Fills an empty database; indexes are made afterwards, which is much faster."""
    for table, rows in ((ALERT, _alerts(count)), (RESPONDER, _responders(count))):
        for index in table.indexes:
            index.drop(connection)
        _copy(connection, table, rows)
        for index in table.indexes:
            index.create(connection)
    group = ["source_id", "policy_id", "status"]
    counted = select(*(ALERT.c[name] for name in group), func.count()).group_by(*group)
    connection.execute(insert(COUNT).from_select([*group, "count"], counted))


def settle(db: Database) -> None:
    """Does what a database does by itself after a while."""
    if not db.is_sqlite:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def moment(part: float) -> datetime:
    """Returns a moment of the year, from 0, its begin, to 1, its end."""
    return END - YEAR * (1 - part)


def _alerts(count: int) -> Iterator[dict[str, object]]:
    for id_, source_id, policy_id, status, time, _ in _drawn(count):
        yield {
            "id": id_,
            "source_id": source_id,
            "alert_key": f"host-{id_ % 5000}/disk",
            "match_key": f"host-{id_ % 5000}/disk",
            "summary": f"Disk of host-{id_ % 5000} is nearly full: 91 % of /var/lib",
            "details": "The volume fills by 2 GiB an hour. " * 4,
            "priority": "HIGH",
            "images": "[]",
            "links": '[{"href": "https://grafana.example.com/d/disk", "text": "graph"}]',
            "custom_details": b'{"host": "db-1", "used": 91}',
            "policy_id": policy_id,
            "status": status,
            "report_time": time,
            "accept_time": time,
            "resolved_on": time + timedelta(hours=1) if status == Status.RESOLVED else None,
            "next_escalation": None,
            "event_count": 2,
            "log_count": 4,
            "version": 4,
            "episode": 1,
            "run_episode": 1,
            "run_version": 2,
            "severity": 0,
            "labels": "{}",
            "snoozed_until": None,
            "comment_count": 0,
            "call_count": 0,
            "pushes": 0,
            "level": 1,
            "called_episode": 0,
            "routed_policy_id": 0,
            "routed_seq": 0,
        }


def _responders(count: int) -> Iterator[dict[str, object]]:
    for id_, source_id, policy_id, status, time, users in _drawn(count):
        for user_id in users:
            yield {
                "alert_id": id_,
                "user_id": user_id,
                "added_at": time,
                "accepted_at": None if status == Status.PENDING else time,
                "removed": False,
                "source_id": source_id,
                "policy_id": policy_id,
                "status": status,
                "report_time": time,
            }


Drawn = tuple[int, int, int, Status, datetime, tuple[int, ...]]


def _drawn(count: int) -> Iterator[Drawn]:
    """Draws alerts: id, source, policy, state, time and people; each time the same."""
    draw = random.Random(7)
    special = OPEN + 3 * RARE
    some = [1 + count * number // special for number in range(special)]
    draw.shuffle(some)
    status = dict.fromkeys(some[: OPEN // 3], Status.PENDING)
    status |= dict.fromkeys(some[OPEN // 3 : OPEN], Status.ACCEPTED)
    rare = {id_: divmod(number, RARE) for number, id_ in enumerate(some[OPEN:])}
    for id_ in range(1, count + 1):
        source_id = 1 + int((SOURCES - 1) * draw.random() ** 3)
        policy_id = 1 + (source_id + draw.choice((0, 0, 0, 0, 0, 0, 0, 0, 1, 7))) % (POLICIES - 1)
        users = {1 + int((USERS - 1) * draw.random() ** 2) for _ in range(draw.choice((1, 1, 2)))}
        match rare.get(id_):
            case 0, number:
                source_id, policy_id, users = SOURCES, 1 + number, {1 + number}
            case 1, number:
                source_id, policy_id, users = 1 + number, POLICIES, {1 + number}
            case 2, number:
                source_id, policy_id, users = 1 + number, 1 + number, {USERS}
        # Not quite in the order of the ids: events may come late.
        time = moment((id_ - 2 * draw.random()) / count)
        state = status.get(id_, Status.RESOLVED)
        yield id_, source_id, policy_id, state, time, tuple(sorted(users))


def _copy(connection: Connection, table: Table, rows: Iterator[dict[str, object]]) -> None:
    if connection.dialect.name == "sqlite":
        while part := list(itertools.islice(rows, PART)):
            connection.execute(insert(table), part)
        return
    names = [column.name for column in table.columns]
    driver: Any = connection.connection.dbapi_connection
    with driver.cursor() as cursor:
        with cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([row[name] for name in names])
