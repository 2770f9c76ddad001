"""Answers AlertWatchService."""

from collections.abc import AsyncIterator

from google.api import httpbody_pb2

from services.alertstate import watch
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.watches import Watches
from services.chassis.watching import Bell
from tocsin.alertstate.v1 import alert_watch_service_pb2 as pb
from tocsin.alertstate.v1 import alert_watch_service_pb2_grpc as rpc

#: Of an alert and the policy in it: see the options of the fields.
OMITTED = ("escalationRules", "members", "restrictions", "scheduleLayers", "shifts")


class AlertWatchServicer(rpc.AlertWatchServiceServicer):
    """The gRPC face of the changes."""

    def __init__(self, database: Database, bell: Bell) -> None:
        self._watches = Watches(database, bell, watch.ALERTS, event="alert", omitted=OMITTED)

    def WatchAlerts(  # noqa: N802 # the contract's name
        self, request: pb.WatchAlertsRequest, context: Context
    ) -> AsyncIterator[pb.WatchAlertsResponse]:
        """See the proto."""
        return self._watches.told(request.resume_token, watch.wanted(request).has, context)

    def StreamAlerts(  # noqa: N802 # as above
        self, request: pb.StreamAlertsRequest, context: Context
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        """See the proto."""
        return self._watches.frames(request.resume_token, watch.wanted(request).has, context)
