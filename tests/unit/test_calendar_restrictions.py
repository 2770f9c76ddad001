"""Layers that count at some times of the week only, through changes of the clocks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.calendar import on_call
from services.calendar.gaps import gaps
from services.calendar.restrictions import Restriction, WeekTime, windows
from services.calendar.schedules import Kind, Layer, Schedule, Shift, checked
from services.calendar.wall import DAYS, shown
from services.chassis.errors import InvalidRequest

ADA, BOB, EVE = 1, 2, 3
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DAILY = Layer(name="", starts_on="2026-03-02T00:00", users=(ADA, BOB), rotation="P1D")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def between(start: str, end: str) -> Restriction:
    """Reads "MONDAY 09:00"."""
    return Restriction(WeekTime(*start.split()), WeekTime(*end.split()))


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

    first, *_ = gaps(schedule(layer), at("2026-03-02T00:00"))

    assert first == (at("2026-03-08T23:00"), at("2026-03-09T00:00"))


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


def test_a_stretch_that_begins_before_another_ended_wins() -> None:
    before, after = between("SUNDAY 01:00", "SUNDAY 02:15"), between("SUNDAY 02:45", "SUNDAY 04:00")
    layer = replace(DAILY, restrictions=(before, after))

    assert shifts(layer, "2026-10-25T00:00", "2026-10-25T12:00", "Europe/Berlin") == [
        (BOB, "10-24T23:00", "10-25T00:45"),
        (BOB, "10-25T00:45", "10-25T03:00"),
    ]


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


# against an oracle

#: Zones with what changes their clocks within three days from a day.
CHANGES = [
    ("Europe/Berlin", "2026-03-27"),
    ("Europe/Berlin", "2026-10-23"),
    ("America/New_York", "2026-10-30"),
    ("Australia/Lord_Howe", "2026-04-03"),  # by half an hour
    ("Pacific/Apia", "2011-12-29"),  # a day is left out
    ("America/Scoresbysund", "2024-03-29"),
    ("Asia/Kathmandu", "2026-03-27"),  # never
]
SPAN, AROUND = 4 * DAY, 9 * DAY
times = st.builds(
    lambda day, hour, minute: WeekTime(day, f"{hour:02}:{minute:02}"),
    st.sampled_from([*DAYS, *["SUNDAY"] * 10, "SATURDAY"]),
    st.sampled_from([*range(0, 24, 3), *[1, 2, 3] * 4]),
    st.sampled_from([0, 15, 30, 45]),
)
restricted = st.lists(st.builds(Restriction, times, times), min_size=1, max_size=4)
rotations = st.sampled_from(["PT5H", "PT12H", "P1D", "P3D", "P1W"])


def oracle(layer: Layer, zone: ZoneInfo, start: datetime) -> list[int | None]:
    """Returns who is on call in each minute of SPAN, by looking at the clock in every minute."""
    minutes = [start - AROUND + n * MINUTE for n in range((SPAN + 2 * AROUND) // MINUTE)]
    first: dict[datetime, datetime] = {}
    last: dict[datetime, datetime] = {}
    for moment in minutes:
        wall = shown(moment, zone)
        first.setdefault(wall, moment)
        last[wall] = moment
    walls = sorted(first)
    found: dict[datetime, int] = {}
    for begins, ends, user, goes_on in sorted(_pieces(layer, walls[0], walls[-1])):
        later = [wall for wall in (begins, ends) if wall not in first]
        skipped = {wall: first[next(w for w in walls if w > wall)] for wall in later}
        begin = first.get(begins) or skipped[begins]
        end = (first if goes_on else last).get(ends) or skipped[ends]
        while begin < end:  # what begins later wins
            found[begin] = user
            begin += MINUTE
    return [found.get(moment) for moment in minutes if start <= moment < start + SPAN]


def _pieces(
    layer: Layer, since: datetime, until: datetime
) -> list[tuple[datetime, datetime, int, bool]]:
    """Returns stretches of minutes on the wall: from, until, who, and whether the next goes on."""
    pieces: list[tuple[datetime, datetime, int, bool]] = []
    wall, before = since + DAY, None
    while wall < until - DAY:
        user = _meant(layer, wall)
        turn = (wall - layer.start) // layer.turn
        if before is not None and before[1] is not None and (turn, user) != before:
            begun, _, who, _ = pieces.pop()
            pieces.append((begun, wall, who, user is not None))
        if user is not None and (turn, user) != before:
            pieces.append((wall, until, user, False))
        before = (turn, user)
        wall += 15 * MINUTE
    return [piece for piece in pieces if piece[1] != until]


def _meant(layer: Layer, wall: datetime) -> int | None:
    week = timedelta(days=wall.weekday(), hours=wall.hour, minutes=wall.minute)
    for each in layer.restrictions:
        start, end = each.start.offset, each.end.offset
        within = start <= week < end if start < end else week >= start or week < end
        if within and wall >= layer.start:
            return layer.users[(wall - layer.start) // layer.turn % len(layer.users)]
    return None


@settings(max_examples=15, deadline=None)
@example([between("SUNDAY 01:15", "SUNDAY 02:30")], "PT5H", CHANGES[1])
@example([between("SUNDAY 02:30", "SUNDAY 03:30")], "P1D", CHANGES[0])
@given(restricted=restricted, rotation=rotations, change=st.sampled_from(CHANGES))
def test_every_minute_is_what_a_look_at_the_clock_gives(
    restricted: list[Restriction], rotation: str, change: tuple[str, str]
) -> None:
    zone, day = ZoneInfo(change[0]), change[1]
    layer = Layer(
        name="",
        starts_on=f"{at(day) - 40 * DAY:%Y-%m-%dT%H:%M}",
        users=(ADA, BOB, EVE),
        rotation=rotation,
        restrictions=tuple(restricted),
    )
    plan, start = schedule(layer, zone=zone.key), at(day)

    found = on_call.shifts(plan, start, start + SPAN, ())

    for before, after in pairwise(found):
        assert before.start < before.end <= after.start
    expected = oracle(layer, zone, start)
    for number, who in enumerate(expected):
        moment = start + number * MINUTE
        there = [s.user for s in found if s.start <= moment < s.end]
        assert there == ([] if who is None else [who]), f"{moment} {shown(moment, zone)}"
    for number in range(0, len(expected), 1440 + 7):
        moment, who = start + number * MINUTE, expected[number]
        assert on_call.on_call(plan, moment, ()) == (() if who is None else (who,))


# what is refused


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"restriction_type": "TIME_OF_DAY"}, "restrictionType"),
        (
            {"restrictions": (between("monday 09:00", "MONDAY 10:00"),)},
            "restrictions[0].from.dayOfWeek",
        ),
        ({"restrictions": (between("MONDAY 09:00", "MONDAY 9:00"),)}, "restrictions[0].to.time"),
        ({"restrictions": (between("MONDAY 24:00", "MONDAY 09:00"),)}, "restrictions[0].from.time"),
        ({"restrictions": (between("MONDAY 01:00", "MONDAY 09:00"),) * 101}, "restrictions"),
    ],
)
def test_what_restrictions_must_be(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        checked(schedule(replace(DAILY, **change)), users={ADA, BOB}, teams=())
    assert refused.value.field == f"scheduleLayers[0].{field}"
