"""Which records of escalation the caller reaches, by the teams they belong to."""

from collections.abc import Collection, Iterable
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from services.chassis import teams
from services.chassis.principal import Principal, caller
from services.escalation.domain.runs import Run
from services.escalation.store import run_lists, schedules, webhooks
from services.escalation.store import teams as team_store


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


def teams_to_name(
    connection: Connection, wanted: Iterable[int], kept: Iterable[int] = ()
) -> frozenset[int]:
    """Returns which of some teams a record may name: those that the caller sees.

    What the record names already it may keep: who changes it need not know whose that is.
    """
    labels = team_store.labels(connection, wanted)
    seen = (
        id_
        for id_, label in labels.items()
        if teams.sees_team(caller(), id_, private=label.private)
    )
    return frozenset(seen) | labels.keys() & set(kept)


def schedules_to_name(
    connection: Connection, wanted: Iterable[int], kept: Iterable[int] = ()
) -> frozenset[int]:
    """Returns which of some schedules a record may name, as `teams_to_name` does."""
    found = schedules.by_ids(connection, wanted)
    seen = (id_ for id_, each in found.items() if teams.may_name(caller(), each.teams))
    return frozenset(seen) | found.keys() & set(kept)


def webhooks_to_name(
    connection: Connection, wanted: Iterable[int], kept: Iterable[int] = ()
) -> frozenset[int]:
    """Returns which of some webhooks a record may name, as `teams_to_name` does."""
    found = webhooks.known(connection, wanted)
    belonging = {id_: [team.id for team in each.teams] for id_, each in found.items()}
    seen = (id_ for id_, their in belonging.items() if teams.may_name(caller(), their))
    return frozenset(seen) | found.keys() & set(kept)


def answerable(connection: Connection, run: Run) -> Run:
    """Returns a run that the caller may answer. Raises NotFound, Forbidden."""
    belongs_to = _teams(connection, run)
    teams.refuse_unanswered(caller(), belongs_to, f"escalation {run.id}")
    return run


def sees_run(connection: Connection, run: Run, reader: Principal) -> bool:
    """Tells whether somebody sees a run: it belongs to the teams of its policy."""
    return teams.hides_nothing(reader) or teams.sees(reader, _teams(connection, run))


def _teams(connection: Connection, run: Run) -> Collection[int]:
    return run_lists.teams_of_policies(connection, [run.plan.policy_id]).get(run.plan.policy_id, ())
