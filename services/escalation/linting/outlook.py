"""Everything that is configured, and who is on call in the time ahead: what all checks look at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from services.calendar.schedules import Schedule
from services.chassis.principal import Principal
from services.chassis.teams import sees
from services.escalation import on_duty, world
from services.escalation.domain.duty import Duty
from services.escalation.domain.fallbacks import following
from services.escalation.domain.findings import Span
from services.escalation.domain.policies import Level, Policy
from services.escalation.store import policies, schedules
from services.escalation.timetables import Timetable, timetable
from services.escalation.world import World


@dataclass(frozen=True, slots=True)
class Outlook:
    """What there is, from now until a time ahead."""

    world: World
    policies: Sequence[Policy]  # those that whoever asks sees
    lists: Mapping[int, tuple[Level, ...]]  # by policy: its levels, and those that follow
    schedules: Sequence[Schedule]  # as above; the world has those of the policies, too
    start: datetime
    end: datetime
    _tables: dict[int, Timetable] = field(default_factory=dict)

    def table(self, schedule_id: int) -> Timetable:
        """Returns who is on call in a schedule."""
        if schedule_id not in self._tables:
            rota = self.world.rota
            self._tables[schedule_id] = timetable(
                rota.schedules[schedule_id], self.start, self.end, rota.overrides[schedule_id]
            )
        return self._tables[schedule_id]

    def moments(self, levels: Iterable[Level]) -> list[datetime]:
        """Returns when others are meant by levels: the beginning, and each change."""
        ids = {id_ for level in levels for id_ in level.schedules}
        tables = [self.table(id_) for id_ in ids if id_ in self.world.rota.schedules]
        return sorted({self.start, *(start for table in tables for start in table.starts)})

    def reached(self, level: Level, at: datetime) -> frozenset[int]:
        """Returns who can be paged on a level at a moment."""
        return self.world.reachable([level], self._duty(level, at))

    def without(self, levels: Sequence[Level]) -> list[Span]:
        """Returns when levels reach nobody and call no webhook, none of them."""
        moments = self.moments(levels)
        found: list[Span] = []
        for start, end in zip(moments, [*moments[1:], self.end], strict=True):
            if any(self._reaches(level, start) for level in levels):
                continue
            if found and found[-1][1] == start:
                found[-1] = found[-1][0], end
            else:
                found.append((start, end))
        return found

    def gaps(self, schedule_id: int) -> list[Span]:
        """Returns when nobody is on call in a schedule."""
        table = self.table(schedule_id)
        ends = [*table.starts[1:], self.end]
        spans = zip(table.starts, ends, table.people, strict=True)
        return [(start, end) for start, end, people in spans if not people]

    def using(self, schedule_id: int) -> list[tuple[Policy, int]]:
        """Returns the policies that page a schedule, with the place of each such level."""
        return [
            (policy, index)
            for policy in self.policies
            for index, level in enumerate(policy.levels)
            if schedule_id in level.schedules
        ]

    def responders(self) -> Mapping[int, str]:
        """Returns everybody whom a level means at any time, each with one place that does."""
        found: dict[int, str] = {}
        for policy in self.policies:
            for number, level in enumerate(policy.levels, start=1):
                where = f"level {number} of escalation policy {policy.name}"
                for at in self.moments([level]):
                    found |= {id_: where for id_ in self.reached(level, at) if id_ not in found}
        return found

    def _reaches(self, level: Level, at: datetime) -> bool:
        """Returns whether a level that is come to at a moment is not passed over."""
        return bool(self._duty(level, at).webhooks(level) or self.reached(level, at))

    def _duty(self, level: Level, at: datetime) -> Duty:
        known = self.world.rota.schedules
        on_call = {id_: self.table(id_).at(at) for id_ in level.schedules if id_ in known}
        return Duty(on_call, self.world.members, self.world.gone)


def outlook(connection: Connection, reader: Principal, start: datetime, end: datetime) -> Outlook:
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
    whole = replace(around, rota=rota)
    return Outlook(whole, rules, lists, seen, start, end)
