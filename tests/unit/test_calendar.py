"""Who is on call: over every time zone, through every change of the clocks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.calendar import on_call, turns
from services.calendar.durations import duration
from services.calendar.restrictions import TIMES_OF_DAY, Restriction, WeekTime
from services.calendar.schedules import Kind, Layer, Schedule, Shift, checked, checked_shift
from services.calendar.wall import instant, last_instant, shown
from services.chassis.errors import InvalidRequest

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ADA, BOB, EVE = 1, 2, 3
LAYER = "scheduleLayers[0]"
BERLIN = ZoneInfo("Europe/Berlin")
WEEKLY = Layer(name="", starts_on="2026-03-02T09:00", users=(ADA, BOB), rotation="P1W")


def rounds(*lengths: str) -> Layer:
    return replace(WEEKLY, rotation="", rotations=lengths)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def recurring(*layers: Layer, zone: str = "Europe/Berlin") -> Schedule:
    return Schedule(id=1, name="Night", timezone=zone, kind=Kind.RECURRING, layers=layers)


def static(*shifts: Shift) -> Schedule:
    return Schedule(id=1, name="Days", timezone="UTC", kind=Kind.STATIC, shifts=shifts)


def between(user: int, start: str, end: str) -> Shift:
    return Shift(user, at(start), at(end))


def told(shifts: Sequence[Shift]) -> list[tuple[int, str, str]]:
    return [(s.user, f"{s.start:%m-%dT%H:%M}", f"{s.end:%m-%dT%H:%M}") for s in shifts]


# durations


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT1H", HOUR),
        ("PT12H", 12 * HOUR),
        ("P1D", DAY),
        ("P7D", 7 * DAY),
        ("P1W", 7 * DAY),
        ("P1DT12H", 36 * HOUR),
        ("P1W1D", 8 * DAY),
        ("P366D", 366 * DAY),
    ],
)
def test_a_turn_is_of_whole_hours_days_or_weeks(text: str, length: timedelta) -> None:
    assert duration(text, "rotation") == length


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1M",  # but for turns
        "P1Y",
        "PT30M",
        "P0D",
        "PT0H",
        "P1.5D",
        "-P1D",
        "1D",
        "P367D",
        "P1D ",
        "p1d",
    ],
)
def test_no_other_duration_is_a_turn(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        duration(text, "rotation")
    assert refused.value.field == "rotation"


# the wall clock


@pytest.mark.parametrize(
    ("zone", "wall", "moment"),
    [
        ("Europe/Berlin", "2026-01-15T09:00", "2026-01-15T08:00"),
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00"),  # skipped
        ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00"),  # skipped
        ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),  # comes twice
        ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),  # half an hour skipped
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"),  # a day skipped
    ],
)
def test_a_wall_time_is_its_first_occurrence_or_the_end_of_the_gap(
    zone: str, wall: str, moment: str
) -> None:
    assert instant(datetime.fromisoformat(wall), ZoneInfo(zone)) == at(moment)


zones = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
walls = st.datetimes(
    datetime.fromisoformat("1971-01-01"), datetime.fromisoformat("2037-01-01")
).map(lambda wall: wall.replace(microsecond=0))


@given(zone=zones, wall=walls, later=st.timedeltas(timedelta(), 2 * DAY))
def test_a_later_wall_time_is_never_an_earlier_moment(
    zone: ZoneInfo, wall: datetime, later: timedelta
) -> None:
    after = (wall + later).replace(microsecond=0)
    assert instant(wall, zone) <= instant(after, zone)
    assert last_instant(wall, zone) <= last_instant(after, zone)
    assert instant(wall, zone) <= last_instant(wall, zone)


@given(zone=zones, wall=walls)
def test_a_wall_time_is_shown_at_its_moment_and_not_before(zone: ZoneInfo, wall: datetime) -> None:
    moment = instant(wall, zone)

    assert shown(moment, zone) >= wall  # later only where the wall time is skipped
    assert shown(moment - timedelta(seconds=1), zone) < wall


# turns

layers = st.builds(
    Layer,
    name=st.just(""),
    starts_on=walls.map(lambda wall: f"{wall:%Y-%m-%dT%H:%M}"),
    users=st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple),
    rotation=st.sampled_from(["PT1H", "PT7H", "PT12H", "P1D", "P3D", "P1W", "P2W", "P1M"]),
)


def test_a_week_is_a_week_on_the_wall_though_the_clock_changes() -> None:
    found = on_call.shifts(recurring(WEEKLY), at("2026-03-20T00:00"), at("2026-04-06T00:00"), ())

    assert told(found) == [
        (ADA, "03-16T08:00", "03-23T08:00"),
        (BOB, "03-23T08:00", "03-30T07:00"),
        (ADA, "03-30T07:00", "04-06T07:00"),
    ]


def test_months_begin_on_the_day_of_the_first_or_on_the_last_of_a_short_one() -> None:
    layer = replace(WEEKLY, starts_on="2024-01-31T09:00", rotation="P1M")
    found = on_call.shifts(recurring(layer), at("2024-02-01T00:00"), at("2024-06-01T00:00"), ())

    assert told(found) == [
        (ADA, "01-31T08:00", "02-29T08:00"),
        (BOB, "02-29T08:00", "03-31T07:00"),
        (ADA, "03-31T07:00", "04-30T07:00"),
        (BOB, "04-30T07:00", "05-31T07:00"),
        (ADA, "05-31T07:00", "06-30T07:00"),
    ]


@pytest.mark.parametrize("months", [1, 2, 3, 5, 12])
@pytest.mark.parametrize("day", [1, 15, 28, 29, 30, 31])
def test_any_day_is_in_the_month_that_began_last(months: int, day: int) -> None:
    first = datetime.fromisoformat(f"2023-01-{day:02}T09:00")
    rotation = replace(WEEKLY, starts_on=f"{first:%Y-%m-%dT%H:%M}", rotation=f"P{months}M").turns

    for number in range(-3, 40):
        begins, ends = rotation.begins(number), rotation.begins(number + 1)
        assert rotation.number(begins) == rotation.number(ends - HOUR) == number
        assert (ends.month - begins.month - months) % 12 == 0
        assert ends.day == day or (ends + DAY).day == 1


def test_turns_of_several_lengths_come_round_while_people_take_turns() -> None:
    week = recurring(replace(rounds("P5D", "P2D"), users=(ADA, BOB, EVE)), zone="UTC")

    found = on_call.shifts(week, at("2026-03-02T09:00"), at("2026-03-20"), ())

    assert told(found) == [
        (ADA, "03-02T09:00", "03-07T09:00"),
        (BOB, "03-07T09:00", "03-09T09:00"),
        (EVE, "03-09T09:00", "03-14T09:00"),
        (ADA, "03-14T09:00", "03-16T09:00"),
        (BOB, "03-16T09:00", "03-21T09:00"),
    ]


def test_several_people_have_a_turn_together() -> None:
    pairs = replace(WEEKLY, users=(ADA, BOB, EVE), users_per_shift=2)
    schedule = recurring(pairs, zone="UTC")

    found = on_call.shifts(schedule, at("2026-03-09T00:00"), at("2026-03-17T00:00"), ())

    assert told(found) == [
        (ADA, "03-02T09:00", "03-09T09:00"),
        (BOB, "03-02T09:00", "03-09T09:00"),
        (EVE, "03-09T09:00", "03-16T09:00"),
        (ADA, "03-09T09:00", "03-16T09:00"),
        (BOB, "03-16T09:00", "03-23T09:00"),
        (EVE, "03-16T09:00", "03-23T09:00"),
    ]
    assert on_call.on_call(schedule, at("2026-03-10T00:00"), ()) == (EVE, ADA)
    assert on_call.current(schedule, at("2026-03-10T00:00"), ()) == found[2]
    assert on_call.currents(schedule, at("2026-03-10T00:00"), ()) == found[2:4]
    assert on_call.followings(schedule, at("2026-03-10T00:00"), ()) == found[4:]
    over = between(ADA, "2026-03-12T00:00", "2026-03-13T00:00")
    cut = on_call.shifts(schedule, at("2026-03-11T00:00"), at("2026-03-14T00:00"), [over])
    assert told(cut) == [
        (EVE, "03-09T09:00", "03-12T00:00"),
        (ADA, "03-09T09:00", "03-12T00:00"),
        (ADA, "03-12T00:00", "03-13T00:00"),
        (EVE, "03-13T00:00", "03-16T09:00"),
        (ADA, "03-13T00:00", "03-16T09:00"),
    ]


def test_somebody_who_is_named_twice_is_on_call_once() -> None:
    twice = replace(WEEKLY, users=(ADA, ADA, BOB), users_per_shift=2)

    assert on_call.on_call(recurring(twice), at("2026-03-03T00:00"), ()) == (ADA,)


def test_who_leaves_in_an_hour_that_comes_twice_stays_until_it_came_twice() -> None:
    # 25 October 2026: 02:00 to 03:00 comes twice, from 00:00Z and from 01:00Z.
    nights = replace(WEEKLY, starts_on="2026-10-20T02:30", rotation="P1D")
    schedule = recurring(nights)

    found = on_call.shifts(schedule, at("2026-10-25T00:00"), at("2026-10-25T12:00"), ())

    assert told(found) == [(ADA, "10-24T00:30", "10-25T01:30"), (BOB, "10-25T00:30", "10-26T01:30")]
    assert on_call.on_call(schedule, at("2026-10-25T00:29"), ()) == (ADA,)
    assert on_call.on_call(schedule, at("2026-10-25T00:30"), ()) == (ADA, BOB)
    assert on_call.on_call(schedule, at("2026-10-25T01:29"), ()) == (ADA, BOB)
    assert on_call.on_call(schedule, at("2026-10-25T01:30"), ()) == (BOB,)
    assert on_call.following(schedule, at("2026-10-25T00:00"), ()) == found[1]


def test_a_start_that_the_clock_skips_is_the_first_moment_after_it() -> None:
    # 29 March 2026: 02:00 to 03:00 is skipped, 01:00Z.
    nights = replace(WEEKLY, starts_on="2026-03-27T02:30", rotation="P1D")

    found = on_call.shifts(recurring(nights), at("2026-03-29T00:00"), at("2026-03-29T12:00"), ())

    assert told(found) == [
        (BOB, "03-28T01:30", "03-29T01:00"),
        (ADA, "03-29T01:00", "03-30T00:30"),
    ]


def test_a_layer_ends_when_its_end_is_last_shown_but_a_higher_one_covers_that() -> None:
    ends = replace(WEEKLY, ends_on="2026-10-25T02:30")
    goes_on = replace(WEEKLY, starts_on="2026-10-25T02:30", users=(EVE,))
    end = at("2026-10-25T12:00")

    alone = on_call.shifts(recurring(ends), at("2026-10-25T00:00"), end, ())
    both = on_call.shifts(recurring(ends, goes_on), at("2026-10-25T00:00"), end, ())

    assert told(alone)[0][2] == "10-25T01:30"
    assert [shift[2] for shift in told(both)[:1]] == ["10-25T00:30"]
    assert told(both)[1][:2] == (EVE, "10-25T00:30")


def test_static_shifts_may_overlap_where_the_clock_repeats_an_hour() -> None:
    first = between(ADA, "2026-10-24T00:00", "2026-10-25T01:30")  # until 02:30, the second time
    second = between(BOB, "2026-10-25T00:30", "2026-10-26T00:00")  # from 02:30, the first time
    schedule = replace(static(first, second), timezone="Europe/Berlin")

    assert checked(schedule, users={ADA, BOB}, teams=()) == schedule
    assert on_call.on_call(schedule, at("2026-10-25T01:00"), ()) == (ADA, BOB)
    with pytest.raises(InvalidRequest):
        checked(replace(schedule, timezone="UTC"), users={ADA, BOB}, teams=())


def test_nobody_is_on_call_before_a_layer_begins_and_after_it_ends() -> None:
    schedule = recurring(replace(WEEKLY, ends_on="2026-03-12T09:00"))

    assert on_call.on_call(schedule, at("2026-03-02T07:59"), ()) == ()
    assert on_call.on_call(schedule, at("2026-03-02T08:00"), ()) == (ADA,)
    assert on_call.on_call(schedule, at("2026-03-12T07:59"), ()) == (BOB,)
    assert on_call.on_call(schedule, at("2026-03-12T08:00"), ()) == ()
    last = on_call.current(schedule, at("2026-03-10T00:00"), ())
    assert last == between(BOB, "2026-03-09T08:00", "2026-03-12T08:00")


def test_a_later_layer_wins_and_an_override_over_all() -> None:
    over = Layer(
        name="",
        starts_on="2026-03-03T09:00",
        ends_on="2026-03-04T09:00",
        users=(EVE,),
        rotation="P1D",
    )
    schedule = recurring(WEEKLY, over)
    first = between(4, "2026-03-03T00:00", "2026-03-03T12:00")
    second = between(5, "2026-03-03T06:00", "2026-03-03T10:00")

    found = on_call.shifts(
        schedule, at("2026-03-02T08:00"), at("2026-03-09T08:00"), [first, second]
    )

    assert told(found) == [
        (ADA, "03-02T08:00", "03-03T00:00"),
        (4, "03-03T00:00", "03-03T06:00"),
        (5, "03-03T06:00", "03-03T10:00"),
        (4, "03-03T10:00", "03-03T12:00"),
        (EVE, "03-03T12:00", "03-04T08:00"),
        (ADA, "03-04T08:00", "03-09T08:00"),
    ]


def test_a_shift_is_told_whole_though_only_a_part_was_asked_for() -> None:
    override = between(EVE, "2026-03-04T00:00", "2026-03-05T00:00")

    (found,) = on_call.shifts(
        recurring(WEEKLY), at("2026-03-07T00:00"), at("2026-03-07T01:00"), [override]
    )

    assert found == between(ADA, "2026-03-05T00:00", "2026-03-09T08:00")


def test_static_shifts_have_gaps_and_a_next_one() -> None:
    first = between(ADA, "2026-03-02T08:00", "2026-03-02T16:00")
    second = between(BOB, "2026-05-01T08:00", "2026-05-01T16:00")
    schedule = static(second, first)

    assert on_call.current(schedule, at("2026-03-02T16:00"), ()) is None
    assert on_call.current(schedule, at("2026-03-02T15:59"), ()) == first
    assert on_call.following(schedule, at("2026-03-02T08:00"), ()) == second
    assert on_call.following(schedule, at("2026-05-01T08:00"), ()) is None


overrides = st.lists(
    st.builds(
        lambda user, start, length: Shift(
            user,
            at("2026-03-20T00:00") + start * HOUR,
            at("2026-03-20T00:00") + (start + length) * HOUR,
        ),
        st.integers(10, 13),
        st.integers(-100, 500),
        st.integers(1, 100),
    ),
    max_size=6,
)


@given(
    layers=st.lists(layers, max_size=3),
    zone=zones,
    overrides=overrides,
    hour=st.integers(0, 400),
    span=st.integers(1, 200),
)
def test_a_list_of_shifts_and_each_moment_of_it_say_the_same(
    layers: list[Layer], zone: ZoneInfo, overrides: list[Shift], hour: int, span: int
) -> None:
    schedule = recurring(*layers, zone=zone.key)
    start = at("2026-03-20T00:00") + hour * HOUR
    end = start + span * HOUR

    found = on_call.shifts(schedule, start, end, overrides)

    for before, after in pairwise(found):
        assert before.start <= after.start
    for moment in (start, start + (end - start) / 2, end - timedelta(seconds=1)):
        there = [shift for shift in found if shift.start <= moment < shift.end]
        people = tuple(dict.fromkeys(s.user for s in there))
        assert on_call.on_call(schedule, moment, overrides) == people
        assert on_call.current(schedule, moment, overrides) == (there[0] if there else None)
        winning = [o.user for o in overrides if o.start <= moment < o.end]
        if winning:
            assert there[0].user == winning[-1]


# what is refused


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"teams": (9,)}, "teams"),
        ({"default_shift_duration": "PT5M"}, "defaultShiftDuration"),
        ({"shifts": (between(ADA, "2026-03-02T08:00", "2026-03-02T16:00"),)}, "shifts"),
        ({"layers": (replace(WEEKLY, starts_on="tomorrow"),)}, "scheduleLayers[0].startsOn"),
        (
            {"layers": (replace(WEEKLY, starts_on="2026-03-02T09:00Z"),)},
            "scheduleLayers[0].startsOn",
        ),
        (
            {"layers": (WEEKLY, replace(WEEKLY, ends_on="2026-03-02T09:00"))},
            "scheduleLayers[1].endsOn",
        ),
        ({"layers": (replace(WEEKLY, rotation="PT90M"),)}, "scheduleLayers[0].rotation"),
        ({"layers": (replace(WEEKLY, users=()),)}, "scheduleLayers[0].users"),
        ({"layers": (replace(WEEKLY, users=(ADA, 99)),)}, "scheduleLayers[0].users[1]"),
        ({"layers": (replace(WEEKLY, name="a\x00b"),)}, "scheduleLayers[0].name"),
        ({"layers": (WEEKLY,) * 21}, "scheduleLayers"),
        ({"layers": (replace(WEEKLY, rotation=""),)}, "scheduleLayers[0].rotation"),
        ({"layers": (replace(WEEKLY, rotation="P0M"),)}, "scheduleLayers[0].rotation"),
        ({"layers": (replace(WEEKLY, rotation="P13M"),)}, "scheduleLayers[0].rotation"),
        ({"layers": (replace(WEEKLY, rotation="P1Y"),)}, "scheduleLayers[0].rotation"),
        ({"layers": (replace(WEEKLY, rotation="P0W"),)}, "scheduleLayers[0].rotation"),
        ({"layers": (replace(WEEKLY, rotation="P9999W"),)}, "scheduleLayers[0].rotation"),
        ({"layers": (replace(WEEKLY, rotations=("P1D",)),)}, "scheduleLayers[0].rotation"),
        ({"layers": (rounds("P1D", "P0D"),)}, "scheduleLayers[0].rotations[1]"),
        ({"layers": (rounds("P1D", "P1M"),)}, "scheduleLayers[0].rotations[1]"),
        ({"layers": (rounds(*["P1D"] * 101),)}, "scheduleLayers[0].rotations"),
        ({"layers": (replace(WEEKLY, users_per_shift=0),)}, "scheduleLayers[0].usersPerShift"),
        ({"layers": (replace(WEEKLY, users_per_shift=3),)}, "scheduleLayers[0].usersPerShift"),
        (
            {"layers": (replace(WEEKLY, users=(ADA,) * 21, users_per_shift=21),)},
            "scheduleLayers[0].usersPerShift",
        ),
        ({"layers": (replace(WEEKLY, users=(ADA,) * 1001),)}, "scheduleLayers[0].users"),
        ({"layers": (replace(WEEKLY, starts_on="1969-01-01T09:00"),)}, LAYER + ".startsOn"),
        ({"layers": (replace(WEEKLY, ends_on="3000-01-01T09:00"),)}, "scheduleLayers[0].endsOn"),
    ],
)
def test_what_a_recurring_schedule_must_be(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        checked(replace(recurring(WEEKLY), **change), users={ADA, BOB}, teams={1})
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("shifts", "field"),
    [
        ([(99, "2026-03-02T08:00", "2026-03-02T16:00")], "shifts[0].user"),
        ([(ADA, "2026-03-02T08:00", "2026-03-02T08:00")], "shifts[0].end"),
        ([(ADA, "2026-03-02T08:00", "2027-03-04T08:00")], "shifts[0].end"),
        ([(ADA, "1969-03-02T08:00", "2026-03-02T08:00")], "shifts[0].start"),
        (
            [
                (ADA, "2026-03-03T08:00", "2026-03-03T16:00"),
                (BOB, "2026-03-02T08:00", "2026-03-03T09:00"),
            ],
            "shifts[0].start",
        ),
    ],
)
def test_what_static_shifts_must_be(shifts: list[tuple[int, str, str]], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        checked(static(*(between(*shift) for shift in shifts)), users={ADA, BOB}, teams=())
    assert refused.value.field == field


def test_shifts_that_meet_do_not_overlap() -> None:
    schedule = static(
        between(BOB, "2026-03-02T16:00", "2026-03-03T00:00"),
        between(ADA, "2026-03-02T08:00", "2026-03-02T16:00"),
    )

    assert checked(schedule, users={ADA, BOB}, teams=()) == schedule
    assert checked_shift(schedule.shifts[0], {BOB}) == schedule.shifts[0]


def test_what_a_layer_hides_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    computed = 0

    def counted(*args: Any) -> list[Shift]:
        nonlocal computed
        found = turns.turns(*args)
        computed += len(found)
        return found

    monkeypatch.setattr(on_call, "turns", counted)
    always = Layer(name="x", starts_on="2026-01-01T00:00", users=(1, 2), rotation="PT1H")
    nights = replace(
        always,
        restriction_type=TIMES_OF_DAY,
        restrictions=(Restriction(WeekTime("", "20:00"), WeekTime("", "08:00")),),
    )
    layers = (*[always] * 18, nights, nights)
    busy = Schedule(id=1, name="x", timezone="UTC", kind=Kind.RECURRING, layers=layers)
    start = datetime(2026, 6, 1, tzinfo=UTC)

    found = on_call.shifts(busy, start, start + timedelta(days=30), ())

    assert len(found) == 30 * 24
    assert computed <= 30 * (24 + 2)  # those at both ends of a night twice, but not twenty times
