"""Answers OpsgenieService."""

import asyncio
import re
import secrets
import uuid
from collections.abc import Callable
from functools import partial
from typing import Protocol

from google.api.httpbody_pb2 import HttpBody

from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest, NotFound, Unauthenticated
from services.ingest import tracking
from services.ingest.acceptor import counting_refusals
from services.ingest.dialects import opsgenie
from services.ingest.domain.events import Event, EventType
from services.ingest.domain.sources import Source
from services.ingest.doors import Doors
from services.ingest.store import alerts
from services.ingest.tracking import Tracked
from tocsin.ingest.v1 import opsgenie_service_pb2 as pb
from tocsin.ingest.v1 import opsgenie_service_pb2_grpc as rpc

RESULT = "Request will be processed"
ALIAS, IDS = "alias", ("id", "tiny")
#: What a request is called, and what is said when it did what it should.
ACTIONS = {
    EventType.ALERT: ("Create", "Created alert"),
    EventType.ACCEPT: ("Acknowledge", "Acknowledged alert"),
    EventType.RESOLVE: ("Close", "Closed alert"),
    EventType.COMMENT: ("AddNote", "Note added"),
}
NO_ALERT = "Alert does not exist"
INACTIVE = "The integration is not active"

_ID = re.compile(r"[0-9]{1,18}")

new_alias = partial(secrets.token_hex, 16)
Read = Callable[[bytes, str, str], Event]


class About(Protocol):
    """A request about one alert."""

    identifier: str
    identifier_type: str

    @property
    def body(self) -> HttpBody:
        """What to do."""


class OpsgenieServicer(rpc.OpsgenieServiceServicer):
    """Takes what is told of alerts. The credential is the source's integration key."""

    def __init__(self, doors: Doors, database: Database, clock: Clock) -> None:
        self._doors = doors
        self._database = database
        self._clock = clock

    async def CreateOpsgenieAlert(
        self, request: pb.CreateOpsgenieAlertRequest, context: Context
    ) -> pb.OpsgenieReceipt:
        """See the proto."""
        took = _stopwatch()
        body = request.body
        with counting_refusals():
            source = await self._source(context)
            event = opsgenie.created(body.data, body.content_type, new_alias)
            arrival = await self._doors.accept(source, event, body.data, body.content_type)
        return _receipt(arrival.event_id, took())

    async def AcknowledgeOpsgenieAlert(
        self, request: pb.AcknowledgeOpsgenieAlertRequest, context: Context
    ) -> pb.OpsgenieReceipt:
        """See the proto."""
        return await self._tell(request, context, opsgenie.acknowledged)

    async def CloseOpsgenieAlert(
        self, request: pb.CloseOpsgenieAlertRequest, context: Context
    ) -> pb.OpsgenieReceipt:
        """See the proto."""
        return await self._tell(request, context, opsgenie.closed)

    async def AddOpsgenieNote(
        self, request: pb.AddOpsgenieNoteRequest, context: Context
    ) -> pb.OpsgenieReceipt:
        """See the proto."""
        return await self._tell(request, context, opsgenie.noted)

    async def UpdateOpsgenieMessage(
        self, request: pb.UpdateOpsgenieMessageRequest, context: Context
    ) -> pb.OpsgenieReceipt:
        """See the proto."""
        return await self._tell(request, context, opsgenie.message_changed)

    async def UpdateOpsgenieDescription(
        self, request: pb.UpdateOpsgenieDescriptionRequest, context: Context
    ) -> pb.OpsgenieReceipt:
        """See the proto."""
        return await self._tell(request, context, opsgenie.description_changed)

    async def GetOpsgenieRequest(
        self, request: pb.GetOpsgenieRequestRequest, context: Context
    ) -> pb.OpsgenieRequest:
        """See the proto."""
        took = _stopwatch()
        source = await self._source(context)
        event_id = request.request_id.replace("-", "").lower()
        tracked = await self._database.read(tracking.track, self._clock, source.id, event_id)
        return _request(tracked, event_id, took())

    async def _tell(self, request: About, context: Context, read: Read) -> pb.OpsgenieReceipt:
        took = _stopwatch()
        body = request.body
        with counting_refusals():
            source = await self._source(context)
            alias = await self._alias(source, request)
            event = read(body.data, body.content_type, alias)
            arrival = await self._doors.accept(source, event, body.data, body.content_type)
        return _receipt(arrival.event_id, took())

    async def _source(self, context: Context) -> Source:
        metadata = dict(context.invocation_metadata() or ())
        words = str(metadata.get("authorization", "")).split()
        try:
            return await self._doors.source_of_key(words[-1] if words else "")
        except NotFound:
            raise Unauthenticated("Could not authenticate") from None

    async def _alias(self, source: Source, request: About) -> str:
        """Returns the key of the alert that a request is about."""
        said, type_ = request.identifier, request.identifier_type.lower()
        if type_ not in ("", ALIAS, *IDS):
            told = f"Identifier type should be one of {', '.join((*IDS, ALIAS))}"
            raise InvalidRequest(told, field="identifierType", http_status=422)
        is_id = _ID.fullmatch(said) is not None
        if type_ == ALIAS or (not type_ and not is_id):
            return said
        known = await self._database.read(alerts.key_of, source.id, int(said)) if is_id else None
        if known is None:
            raise NotFound(f"Alert with {type_ or 'id'} [{said}] does not exist or has no alias")
        return known


def _receipt(event_id: str, took: float) -> pb.OpsgenieReceipt:
    return pb.OpsgenieReceipt(result=RESULT, took=took, request_id=str(uuid.UUID(event_id)))


def _request(tracked: Tracked, event_id: str, took: float) -> pb.OpsgenieRequest:
    event = tracked.event
    action, done = ACTIONS[event.type]
    otherwise = INACTIVE if event.note else NO_ALERT
    data = pb.OpsgenieRequest.Data(
        success=tracked.succeeded,
        action=action,
        processed_at=event.received_at,
        integration_id=str(event.source_id),
        is_success=tracked.succeeded,
        status=done if tracked.succeeded else otherwise,
        alert_id=str(tracked.alert_id or ""),
        alias=tracked.alert_key,
    )
    return pb.OpsgenieRequest(data=data, took=took, request_id=str(uuid.UUID(event_id)))


def _stopwatch() -> Callable[[], float]:
    """Returns what tells the seconds since now, in thousandths."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    return lambda: round(loop.time() - started, 3)
