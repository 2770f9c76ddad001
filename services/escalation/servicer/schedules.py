"""Answers ScheduleService."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection

from services.calendar.schedules import Schedule, Shift, checked
from services.chassis import audit, counters, facts, outbox
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.paging import Page, page
from services.chassis.principal import caller
from services.escalation import on_duty, reach
from services.escalation.domain.users import User
from services.escalation.servicer import shifts as spans
from services.escalation.servicer.team_context import wanted_teams
from services.escalation.store import schedules, teams, users, uses
from services.escalation.store.alone import CONFIGURATION, alone
from services.escalation.wire import schedules as wire
from tocsin.escalation.v1 import schedule_pb2
from tocsin.escalation.v1 import schedule_service_pb2 as pb
from tocsin.escalation.v1 import schedule_service_pb2_grpc as rpc
from tocsin.escalation.v1.escalation_events_pb2 import ScheduleChanged

DEFAULT_PAGE = 20
LARGEST_PAGE = 20


class ScheduleServicer(rpc.ScheduleServiceServicer):
    """The gRPC face of the schedules."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def CreateSchedule(
        self, request: pb.CreateScheduleRequest, context: Context
    ) -> schedule_pb2.Schedule:
        """See the proto."""
        return await self._database.write(_create, self._clock, request.schedule)

    async def GetSchedule(
        self, request: pb.GetScheduleRequest, context: Context
    ) -> schedule_pb2.Schedule:
        """See the proto."""
        return await self._database.read(_get, self._clock, request.id, request.include)

    async def ListSchedules(
        self, request: pb.ListSchedulesRequest, context: Context
    ) -> pb.ListSchedulesResponse:
        """See the proto."""
        wanted = page(request, default=DEFAULT_PAGE, most=LARGEST_PAGE)
        found = await self._database.read(
            _oldest, self._clock, wanted, wanted_teams(context), request.include
        )
        return pb.ListSchedulesResponse(schedules=found)

    async def UpdateSchedule(
        self, request: pb.UpdateScheduleRequest, context: Context
    ) -> schedule_pb2.Schedule:
        """See the proto."""
        told = request.schedule
        return await self._database.write(_update, self._clock, request.id, told)

    async def DeleteSchedule(
        self, request: pb.DeleteScheduleRequest, context: Context
    ) -> pb.DeleteScheduleResponse:
        """See the proto."""
        await self._database.write(_delete, self._clock, request.id)
        return pb.DeleteScheduleResponse()

    async def ListShifts(
        self, request: pb.ListShiftsRequest, context: Context
    ) -> pb.ListShiftsResponse:
        """See the proto."""
        found = await self._database.read(spans.shifts, self._clock, request)
        return pb.ListShiftsResponse(shifts=found)

    async def ListOverrides(
        self, request: pb.ListOverridesRequest, context: Context
    ) -> pb.ListOverridesResponse:
        """See the proto."""
        found = await self._database.read(spans.overrides, self._clock, request.id)
        return pb.ListOverridesResponse(overrides=found)

    async def AddOverride(
        self, request: pb.AddOverrideRequest, context: Context
    ) -> schedule_pb2.Shift:
        """See the proto."""
        told = request.shift
        return await self._database.write(spans.add_override, self._clock, request.id, told)

    async def GetUserOnCall(
        self, request: pb.GetUserOnCallRequest, context: Context
    ) -> schedule_pb2.Shift:
        """See the proto."""
        return await self._database.read(spans.now_on_call, self._clock, request.id)


def _create(
    connection: Connection, clock: Clock, told: schedule_pb2.Schedule
) -> schedule_pb2.Schedule:
    alone(connection, CONFIGURATION)
    schedule = _checked(connection, told, counters.allocate(connection, "schedule"))
    schedules.add(connection, reach.given(schedule))
    return _recorded(connection, clock, schedule, "schedule.create")


def _update(
    connection: Connection, clock: Clock, schedule_id: int, told: schedule_pb2.Schedule
) -> schedule_pb2.Schedule:
    alone(connection, CONFIGURATION)
    reach.changeable(schedules.get(connection, schedule_id), "schedule")
    schedule = _checked(connection, told, schedule_id)
    schedules.save(connection, reach.given(schedule))
    return _recorded(connection, clock, schedule, "schedule.update")


def _delete(connection: Connection, clock: Clock, schedule_id: int) -> None:
    alone(connection, CONFIGURATION)
    schedule = reach.changeable(schedules.get(connection, schedule_id), "schedule")
    now = clock.now(connection)
    uses.refuse_if_used(f"schedule {schedule_id}", uses.of_schedule(connection, schedule_id))
    schedules.remove(connection, schedule_id)
    _announce(connection, now, schedule, deleted=True)
    audit.record(connection, now, caller().actor(), "schedule.delete", f"schedule:{schedule_id}")


def _checked(connection: Connection, told: schedule_pb2.Schedule, schedule_id: int) -> Schedule:
    schedule = wire.new_schedule(told, schedule_id)
    return checked(
        schedule,
        users=users.existing(connection, schedule.users),
        teams=teams.names(connection, schedule.teams).keys(),
    )


def _recorded(
    connection: Connection, clock: Clock, schedule: Schedule, action: str
) -> schedule_pb2.Schedule:
    now = clock.now(connection)
    _announce(connection, now, schedule)
    audit.record(connection, now, caller().actor(), action, f"schedule:{schedule.id}")
    return _described(connection, now, [schedule], (wire.LAYERS, wire.SHIFTS))[0]


def _announce(
    connection: Connection, now: datetime, schedule: Schedule, *, deleted: bool = False
) -> None:
    """Tells the other services of a schedule; of its people by id, as they have records."""
    record = wire.schedule(schedule, {}, teams.names(connection, schedule.teams))
    version = facts.publish(connection, "schedule", schedule.id, record, deleted=deleted)
    changed = ScheduleChanged(schedule=record, version=version, deleted=deleted)
    outbox.put(connection, now, changed, key=f"schedule:{schedule.id}:{version}")


def _get(
    connection: Connection, clock: Clock, schedule_id: int, include: Collection[str]
) -> schedule_pb2.Schedule:
    schedule = reach.seen(schedules.get(connection, schedule_id), "schedule")
    return _described(connection, clock.now(connection), [schedule], include)[0]


def _oldest(
    connection: Connection,
    clock: Clock,
    wanted: Page,
    of_teams: frozenset[int] | None,
    include: Collection[str],
) -> list[schedule_pb2.Schedule]:
    found = schedules.oldest(connection, wanted, of_teams, caller())
    return _described(connection, clock.now(connection), found, include)


def _described(
    connection: Connection, now: datetime, found: Iterable[Schedule], include: Collection[str]
) -> list[schedule_pb2.Schedule]:
    told = []
    for schedule in found:
        current = on_duty.current(connection, schedule, now) if wire.CURRENT in include else None
        following = on_duty.following(connection, schedule, now) if wire.NEXT in include else None
        named = schedule.users | {shift.user for shift in (current, following) if shift}
        people = users.by_ids(connection, named)
        record = wire.schedule(schedule, people, teams.names(connection, schedule.teams), include)
        _add(record.current_shift, current, people)
        _add(record.next_shift, following, people)
        told.append(record)
    return told


def _add(place: schedule_pb2.Shift, shift: Shift | None, people: dict[int, User]) -> None:
    if shift is not None:
        place.CopyFrom(wire.shift(shift, people))
