"""Answers SupportHoursService."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import audit, counters
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.paging import Page, page
from services.chassis.principal import caller
from services.chassis.team_context import wanted_teams
from services.chassis.teams import hide_unseen
from services.escalation import reach
from services.escalation.announcing import described_hours, support_hours_changed
from services.escalation.domain.support_hours import SupportHours, checked
from services.escalation.store import support_hours, uses
from services.escalation.store.alone import CONFIGURATION, alone
from services.escalation.wire import support_hours as wire
from tocsin.escalation.v1 import support_hours_pb2
from tocsin.escalation.v1 import support_hours_service_pb2 as pb
from tocsin.escalation.v1 import support_hours_service_pb2_grpc as rpc

DEFAULT_PAGE = 50
LARGEST_PAGE = 50
WORD = "support hours"


class SupportHoursServicer(rpc.SupportHoursServiceServicer):
    """The gRPC face of the support hours."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def CreateSupportHours(
        self, request: pb.CreateSupportHoursRequest, context: Context
    ) -> support_hours_pb2.SupportHours:
        """See the proto."""
        return await self._database.write(create, self._clock, request.support_hours)

    async def GetSupportHours(
        self, request: pb.GetSupportHoursRequest, context: Context
    ) -> support_hours_pb2.SupportHours:
        """See the proto."""
        return await self._database.read(_get, request.id)

    async def GetSupportHoursByName(
        self, request: pb.GetSupportHoursByNameRequest, context: Context
    ) -> support_hours_pb2.SupportHours:
        """See the proto."""
        return await self._database.read(_get_by_name, request.name)

    async def ListSupportHours(
        self, request: pb.ListSupportHoursRequest, context: Context
    ) -> pb.ListSupportHoursResponse:
        """See the proto."""
        wanted = page(request, default=DEFAULT_PAGE, most=LARGEST_PAGE)
        found = await self._database.read(_oldest, wanted, wanted_teams(context))
        return pb.ListSupportHoursResponse(support_hours=found)

    async def UpdateSupportHours(
        self, request: pb.UpdateSupportHoursRequest, context: Context
    ) -> support_hours_pb2.SupportHours:
        """See the proto."""
        told = request.support_hours
        return await self._database.write(update, self._clock, request.id, told)

    async def DeleteSupportHours(
        self, request: pb.DeleteSupportHoursRequest, context: Context
    ) -> pb.DeleteSupportHoursResponse:
        """See the proto."""
        await self._database.write(delete, self._clock, request.id)
        return pb.DeleteSupportHoursResponse()


def create(
    connection: Connection, clock: Clock, told: support_hours_pb2.SupportHours
) -> support_hours_pb2.SupportHours:
    """Makes support hours as the caller told. Raises what the caller may not or cannot have."""
    alone(connection, CONFIGURATION)
    now = clock.now(connection)
    number = counters.allocate(connection, "support_hours")
    hours = _checked(connection, wire.new_support_hours(told, number), ())
    support_hours.add(connection, hours)
    support_hours_changed(connection, now, [hours])
    _audit(connection, now, hours.id, "support_hours.create")
    return _shown(connection, [hours])[0]


def update(
    connection: Connection, clock: Clock, hours_id: int, told: support_hours_pb2.SupportHours
) -> support_hours_pb2.SupportHours:
    """Replaces support hours by what the caller told. Raises as `create` does, and NotFound."""
    alone(connection, CONFIGURATION)
    known = reach.changeable(support_hours.get(connection, hours_id), WORD)
    wanted = _checked(connection, wire.new_support_hours(told, hours_id), known.teams)
    if wanted != known:
        now = clock.now(connection)
        support_hours.save(connection, wanted)
        support_hours_changed(connection, now, [wanted])
        _audit(connection, now, hours_id, "support_hours.update")
    return _shown(connection, [wanted])[0]


def delete(connection: Connection, clock: Clock, hours_id: int) -> None:
    """Deletes support hours that nothing uses. Raises NotFound, Forbidden, WrongState."""
    alone(connection, CONFIGURATION)
    hours = reach.changeable(support_hours.get(connection, hours_id), WORD)
    uses.refuse_if_used(f"support hours {hours_id}", uses.of_support_hours(connection, hours_id))
    now = clock.now(connection)
    support_hours.remove(connection, hours_id)
    support_hours_changed(connection, now, [hours], deleted=True)
    _audit(connection, now, hours_id, "support_hours.delete")


def _checked(connection: Connection, hours: SupportHours, kept: Collection[int]) -> SupportHours:
    reach.given(hours)
    return checked(hours, teams=reach.teams_to_name(connection, hours.teams, kept))


def _get(connection: Connection, hours_id: int) -> support_hours_pb2.SupportHours:
    hours = reach.seen(support_hours.get(connection, hours_id), WORD)
    return _shown(connection, [hours])[0]


def _get_by_name(connection: Connection, name: str) -> support_hours_pb2.SupportHours:
    found = support_hours.get_by_name(connection, name, caller())
    return _shown(connection, [found])[0]


def _oldest(
    connection: Connection, wanted: Page, of_teams: frozenset[int] | None
) -> list[support_hours_pb2.SupportHours]:
    return _shown(connection, support_hours.oldest(connection, wanted, of_teams, caller()))


def _shown(
    connection: Connection, found: Sequence[SupportHours]
) -> list[support_hours_pb2.SupportHours]:
    """Returns support hours as the caller may see them."""
    told = described_hours(connection, found)
    hide_unseen(caller(), told)
    return told


def _audit(connection: Connection, now: datetime, hours_id: int, action: str) -> None:
    audit.record(connection, now, caller().actor(), action, f"support_hours:{hours_id}")
