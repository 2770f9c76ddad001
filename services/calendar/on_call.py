"""Who is on call: the one place that computes it, for pages, previews and lists alike.

The rules, which the proto publishes:

1. Turns go by the wall clock of the schedule's time zone, counted from the first one: a hand-over
   at nine stays at nine when the clocks change. Hours, days, weeks and months alike.
2. A turn, as far as the restrictions and the end of its layer leave it, is a stretch of the wall
   clock. It begins when the clock first shows its beginning, and ends when the clock last shows
   its end. Whoever leaves in an hour that comes twice therefore stays until it has come twice, and
   whoever comes is there from the first time on: both are on call, and there is never a gap.
3. A beginning or an end that the clock skips is the first moment after what is skipped. A stretch
   of which nothing is left that way is nobody's.
4. A later layer wins over an earlier one, an override over all layers and shifts, and a later
   override over an earlier one: where what is above has anybody on call, what is below does not
   count. Overlaps are therefore within one layer only.

Shifts are told whole, also where they reach out of the span that was asked for.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from operator import attrgetter, itemgetter
from zoneinfo import ZoneInfo

from services.calendar.schedules import Kind, Layer, Schedule, Shift
from services.calendar.turns import Span, cover, turns

_MOMENT = timedelta(microseconds=1)
_START = attrgetter("start")
_BEGINS, _ENDS = itemgetter(0), itemgetter(1)
#: How far ahead the next shift is looked for: near first, since it mostly is near.
_AHEAD = (timedelta(days=1), timedelta(days=8), timedelta(days=62), timedelta(days=367))


def on_call(schedule: Schedule, at: datetime, overrides: Sequence[Shift]) -> tuple[int, ...]:
    """Returns who is on call at a moment, each once; nobody, in a gap.

    Who came first is first; of those who came together, who is named first. Costs the same
    however long the turns have been going on.
    """
    for stratum in _strata(schedule, overrides):
        found = stratum.shifts(at, at + _MOMENT)
        if found:
            return tuple(dict.fromkeys(shift.user for shift in found))
    return ()


def currents(schedule: Schedule, at: datetime, overrides: Sequence[Shift]) -> list[Shift]:
    """Returns the shifts of a moment, of whom `on_call` tells and in that order."""
    return shifts(schedule, at, at + _MOMENT, overrides)


def current(schedule: Schedule, at: datetime, overrides: Sequence[Shift]) -> Shift | None:
    """Returns the first shift of a moment; None in a gap."""
    found = currents(schedule, at, overrides)
    return found[0] if found else None


def followings(schedule: Schedule, at: datetime, overrides: Sequence[Shift]) -> list[Shift]:
    """Returns the shifts that begin next after a moment, all at once, within about a year."""
    for ahead in _AHEAD:
        found = [each for each in shifts(schedule, at, at + ahead, overrides) if each.start > at]
        if found:
            return [each for each in found if each.start == found[0].start]
    return []


def following(schedule: Schedule, at: datetime, overrides: Sequence[Shift]) -> Shift | None:
    """Returns the first shift that begins after a moment, within about a year."""
    found = followings(schedule, at, overrides)
    return found[0] if found else None


def shifts(
    schedule: Schedule, start: datetime, end: datetime, overrides: Sequence[Shift]
) -> list[Shift]:
    """Returns the shifts of a span, by their start and then in the order of their people.

    `overrides` are those of the span, from the earliest made to the latest. None is given twice,
    and all reach into the span. Those of several people on one turn overlap, as do those that
    meet where the clock repeats an hour.
    """
    touched = list(_touched(schedule, start, end, overrides))
    known = [shift for _, found in touched for shift in found]
    if not known:
        return []
    # What only reaches into these shifts still cuts them.
    first, last = min(shift.start for shift in known), max(shift.end for shift in known)
    covered: list[Span] = []
    left: list[Shift] = []
    for stratum, found in touched:
        for shift in found:
            left += _uncovered(shift, covered)
        for span in stratum.cover(first, last):
            _add(covered, span)
    return sorted((s for s in left if s.start < end and start < s.end), key=_START)


def covered(
    schedule: Schedule, start: datetime, end: datetime, overrides: Sequence[Shift]
) -> list[Span]:
    """Returns when anybody is on call within a span, by the start; none touches another."""
    found: list[Span] = []
    for stratum in _strata(schedule, overrides):
        for span in stratum.cover(start, end):
            _add(found, span)
    return found


@dataclass(frozen=True, slots=True)
class _Written:
    """Shifts that are written down."""

    known: Sequence[Shift]

    def shifts(self, start: datetime, end: datetime) -> list[Shift]:
        """Returns those that reach into a span, by their start."""
        return sorted((s for s in self.known if s.start < end and start < s.end), key=_START)

    def cover(self, start: datetime, end: datetime) -> list[Span]:
        """Returns when there are any, within a span."""
        return [(max(s.start, start), min(s.end, end)) for s in self.shifts(start, end)]


@dataclass(frozen=True, slots=True)
class _Turning:
    """A layer of people who take turns."""

    layer: Layer
    zone: ZoneInfo

    def shifts(self, start: datetime, end: datetime) -> list[Shift]:
        """Returns those that reach into a span, by their start."""
        return turns(self.layer, self.zone, start, end)

    def cover(self, start: datetime, end: datetime) -> list[Span]:
        """Returns when there are any, within a span."""
        return cover(self.layer, self.zone, start, end)


def _strata(schedule: Schedule, overrides: Sequence[Shift]) -> Iterator[_Written | _Turning]:
    """Yields what lies over what, from the top."""
    for override in reversed(overrides):
        yield _Written([override])
    zone = ZoneInfo(schedule.timezone)
    for layer in reversed(schedule.layers):
        yield _Turning(layer, zone)
    if schedule.kind is Kind.STATIC:
        yield _Written(schedule.shifts)


def _touched(
    schedule: Schedule, start: datetime, end: datetime, overrides: Sequence[Shift]
) -> Iterator[tuple[_Written | _Turning, list[Shift]]]:
    """Yields what reaches into a span, from the top, as long as that does not hide the rest.

    Of what lies below, only what shows is looked at: layers may have very many turns.
    """
    hidden: list[Span] = []
    for stratum in _strata(schedule, overrides):
        spans = stratum.cover(start, end)
        shows = (left for span in spans for left in _left(*span, hidden))
        found = (shift for span in shows for shift in stratum.shifts(*span))
        yield stratum, list(dict.fromkeys(found))
        for span in spans:
            _add(hidden, span)
        if hidden == [(start, end)]:
            return


def _add(covered: list[Span], span: Span) -> None:
    """Adds a span to those that are covered, which stay in order and touch one another nowhere."""
    first = bisect_left(covered, span[0], key=_ENDS)
    last = bisect_right(covered, span[1], key=_BEGINS)
    touched = [*covered[first:last], span]
    covered[first:last] = [(min(map(_BEGINS, touched)), max(map(_ENDS, touched)))]


def _uncovered(shift: Shift, covered: Sequence[Span]) -> Iterator[Shift]:
    """Yields what is left of a shift under what is covered."""
    for start, end in _left(shift.start, shift.end, covered):
        yield Shift(shift.user, start, end)


def _left(start: datetime, end: datetime, covered: Sequence[Span]) -> Iterator[Span]:
    """Yields what is left of a span under what is covered."""
    for begins, ends in islice(covered, bisect_right(covered, start, key=_ENDS), None):
        if begins >= end:
            break
        if start < begins:
            yield start, begins
        start = ends
    if start < end:
        yield start, end
