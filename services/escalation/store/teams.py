"""Teams at rest."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Row, delete, insert, select, update

from services.chassis.errors import NotFound
from services.chassis.paging import Page
from services.escalation.domain.checks import folded
from services.escalation.domain.teams import Label, Member, Team, TeamRole, Visibility
from services.escalation.store.tables import TeamMemberRow, TeamRow

TEAM = TeamRow.__table__
MEMBER = TeamMemberRow.__table__


def add(connection: Connection, team: Team) -> None:
    """Records a new team."""
    connection.execute(insert(TEAM).values(_columns(team)))
    _add_members(connection, team)


def save(connection: Connection, team: Team) -> None:
    """Writes a team back."""
    connection.execute(update(TEAM).where(TEAM.c.id == team.id).values(_columns(team)))
    connection.execute(delete(MEMBER).where(MEMBER.c.team_id == team.id))
    _add_members(connection, team)


def remove(connection: Connection, team_id: int) -> None:
    """Forgets a team."""
    connection.execute(delete(MEMBER).where(MEMBER.c.team_id == team_id))
    connection.execute(delete(TEAM).where(TEAM.c.id == team_id))


def get(connection: Connection, team_id: int) -> Team:
    """Returns a team. Raises NotFound."""
    found = by_ids(connection, [team_id])
    if not found:
        raise NotFound(f"there is no team {team_id}")
    return found[0]


def by_ids(connection: Connection, ids: Iterable[int]) -> list[Team]:
    """Returns those teams that exist, oldest first."""
    known = select(TEAM).where(TEAM.c.id.in_(sorted(set(ids)))).order_by(TEAM.c.id)
    return _teams(connection, connection.execute(known).all())


def by_name(connection: Connection, name: str) -> int | None:
    """Returns which team has a name, without case; None if none has."""
    known = select(TEAM.c.id).where(TEAM.c.name_folded == folded(name))
    found: int | None = connection.execute(known).scalar_one_or_none()
    return found


def oldest(
    connection: Connection, page: Page, *, seen_by: Iterable[int] | None, only: Iterable[int] | None
) -> list[Team]:
    """Returns one page of teams, oldest first.

    `seen_by` are the teams of whoever asks, who sees no private team beside them; `only` are
    the teams that are asked for. None stands for all.
    """
    query = select(TEAM).order_by(TEAM.c.id).offset(page.offset).limit(page.limit)
    if seen_by is not None:
        own = TEAM.c.id.in_(sorted(seen_by))
        query = query.where((TEAM.c.visibility == Visibility.PUBLIC) | own)
    if only is not None:
        query = query.where(TEAM.c.id.in_(sorted(only)))
    return _teams(connection, connection.execute(query).all())


def of_user(connection: Connection, user_id: int) -> list[int]:
    """Returns the ids of the teams that a person is in."""
    return of_users(connection, [user_id])[user_id]


def of_users(connection: Connection, user_ids: Iterable[int]) -> dict[int, list[int]]:
    """Returns the ids of the teams that people are in, by person."""
    found: dict[int, list[int]] = {id_: [] for id_ in user_ids}
    query = select(MEMBER.c.user_id, MEMBER.c.team_id).where(MEMBER.c.user_id.in_(sorted(found)))
    for row in connection.execute(query.order_by(MEMBER.c.team_id)):
        found[row.user_id].append(row.team_id)
    return found


def labels(connection: Connection, ids: Iterable[int]) -> dict[int, Label]:
    """Returns how those teams that exist are referred to."""
    known = select(TEAM.c.id, TEAM.c.name, TEAM.c.visibility)
    rows = connection.execute(known.where(TEAM.c.id.in_(sorted(set(ids)))))
    return {row.id: Label(row.name, Visibility(row.visibility)) for row in rows}


def existing(connection: Connection, ids: Iterable[int]) -> frozenset[int]:
    """Returns the ids of those teams that exist."""
    known = select(TEAM.c.id).where(TEAM.c.id.in_(sorted(set(ids))))
    return frozenset(connection.execute(known).scalars())


def places_of_users(
    connection: Connection, user_ids: Iterable[int]
) -> dict[int, dict[int, TeamRole]]:
    """Returns the teams that people are in, and as what, by person."""
    found: dict[int, dict[int, TeamRole]] = {id_: {} for id_ in user_ids}
    query = select(MEMBER.c.user_id, MEMBER.c.team_id, MEMBER.c.role)
    theirs = query.where(MEMBER.c.user_id.in_(sorted(found)))
    for row in connection.execute(theirs.order_by(MEMBER.c.team_id)):
        found[row.user_id][row.team_id] = TeamRole(row.role)
    return found


def members_of(connection: Connection, ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Returns who is in those teams that exist, in their order."""
    found: dict[int, tuple[int, ...]] = {id_: () for id_ in existing(connection, ids)}
    query = select(MEMBER).where(MEMBER.c.team_id.in_(sorted(found)))
    for row in connection.execute(query.order_by(MEMBER.c.team_id, MEMBER.c.place)):
        found[row.team_id] += (row.user_id,)
    return found


def _columns(team: Team) -> dict[str, object]:
    return {
        "id": team.id,
        "name": team.name,
        "name_folded": folded(team.name),
        "visibility": team.visibility,
        "created_at": team.created_at,
        "updated_at": team.updated_at,
    }


def _add_members(connection: Connection, team: Team) -> None:
    rows = [
        {"team_id": team.id, "user_id": member.user_id, "role": member.role, "place": place}
        for place, member in enumerate(team.members)
    ]
    if rows:
        connection.execute(insert(MEMBER), rows)


def _teams(connection: Connection, rows: Sequence[Row[tuple[object, ...]]]) -> list[Team]:
    members: dict[int, list[Member]] = {row.id: [] for row in rows}
    belonging = select(MEMBER).where(MEMBER.c.team_id.in_(list(members)))
    for row in connection.execute(belonging.order_by(MEMBER.c.team_id, MEMBER.c.place)):
        members[row.team_id].append(Member(row.user_id, TeamRole(row.role)))
    return [
        Team(
            id=row.id,
            name=row.name,
            visibility=Visibility(row.visibility),
            members=tuple(members[row.id]),
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in rows
    ]
