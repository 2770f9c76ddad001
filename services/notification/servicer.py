"""Answers NotificationService: load, decide, reply."""

from collections.abc import Awaitable, Callable, Collection, Iterable

from sqlalchemy import Connection

from services.chassis import facts, principal
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest, NotFound
from services.chassis.teams import hides_nothing, may_name
from services.notification import webhooks, wire
from services.notification.changes import USER
from services.notification.store import attempts, notifications, standings
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1 import notification_pb2
from tocsin.notification.v1 import notification_service_pb2 as notification_calls
from tocsin.notification.v1 import notification_service_pb2_grpc as notification_rpc
from tocsin.notification.v1.webhook_pb2 import Webhook

KnowsAlert = Callable[[int], Awaitable[bool]]
SeenRuns = Callable[[Collection[str]], Awaitable[Collection[str]]]


class NotificationServicer(notification_rpc.NotificationServiceServicer):
    """The gRPC face of who was told what."""

    def __init__(self, database: Database, knows_alert: KnowsAlert, seen_runs: SeenRuns) -> None:
        self._database = database
        self._knows_alert = knows_alert
        self._seen_runs = seen_runs

    async def ListAlertNotifications(
        self, request: notification_calls.ListAlertNotificationsRequest, context: Context
    ) -> notification_calls.ListAlertNotificationsResponse:
        """See the proto."""
        found = await self._database.read(_about, wire.ALERT, str(request.id), None)
        certain = found and hides_nothing(principal.caller())
        if not certain and not await self._knows_alert(request.id):
            raise NotFound(f"there is no alert {request.id}")
        return notification_calls.ListAlertNotificationsResponse(notifications=found)

    async def ListSubjectNotifications(
        self, request: notification_calls.ListSubjectNotificationsRequest, context: Context
    ) -> notification_calls.ListSubjectNotificationsResponse:
        """See the proto."""
        if not request.kind:
            raise InvalidRequest("kind is required", field="kind")
        if not request.subject_id:
            raise InvalidRequest("subject-id is required", field="subject-id")
        subject = (request.kind, request.subject_id)
        runs = await self._database.read(standings.runs, [subject])
        seen = await self._seen_runs(runs.get(subject, set()))
        found = await self._database.read(_about, request.kind, request.subject_id, seen)
        return notification_calls.ListSubjectNotificationsResponse(notifications=found)


def _about(
    connection: Connection, kind: str, subject_id: str, seen: Collection[str] | None
) -> list[notification_pb2.Notification]:
    """Returns what people were told about a subject; of some escalations, if they are said."""
    told = notifications.about(connection, kind, subject_id)
    found = [each for each in told if seen is None or each.escalation_key in seen]
    users = facts.many(connection, USER, {each.user_id for each in found}, User)
    tries = attempts.of(connection, [each.id for each in found])
    shown = [
        wire.notification(each, users.get(str(each.user_id)), tries.get(each.id, ()))
        for each in found
    ]
    _hide_webhooks(connection, shown)
    return shown


def _hide_webhooks(connection: Connection, told: Iterable[notification_pb2.Notification]) -> None:
    """Tells the id alone of webhooks that the caller does not see, gone ones among them."""
    called = [each for each in told if each.HasField("webhook")]
    ids = {each.webhook.id for each in called}
    known = facts.ever(connection, webhooks.KIND, Webhook, ids) if ids else []
    teams = {webhook.id: [team.id for team in webhook.teams] for webhook in known}
    for each in called:
        if not may_name(principal.caller(), teams.get(each.webhook.id, [])):
            each.webhook.ClearField("name")
            each.ClearField("target")
