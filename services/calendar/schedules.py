"""What a schedule is: shifts that are written down, or layers of people who take turns."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from services.calendar import restrictions, rotations
from services.calendar.durations import LONGEST, duration
from services.calendar.restrictions import Restriction, Window
from services.calendar.rotations import Rotation
from services.calendar.wall import FIRST_YEAR, LAST_YEAR, shown, wall_time, zone_of
from services.chassis.errors import InvalidRequest

LONGEST_LINE = 255
MOST_LAYERS = 20
MOST_SHIFTS = 1000
MOST_USERS = 1000  # of a layer
MOST_PER_SHIFT = 20


class Kind(StrEnum):
    """What a schedule is made of."""

    STATIC = "STATIC"
    RECURRING = "RECURRING"


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody is on call from one moment until another."""

    user: int
    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)  # no slots: it keeps what it was read as
class Layer:
    """People who take turns, as they were told: all times are the wall clock's."""

    name: str
    starts_on: str
    users: tuple[int, ...]
    rotation: str  # empty if there are rotations
    ends_on: str | None = None
    restriction_type: str | None = None
    restrictions: tuple[Restriction, ...] = ()  # none: at all times
    rotations: tuple[str, ...] = ()
    users_per_shift: int = 1

    @cached_property
    def start(self) -> datetime:
        """When the first turn begins, on the wall clock."""
        return wall_time(self.starts_on, "startsOn")

    @cached_property
    def end(self) -> datetime | None:
        """When the layer ends, on the wall clock; None for never."""
        return None if self.ends_on is None else wall_time(self.ends_on, "endsOn")

    @cached_property
    def turns(self) -> Rotation:
        """When turns begin, on the wall clock."""
        return Rotation.of(self.start, self.rotation, self.rotations)

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """The times of a week at which the layer counts; none for always."""
        return restrictions.windows(self.restrictions)

    def people(self, turn: int) -> tuple[int, ...]:
        """Returns who has a turn, in their order and each once."""
        first = turn * self.users_per_shift
        places = range(first, first + self.users_per_shift)
        return tuple(dict.fromkeys(self.users[place % len(self.users)] for place in places))


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Who is on call when, before overrides."""

    id: int
    name: str
    timezone: str
    kind: Kind
    layers: tuple[Layer, ...] = ()
    shifts: tuple[Shift, ...] = ()
    show_gaps: bool = False
    default_shift_duration: str | None = None
    teams: tuple[int, ...] = ()

    @property
    def users(self) -> frozenset[int]:
        """Everybody who is named."""
        turns = {user for layer in self.layers for user in layer.users}
        return frozenset(turns | {shift.user for shift in self.shifts})


def checked(schedule: Schedule, *, users: Collection[int], teams: Collection[int]) -> Schedule:
    """Returns a schedule as it may be recorded, given who exists.

    Raises InvalidRequest naming the field.
    """
    zone = zone_of(schedule.timezone, "timezone")
    if schedule.default_shift_duration is not None:
        duration(schedule.default_shift_duration, "defaultShiftDuration")
    check_teams(schedule.teams, teams)
    if schedule.kind is Kind.STATIC:
        _check_shifts(schedule, users, zone)
    else:
        _check_layers(schedule, users)
    return schedule


def check_teams(named: Iterable[int], known: Collection[int]) -> None:
    """Checks the teams that a record belongs to. Raises InvalidRequest naming the field."""
    for index, team in enumerate(named):
        if team not in known:
            raise InvalidRequest(f"teams[{index}]: there is no team {team}", field="teams")


def checked_shift(shift: Shift, users: Collection[int], field: str = "") -> Shift:
    """Returns a shift as it may be recorded. Raises InvalidRequest naming the field."""
    _check_user(shift.user, users, f"{field}user")
    for moment, name in ((shift.start, "start"), (shift.end, "end")):
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise InvalidRequest(
                f"{field}{name} must be between {FIRST_YEAR} and {LAST_YEAR}",
                field=f"{field}{name}",
            )
    if shift.end <= shift.start:
        raise InvalidRequest(f"{field}end must be after {field}start", field=f"{field}end")
    if shift.end - shift.start > LONGEST:
        raise InvalidRequest(
            f"{field}end must be {LONGEST.days} days after {field}start at most",
            field=f"{field}end",
        )
    return shift


def _check_shifts(schedule: Schedule, users: Collection[int], zone: ZoneInfo) -> None:
    if schedule.layers:
        raise InvalidRequest(
            "scheduleLayers must be empty in a STATIC schedule", field="scheduleLayers"
        )
    _check_count(schedule.shifts, MOST_SHIFTS, "shifts")
    for index, shift in enumerate(schedule.shifts):
        checked_shift(shift, users, f"shifts[{index}].")
    going_on: list[tuple[int, Shift]] = []
    for index, shift in sorted(enumerate(schedule.shifts), key=lambda pair: pair[1].start):
        going_on = [pair for pair in going_on if pair[1].end > shift.start]
        for other, before in going_on:
            # Where the clock repeats an hour, whoever leaves stays until whoever comes has come.
            if shown(shift.start, zone) < shown(before.end, zone):
                raise InvalidRequest(
                    f"shifts[{index}] overlaps shifts[{other}]", field=f"shifts[{index}].start"
                )
        going_on.append((index, shift))


def _check_layers(schedule: Schedule, users: Collection[int]) -> None:
    if schedule.shifts:
        raise InvalidRequest("shifts must be empty in a RECURRING schedule", field="shifts")
    _check_count(schedule.layers, MOST_LAYERS, "scheduleLayers")
    for index, layer in enumerate(schedule.layers):
        _check_layer(layer, users, f"scheduleLayers[{index}].")


def _check_layer(layer: Layer, users: Collection[int], field: str) -> None:
    if len(layer.name) > LONGEST_LINE or not layer.name.isprintable():
        raise InvalidRequest(
            f"{field}name must have {LONGEST_LINE} printable characters at most",
            field=f"{field}name",
        )
    start = wall_time(layer.starts_on, f"{field}startsOn")
    if layer.ends_on is not None and wall_time(layer.ends_on, f"{field}endsOn") <= start:
        raise InvalidRequest(f"{field}endsOn must be after startsOn", field=f"{field}endsOn")
    rotations.check(layer.rotation, layer.rotations, field)
    restrictions.check(layer.restriction_type, layer.restrictions, field)
    if not layer.users:
        raise InvalidRequest(f"{field}users must have at least one", field=f"{field}users")
    _check_count(layer.users, MOST_USERS, f"{field}users")
    for place, user in enumerate(layer.users):
        _check_user(user, users, f"{field}users[{place}]")
    most = min(len(layer.users), MOST_PER_SHIFT)
    if not 1 <= layer.users_per_shift <= most:
        name = f"{field}usersPerShift"
        raise InvalidRequest(f"{name} must be 1 to {most}", field=name)


def _check_user(user: int, users: Collection[int], field: str) -> None:
    if user not in users:
        raise InvalidRequest(f"{field}: there is no user {user}", field=field)


def _check_count(items: Sequence[object], most: int, field: str) -> None:
    if len(items) > most:
        raise InvalidRequest(f"{field} must be {most} at most", field=field)
