"""Answers EscalationWatchService."""

from collections.abc import AsyncIterator

from google.api import httpbody_pb2

from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.watches import Watches
from services.chassis.watching import Bell
from services.escalation import watch
from tocsin.escalation.v1 import escalation_watch_service_pb2 as pb
from tocsin.escalation.v1 import escalation_watch_service_pb2_grpc as rpc


class EscalationWatchServicer(rpc.EscalationWatchServiceServicer):
    """The gRPC face of what becomes of runs."""

    def __init__(self, database: Database, bell: Bell) -> None:
        self._watches = Watches(database, bell, watch.RUNS, event="escalation")

    def WatchEscalations(
        self, request: pb.WatchEscalationsRequest, context: Context
    ) -> AsyncIterator[pb.WatchEscalationsResponse]:
        """See the proto."""
        return self._watches.told(request.resume_token, watch.wanted(request).has, context)

    def StreamEscalations(
        self, request: pb.StreamEscalationsRequest, context: Context
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        """See the proto."""
        return self._watches.frames(request.resume_token, watch.wanted(request).has, context)
