"""API tokens as protobuf messages."""

from collections.abc import Mapping
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from services.chassis.errors import InvalidRequest
from services.chassis.moments import moment
from services.escalation.domain.teams import TeamRole
from services.escalation.domain.tokens import ApiToken
from services.escalation.domain.users import User
from tocsin.escalation.v1 import team_pb2, token_pb2, user_pb2

CHANGING = {TeamRole.USER, TeamRole.ADMIN}
WATCHING = {TeamRole.STAKEHOLDER, TeamRole.VIEWER}


def token(token: ApiToken) -> token_pb2.ApiToken:
    """Renders a token without its secret."""
    return token_pb2.ApiToken(
        id=token.id,
        name=token.name,
        scopes=token.scopes,
        user_id=token.user_id,
        user=user_pb2.User(id=token.user_id) if token.user_id else None,
        team=team_pb2.Team(id=token.team_id) if token.team_id else None,
        create_time=token.create_time,
        expire_time=token.expire_time,
        expires_at=token.expire_time,
        creator=token.creator,
        last_used=token.last_used,
    )


def record(
    known: ApiToken, user: User | None, places: Mapping[int, TeamRole]
) -> token_pb2.TokenRecord:
    """Renders what the services need to know to recognise a token."""
    public = token(known)
    public.ClearField("last_used")  # told without a new version: whoever keeps it is asked
    return token_pb2.TokenRecord(
        token=public,
        secret_sha256=known.secret_sha256,
        previous_sha256=known.previous_sha256 or b"",
        previous_until=known.previous_until,
        user_name=user.name if user else "",
        role=user.role.name if user else None,
        team_ids=places,
        changing_team_ids=[id_ for id_, role in places.items() if role in CHANGING],
        watching_team_ids=[id_ for id_, role in places.items() if role in WATCHING],
    )


def user_id(told: token_pb2.ApiToken) -> int:
    """Reads whom a token is to act for; 0 for nobody. Raises InvalidRequest if told twice."""
    said = {id_ for id_ in (told.user_id, told.user.id) if id_}
    if len(said) > 1:
        raise InvalidRequest("user and userId name different people", field="user")
    return said.pop() if said else 0


def expiry(told: token_pb2.ApiToken) -> datetime | None:
    """Reads when a token is to end; None for never. Raises InvalidRequest if told twice."""
    fields: tuple[tuple[str, Timestamp], ...] = (
        ("expireTime", told.expire_time),
        ("expiresAt", told.expires_at),
    )
    said = {
        name: moment(at, name)
        for name, at in fields
        if told.HasField("expire_time" if name == "expireTime" else "expires_at")
    }
    if len(set(said.values())) > 1:
        raise InvalidRequest("expiresAt and expireTime differ", field="expiresAt")
    return next(iter(said.values()), None)
