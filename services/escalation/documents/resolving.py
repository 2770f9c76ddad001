"""From a document to records: pure, with every fault that can be known without a database.

    records = resolve(configuration, stored, now)

A record that is stored under its name keeps its id; a new one gets the next that is free. What
a record refers to is looked up in the document and in what is stored.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import repeat
from typing import Any, TypeVar

from services.calendar import schedules as calendar
from services.calendar.schedules import Schedule, Shift, checked_shift
from services.chassis.errors import TocsinError
from services.escalation.documents.linking import linked
from services.escalation.documents.names import (
    HOURS,
    POLICY,
    SCHEDULE,
    TEAM,
    USER,
    WEBHOOK,
    Named,
    Names,
    called,
    names,
    title,
)
from services.escalation.documents.problems import Problem, Unresolved, of_error
from services.escalation.documents.records import Records
from services.escalation.domain import policies, support_hours, teams, users
from services.escalation.domain.checks import folded
from services.escalation.domain.fallbacks import Link, refuse_circles, refuse_unknown
from services.escalation.domain.policies import Policy
from services.escalation.domain.support_hours import SupportHours
from services.escalation.domain.teams import Team
from services.escalation.domain.users import User
from services.escalation.wire import people as people_wire
from services.escalation.wire import policies as policy_wire
from services.escalation.wire import schedules as schedule_wire
from services.escalation.wire import support_hours as hours_wire
from services.escalation.wire import teams as team_wire
from tocsin.configuration.v1.configuration_pb2 import Configuration
from tocsin.escalation.v1 import user_pb2

T = TypeVar("T")
M = TypeVar("M", bound=Named)


def resolve(configuration: Configuration, stored: Records, now: datetime) -> Records:
    """Returns the records that a document tells of, by their ids.

    Overrides are those of the document, for each of its schedules. Raises Unresolved with
    everything that is wrong.
    """
    reading = _Reading(stored, now)
    records = reading.records(configuration)
    if reading.problems:
        raise Unresolved(reading.problems)
    return records


def placed(
    section: str, messages: Iterable[M], problems: list[Problem], inside: str = ""
) -> list[tuple[str, M]]:
    """Returns the records of a section, each with its place.

    Adds a problem for each that has no name, or that of another.
    """
    seen: dict[str, str] = {}
    found = []
    for index, message in enumerate(messages):
        place, name = f"{section}[{index}]{inside}", called(message)
        if not name:
            word = "email" if isinstance(message, user_pb2.User) else "name"
            problems.append(Problem(f"{place}.{word}", "is required"))
        elif (key := folded(title(message))) in seen:
            problems.append(Problem(place, f"{title(message)} is at {seen[key]} already"))
        else:
            seen[key] = place
            found.append((place, message))
    return found


class _Reading:
    """One document on its way to records."""

    def __init__(self, stored: Records, now: datetime) -> None:
        self.problems: list[Problem] = []
        self._stored = stored
        self._now = now
        self._names: Names = names(stored)
        self._ids: dict[str, set[int]] = {kind: set(ids) for kind, ids in _known(stored).items()}

    def records(self, told: Configuration) -> Records:
        """Returns the records, as far as nothing is wrong with them."""
        plans = [each.schedule for each in told.schedules]
        people = self._claimed(USER, "users", told.users)
        groups = self._claimed(TEAM, "teams", told.teams)
        rotas = self._claimed(SCHEDULE, "schedules", plans, ".schedule")
        hours = self._claimed(HOURS, "supportHours", told.support_hours)
        rules = self._claimed(POLICY, "escalationPolicies", told.escalation_policies)
        schedules = self._read(rotas, self._schedule)
        return Records(
            users=self._read(people, self._user),
            teams=self._read(groups, self._team),
            schedules=schedules,
            overrides=self._overrides(told, schedules),
            support_hours=self._read(hours, self._hours),
            policies=self._following(rules, self._read(rules, self._policy)),
        )

    def _claimed(
        self, kind: str, section: str, messages: Iterable[M], inside: str = ""
    ) -> dict[int, tuple[str, M]]:
        """Returns the records of a section by their ids, which those that are new get here."""
        found = {}
        free = max(self._ids[kind], default=0) + 1
        for place, message in placed(section, messages, self.problems, inside):
            name = called(message)
            ids = self._names.find(kind, name)
            if len(ids) > 1:
                why = f"several are the {kind} {name}: {', '.join(map(str, ids))}"
                self.problems.append(Problem(place, why))
                continue
            id_ = ids[0] if ids else free
            free += not ids
            found[id_] = (place, message)
        for id_, (_, message) in found.items():
            self._names.add(kind, called(message), id_)
            self._ids[kind].add(id_)
        return found

    def _read(
        self, section: Mapping[int, tuple[str, M]], read: Callable[[M, int], T]
    ) -> dict[int, T]:
        found = {}
        for id_, (place, message) in section.items():
            faults: list[Problem] = []
            whole = linked(message, place, self._names, faults)
            if not faults:
                try:
                    found[id_] = read(whole, id_)
                except TocsinError as error:
                    faults.append(of_error(place, error))
            self.problems += faults
        return found

    def _user(self, told: Any, id_: int) -> User:
        user = users.checked(people_wire.new_user(told, id_, self._now))
        known = self._stored.users.get(id_, user)
        return replace(user, created_at=known.created_at, updated_at=known.updated_at)

    def _team(self, told: Any, id_: int) -> Team:
        team = team_wire.new_team(told, id_, self._now)
        known = self._stored.teams.get(id_, team)
        checked = teams.checked(team, users=self._ids[USER])
        return replace(checked, created_at=known.created_at, updated_at=known.updated_at)

    def _schedule(self, told: Any, id_: int) -> Schedule:
        schedule = schedule_wire.new_schedule(told, id_)
        checked = calendar.checked(schedule, users=self._ids[USER], teams=self._ids[TEAM])
        return replace(checked, teams=tuple(sorted(checked.teams)))  # as they are stored

    def _hours(self, told: Any, id_: int) -> SupportHours:
        hours = hours_wire.new_support_hours(told, id_)
        checked = support_hours.checked(hours, teams=self._ids[TEAM])
        return replace(checked, teams=tuple(sorted(checked.teams)))

    def _policy(self, told: Any, id_: int) -> Policy:
        checked = policies.checked(
            policies.changeable(policy_wire.new_policy(told, id_)),
            users=self._ids[USER],
            teams=self._ids[TEAM],
            schedules=self._ids[SCHEDULE],
            webhooks=self._ids[WEBHOOK],
        )
        refuse_unknown(checked, self._ids[POLICY])
        known = self._stored.policies.get(id_, checked)
        return replace(checked, teams=tuple(sorted(checked.teams)), version=known.version)

    def _following(
        self, told: Mapping[int, tuple[str, Any]], found: dict[int, Policy]
    ) -> dict[int, Policy]:
        """Returns policies that were read; adds a problem if they follow in a circle."""
        every = {**self._stored.policies, **found}
        links = {id_: Link(policy.name, policy.fallback) for id_, policy in every.items()}
        for id_, policy in found.items():
            if policy.fallback is not None:
                try:
                    refuse_circles(links, id_)
                except TocsinError as error:
                    self.problems.append(of_error(told[id_][0], error))
        return found

    def _overrides(
        self, told: Configuration, schedules: Mapping[int, Schedule]
    ) -> dict[int, tuple[Shift, ...]]:
        found = {}
        for index, each in enumerate(told.schedules):
            ids = self._names.find(SCHEDULE, called(each.schedule))
            if len(ids) == 1 and ids[0] in schedules:
                zone = schedules[ids[0]].timezone
                places = (f"schedules[{index}].overrides[{n}]" for n in range(len(each.overrides)))
                shifts = map(self._shift, each.overrides, places, repeat(zone))
                found[ids[0]] = tuple(shift for shift in shifts if shift)
        return found

    def _shift(self, told: Any, place: str, zone: str) -> Shift | None:
        faults: list[Problem] = []
        whole = linked(told, place, self._names, faults)
        self.problems += faults
        if faults:
            return None
        try:
            return checked_shift(schedule_wire.shift_value(whole, zone), self._ids[USER])
        except TocsinError as error:
            self.problems.append(of_error(place, error))
            return None


def _known(stored: Records) -> dict[str, Collection[int]]:
    """Returns the ids that there are, by kind; also of what records refer to and nobody sees."""
    rules = stored.policies.values()
    unseen = {team for each in stored.schedules.values() for team in each.teams}
    unseen |= {team for each in stored.support_hours.values() for team in each.teams}
    unseen |= {team for policy in rules for team in policy.named_teams}
    rotas = {schedule for policy in rules for schedule in policy.named_schedules}
    fallbacks = {policy.fallback for policy in rules if policy.fallback}
    called = {webhook for policy in rules for webhook in policy.named_webhooks}
    return {
        USER: stored.users,
        TEAM: {*stored.teams, *unseen},
        SCHEDULE: {*stored.schedules, *rotas},
        HOURS: stored.support_hours,
        POLICY: {policies.BUILT_IN, *stored.policies, *fallbacks},
        WEBHOOK: {*stored.webhooks, *called},
    }
