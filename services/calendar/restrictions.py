"""The times of the week or of the day to which a layer is restricted, on the wall clock."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from itertools import chain

from services.calendar.wall import DAYS
from services.chassis.errors import InvalidRequest

TIMES_OF_WEEK, TIMES_OF_DAY = "TIMES_OF_WEEK", "TIMES_OF_DAY"
MOST_RESTRICTIONS = 100
DAY, WEEK = timedelta(days=1), timedelta(days=7)
_MONDAY = datetime(1970, 1, 5)  # noqa: DTZ001 # a wall time has no zone
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", re.ASCII)

#: From when until when, since the beginning of Monday.
Window = tuple[timedelta, timedelta]


@dataclass(frozen=True, slots=True)
class WeekTime:
    """A moment of every week, or of every day."""

    day: str  # MONDAY to SUNDAY; empty for every day
    time: str  # HH:MM[:SS]

    @property
    def offset(self) -> timedelta:
        """How long after the beginning of Monday, or of the day, it is."""
        told = time.fromisoformat(self.time)
        return timedelta(
            days=DAYS.index(self.day) if self.day else 0,
            hours=told.hour,
            minutes=told.minute,
            seconds=told.second,
        )


@dataclass(frozen=True, slots=True)
class Restriction:
    """A stretch of every week or day; one that ends when it begins is the whole of it."""

    start: WeekTime
    end: WeekTime


def check(restriction_type: str | None, restrictions: Sequence[Restriction], field: str) -> None:
    """Checks restrictions as they were told. Raises InvalidRequest naming the field."""
    if restriction_type not in (None, TIMES_OF_WEEK, TIMES_OF_DAY):
        raise InvalidRequest(
            f"{field}restrictionType must be {TIMES_OF_WEEK} or {TIMES_OF_DAY}",
            field=f"{field}restrictionType",
        )
    if len(restrictions) > MOST_RESTRICTIONS:
        name = f"{field}restrictions"
        raise InvalidRequest(f"{name} must be {MOST_RESTRICTIONS} at most", field=name)
    daily = restriction_type == TIMES_OF_DAY
    for index, restriction in enumerate(restrictions):
        _check(restriction.start, daily, f"{field}restrictions[{index}].from")
        _check(restriction.end, daily, f"{field}restrictions[{index}].to")


@lru_cache(maxsize=4096)
def windows(restrictions: tuple[Restriction, ...]) -> tuple[Window, ...]:
    """Returns the stretches of a week in their order, none of which touches another.

    Nothing is returned when they are the whole week. The last may reach into the next week.
    """
    found: list[Window] = []
    for start, length in sorted(chain.from_iterable(map(_stretches, restrictions))):
        end = start + length
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    while len(found) > 1 and found[0][0] + WEEK <= found[-1][1]:  # it goes on in the next week
        (_, first_end), (start, end) = found.pop(0), found.pop()
        found.append((start, max(end, first_end + WEEK)))
    if any(end - start >= WEEK for start, end in found):
        return ()
    return tuple(found)


def opened(
    known: Sequence[Window], since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yields from when until when stretches are that reach into a span, in their order."""
    week = _MONDAY + (since - _MONDAY) // WEEK * WEEK - WEEK
    while week < until:
        for start, end in known:
            if week + end > since and week + start < until:
                yield week + start, week + end
        week += WEEK


def _stretches(restriction: Restriction) -> Iterator[Window]:
    """Yields when a restriction begins in a week, each time with how long it is."""
    start, end = restriction.start.offset, restriction.end.offset
    if restriction.start.day:
        yield start, (end - start) % WEEK or WEEK
    else:
        for day in range(len(DAYS)):
            yield day * DAY + start, (end - start) % DAY or DAY


def _check(told: WeekTime, daily: bool, field: str) -> None:
    name = f"{field}.dayOfWeek"
    if daily and told.day:
        raise InvalidRequest(f"{name} must be absent from {TIMES_OF_DAY}", field=name)
    if not daily and told.day not in DAYS:
        raise InvalidRequest(f"{name} must be MONDAY to SUNDAY", field=name)
    if not _TIME.fullmatch(told.time):
        name = f"{field}.time"
        raise InvalidRequest(f"{name} must be a time like 09:00 or 09:00:00", field=name)
