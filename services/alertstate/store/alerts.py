"""Alerts with their responders and logs, loaded and saved many at a time."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, true

from services.alertstate.domain.alerts import Alert, Call, Status
from services.alertstate.store import columns, counts, responders
from services.alertstate.store.tables import ALERT, ALERT_TEAM, CALL
from services.chassis.bulk import one_of
from services.chassis.counters import COUNTER
from services.chassis.errors import NotFound
from services.chassis.sql import upsert

#: Open alerts that are looked at to find one that takes events in.
MOST_OPEN = 200


def get(connection: Connection, alert_id: int, *, lock: bool = False) -> Alert:
    """Returns an alert, keeping others from changing it if `lock`. Raises NotFound."""
    found = many(connection, [alert_id], lock=lock)
    if not found:
        raise NotFound(f"there is no alert {alert_id}")
    return found[alert_id]


def many(
    connection: Connection, alert_ids: Iterable[int], *, lock: bool = False
) -> dict[int, Alert]:
    """Returns the alerts that are there, by id."""
    query = select(ALERT).where(ALERT.c.id.in_(sorted(alert_ids))).order_by(ALERT.c.id)
    rows = connection.execute(query.with_for_update() if lock else query).all()
    return {alert.id: alert for alert in of_rows(connection, rows)}


def sources_of(connection: Connection, alert_ids: Iterable[int]) -> set[int]:
    """Returns the sources that alerts came from."""
    query = select(ALERT.c.source_id).where(ALERT.c.id.in_(sorted(alert_ids))).distinct()
    return set(connection.execute(query).scalars())


def open_of(
    connection: Connection, source_id: int, summaries: Collection[str], late_seq: int | None
) -> set[int]:
    """Returns the newest open alerts of a source that may take an event in.

    The newest of all, of the PENDING ones, and of these summaries; and where an event comes late,
    those that are ACCEPTED because of newer ones.
    """
    newest = (
        select(ALERT.c.id)
        .where(ALERT.c.source_id == source_id, ALERT.c.resolved_on.is_(None))
        .order_by(ALERT.c.id.desc())
        .limit(MOST_OPEN)
    )
    conditions = [true(), ALERT.c.status == Status.PENDING, ALERT.c.summary.in_(summaries)]
    if late_seq is not None:
        conditions.append(ALERT.c.settled_seq > late_seq)
    return {
        alert_id
        for condition in conditions
        for alert_id in connection.execute(newest.where(condition)).scalars()
    }


def of_rows(connection: Connection, rows: Sequence[Row[Any]]) -> list[Alert]:
    """Returns the alerts of rows, with their responders and calls."""
    people, removed = responders.of(connection, [row.id for row in rows])
    calls = _calls(connection, [row.id for row in rows if row.call_count])
    return [
        replace(
            columns.alert(row),
            responders=tuple(people[row.id]),
            removed=tuple(removed[row.id]),
            calls=tuple(calls[row.id]),
        )
        for row in rows
    ]


def save(
    connection: Connection, changed: Sequence[tuple[Alert | None, Alert]], now: datetime
) -> None:
    """Writes alerts, given as they were, None for new ones, and as they are.

    The counts are last, and all at once: whoever locked them in another order might wait for
    ever.
    """
    new = [columns.row(after) for before, after in changed if before is None]
    if new:
        connection.execute(insert(ALERT), new)
    old = [(before, after) for before, after in changed if before is not None]
    for statement, is_meant in ((columns.MOVE, columns.moves), (columns.CHANGE, columns.stays)):
        rows = [columns.changes(after) for before, after in old if is_meant(before, after)]
        if rows:
            connection.execute(statement, rows)
    retold = [columns.retold(after) for before, after in old if columns.tells_else(before, after)]
    if retold:
        connection.execute(columns.RETELL, retold)
    responders.save(connection, changed, now)
    _save_calls(connection, changed)
    moved: Counter[counts.Group] = Counter()
    for before, after in changed:
        if before is not None:
            moved[_group(before)] -= 1
        moved[_group(after)] += 1
    counts.add(connection, moved)


def _save_calls(connection: Connection, changed: Sequence[tuple[Alert | None, Alert]]) -> None:
    rows = [
        {"alert_id": after.id, **asdict(call)}
        for before, after in changed
        for call in after.calls[len(before.calls) if before else 0 :]
    ]
    if rows:
        connection.execute(insert(CALL), rows)


def lock_numbers(connection: Connection, counter: str) -> None:
    """Lets one transaction at a time raise alerts.

    They take turns over the numbers anyway; those that took turns only there would hold keys
    that the others wait for.
    """
    row = select(COUNTER.c.value).where(COUNTER.c.name == counter).with_for_update()
    if connection.execute(row).one_or_none() is None:  # the very first time
        begun = upsert(connection, COUNTER).values(name=counter, value=0)
        connection.execute(begun.on_conflict_do_nothing())
        connection.execute(row)


def add_teams(connection: Connection, teams: Sequence[tuple[int, int]]) -> None:
    """Records which alerts belong to which teams."""
    if teams:
        links = [{"alert_id": alert_id, "team_id": team_id} for alert_id, team_id in teams]
        connection.execute(insert(ALERT_TEAM), links)


def teams(connection: Connection, alert_ids: Sequence[int]) -> dict[int, list[int]]:
    """Returns the teams of alerts, by alert; those that belong to none are missing."""
    found: dict[int, list[int]] = defaultdict(list)
    links = select(ALERT_TEAM).where(one_of(connection, ALERT_TEAM.c.alert_id, alert_ids))
    for link in connection.execute(links.order_by(ALERT_TEAM.c.team_id)) if alert_ids else ():
        found[link.alert_id].append(link.team_id)
    return found


def _calls(connection: Connection, alert_ids: Sequence[int]) -> dict[int, list[Call]]:
    found: dict[int, list[Call]] = defaultdict(list)
    if alert_ids:
        query = select(CALL).where(CALL.c.alert_id.in_(alert_ids)).order_by(CALL.c.number)
        for row in connection.execute(query):
            call = Call(number=row.number, user_id=row.user_id, schedule_id=row.schedule_id)
            found[row.alert_id].append(call)
    return found


def _group(alert: Alert) -> counts.Group:
    return counts.Group(alert.source_id, alert.content.policy_id, alert.status)
