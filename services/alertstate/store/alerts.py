"""Alerts with their responders and logs, loaded and saved many at a time."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, true, update

from services.alertstate.domain.alerts import (
    Alert,
    Call,
    Content,
    Image,
    Link,
    Priority,
    Status,
)
from services.alertstate.store import counts, responders
from services.alertstate.store.tables import ALERT, ALERT_TEAM, CALL
from services.chassis.counters import COUNTER
from services.chassis.errors import NotFound
from services.chassis.sql import upsert

#: Open alerts that are looked at to find one that takes events in.
MOST_OPEN = 200

#: What changes after an alert was raised.
_CHANGING = (
    "status",
    "resolved_on",
    "next_escalation",
    "snoozed_until",
    "event_count",
    "log_count",
    "comment_count",
    "version",
    "episode",
    "pushes",
    "level",
    "called_episode",
    "routed_policy_id",
    "routed_seq",
    "held",
    "keyless_seq",
    "begun_seq",
    "settled_seq",
)
_CHANGING_CONTENT = ("alert_key", "match_key", "priority", "policy_id")
#: What of it is in indexes. SQLite writes an index anew whenever a statement names its columns.
_INDEXED = {"status", "policy_id", "resolved_on"}
_NAMES = (*_CHANGING, *_CHANGING_CONTENT, "call_count")
_WHICH = update(ALERT).where(ALERT.c.id == bindparam("which"))
_MOVE = _WHICH.values({name: bindparam(f"new_{name}") for name in _NAMES})
_CHANGE = _WHICH.values({name: bindparam(f"new_{name}") for name in _NAMES if name not in _INDEXED})


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
            _alert(row),
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
    new = [_row(after) for before, after in changed if before is None]
    if new:
        connection.execute(insert(ALERT), new)
    old = [(before, after) for before, after in changed if before is not None]
    moves = [_changes(after) for before, after in old if _indexed(before) != _indexed(after)]
    if moves:
        connection.execute(_MOVE, moves)
    stayed = [_changes(after) for before, after in old if _indexed(before) == _indexed(after)]
    if stayed:
        connection.execute(_CHANGE, stayed)
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


def _indexed(alert: Alert) -> tuple[object, ...]:
    """Returns what indexes hold of an alert and may change."""
    return alert.status, alert.content.policy_id, alert.resolved_on


def _alert(row: Row[Any]) -> Alert:
    content = Content(
        alert_key=row.alert_key,
        match_key=row.match_key,
        summary=row.summary,
        details=row.details,
        priority=Priority(row.priority),
        images=tuple(Image(**image) for image in json.loads(row.images)),
        links=tuple(Link(**link) for link in json.loads(row.links)),
        custom_details=row.custom_details,
        policy_id=row.policy_id,
        severity=row.severity,
        labels=tuple(json.loads(row.labels).items()),
    )
    changing = {name: getattr(row, name) for name in _CHANGING} | {"status": Status(row.status)}
    return Alert(
        id=row.id,
        source_id=row.source_id,
        content=content,
        report_time=row.report_time,
        accept_time=row.accept_time,
        run_episode=row.run_episode,
        **changing,
    )


def _row(alert: Alert) -> dict[str, object]:
    content = alert.content
    return {
        "id": alert.id,
        "source_id": alert.source_id,
        "alert_key": content.alert_key,
        "match_key": content.match_key,
        "summary": content.summary,
        "details": content.details,
        "priority": content.priority,
        "images": json.dumps([asdict(image) for image in content.images]),
        "links": json.dumps([asdict(link) for link in content.links]),
        "custom_details": content.custom_details,
        "policy_id": content.policy_id,
        "severity": content.severity,
        "labels": json.dumps(dict(content.labels)),
        "call_count": len(alert.calls),
        "report_time": alert.report_time,
        "accept_time": alert.accept_time,
        "run_episode": 0,
        "run_version": 0,
        **{name: getattr(alert, name) for name in _CHANGING},
    }


def _changes(alert: Alert) -> dict[str, object]:
    return {
        "which": alert.id,
        "new_call_count": len(alert.calls),
        **{f"new_{name}": getattr(alert, name) for name in _CHANGING},
        **{f"new_{name}": getattr(alert.content, name) for name in _CHANGING_CONTENT},
    }
