"""API tokens at rest; never their secrets."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Connection, Row, insert, or_, select, update

from services.escalation.domain.tokens import USED_AGAIN, ApiToken
from services.escalation.store.tables import TokenRow

TOKEN = TokenRow.__table__


def add(connection: Connection, token: ApiToken) -> None:
    """Records a new token."""
    connection.execute(insert(TOKEN).values(asdict(token) | {"scopes": list(token.scopes)}))


def find(connection: Connection, token_id: str, *, lock: bool = False) -> ApiToken | None:
    """Returns a token, revoked or not; None if there never was one."""
    query = select(TOKEN).where(TOKEN.c.id == token_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return _token(row) if row else None


def revoked(connection: Connection, token: ApiToken) -> ApiToken:
    """Makes a token useless for good, and returns it so."""
    connection.execute(update(TOKEN).where(TOKEN.c.id == token.id).values(revoked=True))
    return replace(token, revoked=True)


def save(connection: Connection, token: ApiToken) -> None:
    """Writes a token's secrets back."""
    secrets = {
        "secret_sha256": token.secret_sha256,
        "previous_sha256": token.previous_sha256,
        "previous_until": token.previous_until,
    }
    connection.execute(update(TOKEN).where(TOKEN.c.id == token.id).values(secrets))


def used(connection: Connection, token_id: str, at: datetime) -> None:
    """Notes when a token was last used, unless a use within about a minute is noted."""
    long_ago = or_(TOKEN.c.last_used.is_(None), TOKEN.c.last_used <= at - USED_AGAIN)
    known = update(TOKEN).where(TOKEN.c.id == token_id, long_ago)
    connection.execute(known.values(last_used=at))


def working(connection: Connection, now: datetime) -> list[ApiToken]:
    """Returns all tokens that work, newest first."""
    query = select(TOKEN).where(
        ~TOKEN.c.revoked, or_(TOKEN.c.expire_time.is_(None), TOKEN.c.expire_time > now)
    )
    ordered = query.order_by(TOKEN.c.create_time.desc(), TOKEN.c.id)
    return [_token(row) for row in connection.execute(ordered)]


def of_user(connection: Connection, user_id: int) -> list[ApiToken]:
    """Returns the tokens that act for a person and are not revoked."""
    return of_users(connection, [user_id])


def of_users(connection: Connection, user_ids: Iterable[int]) -> list[ApiToken]:
    """Returns the tokens that act for people and are not revoked."""
    query = select(TOKEN).where(TOKEN.c.user_id.in_(sorted(user_ids)), ~TOKEN.c.revoked)
    return [_token(row) for row in connection.execute(query.order_by(TOKEN.c.id))]


def _token(row: Row[tuple[object, ...]]) -> ApiToken:
    return ApiToken(**dict(row._mapping) | {"scopes": tuple(row.scopes)})
