"""Answers IncidentIoService."""

from services.alertstate.dialects import incident_io
from services.alertstate.store import pages
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.principal import caller
from tocsin.alertstate.v1 import incident_io_service_pb2 as pb
from tocsin.alertstate.v1 import incident_io_service_pb2_grpc as rpc


class IncidentIoServicer(rpc.IncidentIoServiceServicer):
    """Lists alerts for incident.io's clients."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ListHttpAlerts(
        self, request: pb.ListHttpAlertsRequest, context: Context
    ) -> pb.ListHttpAlertsResponse:
        """See the proto."""
        size, wanted = incident_io.page_size(request), incident_io.wanted(request)
        found = await self._database.read(pages.newest, wanted, size + 1, caller())
        return incident_io.page(found, size)
