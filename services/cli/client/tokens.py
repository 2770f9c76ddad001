"""What the `tocsin token` commands do."""

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any

import grpc.aio

from services.cli.client import showing
from services.cli.client.calling import SECONDS
from services.cli.client.target import Target
from tocsin.escalation.v1 import token_service_pb2 as pb
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.token_pb2 import ApiToken
from tocsin.escalation.v1.token_service_pb2_grpc import TokenServiceStub
from tocsin.escalation.v1.user_pb2 import User


class Tokens:
    """The tokens of one Tocsin, as one caller may see and change them."""

    def __init__(self, target: Target, channel: grpc.aio.Channel, *, as_json: bool) -> None:
        self._stub = TokenServiceStub(channel)
        self._metadata = target.metadata
        self._as_json = as_json

    async def create(
        self, name: str, scopes: Sequence[str], *, user: int, team: int, expires: datetime | None
    ) -> None:
        """Makes a token and prints it."""
        wanted = ApiToken(
            name=name,
            scopes=scopes,
            user=User(id=user) if user else None,
            team=Team(id=team) if team else None,
            expires_at=expires,
        )
        request = pb.CreateTokenRequest(token=wanted)
        self._tell(await self._call(self._stub.CreateToken, request))

    async def list(self) -> None:
        """Prints the tokens that work."""
        found = (await self._call(self._stub.ListTokens, pb.ListTokensRequest())).tokens
        show = showing.document if self._as_json else showing.tokens
        show(list(found))

    async def rotate(self, token_id: str, overlap: int) -> None:
        """Gives a token a new secret and prints it."""
        rotation = pb.RotateTokenRequest.Rotation(overlap_seconds=overlap)
        request = pb.RotateTokenRequest(id=token_id, rotation=rotation)
        self._tell(await self._call(self._stub.RotateToken, request))

    async def revoke(self, token_id: str) -> None:
        """Makes a token useless."""
        await self._call(self._stub.RevokeToken, pb.RevokeTokenRequest(id=token_id))
        showing.done(f"token {token_id} is revoked")

    async def _call(self, method: Callable[..., Any], request: Any) -> Any:
        return await method(request, metadata=self._metadata, timeout=SECONDS)

    def _tell(self, token: ApiToken) -> None:
        if self._as_json:
            showing.document(token)
        else:
            showing.tokens([token])
            print(f"\n{token.token}")


Work = Callable[[Tokens], Coroutine[Any, Any, None]]
