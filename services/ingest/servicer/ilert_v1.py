"""Answers IlertV1Service."""

import asyncio

from services.chassis.context import Context
from services.ingest.acceptor import REFUSED, counting_refusals
from services.ingest.dialects import alertmanager, ilert
from services.ingest.dialects.bounds import MEDIA_TYPE
from services.ingest.doors import Doors
from services.ingest.wire import events as wire
from tocsin.ingest.v1 import ilert_v1_service_pb2 as pb
from tocsin.ingest.v1 import ilert_v1_service_pb2_grpc as rpc

NO_EVENT = "NO_EVENT"


class IlertV1Servicer(rpc.IlertV1ServiceServicer):
    """Takes events. The integration key, in the event or in the path, is the only credential."""

    def __init__(self, doors: Doors, public_url: str) -> None:
        self._doors = doors
        self._public_url = public_url

    async def PostEventV1(
        self, request: pb.PostEventV1Request, context: Context
    ) -> pb.PostEventV1Response:
        """See the proto."""
        body = request.body
        with counting_refusals():
            submission, kept = ilert.read(body.data, body.content_type)
            source = await self._doors.source_of_key(submission.key)
            arrival = await self._doors.accept(source, submission.event, kept, body.content_type)
        receipt = wire.receipt(arrival, self._public_url)
        key = receipt.alert_key if receipt.HasField("alert_key") else None
        url = receipt.alert_url if receipt.HasField("alert_url") else None
        return pb.PostEventV1Response(
            alert_key=key,
            alert_url=url,
            incident_key=key,
            incident_url=url,
            response_code=receipt.response_code,
        )

    async def PostPrometheusAlerts(
        self, request: pb.PostPrometheusAlertsRequest, context: Context
    ) -> pb.PostPrometheusAlertsResponse:
        """See the proto."""
        with counting_refusals():
            source = await self._doors.source_of_key(request.key)
            reading = alertmanager.read(request.body.data, request.body.content_type)
            accepted = (
                self._doors.accept(source, event, part, MEDIA_TYPE)
                for event, part in reading.events
            )
            await asyncio.gather(*accepted)
        REFUSED.labels(NO_EVENT).inc(reading.refused)
        return pb.PostPrometheusAlertsResponse(
            accepted=len(reading.events), refused=reading.refused
        )
