"""Answers EventService."""

from services.chassis import texts, tracing
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.ingest.acceptor import Acceptor, counting_refusals
from services.ingest.dialects import ilert
from services.ingest.dialects.ilert import Submission
from services.ingest.domain.arrivals import Arrival
from services.ingest.event_id import new_event_id
from services.ingest.keyring import Keyring
from services.ingest.wire import events as wire
from tocsin.ingest.v1 import event_pb2, event_service_pb2_grpc
from tocsin.ingest.v1 import event_service_pb2 as pb

TYPED = "application/x-protobuf"
LONGEST_CONTENT_TYPE = 255


class EventServicer(event_service_pb2_grpc.EventServiceServicer):
    """Takes events. The integration key in the event is the only credential."""

    def __init__(
        self, acceptor: Acceptor, sources_by_key: Keyring, clock: Clock, public_url: str
    ) -> None:
        self._acceptor = acceptor
        self._keyring = sources_by_key
        self._clock = clock
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
        arrival = Arrival(
            event_id=new_event_id(self._clock),
            source=await self._keyring.source_of(submission.key),
            event=submission.event,
            raw=kept,
            content_type=texts.clean(content_type)[:LONGEST_CONTENT_TYPE],
            trace=tracing.current(),
        )
        await self._acceptor.accept(arrival)
        return wire.receipt(arrival, self._public_url)
