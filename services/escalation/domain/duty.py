"""Who is meant by a level that names schedules and teams, at the moment it is reached."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.escalation.domain.policies import Level


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on call, and who is in the teams."""

    on_call: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # by schedule
    members: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # by team

    def people(self, level: Level) -> tuple[int, ...]:
        """Returns whom a level means, each once."""
        by_schedule = (user for id_ in level.schedules for user in self.on_call.get(id_, ()))
        by_team = (user for id_ in level.teams for user in self.members.get(id_, ()))
        return tuple(dict.fromkeys((*level.users, *by_schedule, *by_team)))


#: For levels that name people only.
NO_DUTY = Duty()
