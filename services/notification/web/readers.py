"""Who looks at a page: their language, their clock, and what they see."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from services.chassis import facts, tokens
from services.chassis.authentication import KIND, TEAM
from services.chassis.principal import Principal
from services.notification import wire
from services.notification.changes import USER
from services.notification.web.times import zone
from services.notification.web.words import Words, preferred
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.token_pb2 import TokenRecord
from tocsin.escalation.v1.user_pb2 import User


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who looks at a page."""

    words: Words
    zone: ZoneInfo
    name: str = ""  # empty for a program's token, and for whoever shows none


def stranger(accept_language: str) -> Reader:
    """Returns somebody of whom nothing is known but what their browser says."""
    return Reader(Words(preferred(accept_language)), zone("UTC"))


def person(connection: Connection, user_id: int, accept_language: str) -> Reader:
    """Returns a person; one who is not known speaks as their browser does."""
    user = facts.get(connection, USER, user_id, User)
    if user is None:
        return stranger(accept_language)
    words = Words(user.language or preferred(accept_language))
    return Reader(words, zone(user.timezone), wire.user_name(user, user_id))


def bearer(connection: Connection, credential: str, accept_language: str) -> Reader:
    """Returns whose API token this is, as far as it is known here.

    That decides in which words they read, and nothing else: the owners of what they read let
    them see it.
    """
    token = tokens.parse(credential)
    record = facts.get(connection, KIND, token.id, TokenRecord) if token else None
    if token is None or record is None or not tokens.same(token, record.secret_sha256):
        return stranger(accept_language)
    if not record.token.user_id:
        return Reader(Words(preferred(accept_language)), zone("UTC"), record.token.name)
    return person(connection, record.token.user_id, accept_language)


def principal(connection: Connection, user_id: int) -> Principal:
    """Returns a person as one who calls with a token of their own would be taken for."""
    user = facts.get(connection, USER, user_id, User)
    teams = facts.ever(connection, TEAM, Team)
    own = {team.id for team in teams if any(m.user.id == user_id for m in team.members)}
    private = {team.id for team in teams if team.visibility == Team.PRIVATE}
    return Principal(
        kind="USER",
        id="",
        name=wire.user_name(user, user_id),
        user_id=user_id,
        scopes=frozenset({"alerts:read"}),
        teams=frozenset(own),
        hidden=frozenset(private - own),
        is_admin=user is not None and user.role == User.ADMIN,
    )
