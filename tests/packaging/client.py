"""A client as somebody else would write one: it knows the stubs and nothing of this repository.

Raises an alert through a native gRPC call, finds it, accepts it and prints its status.
"""

import asyncio
import os
import sys
import time
from uuid import uuid4

import grpc

from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.alertstate.v1.alert_service_pb2 import AcceptAlertRequest, ListAlertsRequest
from tocsin.alertstate.v1.alert_service_pb2_grpc import AlertServiceStub
from tocsin.ingest.v1.event_pb2 import Event
from tocsin.ingest.v1.event_service_pb2 import SubmitEventRequest
from tocsin.ingest.v1.event_service_pb2_grpc import EventServiceStub

CALL_SECONDS = 10.0
PATIENCE_SECONDS = 20.0
PAUSE_SECONDS = 0.1

AUTHORIZATION = (("authorization", f"Bearer {os.environ['TOCSIN_TOKEN']}"),)


async def main() -> None:
    summary = f"disk {uuid4()} is full"
    async with grpc.aio.insecure_channel(os.environ["TOCSIN_ADDRESS"]) as channel:
        await submit(EventServiceStub(channel), summary)
        alerts = AlertServiceStub(channel)
        alert = await find(alerts, summary)
        accepted = await alerts.AcceptAlert(
            AcceptAlertRequest(id=alert.id), metadata=AUTHORIZATION, timeout=CALL_SECONDS
        )
    print(Alert.Status.Name(accepted.status))


async def submit(events: EventServiceStub, summary: str) -> None:
    event = Event(
        integration_key=os.environ["TOCSIN_INTEGRATION_KEY"],
        event_type=Event.Type.ALERT,
        summary=summary,
    )
    await events.SubmitEvent(SubmitEventRequest(event=event), timeout=CALL_SECONDS)


async def find(alerts: AlertServiceStub, summary: str) -> Alert:
    """Returns the alert that the event has raised by now, or soon."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        page = await alerts.ListAlerts(
            ListAlertsRequest(), metadata=AUTHORIZATION, timeout=CALL_SECONDS
        )
        for alert in page.alerts:
            if alert.summary == summary:
                return alert
        await asyncio.sleep(PAUSE_SECONDS)
    sys.exit(f"no alert came of {summary!r} within {PATIENCE_SECONDS} s")


asyncio.run(main())
