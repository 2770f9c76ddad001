"""Answers TokenService."""

from datetime import datetime

from sqlalchemy import Connection

from services.chassis import audit, tokens
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest, NotFound
from services.chassis.principal import SCOPES, caller
from services.escalation import announcing, reach
from services.escalation.domain.checks import line
from services.escalation.domain.tokens import ApiToken, checked_scopes, rotated
from services.escalation.store import tokens as store
from services.escalation.store import users
from services.escalation.store.alone import CONFIGURATION, alone
from services.escalation.token_rules import checked, keeps, refuse_rotating
from services.escalation.wire import tokens as wire
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
        return _shown(made, fresh)

    async def GetToken(self, request: pb.GetTokenRequest, context: Context) -> token_pb2.ApiToken:
        """See the proto."""
        return wire.token(await self._database.read(_get, request.id))

    async def ListTokens(
        self, request: pb.ListTokensRequest, context: Context
    ) -> pb.ListTokensResponse:
        """See the proto."""
        working = await self._database.read(_working, self._clock)
        return pb.ListTokensResponse(tokens=map(wire.token, working))

    async def RotateToken(
        self, request: pb.RotateTokenRequest, context: Context
    ) -> token_pb2.ApiToken:
        """See the proto."""
        fresh = tokens.Token(request.id, tokens.new_token().secret)
        rotation = request.rotation
        overlap = rotation.overlap_seconds if rotation.HasField("overlap_seconds") else None
        changed = await self._database.write(_rotate, self._clock, fresh, overlap)
        return _shown(changed, fresh)

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
    wanted = ApiToken(
        id=fresh.id,
        name=line(told.name, "name"),
        scopes=checked_scopes(told.scopes, SCOPES),
        user_id=wire.user_id(told),
        team_id=told.team.id,
        secret_sha256=fresh.sha256(),
        create_time=now,
        expire_time=wire.expiry(told),
        creator=caller().name,
    )
    user = users.get(connection, wanted.user_id) if wanted.user_id else None
    if wanted.team_id and not reach.teams_to_name(connection, [wanted.team_id]):
        raise InvalidRequest(f"there is no team {wanted.team_id}", field="team")
    token = checked(wanted, user, caller(), now)
    store.add(connection, token)
    announcing.token_changed(connection, now, token)
    _audit(connection, now, token.id, "token.create")
    return token


def _get(connection: Connection, token_id: str) -> ApiToken:
    found = _kept(connection, token_id)
    if found.revoked:
        raise _none()
    return found


def _working(connection: Connection, clock: Clock) -> list[ApiToken]:
    working = store.working(connection, clock.now(connection))
    return [token for token in working if keeps(caller(), token)]


def _rotate(
    connection: Connection, clock: Clock, fresh: tokens.Token, overlap_seconds: int | None
) -> ApiToken:
    alone(connection, CONFIGURATION)  # or an older record of it could be told last
    found = _kept(connection, fresh.id, lock=True)
    now = clock.now(connection)
    if not found.works(now):
        raise _none()
    refuse_rotating(caller(), found)
    token = rotated(found, fresh.sha256(), overlap_seconds, now)
    store.save(connection, token)
    announcing.token_changed(connection, now, token)
    _audit(connection, now, token.id, "token.rotate")
    return token


def _revoke(connection: Connection, clock: Clock, token_id: str) -> None:
    alone(connection, CONFIGURATION)  # as above
    found = _kept(connection, token_id, lock=True)
    if found.revoked:
        return
    now = clock.now(connection)
    announcing.token_changed(connection, now, store.revoked(connection, found))
    _audit(connection, now, token_id, "token.revoke")


def _kept(connection: Connection, token_id: str, *, lock: bool = False) -> ApiToken:
    """Returns a token that the caller keeps, revoked or not. Raises NotFound."""
    # An id with other letters was never given out, and some are more than a database can read.
    found = store.find(connection, token_id, lock=lock) if token_id.isalnum() else None
    if found is None or not keeps(caller(), found):
        raise _none()
    return found


def _shown(token: ApiToken, secret: tokens.Token) -> token_pb2.ApiToken:
    reply = wire.token(token)
    reply.token = str(secret)
    return reply


def _none() -> NotFound:
    return NotFound("there is no such token")


def _audit(connection: Connection, now: datetime, token_id: str, action: str) -> None:
    audit.record(connection, now, caller().actor(), action, f"token:{token_id}")
