"""Answers EventService."""

from services.chassis.context import Context
from services.ingest.acceptor import counting_refusals
from services.ingest.dialects import ilert
from services.ingest.dialects.ilert import Submission
from services.ingest.doors import TYPED, Doors
from services.ingest.wire import events as wire
from tocsin.ingest.v1 import event_pb2, event_service_pb2_grpc
from tocsin.ingest.v1 import event_service_pb2 as pb


class EventServicer(event_service_pb2_grpc.EventServiceServicer):
    """Takes events. The integration key in the event is the only credential."""

    def __init__(self, doors: Doors, public_url: str) -> None:
        self._doors = doors
        self._public_url = public_url

    async def PostEvent(
        self, request: pb.PostEventRequest, context: Context
    ) -> event_pb2.EventReceipt:
        """See the proto."""
        with counting_refusals():
            body = request.body
            submission, kept = ilert.read(body.data, body.content_type)
            return await self._accept(submission, kept, body.content_type)

    async def SubmitEvent(
        self, request: pb.SubmitEventRequest, context: Context
    ) -> event_pb2.EventReceipt:
        """See the proto."""
        with counting_refusals():
            ilert.check_size(request.event.ByteSize())
            submission = ilert.understand(wire.document(request.event))
            return await self._accept(submission, wire.without_keys(request.event), TYPED)

    async def _accept(
        self, submission: Submission, kept: bytes, content_type: str
    ) -> event_pb2.EventReceipt:
        source = await self._doors.source_of_key(submission.key)
        arrival = await self._doors.accept(source, submission.event, kept, content_type)
        return wire.receipt(arrival, self._public_url)
