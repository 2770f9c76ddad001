"""Who is on call over a stretch of time, looked up by moment.

Whoever looks at thousands of moments looks only at those at which something changes. Who is
present between two boundaries of `on_call.shifts` is whom `on_call.on_call` tells, as tests prove.
"""

from bisect import bisect_right
from collections import deque
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
    coming = deque(on_call.shifts(schedule, start, end, overrides))
    bounds = {bound for shift in coming for bound in (shift.start, shift.end)}
    present: list[Shift] = []
    starts: list[datetime] = []
    people: list[tuple[int, ...]] = []
    for moment in [start, *sorted(bound for bound in bounds if start < bound < end)]:
        present = [shift for shift in present if moment < shift.end]
        while coming and coming[0].start <= moment:
            present.append(coming.popleft())
        now = tuple(dict.fromkeys(shift.user for shift in present))
        if not people or now != people[-1]:
            starts.append(moment)
            people.append(now)
    return Timetable(tuple(starts), tuple(people))
