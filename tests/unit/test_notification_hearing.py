"""Who hears of what became of a page, and when people are reminded of their shifts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.notification import wire
from services.notification.domain.hearing import Change, Shift, Wish, due, hearers
from services.notification.domain.news import What
from services.notification.domain.values import Method
from tests.parts.pages import a_page
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ADA, BOB, EVE = 1, 2, 3

ACCEPTED = Change(
    escalation_key="alert:7:1",
    subject_kind="alert",
    what=What.ACCEPTED,
    at=NOW,
    by="Eve",
    by_user=EVE,
)
ESCALATED = replace(ACCEPTED, what=What.ESCALATED, by_user=0, level=2, paged=frozenset({EVE}))


def intent(user_id: int, level: int = 1, **more: Any) -> Any:
    fields: dict[str, Any] = {"user_id": user_id, "level": level, "level_count": 2}
    return a_page(intent=fields | more).intent


@pytest.mark.parametrize(
    ("change", "intents", "now", "told"),
    [
        (ACCEPTED, [intent(ADA), intent(BOB, 2)], NOW, {ADA: 1, BOB: 2}),
        (ACCEPTED, [intent(ADA), intent(ADA, 2)], NOW, {ADA: 2}),
        (ACCEPTED, [intent(ADA), intent(EVE)], NOW, {ADA: 1}),  # who did it
        (ACCEPTED, [intent(ADA), intent(0, webhook_id=4)], NOW, {ADA: 1}),
        (ACCEPTED, [intent(ADA)], NOW + 59 * MINUTE, {ADA: 1}),
        (ACCEPTED, [intent(ADA)], NOW + HOUR, {}),
        (replace(ACCEPTED, subject_kind="test"), [intent(ADA)], NOW, {}),
        (ESCALATED, [intent(ADA), intent(BOB, 2)], NOW, {ADA: 1}),
        (ESCALATED, [intent(ADA), intent(EVE)], NOW, {ADA: 1}),  # who is paged again
        (ESCALATED, [intent(ADA, 1001, level_count=0)], NOW, {}),  # called by hand
        (replace(ESCALATED, level=1), [intent(ADA)], NOW, {}),
        (replace(ESCALATED, level=1, cycle=1), [intent(ADA, 2)], NOW, {ADA: 2}),
    ],
)
def test_who_hears_of_a_change(
    change: Change, intents: list[Any], now: datetime, told: dict[int, int]
) -> None:
    found = hearers(change, intents, now)

    assert {user_id: each.level for user_id, each in found.items()} == told


SHIFT = Shift(schedule_id=4, schedule="Night", user_id=ADA, start=NOW, end=NOW + 8 * HOUR)


def wish(minutes: int, rule_id: int = 1, **more: Any) -> Wish:
    fields: dict[str, Any] = {
        "rule_id": rule_id,
        "user_id": ADA,
        "what": What.ON_CALL,
        "method": Method.EMAIL,
        "contact_id": 5,
        "target": "ada@example.com",
        "minutes": minutes,
    }
    return Wish(**fields | more)


@pytest.mark.parametrize(
    ("wishes", "shifts", "ago", "told"),
    [
        ([wish(60)], [SHIFT], 61 * MINUTE, []),
        ([wish(60)], [SHIFT], 60 * MINUTE, [1]),
        ([wish(60)], [SHIFT], MINUTE, [1]),  # the shift became theirs just now
        ([wish(60)], [SHIFT], 0 * MINUTE, []),  # it has begun
        ([wish(0)], [SHIFT], MINUTE, []),
        ([wish(0)], [SHIFT], 0 * MINUTE, [1]),
        ([wish(0)], [SHIFT], -4 * MINUTE, [1]),
        ([wish(0)], [SHIFT], -5 * MINUTE, []),
        ([wish(60, user_id=BOB)], [SHIFT], MINUTE, []),
        # After downtime the last of two rules tells, and both where they are for two ways.
        ([wish(1440, 1), wish(60, 2)], [SHIFT], DAY, [1]),
        ([wish(1440, 1), wish(60, 2)], [SHIFT], 30 * MINUTE, [2]),
        ([wish(60, 1), wish(60, 2, contact_id=6)], [SHIFT], 30 * MINUTE, [1, 2]),
        # Who is there already hears nothing of a further turn.
        ([wish(60)], [replace(SHIFT, start=NOW - DAY, end=NOW), SHIFT], MINUTE, []),
        (
            [wish(60)],
            [replace(SHIFT, start=NOW - DAY, end=NOW, user_id=BOB), SHIFT],
            MINUTE,
            [1],
        ),
        (
            [wish(60)],
            [replace(SHIFT, start=NOW - DAY, end=NOW, schedule_id=9), SHIFT],
            MINUTE,
            [1],
        ),
    ],
)
def test_when_a_reminder_is_due(
    wishes: list[Wish], shifts: list[Shift], ago: timedelta, told: list[int]
) -> None:
    assert sorted(each.rule_id for each, _ in due(wishes, shifts, NOW - ago)) == told


def test_a_reminder_is_one_by_schedule_start_person_and_rule() -> None:
    key = SHIFT.reminder_key(wish(60))
    others = [
        SHIFT.reminder_key(wish(60, 2)),
        SHIFT.reminder_key(wish(60, contact_id=6)),
        replace(SHIFT, start=NOW + MINUTE).reminder_key(wish(60)),
        replace(SHIFT, schedule_id=5).reminder_key(wish(60)),
    ]

    assert key not in others
    assert replace(SHIFT, end=NOW + DAY).reminder_key(wish(60)) == key


CAUSES = EscalationChanged.Cause


@pytest.mark.parametrize(
    ("cause", "state", "over", "what"),
    [
        (CAUSES.ENDED, Escalation.ACKNOWLEDGED, False, What.ACCEPTED),
        (CAUSES.ENDED, Escalation.STOPPED, True, What.RESOLVED),
        (CAUSES.ENDED, Escalation.STOPPED, False, None),  # it sleeps, or wants somebody anew
        (CAUSES.ENDED, Escalation.EXHAUSTED, False, None),
        (CAUSES.STEPPED, Escalation.RUNNING, False, What.ESCALATED),
        (CAUSES.LEVEL_SKIPPED, Escalation.RUNNING, False, None),
        (CAUSES.BEGUN, Escalation.RUNNING, False, None),
    ],
)
def test_what_there_is_to_tell_of_a_run(
    cause: Any, state: Any, over: bool, what: What | None
) -> None:
    run = Escalation(
        key="alert:7:1", subject=Subject(kind="alert"), state=state, level=2, end_time=NOW
    )
    event = EscalationChanged(
        escalation=run,
        cause=cause,
        subject_over=over,
        actor=Actor(kind=Actor.USER, user_id=EVE, name="Eve"),
        reasons=[EscalationChanged.Reason(user_id=BOB)],
    )

    change = wire.change(event, NOW + DAY)

    assert (change.what if change else None) is what
    if change:
        assert (change.at, change.by, change.by_user) == (NOW, "Eve", EVE)
        assert change.paged == {BOB}
