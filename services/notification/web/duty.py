"""Who is on call, in the form that a page shows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.people import called
from services.notification.web.standing import utc
from tocsin.escalation.v1 import on_call_service_pb2 as pb


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody is on call from one moment until another."""

    who: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class ScheduleDuty:
    """Who is on call in a schedule, and who comes next."""

    name: str
    now: Sequence[Turn]
    next: Turn | None


@dataclass(frozen=True, slots=True)
class PolicyDuty:
    """Whom the levels of a policy mean now, by their numbers."""

    name: str
    levels: Mapping[int, Sequence[str]]


def schedules(
    replies: Iterable[pb.ListShiftsOfSchedulesResponse], now: datetime
) -> list[ScheduleDuty]:
    """Returns who is on call in schedules; a schedule that a reply cut off goes on in the next."""
    turns: defaultdict[tuple[int, str], list[Turn]] = defaultdict(list)
    for reply in replies:
        names = {user.id: called(user) for user in reply.users}
        for schedule in reply.schedules:
            turns[schedule.schedule_id, schedule.name] += [
                Turn(
                    names.get(shift.user_id, f"user {shift.user_id}"),
                    utc(shift.start),
                    utc(shift.end),
                )
                for shift in schedule.shifts
            ]
    found = [_of_schedule(name, each, now) for (_, name), each in turns.items()]
    return sorted(found, key=lambda each: each.name.casefold())


def policies(on_calls: Iterable[pb.OnCall]) -> list[PolicyDuty]:
    """Returns whom policies mean now."""
    found: defaultdict[tuple[int, str], list[pb.OnCall]] = defaultdict(list)
    for each in on_calls:
        policy = each.escalation_policy
        found[policy.id, policy.name or f"policy {policy.id}"].append(each)
    duties = [PolicyDuty(name, by_level(each)) for (_, name), each in found.items()]
    return sorted(duties, key=lambda each: each.name.casefold())


def by_level(on_calls: Iterable[pb.OnCall]) -> Mapping[int, list[str]]:
    """Returns whom levels mean now; those on call in a schedule, with its name."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for each in on_calls:
        name, schedule = called(each.user), each.schedule.name
        found[each.escalation_level].append(f"{name} ({schedule})" if schedule else name)
    return dict(sorted(found.items()))


def _of_schedule(name: str, turns: Sequence[Turn], now: datetime) -> ScheduleDuty:
    later = [turn for turn in turns if turn.start > now]
    return ScheduleDuty(
        name=name,
        now=[turn for turn in turns if turn.start <= now < turn.end],
        next=min(later, key=lambda turn: turn.start, default=None),
    )
