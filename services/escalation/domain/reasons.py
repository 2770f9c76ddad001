"""Whom a level pages and why, and why what it names reaches nobody."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.escalation.domain.duty import Duty
from services.escalation.domain.policies import Distribution, Level


class Why(StrEnum):
    """Why somebody is paged, or why somebody or something reaches nobody."""

    NAMED = "NAMED"  # the level names them
    ON_CALL = "ON_CALL"  # in the schedule
    MEMBER = "MEMBER"  # of the team
    ADMIN = "ADMIN"  # the level means everybody who administers Tocsin
    NOBODY_ON_CALL = "NOBODY_ON_CALL"  # in the schedule
    TEAM_EMPTY = "TEAM_EMPTY"
    USER_GONE = "USER_GONE"
    SCHEDULE_GONE = "SCHEDULE_GONE"
    NO_ADMIN = "NO_ADMIN"
    MUTED = "MUTED"  # they said that they are not to be paged now


@dataclass(frozen=True, slots=True)
class Reason:
    """Why; of whom, by which schedule or team, as far as it is about one."""

    why: Why
    user: int = 0
    schedule: int = 0
    team: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is on a level whose people take turns."""

    user: int
    place: int  # among the level's people, from 1
    count: int  # of those who take turns
    passed: tuple[int, ...] = ()  # whose turn it was before, and who cannot be paged


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom a level pages, with a reason for each; and why those whom it means as well are not.

    Without anybody, why each target has none.
    """

    users: tuple[int, ...]
    reasons: tuple[Reason, ...]
    turn: Turn | None = None


def choose(level: Level, turn: int, reachable: Collection[int], duty: Duty) -> Choice:
    """Returns whom a level pages; where people take turns, the one whose turn it is."""
    meant = tuple(sorted(reachable)) if level.for_all else duty.people(level)
    chosen, whose = tuple(user for user in meant if user in reachable), None
    if chosen and level.distribution is Distribution.ROUND_ROBIN:
        whose = _whose_turn(meant, turn, reachable)
        chosen = (whose.user,)
    if not chosen:
        return Choice((), tuple(of_nobody(level, duty)))
    first = tuple(next(of_people(level, duty, (user,))) for user in chosen)
    passed = () if whose else tuple(of_muted(meant, duty))
    return Choice(chosen, (*first, *passed), whose)


def of_people(level: Level, duty: Duty, users: tuple[int, ...]) -> Iterator[Reason]:
    """Yields why a level means people: by person, each time that it does."""
    for user in users:
        if level.for_all:
            yield Reason(Why.ADMIN, user)
        if user in level.users:
            yield Reason(Why.NAMED, user)
        for schedule in level.schedules:
            if user in duty.on_call.get(schedule, ()):
                yield Reason(Why.ON_CALL, user, schedule=schedule)
        for team in level.teams:
            if user in duty.members.get(team, ()):
                yield Reason(Why.MEMBER, user, team=team)


def of_nobody(level: Level, duty: Duty) -> Iterator[Reason]:
    """Yields why each target of a level that reaches nobody does not."""
    muted = duty.muted.people
    if level.for_all:
        yield from of_muted(sorted(duty.muted.admins), duty)
        if not duty.muted.admins:
            yield Reason(Why.NO_ADMIN)
    yield from of_muted(duty.people(level), duty)
    yield from (Reason(Why.USER_GONE, user) for user in level.users if user not in muted)
    for schedule in level.schedules:
        on_call = duty.on_call.get(schedule)
        if not on_call:
            why = Why.SCHEDULE_GONE if on_call is None else Why.NOBODY_ON_CALL
            yield Reason(why, schedule=schedule)
        left = (user for user in on_call or () if user not in muted)
        yield from (Reason(Why.USER_GONE, user, schedule=schedule) for user in left)
    for team in level.teams:
        members = duty.members.get(team, ())
        if not members:
            yield Reason(Why.TEAM_EMPTY, team=team)
        left = (user for user in members if user not in muted)
        yield from (Reason(Why.USER_GONE, user, team=team) for user in left)


def of_muted(meant: Iterable[int], duty: Duty) -> Iterator[Reason]:
    """Yields who of those is muted."""
    yield from (Reason(Why.MUTED, user) for user in meant if user in duty.muted.people)


def _whose_turn(meant: tuple[int, ...], turn: int, reachable: Collection[int]) -> Turn:
    """Returns whose turn it is: of those who can be paged, the next."""
    first = turn % len(meant)
    in_turn = meant[first:] + meant[:first]
    passed = next(index for index, user in enumerate(in_turn) if user in reachable)
    user = in_turn[passed]
    return Turn(user, meant.index(user) + 1, len(meant), in_turn[:passed])
