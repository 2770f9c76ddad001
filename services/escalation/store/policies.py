"""Policies at rest."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, exists, insert, select

from services.chassis.errors import NotFound
from services.chassis.paging import Page
from services.escalation.domain.policies import Level, Policy
from services.escalation.store.tables import PolicyRow, PolicyTeamRow

POLICY = PolicyRow.__table__
POLICY_TEAM = PolicyTeamRow.__table__


def add(connection: Connection, policy: Policy) -> None:
    """Records a new policy."""
    connection.execute(
        insert(POLICY).values(
            id=policy.id,
            name=policy.name,
            levels=level_rows(policy.levels),
            repeating=policy.repeating,
            frequency=policy.frequency,
            delay_min=policy.delay_min,
            routing_key=policy.routing_key,
        )
    )
    for team_id in dict.fromkeys(policy.teams):
        connection.execute(insert(POLICY_TEAM).values(policy_id=policy.id, team_id=team_id))


def has_routing_key(connection: Connection, routing_key: str) -> bool:
    """Tells whether a policy has this routing key."""
    known = select(exists().where(POLICY.c.routing_key == routing_key))
    return bool(connection.execute(known).scalar_one())


def find(connection: Connection, policy_id: int) -> Policy | None:
    """Returns a policy, or None if there is none."""
    row = connection.execute(select(POLICY).where(POLICY.c.id == policy_id)).one_or_none()
    return _policies(connection, [row])[0] if row else None


def get(connection: Connection, policy_id: int) -> Policy:
    """Returns a policy. Raises NotFound."""
    found = find(connection, policy_id)
    if found is None:
        raise NotFound(f"there is no escalation policy {policy_id}")
    return found


def oldest(connection: Connection, page: Page) -> list[Policy]:
    """Returns one page of policies, oldest first."""
    query = select(POLICY).order_by(POLICY.c.id).offset(page.offset).limit(page.limit)
    return _policies(connection, connection.execute(query).all())


def level_rows(levels: Iterable[Level]) -> list[dict[str, Any]]:
    """Returns levels as JSON keeps them."""
    return [
        {"users": list(level.users), "seconds": level.timeout // timedelta(seconds=1)}
        for level in levels
    ]


def level_values(rows: Iterable[dict[str, Any]]) -> tuple[Level, ...]:
    """Returns levels as the domain knows them."""
    return tuple(Level(tuple(row["users"]), timedelta(seconds=row["seconds"])) for row in rows)


def _policies(connection: Connection, rows: Sequence[Row[tuple[object, ...]]]) -> list[Policy]:
    ids = [row.id for row in rows]
    teams: dict[int, list[int]] = {id_: [] for id_ in ids}
    belonging = select(POLICY_TEAM).where(POLICY_TEAM.c.policy_id.in_(ids))
    for row in connection.execute(belonging.order_by(POLICY_TEAM.c.team_id)):
        teams[row.policy_id].append(row.team_id)
    return [
        Policy(
            **dict(row._mapping)
            | {"levels": level_values(row.levels), "teams": tuple(teams[row.id])}
        )
        for row in rows
    ]
