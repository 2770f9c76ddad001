"""Lists of runs, by what callers ask for and may see."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from services.chassis.paging import Page
from services.chassis.principal import Principal
from services.chassis.teams import seen_rows
from services.escalation.domain.runs import Run, State
from services.escalation.store import runs
from services.escalation.store.runs import COLUMNS, RUN
from services.escalation.store.tables import PolicyTeamRow

POLICY_TEAM = PolicyTeamRow.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which runs are asked for; what is empty says nothing."""

    kind: str
    subject_id: str
    states: Collection[State]
    policies: Collection[int]
    start: datetime | None
    end: datetime | None


def newest(connection: Connection, wanted: Wanted, page: Page, reader: Principal) -> list[Run]:
    """Returns one page of the runs that the reader sees, newest first.

    A run belongs to the teams of its policy.
    """
    seen = seen_rows(reader, RUN.c.policy_id, POLICY_TEAM.c.policy_id, POLICY_TEAM)
    query = select(*COLUMNS).where(seen, *_conditions(wanted)).order_by(RUN.c.id.desc())
    return runs.selected(connection, query.offset(page.offset).limit(page.limit))


def teams_of_policies(
    connection: Connection, policy_ids: Iterable[int]
) -> Mapping[int, Collection[int]]:
    """Returns the teams of policies, of those that were deleted too; some belong to none."""
    query = select(POLICY_TEAM).where(POLICY_TEAM.c.policy_id.in_(sorted(set(policy_ids))))
    found: dict[int, set[int]] = {}
    for row in connection.execute(query):
        found.setdefault(row.policy_id, set()).add(row.team_id)
    return found


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.kind:
        yield RUN.c.kind == wanted.kind
    if wanted.subject_id:
        yield RUN.c.subject_id == wanted.subject_id
    if wanted.states:
        yield RUN.c.state.in_(sorted(wanted.states))
    if wanted.policies:
        yield RUN.c.policy_id.in_(sorted(wanted.policies))
    if wanted.start is not None:
        yield RUN.c.start_time >= wanted.start
    if wanted.end is not None:
        yield RUN.c.start_time < wanted.end
