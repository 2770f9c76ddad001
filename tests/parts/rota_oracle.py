"""Who is on call, found by looking at the clock step by step: slow, obvious, apart from the code.

Written from the published rules. Of the code it takes only how a schedule is written down. All
wall times of a schedule must be whole steps, and so must the changes of its zone's clock.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.calendar.restrictions import Restriction
from services.calendar.schedules import Layer, Schedule, Shift

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
DAY = timedelta(days=1)
MONDAY = datetime(1969, 12, 29)  # noqa: DTZ001 # a wall time has no zone
#: How far around a span is looked: what is further away is on no wall in it.
AROUND = 3 * DAY

#: Who has a turn from when until when.
Stretch = tuple[datetime, datetime, tuple[int, ...]]
People = tuple[int, ...]


def on_call(
    schedule: Schedule, overrides: Sequence[Shift], start: datetime, end: datetime, step: timedelta
) -> list[People]:
    """Returns who is on call at each step of a span."""
    clock = _Clock(ZoneInfo(schedule.timezone), start - AROUND, end + AROUND, step)
    layers = [_by_moment(layer, clock) for layer in schedule.layers]
    return [
        _highest([layer[number] for layer in layers], overrides, moment)
        for number, moment in enumerate(clock.moments)
        if start <= moment < end
    ]


class _Clock:
    """A clock on a wall, looked at in every step of a span."""

    def __init__(self, zone: ZoneInfo, start: datetime, end: datetime, step: timedelta) -> None:
        self.step = step
        self.moments = [start + number * step for number in range((end - start) // step)]
        self.shown = [each.astimezone(zone).replace(tzinfo=None, fold=0) for each in self.moments]
        self._first: dict[datetime, datetime] = {}
        self._last: dict[datetime, datetime] = {}
        for moment, wall in zip(self.moments, self.shown, strict=True):
            self._first.setdefault(wall, moment)
            self._last[wall] = moment

    def first(self, wall: datetime) -> datetime:
        """Returns when the clock first shows a time; when it first shows a later one if never."""
        return self._first.get(wall) or self._after(wall)

    def last(self, wall: datetime) -> datetime:
        """Returns when the clock last shows a time; when it first shows a later one if never."""
        return self._last.get(wall) or self._after(wall)

    def number(self, moment: datetime) -> int:
        """Returns how many moments are before one."""
        return (moment - self.moments[0]) // self.step

    def _after(self, wall: datetime) -> datetime:
        later = (m for m, shown in zip(self.moments, self.shown, strict=True) if shown > wall)
        return next(later, self.moments[-1])


def _by_moment(layer: Layer, clock: _Clock) -> list[People]:
    """Returns who is on call by one layer at each moment."""
    found: list[People] = [()] * len(clock.moments)
    for begins, ends, people in _stretches(layer, min(clock.shown), max(clock.shown), clock.step):
        for number in range(clock.number(clock.first(begins)), clock.number(clock.last(ends))):
            found[number] += people
    return found


def _highest(layers: Sequence[People], overrides: Sequence[Shift], moment: datetime) -> People:
    for override in reversed(overrides):
        if override.start <= moment < override.end:
            return (override.user,)
    for people in reversed(layers):
        if people:
            return tuple(dict.fromkeys(people))
    return ()


def _stretches(
    layer: Layer, since: datetime, until: datetime, step: timedelta
) -> Iterator[Stretch]:
    """Yields who has the turn, from when until when, by looking at each step of the wall clock."""
    opened = _openings(layer.restrictions, step)
    steps_of_week = 7 * DAY // step
    turns = _turns(layer)
    begins, ends, people = next(turns)
    begun: datetime | None = None
    wall = max(since, begins)
    place = (wall - MONDAY) // step  # a week later it is in the same place of the week
    stop = until if layer.ends_on is None else datetime.fromisoformat(layer.ends_on)
    while wall < min(until, stop):
        while ends <= wall:
            if begun is not None:
                yield max(begun, begins), ends, people
                begun = ends
            begins, ends, people = next(turns)
        counts = not opened or opened[place % steps_of_week]
        if counts and begun is None:
            begun = wall
        elif not counts and begun is not None:
            if begun < wall:
                yield begun, wall, people
            begun = None
        wall += step
        place += 1
    if begun is not None and begun < wall:
        yield begun, wall, people


def _turns(layer: Layer) -> Iterator[Stretch]:
    """Yields one turn after another, from the first, each with its people."""
    users, size = list(layer.users), layer.users_per_shift
    begins = datetime.fromisoformat(layer.starts_on)
    ends = _ends(layer, begins)
    while True:
        end = next(ends)
        yield begins, end, tuple(users[:size])
        users = users[size:] + users[:size]  # who had a turn goes to the end of the queue
        begins = end


def _ends(layer: Layer, first: datetime) -> Iterator[datetime]:
    """Yields when turns end: by a walk through the days, or by adding up lengths."""
    if layer.rotation.endswith("M"):
        months, due, day = int(layer.rotation[1:-1]), 0, first
        while True:
            day += DAY
            last_of_month = (day + DAY).month != day.month
            if day.day == first.day or (last_of_month and first.day > day.day):
                due += 1
                if due % months == 0:
                    yield day
    while True:
        for told in layer.rotations or (layer.rotation,):
            first += _length(told)
            yield first


def _length(told: str) -> timedelta:
    number = int("".join(filter(str.isdigit, told)))
    return number * {"H": DAY / 24, "D": DAY, "W": 7 * DAY}[told[-1]]


def _openings(restrictions: Sequence[Restriction], step: timedelta) -> list[bool]:
    """Returns for each step of a week whether a layer counts; nothing if it always does."""
    steps = [number * step for number in range(7 * DAY // step)] if restrictions else []
    return [any(_holds(each, since) for each in restrictions) for since in steps]


def _holds(restriction: Restriction, since: timedelta) -> bool:
    """Returns whether a time after the beginning of Monday is in a restriction."""
    start, end = restriction.start, restriction.end
    if not start.day:
        since -= since // DAY * DAY
    begins, ends = _of_week(start.day, start.time), _of_week(end.day, end.time)
    if begins < ends:
        return begins <= since < ends
    return since >= begins or since < ends


def _of_week(day: str, told: str) -> timedelta:
    hours, minutes = told.split(":")
    days = DAYS.index(day) if day else 0
    return timedelta(days=days, hours=int(hours), minutes=int(minutes))
