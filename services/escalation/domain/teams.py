"""Teams: people who work together."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.chassis.errors import InvalidRequest
from services.escalation.domain.checks import line

MOST_MEMBERS = 1000


class Visibility(StrEnum):
    """Who sees that a team is there."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"  # its members, and who may change everything


class TeamRole(StrEnum):
    """What a person may do in a team."""

    STAKEHOLDER = "STAKEHOLDER"
    VIEWER = "VIEWER"
    RESPONDER = "RESPONDER"
    USER = "USER"
    ADMIN = "ADMIN"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody's place in a team."""

    user_id: int
    role: TeamRole = TeamRole.RESPONDER


@dataclass(frozen=True, slots=True)
class Label:
    """How a team is referred to."""

    name: str
    visibility: Visibility

    @property
    def private(self) -> bool:
        """Whether only its members see the team."""
        return self.visibility is Visibility.PRIVATE


@dataclass(frozen=True, slots=True)
class ScheduleLabel:
    """How a schedule is referred to: its teams say who sees its name."""

    name: str
    teams: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """People who work together, and what they look after."""

    id: int
    name: str
    visibility: Visibility = Visibility.PUBLIC
    members: tuple[Member, ...] = ()
    created_at: datetime
    updated_at: datetime

    @property
    def private(self) -> bool:
        """Whether only its members see the team."""
        return self.visibility is Visibility.PRIVATE

    @property
    def user_ids(self) -> frozenset[int]:
        """Who is in the team."""
        return frozenset(member.user_id for member in self.members)


def checked(team: Team, *, users: Collection[int]) -> Team:
    """Returns a team as it may be recorded, given who exists.

    Raises InvalidRequest naming the field.
    """
    line(team.name, "name")
    if len(team.members) > MOST_MEMBERS:
        raise InvalidRequest(f"members must have {MOST_MEMBERS} at most", field="members")
    seen: set[int] = set()
    for index, member in enumerate(team.members):
        field = f"members[{index}].user"
        if member.user_id not in users:
            raise InvalidRequest(f"{field}: there is no user {member.user_id}", field=field)
        if member.user_id in seen:
            raise InvalidRequest(f"{field}: user {member.user_id} is there twice", field=field)
        seen.add(member.user_id)
    return team
