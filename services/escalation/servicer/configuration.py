"""Answers ConfigurationService."""

from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.escalation.documents.applying import Applying
from services.escalation.documents.parts import Parts
from tocsin.configuration.v1 import configuration_service_pb2 as pb
from tocsin.configuration.v1 import configuration_service_pb2_grpc as rpc
from tocsin.configuration.v1.configuration_pb2 import Configuration


class ConfigurationServicer(rpc.ConfigurationServiceServicer):
    """The gRPC face of the configuration as a document."""

    def __init__(self, database: Database, clock: Clock, parts: Parts) -> None:
        self._applying = Applying(database, clock, parts)

    async def ExportConfiguration(
        self, request: pb.ExportConfigurationRequest, context: Context
    ) -> Configuration:
        """See the proto."""
        return await self._applying.export()

    async def ApplyConfiguration(
        self, request: pb.ApplyConfigurationRequest, context: Context
    ) -> pb.ApplyConfigurationResponse:
        """See the proto."""
        return await self._applying.apply(request)
