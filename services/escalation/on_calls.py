"""Tells who is on call, where, and until when: for a moment, past or future."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from services.calendar.schedules import Schedule, Shift
from services.chassis.errors import InvalidRequest
from services.chassis.principal import caller
from services.chassis.teams import hide_unseen, sees
from services.escalation import on_duty, reach
from services.escalation.domain.policies import BUILT_IN, Policy
from services.escalation.domain.teams import Label
from services.escalation.domain.users import User
from services.escalation.store import policies, schedules, teams, users
from services.escalation.wire import people
from services.escalation.wire import schedules as wire
from tocsin.escalation.v1 import on_call_service_pb2 as pb
from tocsin.escalation.v1 import policy_pb2


class Place(NamedTuple):
    """Where somebody is on call: on a level of a policy, by a schedule, or both."""

    policy: Policy | None
    level: int
    user: int
    schedule: Schedule | None
    shift: Shift | None


def along(
    connection: Connection, at: datetime, asked: Sequence[Policy], only: Collection[int] = ()
) -> Iterator[Place]:
    """Yields who is on call by policies; by some schedules alone, if they are said."""
    levels = [level for policy in asked for level in policy.levels]
    rota = on_duty.rota(connection, {id_ for lvl in levels for id_ in lvl.schedules}, at, at)
    shifts = {id_: rota.currents(id_, at) for id_ in rota.schedules}
    members = teams.members_of(connection, {id_ for level in levels for id_ in level.teams})
    admins = users.admins(connection) if any(level.for_all for level in levels) else ()
    for policy in asked:
        for number, level in enumerate(policy.levels, start=1):
            for id_ in level.schedules:
                for shift in _each_once(shifts.get(id_, ())) if not only or id_ in only else ():
                    yield Place(policy, number, shift.user, rota.schedules[id_], shift)
            if only:
                continue
            in_teams = (user for team in level.teams for user in members.get(team, ()))
            everybody = sorted(admins) if level.for_all else ()
            for user in dict.fromkeys((*level.users, *in_teams, *everybody)):
                yield Place(policy, number, user, None, None)


def _each_once(shifts: Iterable[Shift]) -> Iterable[Shift]:
    """Returns shifts of a moment without the second one of who leaves and comes at once."""
    known: dict[int, Shift] = {}
    for shift in shifts:
        known.setdefault(shift.user, shift)
    return known.values()


def everywhere(connection: Connection, at: datetime, user_id: int) -> Iterator[Place]:
    """Yields where a person is on call, as far as the caller sees it."""
    named: set[int] = set()
    for place in along(connection, at, visible(connection)):
        if place.user == user_id:
            named |= {place.schedule.id} if place.schedule else set()
            yield place
    others = [each for each in schedules.seen(connection, caller()) if each.id not in named]
    for place in by(connection, at, others):
        if place.user == user_id:
            yield place


def by(connection: Connection, at: datetime, asked: Sequence[Schedule]) -> Iterator[Place]:
    """Yields who is on call by schedules alone."""
    rota = on_duty.rota_of(connection, asked, at, at)
    for schedule in asked:
        for shift in _each_once(rota.currents(schedule.id, at)):
            yield Place(None, 0, shift.user, schedule, shift)


def visible(connection: Connection) -> list[Policy]:
    """Returns the policies of people that the caller sees."""
    known = policies.every(connection)
    return [each for each in known if each.id != BUILT_IN and sees(caller(), each.teams)]


def asked_for(
    connection: Connection, at: datetime, request: pb.GetOnCallRequest
) -> Sequence[Place]:
    """Returns who is on call where a request asks. Raises NotFound, InvalidRequest."""
    if sum(map(bool, (request.schedule, request.policy, request.user))) != 1:
        told = "exactly one of schedule, policy and user is required"
        raise InvalidRequest(told, field="schedule")
    if request.schedule:
        schedule = reach.seen(schedules.get(connection, request.schedule), "schedule")
        return list(by(connection, at, [schedule]))
    if request.policy:
        policy = reach.seen(policies.get(connection, request.policy), "escalation policy")
        return list(along(connection, at, [policy]))
    return list(everywhere(connection, at, users.get(connection, request.user).id))


def told(connection: Connection, places: Sequence[Place]) -> list[pb.OnCall]:
    """Renders places, as far as the caller sees what they name."""
    known = users.by_ids(connection, {place.user for place in places})
    labels = teams.labels(
        connection, {id_ for place in places if place.schedule for id_ in place.schedule.teams}
    )
    found = [_rendered(place, known, labels) for place in places if place.user in known]
    hide_unseen(caller(), found)
    return found


def _rendered(place: Place, known: Mapping[int, User], labels: Mapping[int, Label]) -> pb.OnCall:
    policy, schedule, shift = place.policy, place.schedule, place.shift
    named = policy_pb2.EscalationPolicy(id=policy.id, name=policy.name) if policy else None
    return pb.OnCall(
        user=people.user(known[place.user]),
        escalation_policy=named,
        schedule=wire.schedule(schedule, {}, labels, include=()) if schedule else None,
        start=shift.start if shift else None,
        end=shift.end if shift else None,
        escalation_level=place.level,
    )
