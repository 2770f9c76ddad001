"""The people."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.calendar.wall import zone_of
from services.chassis.errors import InvalidRequest
from services.chassis.texts import is_address
from services.escalation.domain.checks import line, line_or_none

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
LONGEST_URL = 2048
LANGUAGES = ("en", "de")
REGIONS = ("DE", "GB", "CH", "CN", "IN", "US", "FR", "ES", "CA", "IE")


class Role(StrEnum):
    """What a person may do."""

    GUEST = "GUEST"
    STAKEHOLDER = "STAKEHOLDER"
    VIEWER = "VIEWER"
    RESPONDER = "RESPONDER"
    USER = "USER"
    ADMIN = "ADMIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who can be paged."""

    id: int
    first_name: str
    last_name: str
    email: str
    timezone: str
    role: Role
    created_at: datetime
    updated_at: datetime
    position: str | None = None
    department: str | None = None
    avatar_url: str | None = None
    language: str = LANGUAGES[0]
    shift_color: str | None = None
    region: str | None = None
    muted_until: datetime | None = None

    def is_muted(self, at: datetime) -> bool:
        """Whether the person is not to be paged at a moment."""
        return self.muted_until is not None and self.muted_until > at

    @property
    def name(self) -> str:
        """What the person is called."""
        return f"{self.first_name} {self.last_name}"


def checked(user: User) -> User:
    """Returns a person as they may be recorded. Raises InvalidRequest naming the field."""
    line(user.first_name, "firstName")
    line(user.last_name, "lastName")
    if not _ADDRESS.fullmatch(line(user.email, "email")):
        raise InvalidRequest("email must be an address like ada@example.com", field="email")
    zone_of(user.timezone, "timezone")
    if user.language not in LANGUAGES:
        raise InvalidRequest(f"language must be {' or '.join(LANGUAGES)}", field="language")
    if user.region and user.region not in REGIONS:
        raise InvalidRequest(f"region must be one of {', '.join(REGIONS)}", field="region")
    return replace(
        user,
        region=user.region or None,
        position=line_or_none(user.position, "position"),
        department=line_or_none(user.department, "department"),
        avatar_url=_picture(user.avatar_url),
        shift_color=_color(user.shift_color),
    )


def folded(email: str) -> str:
    """Returns what two spellings of one address have in common."""
    return email.casefold()


def _picture(url: str | None) -> str | None:
    if url and (len(url) > LONGEST_URL or not is_address(url)):
        raise InvalidRequest("avatarUrl must be an http or https address", field="avatarUrl")
    return url or None


def _color(color: str | None) -> str | None:
    if color and not _COLOR.fullmatch(color):
        raise InvalidRequest("shiftColor must be a colour like #1f77b4", field="shiftColor")
    return color.lower() if color else None
