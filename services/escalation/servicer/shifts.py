"""The shifts and overrides of a schedule, for whoever asks for a span or a moment."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import Connection

from services.calendar import on_call
from services.calendar.schedules import Schedule, Shift, checked_shift
from services.calendar.wall import FIRST_YEAR, LAST_YEAR
from services.chassis import audit, counters
from services.chassis.clock import Clock
from services.chassis.errors import InvalidRequest
from services.chassis.moments import moment
from services.chassis.principal import caller
from services.escalation import on_duty, reach
from services.escalation.store import schedules, users
from services.escalation.store.alone import CONFIGURATION, alone
from services.escalation.wire import schedules as wire
from tocsin.escalation.v1 import on_call_service_pb2, schedule_pb2
from tocsin.escalation.v1 import schedule_service_pb2 as pb

#: What has the fields `from` and `until`.
Spanning: TypeAlias = pb.ListShiftsRequest | on_call_service_pb2.ListShiftsOfSchedulesRequest

USUAL_SPAN = timedelta(days=7)
LONGEST_SPAN = timedelta(days=366)
MOST_SHIFTS = 10_000


def shifts(
    connection: Connection, clock: Clock, request: pb.ListShiftsRequest
) -> list[schedule_pb2.Shift]:
    """Returns the shifts of a span. Raises NotFound, and InvalidRequest naming the field."""
    schedule = reach.seen(schedules.get(connection, request.id), "schedule")
    start, end = span(request, clock.now(connection))
    if request.exclude_overrides:
        found = on_call.shifts(schedule, start, end, ())
    else:
        found = on_duty.shifts(connection, schedule, start, end)
    if len(found) > MOST_SHIFTS:
        raise InvalidRequest(
            f"until must be earlier: there are {len(found)} shifts, more than {MOST_SHIFTS}",
            field="until",
        )
    return _told(connection, found)


def overrides(connection: Connection, clock: Clock, schedule_id: int) -> list[schedule_pb2.Shift]:
    """Returns the overrides that have not ended, by their start. Raises NotFound."""
    reach.seen(schedules.get(connection, schedule_id), "schedule")
    found = schedules.unfinished_overrides(connection, schedule_id, clock.now(connection))
    people = users.by_ids(connection, {shift.user for _, shift in found})
    return [wire.override(id_, shift, people) for id_, shift in found]


def add_override(
    connection: Connection, clock: Clock, schedule_id: int, told: schedule_pb2.Shift
) -> schedule_pb2.Shift:
    """Adds an override. Raises NotFound, and InvalidRequest naming the field."""
    alone(connection, CONFIGURATION)
    schedule = reach.changeable(schedules.get(connection, schedule_id), "schedule")
    shift = _wanted(connection, schedule, told)
    number = counters.allocate(connection, "override")
    schedules.add_override(connection, number, schedule_id, shift)
    override = _told_override(connection, number, shift)
    _record(connection, clock, schedule_id, "schedule.override", after=override)
    return override


def update_override(
    connection: Connection, clock: Clock, request: pb.UpdateOverrideRequest
) -> schedule_pb2.Shift:
    """Replaces an override. Raises NotFound, and InvalidRequest naming the field."""
    alone(connection, CONFIGURATION)
    schedule = reach.changeable(schedules.get(connection, request.id), "schedule")
    known = schedules.get_override(connection, schedule.id, request.override_id)
    shift = _wanted(connection, schedule, request.shift)
    before = _told_override(connection, request.override_id, known)
    if shift == known:
        return before
    schedules.save_override(connection, request.override_id, shift)
    after = _told_override(connection, request.override_id, shift)
    _record(connection, clock, schedule.id, "schedule.override.update", before=before, after=after)
    return after


def delete_override(
    connection: Connection, clock: Clock, request: pb.DeleteOverrideRequest
) -> None:
    """Removes an override. Raises NotFound."""
    alone(connection, CONFIGURATION)
    schedule = reach.changeable(schedules.get(connection, request.id), "schedule")
    known = schedules.get_override(connection, schedule.id, request.override_id)
    schedules.remove_override(connection, request.override_id)
    before = _told_override(connection, request.override_id, known)
    _record(connection, clock, schedule.id, "schedule.override.delete", before=before)


def replace_overrides(
    connection: Connection, clock: Clock, schedule_id: int, told: Sequence[schedule_pb2.Shift]
) -> None:
    """Puts other overrides in the place of those that are not over.

    Raises NotFound, Forbidden, and InvalidRequest naming the field.
    """
    alone(connection, CONFIGURATION)
    now = clock.now(connection)
    schedule = reach.changeable(schedules.get(connection, schedule_id), "schedule")
    known = schedules.overrides(connection, [schedule_id], now)[schedule_id]
    wanted = [
        wire.shift_value(each, schedule.timezone, f"overrides[{index}].")
        for index, each in enumerate(told)
    ]
    people = users.existing(connection, {shift.user for shift in wanted})
    for index, shift in enumerate(wanted):
        checked_shift(shift, people, f"overrides[{index}].")
    schedules.remove_overrides(connection, schedule_id, now)
    first = counters.allocate(connection, "override", len(wanted))
    for number, shift in enumerate(wanted, first):
        schedules.add_override(connection, number, schedule_id, shift)
    before, after = ({"overrides": _audited(connection, each)} for each in (known, wanted))
    actor, target = caller().actor(), f"schedule:{schedule_id}"
    audit.record(connection, now, actor, "schedule.overrides", target, before=before, after=after)


def now_on_call(connection: Connection, clock: Clock, schedule_id: int) -> schedule_pb2.Shift:
    """Returns the shift of now; one without a user when nobody is on call. Raises NotFound."""
    schedule = reach.seen(schedules.get(connection, schedule_id), "schedule")
    shift = on_duty.current(connection, schedule, clock.now(connection))
    return _told(connection, [shift])[0] if shift else schedule_pb2.Shift()


def _told(connection: Connection, found: list[Shift]) -> list[schedule_pb2.Shift]:
    people = users.by_ids(connection, {shift.user for shift in found})
    return [wire.shift(shift, people) for shift in found]


def _wanted(connection: Connection, schedule: Schedule, told: schedule_pb2.Shift) -> Shift:
    shift = wire.shift_value(told, schedule.timezone)
    return checked_shift(shift, users.existing(connection, [shift.user]))


def _told_override(connection: Connection, id_: int, shift: Shift) -> schedule_pb2.Shift:
    return wire.override(id_, shift, users.by_ids(connection, [shift.user]))


def _record(
    connection: Connection,
    clock: Clock,
    schedule_id: int,
    action: str,
    *,
    before: schedule_pb2.Shift | None = None,
    after: schedule_pb2.Shift | None = None,
) -> None:
    now, target = clock.now(connection), f"schedule:{schedule_id}"
    shown = {"before": audit.shown(before), "after": audit.shown(after)}
    audit.record(connection, now, caller().actor(), action, target, **shown)


def _audited(connection: Connection, found: list[Shift]) -> list[audit.Record | None]:
    return [audit.shown(shift) for shift in _told(connection, found)]


def span(request: Spanning, now: datetime) -> tuple[datetime, datetime]:
    """Reads the span that a request asks for. Raises InvalidRequest naming the field."""
    start = bounded(getattr(request, "from"), "from") if request.HasField("from") else now
    end = bounded(request.until, "until") if request.HasField("until") else start + USUAL_SPAN
    if not start < end <= start + LONGEST_SPAN:
        raise InvalidRequest(
            f"until must be after from, and {LONGEST_SPAN.days} days later at most", field="until"
        )
    return start, end


def bounded(told: Timestamp, field: str) -> datetime:
    """Reads a moment for which shifts can be computed. Raises InvalidRequest."""
    at = moment(told, field)
    if not FIRST_YEAR < at.year < LAST_YEAR:
        raise InvalidRequest(
            f"{field} must be after {FIRST_YEAR} and before {LAST_YEAR}", field=field
        )
    return at
