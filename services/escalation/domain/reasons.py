"""Why a level means a person, or nobody."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.escalation.domain.duty import Duty
from services.escalation.domain.policies import Level


class Why(StrEnum):
    """What a reason is."""

    NAMED = "NAMED"  # the level names the person
    ON_CALL = "ON_CALL"
    MEMBER = "MEMBER"
    ADMIN = "ADMIN"  # the level means everybody who administers Tocsin
    NOBODY_ON_CALL = "NOBODY_ON_CALL"
    TEAM_EMPTY = "TEAM_EMPTY"
    USER_GONE = "USER_GONE"
    SCHEDULE_GONE = "SCHEDULE_GONE"
    NO_ADMIN = "NO_ADMIN"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; 0 for what it is not about."""

    why: Why
    user: int = 0
    schedule: int = 0
    team: int = 0


def of_people(level: Level, duty: Duty, users: tuple[int, ...]) -> Iterator[Reason]:
    """Yields why a level means people: by person, each time that it does."""
    for user in users:
        if level.for_all:
            yield Reason(Why.ADMIN, user)
        if user in level.users:
            yield Reason(Why.NAMED, user)
        for id_ in level.schedules:
            if user in duty.on_call.get(id_, ()):
                yield Reason(Why.ON_CALL, user, schedule=id_)
        for id_ in level.teams:
            if user in duty.members.get(id_, ()):
                yield Reason(Why.MEMBER, user, team=id_)


def of_nobody(level: Level, duty: Duty) -> Iterator[Reason]:
    """Yields why each target of a level that reaches nobody does not."""
    if level.for_all:
        yield Reason(Why.NO_ADMIN)
    for user in level.users:
        yield Reason(Why.USER_GONE, user)
    for id_ in level.schedules:
        known = id_ in duty.on_call
        yield Reason(Why.NOBODY_ON_CALL if known else Why.SCHEDULE_GONE, schedule=id_)
    for id_ in level.teams:
        yield Reason(Why.TEAM_EMPTY, team=id_)
