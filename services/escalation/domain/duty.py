"""Who and what is meant by a level, at the moment it is reached."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.escalation.domain.policies import Level


@dataclass(frozen=True, slots=True)
class Muted:
    """Who is not to be paged at a moment, because they said so."""

    people: frozenset[int] = frozenset()
    admins: frozenset[int] = frozenset()  # those of them who administer Tocsin


NOBODY_MUTED = Muted()


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on call, who is in the teams, who is muted, and which webhooks are no more."""

    on_call: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # by schedule
    members: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # by team
    gone: frozenset[int] = frozenset()  # webhooks that were deleted
    muted: Muted = NOBODY_MUTED

    def people(self, level: Level) -> tuple[int, ...]:
        """Returns whom a level means, each once."""
        by_schedule = (user for id_ in level.schedules for user in self.on_call.get(id_, ()))
        by_team = (user for id_ in level.teams for user in self.members.get(id_, ()))
        return tuple(dict.fromkeys((*level.users, *by_schedule, *by_team)))

    def webhooks(self, level: Level) -> tuple[int, ...]:
        """Returns the webhooks that a level calls. One that nobody knows of may still be there."""
        return tuple(id_ for id_ in level.webhooks if id_ not in self.gone)


#: For levels that name people only.
NO_DUTY = Duty()
