"""Teams as protobuf messages."""

from collections.abc import Callable, Mapping
from datetime import datetime

from services.chassis.errors import InvalidRequest
from services.escalation.domain.teams import Member, Team, TeamRole, Visibility
from services.escalation.domain.users import User
from services.escalation.wire import people
from tocsin.escalation.v1 import team_pb2, user_pb2

VISIBILITIES = {
    team_pb2.Team.VISIBILITY_UNSPECIFIED: Visibility.PUBLIC,
    team_pb2.Team.PUBLIC: Visibility.PUBLIC,
    team_pb2.Team.PRIVATE: Visibility.PRIVATE,
}
ROLES = {
    team_pb2.TeamMember.ROLE_UNSPECIFIED: TeamRole.RESPONDER,
    team_pb2.TeamMember.STAKEHOLDER: TeamRole.STAKEHOLDER,
    team_pb2.TeamMember.VIEWER: TeamRole.VIEWER,
    team_pb2.TeamMember.RESPONDER: TeamRole.RESPONDER,
    team_pb2.TeamMember.USER: TeamRole.USER,
    team_pb2.TeamMember.ADMIN: TeamRole.ADMIN,
}


def team(team: Team, users: Mapping[int, User]) -> team_pb2.Team:
    """Renders a team with its members' records."""
    return _team(team, users, people.user)


def fact(team: Team, users: Mapping[int, User]) -> team_pb2.Team:
    """Renders a team as the other services know it: of its members, who they are."""
    return _team(team, users, people.reference)


def new_team(told: team_pb2.Team, team_id: int, now: datetime) -> Team:
    """Reads a team as told. Raises InvalidRequest naming the field."""
    if told.visibility not in VISIBILITIES:
        raise InvalidRequest("visibility must be PUBLIC or PRIVATE", field="visibility")
    return Team(
        id=team_id,
        name=told.name,
        visibility=VISIBILITIES[told.visibility],
        members=tuple(_member(member, index) for index, member in enumerate(told.members)),
        created_at=now,
        updated_at=now,
    )


def _team(
    team: Team, users: Mapping[int, User], render: Callable[[User], user_pb2.User]
) -> team_pb2.Team:
    return team_pb2.Team(
        id=team.id,
        name=team.name,
        visibility=team.visibility.name,
        members=[
            team_pb2.TeamMember(user=render(users[member.user_id]), role=member.role.name)
            for member in team.members
            if member.user_id in users
        ],
        created_at=team.created_at,
        updated_at=team.updated_at,
    )


def _member(told: team_pb2.TeamMember, index: int) -> Member:
    if told.role not in ROLES:
        field = f"members[{index}].role"
        raise InvalidRequest(f"{field} must be {', '.join(TeamRole)}", field=field)
    return Member(told.user.id, ROLES[told.role])
