"""Alerts with their responders and logs, loaded and saved many at a time."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from services.alertstate.domain.alerts import (
    Alert,
    Content,
    Image,
    Link,
    Priority,
    Responder,
    Status,
)
from services.alertstate.store import counts
from services.alertstate.store.tables import ALERT, ALERT_TEAM, RESPONDER
from services.chassis.counters import COUNTER
from services.chassis.errors import NotFound
from services.chassis.sql import upsert

#: What changes after an alert was raised.
_CHANGING = (
    "status",
    "resolved_on",
    "next_escalation",
    "event_count",
    "log_count",
    "version",
    "episode",
)
_CHANGE = (
    update(ALERT)
    .where(ALERT.c.id == bindparam("which"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGING})
)


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


def of_rows(connection: Connection, rows: Sequence[Row[Any]]) -> list[Alert]:
    """Returns the alerts of rows, with their responders."""
    responders = _responders(connection, [row.id for row in rows])
    return [_alert(row, responders.get(row.id, ())) for row in rows]


def save(
    connection: Connection, changed: Sequence[tuple[Alert | None, Alert]], now: datetime
) -> None:
    """Writes alerts, given as they were, None for new ones, and as they are.

    The counts are last, and all at once: whoever locked them in another order might wait for
    ever.
    """
    new = [_row(after) for before, after in changed if before is None]
    old = [_changes(after) for before, after in changed if before is not None]
    if new:
        connection.execute(insert(ALERT), new)
    if old:
        connection.execute(_CHANGE, old)
    _save_responders(connection, changed, now)
    moved: Counter[tuple[int, Status]] = Counter()
    for before, after in changed:
        if before is not None:
            moved[before.source_id, before.status] -= 1
        moved[after.source_id, after.status] += 1
    counts.add(connection, moved)


def _save_responders(
    connection: Connection, changed: Sequence[tuple[Alert | None, Alert]], now: datetime
) -> None:
    taken = [
        {
            "alert_id": after.id,
            "user_id": each.user_id,
            "added_at": now,
            "accepted_at": each.accepted_at,
        }
        for before, after in changed
        for each in after.responders
        if before is None or each not in before.responders
    ]
    if taken:
        row = upsert(connection, RESPONDER)
        put = row.on_conflict_do_update(
            index_elements=["alert_id", "user_id"],
            set_={"accepted_at": row.excluded.accepted_at},
        )
        connection.execute(put, taken)


def lock_numbers(connection: Connection, counter: str) -> None:
    """Lets one transaction at a time raise alerts.

    They take turns over the numbers anyway; those that took turns only there would hold keys
    that the others wait for.
    """
    row = select(COUNTER.c.value).where(COUNTER.c.name == counter)
    connection.execute(row.with_for_update())


def add_paged(
    connection: Connection, alert_id: int, user_ids: Iterable[int], now: datetime
) -> None:
    """Adds people who were paged; whoever is a responder already stays as they are."""
    paged = [
        {"alert_id": alert_id, "user_id": user_id, "added_at": now} for user_id in sorted(user_ids)
    ]
    if paged:
        connection.execute(upsert(connection, RESPONDER).on_conflict_do_nothing(), paged)


def add_teams(connection: Connection, teams: Sequence[tuple[int, int]]) -> None:
    """Records which alerts belong to which teams."""
    if teams:
        links = [{"alert_id": alert_id, "team_id": team_id} for alert_id, team_id in teams]
        connection.execute(insert(ALERT_TEAM), links)


def _responders(
    connection: Connection, alert_ids: Sequence[int]
) -> dict[int, tuple[Responder, ...]]:
    found: dict[int, list[Responder]] = defaultdict(list)
    if alert_ids:
        query = select(RESPONDER).where(RESPONDER.c.alert_id.in_(alert_ids))
        for row in connection.execute(query.order_by(RESPONDER.c.added_at, RESPONDER.c.user_id)):
            found[row.alert_id].append(Responder(row.user_id, row.accepted_at))
    return {alert_id: tuple(responders) for alert_id, responders in found.items()}


def _alert(row: Row[Any], responders: tuple[Responder, ...]) -> Alert:
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
    )
    return Alert(
        id=row.id,
        source_id=row.source_id,
        content=content,
        report_time=row.report_time,
        accept_time=row.accept_time,
        status=Status(row.status),
        resolved_on=row.resolved_on,
        next_escalation=row.next_escalation,
        event_count=row.event_count,
        log_count=row.log_count,
        version=row.version,
        episode=row.episode,
        responders=responders,
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
        "report_time": alert.report_time,
        "accept_time": alert.accept_time,
        "run_episode": 0,
        "run_version": 0,
        **{name: getattr(alert, name) for name in _CHANGING},
    }


def _changes(alert: Alert) -> dict[str, object]:
    return {"which": alert.id, **{f"new_{name}": getattr(alert, name) for name in _CHANGING}}
