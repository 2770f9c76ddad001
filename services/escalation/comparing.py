"""What two configurations do differently, over a stretch of time.

Nothing is looked at minute by minute. Who is on call changes at boundaries of shifts. Whom an
escalation pages depends on when it begins, and stays the same, later by as much, for as long as
it may begin later without any of its steps meeting such a boundary.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count, groupby
from typing import Generic, TypeVar

from services.calendar.schedules import Schedule
from services.chassis.errors import InvalidRequest
from services.chassis.patience import ENDLESS, Patience
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

#: How often an escalation is simulated for one comparison.
MOST_SIMULATIONS = 20_000
MOST_STEPS = 1_000  # of one simulation
_NEVER = timedelta.max

#: People, by how they are recognised in both configurations.
People = tuple[str, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """A level that is paged: when, counted from the beginning, and who and what."""

    offset: timedelta
    people: People
    in_turn: bool = False  # one of the people, another one for each escalation
    webhooks: tuple[int, ...] = ()


#: The pages of an escalation, by round and level.
Pages = Mapping[tuple[int, int], Page]


@dataclass(frozen=True, slots=True)
class Stretch(Generic[T]):
    """What is otherwise, from when until when; None for what is not there."""

    start: datetime
    end: datetime
    before: T
    after: T


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


class Comparison:
    """Two configurations over a stretch of time."""

    def __init__(
        self,
        before: Side,
        after: Side,
        start: datetime,
        end: datetime,
        patience: Patience = ENDLESS,
    ) -> None:
        self._sides = before, after
        self._start = start
        self._end = end
        self._patience = patience
        self._simulations = count(1)

    def on_call(self, ids: tuple[int | None, int | None]) -> list[Stretch[People]]:
        """Returns when others are on call in a schedule, by its id on each side.

        Raises InvalidRequest if there is too much to look at.
        """
        self._refuse_too_much()
        tables = [
            None if id_ is None else (side, side.table(id_, self._start, self._end + AHEAD))
            for side, id_ in zip(self._sides, ids, strict=True)
        ]
        moments = {start for each in tables if each for start in each[1].starts}
        moments = {moment for moment in moments if moment < self._end}
        found = []
        for moment in sorted({self._start, *moments}):
            before, after = (
                () if each is None else each[0].names(each[1].at(moment)) for each in tables
            )
            found.append((moment, before, after))
        return list(_differing(found, self._end))

    def paged(self, ids: tuple[int | None, int | None], low: Priority) -> list[Stretch[Pages]]:
        """Returns when others are paged along a policy, by its id on each side.

        A stretch is that of the moments at which an escalation would begin, with the levels
        that differ. Raises InvalidRequest if there is too much to look at.
        """
        if self._alike(ids):
            return []
        found, moment = [], self._start
        while moment < self._end:
            (before, same), (after, as_long) = (
                self._pages(side, id_, low, moment)
                for side, id_ in zip(self._sides, ids, strict=True)
            )
            found.append((moment, *only_differing(before, after)))
            step = min(same, as_long)
            moment = self._end if step >= self._end - moment else moment + step
        return list(_differing(found, self._end))

    def _alike(self, ids: tuple[int | None, int | None]) -> bool:
        """Tells whether a policy means the same people by the same schedules on both sides."""
        before, after = (
            None if id_ is None else _inputs(side, plan_of(side, id_))
            for side, id_ in zip(self._sides, ids, strict=True)
        )
        return before == after

    def _pages(
        self, side: Side, id_: int | None, priority: Priority, start: datetime
    ) -> tuple[Pages, timedelta]:
        """Returns whom an escalation pages, and how much later it may begin and still does."""
        if id_ is None:
            return {}, _NEVER
        self._refuse_too_much(next(self._simulations))
        return _foretold(side, plan_of(side, id_), priority, start, self._start, self._end)

    def _refuse_too_much(self, simulations: int = 0) -> None:
        if self._patience.over or simulations > MOST_SIMULATIONS:
            raise InvalidRequest(
                "there is too much to compare: make the time between from and until shorter",
                field="until",
            )


def only_differing(before: Pages, after: Pages) -> tuple[Pages, Pages]:
    """Returns the pages that the other side does not have just so."""
    alike = {place for place, page in before.items() if after.get(place) == page}
    ours, theirs = (
        {place: page for place, page in pages.items() if place not in alike}
        for pages in (before, after)
    )
    return ours, theirs


def plan_of(side: Side, policy_id: int) -> Plan:
    """Returns what a run along a policy follows."""
    policy = side.policies[policy_id]
    return policy.plan(following(policy, side.policy))


def _inputs(side: Side, plan: Plan) -> tuple[object, ...]:
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


def _foretold(
    side: Side,
    plan: Plan,
    priority: Priority,
    start: datetime,
    first: datetime,
    last: datetime,
) -> tuple[Pages, timedelta]:
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
    return pages, min(waits, default=_NEVER)


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


def _differing(found: Sequence[tuple[datetime, T, T]], end: datetime) -> Iterator[Stretch[T]]:
    """Yields the stretches that differ, each as long as it differs in the same way."""
    alike = [next(each) for _, each in groupby(found, key=lambda each: each[1:])]
    ends = [start for start, _, _ in alike[1:]]
    for (start, before, after), until in zip(alike, [*ends, end], strict=True):
        if before != after:
            yield Stretch(start, until, before, after)


def pairs(
    before: Mapping[int, str], after: Mapping[int, str]
) -> list[tuple[int | None, int | None]]:
    """Returns which record of one side is which of the other: those with the same name.

    Of several with one name, the oldest is the oldest.
    """
    sides = [_by_name(before), _by_name(after)]
    return [(sides[0].get(key), sides[1].get(key)) for key in sorted(sides[0].keys() | sides[1])]


def _by_name(names: Mapping[int, str]) -> dict[tuple[str, int], int]:
    found: dict[tuple[str, int], int] = {}
    for id_, name in sorted(names.items()):
        which = next(number for number in count() if (folded(name), number) not in found)
        found[folded(name), which] = id_
    return found
