"""People and teams at rest."""

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import Connection, Row, exists, insert, select

from services.chassis.errors import NotFound
from services.chassis.paging import Page
from services.escalation.domain.users import Role, User, folded
from services.escalation.store.tables import TeamMemberRow, TeamRow, UserRow

USER = UserRow.__table__
TEAM = TeamRow.__table__
MEMBER = TeamMemberRow.__table__


def add(connection: Connection, user: User) -> None:
    """Records a new person."""
    row = asdict(user) | {"email_folded": folded(user.email)}
    connection.execute(insert(USER).values(row))


def has_email(connection: Connection, email: str) -> bool:
    """Tells whether an address belongs to somebody."""
    known = select(exists().where(USER.c.email_folded == folded(email)))
    return bool(connection.execute(known).scalar_one())


def get(connection: Connection, user_id: int) -> User:
    """Returns a person. Raises NotFound."""
    found = by_ids(connection, [user_id])
    if not found:
        raise NotFound(f"there is no user {user_id}")
    return found[user_id]


def by_ids(connection: Connection, ids: Iterable[int]) -> dict[int, User]:
    """Returns those people who exist."""
    known = select(USER).where(USER.c.id.in_(sorted(set(ids))))
    return {row.id: _user(row) for row in connection.execute(known)}


def oldest(connection: Connection, page: Page) -> list[User]:
    """Returns one page of people, oldest first."""
    query = select(USER).order_by(USER.c.id).offset(page.offset).limit(page.limit)
    return [_user(row) for row in connection.execute(query)]


def existing(connection: Connection, ids: Iterable[int]) -> frozenset[int]:
    """Returns the ids of those people who exist."""
    known = select(USER.c.id).where(USER.c.id.in_(sorted(set(ids))))
    return frozenset(connection.execute(known).scalars())


def admins(connection: Connection) -> frozenset[int]:
    """Returns the ids of those who change everything."""
    return frozenset(
        connection.execute(select(USER.c.id).where(USER.c.role == Role.ADMIN)).scalars()
    )


def teams_of(connection: Connection, user_id: int) -> list[int]:
    """Returns the ids of the teams that a person is in."""
    query = select(MEMBER.c.team_id).where(MEMBER.c.user_id == user_id)
    return list(connection.execute(query.order_by(MEMBER.c.team_id)).scalars())


def team_names(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    """Returns the names of those teams that exist."""
    known = select(TEAM).where(TEAM.c.id.in_(sorted(set(ids))))
    return {row.id: row.name for row in connection.execute(known)}


def _user(row: Row[tuple[object, ...]]) -> User:
    values = dict(row._mapping)
    del values["email_folded"]
    return User(**values | {"role": Role(row.role)})
