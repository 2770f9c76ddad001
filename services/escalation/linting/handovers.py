"""Hand-overs around changes of the clock, in the words of findings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.calendar import changes
from services.calendar.changes import OddHandover, Reason
from services.calendar.schedules import Schedule, Shift

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Odd:
    """A hand-over at a time that the clock shows twice, or never."""

    field: str  # of the schedule
    start: datetime
    end: datetime
    message: str


def odd_handovers(
    schedule: Schedule, start: datetime, end: datetime, overrides: Sequence[Shift]
) -> Iterator[Odd]:
    """Yields the odd hand-overs of a span, by their time, but for what an override covers."""
    for each in changes.odd_handovers(schedule, start, end):
        if any(shift.start <= each.at and each.until <= shift.end for shift in overrides):
            continue
        field = f"scheduleLayers[{each.layer}]"
        yield Odd(field, each.at, max(each.until, each.at + _MOMENT), _message(each))


def _message(odd: OddHandover) -> str:
    if odd.reason is Reason.REPEATED:
        why = "which the clock shows twice: both sides are on call in between"
    else:
        why = "which the clock skips: it is done right after what is skipped"
    return f"a hand-over is due at {odd.wall:%Y-%m-%d %H:%M}, {why}"
