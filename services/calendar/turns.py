"""The turns of one layer: first on the wall clock, then in time.

A turn, as far as restrictions and the layer's end leave it, is a stretch of the wall clock, or
several. In time a stretch begins when the clock first shows its beginning, and ends when the
clock last shows its end; `services.calendar.on_call` tells what follows from that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.calendar import restrictions
from services.calendar.schedules import Layer, Shift
from services.calendar.wall import LAST_YEAR, instant, last_instant, shown

#: A clock is never set by more than this; one zone once left a day out.
JUMP = timedelta(hours=26)

_MOMENT = timedelta(microseconds=1)
#: Later than anything that is asked for.
_NEVER = datetime(LAST_YEAR + 1000, 1, 1)  # noqa: DTZ001 # a wall time has no zone

#: From when until when.
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is left of a turn in one piece, on the wall clock."""

    turn: int
    begins: datetime
    ends: datetime


def turns(layer: Layer, zone: ZoneInfo, start: datetime, end: datetime) -> list[Shift]:
    """Returns the shifts of a layer that reach into a span, whole, by their start.

    Those of one turn follow the order of its people. They may overlap where the clock repeats
    an hour.
    """
    return [
        Shift(user, begins, ends)
        for turn, begins, ends in _in_time(layer, zone, start, end)
        if begins < end and start < ends
        for user in layer.people(turn)
    ]


def cover(layer: Layer, zone: ZoneInfo, start: datetime, end: datetime) -> list[Span]:
    """Returns when a layer has anybody on call, as far as it is within a span."""
    since, until = _on_the_wall(zone, start, end)
    found = []
    for opens, closes in _opened(layer, since, until):
        begins, ends = instant(opens, zone), last_instant(min(closes, until), zone)
        if begins < ends and begins < end and start < ends:
            found.append((max(begins, start), min(ends, end)))
    return found


def stretches(layer: Layer, since: datetime, until: datetime) -> Iterator[Stretch]:
    """Yields what reaches into a span of the wall clock, whole and in its order."""
    rotation = layer.turns
    for opens, closes in _opened(layer, since, until):
        first = rotation.number(max(opens, since))
        ends = rotation.begins(first)
        for turn in range(first, rotation.number(min(closes, until)) + 1):
            begins, ends = ends, rotation.begins(turn + 1)
            begins, closing = max(begins, opens), min(ends, closes)
            if begins < closing and begins < until and since < closing:
                yield Stretch(turn, begins, closing)


def _in_time(
    layer: Layer, zone: ZoneInfo, start: datetime, end: datetime
) -> list[tuple[int, datetime, datetime]]:
    """Returns turns in time; of the same turn, what touches is one."""
    since, until = _on_the_wall(zone, start, end)
    near = list(_opened(layer, since, until)) if layer.windows else []
    if near and _changes(zone, near[0][0]):  # which may make one of what is on both sides of it
        since = min(since, near[0][0]) - JUMP
    if near and _changes(zone, near[-1][1]):
        until = max(until, near[-1][1]) + JUMP
    found: list[tuple[int, datetime, datetime]] = []
    for each in stretches(layer, since, until):
        begins, ends = instant(each.begins, zone), last_instant(each.ends, zone)
        if begins >= ends:  # a change of the clock swallowed it
            continue
        if found and found[-1][0] == each.turn and begins <= found[-1][2]:
            found[-1] = each.turn, found[-1][1], ends
        else:
            found.append((each.turn, begins, ends))
    return found


def _on_the_wall(zone: ZoneInfo, start: datetime, end: datetime) -> Span:
    """Returns a span of the wall clock that touches all that a span of time does.

    It is what the clock shows at both ends, unless the clock is set back soon after or was just
    before: then it shows some of it again.
    """
    since = min(shown(start, zone), shown(start + JUMP, zone) - JUMP)
    until = max(shown(end, zone), shown(end - JUMP, zone) + JUMP)
    return since - _MOMENT, until  # what ends then may be shown again


def _changes(zone: ZoneInfo, wall: datetime) -> bool:
    """Returns whether the clock is set around a time that it shows."""
    before, after = ((wall + way * JUMP).replace(tzinfo=zone) for way in (-1, 1))
    return before.utcoffset() != after.utcoffset()


def _opened(layer: Layer, since: datetime, until: datetime) -> Iterator[Span]:
    """Yields when a layer counts, on the wall clock, as far as it has begun and not ended."""
    starts, ends = layer.start, layer.end or _NEVER
    always = [(starts, ends)]
    windows = layer.windows
    for opens, closes in restrictions.opened(windows, since, until) if windows else always:
        opens, closes = max(opens, starts), min(closes, ends)
        if opens < closes and opens < until and since < closes:
            yield opens, closes
