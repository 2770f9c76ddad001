"""Alerts with their responders and logs, loaded and saved many at a time."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, true

from services.alertstate.domain.alerts import Alert, Call, Responder, Status
from services.alertstate.store import columns, counts
from services.alertstate.store.tables import ALERT, ALERT_TEAM, CALL, RESPONDER
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
    responders, removed = _responders(connection, [row.id for row in rows])
    calls = _calls(connection, [row.id for row in rows if row.call_count])
    return [
        replace(
            columns.alert(row),
            responders=tuple(responders[row.id]),
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
    old = [columns.changes(after) for before, after in changed if before is not None]
    if new:
        connection.execute(insert(ALERT), new)
    if old:
        connection.execute(columns.CHANGE, old)
    retold = [
        columns.retold(after) for before, after in changed if columns.tells_else(before, after)
    ]
    if retold:
        connection.execute(columns.RETELL, retold)
    _save_responders(connection, changed, now)
    _save_calls(connection, changed)
    moved: Counter[tuple[int, Status]] = Counter()
    for before, after in changed:
        if before is not None:
            moved[before.source_id, before.status] -= 1
        moved[after.source_id, after.status] += 1
    counts.add(connection, moved)


def _save_responders(
    connection: Connection, changed: Sequence[tuple[Alert | None, Alert]], now: datetime
) -> None:
    moved = [
        {"alert_id": after.id, "user_id": user_id, "added_at": now} | standing
        for before, after in changed
        for user_id, standing in _standings(before, after)
    ]
    if moved:
        row = upsert(connection, RESPONDER)
        put = row.on_conflict_do_update(
            index_elements=["alert_id", "user_id"],
            set_={"accepted_at": row.excluded.accepted_at, "removed": row.excluded.removed},
        )
        connection.execute(put, moved)


def _standings(before: Alert | None, after: Alert) -> Iterator[tuple[int, dict[str, object]]]:
    """Returns who became a responder, took the alert, or was taken off it."""
    for each in after.responders:
        if before is None or each not in before.responders:
            yield each.user_id, {"accepted_at": each.accepted_at, "removed": False}
    for user_id in after.removed:
        if before is None or user_id not in before.removed:
            yield user_id, {"accepted_at": None, "removed": True}


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


def _responders(
    connection: Connection, alert_ids: Sequence[int]
) -> tuple[dict[int, list[Responder]], dict[int, list[int]]]:
    """Returns the responders of alerts, and who was taken off them."""
    found: dict[int, list[Responder]] = defaultdict(list)
    removed: dict[int, list[int]] = defaultdict(list)
    if alert_ids:
        query = select(RESPONDER).where(RESPONDER.c.alert_id.in_(alert_ids))
        for row in connection.execute(query.order_by(RESPONDER.c.added_at, RESPONDER.c.user_id)):
            if row.removed:
                removed[row.alert_id].append(row.user_id)
            else:
                found[row.alert_id].append(Responder(row.user_id, row.accepted_at))
    return found, removed


def _calls(connection: Connection, alert_ids: Sequence[int]) -> dict[int, list[Call]]:
    found: dict[int, list[Call]] = defaultdict(list)
    if alert_ids:
        query = select(CALL).where(CALL.c.alert_id.in_(alert_ids)).order_by(CALL.c.number)
        for row in connection.execute(query):
            call = Call(number=row.number, user_id=row.user_id, schedule_id=row.schedule_id)
            found[row.alert_id].append(call)
    return found
