"""Everything that is configured, and who is on call in the time ahead: what all checks look at.

Whom a schedule reaches is found once, at each moment at which it may change. Turns of an hour
change it thousands of times a year, so that looking takes as long as there is patience, and what
was not looked at is told.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import reduce
from typing import TypeVar

from sqlalchemy import Connection

from services.calendar.gaps import gaps
from services.calendar.schedules import Schedule
from services.chassis.patience import Patience
from services.chassis.principal import Principal
from services.chassis.teams import sees
from services.escalation import on_duty, world
from services.escalation.domain.duty import Duty
from services.escalation.domain.fallbacks import following
from services.escalation.domain.findings import Finding, Span
from services.escalation.domain.policies import Level, Policy
from services.escalation.store import policies, schedules
from services.escalation.timetables import Timetable, timetable
from services.escalation.world import World

T = TypeVar("T")


class TooMuch(Exception):
    """There is more to look at than there is time for."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom a level or a schedule reaches at any time, and when it reaches nobody."""

    people: frozenset[int]
    nobody: Sequence[Span]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What there is, from now until a time ahead."""

    world: World
    policies: Sequence[Policy]  # those that whoever asks sees
    lists: Mapping[int, tuple[Level, ...]]  # by policy: its levels, and those that follow
    schedules: Sequence[Schedule]  # as above; the world has those of the policies, too
    start: datetime
    end: datetime
    patience: Patience
    unchecked: list[str] = field(default_factory=list)  # what was not looked at, in words
    _tables: dict[int, Timetable] = field(default_factory=dict)
    _shifts: dict[int, Reached] = field(default_factory=dict)  # by schedule
    _reached: dict[Level, Reached] = field(default_factory=dict)

    def each(
        self, kind: str, asked: Sequence[T], look: Callable[[T], Iterable[Finding]]
    ) -> Iterator[Finding]:
        """Yields what is found in each of some records, and remembers how many took too long."""
        left = 0
        for record in asked:
            try:
                found = list(look(record))
            except TooMuch:
                left += 1
            else:
                yield from found
        if left:
            self.unchecked.append(f"There was too much to look at: {left} of {len(asked)} {kind}")

    def table(self, schedule_id: int) -> Timetable:
        """Returns who is on call in a schedule. Raises TooMuch."""
        if schedule_id not in self._tables:
            self._go_on()
            rota = self.world.rota
            self._tables[schedule_id] = timetable(
                rota.schedules[schedule_id], self.start, self.end, rota.overrides[schedule_id]
            )
        return self._tables[schedule_id]

    def reached(self, level: Level) -> Reached:
        """Returns whom a level reaches from now on. Raises TooMuch."""
        if level not in self._reached:
            self._go_on()
            always = self.world.reachable([level], self._duty({}))
            turns = [self._shift(id_) for id_ in level.schedules if id_ in self._known]
            whole: Sequence[Span] = [] if always else [(self.start, self.end)]
            self._reached[level] = Reached(
                always.union(*(each.people for each in turns)),
                reduce(_common, (each.nobody for each in turns), whole),
            )
        return self._reached[level]

    def _shift(self, schedule_id: int) -> Reached:
        """Returns whom a schedule reaches. Raises TooMuch."""
        if schedule_id not in self._shifts:
            table = self.table(schedule_id)
            alone = Level((), timedelta(), schedules=(schedule_id,))
            by_duty = {
                people: self.world.reachable([alone], self._duty({schedule_id: people}))
                for people in set(table.people)
            }
            ends = (*table.starts[1:], self.end)
            found = zip(table.starts, ends, table.people, strict=True)
            self._shifts[schedule_id] = Reached(
                frozenset[int]().union(*by_duty.values()),
                _joined((start, end) for start, end, people in found if not by_duty[people]),
            )
        return self._shifts[schedule_id]

    @property
    def _known(self) -> Collection[int]:
        return self.world.rota.schedules.keys()

    def _go_on(self) -> None:
        if self.patience.over:
            raise TooMuch

    def calls(self, level: Level) -> bool:
        """Tells whether a level calls a webhook."""
        return bool(self._duty({}).webhooks(level))

    def _duty(self, on_call: Mapping[int, tuple[int, ...]]) -> Duty:
        return Duty(on_call, self.world.members, self.world.gone)

    def without(self, levels: Iterable[Level]) -> list[Span]:
        """Returns when levels reach nobody, none of them; whatever webhooks they call.

        Raises TooMuch.
        """
        whole: Sequence[Span] = [(self.start, self.end)]
        whole = reduce(_common, (self.reached(level).nobody for level in levels), whole)
        return list(whole)

    def gaps(self, schedule_id: int) -> list[Span]:
        """Returns when nobody is on call in a schedule. Raises TooMuch."""
        self._go_on()
        rota = self.world.rota
        overrides = rota.overrides[schedule_id]
        return gaps(rota.schedules[schedule_id], self.start, self.end, overrides)

    def using(self, schedule_id: int) -> list[tuple[Policy, int]]:
        """Returns the policies that page a schedule, with the place of each such level."""
        return [
            (policy, index)
            for policy in self.policies
            for index, level in enumerate(policy.levels)
            if schedule_id in level.schedules
        ]

    def responders(self) -> Mapping[int, str]:
        """Returns everybody whom a level means at any time, each with one place that does.

        Of the levels that were looked at.
        """
        found: dict[int, str] = {}
        for policy in self.policies:
            for number, level in enumerate(policy.levels, start=1):
                where = f"level {number} of escalation policy {policy.name}"
                people = self._reached[level].people if level in self._reached else ()
                found |= {id_: where for id_ in people if id_ not in found}
        return found


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Returns spans, which are in order, with those that meet as one."""
    found: list[Span] = []
    for start, end in spans:
        if found and found[-1][1] == start:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found


def _common(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Returns what spans have in common; both are in order, and none touches another."""
    found, first, second = [], 0, 0
    while first < len(some) and second < len(others):
        start = max(some[first][0], others[second][0])
        end = min(some[first][1], others[second][1])
        if start < end:
            found.append((start, end))
        if some[first][1] < others[second][1]:
            first += 1
        else:
            second += 1
    return found


def outlook(
    connection: Connection, reader: Principal, start: datetime, end: datetime, patience: Patience
) -> Outlook:
    """Returns what somebody sees, and all that it depends on."""
    known = {policy.id: policy for policy in policies.every(connection)}
    rules = [policy for policy in known.values() if sees(reader, policy.teams)]
    lists = {rule.id: rule.plan(following(rule, known.get)).all_levels for rule in rules}
    seen = [each for each in schedules.every(connection) if sees(reader, each.teams)]
    levels = [level for each in lists.values() for level in each]
    around = world.around(connection, levels, start, end)
    unused = [each for each in seen if each.id not in around.rota.schedules]
    more = on_duty.rota_of(connection, unused, start, end)
    rota = on_duty.Rota(
        {**around.rota.schedules, **more.schedules}, {**around.rota.overrides, **more.overrides}
    )
    return Outlook(replace(around, rota=rota), rules, lists, seen, start, end, patience)
