"""What `tocsin notifications` and `tocsin providers` do."""

from collections.abc import Sequence

import grpc.aio

from services.cli.client import showing
from services.cli.client.calling import SECONDS
from services.cli.client.showing import BLANK
from services.cli.client.target import Target
from tocsin.notification.v1.contact_pb2 import Contact
from tocsin.notification.v1.notification_pb2 import Notification
from tocsin.notification.v1.notification_service_pb2 import ListAlertNotificationsRequest
from tocsin.notification.v1.notification_service_pb2_grpc import NotificationServiceStub
from tocsin.notification.v1.provider_pb2 import Provider
from tocsin.notification.v1.provider_service_pb2 import ListProvidersRequest
from tocsin.notification.v1.provider_service_pb2_grpc import ProviderServiceStub


async def of_alert(
    target: Target, channel: grpc.aio.Channel, alert_id: int, *, as_json: bool
) -> None:
    """Prints who was told of an alert."""
    told = await NotificationServiceStub(channel).ListAlertNotifications(
        ListAlertNotificationsRequest(id=alert_id), metadata=target.metadata, timeout=SECONDS
    )
    show = showing.document if as_json else _notifications
    show(told.notifications)


async def providers(target: Target, channel: grpc.aio.Channel, *, as_json: bool) -> None:
    """Prints what carries messages to people."""
    told = await ProviderServiceStub(channel).ListProviders(
        ListProvidersRequest(), metadata=target.metadata, timeout=SECONDS
    )
    show = showing.document if as_json else _providers
    show(told.providers)


def _notifications(found: Sequence[Notification]) -> None:
    rows = (
        (
            str(each.id),
            _whom(each),
            showing.word(Contact.Method, each.method),
            each.target or BLANK,
            showing.word(Notification.Status, each.status),
            str(len(each.attempts)),
            showing.time(each, "notification_time"),
            _later(each),
            each.reason or BLANK,
        )
        for each in found
    )
    titles = ("ID", "TO", "BY", "AT", "STATUS", "TRIES", "TIME", "RECEIPT", "WHY")
    showing.table(titles, rows, wide="WHY")


def _whom(told: Notification) -> str:
    if told.HasField("webhook"):
        return f"webhook {told.webhook.name or told.webhook.id}"
    return f"{told.user.firstname} {told.user.lastname}".strip() or f"user {told.user.id}"


def _later(told: Notification) -> str:
    """Returns what the provider said of it after it took it."""
    for what in ("read", "delivered"):
        if told.HasField(f"{what}_time"):
            return f"{what} {showing.time(told, f'{what}_time')}"
    return BLANK


def _providers(found: Sequence[Provider]) -> None:
    rows = (
        (
            each.name,
            showing.word(Provider.Circuit, each.circuit) if each.configured else "NOT CONFIGURED",
            str(each.under_way),
            str(each.queue_depth),
            showing.time(each, "oldest_time"),
            showing.time(each, "last_success_time"),
            showing.time(each, "last_failure_time"),
            each.last_failure_reason or BLANK,
        )
        for each in found
    )
    titles = ("PROVIDER", "STATE", "BUSY", "WAIT", "SINCE", "LAST TAKEN", "LAST FAILED", "WHY")
    showing.table(titles, rows, wide="WHY")
