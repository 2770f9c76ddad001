"""When nobody is on call in a schedule that is meant to cover everything."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from services.calendar import on_call
from services.calendar.schedules import Kind, Schedule, Shift
from services.calendar.wall import instant, last_instant
from services.chassis.errors import InvalidRequest

#: How far ahead turns are looked at: what they leave out, they mostly leave out every week.
AHEAD = timedelta(days=92)
MOST_TOLD = 5

#: From when until when.
Gap = tuple[datetime, datetime]


def gaps(
    schedule: Schedule, start: datetime, end: datetime, overrides: Sequence[Shift] = ()
) -> list[Gap]:
    """Returns the times of a span that nobody covers, by their start.

    `overrides` are those of the span, from the earliest made to the latest.
    """
    found = []
    for begins, ends in on_call.covered(schedule, start, end, overrides):
        if start < begins:
            found.append((start, begins))
        start = ends
    return [*found, (start, end)] if start < end else found


def refuse_gaps(schedule: Schedule, now: datetime) -> None:
    """Raises InvalidRequest with the first of the times that nobody covers, if there are any.

    They are looked for between the first shift and the last, or in layers from now or their
    beginning on until they end, within AHEAD, before overrides. Nothing at all covers nothing
    from now on.
    """
    start, end = _span(schedule, now)
    found = gaps(schedule, start, end)
    if found:
        field = "shifts" if schedule.kind is Kind.STATIC else "scheduleLayers"
        raise InvalidRequest(f"{field} leave gaps: {_told(found)}", field=field, reason="GAPS")


def _span(schedule: Schedule, now: datetime) -> Gap:
    if schedule.kind is Kind.STATIC and schedule.shifts:
        shifts = schedule.shifts
        return min(shift.start for shift in shifts), max(shift.end for shift in shifts)
    zone = ZoneInfo(schedule.timezone)
    starts = [instant(layer.start, zone) for layer in schedule.layers]
    start = max(now, min(starts, default=now))
    ends = [last_instant(layer.end, zone) for layer in schedule.layers if layer.end is not None]
    if not ends or len(ends) < len(schedule.layers):  # some layer goes on for ever
        return start, start + AHEAD
    return start, min(start + AHEAD, max(ends))


def _told(found: Sequence[Gap]) -> str:
    words = ", ".join(f"{_time(start)} to {_time(end)}" for start, end in islice(found, MOST_TOLD))
    return f"{words} and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else words


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
