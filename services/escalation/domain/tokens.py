"""The credentials that act for people, or for nobody."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.chassis.errors import InvalidRequest

LONGEST_OVERLAP = timedelta(days=7)
USUAL_OVERLAP = timedelta(hours=1)
#: Uses closer together than this are told as one.
USED_AGAIN = timedelta(minutes=1)


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
    team_id: int = 0  # 0: no team binds it
    last_used: datetime | None = None
    previous_sha256: bytes | None = None
    previous_until: datetime | None = None

    def works(self, now: datetime) -> bool:
        """Tells whether the token is neither revoked nor expired."""
        return not self.revoked and (self.expire_time is None or self.expire_time > now)


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


def rotated(
    token: ApiToken, secret_sha256: bytes, overlap_seconds: int | None, now: datetime
) -> ApiToken:
    """Returns a token with a new secret, beside which the present one works for a while.

    Raises InvalidRequest naming the field.
    """
    longest = LONGEST_OVERLAP // timedelta(seconds=1)
    if overlap_seconds is not None and not 0 <= overlap_seconds <= longest:
        field = "overlapSeconds"
        raise InvalidRequest(f"{field} must be 0 to {longest}", field=field)
    overlap = USUAL_OVERLAP if overlap_seconds is None else timedelta(seconds=overlap_seconds)
    return replace(
        token,
        secret_sha256=secret_sha256,
        previous_sha256=token.secret_sha256 if overlap else None,
        previous_until=now + overlap if overlap else None,
    )
