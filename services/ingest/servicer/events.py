"""Answers EventService."""

from collections.abc import AsyncIterator, Sequence
from functools import partial

from services.chassis import idempotency
from services.chassis.context import Context
from services.ingest.acceptor import counting_refusals
from services.ingest.batch import Arriving, Batch
from services.ingest.dialects import batches, bounds, ilert
from services.ingest.domain.arrivals import Arrival
from services.ingest.doors import TYPED, Doors
from services.ingest.wire import events as wire
from tocsin.ingest.v1 import event_pb2, event_service_pb2_grpc
from tocsin.ingest.v1 import event_service_pb2 as pb

MOST_IN_A_STREAM = 10_000
#: Messages of a stream that may wait for the disk before the next one is read.
MOST_IN_FLIGHT = 64


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
            source = await self._doors.source_of_key(submission.key)
            arrival = await self._doors.accept(
                source, submission.event, kept, body.content_type, idempotency.in_header(context)
            )
        return wire.receipt(arrival, self._public_url)

    async def SubmitEvent(
        self, request: pb.SubmitEventRequest, context: Context
    ) -> event_pb2.EventReceipt:
        """See the proto."""
        with counting_refusals():
            arrival = await self._doors.keep(await self._submitted(request))
        return wire.receipt(arrival, self._public_url)

    async def PostEvents(
        self, request: pb.PostEventsRequest, context: Context
    ) -> pb.SubmitEventsResponse:
        """See the proto."""
        with counting_refusals():
            body = request.body
            bounds.check_body(len(body.data), body.content_type)
            name = idempotency.in_header(context)
            arriving = [
                partial(self._read, item, body.content_type, name and f"{name}#{index}")
                for index, item in enumerate(batches.read(body.data))
            ]
            return await self._together(arriving)

    async def SubmitEvents(
        self, request: pb.SubmitEventsRequest, context: Context
    ) -> pb.SubmitEventsResponse:
        """See the proto."""
        with counting_refusals():
            batches.check_count(len(request.events))
            return await self._together([partial(self._submitted, each) for each in request.events])

    async def StreamEvents(
        self, requests: AsyncIterator[pb.StreamEventsRequest], context: Context
    ) -> pb.StreamEventsResponse:
        """See the proto."""
        reply, room = pb.StreamEventsResponse(), MOST_IN_A_STREAM
        in_flight: list[Batch] = []
        with counting_refusals():
            async for request in requests:
                batches.check_count(len(request.events))
                batch = Batch(self._doors, self._public_url)
                await batch.take([partial(self._submitted, each) for each in request.events[:room]])
                in_flight.append(batch)
                room -= len(batch)
                while len(in_flight) > (MOST_IN_FLIGHT if room else 0):
                    reply.results.extend(await in_flight.pop(0).results())
                if not room:
                    break
            for batch in in_flight:
                reply.results.extend(await batch.results())
        return reply

    async def _together(self, arriving: Sequence[Arriving]) -> pb.SubmitEventsResponse:
        batch = Batch(self._doors, self._public_url)
        await batch.take(arriving)
        return pb.SubmitEventsResponse(results=await batch.results())

    async def _read(self, item: bytes, content_type: str, name: str) -> Arrival:
        submission, kept = ilert.read(item)
        source = await self._doors.source_of_key(submission.key)
        return await self._doors.arrival(source, submission.event, kept, content_type, name)

    async def _submitted(self, request: pb.SubmitEventRequest) -> Arrival:
        bounds.check_size(request.event.ByteSize())
        name = idempotency.check(request.event_id, "eventId")
        submission = ilert.understand(wire.document(request.event))
        source = await self._doors.source_of_key(submission.key)
        kept = wire.without_keys(request.event)
        return await self._doors.arrival(source, submission.event, kept, TYPED, name)
