"""Policies: whom to page, in which order, and how long to wait for each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from services.chassis.errors import InvalidRequest
from services.escalation.domain.checks import line, within

#: The policy of the alerts about Tocsin itself. Its one level has no targets of its own.
BUILT_IN = 1
BUILT_IN_NAME = "tocsin"

LONGEST_TIMEOUT = timedelta(days=365)
MOST_REPEATS = 9
LONGEST_DELAY_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Level:
    """People who are paged together, and how long they have before the next level.

    A level without targets pages everybody who is reachable.
    """

    users: tuple[int, ...]
    timeout: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A policy as one run follows it: editing the policy does not disturb the run."""

    policy_id: int
    levels: tuple[Level, ...] = ()
    delay: timedelta = timedelta()  # before the first level
    repeats: int = 0  # how many further times the whole list is run

    @property
    def built_in(self) -> bool:
        """Whether this is about Tocsin itself."""
        return self.policy_id == BUILT_IN


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy as people keep it."""

    id: int
    name: str
    levels: tuple[Level, ...]
    repeating: bool = False
    frequency: int = 1
    delay_min: int = 0
    routing_key: str | None = None
    teams: tuple[int, ...] = ()

    def plan(self) -> Plan:
        """Returns what a run that begins now follows."""
        return Plan(
            policy_id=self.id,
            levels=self.levels,
            delay=timedelta(minutes=self.delay_min),
            repeats=self.frequency if self.repeating else 0,
        )


def checked(policy: Policy, *, users: Collection[int], teams: Collection[int]) -> Policy:
    """Returns a policy as it may be recorded, given who exists.

    Raises InvalidRequest naming the field.
    """
    line(policy.name, "name")
    if not policy.levels:
        raise InvalidRequest("escalationRules must have at least one", field="escalationRules")
    for index, level in enumerate(policy.levels):
        _check_targets(level, users, f"escalationRules[{index}].users")
    within(policy.frequency, 1, MOST_REPEATS, "frequency")
    within(policy.delay_min, 0, LONGEST_DELAY_MINUTES, "delayMin")
    if policy.routing_key is not None:
        line(policy.routing_key, "routingKey")
    for index, team in enumerate(policy.teams):
        if team not in teams:
            raise InvalidRequest(f"teams[{index}]: there is no team {team}", field="teams")
    return policy


def timeout(*, minutes: int, seconds: int | None, field: str) -> timedelta:
    """Returns how long a level is waited for; seconds count if they were said."""
    if seconds is None:
        within(minutes, 0, LONGEST_TIMEOUT // timedelta(minutes=1), f"{field}.escalationTimeout")
        return timedelta(minutes=minutes)
    most = LONGEST_TIMEOUT // timedelta(seconds=1)
    within(seconds, 0, most, f"{field}.escalationTimeoutSeconds")
    return timedelta(seconds=seconds)


def _check_targets(level: Level, users: Collection[int], field: str) -> None:
    if not level.users:
        raise InvalidRequest(f"{field} must have at least one", field=field)
    for user in level.users:
        if user not in users:
            raise InvalidRequest(f"{field}: there is no user {user}", field=field)
