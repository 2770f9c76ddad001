"""Where records are in use, so that none is deleted from under another."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from services.chassis import facts
from services.chassis.places import place
from services.chassis.places import refuse_if_used as refuse_if_used
from services.escalation.domain.policies import Policy
from services.escalation.store import policies, schedules, support_hours, webhooks
from services.escalation.store.tables import RunRow, TeamMemberRow, TeamRow
from tocsin.ingest.v1.alert_source_pb2 import AlertSource

RUN, TEAM, MEMBER = RunRow.__table__, TeamRow.__table__, TeamMemberRow.__table__


def of_user(connection: Connection, user_id: int, now: datetime) -> list[str]:
    """Returns where a person is in use: policies, schedules and their overrides, teams."""
    in_team = (
        select(TEAM.c.id, TEAM.c.name)
        .join(MEMBER, MEMBER.c.team_id == TEAM.c.id)
        .where(MEMBER.c.user_id == user_id)
        .order_by(TEAM.c.id)
    )
    return [
        *_policies(policies.paging_user(connection, user_id)),
        *_schedules(schedules.naming(connection, user_id, now)),
        *(place("team", row.id, row.name) for row in connection.execute(in_team)),
    ]


def of_team(connection: Connection, team_id: int) -> list[str]:
    """Returns where a team is in use: in the records that belong to it, or page it."""
    return [
        *_policies(policies.naming_team(connection, team_id)),
        *_schedules(schedules.of_team(connection, team_id)),
        *(
            place("support hours", hours.id, hours.name)
            for hours in support_hours.of_team(connection, team_id)
        ),
        *_sources(connection, lambda source: team_id in {team.id for team in source.teams}),
        *(place("webhook", each.id, each.name) for each in webhooks.of_team(connection, team_id)),
    ]


def of_policy(connection: Connection, policy_id: int) -> list[str]:
    """Returns where a policy is in use: alert sources, policies, running escalations."""
    return [
        *_policies(policies.followed_by(connection, policy_id)),
        *_sources(connection, lambda source: source.escalation_policy.id == policy_id),
        *_runs(connection, policy_id),
    ]


def of_schedule(connection: Connection, schedule_id: int) -> list[str]:
    """Returns where a schedule is in use: policies."""
    return _policies(policies.paging_schedule(connection, schedule_id))


def of_support_hours(connection: Connection, hours_id: int) -> list[str]:
    """Returns where support hours are in use: alert sources."""
    return _sources(connection, lambda source: source.support_hours.id == hours_id)


def _policies(found: Iterable[Policy]) -> list[str]:
    return [place("escalation policy", policy.id, policy.name) for policy in found]


def _schedules(names: Mapping[int, str]) -> list[str]:
    return [place("schedule", id_, name) for id_, name in sorted(names.items())]


def _sources(connection: Connection, uses: Callable[[AlertSource], bool]) -> list[str]:
    return [
        place("alert source", source.id, source.name)
        for source in facts.every(connection, "source", AlertSource)
        if uses(source)
    ]


def _runs(connection: Connection, policy_id: int) -> list[str]:
    under_way = select(RUN.c.id, RUN.c.key).where(
        RUN.c.end_time.is_(None), RUN.c.policy_id == policy_id
    )
    rows = connection.execute(under_way.order_by(RUN.c.id))
    return [place("escalation", row.id, row.key) for row in rows]
