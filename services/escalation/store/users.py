"""People at rest."""

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import Connection, Row, delete, insert, select, update

from services.chassis.errors import NotFound
from services.chassis.paging import Page
from services.escalation.domain.users import Role, User, folded
from services.escalation.store.belonging import only_of
from services.escalation.store.tables import TeamMemberRow, UserRow

USER = UserRow.__table__
MEMBER = TeamMemberRow.__table__


def add(connection: Connection, user: User) -> None:
    """Records a new person."""
    connection.execute(insert(USER).values(_columns(user)))


def save(connection: Connection, user: User) -> None:
    """Writes a person's record back."""
    connection.execute(update(USER).where(USER.c.id == user.id).values(_columns(user)))


def remove(connection: Connection, user_id: int) -> None:
    """Forgets a person."""
    connection.execute(delete(USER).where(USER.c.id == user_id))


def by_email(connection: Connection, email: str) -> User | None:
    """Returns whose address this is, without case; None if nobody's."""
    known = select(USER).where(USER.c.email_folded == folded(email))
    row = connection.execute(known).one_or_none()
    return _user(row) if row else None


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


def oldest(connection: Connection, page: Page, teams: Iterable[int] | None = None) -> list[User]:
    """Returns one page of people, oldest first; of some teams, if they are said."""
    query = select(USER).order_by(USER.c.id).offset(page.offset).limit(page.limit)
    if teams is not None:
        query = query.where(only_of(USER.c.id, MEMBER.c.user_id, MEMBER, teams))
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


def _columns(user: User) -> dict[str, object]:
    return asdict(user) | {"email_folded": folded(user.email)}


def _user(row: Row[tuple[object, ...]]) -> User:
    values = dict(row._mapping)
    del values["email_folded"]
    return User(**values | {"role": Role(row.role)})
