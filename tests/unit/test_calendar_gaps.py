"""When nobody is on call in a schedule that is meant to cover everything."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.calendar.gaps import AHEAD, Gap, gaps, refuse_gaps
from services.calendar.schedules import Kind, Layer, Schedule, Shift
from services.chassis.errors import InvalidRequest

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
STATIC = Schedule(id=1, name="Night", timezone="UTC", kind=Kind.STATIC)
TURNS = replace(STATIC, kind=Kind.RECURRING)


def shift(start: int, end: int) -> Shift:
    return Shift(1, NOW + start * HOUR, NOW + end * HOUR)


def layer(start: str, end: str | None = None, rotation: str = "P1D") -> Layer:
    return Layer(name="", starts_on=start, ends_on=end, users=(1, 2), rotation=rotation)


def at(hours: int) -> datetime:
    return NOW + hours * HOUR


def refused(schedule: Schedule) -> str:
    try:
        refuse_gaps(schedule, NOW)
    except InvalidRequest as found:
        return found.message.partition(": ")[2]
    return ""


def told(found: list[Gap]) -> str:
    return ", ".join(" to ".join(f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in gap) for gap in found)


@pytest.mark.parametrize(
    ("shifts", "found"),
    [
        ([shift(-5, 3), shift(3, 9)], []),
        ([shift(3, 9), shift(-5, 2)], [(at(2), at(3))]),
        ([shift(0, 1), shift(2, 3), shift(5, 6)], [(at(1), at(2)), (at(3), at(5))]),
        ([shift(-9, -8)], []),
        ([], [(at(0), NOW + AHEAD)]),
    ],
)
def test_shifts_leave_gaps_between_the_first_and_the_last(shifts: list[Shift], found: Any) -> None:
    assert refused(replace(STATIC, shifts=tuple(shifts))) == told(found)


@pytest.mark.parametrize(
    ("layers", "found"),
    [
        ([layer("2026-01-01T00:00")], []),
        ([layer("2026-03-05T00:00")], []),  # from its beginning on
        (
            [layer("2026-01-01T00:00", "2026-03-03T00:00"), layer("2026-03-04T00:00")],
            [(datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC))],
        ),
        ([layer("2026-01-01T00:00", "2026-03-03T00:00")], []),  # ends on purpose
        ([layer("2025-01-01T00:00", "2025-03-03T00:00")], []),
        ([], [(NOW, NOW + AHEAD)]),
    ],
)
def test_layers_leave_gaps_from_now_on(layers: list[Layer], found: Any) -> None:
    assert refused(replace(TURNS, layers=tuple(layers))) == told(found)


def test_a_clock_change_leaves_no_gap() -> None:
    berlin = replace(TURNS, timezone="Europe/Berlin", layers=(layer("2026-01-01T02:30"),))
    assert gaps(berlin, NOW, NOW + AHEAD) == []


def test_overrides_fill_gaps_of_a_span() -> None:
    schedule = replace(STATIC, shifts=(shift(2, 3), shift(5, 6)))

    assert gaps(schedule, at(0), at(7)) == [(at(0), at(2)), (at(3), at(5)), (at(6), at(7))]
    assert gaps(schedule, at(0), at(7), [shift(-1, 2), shift(4, 9)]) == [(at(3), at(4))]
    assert gaps(schedule, at(2), at(3)) == []


def test_the_first_gaps_are_named() -> None:
    shifts = tuple(shift(2 * number, 2 * number + 1) for number in range(8))
    with pytest.raises(InvalidRequest) as refused:
        refuse_gaps(replace(STATIC, shifts=shifts), NOW)

    assert refused.value.field == "shifts"
    assert refused.value.message.startswith(
        "shifts leave gaps: 2026-03-02T10:00:00Z to 2026-03-02T11:00:00Z, "
    )
    assert refused.value.message.endswith(" and 2 more")
    refuse_gaps(replace(STATIC, shifts=shifts[:1]), NOW)
