"""Messages that are given up: kept, counted, and told of in an alert."""

from datetime import datetime

from sqlalchemy import Connection, insert

from services.chassis import suite
from services.chassis.database import service_of
from services.chassis.tables import DeadLetterRow
from services.chassis.telemetry import DEAD_LETTERS

DEAD_LETTER = DeadLetterRow.__table__
LONGEST_ERROR = 1000


def bury(
    connection: Connection,
    now: datetime,
    *,
    msg_id: str,
    stream: str,
    type_: str,
    payload: bytes,
    error: str,
    stream_seq: int | None = None,
    attempts: int = 0,
) -> None:
    """Keeps a message that could not be acted on, or not be published."""
    DEAD_LETTERS.inc()
    connection.execute(
        insert(DEAD_LETTER).values(
            msg_id=msg_id,
            stream=stream,
            stream_seq=stream_seq,
            type=type_,
            payload=payload,
            error=error[:LONGEST_ERROR],
            attempts=attempts,
            created_at=now,
        )
    )
    service = service_of(connection)
    suite.raise_alert(
        connection,
        now,
        what=f"dead-letter:{type_}",
        summary=f"{service} gave up a {type_}",
        details=f"Message {msg_id} is kept among the dead letters of {service}.",
    )
