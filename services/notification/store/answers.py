"""Answers at rest."""

from dataclasses import asdict

from sqlalchemy import Connection, insert, select

from services.notification.domain.answers import Given, Verb
from services.notification.store.tables import AnswerRow

ANSWER = AnswerRow.__table__


def add(connection: Connection, given: Given) -> None:
    """Records an answer."""
    connection.execute(insert(ANSWER).values(**asdict(given)))


def by_key(connection: Connection, key: str) -> Given | None:
    """Returns an answer by what is the same for all of its repeats."""
    row = connection.execute(select(ANSWER).where(ANSWER.c.key == key)).one_or_none()
    return None if row is None else Given(**dict(row._mapping) | {"verb": Verb(row.verb)})
