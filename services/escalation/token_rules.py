"""Who may make and keep which tokens. Pure."""

from collections.abc import Mapping
from datetime import datetime

from services.chassis.errors import Forbidden, InvalidRequest
from services.chassis.principal import ADMIN, SCOPES, Principal
from services.escalation.domain.tokens import ApiToken
from services.escalation.domain.users import Role, User

_GUEST = frozenset({"oncall:read"})
_STAKEHOLDER = _GUEST | {"alerts:read"}
_RESPONDER = _STAKEHOLDER | {
    "ingest",
    "alerts:write",
    "config:read",
    "escalations:read",
    "escalations:write",
}
#: What a person's tokens may be given, by the person's role.
SCOPES_OF: Mapping[Role, frozenset[str]] = {
    Role.GUEST: _GUEST,
    Role.STAKEHOLDER: _STAKEHOLDER,
    Role.VIEWER: _STAKEHOLDER,
    Role.RESPONDER: _RESPONDER,
    Role.USER: _RESPONDER | {"config:write"},
    Role.ADMIN: frozenset(SCOPES),
}


def checked(token: ApiToken, user: User | None, creator: Principal, now: datetime) -> ApiToken:
    """Returns a token as its creator may make it, for a person or for nobody.

    Raises InvalidRequest naming the field, and Forbidden for what the creator does not hold.
    """
    if token.expire_time is not None and token.expire_time <= now:
        raise InvalidRequest("expiresAt must be in the future", field="expiresAt")
    if user is not None:
        _refuse_beyond_role(token, user.role)
    _refuse_unheld(token, creator)
    if creator.team and token.team_id != creator.team:
        raise Forbidden(f"the token must be bound to team {creator.team}", field="team")
    if not creator.may(ADMIN):
        _refuse_to_others(token, creator)
    return token


def keeps(keeper: Principal, token: ApiToken) -> bool:
    """Tells whether somebody may see, rotate and revoke a token."""
    if keeper.team and keeper.team != token.team_id:
        return keeper.id == token.id
    own = keeper.user_id and keeper.user_id == token.user_id
    return keeper.may(ADMIN) or bool(own) or keeper.id == token.id


def refuse_rotating(keeper: Principal, token: ApiToken) -> None:
    """Raises Forbidden if the new secret, which the keeper is shown, would do more than theirs."""
    if keeper.id == token.id:
        return
    _refuse_unheld(token, keeper)
    if not keeper.may(ADMIN):
        _refuse_to_others(token, keeper)


def _refuse_unheld(token: ApiToken, giver: Principal) -> None:
    missing = [scope for scope in token.scopes if not giver.may(scope)]
    if missing:
        raise Forbidden(f"who gives {', '.join(missing)} must hold it", field="scopes")


def _refuse_beyond_role(token: ApiToken, role: Role) -> None:
    beyond = [scope for scope in token.scopes if scope not in SCOPES_OF[role]]
    if beyond:
        raise InvalidRequest(
            f"scopes: {', '.join(beyond)} is more than a person who is {role} may", field="scopes"
        )


def _refuse_to_others(token: ApiToken, creator: Principal) -> None:
    """Without "admin", tokens are made for oneself, and outlive nobody's own."""
    if not creator.user_id or token.user_id != creator.user_id:
        raise Forbidden('tokens for others need the scope "admin"', field="user")
    outlives = token.expire_time is None or (
        creator.expires is not None and token.expire_time > creator.expires
    )
    if creator.expires is not None and outlives:
        raise Forbidden("the token must not work longer than its creator's", field="expiresAt")
