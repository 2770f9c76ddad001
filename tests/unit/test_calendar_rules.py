"""Who is on call at each moment is what the published rules give, in every time zone.

Ten years of a few schedules per zone are looked at around each change of the clock that a seed
picks, and step by step from the first to the last where the environment asks for long tests.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo, available_timezones

import pytest

from services.calendar import on_call
from services.calendar.restrictions import TIMES_OF_DAY, TIMES_OF_WEEK, Restriction, WeekTime
from services.calendar.schedules import Kind, Layer, Schedule, Shift, checked
from services.calendar.wall import DAYS, shown
from tests.parts import rota_oracle

LONG = bool(os.environ.get("TOCSIN_LONG"))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
QUARTER = 15 * MINUTE
FIRST, LAST = datetime(2021, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
ZONES = sorted(available_timezones())
#: Changes that are unlike most, with the step in which they are whole.
ODD = [
    ("Africa/Monrovia", "1972-01-07", MINUTE / 2),  # by 44 minutes and a half
    ("America/St_Johns", "1988-04-03", MINUTE),  # by two hours, a minute after midnight
    ("America/St_Johns", "1988-10-30", MINUTE),
    ("Pacific/Kwajalein", "1993-08-21", MINUTE),  # a day is left out
    ("Pacific/Kiritimati", "1995-01-01", MINUTE),  # a day is left out
    ("Antarctica/Casey", "2010-03-05", MINUTE),  # back by three hours
    ("Antarctica/Casey", "2020-10-04", MINUTE),  # forth by three
    ("Pacific/Apia", "2011-12-30", MINUTE),  # a day is left out
    ("Antarctica/Troll", "2026-03-29", MINUTE),  # by two hours
    ("Antarctica/Troll", "2026-10-25", MINUTE),
    ("Australia/Lord_Howe", "2026-04-05", MINUTE),  # by half an hour
    ("Australia/Lord_Howe", "2026-10-04", MINUTE),
    ("Africa/Casablanca", "2026-02-15", MINUTE),  # for Ramadan
    ("Africa/Casablanca", "2026-03-22", MINUTE),
    ("Asia/Tehran", "2016-03-21", MINUTE),  # at midnight, of another calendar
    ("Asia/Tehran", "2022-09-21", MINUTE),
    ("Asia/Gaza", "2011-04-01", MINUTE),  # a minute after midnight
    ("Asia/Pyongyang", "2015-08-14", MINUTE),
    ("Europe/Istanbul", "2016-09-07", MINUTE),  # the time of summer for good
    ("America/Caracas", "2016-05-01", MINUTE),
]
ROTATIONS = ["PT1H", "PT5H", "PT12H", "P1D", "P3D", "P1W", "P2W", "P1M", "P3M", "P12M"]
SHORT = ["PT1H", "PT5H", "PT12H", "P1D", "P1D"]
LENGTHS = [("P5D", "P2D"), ("PT9H", "PT15H"), ("PT1H", "PT2H", "P1D"), ("P1W", "P1D", "P6D")]


def random_time(chance: Random) -> str:
    """Prefers the hours in which clocks are changed."""
    hour = chance.choice([0, 1, 1, 2, 2, 3, 23, chance.randrange(24)])
    return f"{hour:02}:{chance.choice([0, 0, 0, 15, 30, 45]):02}"


def random_restrictions(chance: Random) -> tuple[str | None, tuple[Restriction, ...]]:
    count = chance.choice([0, 0, 0, 1, 1, 2, 4])
    daily = chance.random() < 0.5
    days = [*DAYS, "SUNDAY", "SUNDAY", "SATURDAY"]

    def moment() -> WeekTime:
        return WeekTime("" if daily else chance.choice(days), random_time(chance))

    found = tuple(Restriction(moment(), moment()) for _ in range(count))
    return (TIMES_OF_DAY if daily else TIMES_OF_WEEK) if count else None, found


def random_layer(chance: Random, before: datetime, after: datetime, first: int) -> Layer:
    """Returns a layer that begins around a time, and may end around another."""
    users = tuple(first + number for number in range(chance.choice([1, 2, 3, 3, 5])))
    lengths = chance.choice(LENGTHS) if chance.random() < 0.25 else ()
    start = before + chance.randrange(-40, 3) * DAY
    restriction_type, restrictions = random_restrictions(chance)
    end = after + chance.randrange(-2, 3) * DAY
    return Layer(
        name="",
        starts_on=f"{start:%Y-%m-%d}T{random_time(chance)}",
        ends_on=f"{end:%Y-%m-%d}T{random_time(chance)}" if chance.random() < 0.3 else None,
        users=users,
        rotation="" if lengths else chance.choice(ROTATIONS if LONG else ROTATIONS + SHORT),
        rotations=lengths,
        users_per_shift=chance.randint(1, min(3, len(users))),
        restriction_type=restriction_type,
        restrictions=restrictions,
    )


def random_schedule(chance: Random, zone: str, before: datetime, after: datetime) -> Schedule:
    layers = [
        random_layer(chance, before, after, 10 * number)
        for number in range(chance.choice([1, 1, 2, 3]))
    ]
    return Schedule(id=1, name="Night", timezone=zone, kind=Kind.RECURRING, layers=tuple(layers))


def random_overrides(chance: Random, start: datetime, end: datetime) -> list[Shift]:
    quarters = (end - start) // QUARTER
    found = []
    for user in range(100, 100 + chance.choice([0, 0, 1, 3])):
        begins = start + chance.randrange(quarters) * QUARTER
        found.append(Shift(user, begins, begins + chance.randint(1, 200) * QUARTER))
    return found


def changes(zone: ZoneInfo) -> list[datetime]:
    """Returns the days of the ten years on which the clock is set."""
    days = [FIRST + number * DAY for number in range((LAST - FIRST) // DAY)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    return [day for day, (b, a) in zip(days, pairwise(offsets), strict=False) if a != b]


def compare(
    schedule: Schedule, overrides: list[Shift], start: datetime, end: datetime, step: timedelta
) -> None:
    """Looks at each step of a span, in the list of shifts; and at some by themselves."""
    expected = rota_oracle.on_call(schedule, overrides, start, end, step)
    found = on_call.shifts(schedule, start, end, overrides)
    assert [shift.start for shift in found] == sorted(shift.start for shift in found)
    there: list[list[int]] = [[] for _ in expected]
    for shift in found:
        assert shift.start < shift.end
        first = max(-((start - shift.start) // step), 0)
        for number in range(first, min(-((start - shift.end) // step), len(there))):
            there[number].append(shift.user)
    for number, people in enumerate(expected):
        told = tuple(dict.fromkeys(there[number]))
        assert told == people, f"{start + number * step} {schedule} {overrides}"
    handed_over = [n for n, (a, b) in enumerate(pairwise(expected), 1) if a != b]
    for number in {0, *handed_over[:500], *(n - 1 for n in handed_over[:500])}:
        moment = start + number * step
        assert on_call.on_call(schedule, moment, overrides) == expected[number], moment
    for number in (0, len(expected) // 2, len(expected) - 1):
        moment = start + number * step
        current = on_call.currents(schedule, moment, overrides)
        assert tuple(dict.fromkeys(s.user for s in current)) == expected[number]
        assert [shift for shift in found if shift.start <= moment < shift.end] == current
        covered = on_call.covered(schedule, moment, moment + step, overrides)
        assert covered == ([(moment, moment + step)] if expected[number] else [])


def windows(name: str, chance: Random) -> Iterator[tuple[datetime, datetime]]:
    """Yields what is looked at of a zone: all ten years, or a few days of them."""
    if LONG:
        yield FIRST, LAST
        return
    days = changes(ZoneInfo(name)) or [FIRST + chance.randrange(3600) * DAY]
    for day in chance.sample(days, min(2, len(days))):
        yield day - 6 * HOUR, day + 30 * HOUR


@pytest.mark.parametrize("zone", ZONES)
def test_each_moment_has_the_people_that_the_rules_give(zone: str) -> None:
    chance = Random(zone)
    for start, end in windows(zone, chance):
        schedule = random_schedule(chance, zone, start, end)
        people = {user for layer in schedule.layers for user in layer.users}
        if all(layer.end is None or layer.end > layer.start for layer in schedule.layers):
            assert checked(schedule, users=people, teams=()) == schedule
        compare(schedule, random_overrides(chance, start, end), start, end, QUARTER)


@pytest.mark.parametrize(("zone", "day", "step"), ODD)
def test_odd_changes_keep_to_the_rules_too(zone: str, day: str, step: timedelta) -> None:
    chance = Random(f"{zone} {day}")
    middle = datetime.fromisoformat(day).replace(tzinfo=UTC)
    for _ in range(40 if LONG else 2):
        start, end = middle - 30 * HOUR, middle + 30 * HOUR
        schedule = random_schedule(chance, zone, start, end)
        compare(schedule, random_overrides(chance, start, end), start, end, step)


@pytest.mark.parametrize("zone", ZONES)
def test_a_hand_over_stays_where_it_is_on_the_wall_and_leaves_no_gap(zone: str) -> None:
    layer = Layer(name="", starts_on="2020-12-28T02:30", users=(1, 2, 3), rotation="P1D")
    schedule = Schedule(id=1, name="", timezone=zone, kind=Kind.RECURRING, layers=(layer,))
    end = LAST if LONG else FIRST + 366 * DAY

    found = on_call.shifts(schedule, FIRST, end, ())

    known = ZoneInfo(zone)
    for before, after in pairwise(found):
        assert before.start < after.start <= before.end
        assert before.end - after.start <= 3 * HOUR
        late = shown(after.start, known) - shown(after.start, known).replace(hour=2, minute=30)
        assert timedelta() <= late < 3 * HOUR
        if late:  # only where the clock never shows it
            assert shown(after.start - timedelta(seconds=1), known).time().hour < 3
        assert after.user == before.user % 3 + 1
