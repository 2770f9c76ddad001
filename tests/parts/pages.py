"""Pages as a channel gets them, without a database: Ada is paged about a full disk."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.notification.domain.values import Intent, Kind, Link, Notification, Page, State

#: 10:00 in Berlin, a Monday.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LINK = "https://tocsin.example/m/c2VjcmV0"

_NOTIFICATION = Notification(
    id=12,
    key="alert:7:1:0:1:1:3",
    kind=Kind.PAGE,
    escalation_key="alert:7:1",
    cycle=0,
    level=1,
    user_id=1,
    method="EMAIL",
    target="ada@example.com",
    headline="disk full on db-1",
    subject_kind="alert",
    subject_id="7",
    state=State.SENDING,
    at=NOW,
    expires_at=NOW + timedelta(hours=4),
)
_INTENT = Intent(
    escalation_key="alert:7:1",
    cycle=0,
    level=1,
    user_id=1,
    level_count=3,
    subject_kind="alert",
    subject_id="7",
    episode=1,
    title="disk full on db-1",
    details="**97 %** of `/var`",
    links=(Link("https://example.com/disk", "Runbook"),),
    priority="HIGH",
    request_time=NOW,
    next_step_time=NOW + timedelta(minutes=5),
    accept_time=NOW,
)
_PAGE = Page(
    notification=_NOTIFICATION,
    intent=_INTENT,
    user_name="Ada Lovelace",
    attempt_time=NOW,
    timezone="Europe/Berlin",
    others=("Bob Boyle", "status room"),
    link=LINK,
)


def a_page(
    *, notification: dict[str, Any] | None = None, intent: dict[str, Any] | None = None, **more: Any
) -> Page:
    """Returns the page, with other values in it, its notification and its intent."""
    return replace(
        _PAGE,
        notification=replace(_NOTIFICATION, **notification or {}),
        intent=replace(_INTENT, **intent or {}),
        **more,
    )


def stand_down(**more: Any) -> Page:
    """Returns the message that takes the page back, with other values in it."""
    notification = {"key": "alert:7:1:stand-down:1:3", **more.pop("notification", {})}
    return a_page(notification=notification | {"kind": Kind.STAND_DOWN}, **more)


def bundle(count: int, **more: Any) -> Page:
    """Returns a page that stands for so many alerts."""
    others = tuple(
        replace(_INTENT, subject_id=str(each), title=f"disk full on db-{each}")
        for each in range(2, count + 1)
    )
    return a_page(bundled=others, **more)
