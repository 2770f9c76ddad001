"""Schedules and their overrides at rest."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from services.calendar.restrictions import Restriction, WeekTime
from services.calendar.schedules import Kind, Layer, Schedule, Shift
from services.chassis.errors import NotFound
from services.chassis.paging import Page
from services.chassis.principal import Principal
from services.chassis.teams import seen_rows
from services.escalation.domain.teams import ScheduleLabel
from services.escalation.store import feeds
from services.escalation.store.belonging import only_of
from services.escalation.store.naming import oldest_called
from services.escalation.store.schedule_tables import OverrideRow, ScheduleRow, ScheduleTeamRow

SCHEDULE = ScheduleRow.__table__
SCHEDULE_TEAM = ScheduleTeamRow.__table__
OVERRIDE = OverrideRow.__table__


def add(connection: Connection, schedule: Schedule) -> None:
    """Records a new schedule."""
    connection.execute(insert(SCHEDULE).values(_columns(schedule)))
    _add_teams(connection, schedule)


def save(connection: Connection, schedule: Schedule) -> None:
    """Writes a schedule back."""
    row = update(SCHEDULE).where(SCHEDULE.c.id == schedule.id)
    connection.execute(row.values(_columns(schedule)))
    _remove_teams(connection, schedule.id)
    _add_teams(connection, schedule)


def remove(connection: Connection, schedule_id: int) -> None:
    """Forgets a schedule, its overrides and its feeds."""
    _remove_teams(connection, schedule_id)
    feeds.remove_all(connection, schedule_id)
    connection.execute(delete(OVERRIDE).where(OVERRIDE.c.schedule_id == schedule_id))
    connection.execute(delete(SCHEDULE).where(SCHEDULE.c.id == schedule_id))


def get(connection: Connection, schedule_id: int) -> Schedule:
    """Returns a schedule. Raises NotFound."""
    found = by_ids(connection, [schedule_id])
    if not found:
        raise NotFound(f"there is no schedule {schedule_id}")
    return found[schedule_id]


def get_by_name(connection: Connection, name: str, reader: Principal) -> Schedule:
    """Returns the oldest schedule with a name that the reader sees. Raises NotFound."""
    schedule_id = oldest_called(connection, SCHEDULE, name, _seen(reader))
    if schedule_id is None:
        raise NotFound(f"there is no schedule {name}")
    return get(connection, schedule_id)


def by_ids(connection: Connection, ids: Iterable[int]) -> dict[int, Schedule]:
    """Returns those schedules that exist."""
    known = select(SCHEDULE).where(SCHEDULE.c.id.in_(sorted(set(ids))))
    found = _schedules(connection, connection.execute(known).all())
    return {schedule.id: schedule for schedule in found}


def labels(connection: Connection, ids: Iterable[int]) -> dict[int, ScheduleLabel]:
    """Returns how those schedules that exist are referred to."""
    known = select(SCHEDULE.c.id, SCHEDULE.c.name).where(SCHEDULE.c.id.in_(sorted(set(ids))))
    rows = connection.execute(known).all()
    belonging = _teams_of(connection, [row.id for row in rows])
    return {row.id: ScheduleLabel(row.name, tuple(belonging[row.id])) for row in rows}


def oldest(
    connection: Connection, page: Page, teams: Iterable[int] | None, reader: Principal
) -> list[Schedule]:
    """Returns one page of schedules, oldest first; those that the reader sees.

    Of some teams, if they are said.
    """
    query = select(SCHEDULE).where(_seen(reader))
    query = query.order_by(SCHEDULE.c.id).offset(page.offset).limit(page.limit)
    if teams is not None:
        query = query.where(
            only_of(SCHEDULE.c.id, SCHEDULE_TEAM.c.schedule_id, SCHEDULE_TEAM, teams)
        )
    return _schedules(connection, connection.execute(query).all())


def seen(
    connection: Connection, reader: Principal, *, first: int = 0, most: int | None = None
) -> list[Schedule]:
    """Returns the schedules that the reader sees, by their ids, from one on and so many at most."""
    query = select(SCHEDULE).where(_seen(reader), SCHEDULE.c.id >= first)
    query = query.order_by(SCHEDULE.c.id).limit(most)
    return _schedules(connection, connection.execute(query).all())


def every(connection: Connection) -> list[Schedule]:
    """Returns all schedules, oldest first."""
    query = select(SCHEDULE).order_by(SCHEDULE.c.id)
    return _schedules(connection, connection.execute(query).all())


def of_team(connection: Connection, team_id: int) -> dict[int, str]:
    """Returns the names of the schedules that belong to a team, by id."""
    theirs = select(SCHEDULE_TEAM.c.schedule_id).where(SCHEDULE_TEAM.c.team_id == team_id)
    found = labels(connection, connection.execute(theirs).scalars())
    return {id_: label.name for id_, label in found.items()}


def naming(connection: Connection, user_id: int, now: datetime) -> dict[int, str]:
    """Returns the names of the schedules that put somebody on call, by id.

    Overrides and shifts that are over no longer do.
    """
    query = select(OVERRIDE.c.schedule_id).where(
        OVERRIDE.c.user_id == user_id, OVERRIDE.c.ends_at > now
    )
    overriding = set(connection.execute(query).scalars())
    return {
        schedule.id: schedule.name
        for schedule in every(connection)
        if schedule.id in overriding
        or any(user_id in layer.users for layer in schedule.layers)
        or any(shift.user == user_id and shift.end > now for shift in schedule.shifts)
    }


def add_override(connection: Connection, id_: int, schedule_id: int, shift: Shift) -> None:
    """Records an override; it wins over those with lower ids."""
    connection.execute(
        insert(OVERRIDE).values(
            id=id_,
            schedule_id=schedule_id,
            user_id=shift.user,
            starts_at=shift.start,
            ends_at=shift.end,
        )
    )


def remove_overrides(connection: Connection, schedule_id: int, after: datetime) -> None:
    """Forgets a schedule's overrides that end after a time."""
    lasting = OVERRIDE.c.schedule_id == schedule_id, OVERRIDE.c.ends_at > after
    connection.execute(delete(OVERRIDE).where(*lasting))


