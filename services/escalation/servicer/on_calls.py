"""Answers OnCallService."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.calendar.schedules import Schedule, Shift
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.principal import caller
from services.chassis.team_context import wanted_teams
from services.chassis.teams import sees
from services.escalation import on_duty
from services.escalation.domain.policies import BUILT_IN, Policy
from services.escalation.domain.users import User
from services.escalation.store import policies, teams, users
from services.escalation.wire import people
from services.escalation.wire import schedules as wire
from tocsin.escalation.v1 import on_call_service_pb2 as pb
from tocsin.escalation.v1 import on_call_service_pb2_grpc as rpc
from tocsin.escalation.v1 import policy_pb2

MOST = 250

#: Somebody on a level: policy, level, who, and by which schedule and shift.
Place = tuple[Policy, int, int, Schedule | None, Shift | None]


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
        found = await self._database.read(_on_calls, self._clock, request, of_teams)
        return pb.ListOnCallsResponse(on_calls=found)


def _on_calls(
    connection: Connection,
    clock: Clock,
    request: pb.ListOnCallsRequest,
    of_teams: frozenset[int] | None,
) -> list[pb.OnCall]:
    asked = [
        policy
        for policy in policies.every(connection)
        if (not request.policies or policy.id in request.policies)
        and (of_teams is None or of_teams & set(policy.teams))
        and sees(caller(), policy.teams)
        and policy.id != BUILT_IN
    ]
    places = [
        place
        for place in _places(connection, clock.now(connection), asked, set(request.schedules))
        if not request.users or place[2] in request.users
    ]
    known = users.by_ids(connection, {place[2] for place in places})
    return [_rendered(place, known) for place in places if place[2] in known][:MOST]


def _places(
    connection: Connection, now: datetime, asked: Sequence[Policy], only: Collection[int]
) -> Iterator[Place]:
    """Yields who is on call by policies; by some schedules alone, if they are said."""
    levels = [level for policy in asked for level in policy.levels]
    rota = on_duty.rota(connection, {id_ for lvl in levels for id_ in lvl.schedules}, now, now)
    shifts = {id_: rota.currents(id_, now) for id_ in rota.schedules}
    members = teams.members_of(connection, {id_ for level in levels for id_ in level.teams})
    for policy in asked:
        for number, level in enumerate(policy.levels, start=1):
            for id_ in level.schedules:
                for shift in _each_once(shifts.get(id_, ())) if not only or id_ in only else ():
                    yield policy, number, shift.user, rota.schedules[id_], shift
            if only:
                continue
            in_teams = (user for team in level.teams for user in members.get(team, ()))
            for user in dict.fromkeys((*level.users, *in_teams)):
                yield policy, number, user, None, None


def _each_once(shifts: Iterable[Shift]) -> Iterable[Shift]:
    """Returns shifts of a moment without the second one of who leaves and comes at once."""
    known: dict[int, Shift] = {}
    for shift in shifts:
        known.setdefault(shift.user, shift)
    return known.values()


def _rendered(place: Place, known: Mapping[int, User]) -> pb.OnCall:
    policy, number, user, schedule, shift = place
    return pb.OnCall(
        user=people.user(known[user]),
        escalation_policy=policy_pb2.EscalationPolicy(id=policy.id, name=policy.name),
        schedule=wire.schedule(schedule, {}, {}, include=()) if schedule else None,
        start=shift.start if shift else None,
        end=shift.end if shift else None,
        escalation_level=number,
    )
