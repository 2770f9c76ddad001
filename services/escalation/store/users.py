"""People at rest."""

import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Row, delete, insert, select, update

from services.chassis.errors import InvalidRequest, NotFound
from services.chassis.paging import Page
from services.escalation.domain.users import Role, User, folded
from services.escalation.store.belonging import only_of
from services.escalation.store.tables import TeamMemberRow, UserRow

USER = UserRow.__table__
MEMBER = TeamMemberRow.__table__
_ID = re.compile(r"[0-9]{1,10}")
_CONTROL = re.compile(r"[\x00-\x1f]")


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


def said(connection: Connection, who: str) -> User:
    """Returns a person by id, by address, or by the local part of it, without case.

    Raises NotFound, and InvalidRequest if a local part is that of several people.
    """
    missing = NotFound(f"there is no user {who}")
    if _ID.fullmatch(who):
        return get(connection, int(who))
    if _CONTROL.search(who):
        raise missing  # which some databases cannot even look for
    if "@" in who:
        found = [by_email(connection, who)]
    else:
        local = USER.c.email_folded.startswith(f"{folded(who)}@", autoescape=True)
        rows = connection.execute(select(USER).where(local).order_by(USER.c.id).limit(2))
        found = [_user(row) for row in rows]
    if len(found) > 1:
        raise InvalidRequest(f"{who} may be several people: say the whole address", field="who")
    if not found or found[0] is None:
        raise missing
    return found[0]


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


def muted(connection: Connection, since: datetime) -> dict[int, User]:
    """Returns those people who are muted until later than a moment."""
    rows = connection.execute(select(USER).where(USER.c.muted_until > since))
    return {row.id: _user(row) for row in rows}


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
