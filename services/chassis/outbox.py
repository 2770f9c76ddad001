"""Messages leave through the database, so none is lost and none is invented.

`put` writes a message in the transaction that caused it. The relay (see
`services.chassis.relay`) publishes what was committed. A message's id is derived from what
happened, so that a second publication is recognised as one.
"""

from collections.abc import Iterable
from datetime import datetime

from google.protobuf.message import Message
from sqlalchemy import Connection

from services.chassis import tracing
from services.chassis.bulk import insert_all
from services.chassis.database import notify, service_of
from services.chassis.tables import OutboxRow

TOPIC = "outbox"
OUTBOX = OutboxRow.__table__


def put(connection: Connection, now: datetime, message: Message, *, key: str) -> None:
    """Queues a message, to be published if and only if the transaction commits.

    `key` names what happened within this service, for example "alert:7:3".
    """
    put_all(connection, now, [(key, message)])


def put_all(connection: Connection, now: datetime, messages: Iterable[tuple[str, Message]]) -> None:
    """Queues messages by their keys, in one statement."""
    service, trace = service_of(connection), tracing.current()
    rows = [
        {
            "msg_id": f"{service}:{key}",
            "subject": subject_of(service, message),
            "type": message.DESCRIPTOR.full_name,
            "payload": message.SerializeToString(),
            "traceparent": trace,
            "created_at": now,
            "published": False,
        }
        for key, message in messages
    ]
    if rows:
        insert_all(connection, OUTBOX, rows)
        notify(connection, TOPIC)


def subject_of(service: str, message: Message) -> str:
    """Returns where a message is published: under its own name, in its publisher's stream."""
    name = message.DESCRIPTOR.full_name
    own = f"tocsin.{service}."
    return name if name.startswith(own) else f"{own}shared.{name}"
