"""Keeps copies of the alert sources, to know which policies and support hours they use."""

from datetime import datetime

from sqlalchemy import Connection

from services.chassis import facts, inbox
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.ingest.v1.ingest_events_pb2 import AlertSourceChanged, EventsAccepted


def source_changed(connection: Connection, now: datetime, changed: AlertSourceChanged) -> None:
    """Takes over an alert source."""
    payload, source_id = changed.alert_source.SerializeToString(), str(changed.alert_source.id)
    facts.apply(connection, "source", source_id, changed.version, payload, deleted=changed.deleted)


REACTIONS = inbox.on(AlertSourceChanged, source_changed) | inbox.ignoring(
    EventsAccepted, SuiteAlertRaised
)
