"""Lists and counts of alerts, for readers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from services.alertstate import reach
from services.alertstate.domain.alerts import Alert, Status
from services.alertstate.store import alerts, counts
from services.alertstate.store.tables import ALERT, ALERT_TEAM, RESPONDER
from services.chassis.paging import Page
from services.chassis.principal import Principal
from services.chassis.teams import hides_nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which alerts a reader asks for; what is empty says nothing."""

    states: tuple[Status, ...] = ()
    sources: tuple[int, ...] = ()
    policies: tuple[int, ...] = ()
    responders: tuple[int, ...] | None = None  # an empty one wants nobody's
    teams: frozenset[int] | None = None  # as above
    start: datetime | None = None  # reported at or after
    until: datetime | None = None  # reported before


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an alert still wants somebody."""

    status: Status
    episode: int
    called_episode: int  # in which people are paged though the alert was taken

    def pages(self, episode: int) -> bool:
        """Tells whether pages of an episode still have to go out."""
        called = self.status is Status.ACCEPTED and self.called_episode == episode
        return self.episode == episode and (self.status is Status.PENDING or called)


def newest(connection: Connection, wanted: Wanted, page: Page, reader: Principal) -> list[Alert]:
    """Returns one page of the wanted alerts that somebody sees, newest first."""
    query = (
        select(ALERT).where(*_conditions(wanted), reach.seen(reader)).order_by(ALERT.c.id.desc())
    )
    rows = connection.execute(query.offset(page.offset).limit(page.limit)).all()
    return alerts.of_rows(connection, rows)


def count(connection: Connection, wanted: Wanted, reader: Principal) -> int:
    """Returns how many of the wanted alerts somebody sees."""
    simple = wanted == Wanted(states=wanted.states, sources=wanted.sources)
    if simple and hides_nothing(reader):
        return counts.total(connection, list(wanted.states), list(wanted.sources))
    query = select(func.count()).select_from(ALERT).where(*_conditions(wanted), reach.seen(reader))
    return int(connection.execute(query).scalar_one())


def standings(
    connection: Connection, alert_ids: Sequence[int], reader: Principal
) -> dict[int, Standing]:
    """Returns where the alerts stand that are there and that somebody sees, by id."""
    query = select(ALERT.c.id, ALERT.c.status, ALERT.c.episode, ALERT.c.called_episode)
    rows = connection.execute(query.where(ALERT.c.id.in_(alert_ids), reach.seen(reader)))
    return {row.id: Standing(Status(row.status), row.episode, row.called_episode) for row in rows}


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.states:
        conditions.append(ALERT.c.status.in_(wanted.states))
    if wanted.sources:
        conditions.append(ALERT.c.source_id.in_(wanted.sources))
    if wanted.policies:
        conditions.append(ALERT.c.policy_id.in_(wanted.policies))
    if wanted.responders is not None:
        theirs = RESPONDER.c.user_id.in_(wanted.responders) & ~RESPONDER.c.removed
        conditions.append(ALERT.c.id.in_(select(RESPONDER.c.alert_id).where(theirs)))
    if wanted.teams is not None:
        of_teams = ALERT_TEAM.c.team_id.in_(sorted(wanted.teams))
        conditions.append(ALERT.c.id.in_(select(ALERT_TEAM.c.alert_id).where(of_teams)))
    if wanted.start is not None:
        conditions.append(ALERT.c.report_time >= wanted.start)
    if wanted.until is not None:
        conditions.append(ALERT.c.report_time < wanted.until)
    return conditions
