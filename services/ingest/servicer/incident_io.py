"""Answers IncidentIoService."""

import urllib.parse
from collections.abc import Iterator

from services.chassis import ulids
from services.chassis.context import Context
from services.chassis.errors import NotFound, Unauthenticated
from services.ingest.acceptor import counting_refusals
from services.ingest.dialects import incident_io
from services.ingest.domain.sources import Source
from services.ingest.doors import Doors
from tocsin.ingest.v1 import incident_io_service_pb2 as pb
from tocsin.ingest.v1 import incident_io_service_pb2_grpc as rpc

SUCCESS = "success"
MESSAGE = "Event accepted for processing"


class IncidentIoServicer(rpc.IncidentIoServiceServicer):
    """Takes events of HTTP alert sources. The credential is the source's integration key."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def CreateHttpAlertEvent(
        self, request: pb.CreateHttpAlertEventRequest, context: Context
    ) -> pb.CreateHttpAlertEventResponse:
        """See the proto."""
        with counting_refusals():
            source = await self._source(request.alert_source_config_id, list(_keys(context)))
            body = request.body
            made_up = None if source.deduplication_key_required else self._doors.new_key
            event = incident_io.read(body.data, body.content_type, made_up)
            await self._doors.accept(source, event, body.data, body.content_type)
        return pb.CreateHttpAlertEventResponse(
            status=SUCCESS, message=MESSAGE, deduplication_key=event.alert_key
        )

    async def _source(self, ulid: str, keys: list[str]) -> Source:
        """Returns the source that one of the keys opens, if it is the one with this id.

        A stranger does not learn which sources there are.
        """
        if not keys:
            told = "No authorization material provided in request"
            raise Unauthenticated(told, reason="MISSING_AUTHORIZATION_MATERIAL")
        wanted = ulids.number(ulids.SOURCE, ulid)
        opened = [source for key in keys if (source := await self._opened_by(key))]
        for source in opened:
            if source.id == wanted:
                return source
        if opened and (wanted is None or not await self._doors.has_source(wanted)):
            raise NotFound("there is no alert source with this id")
        told = "The token is not the one of this alert source"
        raise Unauthenticated(told, reason="ACCESS_TOKEN_INVALID")

    async def _opened_by(self, key: str) -> Source | None:
        try:
            return await self._doors.source_of_key(key)
        except NotFound:
            return None


def _keys(context: Context) -> Iterator[str]:
    """The credentials that a caller shows: the one of the query, which the edge made a header."""
    metadata = dict(context.invocation_metadata() or ())
    token = urllib.parse.unquote(str(metadata.get("x-tocsin-token", "")))
    authorization = str(metadata.get("authorization", "")).strip()
    scheme, _, bearer = authorization.partition(" ")
    for key in (token, bearer if scheme.lower() == "bearer" else authorization):
        if key.strip():
            yield key.strip()
