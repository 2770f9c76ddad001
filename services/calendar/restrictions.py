"""The times of a week to which a layer is restricted, on the wall clock.

A time begins when the clock first shows it, or first shows a later one, and ends when the clock
last shows its end: an hour that comes twice is covered both times, never left out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache

from services.calendar.wall import DAYS
from services.chassis.errors import InvalidRequest

TIMES_OF_WEEK = "TIMES_OF_WEEK"
MOST_RESTRICTIONS = 100
WEEK = timedelta(days=7)
_MONDAY = datetime(1970, 1, 5)  # noqa: DTZ001 # a wall time has no zone
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", re.ASCII)

#: From when until when, since the beginning of Monday.
Window = tuple[timedelta, timedelta]


@dataclass(frozen=True, slots=True)
class WeekTime:
    """A moment of every week."""

    day: str  # MONDAY to SUNDAY
    time: str  # HH:MM[:SS]

    @property
    def offset(self) -> timedelta:
        """How long after the beginning of Monday it is."""
        told = time.fromisoformat(self.time)
        return timedelta(
            days=DAYS.index(self.day), hours=told.hour, minutes=told.minute, seconds=told.second
        )


@dataclass(frozen=True, slots=True)
class Restriction:
    """A stretch of every week; one that ends when it begins is the whole week."""

    start: WeekTime
    end: WeekTime


@dataclass(frozen=True, slots=True)
class Open:
    """One such stretch in one week, and when the next one begins."""

    start: datetime
    end: datetime
    following: datetime


def check(restriction_type: str | None, restrictions: Sequence[Restriction], field: str) -> None:
    """Checks restrictions as they were told. Raises InvalidRequest naming the field."""
    if restriction_type not in (None, TIMES_OF_WEEK):
        raise InvalidRequest(
            f"{field}restrictionType must be {TIMES_OF_WEEK}", field=f"{field}restrictionType"
        )
    if len(restrictions) > MOST_RESTRICTIONS:
        name = f"{field}restrictions"
        raise InvalidRequest(f"{name} must be {MOST_RESTRICTIONS} at most", field=name)
    for index, restriction in enumerate(restrictions):
        _check(restriction.start, f"{field}restrictions[{index}].from")
        _check(restriction.end, f"{field}restrictions[{index}].to")


@lru_cache(maxsize=4096)
def windows(restrictions: tuple[Restriction, ...]) -> tuple[Window, ...]:
    """Returns the stretches of a week in their order, none of which touches another.

    Nothing is returned when they are the whole week. The last may reach into the next week.
    """
    found: list[Window] = []
    for start, length in sorted(_stretch(restriction) for restriction in restrictions):
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


def opened(known: Sequence[Window], since: datetime, until: datetime) -> Iterator[Open]:
    """Yields what reaches into a span of the wall clock, in its order."""
    week = _MONDAY + (since - _MONDAY) // WEEK * WEEK - WEEK
    while week < until:
        for (start, end), (following, _) in zip(known, [*known[1:], known[0]], strict=True):
            after = following if following > start else following + WEEK
            if week + end > since and week + start < until:
                yield Open(week + start, week + end, week + after)
        week += WEEK


def _stretch(restriction: Restriction) -> Window:
    """Returns when a restriction begins, and how long it is."""
    start, end = restriction.start.offset, restriction.end.offset
    return start, (end - start) % WEEK or WEEK


def _check(told: WeekTime, field: str) -> None:
    if told.day not in DAYS:
        name = f"{field}.dayOfWeek"
        raise InvalidRequest(f"{name} must be MONDAY to SUNDAY", field=name)
    if not _TIME.fullmatch(told.time):
        name = f"{field}.time"
        raise InvalidRequest(f"{name} must be a time like 09:00 or 09:00:00", field=name)
