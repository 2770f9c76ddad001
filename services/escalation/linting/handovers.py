"""Hand-overs around changes of the clock, in the words of findings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.calendar import on_call
from services.calendar.schedules import Schedule

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Odd:
    """A hand-over at a time that the clock shows twice, or never."""

    field: str  # of the schedule
    start: datetime
    end: datetime
    message: str


def odd_handovers(schedule: Schedule, start: datetime, end: datetime) -> Iterator[Odd]:
    """Yields the odd hand-overs of a span, by their time."""
    zone = ZoneInfo(schedule.timezone)
    for shift in on_call.shifts(schedule, start, end, ()):
        wall = shift.start.astimezone(zone)
        first, second = (wall.replace(fold=fold).utcoffset() for fold in (0, 1))
        if start <= shift.start and first != second:
            message = f"the hand-over at {wall:%Y-%m-%d %H:%M} is due in an hour that comes twice"
            yield Odd("scheduleLayers", shift.start, shift.start + _MOMENT, message)
