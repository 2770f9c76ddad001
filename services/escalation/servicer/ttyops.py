"""Answers TtyopsService."""

from sqlalchemy import Connection

from services.chassis import short_ids
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.paging import Page
from services.chassis.principal import caller
from services.escalation import on_duty
from services.escalation.domain.users import User
from services.escalation.store import schedules, users
from tocsin.escalation.v1 import ttyops_service_pb2 as pb
from tocsin.escalation.v1 import ttyops_service_pb2_grpc as rpc

MOST = Page(offset=0, limit=1000)


class TtyopsServicer(rpc.TtyopsServiceServicer):
    """Tells ttyops' clients who there is, and who is on call."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def ListTtyopsMembers(
        self, request: pb.ListTtyopsMembersRequest, context: Context
    ) -> pb.ListTtyopsMembersResponse:
        """See the proto."""
        found = await self._database.read(users.oldest, MOST)
        return pb.ListTtyopsMembersResponse(members=[_member(user) for user in found])

    async def ListTtyopsSchedules(
        self, request: pb.ListTtyopsSchedulesRequest, context: Context
    ) -> pb.ListTtyopsSchedulesResponse:
        """See the proto."""
        found = await self._database.read(_schedules, self._clock)
        return pb.ListTtyopsSchedulesResponse(schedules=found)


def _schedules(connection: Connection, clock: Clock) -> list[pb.TtyopsSchedule]:
    now = clock.now(connection)
    found = schedules.oldest(connection, MOST, None, caller())
    on_call = on_duty.rota_of(connection, found, now, now).people([each.id for each in found], now)
    known = users.by_ids(connection, {user for people in on_call.values() for user in people})
    nobody = pb.TtyopsMember()
    return [
        pb.TtyopsSchedule(
            name=each.name,
            on_call=next((_member(known[id_]) for id_ in on_call[each.id] if id_ in known), nobody),
        )
        for each in found
    ]


def _member(user: User) -> pb.TtyopsMember:
    return pb.TtyopsMember(id=short_ids.short_id(short_ids.MEMBER, user.id), email=user.email)
