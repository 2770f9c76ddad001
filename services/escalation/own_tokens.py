"""Admin tokens that nobody asks for through the API: the first one, and one in an emergency."""

from datetime import datetime

from sqlalchemy import Connection

from services.chassis import audit
from services.chassis.principal import ADMIN, SYSTEM
from services.escalation import announcing
from services.escalation.domain.tokens import ApiToken
from services.escalation.store import tokens


def make(
    connection: Connection, now: datetime, token_id: str, sha256: bytes, *, name: str, action: str
) -> None:
    """Makes an admin token that acts for nobody; does nothing if it was made before.

    Of its secret only the SHA-256 is known here. `action` is what the audit log calls it.
    """
    if tokens.find(connection, token_id) is not None:
        return
    token = ApiToken(
        id=token_id,
        name=name,
        scopes=(ADMIN,),
        user_id=0,
        secret_sha256=sha256,
        create_time=now,
        expire_time=None,
        creator=SYSTEM.name,
    )
    tokens.add(connection, token)
    announcing.token_changed(connection, now, token)
    audit.record(connection, now, SYSTEM.actor(), action, f"token:{token.id}")
