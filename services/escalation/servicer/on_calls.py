"""Answers OnCallService."""

from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.team_context import Teams, wanted_teams
from services.escalation import on_calls
from services.escalation.servicer import many_shifts
from services.escalation.servicer.shifts import bounded
from tocsin.escalation.v1 import on_call_service_pb2 as pb
from tocsin.escalation.v1 import on_call_service_pb2_grpc as rpc

MOST = 250


class OnCallServicer(rpc.OnCallServiceServicer):
    """The gRPC face of who would be paged."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def ListOnCalls(
        self, request: pb.ListOnCallsRequest, context: Context
    ) -> pb.ListOnCallsResponse:
        """See the proto."""
        of_teams = wanted_teams(context)
        found = await self._database.read(_now, self._clock, request, of_teams)
        return pb.ListOnCallsResponse(on_calls=found)

    async def GetOnCall(
        self, request: pb.GetOnCallRequest, context: Context
    ) -> pb.GetOnCallResponse:
        """See the proto."""
        return await self._database.read(_at, self._clock, request)

    async def ListShiftsOfSchedules(
        self, request: pb.ListShiftsOfSchedulesRequest, context: Context
    ) -> pb.ListShiftsOfSchedulesResponse:
        """See the proto."""
        return await self._database.read_slowly(many_shifts.listed, self._clock, request)


def _now(
    connection: Connection, clock: Clock, request: pb.ListOnCallsRequest, of_teams: Teams
) -> list[pb.OnCall]:
    asked = [
        policy
        for policy in on_calls.visible(connection)
        if (not request.policies or policy.id in request.policies)
        and (of_teams is None or of_teams & set(policy.teams))
    ]
    places = on_calls.along(connection, clock.now(connection), asked, set(request.schedules))
    wanted = [place for place in places if not request.users or place.user in request.users]
    return on_calls.told(connection, wanted)[:MOST]


def _at(connection: Connection, clock: Clock, request: pb.GetOnCallRequest) -> pb.GetOnCallResponse:
    at = bounded(request.at, "at") if request.HasField("at") else clock.now(connection)
    places = on_calls.asked_for(connection, at, request)
    return pb.GetOnCallResponse(at=at, on_calls=on_calls.told(connection, places))
