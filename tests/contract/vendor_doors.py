"""The doors in other vendors' dialects, over the database of ingest's house."""

import json
from typing import Any

from google.api.httpbody_pb2 import HttpBody

from services.ingest.servicer.ilert_v1 import IlertV1Servicer
from services.ingest.servicer.opsgenie import OpsgenieServicer
from services.ingest.servicer.pagerduty import PagerdutyServicer
from services.ingest.store.tables import EVENT
from tests.contract.blocking import Answer, Calls
from tests.contract.ingest_house import NOBODY, URL, Door
from tocsin.ingest.v1 import ilert_v1_service_pb2 as ilert_v1_pb
from tocsin.ingest.v1 import opsgenie_service_pb2 as opsgenie_pb
from tocsin.ingest.v1 import pagerduty_service_pb2 as pagerduty_pb
from tocsin.ingest.v1.ingest_events_pb2 import AcceptedEvent, EventsAccepted

JSON = "application/json"


class VendorDoors:
    """Posts to the doors and looks at what came of it."""

    def __init__(self, door: Door) -> None:
        doors = door.doors
        self._door = door
        servicers = {
            pagerduty_pb: PagerdutyServicer(doors),
            opsgenie_pb: OpsgenieServicer(doors, door.db, door.clock),
            ilert_v1_pb: IlertV1Servicer(doors, URL),
        }
        self._calls: dict[str, tuple[Calls, Any]] = {}
        for protos, servicer in servicers.items():
            (service,) = protos.DESCRIPTOR.services_by_name.values()
            calls = Calls(service, servicer, NOBODY)
            self._calls |= {method.name: (calls, protos) for method in service.methods}

    async def post(
        self, method: str, body: Any, shown: dict[str, str] | None = None, **fields: str
    ) -> Answer:
        """Posts JSON, or bytes as they are; `shown` are headers."""
        calls, protos = self._calls[method]
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = HttpBody(data=raw, content_type=JSON if raw else "")
        request = getattr(protos, f"{method}Request")(body=sent, **fields)
        return await calls(method, request, **(shown or {}))

    async def status(self, key: str, request_id: str) -> Answer:
        """Asks what became of a request to Opsgenie's door."""
        calls, protos = self._calls["GetOpsgenieRequest"]
        request = protos.GetOpsgenieRequestRequest(request_id=request_id)
        return await calls("GetOpsgenieRequest", request, authorization=f"GenieKey {key}")

    async def told(self) -> list[AcceptedEvent]:
        """Returns the events that the other services hear of."""
        published = await self._door.published(EventsAccepted)
        return [event for group in published for event in group.events]

    async def log(self) -> list[Any]:
        """Returns the event log."""
        return await self._door.rows(EVENT)
