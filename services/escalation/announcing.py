"""Tells the other services of records that changed, in the transaction of the change.

A record is told with the names of the records that it names, so a change of those is told
as a change of it, too.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from google.protobuf.message import Message
from sqlalchemy import Connection

from services.calendar.schedules import Schedule
from services.chassis import facts, outbox
from services.escalation.domain.policies import Policy
from services.escalation.domain.support_hours import SupportHours
from services.escalation.domain.teams import Team
from services.escalation.domain.tokens import ApiToken
from services.escalation.domain.users import User
from services.escalation.store import (
    policies,
    schedules,
    support_hours,
    teams,
    tokens,
    users,
    webhooks,
)
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

Record = TypeVar("Record", EscalationPolicy, support_hours_pb2.SupportHours, schedule_pb2.Schedule)

#: The event by which each kind of record is told of, and its field for the record.
EVENTS: Mapping[str, tuple[Callable[..., Message], str]] = {
    "user": (UserChanged, "user"),
    "team": (TeamChanged, "team"),
    "policy": (EscalationPolicyChanged, "escalation_policy"),
    "schedule": (ScheduleChanged, "schedule"),
    "support_hours": (SupportHoursChanged, "support_hours"),
    "token": (TokenChanged, "record"),
}


def user_changed(
    connection: Connection, now: datetime, user: User, *, deleted: bool = False
) -> None:
    """Tells of a person."""
    _tell(connection, now, "user", {user.id: people.user(user)}, deleted=deleted)


def team_changed(
    connection: Connection, now: datetime, team: Team, *, deleted: bool = False
) -> None:
    """Tells of a team, and of its members who they are."""
    teams_changed(connection, now, [team], deleted=deleted)


def teams_changed(
    connection: Connection, now: datetime, found: Sequence[Team], *, deleted: bool = False
) -> None:
    """Tells of teams, and of their members who they are."""
    members = users.by_ids(connection, {user for team in found for user in team.user_ids})
    records = {team.id: team_wire.fact(team, members) for team in found}
    _tell(connection, now, "team", records, deleted=deleted)


def policies_changed(
    connection: Connection, now: datetime, found: Sequence[Policy], *, deleted: bool = False
) -> None:
    """Tells of policies."""
    _tell(connection, now, "policy", _by_id(described_all(connection, found)), deleted=deleted)


def schedules_changed(
    connection: Connection, now: datetime, found: Sequence[Schedule], *, deleted: bool = False
) -> None:
    """Tells of schedules; of their people by id, as everybody has their records."""
    records = _by_id(described_schedules(connection, found))
    _tell(connection, now, "schedule", records, deleted=deleted)


def support_hours_changed(
    connection: Connection, now: datetime, found: Sequence[SupportHours], *, deleted: bool = False
) -> None:
    """Tells of support hours."""
    records = _by_id(described_hours(connection, found))
    _tell(connection, now, "support_hours", records, deleted=deleted)


def token_changed(connection: Connection, now: datetime, token: ApiToken) -> None:
    """Tells of a token; of a revoked one, that it is gone."""
    _tell_tokens(connection, now, [token], revoked=token.revoked)


def tokens_of(connection: Connection, now: datetime, user_ids: Iterable[int]) -> None:
    """Tells of the tokens of people whose names, roles or teams changed."""
    _tell_tokens(connection, now, tokens.of_users(connection, user_ids), revoked=False)


def naming_user(connection: Connection, now: datetime, user_id: int) -> None:
    """Tells of the policies and teams that name a person, who changed."""
    policies_changed(connection, now, policies.paging_user(connection, user_id))
    own = teams.by_ids(connection, teams.of_user(connection, user_id))
    teams_changed(connection, now, own)


def naming_team(connection: Connection, now: datetime, team_id: int) -> None:
    """Tells of the records that name a team, which changed how it is referred to."""
    own = schedules.by_ids(connection, schedules.of_team(connection, team_id))
    found = policies.naming_team(connection, team_id)
    found += policies.paging_schedules(connection, own)  # which they name with its teams
    policies_changed(connection, now, list({policy.id: policy for policy in found}.values()))
    support_hours_changed(connection, now, support_hours.of_team(connection, team_id))
    schedules_changed(connection, now, list(own.values()))


def naming_schedule(connection: Connection, now: datetime, schedule_id: int) -> None:
    """Tells of the policies that name a schedule, which changed how it is referred to."""
    policies_changed(connection, now, policies.paging_schedule(connection, schedule_id))


def naming_webhook(connection: Connection, now: datetime, webhook_id: int) -> None:
    """Tells of the policies that name a webhook, which changed how it is referred to."""
    policies_changed(connection, now, policies.paging_webhook(connection, webhook_id))


def anew(connection: Connection, now: datetime) -> None:
    """Tells again of records of which an older version of this service told less."""
    _tell_anew(connection, now, "policy", described_all(connection, policies.every(connection)))
    hours = described_hours(connection, support_hours.every(connection))
    _tell_anew(connection, now, "support_hours", hours)
    plans = described_schedules(connection, schedules.every(connection))
    _tell_anew(connection, now, "schedule", plans)


def described(connection: Connection, policy: Policy) -> EscalationPolicy:
    """Returns a policy with the people, schedules, teams and webhooks that it names."""
    return described_all(connection, [policy])[0]


def described_all(connection: Connection, found: Sequence[Policy]) -> list[EscalationPolicy]:
    """Returns policies with the people, schedules, teams and webhooks that they name."""
    levels = [level for policy in found for level in policy.levels]
    named_teams = {team for policy in found for team in policy.named_teams}
    plans = schedules.labels(connection, {schedule for lvl in levels for schedule in lvl.schedules})
    owners = {team for label in plans.values() for team in label.teams}
    named = wire.Named(
        users.by_ids(connection, {user for level in levels for user in level.users}),
        teams.labels(connection, named_teams | owners),
        plans,
        webhooks.known(connection, {webhook for level in levels for webhook in level.webhooks}),
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


def _tell_tokens(
    connection: Connection, now: datetime, found: Sequence[ApiToken], *, revoked: bool
) -> None:
    owners = {token.user_id for token in found if token.user_id}
    owned = users.by_ids(connection, owners)
    places = teams.places_of_users(connection, owners)
    records = {
        token.id: token_wire.record(token, owned.get(token.user_id), places.get(token.user_id, {}))
        for token in found
    }
    _tell(connection, now, "token", records, deleted=revoked)


def _tell_anew(connection: Connection, now: datetime, kind: str, found: Sequence[Record]) -> None:
    if not found:
        return
    known = facts.many(connection, kind, [record.id for record in found], type(found[0]))
    fresh = [record for record in found if known.get(str(record.id)) != record]
    _tell(connection, now, kind, _by_id(fresh))


def _by_id(found: Iterable[Record]) -> dict[int, Record]:
    return {record.id: record for record in found}


def _tell(
    connection: Connection,
    now: datetime,
    kind: str,
    records: Mapping[Any, Message],
    *,
    deleted: bool = False,
) -> None:
    """Tells of records by their ids, in as many statements however many they are."""
    if not records:
        return
    by_id = {str(id_): record for id_, record in records.items()}
    versions = facts.publish_all(connection, kind, by_id, deleted=deleted)
    event, field = EVENTS[kind]
    changes = [
        (
            f"{kind}:{id_}:{versions[id_]}",
            event(**{field: record}, version=versions[id_], deleted=deleted),
        )
        for id_, record in by_id.items()
    ]
    outbox.put_all(connection, now, changes)
