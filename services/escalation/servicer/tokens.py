"""Answers TokenService."""

from datetime import datetime

from sqlalchemy import Connection

from services.chassis import audit, tokens
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest, NotFound
from services.chassis.principal import SCOPES, caller
from services.escalation import announcing
from services.escalation.domain.checks import line
from services.escalation.domain.users import ApiToken, checked_scopes
from services.escalation.store import tokens as store
from services.escalation.store import users
from services.escalation.store.alone import CONFIGURATION, alone
from services.escalation.wire import people as wire
from tocsin.escalation.v1 import token_pb2
from tocsin.escalation.v1 import token_service_pb2 as pb
from tocsin.escalation.v1 import token_service_pb2_grpc as rpc


class TokenServicer(rpc.TokenServiceServicer):
    """The gRPC face of the API tokens."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def CreateToken(
        self, request: pb.CreateTokenRequest, context: Context
    ) -> token_pb2.ApiToken:
        """See the proto."""
        fresh = tokens.new_token()
        made = await self._database.write(_create, self._clock, request.token, fresh)
        reply = wire.token(made)
        reply.token = str(fresh)
        return reply

    async def ListTokens(
        self, request: pb.ListTokensRequest, context: Context
    ) -> pb.ListTokensResponse:
        """See the proto."""
        working = await self._database.read(_working, self._clock)
        return pb.ListTokensResponse(tokens=map(wire.token, working))

    async def RevokeToken(
        self, request: pb.RevokeTokenRequest, context: Context
    ) -> pb.RevokeTokenResponse:
        """See the proto."""
        await self._database.write(_revoke, self._clock, request.id)
        return pb.RevokeTokenResponse()


def _create(
    connection: Connection, clock: Clock, told: token_pb2.ApiToken, fresh: tokens.Token
) -> ApiToken:
    alone(connection, CONFIGURATION)  # or its person could be deleted meanwhile
    now = clock.now(connection)
    token = ApiToken(
        id=fresh.id,
        name=line(told.name, "name"),
        scopes=checked_scopes(told.scopes, SCOPES),
        user_id=told.user_id,
        secret_sha256=fresh.sha256(),
        create_time=now,
        expire_time=_expiry(told, now),
        creator=caller().name,
    )
    if token.user_id:
        users.get(connection, token.user_id)
    store.add(connection, token)
    announcing.token_changed(connection, now, token)
    audit.record(connection, now, caller().actor(), "token.create", f"token:{token.id}")
    return token


def _expiry(told: token_pb2.ApiToken, now: datetime) -> datetime | None:
    if not told.HasField("expire_time"):
        return None
    expiry = wire.moment(told.expire_time, "expireTime")
    if expiry <= now:
        raise InvalidRequest("expireTime must be in the future", field="expireTime")
    return expiry


def _working(connection: Connection, clock: Clock) -> list[ApiToken]:
    return store.working(connection, clock.now(connection))


def _revoke(connection: Connection, clock: Clock, token_id: str) -> None:
    # An id with other letters was never given out, and some are more than a database can read.
    found = store.find(connection, token_id, lock=True) if token_id.isalnum() else None
    if found is None:
        raise NotFound("there is no such token")
    if found.revoked:
        return
    now = clock.now(connection)
    announcing.token_changed(connection, now, store.revoked(connection, found))
    audit.record(connection, now, caller().actor(), "token.revoke", f"token:{token_id}")
