"""Who changed what, in the transaction of the change."""

from datetime import datetime

from sqlalchemy import Connection, insert

from services.chassis.principal import request_id
from services.chassis.tables import AuditRow
from tocsin.edge.v1.actor_pb2 import Actor

AUDIT = AuditRow.__table__


def record(connection: Connection, now: datetime, actor: Actor, action: str, target: str) -> None:
    """Records that an actor did something ("alert.accept") to something ("alert:7")."""
    connection.execute(
        insert(AUDIT).values(
            at=now,
            actor_kind=Actor.Kind.Name(actor.kind),
            actor_id=actor.id,
            user_id=actor.user_id,
            action=action,
            target=target,
            request_id=request_id.get(),
        )
    )
