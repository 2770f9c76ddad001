"""Policies at rest."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from services.chassis.errors import NotFound
from services.chassis.paging import Page
from services.chassis.principal import Principal
from services.chassis.teams import seen_rows
from services.escalation.domain.fallbacks import Link
from services.escalation.domain.policies import Distribution, Level, Policy
from services.escalation.store.belonging import only_of
from services.escalation.store.naming import oldest_called
from services.escalation.store.tables import PolicyRow, PolicyTargetRow, PolicyTeamRow

POLICY = PolicyRow.__table__
POLICY_TEAM = PolicyTeamRow.__table__
TARGET = PolicyTargetRow.__table__
USER, SCHEDULE, TEAM, WEBHOOK = "user", "schedule", "team", "webhook"


def add(connection: Connection, policy: Policy) -> None:
    """Records a new policy."""
    connection.execute(insert(POLICY).values(_columns(policy)))
    _add_links(connection, policy)


def save(connection: Connection, policy: Policy) -> None:
    """Writes a policy back."""
    connection.execute(update(POLICY).where(POLICY.c.id == policy.id).values(_columns(policy)))
    connection.execute(delete(POLICY_TEAM).where(POLICY_TEAM.c.policy_id == policy.id))
    _remove_targets(connection, policy.id)
    _add_links(connection, policy)


def remove(connection: Connection, policy_id: int) -> None:
    """Forgets a policy, but not its teams: their runs along it stay theirs."""
    _remove_targets(connection, policy_id)
    connection.execute(delete(POLICY).where(POLICY.c.id == policy_id))


def by_routing_key(connection: Connection, routing_key: str) -> Policy | None:
    """Returns the policy that has this routing key; None if none has."""
    rows = connection.execute(select(POLICY).where(POLICY.c.routing_key == routing_key)).all()
    return _policies(connection, rows)[0] if rows else None


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


def get_by_name(connection: Connection, name: str, reader: Principal) -> Policy:
    """Returns the oldest policy with a name that the reader sees. Raises NotFound."""
    policy_id = oldest_called(connection, POLICY, name, _seen(reader))
    if policy_id is None:
        raise NotFound(f"there is no escalation policy {name}")
    return get(connection, policy_id)


def oldest(
    connection: Connection, page: Page, teams: Iterable[int] | None, reader: Principal
) -> list[Policy]:
    """Returns one page of policies, oldest first; those that the reader sees.

    Of some teams, if they are said.
    """
    query = select(POLICY).where(_seen(reader))
    query = query.order_by(POLICY.c.id).offset(page.offset).limit(page.limit)
    if teams is not None:
        query = query.where(only_of(POLICY.c.id, POLICY_TEAM.c.policy_id, POLICY_TEAM, teams))
    return _policies(connection, connection.execute(query).all())


def every(connection: Connection) -> list[Policy]:
    """Returns all policies, oldest first."""
    return _policies(connection, connection.execute(select(POLICY).order_by(POLICY.c.id)).all())


def paging_user(connection: Connection, user_id: int) -> list[Policy]:
    """Returns the policies that page somebody by themselves, oldest first."""
    return _where(connection, _paged(USER, user_id))


def paging_schedule(connection: Connection, schedule_id: int) -> list[Policy]:
    """Returns the policies that page a schedule, oldest first."""
    return paging_schedules(connection, [schedule_id])


def paging_schedules(connection: Connection, schedule_ids: Iterable[int]) -> list[Policy]:
    """Returns the policies that page any of some schedules, oldest first."""
    return _where(connection, _paged(SCHEDULE, *schedule_ids))


def paging_webhook(connection: Connection, webhook_id: int) -> list[Policy]:
    """Returns the policies that call a webhook, oldest first."""
    return _where(connection, _paged(WEBHOOK, webhook_id))


def naming_team(connection: Connection, team_id: int) -> list[Policy]:
    """Returns the policies that belong to a team, or page it, oldest first."""
    own = only_of(POLICY.c.id, POLICY_TEAM.c.policy_id, POLICY_TEAM, [team_id])
    return _where(connection, own | _paged(TEAM, team_id))


def followed_by(connection: Connection, policy_id: int) -> list[Policy]:
    """Returns the policies that a policy follows when they are exhausted, oldest first."""
    return _where(connection, POLICY.c.fallback == policy_id)


def links(connection: Connection, reader: Principal) -> dict[int, Link]:
    """Returns which policies follow all policies, by id; with names as far as the reader sees."""
    names = {row.id: row.name for row in connection.execute(select(POLICY).where(_seen(reader)))}
    rows = connection.execute(select(POLICY.c.id, POLICY.c.fallback))
    return {row.id: Link(names.get(row.id, ""), row.fallback) for row in rows}


def by_ids(connection: Connection, ids: Iterable[int]) -> dict[int, Policy]:
    """Returns those policies that exist."""
    found = _where(connection, POLICY.c.id.in_(sorted(set(ids))))
    return {policy.id: policy for policy in found}


def level_rows(levels: Iterable[Level]) -> list[dict[str, Any]]:
    """Returns levels as JSON keeps them."""
    return [
        {
            "users": list(level.users),
            "schedules": list(level.schedules),
            "teams": list(level.teams),
            "webhooks": list(level.webhooks),
            "seconds": level.timeout // timedelta(seconds=1),
            "distribution": level.distribution,
        }
        for level in levels
    ]


def level_values(rows: Iterable[dict[str, Any]]) -> tuple[Level, ...]:
    """Returns levels as the domain knows them."""
    return tuple(
        Level(
            tuple(row["users"]),
            timedelta(seconds=row["seconds"]),
            schedules=tuple(row.get("schedules", ())),  # which older rows do not have
            teams=tuple(row.get("teams", ())),
            webhooks=tuple(row.get("webhooks", ())),
            distribution=Distribution(row.get("distribution", Distribution.ALL)),
        )
        for row in rows
    )


def _seen(reader: Principal) -> ColumnElement[bool]:
    return seen_rows(reader, POLICY.c.id, POLICY_TEAM.c.policy_id, POLICY_TEAM)


def _paged(kind: str, *ids: int) -> ColumnElement[bool]:
    paged = select(TARGET.c.policy_id).where(TARGET.c.kind == kind, TARGET.c.target_id.in_(ids))
    return POLICY.c.id.in_(paged)


def _where(connection: Connection, are_meant: ColumnElement[bool]) -> list[Policy]:
    found = connection.execute(select(POLICY).where(are_meant).order_by(POLICY.c.id))
    return _policies(connection, found.all())


def _columns(policy: Policy) -> dict[str, Any]:
    return {
        "id": policy.id,
        "name": policy.name,
        "levels": level_rows(policy.levels),
        "repeating": policy.repeating,
        "frequency": policy.frequency,
        "delay_min": policy.delay_min,
        "routing_key": policy.routing_key,
        "fallback": policy.fallback,
        "accept_expiry_min": policy.accept_expiry_min,
        "version": policy.version,
    }


def _add_links(connection: Connection, policy: Policy) -> None:
    belonging = [{"policy_id": policy.id, "team_id": id_} for id_ in dict.fromkeys(policy.teams)]
    if belonging:
        connection.execute(insert(POLICY_TEAM), belonging)
    targets = [
        {"policy_id": policy.id, "kind": kind, "target_id": id_}
        for kind, id_ in sorted(_targets(policy))
    ]
    if targets:
        connection.execute(insert(TARGET), targets)


def _targets(policy: Policy) -> set[tuple[str, int]]:
    return {
        (kind, id_)
        for level in policy.levels
        for kind, ids in (
            (USER, level.users),
            (SCHEDULE, level.schedules),
            (TEAM, level.teams),
            (WEBHOOK, level.webhooks),
        )
        for id_ in ids
    }


def _remove_targets(connection: Connection, policy_id: int) -> None:
    connection.execute(delete(TARGET).where(TARGET.c.policy_id == policy_id))


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
