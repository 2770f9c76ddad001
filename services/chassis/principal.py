"""Who is calling, for as long as one call is served."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from services.chassis.errors import Forbidden
from tocsin.edge.v1.actor_pb2 import Actor

ADMIN = "admin"  # every scope but INTERNAL
INTERNAL = "internal"  # Tocsin's own services
#: What a token may be given.
SCOPES = (
    "ingest",
    "alerts:read",
    "alerts:write",
    "oncall:read",
    "config:read",
    "config:write",
    "escalations:read",
    "escalations:write",
    ADMIN,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A recognised caller."""

    kind: str  # an Actor.Kind by name: USER, TOKEN or SERVICE
    id: str  # a token's public id, or a service's name
    name: str
    user_id: int = 0
    scopes: frozenset[str] = field(default_factory=frozenset)
    teams: frozenset[int] = field(default_factory=frozenset)  # the person's, or the bound one
    changes: frozenset[int] = field(default_factory=frozenset)  # whose configuration is theirs
    watches: frozenset[int] = field(default_factory=frozenset)  # where they only look on
    hidden: frozenset[int] = field(default_factory=frozenset)  # private teams of others
    team: int = 0  # whose things alone the token may touch; 0: it is not bound
    is_admin: bool = False  # the person is an ADMIN, whatever the token may do
    expires: datetime | None = None

    def may(self, scope: str) -> bool:
        """Tells whether the caller holds a scope."""
        return scope in self.scopes or (ADMIN in self.scopes and scope != INTERNAL)

    def actor(self) -> Actor:
        """Returns the caller as the cause of a change."""
        return Actor(kind=self.kind, id=self.id, user_id=self.user_id, name=self.name)


SYSTEM = Principal(kind="SYSTEM", id="", name="Tocsin")

current_principal: ContextVar[Principal] = ContextVar("principal")
request_id: ContextVar[str] = ContextVar("request_id", default="")
#: Where the call comes from, as far as that can be believed; empty when nobody can tell.
address: ContextVar[str] = ContextVar("address", default="")


def caller() -> Principal:
    """Returns who is calling. Raises Forbidden where nobody was asked to say."""
    try:
        return current_principal.get()
    except LookupError:
        raise Forbidden("nobody is calling") from None
