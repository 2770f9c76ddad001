"""Who is on call: the one place that computes it, for pages, previews and lists alike.

A later layer wins over an earlier one, an override over all layers and shifts, and a later
override over an earlier one. Shifts are told whole, also where they reach out of the span
that was asked for.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import chain
from operator import attrgetter
from zoneinfo import ZoneInfo

from services.calendar import restrictions
from services.calendar.restrictions import Open
from services.calendar.schedules import Kind, Layer, Schedule, Shift
from services.calendar.wall import instant, last_instant, shown

_MOMENT = timedelta(microseconds=1)
_START, _END = attrgetter("start"), attrgetter("end")
#: A clock is never set by more than this; one zone once left a day out.
_JUMP = timedelta(hours=26)
#: How far ahead the next shift is looked for: near first, since it mostly is near.
_AHEAD = (timedelta(days=1), timedelta(days=8), timedelta(days=62), timedelta(days=367))


def on_call(schedule: Schedule, at: datetime, overrides: Sequence[Shift]) -> tuple[int, ...]:
    """Returns who is on call at a moment; nobody, in a gap."""
    shift = current(schedule, at, overrides)
    return (shift.user,) if shift else ()


def current(schedule: Schedule, at: datetime, overrides: Sequence[Shift]) -> Shift | None:
    """Returns the shift of a moment; None in a gap."""
    found = shifts(schedule, at, at + _MOMENT, overrides)
    return found[0] if found else None


def following(schedule: Schedule, at: datetime, overrides: Sequence[Shift]) -> Shift | None:
    """Returns the first shift that begins after a moment, within about a year."""
    for ahead in _AHEAD:
        for shift in shifts(schedule, at, at + ahead, overrides):
            if shift.start > at:
                return shift
    return None


def shifts(
    schedule: Schedule, start: datetime, end: datetime, overrides: Sequence[Shift]
) -> list[Shift]:
    """Returns the shifts of a span, by their start; `overrides` from the earliest to the latest.

    None is given twice, none overlaps another, and all reach into the span.
    """
    touched = list(chain.from_iterable(_strata(schedule, start, end, overrides)))
    if not touched:
        return []
    # What only reaches into these shifts still cuts them.
    hull = min(shift.start for shift in touched), max(shift.end for shift in touched)
    known: list[Shift] = []
    for stratum in _strata(schedule, *hull, overrides):
        _lay(stratum, known)
    return [shift for shift in known if shift.start < end and start < shift.end]


def _strata(
    schedule: Schedule, start: datetime, end: datetime, overrides: Sequence[Shift]
) -> Iterable[list[Shift]]:
    """Returns what lies over what, from the bottom; within one nothing overlaps."""
    zone = ZoneInfo(schedule.timezone)
    if schedule.kind is Kind.STATIC:
        yield _within(sorted(schedule.shifts, key=_START), start, end)
    for layer in schedule.layers:
        yield turns(layer, zone, start, end)
    for override in overrides:
        yield _within([override], start, end)


def turns(layer: Layer, zone: ZoneInfo, start: datetime, end: datetime) -> list[Shift]:
    """Returns those turns of a layer that reach into a span, as far as it is not restricted."""
    since, until = shown(start, zone) - _JUMP, shown(end, zone) + _JUMP
    windows = restrictions.windows(layer.restrictions)
    if not windows:
        return _within(_turns(layer, zone, since, until), start, end)
    found: list[Shift] = []
    for opened in restrictions.opened(windows, since, until):
        found += _restricted(layer, zone, opened, since, until)
    return _within(found, start, end)


def _turns(layer: Layer, zone: ZoneInfo, since: datetime, until: datetime) -> Iterable[Shift]:
    for user, begins, ends in _rotate(layer, since, until):
        yield Shift(user, instant(begins, zone), instant(ends, zone))


def _restricted(
    layer: Layer, zone: ZoneInfo, opened: Open, since: datetime, until: datetime
) -> Iterable[Shift]:
    """Returns what is left of turns in one of the times to which a layer is restricted."""
    close = last_instant(opened.end, zone)
    if layer.end is None or opened.following < layer.end:
        close = min(
            close, instant(opened.following, zone)
        )  # which an hour that repeats brings near
    for user, begins, ends in _rotate(layer, max(since, opened.start), min(until, opened.end)):
        begins = max(begins, opened.start)
        yield Shift(
            user, instant(begins, zone), close if opened.end <= ends else instant(ends, zone)
        )


def _rotate(
    layer: Layer, since: datetime, until: datetime
) -> Iterable[tuple[int, datetime, datetime]]:
    """Returns who has a turn from when until when, on the wall clock, within a span."""
    first, turn, last = layer.start, layer.turn, layer.end
    until = until if last is None else min(until, last)
    for number in range(max((since - first) // turn, 0), max(-(-(until - first) // turn), 0)):
        begins, ends = first + number * turn, first + (number + 1) * turn
        yield (
            layer.users[number % len(layer.users)],
            begins,
            ends if last is None else min(ends, last),
        )


def _within(shifts: Iterable[Shift], start: datetime, end: datetime) -> list[Shift]:
    """Returns those that reach into a span; a turn that a clock change swallowed does not."""
    return [s for s in shifts if s.start < s.end and s.start < end and start < s.end]


def _lay(over: Sequence[Shift], known: list[Shift]) -> None:
    """Puts shifts over what is known, of which only what they may cover is looked at."""
    if not over:
        return
    first = bisect_right(known, over[0].start, key=_END)
    last = bisect_left(known, over[-1].end, key=_START)
    ends = [shift.end for shift in over]
    left = list(over)
    for shift in known[first:last]:
        left += _uncovered(shift, over, bisect_right(ends, shift.start))
    known[first:last] = sorted(left, key=_START)


def _uncovered(shift: Shift, over: Sequence[Shift], index: int) -> Iterable[Shift]:
    """Returns what is left of a shift under others, the first of which is at an index."""
    start = shift.start
    while index < len(over) and over[index].start < shift.end:
        if start < over[index].start:
            yield Shift(shift.user, start, over[index].start)
        start = max(start, over[index].end)
        index += 1
    if start < shift.end:
        yield Shift(shift.user, start, shift.end)
