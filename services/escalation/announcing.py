"""Tells the other services of records that changed, in the transaction of the change.

A record is told with the names of the records that it names, so a change of those is told
as a change of it, too.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection

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
from services.escalation.wire import support_hours as hours_wire
from services.escalation.wire import teams as team_wire
from services.escalation.wire import tokens as token_wire
from tocsin.escalation.v1 import support_hours_pb2, team_pb2
from tocsin.escalation.v1.escalation_events_pb2 import (
    EscalationPolicyChanged,
    SupportHoursChanged,
    TeamChanged,
    TokenChanged,
    UserChanged,
)
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy


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
    """Tells of the policies and support hours that name a team, which changed its name."""
    _policies(connection, now, lambda policy: names_team(policy, team_id))
    for hours in support_hours.of_team(connection, team_id):
        support_hours_changed(connection, now, hours)


def naming_schedule(connection: Connection, now: datetime, schedule_id: int) -> None:
    """Tells of the policies that name a schedule, which changed its name."""
    _policies(connection, now, lambda p: any(schedule_id in level.schedules for level in p.levels))


def described(connection: Connection, policy: Policy) -> EscalationPolicy:
    """Returns a policy with the people, schedules and teams that it names."""
    return described_all(connection, [policy])[0]


def described_all(connection: Connection, found: Sequence[Policy]) -> list[EscalationPolicy]:
    """Returns policies with the people, schedules and teams that they name."""
    levels = [level for policy in found for level in policy.levels]
    in_levels = {team for level in levels for team in level.teams}
    named = wire.Named(
        users.by_ids(connection, {user for level in levels for user in level.users}),
        teams.names(connection, in_levels | {team for policy in found for team in policy.teams}),
        schedules.names(connection, {schedule for lvl in levels for schedule in lvl.schedules}),
    )
    return [wire.policy(policy, named) for policy in found]


def described_teams(connection: Connection, found: Sequence[Team]) -> list[team_pb2.Team]:
    """Returns teams with their members' records."""
    members = users.by_ids(connection, {user for team in found for user in team.user_ids})
    return [team_wire.team(team, members) for team in found]


def described_hours(
    connection: Connection, found: Sequence[SupportHours]
) -> list[support_hours_pb2.SupportHours]:
    """Returns support hours with the names of their teams."""
    names = teams.names(connection, {team for hours in found for team in hours.teams})
    return [hours_wire.support_hours(hours, names) for hours in found]


def _policies(connection: Connection, now: datetime, tells_of: Callable[[Policy], bool]) -> None:
    for policy in policies.every(connection):
        if tells_of(policy):
            policy_changed(connection, now, policy)
