"""Which records of escalation the caller reaches, by the teams they belong to."""

from collections.abc import Collection
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from services.chassis import teams
from services.chassis.principal import Principal, caller
from services.escalation.domain.runs import Run
from services.escalation.store import policies


class Belonging(Protocol):
    """A record that may belong to teams."""

    @property
    def id(self) -> int:
        """Identifies the record."""

    @property
    def teams(self) -> Collection[int]:
        """The teams it belongs to."""


B = TypeVar("B", bound=Belonging)


def seen(record: B, word: str) -> B:
    """Returns a record that the caller sees. Raises NotFound."""
    teams.refuse_unseen(caller(), record.teams, f"{word} {record.id}")
    return record


def changeable(record: B, word: str) -> B:
    """Returns a record that the caller may change. Raises NotFound, Forbidden."""
    teams.refuse_unchangeable(caller(), record.teams, f"{word} {record.id}")
    return record


def given(record: B) -> B:
    """Returns a record that the caller may make what it is. Raises Forbidden."""
    teams.refuse_giving(caller(), record.teams)
    return record


def answerable(connection: Connection, run: Run) -> Run:
    """Returns a run that the caller may answer. Raises NotFound, Forbidden."""
    belongs_to = _teams(connection, run)
    teams.refuse_unanswered(caller(), belongs_to, f"escalation {run.id}")
    return run


def sees_run(connection: Connection, run: Run, reader: Principal) -> bool:
    """Tells whether somebody sees a run: it belongs to the teams of its policy."""
    return teams.sees(reader, _teams(connection, run))


def _teams(connection: Connection, run: Run) -> Collection[int]:
    policy = policies.find(connection, run.plan.policy_id)
    return policy.teams if policy else ()
