"""The hand-overs that a change of the clocks makes odd, so that people can look at them before.

By the rules of `services.calendar.on_call`, a hand-over in an hour that comes twice has both
sides on call meanwhile, and one in an hour that is skipped is done when the hour would be over.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.calendar.schedules import Layer, Schedule
from services.calendar.turns import JUMP, Span, Stretch, cover, stretches
from services.calendar.wall import instant, last_instant, shown

_DAY, _MOMENT = timedelta(days=1), timedelta(microseconds=1)


class Reason(StrEnum):
    """Why a hand-over is odd."""

    REPEATED = "REPEATED"  # the clock shows its time twice, and in between both are on call
    SKIPPED = "SKIPPED"  # the clock never shows its time


@dataclass(frozen=True, slots=True)
class OddHandover:
    """A layer's people change at a time that the clock shows twice, or never."""

    at: datetime  # when those who come begin
    until: datetime  # when those who leave end; later than `at` if REPEATED
    wall: datetime  # when the hand-over is due, on the wall clock
    zone: str
    reason: Reason
    layer: int  # its place among the schedule's layers
    leaving: tuple[int, ...]  # nobody, where a layer begins to count
    coming: tuple[int, ...]  # nobody, where a layer ceases to count


def odd_handovers(schedule: Schedule, start: datetime, end: datetime) -> list[OddHandover]:
    """Returns what is odd in a span, by its moment and then from the lowest layer up.

    Left out is what higher layers cover, and turns that go on with the same people.
    """
    zone = ZoneInfo(schedule.timezone)
    found = [
        handover
        for change in _changes(zone, start, end)
        for place in range(len(schedule.layers))
        for handover in _odd(schedule, place, zone, change)
        if start <= handover.at < end
    ]
    return sorted(found, key=lambda each: (each.at, each.layer, each.wall))


def _odd(schedule: Schedule, place: int, zone: ZoneInfo, change: Span) -> Iterator[OddHandover]:
    """Yields what is odd in one layer around one change of the clock."""
    layer, above = schedule.layers[place], schedule.layers[place + 1 :]
    since, until = shown(change[0], zone) - JUMP, shown(change[1], zone) + JUMP
    for wall, (leaving, coming) in _edges(layer, stretches(layer, since, until)).items():
        at, over = instant(wall, zone), last_instant(wall, zone)
        skipped = shown(at, zone) != wall
        odd = (skipped or at < over) and leaving != coming and since < wall < until
        if odd and not _covered(above, zone, at, max(over, at + _MOMENT)):
            reason = Reason.SKIPPED if skipped else Reason.REPEATED
            yield OddHandover(at, over, wall, zone.key, reason, place, leaving, coming)


def _changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[Span]:
    """Yields the days around which the clock is set, in a span."""
    before = start - _DAY
    while before < end:
        after = before + _DAY
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            yield before, after
        before = after


def _edges(
    layer: Layer, found: Iterable[Stretch]
) -> dict[datetime, tuple[tuple[int, ...], tuple[int, ...]]]:
    """Returns who leaves and who comes, by the wall time at which they do."""
    leaving: dict[datetime, tuple[int, ...]] = {}
    coming: dict[datetime, tuple[int, ...]] = {}
    for each in found:
        coming[each.begins], leaving[each.ends] = layer.people(each.turn), layer.people(each.turn)
    return {wall: (leaving.get(wall, ()), coming.get(wall, ())) for wall in leaving.keys() | coming}


def _covered(above: Sequence[Layer], zone: ZoneInfo, start: datetime, end: datetime) -> bool:
    """Returns whether one of some layers has people on call all through a span."""
    return any(cover(layer, zone, start, end) == [(start, end)] for layer in above)
