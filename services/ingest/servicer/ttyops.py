"""Answers TtyopsService."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.chassis import short_ids
from services.chassis.context import Context
from services.chassis.errors import InvalidRequest, RateLimited, TocsinError
from services.ingest.acceptor import REFUSED, counting_refusals
from services.ingest.dialects import ttyops
from services.ingest.dialects.ttyops import Told
from services.ingest.domain.arrivals import Arrival, Note
from services.ingest.domain.sources import match_name
from services.ingest.doors import Doors
from services.ingest.services import Services
from tocsin.ingest.v1 import ttyops_service_pb2 as pb
from tocsin.ingest.v1 import ttyops_service_pb2_grpc as rpc

#: Services and refusals that a message names.
MOST_NAMED = 20
LONGEST_MESSAGE = 2000


@dataclass(slots=True)
class _Sorted:
    """The alerts of a batch by what becomes of them."""

    accepted: list[Arrival] = field(default_factory=list)
    refused: list[tuple[Told, InvalidRequest]] = field(default_factory=list)
    later: RateLimited | None = None  # some may come again

    @property
    def strangers(self) -> list[str]:
        """The names of services that there are not."""
        return [told.service for told, why in self.refused if why is not told.refusal]


class TtyopsServicer(rpc.TtyopsServiceServicer):
    """Takes alerts of services, which are sources that are found by name."""

    def __init__(self, doors: Doors, services: Services) -> None:
        self._doors = doors
        self._services = services

    async def PostTtyopsAlerts(
        self, request: pb.PostTtyopsAlertsRequest, context: Context
    ) -> pb.PostTtyopsAlertsResponse:
        """See the proto."""
        body = request.body
        with counting_refusals():
            batch = ttyops.read(body.data, body.content_type, self._doors.new_key)
            found = await self._sort(batch, body.content_type)
            await self._keep(found, body.content_type)
            if found.later is not None:
                raise found.later
            if found.refused and not found.accepted:
                raise _refusal([why for _, why in found.refused])
        for _, why in found.refused:
            REFUSED.labels(why.code).inc()
        return pb.PostTtyopsAlertsResponse(
            accepted=len(found.accepted),
            refused=[
                pb.PostTtyopsAlertsResponse.Refused(index=told.index, message=why.message)
                for told, why in found.refused
            ],
        )

    async def ListTtyopsServices(
        self, request: pb.ListTtyopsServicesRequest, context: Context
    ) -> pb.ListTtyopsServicesResponse:
        """See the proto."""
        return pb.ListTtyopsServicesResponse(
            services=[
                pb.TtyopsServiceRecord(
                    id=short_ids.short_id(short_ids.SERVICE, each.id), name=each.name
                )
                for each in await self._services.all()
            ]
        )

    async def _sort(self, batch: Sequence[Told], content_type: str) -> _Sorted:
        found, services = _Sorted(), await self._services.by_name()
        names = [each.name for each in services.values()][::-1][:MOST_NAMED]
        for told in batch:
            source = services.get(match_name(told.service))
            if told.event is None:
                assert told.refusal is not None
                found.refused.append((told, told.refusal))
            elif source is None:
                found.refused.append((told, ttyops.unknown_service(told, names)))
            else:
                try:
                    arrival = await self._doors.arrival(source, told.event, told.raw, content_type)
                    found.accepted.append(arrival)
                except RateLimited as later:
                    found.later = later
        return found

    async def _keep(self, found: _Sorted, content_type: str) -> None:
        """Hands a batch over as one; refused alerts are only kept where nobody else tells them."""
        beside = found.accepted or found.later
        kept = [
            self._doors.refused(_note(told, why), why.message, told.raw, content_type)
            for told, why in found.refused
            if beside or why is not told.refusal
        ]
        if found.accepted or kept:
            for outcome in await self._doors.hand_over([*found.accepted, *kept]):
                if isinstance(outcome, BaseException):
                    raise outcome
        others = [why.message for told, why in found.refused if why is told.refusal]
        await self._services.tell(found.strangers, others if beside else ())


def _note(told: Told, why: TocsinError) -> Note:
    return Note.REFUSED if why is told.refusal else Note.UNKNOWN_SERVICE


def _refusal(refused: Sequence[InvalidRequest]) -> InvalidRequest:
    """Returns the refusal of a whole batch."""
    first = refused[0]
    listed = [why.message for why in refused[:MOST_NAMED]]
    more = [f"and {len(refused) - len(listed)} more"] if len(refused) > len(listed) else []
    message = "; ".join((*listed, *more))[:LONGEST_MESSAGE]
    return InvalidRequest(message, reason=first.code, field=first.field)
