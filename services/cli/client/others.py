"""What `tocsin send` and `tocsin oncall` do."""

from collections.abc import Sequence

import grpc.aio

from services.cli.client import showing
from services.cli.client.calling import SECONDS
from services.cli.client.target import BadUsage, Target
from tocsin.escalation.v1.on_call_service_pb2 import ListOnCallsRequest
from tocsin.escalation.v1.on_call_service_pb2_grpc import OnCallServiceStub
from tocsin.ingest.v1.event_pb2 import Event
from tocsin.ingest.v1.event_service_pb2 import SubmitEventRequest
from tocsin.ingest.v1.event_service_pb2_grpc import EventServiceStub


async def send(target: Target, channel: grpc.aio.Channel, event: Event, *, as_json: bool) -> None:
    """Sends an event and prints its receipt."""
    if not target.integration_key:
        raise BadUsage(
            f"no integration key for {target.url}: give --key, or set TOCSIN_INTEGRATION_KEY"
        )
    event.integration_key = target.integration_key
    request = SubmitEventRequest(event=event)
    receipt = await EventServiceStub(channel).SubmitEvent(request, timeout=SECONDS)
    if as_json:
        showing.document(receipt)
    else:
        showing.done(f"{receipt.response_code} as event {receipt.event_id}")


async def on_call(
    target: Target,
    channel: grpc.aio.Channel,
    wanted: ListOnCallsRequest,
    *,
    as_json: bool,
) -> None:
    """Prints who is on call."""
    reply = await OnCallServiceStub(channel).ListOnCalls(
        wanted, metadata=target.metadata, timeout=SECONDS
    )
    found: Sequence[object] = reply.on_calls
    if as_json:
        showing.document(list(reply.on_calls))
    elif found:
        showing.on_calls(list(reply.on_calls))
    else:
        showing.done("nobody is on call")
