"""The people, and the credentials that act for them."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from zoneinfo import available_timezones

from services.chassis.errors import InvalidRequest
from services.escalation.domain.checks import line

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


class Role(StrEnum):
    """What a person may do."""

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

    @property
    def name(self) -> str:
        """What the person is called."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A credential; of its secret only the SHA-256 is known."""

    id: str
    name: str
    scopes: tuple[str, ...]
    user_id: int  # 0: it acts for nobody
    secret_sha256: bytes
    create_time: datetime
    expire_time: datetime | None
    creator: str
    revoked: bool = False


def checked(user: User) -> User:
    """Returns a person as they may be recorded. Raises InvalidRequest naming the field."""
    line(user.first_name, "firstName")
    line(user.last_name, "lastName")
    if not _ADDRESS.fullmatch(line(user.email, "email")):
        raise InvalidRequest("email must be an address like ada@example.com", field="email")
    if user.timezone not in _timezones():
        raise InvalidRequest(
            f"timezone must be an IANA time zone, not {user.timezone}", field="timezone"
        )
    return user


def folded(email: str) -> str:
    """Returns what two spellings of one address have in common."""
    return email.casefold()


def checked_scopes(scopes: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """Returns each scope once. Raises InvalidRequest if there is none, or an unknown one."""
    wanted = tuple(dict.fromkeys(scopes))
    if not wanted:
        raise InvalidRequest("scopes must have at least one", field="scopes")
    for scope in wanted:
        if scope not in known:
            raise InvalidRequest(
                f"there is no scope {scope}; there are {', '.join(known)}", field="scopes"
            )
    return wanted


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())
