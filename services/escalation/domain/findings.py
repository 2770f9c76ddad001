"""What would go wrong at night, as it is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

#: From when until when.
Span = tuple[datetime, datetime]


class Severity(IntEnum):
    """How bad it is."""

    INFO = 1
    WARNING = 2
    ERROR = 3


class Check(StrEnum):
    """What it is."""

    GAP = "GAP"
    LEVEL_REACHES_NOBODY = "LEVEL_REACHES_NOBODY"
    POLICY_REACHES_NOBODY = "POLICY_REACHES_NOBODY"
    SOURCE_REACHES_NOBODY = "SOURCE_REACHES_NOBODY"
    NO_CONTACT = "NO_CONTACT"
    ODD_HANDOVER = "ODD_HANDOVER"
    LOOPBACK_URL = "LOOPBACK_URL"
    TOKEN_CREATOR_GONE = "TOKEN_CREATOR_GONE"  # no secret
    UNUSED_SCHEDULE = "UNUSED_SCHEDULE"
    UNVERIFIED_CONTACT = "UNVERIFIED_CONTACT"
    PROVIDER_MISSING = "PROVIDER_MISSING"


@dataclass(frozen=True, slots=True)
class Place:
    """What a finding is about."""

    kind: str
    id: str = ""
    name: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong, or will be."""

    severity: Severity
    check: Check
    place: Place
    message: str
    advice: str
    times: Sequence[Span] = ()
    timezone: str = ""


def worst_first(found: Sequence[Finding]) -> list[Finding]:
    """Returns findings by how bad they are, then as they were found."""
    return sorted(found, key=lambda each: -each.severity)
