"""Tells the other services what changed."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from services.alertstate.domain.alerts import Actor, Alert, Cause
from services.alertstate.known import Known
from services.alertstate.store import alerts
from services.alertstate.wire import changed
from services.chassis import outbox

Change = tuple[Alert, Cause, Actor]


def publish(connection: Connection, now: datetime, changes: Iterable[Change], known: Known) -> None:
    """Queues an AlertChanged for every change, under the alert's new version."""
    told = list(changes)
    teams = alerts.teams(connection, [alert.id for alert, *_ in told])
    outbox.put_all(
        connection,
        now,
        (
            (
                f"alert:{alert.id}:{alert.version}",
                changed(alert, cause, actor, known, teams.get(alert.id, ()), now),
            )
            for alert, cause, actor in told
        ),
    )
