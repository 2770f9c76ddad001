"""Schedules and shifts as protobuf messages."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from services.calendar.restrictions import Restriction, WeekTime
from services.calendar.schedules import Kind, Layer, Schedule, Shift
from services.calendar.wall import instant, last_instant, wall_time, zone_of
from services.chassis.errors import InvalidRequest
from services.chassis.moments import moment
from services.escalation.domain.checks import line
from services.escalation.domain.teams import Label
from services.escalation.domain.users import User
from services.escalation.wire import people, policies
from tocsin.escalation.v1 import schedule_pb2, user_pb2

LAYERS, SHIFTS, PAST = "scheduleLayers", "shifts", "past"
CURRENT, NEXT = "currentShift", "nextShift"
CURRENTS, NEXTS = "currentShifts", "nextShifts"
KINDS = {
    schedule_pb2.Schedule.STATIC: Kind.STATIC,
    schedule_pb2.Schedule.RECURRING: Kind.RECURRING,
}


def schedule(
    known: Schedule,
    users: Mapping[int, User],
    labels: Mapping[int, Label],
    include: Collection[str] = (LAYERS, SHIFTS, PAST),
    now: datetime | None = None,
) -> schedule_pb2.Schedule:
    """Renders a schedule, with the people whom it names and is given.

    Shifts that were over by `now` are left out unless they are included.
    """
    layers = known.layers if LAYERS in include else ()
    shifts = known.shifts if SHIFTS in include else ()
    if now is not None and PAST not in include:
        shifts = tuple(each for each in shifts if each.end > now)
    return schedule_pb2.Schedule(
        id=known.id,
        name=known.name,
        timezone=known.timezone,
        type=known.kind.name,
        schedule_layers=[_layer(layer, users) for layer in layers],
        shifts=[shift(each, users) for each in shifts],
        show_gaps=known.show_gaps,
        default_shift_duration=known.default_shift_duration,
        teams=policies.teams(known.teams, labels),
    )


def shift(known: Shift, users: Mapping[int, User]) -> schedule_pb2.Shift:
    """Renders a shift."""
    return schedule_pb2.Shift(user=person(known.user, users), start=known.start, end=known.end)


def override(id_: int, known: Shift, users: Mapping[int, User]) -> schedule_pb2.Shift:
    """Renders an override."""
    told = shift(known, users)
    told.id = id_
    return told


def new_schedule(told: schedule_pb2.Schedule, schedule_id: int) -> Schedule:
    """Reads a schedule to record. Raises InvalidRequest naming the field."""
    if told.type not in KINDS:
        raise InvalidRequest("type must be STATIC or RECURRING", field="type")
    return Schedule(
        id=schedule_id,
        name=line(told.name, "name"),
        timezone=told.timezone,
        kind=KINDS[told.type],
        layers=tuple(_layer_value(layer) for layer in told.schedule_layers),
        shifts=tuple(
            shift_value(each, told.timezone, f"shifts[{index}].")
            for index, each in enumerate(told.shifts)
        ),
        show_gaps=told.show_gaps,
        default_shift_duration=told.default_shift_duration or None,
        teams=tuple(dict.fromkeys(team.id for team in told.teams)),
    )


def shift_value(told: schedule_pb2.Shift, timezone: str, field: str = "") -> Shift:
    """Reads a shift; wall times are those of a time zone.

    Raises InvalidRequest naming the field.
    """
    if not told.HasField("user"):
        raise InvalidRequest(f"{field}user is required", field=f"{field}user")
    start = _shift_time(told, "start", "starts_on", instant, timezone, field)
    end = _shift_time(told, "end", "ends_on", last_instant, timezone, field)
    return Shift(told.user.id, start, end)


def _shift_time(
    told: schedule_pb2.Shift,
    name: str,
    wall: str,
    on_the_wall: Callable[[datetime, ZoneInfo], datetime],
    timezone: str,
    field: str,
) -> datetime:
    if told.HasField(name):
        return moment(getattr(told, name), f"{field}{name}")
    if told.HasField(wall):
        time = wall_time(getattr(told, wall), f"{field}{name}")
        return on_the_wall(time, zone_of(timezone, "timezone"))
    raise InvalidRequest(f"{field}{name} is required", field=f"{field}{name}")


def _layer(layer: Layer, users: Mapping[int, User]) -> schedule_pb2.ScheduleLayer:
    return schedule_pb2.ScheduleLayer(
        name=layer.name,
        starts_on=layer.starts_on,
        ends_on=layer.ends_on,
        users=[person(user, users) for user in layer.users],
        rotation=layer.rotation,
        restriction_type=layer.restriction_type,
        restrictions=[_restriction(each) for each in layer.restrictions],
        rotations=layer.rotations,
        users_per_shift=layer.users_per_shift if layer.users_per_shift > 1 else None,
    )


def _restriction(known: Restriction) -> schedule_pb2.Restriction:
    told = schedule_pb2.Restriction()
    for at, value in ((getattr(told, "from"), known.start), (told.to, known.end)):
        at.day_of_week, at.time = value.day, value.time
    return told


def _restriction_value(told: schedule_pb2.Restriction) -> Restriction:
    start, end = getattr(told, "from"), told.to
    return Restriction(WeekTime(start.day_of_week, start.time), WeekTime(end.day_of_week, end.time))


def _layer_value(told: schedule_pb2.ScheduleLayer) -> Layer:
    return Layer(
        name=told.name,
        starts_on=told.starts_on,
        ends_on=told.ends_on or None,
        users=tuple(user.id for user in told.users),
        rotation=told.rotation,
        restriction_type=told.restriction_type or None,
        restrictions=tuple(_restriction_value(each) for each in told.restrictions),
        rotations=tuple(told.rotations),
        users_per_shift=told.users_per_shift if told.HasField("users_per_shift") else 1,
    )


def person(user_id: int, users: Mapping[int, User]) -> user_pb2.User:
    """Renders somebody; by the id alone who is not given."""
    return people.user(users[user_id]) if user_id in users else user_pb2.User(id=user_id)
