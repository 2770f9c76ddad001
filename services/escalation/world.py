"""Everybody and everything that decides who is paged, as values: at rest here, or in a document.

Paging asks the database at each step (`on_duty`). Whoever looks at many moments takes all that
matters out of it once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from services.calendar.schedules import Schedule, Shift
from services.escalation import on_duty
from services.escalation.documents.records import Records
from services.escalation.domain.duty import Duty, Muted
from services.escalation.domain.fallbacks import following
from services.escalation.domain.policies import Level, Policy
from services.escalation.domain.teams import Label
from services.escalation.domain.users import Role, User
from services.escalation.on_duty import Rota
from services.escalation.store import policies, teams, users, webhooks
from tocsin.notification.v1.webhook_pb2 import Webhook


@dataclass(frozen=True)
class World:
    """Schedules with their overrides, teams with their members, and people."""

    rota: Rota
    members: Mapping[int, tuple[int, ...]]  # by team
    people: Mapping[int, User]
    labels: Mapping[int, Label]  # of teams
    webhooks: Mapping[int, Webhook] = field(default_factory=dict)
    gone: frozenset[int] = frozenset()  # webhooks that were deleted

    @cached_property
    def _hushed(self) -> Sequence[User]:
        """Those who are muted at some time."""
        return [user for user in self.people.values() if user.muted_until is not None]

    def shift(self, schedule_id: int, user: int, at: datetime) -> Shift | None:
        """Returns somebody's shift of a moment; None if they are not on call."""
        found = self.rota.currents(schedule_id, at)
        return next((shift for shift in found if shift.user == user), None)

    def duty(self, levels: Collection[Level], at: datetime) -> Duty:
        """Returns who is meant by the schedules and teams of levels at a moment."""
        ids = {id_ for level in levels for id_ in level.schedules}
        return Duty(self.rota.people(ids, at), self.members, self.gone, self.muted(at))

    def muted(self, at: datetime) -> Muted:
        """Returns who is muted at a moment."""
        return on_duty.muted(self._hushed, at)

    def reachable(self, levels: Collection[Level], duty: Duty) -> frozenset[int]:
        """Returns who of those can be paged, as `on_duty.reachable` does."""
        if any(level.for_all for level in levels):
            admins = (id_ for id_, each in self.people.items() if each.role is Role.ADMIN)
            return frozenset(admins) - duty.muted.people
        meant = {user for level in levels for user in duty.people(level)}
        return frozenset(meant & self.people.keys()) - duty.muted.people


@dataclass(frozen=True, slots=True)
class Others:
    """Who and what is told of besides, though no level means it."""

    users: Collection[int] = ()
    teams: Collection[int] = ()


NO_OTHERS = Others()


def around(
    connection: Connection,
    levels: Collection[Level],
    start: datetime,
    end: datetime,
    others: Others = NO_OTHERS,
) -> World:
    """Returns all that matters to levels from one time to another, and some others."""
    rota = on_duty.rota(connection, {id_ for lvl in levels for id_ in lvl.schedules}, start, end)
    named = {id_ for level in levels for id_ in level.teams}
    members = teams.members_of(connection, named)
    ids = {*others.users, *_named(levels, rota.schedules.values(), rota.overrides, members)}
    if any(level.for_all for level in levels):
        ids |= users.admins(connection)
    owners = {team for schedule in rota.schedules.values() for team in schedule.teams}
    called = {id_ for level in levels for id_ in level.webhooks}
    return World(
        rota,
        members,
        users.by_ids(connection, ids),
        teams.labels(connection, {*named, *owners, *others.teams}),
        webhooks.known(connection, called),
        webhooks.gone(connection, called),
    )


@dataclass(frozen=True, slots=True)
class Unseen:
    """What records refer to and is not among them: it pages all the same."""

    rota: Rota
    members: Mapping[int, tuple[int, ...]]
    policies: Mapping[int, Policy]  # which follow others
    webhooks: Mapping[int, Webhook]
    gone: frozenset[int]  # webhooks that were deleted


def unseen(connection: Connection, records: Records, start: datetime, end: datetime) -> Unseen:
    """Returns what policies refer to that is not among the records."""
    every = {policy.id: policy for policy in policies.every(connection)}
    after = (each for policy in records.policies.values() for each in following(policy, every.get))
    hidden = {policy.id: policy for policy in after if policy.id not in records.policies}
    known = [*records.policies.values(), *hidden.values()]
    levels = [level for policy in known for level in policy.levels]
    plans = {id_ for level in levels for id_ in level.schedules} - records.schedules.keys()
    groups = {id_ for level in levels for id_ in level.teams} - records.teams.keys()
    called = {*records.webhooks, *(id_ for level in levels for id_ in level.webhooks)}
    return Unseen(
        on_duty.rota(connection, plans, start, end),
        teams.members_of(connection, groups),
        hidden,
        webhooks.known(connection, called),
        webhooks.gone(connection, called),
    )


def of_records(records: Records, unseen: Unseen) -> World:
    """Returns the world of a document, or of what is stored."""
    overrides = {id_: records.overrides.get(id_, ()) for id_ in records.schedules}
    members = {
        id_: tuple(member.user_id for member in team.members) for id_, team in records.teams.items()
    }
    schedules = {**unseen.rota.schedules, **records.schedules}
    return World(
        Rota(schedules, {**unseen.rota.overrides, **overrides}),
        {**unseen.members, **members},
        records.users,
        {id_: Label(team.name, team.visibility) for id_, team in records.teams.items()},
        unseen.webhooks,
        unseen.gone,
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
