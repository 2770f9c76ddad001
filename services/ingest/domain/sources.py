"""What an alert source is, and what it may look like."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from services.chassis.errors import InvalidRequest, WrongState
from services.chassis.texts import folded, is_address, is_line
from services.ingest.domain.events import Priority
from services.ingest.domain.integrations import INTEGRATION_TYPES
from services.ingest.domain.limits import MOST

#: The built-in source, from which the suite's alerts about itself come.
SUITE_SOURCE_ID = 1
SUITE_POLICY_ID = 1

LONGEST_NAME = 255
LONGEST_ADDRESS = 2048
MOST_TEAMS = 100
#: After how many seconds alerts may resolve by themselves, as people write it.
AUTO_RESOLUTIONS = {f"PT{minutes}M": minutes * 60 for minutes in (10, 20, 30, 40, 50, 60, 90)} | {
    f"PT{hours}H": hours * 3600 for hours in (2, 3, 4, 5, 6, 12, 24)
}


class Creation(StrEnum):
    """When an event that matches no open alert by its key makes a new one."""

    ONE_ALERT_PER_EMAIL = "ONE_ALERT_PER_EMAIL"
    ONE_ALERT_PER_EMAIL_SUBJECT = "ONE_ALERT_PER_EMAIL_SUBJECT"
    ONE_PENDING_ALERT_ALLOWED = "ONE_PENDING_ALERT_ALLOWED"
    ONE_OPEN_ALERT_ALLOWED = "ONE_OPEN_ALERT_ALLOWED"


class Status(StrEnum):
    """How a source stands."""

    PENDING = "PENDING"
    ALL_ACCEPTED = "ALL_ACCEPTED"
    ALL_RESOLVED = "ALL_RESOLVED"
    DISABLED = "DISABLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where events come from. Its key is nowhere near, so that it cannot be told by accident."""

    id: int
    name: str
    integration_type: str
    policy_id: int
    active: bool = True
    priority_rule: Priority = Priority.HIGH
    creation: Creation = Creation.ONE_ALERT_PER_EMAIL
    auto_resolution: str | None = None  # a word of AUTO_RESOLUTIONS; None: never
    icon_url: str | None = None
    support_hours_id: int | None = None
    team_ids: tuple[int, ...] = ()
    deduplication_key_required: bool = True  # asked of events in incident.io's dialect
    events_per_minute: int | None = None  # None: the deployment's default
    version: int = 0  # grows with every change

    @property
    def auto_resolution_seconds(self) -> int:
        """After how long its alerts resolve by themselves; 0 for never."""
        return AUTO_RESOLUTIONS[self.auto_resolution] if self.auto_resolution else 0


#: Where events are from that name a source that there is not.
NOWHERE = Source(id=0, name="", integration_type="", policy_id=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Which open alerts a source has."""

    pending: bool = False
    accepted: bool = False


def status(source: Source, alerts: Open) -> Status:
    """Returns how a source stands."""
    if not source.active:
        return Status.DISABLED
    if alerts.pending:
        return Status.PENDING
    return Status.ALL_ACCEPTED if alerts.accepted else Status.ALL_RESOLVED


def match_name(name: str) -> str:
    """Returns a name as names are compared: trimmed, without case."""
    return folded(name)


def check_source(source: Source) -> None:
    """Raises InvalidRequest, naming the field, if a source must not look like this."""
    if not 1 <= len(source.name) <= LONGEST_NAME:
        refuse("name", f"must have 1 to {LONGEST_NAME} characters")
    if not is_line(source.name):
        refuse("name", "must be one line of text")
    if source.integration_type not in INTEGRATION_TYPES:
        refuse("integrationType", "must be one of the known types, for example API")
    if source.policy_id <= 0:
        refuse("escalationPolicy", "must have an id")
    if source.auto_resolution is not None and source.auto_resolution not in AUTO_RESOLUTIONS:
        refuse("autoResolutionTimeout", f"must be one of {', '.join(AUTO_RESOLUTIONS)}")
    if source.icon_url is not None and not _is_address(source.icon_url):
        told = f"must be an absolute http or https address of {LONGEST_ADDRESS} characters at most"
        refuse("iconUrl", told)
    if source.support_hours_id is not None and source.support_hours_id <= 0:
        refuse("supportHours", "must have an id")
    if source.events_per_minute is not None and not 1 <= source.events_per_minute <= MOST:
        refuse("eventsPerMinute", f"must be from 1 to {MOST}")
    if len(source.team_ids) > MOST_TEAMS or any(team_id <= 0 for team_id in source.team_ids):
        refuse("teams", f"must be {MOST_TEAMS} at most, each with an id")


def check_changeable(source_id: int) -> None:
    """Raises WrongState about the built-in source."""
    if source_id == SUITE_SOURCE_ID:
        raise WrongState("the built-in alert source can be neither changed nor deleted")


def refuse(field: str, why: str) -> NoReturn:
    """Raises InvalidRequest about a field."""
    raise InvalidRequest(f"{field} {why}", field=field)


def _is_address(text: str) -> bool:
    return len(text) <= LONGEST_ADDRESS and is_address(text)
