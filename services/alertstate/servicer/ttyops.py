"""Answers TtyopsService."""

from services.alertstate import deciding, wire
from services.alertstate.changing import Decide, by_caller
from services.alertstate.dialects import ttyops
from services.alertstate.domain.actions import Action
from services.alertstate.domain.alerts import Status
from services.alertstate.peers import References
from services.alertstate.store import pages
from services.alertstate.store.pages import Filter
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.principal import caller
from tocsin.alertstate.v1 import ttyops_service_pb2 as pb
from tocsin.alertstate.v1 import ttyops_service_pb2_grpc as rpc

OPEN = Filter(states=(Status.PENDING, Status.ACCEPTED))
RESOLVED = Filter(states=(Status.RESOLVED,))
MOST_OPEN = 1000
#: Clients show none; they are told so that one who looks for an alert finds that it is over.
MOST_RESOLVED = 50


class TtyopsServicer(rpc.TtyopsServiceServicer):
    """Lists alerts for ttyops' clients, and lets people answer them."""

    def __init__(self, database: Database, clock: Clock, references: References) -> None:
        self._database = database
        self._clock = clock
        self._references = references

    async def ListTtyopsAlerts(
        self, request: pb.ListTtyopsAlertsRequest, context: Context
    ) -> pb.ListTtyopsAlertsResponse:
        """See the proto."""
        found = await self._database.read(pages.newest, OPEN, MOST_OPEN, caller())
        found += await self._database.read(pages.newest, RESOLVED, MOST_RESOLVED, caller())
        return pb.ListTtyopsAlertsResponse(alerts=[ttyops.alert(alert) for alert, _ in found])

    async def AcknowledgeTtyopsAlert(
        self, request: pb.AcknowledgeTtyopsAlertRequest, context: Context
    ) -> pb.TtyopsAlert:
        """See the proto."""
        return await self._answer(request.id, Action.ACCEPT)

    async def ResolveTtyopsAlert(
        self, request: pb.ResolveTtyopsAlertRequest, context: Context
    ) -> pb.TtyopsAlert:
        """See the proto."""
        return await self._answer(request.id, Action.RESOLVE)

    async def AssignTtyopsAlert(
        self, request: pb.AssignTtyopsAlertRequest, context: Context
    ) -> pb.TtyopsAlert:
        """See the proto."""
        user = await self._references.user(ttyops.member_id(request.account_id))
        decide = deciding.assign_to_user(user.id, wire.actor(caller()))
        return await self._change(request.id, decide, "assign")

    async def _answer(self, said: str, action: Action) -> pb.TtyopsAlert:
        return await self._change(said, deciding.answer(action, wire.actor(caller())), action)

    async def _change(self, said: str, decide: Decide, action: str) -> pb.TtyopsAlert:
        by, alert_id = wire.actor(caller()), ttyops.alert_id(said)
        done = await self._database.write(by_caller, self._clock, alert_id, decide, by, action)
        return ttyops.alert(done)
