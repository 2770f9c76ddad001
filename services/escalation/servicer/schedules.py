"""Answers ScheduleService."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import TypeVar

from sqlalchemy import Connection

from services.calendar.gaps import refuse_gaps
from services.calendar.schedules import Schedule, Shift, checked
from services.chassis import audit, counters
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.paging import Page, page
from services.chassis.principal import caller
from services.chassis.team_context import wanted_teams
from services.chassis.teams import hide_unseen
from services.escalation import on_duty, reach
from services.escalation.announcing import naming_schedule, schedules_changed
from services.escalation.domain.users import User
from services.escalation.servicer import shifts as spans
from services.escalation.store import schedules, teams, users, uses
from services.escalation.store.alone import CONFIGURATION, alone
from services.escalation.wire import schedules as wire
from tocsin.escalation.v1 import schedule_pb2
from tocsin.escalation.v1 import schedule_service_pb2 as pb
from tocsin.escalation.v1 import schedule_service_pb2_grpc as rpc

T = TypeVar("T")

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
        told, whole = request.schedule, request.abort_on_gaps
        return await self._database.write(create, self._clock, told, whole)

    async def GetSchedule(
        self, request: pb.GetScheduleRequest, context: Context
    ) -> schedule_pb2.Schedule:
        """See the proto."""
        include = request.include
        return await self._read(include, _get, self._clock, request.id, include)

    async def GetScheduleByName(
        self, request: pb.GetScheduleByNameRequest, context: Context
    ) -> schedule_pb2.Schedule:
        """See the proto."""
        include = request.include
        return await self._read(include, _get_by_name, self._clock, request.name, include)

    async def ListSchedules(
        self, request: pb.ListSchedulesRequest, context: Context
    ) -> pb.ListSchedulesResponse:
        """See the proto."""
        wanted = page(request, default=DEFAULT_PAGE, most=LARGEST_PAGE)
        asked = self._clock, wanted, wanted_teams(context), request.include
        found = await self._read(request.include, _oldest, *asked)
        return pb.ListSchedulesResponse(schedules=found)

    async def UpdateSchedule(
        self, request: pb.UpdateScheduleRequest, context: Context
    ) -> schedule_pb2.Schedule:
        """See the proto."""
        told, whole = request.schedule, request.abort_on_gaps
        return await self._database.write(update, self._clock, request.id, told, whole)

    async def DeleteSchedule(
        self, request: pb.DeleteScheduleRequest, context: Context
    ) -> pb.DeleteScheduleResponse:
        """See the proto."""
        await self._database.write(delete, self._clock, request.id)
        return pb.DeleteScheduleResponse()

    async def ListShifts(
        self, request: pb.ListShiftsRequest, context: Context
    ) -> pb.ListShiftsResponse:
        """See the proto."""
        found = await self._database.read_slowly(spans.shifts, self._clock, request)
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

    async def UpdateOverride(
        self, request: pb.UpdateOverrideRequest, context: Context
    ) -> schedule_pb2.Shift:
        """See the proto."""
        return await self._database.write(spans.update_override, self._clock, request)

    async def DeleteOverride(
        self, request: pb.DeleteOverrideRequest, context: Context
    ) -> pb.DeleteOverrideResponse:
        """See the proto."""
        await self._database.write(spans.delete_override, self._clock, request)
        return pb.DeleteOverrideResponse()

    async def GetUserOnCall(
        self, request: pb.GetUserOnCallRequest, context: Context
    ) -> schedule_pb2.Shift:
        """See the proto."""
        return await self._database.read(spans.now_on_call, self._clock, request.id)

    async def _read(self, include: Collection[str], look: Callable[..., T], *args: object) -> T:
        """Reads schedules; slowly, if that tells who is next, as this may be far away."""
        if wire.NEXT in include or wire.NEXTS in include:
            return await self._database.read_slowly(look, *args)
        return await self._database.read(look, *args)


def create(
    connection: Connection, clock: Clock, told: schedule_pb2.Schedule, whole: bool
) -> schedule_pb2.Schedule:
    """Makes a schedule as the caller told. Raises what the caller may not or cannot have."""
    alone(connection, CONFIGURATION)
    now = clock.now(connection)
    schedule = _checked(connection, told, counters.allocate(connection, "schedule"), ())
    if whole:
        refuse_gaps(schedule, now)
    schedules.add(connection, schedule)
    return _recorded(connection, now, schedule, "schedule.create")


def update(
    connection: Connection,
    clock: Clock,
    schedule_id: int,
    told: schedule_pb2.Schedule,
    whole: bool,
) -> schedule_pb2.Schedule:
    """Replaces a schedule by what the caller told. Raises as `create` does, and NotFound."""
    alone(connection, CONFIGURATION)
    now = clock.now(connection)
    known = reach.changeable(schedules.get(connection, schedule_id), "schedule")
    schedule = _checked(connection, told, schedule_id, known.teams)
    if whole:
        refuse_gaps(schedule, now)
    if schedule == known:
        return _whole(connection, now, known)
    schedules.save(connection, schedule)
    if (schedule.name, schedule.teams) != (known.name, known.teams):
        naming_schedule(connection, now, schedule_id)
    return _recorded(connection, now, schedule, "schedule.update")


def delete(connection: Connection, clock: Clock, schedule_id: int) -> None:
    """Deletes a schedule that nothing uses. Raises NotFound, Forbidden, WrongState."""
    alone(connection, CONFIGURATION)
    schedule = reach.changeable(schedules.get(connection, schedule_id), "schedule")
    now = clock.now(connection)
    uses.refuse_if_used(f"schedule {schedule_id}", uses.of_schedule(connection, schedule_id))
    schedules.remove(connection, schedule_id)
    schedules_changed(connection, now, [schedule], deleted=True)
    audit.record(connection, now, caller().actor(), "schedule.delete", f"schedule:{schedule_id}")


def _checked(
    connection: Connection, told: schedule_pb2.Schedule, schedule_id: int, kept: Collection[int]
) -> Schedule:
    schedule = reach.given(wire.new_schedule(told, schedule_id))
    return checked(
        schedule,
        users=users.existing(connection, schedule.users),
        teams=reach.teams_to_name(connection, schedule.teams, kept),
    )


def _recorded(
    connection: Connection, now: datetime, schedule: Schedule, action: str
) -> schedule_pb2.Schedule:
    schedules_changed(connection, now, [schedule])
    audit.record(connection, now, caller().actor(), action, f"schedule:{schedule.id}")
    return _whole(connection, now, schedule)


def _whole(connection: Connection, now: datetime, schedule: Schedule) -> schedule_pb2.Schedule:
    return _described(connection, now, [schedule], (wire.LAYERS, wire.SHIFTS, wire.PAST))[0]


def _get(
    connection: Connection, clock: Clock, schedule_id: int, include: Collection[str]
) -> schedule_pb2.Schedule:
    schedule = reach.seen(schedules.get(connection, schedule_id), "schedule")
    return _described(connection, clock.now(connection), [schedule], include)[0]


def _get_by_name(
    connection: Connection, clock: Clock, name: str, include: Collection[str]
) -> schedule_pb2.Schedule:
    schedule = schedules.get_by_name(connection, name, caller())
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
    connection: Connection, now: datetime, found: Sequence[Schedule], include: Collection[str]
) -> list[schedule_pb2.Schedule]:
    """Returns schedules as the caller may see them, in a constant number of queries."""
    current, following = _around(connection, now, found, include)
    named = {user for schedule in found for user in schedule.users}
    named |= {each.user for each in chain(*current.values(), *following.values())}
    people = users.by_ids(connection, named)
    labels = teams.labels(connection, {team for schedule in found for team in schedule.teams})
    told = []
    for schedule in found:
        record = wire.schedule(schedule, people, labels, include, now)
        _add_around(
            record, current.get(schedule.id, ()), following.get(schedule.id, ()), people, include
        )
        told.append(record)
    hide_unseen(caller(), told)
    return told


def _around(
    connection: Connection, now: datetime, found: Sequence[Schedule], include: Collection[str]
) -> tuple[dict[int, list[Shift]], dict[int, list[Shift]]]:
    """Returns who is on call now and who is next, by schedule, as far as that is asked for."""
    now_too = wire.CURRENT in include or wire.CURRENTS in include
    next_too = wire.NEXT in include or wire.NEXTS in include
    if not now_too and not next_too:
        return {}, {}
    rota = on_duty.rota_of(connection, found, now)
    return (
        {each.id: rota.currents(each.id, now) for each in found if now_too},
        {each.id: rota.followings(each.id, now) for each in found if next_too},
    )


def _add_around(
    record: schedule_pb2.Schedule,
    current: Sequence[Shift],
    following: Sequence[Shift],
    people: Mapping[int, User],
    include: Collection[str],
) -> None:
    """Adds who is on call now and who is next to a record, as far as that is asked for."""
    now, later = ([wire.shift(each, people) for each in found] for found in (current, following))
    if now and wire.CURRENT in include:
        record.current_shift.CopyFrom(now[0])
    if later and wire.NEXT in include:
        record.next_shift.CopyFrom(later[0])
    if wire.CURRENTS in include:
        record.current_shifts.extend(now)
    if wire.NEXTS in include:
        record.next_shifts.extend(later)
