"""Turns a credential into a principal.

Two sorts of token are known: the services' own, made anew at each start and told by their
hashes in the environment, and API tokens, whose records Escalation owns and everybody copies.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlalchemy import Connection

from services.chassis import facts, tokens
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import Unauthenticated
from services.chassis.principal import INTERNAL, Principal
from tocsin.escalation.v1.token_pb2 import TokenRecord

KIND = "token"

AskOwner = Callable[[str], Awaitable[TokenRecord | None]]


class Authenticator:
    """Knows every credential that this deployment gave out."""

    def __init__(
        self, database: Database, clock: Clock, service_hashes: str, ask_owner: AskOwner | None
    ) -> None:
        self._database = database
        self._clock = clock
        self._ask_owner = ask_owner
        pairs = (pair.split("=", 1) for pair in service_hashes.split(",") if pair)
        self._services = {sha256: name for name, sha256 in pairs}

    async def principal(self, authorization: str) -> Principal:
        """Returns who shows this `authorization` header; with or without "Bearer".

        Raises Unauthenticated, and Unavailable when the tokens' owner must be asked and is
        away.
        """
        credential = authorization.strip()
        if credential[:7].lower() == "bearer ":
            credential = credential[7:].strip()
        if not credential:
            raise Unauthenticated("an Authorization header with an API token is needed")
        service = self._services.get(tokens.service_token_hash(credential))
        if service is not None:
            return Principal(kind="SERVICE", id=service, name=service, scopes=frozenset({INTERNAL}))
        token = tokens.parse(credential)
        if token is None:
            raise _unknown()
        return await self._of_api_token(token)

    async def _of_api_token(self, token: tokens.Token) -> Principal:
        record, now = await self._database.read(self._look_up, token.id)
        if record is None and self._ask_owner is not None:
            record = await self._ask_owner(token.id)
        if record is None or not tokens.same(token, record.secret_sha256):
            raise _unknown()
        if record.token.HasField("expire_time") and record.token.expire_time.ToDatetime(UTC) <= now:
            raise _unknown()
        user_id = record.token.user_id
        return Principal(
            kind="USER" if user_id else "TOKEN",
            id=token.id,
            name=record.user_name or record.token.name,
            user_id=user_id,
            scopes=frozenset(record.token.scopes),
            teams=frozenset(record.team_ids),
        )

    def _look_up(
        self, connection: Connection, token_id: str
    ) -> tuple[TokenRecord | None, datetime]:
        record = facts.get(connection, KIND, token_id, TokenRecord)
        return record, self._clock.now(connection)


def _unknown() -> Unauthenticated:
    # 403 is what the contract's clients expect of a key that nobody knows.
    return Unauthenticated(
        "the API token is unknown, revoked or expired", reason="KEY_ERROR", http_status=403
    )
