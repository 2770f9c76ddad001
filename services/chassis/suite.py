"""What a service has to tell the people who run Tocsin becomes an alert like any other.

It leaves through the outbox; Ingest makes an event of the built-in source "tocsin" of it.
"""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection, exists, select
from sqlalchemy.exc import IntegrityError

from services.chassis import outbox
from services.chassis.database import service_of
from services.chassis.outbox import OUTBOX
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised


def raise_alert(
    connection: Connection,
    now: datetime,
    *,
    what: str,
    summary: str,
    details: str,
    daily: bool = False,
) -> None:
    """Raises an alert about Tocsin itself, at most one an hour, or day, for the same `what`."""
    service = service_of(connection)
    key = f"suite:{what}:{now:%Y-%m-%d}" if daily else f"suite:{what}:{now:%Y-%m-%dT%H}"
    known = select(exists().where(OUTBOX.c.msg_id == f"{service}:{key}"))
    if connection.execute(known).scalar_one():
        return
    raised = SuiteAlertRaised(
        alert_key=f"{service}:{what}", summary=summary, details=details, service=service
    )
    with suppress(IntegrityError), connection.begin_nested():  # another writer was faster
        outbox.put(connection, now, raised, key=key)


def resolve_alert(connection: Connection, now: datetime, *, what: str) -> None:
    """Resolves the alert about Tocsin itself that was raised for the same `what`."""
    service = service_of(connection)
    over = SuiteAlertRaised(alert_key=f"{service}:{what}", service=service, over=True)
    outbox.put(connection, now, over, key=f"suite-over:{what}:{now:%Y-%m-%dT%H:%M:%S.%f}")
