"""Who is on call, by the rules of `services.calendar`, with the overrides that are on record."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.calendar import on_call
from services.calendar.schedules import Schedule, Shift
from services.escalation.domain.duty import Duty
from services.escalation.domain.policies import Level
from services.escalation.store import schedules, teams, users

#: How far what lies outside of a span can reach into what lies in it: two longest turns.
REACH = timedelta(days=2 * 368)


def duty(connection: Connection, levels: Collection[Level], at: datetime) -> Duty:
    """Returns who is meant by the schedules and teams of levels at a moment."""
    by_schedule = {id_ for level in levels for id_ in level.schedules}
    by_team = {id_ for level in levels for id_ in level.teams}
    return Duty(
        people(connection, by_schedule, at) if by_schedule else {},
        teams.members_of(connection, by_team) if by_team else {},
    )


def reachable(connection: Connection, levels: Collection[Level], duty: Duty) -> frozenset[int]:
    """Returns who of those can be paged; every admin, if a level means nobody in particular."""
    if any(not (level.users or level.schedules or level.teams) for level in levels):
        return users.admins(connection)
    return users.existing(connection, (user for level in levels for user in duty.people(level)))


def people(connection: Connection, ids: Iterable[int], at: datetime) -> dict[int, tuple[int, ...]]:
    """Returns who is on call in those schedules that exist, by schedule."""
    known = schedules.by_ids(connection, ids)
    overrides = schedules.overrides(connection, known, at - REACH, at + REACH)
    return {id_: on_call.on_call(schedule, at, overrides[id_]) for id_, schedule in known.items()}


def current(connection: Connection, schedule: Schedule, at: datetime) -> Shift | None:
    """Returns a schedule's shift of a moment; None in a gap."""
    overrides = schedules.overrides(connection, [schedule.id], at - REACH, at + REACH)
    return on_call.current(schedule, at, overrides[schedule.id])


def following(connection: Connection, schedule: Schedule, at: datetime) -> Shift | None:
    """Returns a schedule's first shift that begins after a moment, within about a year."""
    overrides = schedules.overrides(connection, [schedule.id], at - REACH)
    return on_call.following(schedule, at, overrides[schedule.id])


def shifts(
    connection: Connection, schedule: Schedule, start: datetime, end: datetime
) -> list[Shift]:
    """Returns a schedule's shifts of a span, overrides included."""
    overrides = schedules.overrides(connection, [schedule.id], start - REACH, end + REACH)
    return on_call.shifts(schedule, start, end, overrides[schedule.id])
