"""Who is on call over a stretch of time, looked up by moment.

Whoever looks at thousands of moments looks only at those at which something changes: between
two boundaries of shifts, `on_call` gives the same people.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.calendar import on_call
from services.calendar.schedules import Schedule, Shift


@dataclass(frozen=True, slots=True)
class Timetable:
    """Who is on call in a schedule from when on; the first entry is the beginning."""

    starts: tuple[datetime, ...]
    people: tuple[tuple[int, ...], ...]

    def at(self, moment: datetime) -> tuple[int, ...]:
        """Returns who is on call at a moment, which is not before the beginning."""
        return self.people[bisect_right(self.starts, moment) - 1]

    def next_change(self, moment: datetime) -> datetime | None:
        """Returns when others are on call next; None if nobody changes any more."""
        index = bisect_right(self.starts, moment)
        return self.starts[index] if index < len(self.starts) else None


def timetable(
    schedule: Schedule, start: datetime, end: datetime, overrides: Sequence[Shift]
) -> Timetable:
    """Returns who is on call in a schedule from one moment to another."""
    shifts = on_call.shifts(schedule, start, end, overrides)
    bounds = {bound for shift in shifts for bound in (shift.start, shift.end)}
    starts, people = [start], [on_call.on_call(schedule, start, overrides)]
    for moment in sorted(bound for bound in bounds if start < bound < end):
        now = on_call.on_call(schedule, moment, overrides)
        if now != people[-1]:
            starts.append(moment)
            people.append(now)
    return Timetable(tuple(starts), tuple(people))
