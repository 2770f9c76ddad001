"""On whose behalf one service changes things at another: every rule holds as if they called.

Only a service is believed, so only methods that ask for the scope `internal` may use this.
"""

from services.chassis.principal import Principal, current_principal
from tocsin.chassis.internal.v1.caller_pb2 import Caller


def told(principal: Principal) -> Caller:
    """Returns a caller as another service takes them for."""
    return Caller(
        kind=principal.kind,
        id=principal.id,
        name=principal.name,
        user_id=principal.user_id,
        scopes=sorted(principal.scopes),
        teams=sorted(principal.teams),
        changed_teams=sorted(principal.changes),
        watched_teams=sorted(principal.watches),
        hidden_teams=sorted(principal.hidden),
        team=principal.team,
        is_admin=principal.is_admin,
    )


def act_for(caller: Caller) -> Principal:
    """Makes somebody the caller for the rest of this call, and returns them."""
    principal = Principal(
        kind=caller.kind,
        id=caller.id,
        name=caller.name,
        user_id=caller.user_id,
        scopes=frozenset(caller.scopes),
        teams=frozenset(caller.teams),
        changes=frozenset(caller.changed_teams),
        watches=frozenset(caller.watched_teams),
        hidden=frozenset(caller.hidden_teams),
        team=caller.team,
        is_admin=caller.is_admin,
    )
    current_principal.set(principal)
    return principal
