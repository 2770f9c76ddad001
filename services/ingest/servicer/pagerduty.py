"""Answers PagerdutyService."""

import secrets
from functools import partial

from services.chassis.context import Context
from services.chassis.errors import InvalidRequest, NotFound
from services.ingest.acceptor import counting_refusals
from services.ingest.dialects import pagerduty
from services.ingest.domain.sources import Source
from services.ingest.doors import Doors
from tocsin.ingest.v1 import pagerduty_service_pb2 as pb
from tocsin.ingest.v1 import pagerduty_service_pb2_grpc as rpc

SUCCESS = "success"
PROCESSED = "Event processed"
CHANGE_PROCESSED = "Change event processed"
HEADER = "x-routing-key"

new_key = partial(secrets.token_hex, 16)


class PagerdutyServicer(rpc.PagerdutyServiceServicer):
    """Takes events. The routing key in the event is the only credential."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def EnqueuePagerdutyEvent(
        self, request: pb.EnqueuePagerdutyEventRequest, context: Context
    ) -> pb.EnqueuePagerdutyEventResponse:
        """See the proto."""
        body = request.body
        with counting_refusals():
            key, event, kept = pagerduty.read(
                body.data, body.content_type, _shown_key(context), new_key
            )
            source = await self._source(key)
            await self._doors.accept(source, event, kept, body.content_type)
        return pb.EnqueuePagerdutyEventResponse(
            status=SUCCESS, message=PROCESSED, dedup_key=event.alert_key
        )

    async def EnqueuePagerdutyChange(
        self, request: pb.EnqueuePagerdutyChangeRequest, context: Context
    ) -> pb.EnqueuePagerdutyChangeResponse:
        """See the proto."""
        body = request.body
        with counting_refusals():
            key, event, kept = pagerduty.read_change(
                body.data, body.content_type, _shown_key(context)
            )
            source = await self._source(key)
            await self._doors.accept(source, event, kept, body.content_type)
        return pb.EnqueuePagerdutyChangeResponse(status=SUCCESS, message=CHANGE_PROCESSED)

    async def _source(self, key: str) -> Source:
        """Returns the source that a key opens; this vendor knows no other fault than 400."""
        try:
            return await self._doors.source_of_key(key)
        except NotFound:
            raise InvalidRequest("Invalid routing key", field=pagerduty.KEY) from None


def _shown_key(context: Context) -> str:
    """Returns what older versions of the vendor's own client show; empty for nothing."""
    metadata = dict(context.invocation_metadata() or ())
    return str(metadata.get(HEADER, ""))
