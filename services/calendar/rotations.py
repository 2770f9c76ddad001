"""How long turns are: all alike, by months, or of several lengths that come round.

When a turn begins is computed from when the first one does, so that it costs as much after ten
years as on the first day.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Self

from services.calendar.durations import duration
from services.chassis.errors import InvalidRequest

MOST_MONTHS = 12
MOST_LENGTHS = 100
_MONTHS = re.compile(r"P(\d{1,2})M", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rotation:
    """When each turn begins, on the wall clock: by months if there are any, else by a round."""

    first: datetime
    months: int
    ends: tuple[timedelta, ...]  # how long after the beginning of a round each of its turns ends

    @classmethod
    def of(cls, first: datetime, rotation: str, rotations: Sequence[str]) -> Self:
        """Returns a rotation as it was told. Raises InvalidRequest."""
        found = _MONTHS.fullmatch(rotation)
        if found and not rotations:
            return cls(first, int(found[1]), ())
        lengths = [duration(each, "rotation") for each in rotations or [rotation]]
        return cls(first, 0, tuple(accumulate(lengths)))

    def begins(self, number: int) -> datetime:
        """Returns when a turn begins; the first one is number 0."""
        if self.months:
            return _later(self.first, number * self.months)
        rounds, place = divmod(number, len(self.ends))
        begun = self.ends[place - 1] if place else timedelta()
        return self.first + rounds * self.ends[-1] + begun

    def number(self, wall: datetime) -> int:
        """Returns which turn a time is in; below 0 before the first."""
        if self.months:
            passed = (wall.year - self.first.year) * 12 + wall.month - self.first.month
            number = passed // self.months
            return number if self.begins(number) <= wall else number - 1
        rounds, rest = divmod(wall - self.first, self.ends[-1])
        return rounds * len(self.ends) + bisect_right(self.ends, rest)


def check(rotation: str, rotations: Sequence[str], field: str) -> None:
    """Checks how long turns are, as it was told. Raises InvalidRequest naming the field."""
    if rotations and rotation:
        name = f"{field}rotation"
        raise InvalidRequest(f"{name} must be absent where there are rotations", field=name)
    if len(rotations) > MOST_LENGTHS:
        name = f"{field}rotations"
        raise InvalidRequest(f"{name} must be {MOST_LENGTHS} at most", field=name)
    for index, each in enumerate(rotations):
        duration(each, f"{field}rotations[{index}]")
    if not rotations:
        _check_one(rotation, f"{field}rotation")


def _check_one(rotation: str, field: str) -> None:
    found = _MONTHS.fullmatch(rotation)
    if not found:
        duration(rotation, field, ", or months like P1M")
    elif not 1 <= int(found[1]) <= MOST_MONTHS:
        raise InvalidRequest(f"{field} must be P1M to P{MOST_MONTHS}M", field=field)


def _later(first: datetime, months: int) -> datetime:
    """Returns the same time some months later, on the last day of a month that is too short."""
    years, month = divmod(first.month - 1 + months, 12)
    month_begins = first.replace(year=first.year + years, month=month + 1, day=1)
    next_begins = (month_begins + timedelta(days=31)).replace(day=1)
    return month_begins + timedelta(days=min(first.day, (next_begins - month_begins).days) - 1)
