"""What a message tells that is no page."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class What(StrEnum):
    """What there is to tell, as people's rules call it."""

    ACCEPTED = "ALERT_ACCEPTED"
    RESOLVED = "ALERT_RESOLVED"
    ESCALATED = "ALERT_ESCALATED"
    ON_CALL = "ON_CALL"  # a shift begins


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a message tells."""

    what: What
    by: str = ""  # who did it, if anybody did
    level: int = 0  # that is paged now
    start: datetime | None = None  # of the shift
    end: datetime | None = None
