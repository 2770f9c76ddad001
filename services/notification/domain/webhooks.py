"""What a webhook is, and what it may look like."""

from dataclasses import dataclass
from datetime import datetime

from services.chassis.errors import InvalidRequest
from services.chassis.texts import is_line

LONGEST_NAME = 255
MOST_TEAMS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where a program hears of pages.

    Its URL and its secret are nowhere near, so that neither can be told by accident.
    """

    id: int
    name: str
    origin: str  # its URL, as everybody may see it
    team_ids: tuple[int, ...] = ()
    events: tuple[str, ...] = ()  # what it is told of besides pages
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    """A webhook that is told of events, and whose it is."""

    id: int
    events: frozenset[str]
    team_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a webhook took the events that it was told of."""

    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_failure: str
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a webhook shall be."""

    name: str
    url: str | None  # None: the one that it has
    team_ids: tuple[int, ...] = ()
    events: tuple[str, ...] = ()


def checked(wanted: Wanted) -> Wanted:
    """Returns what a webhook may be. Raises InvalidRequest naming the field."""
    if not 1 <= len(wanted.name) <= LONGEST_NAME:
        raise InvalidRequest(f"name must have 1 to {LONGEST_NAME} characters", field="name")
    if not is_line(wanted.name):
        raise InvalidRequest("name must be one line of text", field="name")
    if len(wanted.team_ids) > MOST_TEAMS:
        raise InvalidRequest(f"teams must be {MOST_TEAMS} at most", field="teams")
    return wanted
