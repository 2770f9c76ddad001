"""Whom an escalation would page in one of two configurations, told so that both compare.

It depends on when the escalation begins, and stays the same, later by as much, for as long as
it may begin later without any of its steps meeting a boundary of shifts.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from services.calendar.schedules import Schedule
from services.escalation.domain import simulation
from services.escalation.domain.checks import folded
from services.escalation.domain.duty import Duty
from services.escalation.domain.fallbacks import following
from services.escalation.domain.policies import Level, Plan, Policy
from services.escalation.domain.reasons import choose
from services.escalation.domain.runs import Paged, Priority, Run, Skipped
from services.escalation.domain.users import User
from services.escalation.simulating import AHEAD, imagined
from services.escalation.timetables import Timetable, timetable
from services.escalation.world import World

MOST_STEPS = 1_000  # of one simulation
NEVER = timedelta.max

#: People, by how they are recognised in both configurations.
People = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A level that is paged: when, counted from the beginning, and who and what."""

    offset: timedelta
    people: People
    in_turn: bool = False  # one of the people, another one for each escalation
    webhooks: tuple[int, ...] = ()


#: The pages of an escalation, by round and level.
Pages = Mapping[tuple[int, int], Page]


@dataclass(frozen=True)
class Side:
    """One of the two configurations."""

    world: World
    policies: Mapping[int, Policy]
    unseen: Mapping[int, Policy] = field(default_factory=dict)  # which follow others
    _tables: dict[int, Timetable] = field(default_factory=dict, compare=False)

    @cached_property
    def known(self) -> Mapping[str, User]:
        """The people, by what they are recognised by."""
        return {folded(each.email): each for each in self.world.people.values()}

    def name(self, user: int) -> str:
        """Returns by what somebody is recognised: the address of who exists."""
        known = self.world.people.get(user)
        return f"#{user}" if known is None else folded(known.email)

    def policy(self, policy_id: int) -> Policy | None:
        """Returns a policy, whoever sees it."""
        return self.policies.get(policy_id) or self.unseen.get(policy_id)

    def names(self, users: Iterable[int]) -> People:
        """Returns by what people are recognised."""
        return tuple(map(self.name, users))

    def known_schedules(self, levels: Iterable[Level]) -> set[int]:
        """Returns the schedules of levels, as far as they exist."""
        named = {id_ for level in levels for id_ in level.schedules}
        return named & self.world.rota.schedules.keys()

    def table(self, schedule_id: int, start: datetime, end: datetime) -> Timetable:
        """Returns who is on call in a schedule over the whole comparison."""
        if schedule_id not in self._tables:
            rota = self.world.rota
            overrides = rota.overrides.get(schedule_id, ())
            self._tables[schedule_id] = timetable(
                rota.schedules[schedule_id], start, end, overrides
            )
        return self._tables[schedule_id]


def plan_of(side: Side, policy_id: int) -> Plan:
    """Returns what a run along a policy follows."""
    policy = side.policies[policy_id]
    return policy.plan(following(policy, side.policy))


def inputs(side: Side, plan: Plan) -> tuple[object, ...]:
    """Returns all that decides whom a plan pages, but for what people are called."""
    levels = plan.all_levels
    rota, members = side.world.rota, side.world.members
    plans = side.known_schedules(levels)
    groups = {id_: members.get(id_) for level in levels for id_ in level.teams}
    schedules = {id_: _turns(rota.schedules[id_]) for id_ in plans}
    overrides = {id_: tuple(rota.overrides.get(id_, ())) for id_ in plans}
    named = {user for level in levels for user in level.users}
    named |= {user for ids in groups.values() for user in ids or ()}
    named |= {user for id_ in plans for user in rota.schedules[id_].users}
    named |= {shift.user for shifts in overrides.values() for shift in shifts}
    if any(level.for_all for level in levels):
        named |= side.world.people.keys()
    lists = plan.delay, [(stage.levels, stage.rounds) for stage in plan.stages]
    return lists, schedules, overrides, groups, {user: side.name(user) for user in named}


def _turns(schedule: Schedule) -> Schedule:
    """Returns a schedule but for what it is called and whose it is."""
    return replace(schedule, name="", teams=())


def foretold(
    side: Side,
    plan: Plan,
    priority: Priority,
    start: datetime,
    first: datetime,
    last: datetime,
) -> tuple[Pages, timedelta]:
    """Returns whom an escalation pages, and how much later it may begin and still does.

    It begins at `start`, somewhere between the `first` and the `last` moment of a comparison.
    """

    def table(id_: int) -> Timetable:
        return side.table(id_, first, last + AHEAD)

    def present(run: Run, at: datetime) -> tuple[Duty, Collection[int]]:
        on_call = {id_: table(id_).at(at) for id_ in side.known_schedules(run.levels)}
        world = side.world
        duty = Duty(on_call, world.members, world.gone, world.muted(at))
        return duty, world.reachable(run.levels, duty)

    timeline = simulation.simulate(
        imagined(priority), plan, start, start + AHEAD, present, most=MOST_STEPS
    )
    pages = {
        (step.effect.run.cycle, step.effect.run.level): _page(side, step, step.effect, start)
        for step in timeline.steps
        if isinstance(step.effect, Paged)
    }
    # Only the levels that a step looked at can make it another one.
    waits = (
        change - step.at
        for step in timeline.steps
        if isinstance(step.effect, Paged | Skipped)
        for id_ in side.known_schedules([step.level])
        if (change := table(id_).next_change(step.at))
    )
    return pages, min(waits, default=NEVER)


def _page(side: Side, step: simulation.Step, paged: Paged, start: datetime) -> Page:
    """Returns a page as it would be, whosever turn it is when the escalation begins."""
    people = side.names(paged.users)
    if paged.turn is not None:
        turns = range(paged.turn.count)
        there = side.world.people.keys() - step.duty.muted.people
        chosen = [choose(step.level, turn, there, step.duty).users for turn in turns]
        people = side.names(_shortest([user for users in chosen for user in users]))
    in_turn = paged.turn is not None and len(people) > 1
    return Page(step.at - start, people, in_turn, paged.webhooks)


def _shortest(turns: list[int]) -> list[int]:
    """Returns the beginning of turns that is repeated to the end, and over again."""
    lengths = (each for each in range(1, len(turns)) if len(turns) % each == 0)
    wholes = (each for each in lengths if turns[:each] * (len(turns) // each) == turns)
    return turns[: next(wholes, len(turns))]
