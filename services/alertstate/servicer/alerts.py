"""Answers AlertService: load, decide, save, reply."""

from collections.abc import Container, Sequence

from services.alertstate import creating, deciding, known, requests, showing, wire
from services.alertstate.bulk import answer_all
from services.alertstate.changing import Decide, by_caller
from services.alertstate.domain.actions import Action
from services.alertstate.domain.alerts import Alert
from services.alertstate.peers import Escalations, References
from services.alertstate.shortening import fitting
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest
from services.chassis.paging import Page, page
from services.chassis.principal import caller
from services.chassis.rpc import seconds_left
from services.chassis.team_context import wanted_teams
from tocsin.alertstate.v1 import alert_pb2
from tocsin.alertstate.v1 import alert_service_pb2 as pb
from tocsin.alertstate.v1 import alert_service_pb2_grpc as rpc

DEFAULT_PAGE = 50
LARGEST_PAGE = 100


class AlertServicer(rpc.AlertServiceServicer):
    """The gRPC face of the alerts."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        references: References,
        escalations: Escalations,
    ) -> None:
        self._database = database
        self._clock = clock
        self._references = references
        self._escalations = escalations

    async def ListAlerts(
        self, request: pb.ListAlertsRequest, context: Context
    ) -> pb.ListAlertsResponse:
        """See the proto."""
        part = page(request, default=DEFAULT_PAGE, most=LARGEST_PAGE)
        found = await self._database.read(showing.page, request, part, wanted_teams(context))
        alerts = await self._with_next(found, request.include)
        return pb.ListAlertsResponse(alerts=fitting(alerts))

    async def CountAlerts(
        self, request: pb.CountAlertsRequest, context: Context
    ) -> pb.CountAlertsResponse:
        """See the proto."""
        count = await self._database.read(showing.count, request, wanted_teams(context))
        return pb.CountAlertsResponse(count=count)

    async def GetAlert(self, request: pb.GetAlertRequest, context: Context) -> alert_pb2.Alert:
        """See the proto."""
        found = await self._database.read(showing.one, request.id, request.include)
        return (await self._with_next(found, request.include))[0]

    async def CreateAlert(
        self, request: pb.CreateAlertRequest, context: Context
    ) -> alert_pb2.Alert:
        """See the proto."""
        manual = requests.manual(request.alert)
        if manual.source_id:
            await self._references.source(manual.source_id)
        if manual.policy_id:
            await self._references.policy(manual.policy_id)
        for user_id in manual.user_ids:
            await self._references.user(user_id)
        by = wire.actor(caller())
        alert = await self._database.write(creating.create, self._clock, manual, by)
        return await self._after_effect(alert)

    async def AcceptAlert(
        self, request: pb.AcceptAlertRequest, context: Context
    ) -> alert_pb2.Alert:
        """See the proto."""
        return await self._after_effect(await self._answer(request.id, Action.ACCEPT))

    async def ResolveAlert(
        self, request: pb.ResolveAlertRequest, context: Context
    ) -> alert_pb2.Alert:
        """See the proto."""
        return await self._after_effect(await self._answer(request.id, Action.RESOLVE))

    async def AddResponder(
        self, request: pb.AddResponderRequest, context: Context
    ) -> alert_pb2.Responder:
        """See the proto."""
        user_id = requests.responder(request, await self._meant(request.user_login))
        user = await self._references.user(user_id)
        await self._change(request.id, deciding.add(user_id, wire.actor(caller())), "add-responder")
        person = alert_pb2.Responder.Person(
            id=user_id, first_name=user.first_name, last_name=user.last_name
        )
        return alert_pb2.Responder(user=person, status=alert_pb2.Responder.PENDING)

    async def RemoveResponder(
        self, request: pb.RemoveResponderRequest, context: Context
    ) -> pb.RemoveResponderResponse:
        """See the proto."""
        decide = deciding.remove(request.user_id, wire.actor(caller()))
        await self._change(request.id, decide, "remove-responder")
        return pb.RemoveResponderResponse()

    async def AssignAlert(
        self, request: pb.AssignAlertRequest, context: Context
    ) -> alert_pb2.Alert:
        """See the proto."""
        target = requests.target(request, await self._meant(request.user_login))
        decide = await self._assignment(target)
        return await self._after_effect(await self._change(request.id, decide, "assign"))

    async def EscalateAlert(
        self, request: pb.EscalateAlertRequest, context: Context
    ) -> alert_pb2.Alert:
        """See the proto."""
        decide = deciding.escalate(wire.actor(caller()))
        return await self._after_effect(await self._change(request.id, decide, "escalate"))

    async def SetAlertPriority(
        self, request: pb.SetAlertPriorityRequest, context: Context
    ) -> alert_pb2.Alert:
        """See the proto."""
        wanted = requests.priority(request.priority)
        decide = deciding.set_priority(wanted, wire.actor(caller()))
        return await self._shown(await self._change(request.id, decide, "priority"))

    async def SnoozeAlert(
        self, request: pb.SnoozeAlertRequest, context: Context
    ) -> alert_pb2.Alert:
        """See the proto."""
        if not request.HasField("until"):
            raise InvalidRequest("until is required", field="until")
        until = requests.time(request.until, "until")
        decide = deciding.snooze(until, wire.actor(caller()))
        return await self._shown(await self._change(request.id, decide, "snooze"))

    async def CommentAlert(
        self, request: pb.CommentAlertRequest, context: Context
    ) -> alert_pb2.Comment:
        """See the proto."""
        decide = deciding.comment(requests.comment(request.comment), wire.actor(caller()))
        alert = await self._change(request.id, decide, "comment")
        newest = Page(offset=alert.comment_count - 1, limit=1)
        (said,) = await self._database.read(showing.said, alert.id, newest)
        return said

    async def ListComments(
        self, request: pb.ListCommentsRequest, context: Context
    ) -> pb.ListCommentsResponse:
        """See the proto."""
        part = page(request, default=LARGEST_PAGE, most=LARGEST_PAGE)
        said = await self._database.read(showing.said, request.id, part)
        return pb.ListCommentsResponse(comments=fitting(said))

    async def ListSuggestedResponders(
        self, request: pb.ListSuggestedRespondersRequest, context: Context
    ) -> pb.ListSuggestedRespondersResponse:
        """See the proto."""
        policy_id = await self._database.read(showing.policy_of, request.id)
        meant = await self._escalations.people(policy_id) if policy_id else ()
        found = await self._database.read(showing.suggested, request.id, meant)
        return pb.ListSuggestedRespondersResponse(suggested_responders=found)

    async def ListLogEntries(
        self, request: pb.ListLogEntriesRequest, context: Context
    ) -> pb.ListLogEntriesResponse:
        """See the proto."""
        asked = showing.Asked(
            page=page(request, default=DEFAULT_PAGE, most=LARGEST_PAGE),
            language=requests.language(request),
            groups=tuple(requests.filter_types(request.filter_types)),
            with_vars=showing.VARS in request.include,
        )
        found = await self._database.read(showing.log_entries, request.id, asked)
        return pb.ListLogEntriesResponse(log_entries=fitting(found))

    async def BulkAcceptAlerts(
        self, request: pb.BulkAcceptAlertsRequest, context: Context
    ) -> pb.BulkAcceptAlertsResponse:
        """See the proto."""
        results = await self._answer_all(request.ids, Action.ACCEPT, context)
        return pb.BulkAcceptAlertsResponse(results=results)

    async def BulkResolveAlerts(
        self, request: pb.BulkResolveAlertsRequest, context: Context
    ) -> pb.BulkResolveAlertsResponse:
        """See the proto."""
        results = await self._answer_all(request.ids, Action.RESOLVE, context)
        return pb.BulkResolveAlertsResponse(results=results)

    async def _meant(self, login: str) -> int:
        return await self._database.read(known.meant, login)

    async def _assignment(self, target: requests.Target) -> Decide:
        by = wire.actor(caller())
        if target.user_id:
            await self._references.user(target.user_id)
            return deciding.assign_to_user(target.user_id, by)
        if target.policy_id:
            policy = await self._references.policy(target.policy_id)
            return deciding.assign_to_policy(policy.id, policy.name, by)
        schedule = await self._references.schedule(target.schedule_id)
        on_call = await self._escalations.on_call(schedule.id)
        return deciding.assign_to_schedule(schedule.id, schedule.name, on_call, by)

    async def _answer(self, alert_id: int, action: Action) -> Alert:
        decide = deciding.answer(action, wire.actor(caller()))
        return await self._change(alert_id, decide, action)

    async def _answer_all(
        self, alert_ids: Sequence[int], action: Action, context: Context
    ) -> list[pb.BulkResult]:
        by, seconds = wire.actor(caller()), seconds_left(context)
        return await answer_all(self._database, self._clock, alert_ids, action, by, seconds)

    async def _change(self, alert_id: int, decide: Decide, action: str) -> Alert:
        by = wire.actor(caller())
        return await self._database.write(by_caller, self._clock, alert_id, decide, by, action)

    async def _with_next(
        self, found: showing.Shown, include: Container[str]
    ) -> Sequence[alert_pb2.Alert]:
        """Returns alerts with who is paged next, if that is asked for."""
        if showing.NEXT_ESCALATION_USER in include:
            users = await self._escalations.next_users(found.alerts)
            for alert in found.rendered:
                if alert.id in users:
                    alert.next_escalation_user.CopyFrom(users[alert.id])
        return found.rendered

    async def _after_effect(self, alert: Alert) -> alert_pb2.Alert:
        run = await self._escalations.effect(alert)
        return await self._database.read(showing.after_effect, self._clock, alert.id, run)

    async def _shown(self, alert: Alert) -> alert_pb2.Alert:
        return (await self._database.read(showing.one, alert.id)).rendered[0]
