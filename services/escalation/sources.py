"""Keeps copies of the alert sources, to know which policies and support hours they use.

Without them Escalation works as well: other schedulers use it alone.
"""

from datetime import datetime

from sqlalchemy import Connection

from services.chassis import facts, inbox
from services.chassis.service import Service
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.ingest.v1.ingest_events_pb2 import AlertSourceChanged, EventsAccepted

SOURCE = "source"


def follow(base: Service, ingest_address: str) -> None:
    """Keeps the copies whole, where there is an Ingest.

    Ingest follows Escalation, too. Both hand out their records before they are ready, so neither
    waits for ever: addresses must lead to services that are not ready, as well.
    """
    if ingest_address:
        base.follow(ingest_address, [SOURCE])


def source_changed(connection: Connection, now: datetime, changed: AlertSourceChanged) -> None:
    """Takes over an alert source."""
    facts.copy(connection, SOURCE, changed.alert_source.id, changed.alert_source, changed)


REACTIONS = inbox.on(AlertSourceChanged, source_changed) | inbox.ignoring(
    EventsAccepted, SuiteAlertRaised
)