def overrides(
    connection: Connection, ids: Iterable[int], start: datetime, end: datetime | None = None
) -> dict[int, list[Shift]]:
    """Returns schedules' overrides that reach into a span, from the earliest to the latest made."""
    found: dict[int, list[Shift]] = {id_: [] for id_ in ids}
    reaching = select(OVERRIDE).where(
        OVERRIDE.c.schedule_id.in_(sorted(found)),
        OVERRIDE.c.ends_at > start,
    )
    if end is not None:
        reaching = reaching.where(OVERRIDE.c.starts_at < end)
    for row in connection.execute(reaching.order_by(OVERRIDE.c.id)):
        found[row.schedule_id].append(_override(row))
    return found


def unfinished_overrides(
    connection: Connection, schedule_id: int, now: datetime
) -> list[tuple[int, Shift]]:
    """Returns a schedule's overrides that have not ended, with their ids, by their start."""
    known = select(OVERRIDE).where(OVERRIDE.c.schedule_id == schedule_id, OVERRIDE.c.ends_at > now)
    rows = connection.execute(known.order_by(OVERRIDE.c.starts_at, OVERRIDE.c.id))
    return [(row.id, _override(row)) for row in rows]


def get_override(connection: Connection, schedule_id: int, id_: int) -> Shift:
    """Returns an override of a schedule. Raises NotFound."""
    known = select(OVERRIDE).where(OVERRIDE.c.schedule_id == schedule_id, OVERRIDE.c.id == id_)
    row = connection.execute(known).one_or_none()
    if row is None:
        raise NotFound(f"schedule {schedule_id} has no override {id_}")
    return _override(row)


def save_override(connection: Connection, id_: int, shift: Shift) -> None:
    """Writes an override back; it wins over whatever it won over before."""
    known = update(OVERRIDE).where(OVERRIDE.c.id == id_)
    values = {"user_id": shift.user, "starts_at": shift.start, "ends_at": shift.end}
    connection.execute(known.values(values))


def remove_override(connection: Connection, id_: int) -> None:
    """Forgets an override."""
    connection.execute(delete(OVERRIDE).where(OVERRIDE.c.id == id_))


def _override(row: Row[tuple[object, ...]]) -> Shift:
    return Shift(row.user_id, row.starts_at, row.ends_at)


def _seen(reader: Principal) -> ColumnElement[bool]:
    return seen_rows(reader, SCHEDULE.c.id, SCHEDULE_TEAM.c.schedule_id, SCHEDULE_TEAM)


def _columns(schedule: Schedule) -> dict[str, Any]:
    return {
        "id": schedule.id,
        "name": schedule.name,
        "timezone": schedule.timezone,
        "kind": schedule.kind,
        "layers": [asdict(layer) for layer in schedule.layers],
        "shifts": [
            [shift.user, shift.start.isoformat(), shift.end.isoformat()]
            for shift in schedule.shifts
        ],
        "show_gaps": schedule.show_gaps,
        "default_shift_duration": schedule.default_shift_duration,
    }


def _add_teams(connection: Connection, schedule: Schedule) -> None:
    for team_id in dict.fromkeys(schedule.teams):
        connection.execute(insert(SCHEDULE_TEAM).values(schedule_id=schedule.id, team_id=team_id))


def _remove_teams(connection: Connection, schedule_id: int) -> None:
    connection.execute(delete(SCHEDULE_TEAM).where(SCHEDULE_TEAM.c.schedule_id == schedule_id))


def _teams_of(connection: Connection, ids: Iterable[int]) -> dict[int, list[int]]:
    """Returns the teams that each schedule belongs to."""
    teams: dict[int, list[int]] = {id_: [] for id_ in ids}
    belonging = select(SCHEDULE_TEAM).where(SCHEDULE_TEAM.c.schedule_id.in_(list(teams)))
    for row in connection.execute(belonging.order_by(SCHEDULE_TEAM.c.team_id)):
        teams[row.schedule_id].append(row.team_id)
    return teams


def _schedules(connection: Connection, rows: Sequence[Row[tuple[object, ...]]]) -> list[Schedule]:
    teams = _teams_of(connection, [row.id for row in rows])
    return [
        Schedule(
            id=row.id,
            name=row.name,
            timezone=row.timezone,
            kind=Kind(row.kind),
            layers=tuple(_layer(layer) for layer in row.layers),
            shifts=tuple(
                Shift(user, datetime.fromisoformat(start), datetime.fromisoformat(end))
                for user, start, end in row.shifts
            ),
            show_gaps=row.show_gaps,
            default_shift_duration=row.default_shift_duration,
            teams=tuple(teams[row.id]),
        )
        for row in rows
    ]


def _layer(row: dict[str, Any]) -> Layer:
    """Reads a layer; older rows do not have all of it."""
    restrictions = tuple(
        Restriction(WeekTime(**each["start"]), WeekTime(**each["end"]))
        for each in row.get("restrictions", ())
    )
    several = {"users": tuple(row["users"]), "rotations": tuple(row.get("rotations", ()))}
    return Layer(**row | several | {"restrictions": restrictions})
