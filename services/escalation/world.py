"""Everybody and everything that decides who is paged, as values: at rest here, or in a document.

Paging asks the database at each step (`on_duty`). Whoever looks at many moments takes all that
matters out of it once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.calendar import on_call
from services.calendar.schedules import Schedule, Shift
from services.escalation import on_duty
from services.escalation.documents.records import Records
from services.escalation.domain.duty import Duty
from services.escalation.domain.policies import Level
from services.escalation.domain.teams import Label
from services.escalation.domain.users import Role, User
from services.escalation.on_duty import Rota
from services.escalation.store import teams, users, webhooks
from tocsin.notification.v1.webhook_pb2 import Webhook

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class World:
    """Schedules with their overrides, teams with their members, people, and webhooks."""

    rota: Rota
    members: Mapping[int, tuple[int, ...]]  # by team
    people: Mapping[int, User]
    labels: Mapping[int, Label]  # of teams
    webhooks: Mapping[int, Webhook] = field(default_factory=dict)  # those that are known
    gone: frozenset[int] = frozenset()  # webhooks that were deleted

    def shift(self, schedule_id: int, user: int, at: datetime) -> Shift | None:
        """Returns somebody's shift of a moment; None if they are not on call."""
        known = self.rota.schedules[schedule_id]
        overrides = self.rota.overrides[schedule_id]
        found = on_call.shifts(known, at, at + _MOMENT, overrides)
        return next((shift for shift in found if shift.user == user), None)

    def duty(self, levels: Collection[Level], at: datetime) -> Duty:
        """Returns who is meant by the schedules and teams of levels at a moment."""
        ids = {id_ for level in levels for id_ in level.schedules}
        return Duty(self.rota.people(ids, at), self.members, self.gone)

    def reachable(self, levels: Collection[Level], duty: Duty) -> frozenset[int]:
        """Returns who of those can be paged, as `on_duty.reachable` does."""
        if any(level.for_all for level in levels):
            return frozenset(id_ for id_, each in self.people.items() if each.role is Role.ADMIN)
        meant = {user for level in levels for user in duty.people(level)}
        return frozenset(meant & self.people.keys())


def around(
    connection: Connection,
    levels: Collection[Level],
    start: datetime,
    end: datetime,
    others: Iterable[int] = (),
) -> World:
    """Returns all that matters to levels from one time to another, and some other people."""
    rota = on_duty.rota(connection, {id_ for lvl in levels for id_ in lvl.schedules}, start, end)
    named = {id_ for level in levels for id_ in level.teams}
    members = teams.members_of(connection, named)
    ids = {*others, *_named(levels, rota.schedules.values(), rota.overrides, members)}
    if any(level.for_all for level in levels):
        ids |= users.admins(connection)
    owners = {team for schedule in rota.schedules.values() for team in schedule.teams}
    hooks = {id_ for level in levels for id_ in level.webhooks}
    return World(
        rota,
        members,
        users.by_ids(connection, ids),
        teams.labels(connection, named | owners),
        webhooks.known(connection, hooks),
        webhooks.gone(connection, hooks),
    )


@dataclass(frozen=True, slots=True)
class Unseen:
    """What records refer to and whoever asks does not see; it pages all the same."""

    rota: Rota
    members: Mapping[int, tuple[int, ...]]
    gone: frozenset[int] = frozenset()  # webhooks that were deleted


def unseen(connection: Connection, records: Records, start: datetime, end: datetime) -> Unseen:
    """Returns what policies refer to that is not among the records."""
    levels = [level for policy in records.policies.values() for level in policy.levels]
    plans = {id_ for level in levels for id_ in level.schedules} - records.schedules.keys()
    groups = {id_ for level in levels for id_ in level.teams} - records.teams.keys()
    rota = on_duty.rota(connection, plans, start, end)
    hooks = {id_ for level in levels for id_ in level.webhooks}
    return Unseen(rota, teams.members_of(connection, groups), webhooks.gone(connection, hooks))


def of_records(records: Records, unseen: Unseen) -> World:
    """Returns the world of a document, or of what is stored."""
    overrides = {id_: records.overrides.get(id_, ()) for id_ in records.schedules}
    members = {
        id_: tuple(member.user_id for member in team.members) for id_, team in records.teams.items()
    }
    return World(
        Rota(
            {**unseen.rota.schedules, **records.schedules}, {**unseen.rota.overrides, **overrides}
        ),
        {**unseen.members, **members},
        records.users,
        {id_: Label(team.name, team.visibility) for id_, team in records.teams.items()},
        gone=unseen.gone,
    )


def _named(
    levels: Collection[Level],
    schedules: Iterable[Schedule],
    overrides: Mapping[int, Sequence[Shift]],
    members: Mapping[int, tuple[int, ...]],
) -> Iterable[int]:
    """Yields everybody who is named anywhere."""
    for level in levels:
        yield from level.users
    for schedule in schedules:
        yield from schedule.users
    for shifts in overrides.values():
        yield from (shift.user for shift in shifts)
    for ids in members.values():
        yield from ids
