"""What two configurations do differently as protobuf messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from services.calendar.schedules import Schedule
from services.escalation.comparing import Stretch
from services.escalation.documents.records import Records
from services.escalation.domain.policies import Policy
from services.escalation.domain.runs import Priority
from services.escalation.foretelling import Page, Pages, People, Side
from services.escalation.wire import people, policies, simulation
from tocsin.configuration.v1 import comparison_service_pb2 as pb
from tocsin.escalation.v1 import user_pb2

MOST_TOLD = 200
_SECOND = timedelta(seconds=1)

#: The ids of a record on the two sides; None where it is not there.
Ids = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Sides:
    """The two configurations, and what is stored: nothing else has an id that means anything."""

    before: Side
    after: Side
    stored: Records

    def schedule(self, ids: Ids, found: Sequence[Stretch[People]]) -> pb.ScheduleDifference:
        """Renders a schedule in which others are on call."""
        side, id_ = self._newer(ids)
        schedule = simulation.schedule(id_, side.world)
        if id_ not in self.stored.schedules:
            schedule.ClearField("id")
        return pb.ScheduleDifference(
            schedule=schedule,
            presence=_presence(ids),
            differences=[self._on_call(each) for each in islice(found, MOST_TOLD)],
            differences_count=len(found),
        )

    def policy(
        self, ids: Ids, priority: Priority, found: Sequence[Stretch[Pages]]
    ) -> pb.PolicyDifference:
        """Renders a policy along which others are paged."""
        side, id_ = self._newer(ids)
        policy = simulation.policy(side.policies[id_], side.world)
        policy.ClearField("version")
        if id_ not in self.stored.policies:
            policy.ClearField("id")
        return pb.PolicyDifference(
            escalation_policy=policy,
            presence=_presence(ids),
            priority=priority.name,
            differences=[self._paging(each) for each in islice(found, MOST_TOLD)],
            differences_count=len(found),
        )

    def _newer(self, ids: Ids) -> tuple[Side, int]:
        before, after = ids
        return (self.before, before or 0) if after is None else (self.after, after)

    def _on_call(self, found: Stretch[People]) -> pb.OnCallDifference:
        return pb.OnCallDifference(
            start=found.start,
            end=found.end,
            before=self._users(found.before, self.before),
            after=self._users(found.after, self.after),
        )

    def _paging(self, found: Stretch[Pages]) -> pb.PagingDifference:
        places = sorted(found.before.keys() | found.after.keys())
        return pb.PagingDifference(
            start=found.start,
            end=found.end,
            levels=[
                pb.LevelDifference(
                    cycle=cycle,
                    level=level,
                    before=self._level(found.before.get((cycle, level)), self.before),
                    after=self._level(found.after.get((cycle, level)), self.after),
                )
                for cycle, level in places
            ],
        )

    def _level(self, page: Page | None, side: Side) -> pb.PagedLevel | None:
        if page is None:
            return None
        return pb.PagedLevel(
            offset_seconds=page.offset // _SECOND,
            users=self._users(page.people, side),
            in_turn=page.in_turn,
            webhooks=policies.webhooks(page.webhooks, side.world.webhooks),
        )

    def _users(self, found: People, side: Side) -> list[user_pb2.User]:
        told = [people.user(side.known[name]) for name in found if name in side.known]
        for user in told:
            if user.id not in self.stored.users:
                user.ClearField("id")
        return told


def schedule_names(side: Side) -> Mapping[int, str]:
    """Returns what schedules are called."""
    known: Mapping[int, Schedule] = side.world.rota.schedules
    return {id_: each.name for id_, each in known.items()}


def policy_names(side: Side) -> Mapping[int, str]:
    """Returns what policies are called."""
    known: Mapping[int, Policy] = side.policies
    return {id_: each.name for id_, each in known.items()}


def _presence(ids: Ids) -> pb.Presence:
    before, after = ids
    if before is None:
        return pb.AFTER
    return pb.BEFORE if after is None else pb.BOTH
