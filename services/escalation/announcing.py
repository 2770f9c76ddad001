"""Tells the other services of records that changed, in the transaction of the change.

A record is told with the names of the records that it names, so a change of those is told
as a change of it, too.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from google.protobuf.message import Message
from sqlalchemy import Connection

from services.calendar.schedules import Schedule
from services.chassis import facts, outbox
from services.escalation.domain.policies import Policy
from services.escalation.domain.support_hours import SupportHours
from services.escalation.domain.teams import Team
from services.escalation.domain.tokens import ApiToken
from services.escalation.domain.users import User
from services.escalation.store import policies, schedules, support_hours, teams, tokens, users
from services.escalation.store.uses import names_team
from services.escalation.wire import people
from services.escalation.wire import policies as wire
from services.escalation.wire import schedules as schedule_wire
from services.escalation.wire import support_hours as hours_wire
from services.escalation.wire import teams as team_wire
from services.escalation.wire import tokens as token_wire
from tocsin.escalation.v1 import schedule_pb2, support_hours_pb2, team_pb2
from tocsin.escalation.v1.escalation_events_pb2 import (
    EscalationPolicyChanged,
    ScheduleChanged,
    SupportHoursChanged,
    TeamChanged,
    TokenChanged,
    UserChanged,
)
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy

R = TypeVar("R", Policy, SupportHours, Schedule)


def user_changed(
    connection: Connection, now: datetime, user: User, *, deleted: bool = False
) -> None:
    """Tells of a person."""
    record = people.user(user)
    version = facts.publish(connection, "user", user.id, record, deleted=deleted)
    changed = UserChanged(user=record, version=version, deleted=deleted)
    outbox.put(connection, now, changed, key=f"user:{user.id}:{version}")


def team_changed(
    connection: Connection, now: datetime, team: Team, *, deleted: bool = False
) -> None:
    """Tells of a team, and of its members who they are."""
    record = team_wire.fact(team, users.by_ids(connection, team.user_ids))
    version = facts.publish(connection, "team", team.id, record, deleted=deleted)
    changed = TeamChanged(team=record, version=version, deleted=deleted)
    outbox.put(connection, now, changed, key=f"team:{team.id}:{version}")


def policy_changed(
    connection: Connection, now: datetime, policy: Policy, *, deleted: bool = False
) -> None:
    """Tells of a policy."""
    record = described(connection, policy)
    version = facts.publish(connection, "policy", policy.id, record, deleted=deleted)
    changed = EscalationPolicyChanged(escalation_policy=record, version=version, deleted=deleted)
    outbox.put(connection, now, changed, key=f"policy:{policy.id}:{version}")


def schedule_changed(
    connection: Connection, now: datetime, schedule: Schedule, *, deleted: bool = False
) -> None:
    """Tells of a schedule; of its people by id, as everybody has their records."""
    record = described_schedules(connection, [schedule])[0]
    version = facts.publish(connection, "schedule", schedule.id, record, deleted=deleted)
    changed = ScheduleChanged(schedule=record, version=version, deleted=deleted)
    outbox.put(connection, now, changed, key=f"schedule:{schedule.id}:{version}")


def support_hours_changed(
    connection: Connection, now: datetime, hours: SupportHours, *, deleted: bool = False
) -> None:
    """Tells of support hours."""
    record = described_hours(connection, [hours])[0]
    version = facts.publish(connection, "support_hours", hours.id, record, deleted=deleted)
    changed = SupportHoursChanged(support_hours=record, version=version, deleted=deleted)
    outbox.put(connection, now, changed, key=f"support_hours:{hours.id}:{version}")


def token_changed(connection: Connection, now: datetime, token: ApiToken) -> None:
    """Tells of a token; of a revoked one, that it is gone."""
    user = users.get(connection, token.user_id) if token.user_id else None
    places = teams.places_of_user(connection, token.user_id)
    record = token_wire.record(token, user, places)
    version = facts.publish(connection, "token", token.id, record, deleted=token.revoked)
    changed = TokenChanged(record=record, version=version, deleted=token.revoked)
    outbox.put(connection, now, changed, key=f"token:{token.id}:{version}")


def tokens_of(connection: Connection, now: datetime, user_id: int) -> None:
    """Tells of the tokens of a person whose name, role or teams changed."""
    for token in tokens.of_user(connection, user_id):
        token_changed(connection, now, token)


def naming_user(connection: Connection, now: datetime, user_id: int) -> None:
    """Tells of the policies and teams that name a person, who changed."""
    _policies(connection, now, lambda p: any(user_id in level.users for level in p.levels))
    for team_id in teams.of_user(connection, user_id):
        team_changed(connection, now, teams.get(connection, team_id))


def naming_team(connection: Connection, now: datetime, team_id: int) -> None:
    """Tells of the records that name a team, which changed how it is referred to."""
    _policies(connection, now, lambda policy: names_team(policy, team_id))
    for hours in support_hours.of_team(connection, team_id):
        support_hours_changed(connection, now, hours)
    named = schedules.by_ids(connection, schedules.of_team(connection, team_id))
    for schedule in named.values():
        schedule_changed(connection, now, schedule)


def naming_schedule(connection: Connection, now: datetime, schedule_id: int) -> None:
    """Tells of the policies that name a schedule, which changed its name."""
    _policies(connection, now, lambda p: any(schedule_id in level.schedules for level in p.levels))


def anew(connection: Connection, now: datetime) -> None:
    """Tells again of records of which an older version of this service told less."""
    known = policies.every(connection)
    _tell_anew(connection, now, "policy", known, described_all, policy_changed)
    hours = support_hours.every(connection)
    _tell_anew(connection, now, "support_hours", hours, described_hours, support_hours_changed)
    plans = schedules.every(connection)
    _tell_anew(connection, now, "schedule", plans, described_schedules, schedule_changed)


def described(connection: Connection, policy: Policy) -> EscalationPolicy:
    """Returns a policy with the people, schedules and teams that it names."""
    return described_all(connection, [policy])[0]


def described_all(connection: Connection, found: Sequence[Policy]) -> list[EscalationPolicy]:
    """Returns policies with the people, schedules and teams that they name."""
    levels = [level for policy in found for level in policy.levels]
    in_levels = {team for level in levels for team in level.teams}
    named = wire.Named(
        users.by_ids(connection, {user for level in levels for user in level.users}),
        teams.labels(connection, in_levels | {team for policy in found for team in policy.teams}),
        schedules.names(connection, {schedule for lvl in levels for schedule in lvl.schedules}),
    )
    return [wire.policy(policy, named) for policy in found]


def described_schedules(
    connection: Connection, found: Sequence[Schedule]
) -> list[schedule_pb2.Schedule]:
    """Returns whole schedules with the names of their teams."""
    labels = teams.labels(connection, {team for schedule in found for team in schedule.teams})
    return [schedule_wire.schedule(schedule, {}, labels) for schedule in found]


def described_teams(connection: Connection, found: Sequence[Team]) -> list[team_pb2.Team]:
    """Returns teams with their members' records."""
    members = users.by_ids(connection, {user for team in found for user in team.user_ids})
    return [team_wire.team(team, members) for team in found]


def described_hours(
    connection: Connection, found: Sequence[SupportHours]
) -> list[support_hours_pb2.SupportHours]:
    """Returns support hours with the names of their teams."""
    labels = teams.labels(connection, {team for hours in found for team in hours.teams})
    return [hours_wire.support_hours(hours, labels) for hours in found]


def _tell_anew(
    connection: Connection,
    now: datetime,
    kind: str,
    found: Sequence[R],
    describe: Callable[[Connection, Sequence[R]], Sequence[Message]],
    tell: Callable[[Connection, datetime, R], None],
) -> None:
    for record, described_now in zip(found, describe(connection, found), strict=True):
        if facts.get(connection, kind, record.id, type(described_now)) != described_now:
            tell(connection, now, record)


def _policies(connection: Connection, now: datetime, tells_of: Callable[[Policy], bool]) -> None:
    for policy in policies.every(connection):
        if tells_of(policy):
            policy_changed(connection, now, policy)
