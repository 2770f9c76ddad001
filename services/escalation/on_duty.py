"""Who is on call, by the rules of `services.calendar`, with the overrides that are on record."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.calendar import on_call
from services.calendar.schedules import Schedule, Shift
from services.escalation.domain.duty import Duty, Muted
from services.escalation.domain.policies import Level
from services.escalation.domain.users import Role, User
from services.escalation.store import schedules, teams, users, webhooks

#: How far what lies outside of a span can reach into what lies in it: two longest turns.
REACH = timedelta(days=2 * 368)


@dataclass(frozen=True, slots=True)
class Rota:
    """Schedules with all of their overrides that matter in a span."""

    schedules: Mapping[int, Schedule]
    overrides: Mapping[int, Sequence[Shift]]

    def people(self, ids: Iterable[int], at: datetime) -> dict[int, tuple[int, ...]]:
        """Returns who is on call in those schedules that exist, by schedule."""
        known = [(id_, self.schedules[id_]) for id_ in ids if id_ in self.schedules]
        return {id_: on_call.on_call(each, at, self.overrides[id_]) for id_, each in known}

    def current(self, id_: int, at: datetime) -> Shift | None:
        """Returns a schedule's first shift of a moment; None in a gap."""
        return on_call.current(self.schedules[id_], at, self.overrides[id_])

    def currents(self, id_: int, at: datetime) -> list[Shift]:
        """Returns all of a schedule's shifts of a moment, in the order of `people`."""
        return on_call.currents(self.schedules[id_], at, self.overrides[id_])

    def followings(self, id_: int, at: datetime) -> list[Shift]:
        """Returns the shifts of a schedule that begin next at once, within about a year."""
        return on_call.followings(self.schedules[id_], at, self.overrides[id_])

    def shifts(self, id_: int, start: datetime, end: datetime) -> list[Shift]:
        """Returns a schedule's shifts of a part of the span."""
        return on_call.shifts(self.schedules[id_], start, end, self.overrides[id_])

    def following(self, id_: int, at: datetime) -> Shift | None:
        """Returns a schedule's first shift that begins after a moment, within about a year."""
        return on_call.following(self.schedules[id_], at, self.overrides[id_])


#: Where no schedule is asked for.
NO_ROTA = Rota({}, {})


def rota(connection: Connection, ids: Iterable[int], start: datetime, end: datetime) -> Rota:
    """Returns those schedules that exist, for questions about moments of a span."""
    return rota_of(connection, schedules.by_ids(connection, ids).values(), start, end)


def rota_of(
    connection: Connection,
    known: Iterable[Schedule],
    start: datetime,
    end: datetime | None = None,
) -> Rota:
    """Returns schedules, for questions about moments of a span; without an end, of any later."""
    by_id = {schedule.id: schedule for schedule in known}
    until = None if end is None else end + REACH
    overrides = schedules.overrides(connection, by_id, start - REACH, until) if by_id else {}
    return Rota(by_id, overrides)


def duty(connection: Connection, levels: Collection[Level], at: datetime) -> Duty:
    """Returns who is meant by the schedules and teams of levels at a moment."""
    return duties(connection, [(levels, at)])[0]


def duties(
    connection: Connection, asked: Sequence[tuple[Collection[Level], datetime]]
) -> list[Duty]:
    """Returns who is meant by the schedules and teams of levels, each time at its moment."""
    levels = [level for each, _ in asked for level in each]
    moments = [at for _, at in asked]
    by_schedule = {id_ for level in levels for id_ in level.schedules}
    by_team = {id_ for level in levels for id_ in level.teams}
    members = teams.members_of(connection, by_team) if by_team else {}
    gone = webhooks.gone(connection, {id_ for level in levels for id_ in level.webhooks})
    hushed = users.muted(connection, min(moments)).values() if moments else ()
    known = rota(connection, by_schedule, min(moments), max(moments)) if by_schedule else NO_ROTA
    return [
        Duty(
            known.people({id_ for level in each for id_ in level.schedules}, at),
            members,
            gone,
            muted(hushed, at),
        )
        for each, at in asked
    ]


def muted(known: Iterable[User], at: datetime) -> Muted:
    """Returns who of those is muted at a moment."""
    found = [user for user in known if user.is_muted(at)]
    return Muted(
        frozenset(user.id for user in found),
        frozenset(user.id for user in found if user.role is Role.ADMIN),
    )


def reachable(connection: Connection, levels: Collection[Level], duty: Duty) -> frozenset[int]:
    """Returns who of those can be paged; every admin, if a level means nobody in particular.

    Who is muted cannot.
    """
    return reachables(connection, [(levels, duty)])[0]


def reachables(
    connection: Connection, asked: Sequence[tuple[Collection[Level], Duty]]
) -> list[frozenset[int]]:
    """Returns who of each of those can be paged, or is an admin where `reachable` says so."""
    named = {user for levels, duty in asked for each in levels for user in duty.people(each)}
    existing = users.existing(connection, named)
    for_all = [any(level.for_all for level in levels) for levels, _ in asked]
    admins = users.admins(connection) if any(for_all) else existing
    return [
        (admins if everybody else existing) - duty.muted.people
        for everybody, (_, duty) in zip(for_all, asked, strict=True)
    ]


def people(connection: Connection, ids: Iterable[int], at: datetime) -> dict[int, tuple[int, ...]]:
    """Returns who is on call in those schedules that exist, by schedule."""
    known = rota(connection, ids, at, at)
    return known.people(known.schedules, at)


def current(connection: Connection, schedule: Schedule, at: datetime) -> Shift | None:
    """Returns a schedule's first shift of a moment; None in a gap."""
    return rota_of(connection, [schedule], at, at).current(schedule.id, at)


def shifts(
    connection: Connection, schedule: Schedule, start: datetime, end: datetime
) -> list[Shift]:
    """Returns a schedule's shifts of a span, overrides included."""
    overrides = schedules.overrides(connection, [schedule.id], start - REACH, end + REACH)
    return on_call.shifts(schedule, start, end, overrides[schedule.id])
