"""Alerts as the columns of their rows, and back."""

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, bindparam, update

from services.alertstate.domain.alerts import Alert, Content, Image, Link, Priority, Status
from services.alertstate.store.tables import ALERT

#: What changes after an alert was raised.
_CHANGING = (
    "status",
    "resolved_on",
    "next_escalation",
    "next_level",
    "exhausted_at",
    "accept_expires",
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
    "told_seq",
    "silent",
    "fired_at",
)
_CHANGING_CONTENT = ("alert_key", "match_key", "priority", "policy_id")
#: What an alert tells. It seldom changes, and may be long.
_TOLD = ("summary", "details", "images", "links", "custom_details", "severity", "labels")

#: What of it is in indexes. SQLite writes an index anew whenever a statement names its columns.
_INDEXED = {"status", "policy_id", "resolved_on"}
_NAMES = (*_CHANGING, *_CHANGING_CONTENT, "call_count")
_WHICH = update(ALERT).where(ALERT.c.id == bindparam("which"))

MOVE = _WHICH.values({name: bindparam(f"new_{name}") for name in _NAMES})
CHANGE = _WHICH.values({name: bindparam(f"new_{name}") for name in _NAMES if name not in _INDEXED})
RETELL = _WHICH.values({name: bindparam(f"new_{name}") for name in _TOLD})


def alert(row: Row[Any]) -> Alert:
    """Returns the alert of a row, without the people around it."""
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


def row(alert: Alert) -> dict[str, object]:
    """Returns the row of a new alert."""
    content = alert.content
    return {
        "id": alert.id,
        "source_id": alert.source_id,
        "alert_key": content.alert_key,
        "match_key": content.match_key,
        "priority": content.priority,
        "policy_id": content.policy_id,
        **_told(content),
        "call_count": len(alert.calls),
        "report_time": alert.report_time,
        "accept_time": alert.accept_time,
        "run_episode": 0,
        "run_version": 0,
        **{name: getattr(alert, name) for name in _CHANGING},
    }


def changes(alert: Alert) -> dict[str, object]:
    """Returns what `MOVE` and `CHANGE` take: what may have changed of an alert."""
    return {
        "which": alert.id,
        "new_call_count": len(alert.calls),
        **{f"new_{name}": getattr(alert, name) for name in _CHANGING},
        **{f"new_{name}": getattr(alert.content, name) for name in _CHANGING_CONTENT},
    }


def moves(before: Alert, after: Alert) -> bool:
    """Tells whether an alert has another place in the indexes now."""
    return _indexed(before) != _indexed(after)


def stays(before: Alert, after: Alert) -> bool:
    """Tells whether an alert keeps its place in the indexes."""
    return not moves(before, after)


def _indexed(alert: Alert) -> tuple[object, ...]:
    return alert.status, alert.content.policy_id, alert.resolved_on


def _told(content: Content) -> dict[str, object]:
    return {
        "summary": content.summary,
        "details": content.details,
        "images": json.dumps([asdict(image) for image in content.images]),
        "links": json.dumps([asdict(link) for link in content.links]),
        "custom_details": content.custom_details,
        "severity": content.severity,
        "labels": json.dumps(dict(content.labels)),
    }


def tells_else(before: Alert, after: Alert) -> bool:
    """Tells whether an alert that is stored tells something else now."""
    if before.content is after.content:
        return False
    return any(getattr(before.content, name) != getattr(after.content, name) for name in _TOLD)


def retold(after: Alert) -> dict[str, object]:
    """Returns what `RETELL` takes: what an alert tells."""
    told = {f"new_{name}": value for name, value in _told(after.content).items()}
    return {"which": after.id, **told}
