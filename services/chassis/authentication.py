"""Turns a credential into a principal.

Two sorts of token are known: the services' own, made anew at each start and told by their
hashes in the environment, and API tokens, whose records Escalation owns and everybody copies.

Nobody is asked in the common case: what a token means is remembered for a few seconds, and
forgotten at once when this process learns of a changed token or team. Another process of the
same service may have learnt of it, so the seconds are few. A token that is not in the copy is
asked of its owner; one that is in the copy is good while the owner is away. That is decided
for the promise: accepting an alert must work while Escalation is down, and while it is down
nobody can revoke. While it is up, a copy that missed the news (NATS is away) is found to be
stale by comparing, within a minute (see `services.chassis.facts`).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic

from sqlalchemy import Connection

from services.chassis import facts, tokens
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import Unauthenticated
from services.chassis.principal import INTERNAL, Principal
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.token_pb2 import TokenRecord
from tocsin.escalation.v1.user_pb2 import User

KIND = "token"
TEAM = "team"
#: How long another replica's news of a token or a team may stay unknown here.
FRESH_SECONDS = 5.0
MOST_KNOWN = 10_000

AskOwner = Callable[[str], Awaitable[TokenRecord | None]]


@dataclass(frozen=True, slots=True)
class _Known:
    """What a credential means, and how long that may be believed."""

    principal: Principal
    until: datetime | None  # when this secret ends, by this host's clock
    fresh_until: float


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
        self._known: dict[str, _Known] = {}  # by the credential's sha256
        self._used: dict[str, datetime] = {}
        for kind in (KIND, TEAM):
            database.wake(facts.topic(kind), self.forget)

    def forget(self) -> None:
        """Forgets what every token means, and what is being found out: something has changed."""
        self._known = {}

    def take_used(self) -> dict[str, datetime]:
        """Returns which tokens were used since the last time, and when, by their ids."""
        used, self._used = self._used, {}
        return used

    def give_back(self, used: dict[str, datetime]) -> None:
        """Takes back what could not be told; later uses count."""
        self._used = used | self._used

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
        sha256 = tokens.service_token_hash(credential)
        service = self._services.get(sha256)
        if service is not None:
            return Principal(kind="SERVICE", id=service, name=service, scopes=frozenset({INTERNAL}))
        known = self._known.get(sha256) or await self._find_out(sha256, credential)
        if known.fresh_until <= monotonic():
            self._known.pop(sha256, None)
            known = await self._find_out(sha256, credential)
        now = self._clock.wall()
        if known.until is not None and known.until <= now:
            raise _unknown()
        self._used[known.principal.id] = now
        return known.principal

    async def _find_out(self, sha256: str, credential: str) -> _Known:
        token = tokens.parse(credential)
        if token is None:
            raise _unknown()
        keeping = self._known
        fresh_until = monotonic() + FRESH_SECONDS
        record, now, teams = await self._database.read(self._look_up, token.id)
        if record is None and self._ask_owner is not None:
            record = await self._ask_owner(token.id)
        if record is None:
            raise _unknown()
        until = _until(token, record)
        if until is not None and until <= now:
            raise _unknown()
        # Judged by the database's clock; remembered by this host's, which may differ.
        until = None if until is None else self._clock.wall() + (until - now)
        known = _Known(_principal(token.id, record, teams), until, fresh_until)
        if len(keeping) >= MOST_KNOWN:
            keeping.clear()
        keeping[sha256] = known
        return known

    def _look_up(
        self, connection: Connection, token_id: str
    ) -> tuple[TokenRecord | None, datetime, frozenset[int]]:
        record = facts.get(connection, KIND, token_id, TokenRecord)
        teams = facts.ever(connection, TEAM, Team)  # alerts outlive the teams that they belong to
        private = frozenset(team.id for team in teams if team.visibility == Team.PRIVATE)
        return record, self._clock.now(connection), private


def _until(token: tokens.Token, record: TokenRecord) -> datetime | None:
    """Returns when the shown secret ends; None for never. Raises Unauthenticated if it is wrong."""
    ends = [record.token.expire_time] if record.token.HasField("expire_time") else []
    if not tokens.same(token, record.secret_sha256):
        if not (record.previous_sha256 and tokens.same(token, record.previous_sha256)):
            raise _unknown()
        ends.append(record.previous_until)
    return min((end.ToDatetime(UTC) for end in ends), default=None)


def _principal(token_id: str, record: TokenRecord, private: frozenset[int]) -> Principal:
    user_id = record.token.user_id
    expires = record.token.HasField("expire_time")
    principal = Principal(
        kind="USER" if user_id else "TOKEN",
        id=token_id,
        name=record.user_name or record.token.name,
        user_id=user_id,
        scopes=frozenset(record.token.scopes),
        teams=frozenset(record.team_ids),
        changes=frozenset(record.changing_team_ids),
        watches=frozenset(record.watching_team_ids),
        hidden=private - frozenset(record.team_ids),
        is_admin=record.role == User.ADMIN,
        expires=record.token.expire_time.ToDatetime(UTC) if expires else None,
    )
    bound = frozenset({record.token.team.id} - {0})
    if not bound:
        return principal
    return replace(
        principal,
        team=record.token.team.id,
        teams=bound,
        # A person's token does no more than the person; nobody's is there for its team.
        changes=bound & principal.changes if user_id else bound,
        watches=bound & principal.watches,
    )


def _unknown() -> Unauthenticated:
    # 403 is what the contract's clients expect of a key that nobody knows.
    return Unauthenticated(
        "the API token is unknown, revoked or expired", reason="KEY_ERROR", http_status=403
    )
