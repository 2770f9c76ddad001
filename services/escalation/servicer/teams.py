"""Answers TeamService."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import audit, counters
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import AlreadyExists, NotFound
from services.chassis.paging import Page, page
from services.chassis.principal import caller
from services.chassis.team_context import wanted_teams
from services.chassis.teams import in_every_team, refuse_giving, refuse_unchangeable, sees_team
from services.escalation import announcing
from services.escalation.domain.teams import Team, checked
from services.escalation.store import teams, users, uses
from services.escalation.store.alone import CONFIGURATION, alone
from services.escalation.wire import teams as wire
from tocsin.escalation.v1 import team_pb2
from tocsin.escalation.v1 import team_service_pb2 as pb
from tocsin.escalation.v1 import team_service_pb2_grpc as rpc

DEFAULT_PAGE = 50
LARGEST_PAGE = 100


class TeamServicer(rpc.TeamServiceServicer):
    """The gRPC face of the teams."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def CreateTeam(self, request: pb.CreateTeamRequest, context: Context) -> team_pb2.Team:
        """See the proto."""
        return await self._database.write(create, self._clock, request.team)

    async def GetTeam(self, request: pb.GetTeamRequest, context: Context) -> team_pb2.Team:
        """See the proto."""
        return await self._database.read(_get, request.id)

    async def GetTeamByName(
        self, request: pb.GetTeamByNameRequest, context: Context
    ) -> team_pb2.Team:
        """See the proto."""
        return await self._database.read(_get_by_name, request.name)

    async def ListTeams(
        self, request: pb.ListTeamsRequest, context: Context
    ) -> pb.ListTeamsResponse:
        """See the proto. Private teams are listed for their members and ADMINs only."""
        wanted = page(request, default=DEFAULT_PAGE, most=LARGEST_PAGE)
        found = await self._database.read(_oldest, wanted, wanted_teams(context))
        return pb.ListTeamsResponse(teams=found)

    async def UpdateTeam(self, request: pb.UpdateTeamRequest, context: Context) -> team_pb2.Team:
        """See the proto."""
        return await self._database.write(update, self._clock, request.id, request.team)

    async def DeleteTeam(
        self, request: pb.DeleteTeamRequest, context: Context
    ) -> pb.DeleteTeamResponse:
        """See the proto."""
        await self._database.write(delete, self._clock, request.id)
        return pb.DeleteTeamResponse()


def create(connection: Connection, clock: Clock, told: team_pb2.Team) -> team_pb2.Team:
    """Makes a team as the caller told. Raises what the caller may not or cannot have."""
    alone(connection, CONFIGURATION)
    now = clock.now(connection)
    team = wire.new_team(told, counters.allocate(connection, "team"), now)
    refuse_giving(caller(), ())  # a token that is bound to a team makes no others
    _check(connection, team)
    teams.add(connection, team)
    announcing.team_changed(connection, now, team)
    announcing.tokens_of(connection, now, team.user_ids)
    _audit(connection, now, team.id, "team.create")
    return _described(connection, team)


def update(
    connection: Connection, clock: Clock, team_id: int, told: team_pb2.Team
) -> team_pb2.Team:
    """Replaces a team by what the caller told. Raises as `create` does, and NotFound."""
    alone(connection, CONFIGURATION)
    now = clock.now(connection)
    known = _changeable(connection, team_id)
    wanted = replace(wire.new_team(told, team_id, now), created_at=known.created_at)
    _check(connection, wanted)
    if replace(wanted, updated_at=known.updated_at) == known:
        return _described(connection, known)
    teams.save(connection, wanted)
    announcing.team_changed(connection, now, wanted)
    if (wanted.name, wanted.visibility) != (known.name, known.visibility):
        announcing.naming_team(connection, now, team_id)
    moved = set(wanted.members) ^ set(known.members)
    announcing.tokens_of(connection, now, {member.user_id for member in moved})
    _audit(connection, now, team_id, "team.update")
    return _described(connection, wanted)


def delete(connection: Connection, clock: Clock, team_id: int) -> None:
    """Deletes a team that nothing uses. Raises NotFound, Forbidden, WrongState."""
    alone(connection, CONFIGURATION)
    now = clock.now(connection)
    team = _changeable(connection, team_id)
    uses.refuse_if_used(f"team {team_id}", uses.of_team(connection, team_id))
    teams.remove(connection, team_id)
    announcing.team_changed(connection, now, team, deleted=True)
    announcing.tokens_of(connection, now, team.user_ids)
    _audit(connection, now, team_id, "team.delete")


def _check(connection: Connection, team: Team) -> None:
    checked(team, users=users.existing(connection, team.user_ids))
    other = teams.by_name(connection, team.name)
    if other is not None and other != team.id:
        raise AlreadyExists(f"another team is called {team.name}", field="name")


def _get(connection: Connection, team_id: int) -> team_pb2.Team:
    return _described(connection, _visible(connection, team_id))


def _get_by_name(connection: Connection, name: str) -> team_pb2.Team:
    team_id = teams.by_name(connection, name)
    team = None if team_id is None else teams.get(connection, team_id)
    if team is None or not _may_see(team):
        raise NotFound(f"there is no team {name}")
    return _described(connection, team)


def _oldest(
    connection: Connection, wanted: Page, only: frozenset[int] | None
) -> list[team_pb2.Team]:
    seen_by = None if in_every_team(caller()) else caller().teams
    if caller().team:
        only = caller().teams if only is None else only & caller().teams
    found = teams.oldest(connection, wanted, seen_by=seen_by, only=only)
    return announcing.described_teams(connection, found)


def _described(connection: Connection, team: Team) -> team_pb2.Team:
    return announcing.described_teams(connection, [team])[0]


def _visible(connection: Connection, team_id: int) -> Team:
    """Returns a team that the caller may see. Raises NotFound."""
    team = teams.get(connection, team_id)
    if not _may_see(team):
        raise NotFound(f"there is no team {team_id}")
    return team


def _may_see(team: Team) -> bool:
    return sees_team(caller(), team.id, private=team.private)


def _changeable(connection: Connection, team_id: int) -> Team:
    """Returns a team that the caller may change. Raises NotFound, Forbidden."""
    team = _visible(connection, team_id)
    refuse_unchangeable(caller(), (team_id,), f"team {team_id}")
    return team


def _audit(connection: Connection, now: datetime, team_id: int, action: str) -> None:
    audit.record(connection, now, caller().actor(), action, f"team:{team_id}")
