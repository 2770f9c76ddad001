"""Support hours at rest."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from services.chassis.errors import NotFound
from services.chassis.paging import Page
from services.chassis.principal import Principal
from services.chassis.teams import seen_rows
from services.escalation.domain.support_hours import (
    Day,
    ExceptionDays,
    SupportHours,
    SupportStatus,
)
from services.escalation.store.belonging import only_of
from services.escalation.store.naming import oldest_called
from services.escalation.store.tables import SupportHoursRow, SupportHoursTeamRow

HOURS = SupportHoursRow.__table__
HOURS_TEAM = SupportHoursTeamRow.__table__


def add(connection: Connection, hours: SupportHours) -> None:
    """Records new support hours."""
    connection.execute(insert(HOURS).values(_columns(hours)))
    _add_teams(connection, hours)


def save(connection: Connection, hours: SupportHours) -> None:
    """Writes support hours back."""
    connection.execute(update(HOURS).where(HOURS.c.id == hours.id).values(_columns(hours)))
    _remove_teams(connection, hours.id)
    _add_teams(connection, hours)


def remove(connection: Connection, hours_id: int) -> None:
    """Forgets support hours."""
    _remove_teams(connection, hours_id)
    connection.execute(delete(HOURS).where(HOURS.c.id == hours_id))


def get(connection: Connection, hours_id: int) -> SupportHours:
    """Returns support hours. Raises NotFound."""
    rows = connection.execute(select(HOURS).where(HOURS.c.id == hours_id)).all()
    if not rows:
        raise NotFound(f"there are no support hours {hours_id}")
    return _hours(connection, rows)[0]


def get_by_name(connection: Connection, name: str, reader: Principal) -> SupportHours:
    """Returns the oldest support hours with a name that the reader sees. Raises NotFound."""
    hours_id = oldest_called(connection, HOURS, name, _seen(reader))
    if hours_id is None:
        raise NotFound(f"there are no support hours {name}")
    return get(connection, hours_id)


def oldest(
    connection: Connection, page: Page, teams: Iterable[int] | None, reader: Principal
) -> list[SupportHours]:
    """Returns one page of support hours, oldest first; those that the reader sees.

    Of some teams, if they are said.
    """
    query = select(HOURS).where(_seen(reader))
    query = query.order_by(HOURS.c.id).offset(page.offset).limit(page.limit)
    if teams is not None:
        query = query.where(only_of(HOURS.c.id, HOURS_TEAM.c.support_hours_id, HOURS_TEAM, teams))
    return _hours(connection, connection.execute(query).all())


def every(connection: Connection) -> list[SupportHours]:
    """Returns all support hours, oldest first."""
    return _hours(connection, connection.execute(select(HOURS).order_by(HOURS.c.id)).all())


def of_team(connection: Connection, team_id: int) -> list[SupportHours]:
    """Returns the support hours that belong to a team."""
    own = select(HOURS_TEAM.c.support_hours_id).where(HOURS_TEAM.c.team_id == team_id)
    query = select(HOURS).where(HOURS.c.id.in_(own)).order_by(HOURS.c.id)
    return _hours(connection, connection.execute(query).all())


def _seen(reader: Principal) -> ColumnElement[bool]:
    return seen_rows(reader, HOURS.c.id, HOURS_TEAM.c.support_hours_id, HOURS_TEAM)


def _columns(hours: SupportHours) -> dict[str, Any]:
    return {
        "id": hours.id,
        "name": hours.name,
        "timezone": hours.timezone,
        "days": {name: asdict(day) for name, day in hours.days.items()},
        "exceptions": [asdict(days) for days in hours.exceptions],
    }


def _add_teams(connection: Connection, hours: SupportHours) -> None:
    for team_id in dict.fromkeys(hours.teams):
        row = {"support_hours_id": hours.id, "team_id": team_id}
        connection.execute(insert(HOURS_TEAM).values(row))


def _remove_teams(connection: Connection, hours_id: int) -> None:
    connection.execute(delete(HOURS_TEAM).where(HOURS_TEAM.c.support_hours_id == hours_id))


def _hours(connection: Connection, rows: Sequence[Row[tuple[object, ...]]]) -> list[SupportHours]:
    teams: dict[int, list[int]] = {row.id: [] for row in rows}
    belonging = select(HOURS_TEAM).where(HOURS_TEAM.c.support_hours_id.in_(list(teams)))
    for row in connection.execute(belonging.order_by(HOURS_TEAM.c.team_id)):
        teams[row.support_hours_id].append(row.team_id)
    return [
        SupportHours(
            id=row.id,
            name=row.name,
            timezone=row.timezone,
            days={name: Day(**day) for name, day in row.days.items()},
            exceptions=tuple(_exception(days) for days in row.exceptions),
            teams=tuple(teams[row.id]),
        )
        for row in rows
    ]


def _exception(row: dict[str, str]) -> ExceptionDays:
    return ExceptionDays(row["name"], row["start"], row["end"], SupportStatus(row["status"]))
