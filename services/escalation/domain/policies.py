"""Policies: whom to page, in which order, and how long to wait for each."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from services.calendar.schedules import check_teams
from services.chassis.errors import InvalidRequest, NotFound, WrongState
from services.escalation.domain.checks import line, within

#: The policy of the alerts about Tocsin itself. Its one level has no targets of its own.
BUILT_IN = 1
#: The source of those alerts.
BUILT_IN_SOURCE = 1
BUILT_IN_NAME = "tocsin"

LONGEST_TIMEOUT = timedelta(days=365)
MOST_REPEATS = 9
LONGEST_DELAY_MINUTES = 15
MOST_LEVELS = 50
MOST_TARGETS = 50  # of one level, so that a policy still fits into a message
LONGEST_ACCEPT_EXPIRY_MINUTES = 30 * 24 * 60


class Distribution(StrEnum):
    """Whom of a level's people to page."""

    ALL = "ALL"  # everybody at once
    ROUND_ROBIN = "ROUND_ROBIN"  # one, another one for each run and round


@dataclass(frozen=True, slots=True)
class Level:
    """People who are paged together, and how long they have before the next level.

    A level without targets pages everybody who is reachable.
    """

    users: tuple[int, ...]
    timeout: timedelta
    schedules: tuple[int, ...] = ()  # whoever is on call there when the level is reached
    teams: tuple[int, ...] = ()  # every member
    webhooks: tuple[int, ...] = ()  # programs that are called
    distribution: Distribution = Distribution.ALL

    @property
    def for_all(self) -> bool:
        """Whether it means nobody in particular."""
        return not (self.users or self.schedules or self.teams or self.webhooks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The list of one policy, which a run goes through some times before the next stage."""

    policy_id: int
    version: int = 0
    levels: tuple[Level, ...] = ()
    rounds: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A policy as one run follows it: editing the policy does not disturb the run."""

    policy_id: int
    version: int = 0
    levels: tuple[Level, ...] = ()
    delay: timedelta = timedelta()  # before the first level
    repeats: int = 0  # how many further times the whole list is run
    fallbacks: tuple[Stage, ...] = ()  # what is gone through after it
    turn: int = 0  # how many runs along the policy began before, where people take turns
    accept_expiry: timedelta | None = None  # None: an accept lasts
    about_suite: bool = False  # its subject is Tocsin itself, by whatever policy

    @property
    def built_in(self) -> bool:
        """Whether this is about Tocsin itself."""
        return self.about_suite or self.policy_id == BUILT_IN

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What a run goes through: the policy's own list, then those that follow it."""
        return self._own(self.levels, 1 + self.repeats), *self.fallbacks

    @property
    def only_first(self) -> tuple[Stage, ...]:
        """What a run goes through that nobody but the first level is paged about."""
        return (self._own(self.levels[:1], 1),)

    def _own(self, levels: tuple[Level, ...], rounds: int) -> Stage:
        return Stage(policy_id=self.policy_id, version=self.version, levels=levels, rounds=rounds)

    @property
    def all_levels(self) -> tuple[Level, ...]:
        """The levels that a run may reach, those of the policies that follow too."""
        return tuple(level for stage in self.stages for level in stage.levels)

    @property
    def takes_turns(self) -> bool:
        """Whether it matters how many runs began before."""
        return any(level.distribution is Distribution.ROUND_ROBIN for level in self.all_levels)


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
    fallback: int | None = None  # the policy that is followed when this one is exhausted
    accept_expiry_min: int | None = None
    version: int = 1  # grows with every change

    @property
    def named_teams(self) -> frozenset[int]:
        """The teams that it belongs to, or pages."""
        paged = (team for level in self.levels for team in level.teams)
        return frozenset((*self.teams, *paged))

    @property
    def named_webhooks(self) -> frozenset[int]:
        """The webhooks that it calls."""
        return frozenset(webhook for level in self.levels for webhook in level.webhooks)

    @property
    def named_schedules(self) -> frozenset[int]:
        """The schedules by which it pages."""
        return frozenset(id_ for level in self.levels for id_ in level.schedules)

    @property
    def repeats(self) -> int:
        """How many further times the whole list is run."""
        return self.frequency if self.repeating else 0

    def plan(self, fallbacks: Iterable["Policy"] = ()) -> Plan:
        """Returns what a run that begins now follows, given the policies that follow this one."""
        expiry = self.accept_expiry_min
        return Plan(
            policy_id=self.id,
            version=self.version,
            levels=self.levels,
            delay=timedelta(minutes=self.delay_min),
            repeats=self.repeats,
            fallbacks=tuple(each.stage() for each in fallbacks),
            accept_expiry=None if expiry is None else timedelta(minutes=expiry),
        )

    def stage(self) -> Stage:
        """Returns what a run goes through that another policy led here."""
        rounds = 1 + self.repeats
        return Stage(policy_id=self.id, version=self.version, levels=self.levels, rounds=rounds)


def checked(
    policy: Policy,
    *,
    users: Collection[int],
    teams: Collection[int],
    schedules: Collection[int] = (),
    webhooks: Collection[int] = (),
) -> Policy:
    """Returns a policy as it may be recorded, given who and what exists.

    Raises InvalidRequest naming the field.
    """
    line(policy.name, "name")
    if not 1 <= len(policy.levels) <= MOST_LEVELS:
        least = "at least one" if not policy.levels else f"{MOST_LEVELS} at most"
        raise InvalidRequest(f"escalationRules must have {least}", field="escalationRules")
    for index, level in enumerate(policy.levels):
        field = f"escalationRules[{index}]"
        _check_targets(level, users, schedules, teams, field)
        _check_known(level.webhooks, webhooks, f"{field}.webhooks", "webhook")
    within(policy.frequency, 1, MOST_REPEATS, "frequency")
    within(policy.delay_min, 0, LONGEST_DELAY_MINUTES, "delayMin")
    if policy.accept_expiry_min is not None:
        within(policy.accept_expiry_min, 1, LONGEST_ACCEPT_EXPIRY_MINUTES, "acceptExpiryMin")
    if policy.routing_key is not None:
        _check_routing_key(policy.routing_key)
    check_teams(policy.teams, teams)
    return policy


def changeable(policy: Policy) -> Policy:
    """Returns a policy that people may change. Raises WrongState for the built-in one."""
    if policy.id == BUILT_IN:
        raise WrongState(
            f"escalation policy {BUILT_IN} is built in and cannot be changed or deleted",
            reason="BUILT_IN",
        )
    return policy


def with_level(policy: Policy, index: int, level: Level) -> Policy:
    """Returns a policy with one level replaced, counted from 0. Raises NotFound."""
    if not 0 <= index < len(policy.levels):
        raise NotFound(f"escalation policy {policy.id} has no level {index}")
    levels = (*policy.levels[:index], level, *policy.levels[index + 1 :])
    return replace(policy, levels=levels)


def timeout(*, minutes: int, seconds: int | None, field: str) -> timedelta:
    """Returns how long a level is waited for; seconds count if they were said."""
    if seconds is None:
        within(minutes, 0, LONGEST_TIMEOUT // timedelta(minutes=1), f"{field}.escalationTimeout")
        return timedelta(minutes=minutes)
    most = LONGEST_TIMEOUT // timedelta(seconds=1)
    within(seconds, 0, most, f"{field}.escalationTimeoutSeconds")
    return timedelta(seconds=seconds)


def _check_targets(
    level: Level,
    users: Collection[int],
    schedules: Collection[int],
    teams: Collection[int],
    field: str,
) -> None:
    count = sum(map(len, (level.users, level.schedules, level.teams, level.webhooks)))
    if not 1 <= count <= MOST_TARGETS:
        least = "at least one" if not count else f"{MOST_TARGETS} at most"
        raise InvalidRequest(
            f"{field}.users, schedules, teams and webhooks must have {least}",
            field=f"{field}.users",
        )
    _check_known(level.users, users, f"{field}.users", "user")
    _check_known(level.schedules, schedules, f"{field}.schedules", "schedule")
    _check_known(level.teams, teams, f"{field}.teams", "team")
    people = level.users or level.schedules or level.teams
    if level.distribution is Distribution.ROUND_ROBIN and not people:
        raise InvalidRequest(
            f"{field}.distribution ROUND_ROBIN needs users, schedules or teams who take turns",
            field=f"{field}.distribution",
        )


def _check_known(named: Iterable[int], known: Collection[int], field: str, what: str) -> None:
    for index, id_ in enumerate(named):
        if id_ not in known:
            raise InvalidRequest(f"{field}[{index}]: there is no {what} {id_}", field=field)


def _check_routing_key(routing_key: str) -> None:
    line(routing_key, "routingKey")
    if "," in routing_key or routing_key != routing_key.strip():
        raise InvalidRequest(
            "routingKey must not have a comma, nor begin or end with a blank", field="routingKey"
        )
