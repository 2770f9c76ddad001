"""Codes that were sent to contacts, at rest; each sealed."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, insert, select, update

from services.chassis import counters
from services.notification.store.tables import VerificationRow

VERIFICATION = VerificationRow.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A code that was sent to a contact."""

    id: int
    contact_id: int
    user_id: int
    sealed_code: bytes = field(repr=False)  # empty: it works no more
    sent_at: datetime
    expires_at: datetime
    tries: int = 0  # how often a code was said


def number(connection: Connection) -> int:
    """Returns the id of a new one."""
    return counters.allocate(connection, "verification")


def add(connection: Connection, sent: Verification) -> None:
    """Adds one."""
    values = {name: getattr(sent, name) for name in Verification.__slots__}
    connection.execute(insert(VERIFICATION).values(values))


def newest(connection: Connection, contact_id: int) -> Verification | None:
    """Returns the last one of a contact, keeping others from trying it meanwhile."""
    found = _where(VERIFICATION.c.contact_id == contact_id).limit(1).with_for_update()
    row = connection.execute(found).one_or_none()
    return None if row is None else Verification(**row._mapping)


def since(connection: Connection, user_id: int, start: datetime) -> list[Verification]:
    """Returns those of a person that were sent after a time, the newest first."""
    query = _where(VERIFICATION.c.user_id == user_id, VERIFICATION.c.sent_at > start)
    return [Verification(**row._mapping) for row in connection.execute(query)]


def count_try(connection: Connection, id_: int) -> None:
    """Remembers that a code was said."""
    tried = update(VERIFICATION).where(VERIFICATION.c.id == id_)
    connection.execute(tried.values(tries=VERIFICATION.c.tries + 1))


def spend(connection: Connection, contact_id: int) -> None:
    """Makes those of a contact useless. That they were sent still counts."""
    theirs = update(VERIFICATION).where(VERIFICATION.c.contact_id == contact_id)
    connection.execute(theirs.values(sealed_code=b"", expires_at=VERIFICATION.c.sent_at))


def forget_old(connection: Connection, user_id: int, before: datetime) -> None:
    """Removes those of a person that nobody counts any more."""
    old = delete(VERIFICATION).where(VERIFICATION.c.user_id == user_id)
    connection.execute(old.where(VERIFICATION.c.sent_at < before))


def _where(*meant: ColumnElement[bool]) -> Select[Any]:
    return select(VERIFICATION).where(*meant).order_by(VERIFICATION.c.id.desc())
