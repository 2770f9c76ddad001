"""Who is on call: what it costs after ten years, and 90 days of shifts of a hundred schedules.

Promised: who is on call in a weekly schedule of five layers costs at most 1.2 times as much ten
years after its beginning as on its first day, in the best of some rounds; and one request answers
with 90 days of shifts of 100 such schedules, which is what the rest here measures. Fails if the
first does not hold.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from services.calendar import on_call
from services.calendar.restrictions import TIMES_OF_DAY, TIMES_OF_WEEK, Restriction, WeekTime
from services.calendar.schedules import Kind, Layer, Schedule, Shift
from services.calendar.wall import instant, last_instant
from services.chassis.database import database
from services.chassis.migrations import migrate
from services.escalation import on_duty
from services.escalation.store import schedules
from tests.bench.measuring import Case, Figure, milliseconds, show, write

ROUNDS = 300
LOOK_UPS = 20
MOST_RATIO = 1.2
SCHEDULES = 100
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGINNING = datetime(2026, 1, 5, 9, tzinfo=UTC)
LATER = BEGINNING + timedelta(weeks=521)  # the same hour of the week, and offset, ten years on
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
NIGHT = Restriction(WeekTime("", "20:00"), WeekTime("", "08:00"))
WEEKEND = Restriction(WeekTime("FRIDAY", "18:00"), WeekTime("MONDAY", "08:00"))
OFFICE = Restriction(WeekTime("", "09:00"), WeekTime("", "17:00"))
LUNCH = Restriction(WeekTime("", "12:00"), WeekTime("", "13:00"))


def layer(first: int, *restrictions: Restriction, kind: str | None = None) -> Layer:
    """Returns a layer of five people who have a week each, three of them one after another."""
    return Layer(
        name="",
        starts_on="2026-01-05T09:00",
        users=tuple(range(first, first + 5)),
        rotation="P1W",
        restriction_type=kind,
        restrictions=restrictions,
    )


def weekly(number: int, zone: str = "UTC") -> Schedule:
    """Returns a schedule of five layers, of which the four upper ones count at times."""
    layers = (
        layer(10),
        layer(20, OFFICE, kind=TIMES_OF_DAY),
        layer(30, NIGHT, kind=TIMES_OF_DAY),
        layer(40, WEEKEND, kind=TIMES_OF_WEEK),
        layer(50, LUNCH, kind=TIMES_OF_DAY),
    )
    name = f"schedule {number}"
    return Schedule(id=number, name=name, timezone=zone, kind=Kind.RECURRING, layers=layers)


KNOWN = weekly(1, ZONES[0])


def overrides(start: datetime) -> list[Shift]:
    """Returns some that were made for the quarter that begins then."""
    return [
        Shift(60 + number, start + number * 9 * DAY, start + number * 9 * DAY + 8 * HOUR)
        for number in range(10)
    ]


async def main() -> int:
    """Measures; returns how many promises are broken."""
    ratios, figures = await _look_ups()
    figures |= await _ninety_days()
    rows = [
        (name, *(f"{value:.2f}" for value in (each.median, each.min, each.max)))
        for name, each in figures.items()
    ]
    show("who is on call", ("ms", "median", "min", "max"), rows)
    for what, ratio in ratios.items():
        print(f"{what}: year 10 costs {ratio:.2f} times as much as day 1")
    broken = sum(ratio > MOST_RATIO for ratio in ratios.values())
    print(f"written to {write('on_call', figures).name}; promises broken: {broken}")
    return broken


async def _look_ups() -> tuple[dict[str, float], dict[str, Figure]]:
    """Measures look-ups; returns how many times as much they cost in year 10, too."""
    kinds: dict[str, Callable[[datetime], object]] = {"as usual": _usual, "the first time": _first}
    moments = {"day 1": BEGINNING, "year 10": LATER}
    cases = {
        (kind, when): partial(_call, partial(look_up, since))
        for kind, look_up in kinds.items()
        for when, since in moments.items()
    }
    found = await milliseconds(cases, rounds=ROUNDS)
    ratios = {kind: found[kind, "year 10"].min / found[kind, "day 1"].min for kind in kinds}
    named = {f"{LOOK_UPS} look-ups {kind}, {when}": found[kind, when] for kind, when in cases}
    return ratios, named


async def _ninety_days() -> dict[str, Figure]:
    """Measures 90 days of shifts of all schedules, alone and with what the database does."""
    known = [weekly(number, ZONES[number % len(ZONES)]) for number in range(1, SCHEDULES + 1)]
    end = LATER + 90 * DAY
    made = overrides(LATER)
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        url = f"sqlite:///{folder}/escalation.db"
        migrate(url, "escalation")
        async with database(url, "escalation") as db:
            await db.write(_fill, known, made)
            cases: dict[str, Case] = {
                f"90 days of {SCHEDULES} schedules": partial(
                    _call,
                    lambda: [on_call.shifts(each, LATER, end, made) for each in known],
                ),
                f"90 days of {SCHEDULES} schedules, from SQLite": partial(
                    db.read, _from_database, [each.id for each in known], LATER, end
                ),
            }
            return await milliseconds(cases, rounds=5)


async def _call(measured: Callable[[], object]) -> None:
    measured()


def _usual(since: datetime) -> None:
    """Asks again and again about one schedule, as what pages does."""
    for number in range(LOOK_UPS):
        on_call.on_call(KNOWN, since + number * HOUR, ())


def _first(since: datetime) -> None:
    """Asks a schedule that was just read, with nothing known of the clock's changes either."""
    for number in range(LOOK_UPS):
        instant.cache_clear()
        last_instant.cache_clear()
        on_call.on_call(weekly(1, ZONES[0]), since + number * HOUR, ())


def _fill(connection: Connection, known: Sequence[Schedule], made: Sequence[Shift]) -> None:
    for schedule in known:
        schedules.add(connection, schedule)
        for number, shift in enumerate(made):
            id_ = schedule.id * len(made) + number
            schedules.add_override(connection, id_, schedule.id, shift)


def _from_database(
    connection: Connection, ids: Sequence[int], start: datetime, end: datetime
) -> list[list[Shift]]:
    found = schedules.by_ids(connection, ids).values()
    return [on_duty.shifts(connection, each, start, end) for each in found]


if __name__ == "__main__":
    sys.exit(1 if asyncio.run(main()) else 0)
