"""Who changed what, in the transaction of the change. Entries are added and never changed.

What a record was before and is after need not be told: whoever changes a record that others
copy publishes it (`services.chassis.facts`) in the same transaction, and what was published of
the target is in the entry. So `record` comes after `publish`. Published records hold no secret
but the sums that tokens are recognised by, and those are left out here.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime
from types import MappingProxyType
from typing import Any

import orjson
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from sqlalchemy import Connection, insert

from services.chassis.principal import address, request_id
from services.chassis.tables import AuditRow
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.escalation.v1.token_pb2 import TokenRecord

AUDIT = AuditRow.__table__
#: Fields that hold, or may hold, what nobody but its owner is to read.
SECRET = frozenset({"token", "integrationKey", "secretSha256", "previousSha256"})

#: What kinds of facts are called in entries, where that is another word.
CALLED = {"source": "alert_source"}

Record = Mapping[str, Any]

#: What was published in this transaction, before and after, by target. Every transaction runs
#: in a copy of its caller's context, so it forgets this in its end.
_published: ContextVar[Mapping[str, tuple[Record | None, Record | None]]] = ContextVar(
    "published", default=MappingProxyType({})
)


def note(kind: str, id_: object, before: Message | None, after: Message | None) -> None:
    """Remembers what a record was and is, for an entry about it in this transaction."""
    target = f"{CALLED.get(kind, kind)}:{id_}"
    known = _published.get()
    earlier = known[target][0] if target in known else shown(before)
    _published.set({**known, target: (earlier, shown(after))})


def record(
    connection: Connection,
    now: datetime,
    actor: Actor,
    action: str,
    target: str,
    *,
    before: Record | None = None,
    after: Record | None = None,
) -> None:
    """Records that an actor did something ("alert.accept") to something ("alert:7")."""
    if before is None and after is None:
        before, after = _published.get().get(target, (None, None))
    connection.execute(
        insert(AUDIT).values(
            at=now,
            actor_kind=Actor.Kind.Name(actor.kind),
            actor_id=actor.id,
            actor_name=actor.name,
            user_id=actor.user_id,
            action=action,
            target=target,
            request_id=request_id.get(),
            peer=address.get(),
            before=_text(before),
            after=_text(after),
        )
    )


def shown(message: Message | None) -> Record | None:
    """Returns a record as callers see it, without what is secret in it."""
    if message is None:
        return None
    public = message.token if isinstance(message, TokenRecord) else message
    return {k: v for k, v in MessageToDict(public).items() if k not in SECRET}


def _text(told: Record | None) -> str | None:
    return None if told is None else orjson.dumps(told).decode()
