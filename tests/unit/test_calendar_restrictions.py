"""Layers that count at some times of the week only, through changes of the clocks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.calendar import on_call
from services.calendar.gaps import gaps
from services.calendar.restrictions import Restriction, WeekTime, windows
from services.calendar.schedules import Kind, Layer, Schedule, Shift, checked
from services.calendar.wall import DAYS
from services.chassis.errors import InvalidRequest

ADA, BOB, EVE = 1, 2, 3
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DAILY = Layer(name="", starts_on="2026-03-02T00:00", users=(ADA, BOB), rotation="P1D")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def between(start: str, end: str) -> Restriction:
    """Reads "MONDAY 09:00"."""
    return Restriction(WeekTime(*start.split()), WeekTime(*end.split()))


def daily(start: str, end: str) -> Restriction:
    """Reads "09:00"."""
    return Restriction(WeekTime("", start), WeekTime("", end))


def schedule(*layers: Layer, zone: str = "UTC") -> Schedule:
    return Schedule(id=1, name="Night", timezone=zone, kind=Kind.RECURRING, layers=layers)


def told(found: Sequence[Shift]) -> list[tuple[int, str, str]]:
    return [(s.user, f"{s.start:%m-%dT%H:%M}", f"{s.end:%m-%dT%H:%M}") for s in found]


def shifts(layer: Layer, start: str, end: str, zone: str = "UTC") -> list[tuple[int, str, str]]:
    return told(on_call.shifts(schedule(layer, zone=zone), at(start), at(end), ()))


def test_a_layer_counts_at_its_times_while_turns_go_on() -> None:
    office = [between(f"{day} 09:00", f"{day} 17:00") for day in DAYS[:5]]
    layer = replace(DAILY, restrictions=tuple(office))

    assert shifts(layer, "2026-03-05T12:00", "2026-03-10T00:00") == [
        (BOB, "03-05T09:00", "03-05T17:00"),
        (ADA, "03-06T09:00", "03-06T17:00"),
        (BOB, "03-09T09:00", "03-09T17:00"),  # Saturday was his, Sunday was hers
    ]


def test_a_stretch_over_the_end_of_the_week_is_cut_where_turns_change() -> None:
    layer = replace(DAILY, restrictions=(between("SATURDAY 20:00", "MONDAY 06:00"),))

    assert shifts(layer, "2026-03-06T00:00", "2026-03-14T00:00") == [
        (BOB, "03-07T20:00", "03-08T00:00"),
        (ADA, "03-08T00:00", "03-09T00:00"),
        (BOB, "03-09T00:00", "03-09T06:00"),
    ]


def test_lower_layers_count_where_a_restricted_one_does_not() -> None:
    night = replace(
        DAILY,
        users=(EVE,),
        rotation="P1W",
        restrictions=(between("TUESDAY 22:00", "WEDNESDAY 04:00"),),
    )

    found = on_call.shifts(
        schedule(DAILY, night), at("2026-03-03T12:00"), at("2026-03-04T12:00"), ()
    )

    assert told(found) == [
        (BOB, "03-03T00:00", "03-03T22:00"),
        (EVE, "03-03T22:00", "03-04T04:00"),
        (ADA, "03-04T04:00", "03-05T00:00"),
    ]


def test_what_restrictions_leave_out_is_a_gap() -> None:
    layer = replace(DAILY, restrictions=(between("MONDAY 00:00", "SUNDAY 23:00"),))

    found = gaps(schedule(layer), at("2026-03-02T00:00"), at("2026-03-14T00:00"))

    assert found == [(at("2026-03-08T23:00"), at("2026-03-09T00:00"))]


@pytest.mark.parametrize(
    ("restriction", "first"),
    [
        # 29 March 2026: 02:00 to 03:00 is skipped, 01:00Z.
        (("SUNDAY 02:30", "SUNDAY 04:00"), (ADA, "03-29T01:00", "03-29T02:00")),
        (("SUNDAY 01:00", "SUNDAY 02:30"), (ADA, "03-29T00:00", "03-29T01:00")),
        # 25 October 2026: 02:00 to 03:00 comes twice, from 00:00Z and from 01:00Z.
        (("SUNDAY 02:30", "SUNDAY 04:00"), (ADA, "10-25T00:30", "10-25T03:00")),
        (("SUNDAY 01:00", "SUNDAY 02:30"), (ADA, "10-24T23:00", "10-25T01:30")),
    ],
)
def test_changes_of_the_clocks(restriction: tuple[str, str], first: tuple[int, str, str]) -> None:
    layer = replace(DAILY, rotation="P52W", restrictions=(between(*restriction),))
    day = f"2026-{first[2][:5]}"

    assert shifts(layer, f"{day}T00:00", f"{day}T12:00", "Europe/Berlin") == [first]


def test_stretches_of_a_turn_that_a_change_brings_together_are_one_shift() -> None:
    before, after = between("SUNDAY 01:00", "SUNDAY 02:15"), between("SUNDAY 02:45", "SUNDAY 04:00")
    layer = replace(DAILY, restrictions=(before, after))

    assert shifts(layer, "2026-10-25T00:00", "2026-10-25T12:00", "Europe/Berlin") == [
        (BOB, "10-24T23:00", "10-25T03:00"),
    ]
    assert shifts(layer, "2026-03-29T00:00", "2026-03-29T12:00", "Europe/Berlin") == [
        (BOB, "03-29T00:00", "03-29T02:00"),
    ]
    assert shifts(layer, "2026-03-29T01:30", "2026-03-29T01:40", "Europe/Berlin") == [
        (BOB, "03-29T00:00", "03-29T02:00"),
    ]


def test_what_a_change_brings_together_is_one_shift_of_a_long_span_too() -> None:
    before, after = between("SUNDAY 01:00", "SUNDAY 02:15"), between("SUNDAY 02:45", "SUNDAY 04:00")
    layer = replace(DAILY, starts_on="2025-03-01T00:00", restrictions=(before, after))

    found = shifts(layer, "2026-03-29T01:30", "2026-10-25T00:30", "Europe/Berlin")

    assert found[0][1:] == ("03-29T00:00", "03-29T02:00")
    assert found[-1][1:] == ("10-24T23:00", "10-25T03:00")


def test_turns_that_change_within_a_stretch_overlap_where_an_hour_repeats() -> None:
    layer = replace(
        DAILY, starts_on="2026-10-19T02:30", restrictions=(between("SUNDAY 01:00", "SUNDAY 04:00"),)
    )

    assert shifts(layer, "2026-10-25T00:00", "2026-10-25T12:00", "Europe/Berlin") == [
        (BOB, "10-24T23:00", "10-25T01:30"),
        (ADA, "10-25T00:30", "10-25T03:00"),
    ]


def test_times_of_the_day_are_those_of_every_day() -> None:
    layer = replace(DAILY, restriction_type="TIMES_OF_DAY", restrictions=(daily("09:00", "17:00"),))

    assert shifts(layer, "2026-03-08T12:00", "2026-03-10T12:00") == [
        (ADA, "03-08T09:00", "03-08T17:00"),
        (BOB, "03-09T09:00", "03-09T17:00"),
        (ADA, "03-10T09:00", "03-10T17:00"),
    ]


def test_times_of_the_day_that_end_before_they_begin_go_over_midnight() -> None:
    layer = replace(
        DAILY,
        starts_on="2026-03-02T12:00",
        restriction_type="TIMES_OF_DAY",
        restrictions=(daily("22:00", "06:00"),),
    )

    assert shifts(layer, "2026-03-07T12:00", "2026-03-09T12:00") == [
        (BOB, "03-07T22:00", "03-08T06:00"),
        (ADA, "03-08T22:00", "03-09T06:00"),
    ]
    assert windows((daily("06:00", "06:00"),)) == ()
    assert windows((daily("06:00", "00:00"), daily("00:00", "06:00"))) == ()


def test_a_stretch_in_a_skipped_hour_has_nobody() -> None:
    layer = replace(DAILY, restrictions=(between("SUNDAY 02:15", "SUNDAY 02:45"),))

    assert shifts(layer, "2026-03-28T12:00", "2026-03-30T00:00", "Europe/Berlin") == []


def test_stretches_that_touch_are_one_and_a_whole_week_is_none() -> None:
    assert windows(
        (between("MONDAY 09:00", "MONDAY 12:00"), between("MONDAY 12:00", "MONDAY 13:00"))
    ) == ((9 * HOUR, 13 * HOUR),)
    assert windows(
        (between("SUNDAY 12:00", "MONDAY 01:00"), between("MONDAY 00:30", "MONDAY 02:00"))
    ) == ((6 * DAY + 12 * HOUR, 7 * DAY + 2 * HOUR),)
    assert windows((between("FRIDAY 12:00", "FRIDAY 12:00"),)) == ()
    assert (
        windows(
            (between("MONDAY 00:00", "FRIDAY 00:00"), between("THURSDAY 00:00", "MONDAY 00:00"))
        )
        == ()
    )


# what is refused


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"restriction_type": "TIMES_OF_YEAR"}, "restrictionType"),
        (
            {"restrictions": (between("monday 09:00", "MONDAY 10:00"),)},
            "restrictions[0].from.dayOfWeek",
        ),
        ({"restrictions": (between("MONDAY 09:00", "MONDAY 9:00"),)}, "restrictions[0].to.time"),
        ({"restrictions": (between("MONDAY 24:00", "MONDAY 09:00"),)}, "restrictions[0].from.time"),
        ({"restrictions": (between("MONDAY 01:00", "MONDAY 09:00"),) * 101}, "restrictions"),
        ({"restrictions": (daily("01:00", "09:00"),)}, "restrictions[0].from.dayOfWeek"),
        (
            {
                "restriction_type": "TIMES_OF_DAY",
                "restrictions": (daily("01:00", "9:00"),),
            },
            "restrictions[0].to.time",
        ),
        (
            {
                "restriction_type": "TIMES_OF_DAY",
                "restrictions": (Restriction(WeekTime("", "09:00"), WeekTime("MONDAY", "10:00")),),
            },
            "restrictions[0].to.dayOfWeek",
        ),
    ],
)
def test_what_restrictions_must_be(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        checked(schedule(replace(DAILY, **change)), users={ADA, BOB}, teams=())
    assert refused.value.field == f"scheduleLayers[0].{field}"
