"""The services that notification answers, each with who answers it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import grpc

from services.chassis.audit_servicer import AuditServicer
from services.chassis.facts import FactServicer
from services.chassis.service import Served
from services.notification.answer_servicer import AnswerServicer
from services.notification.configuration_servicer import ConfigurationServicer
from services.notification.contact_servicer import (
    ContactServicer,
    EmailContactServicer,
    PhoneNumberContactServicer,
)
from services.notification.gateway_servicer import GatewayServicer
from services.notification.preference_servicer import PreferenceServicer, QuietHoursServicer
from services.notification.provider_servicer import ProviderServicer
from services.notification.servicer import NotificationServicer
from services.notification.slack_servicer import SlackServicer
from services.notification.telegram_servicer import TelegramServicer
from services.notification.twilio_servicer import TwilioServicer
from services.notification.way_servicer import WayServicer
from services.notification.web.servicer import PageServicer
from services.notification.webhook_servicer import WebhookServicer
from tocsin.chassis.internal.v1.fact_service_pb2_grpc import add_FactServiceServicer_to_server
from tocsin.notification.internal.v1.configuration_service_pb2_grpc import (
    add_ConfigurationServiceServicer_to_server,
)
from tocsin.notification.internal.v1.way_service_pb2_grpc import add_WayServiceServicer_to_server
from tocsin.notification.v1.answer_service_pb2_grpc import add_AnswerServiceServicer_to_server
from tocsin.notification.v1.audit_service_pb2_grpc import add_AuditServiceServicer_to_server
from tocsin.notification.v1.contact_service_pb2_grpc import add_ContactServiceServicer_to_server
from tocsin.notification.v1.email_contact_service_pb2_grpc import (
    add_EmailContactServiceServicer_to_server,
)
from tocsin.notification.v1.gateway_service_pb2_grpc import add_GatewayServiceServicer_to_server
from tocsin.notification.v1.notification_service_pb2_grpc import (
    add_NotificationServiceServicer_to_server,
)
from tocsin.notification.v1.page_service_pb2_grpc import add_PageServiceServicer_to_server
from tocsin.notification.v1.phone_number_contact_service_pb2_grpc import (
    add_PhoneNumberContactServiceServicer_to_server,
)
from tocsin.notification.v1.preference_service_pb2_grpc import (
    add_PreferenceServiceServicer_to_server,
)
from tocsin.notification.v1.provider_service_pb2_grpc import add_ProviderServiceServicer_to_server
from tocsin.notification.v1.quiet_hours_service_pb2_grpc import (
    add_QuietHoursServiceServicer_to_server,
)
from tocsin.notification.v1.slack_service_pb2_grpc import add_SlackServiceServicer_to_server
from tocsin.notification.v1.telegram_service_pb2_grpc import (
    add_TelegramServiceServicer_to_server,
)
from tocsin.notification.v1.twilio_service_pb2_grpc import add_TwilioServiceServicer_to_server
from tocsin.notification.v1.webhook_service_pb2_grpc import add_WebhookServiceServicer_to_server

#: By the class that answers: a service's full name, and what adds it to a server.
SERVICES: Mapping[type, tuple[str, Callable[[Any, grpc.aio.Server], None]]] = {
    AuditServicer: ("tocsin.notification.v1.AuditService", add_AuditServiceServicer_to_server),
    AnswerServicer: ("tocsin.notification.v1.AnswerService", add_AnswerServiceServicer_to_server),
    ContactServicer: (
        "tocsin.notification.v1.ContactService",
        add_ContactServiceServicer_to_server,
    ),
    EmailContactServicer: (
        "tocsin.notification.v1.EmailContactService",
        add_EmailContactServiceServicer_to_server,
    ),
    PhoneNumberContactServicer: (
        "tocsin.notification.v1.PhoneNumberContactService",
        add_PhoneNumberContactServiceServicer_to_server,
    ),
    PreferenceServicer: (
        "tocsin.notification.v1.PreferenceService",
        add_PreferenceServiceServicer_to_server,
    ),
    QuietHoursServicer: (
        "tocsin.notification.v1.QuietHoursService",
        add_QuietHoursServiceServicer_to_server,
    ),
    PageServicer: ("tocsin.notification.v1.PageService", add_PageServiceServicer_to_server),
    WebhookServicer: (
        "tocsin.notification.v1.WebhookService",
        add_WebhookServiceServicer_to_server,
    ),
    FactServicer: ("tocsin.chassis.internal.v1.FactService", add_FactServiceServicer_to_server),
    ConfigurationServicer: (
        "tocsin.notification.internal.v1.ConfigurationService",
        add_ConfigurationServiceServicer_to_server,
    ),
    TwilioServicer: ("tocsin.notification.v1.TwilioService", add_TwilioServiceServicer_to_server),
    GatewayServicer: (
        "tocsin.notification.v1.GatewayService",
        add_GatewayServiceServicer_to_server,
    ),
    TelegramServicer: (
        "tocsin.notification.v1.TelegramService",
        add_TelegramServiceServicer_to_server,
    ),
    SlackServicer: ("tocsin.notification.v1.SlackService", add_SlackServiceServicer_to_server),
    NotificationServicer: (
        "tocsin.notification.v1.NotificationService",
        add_NotificationServiceServicer_to_server,
    ),
    ProviderServicer: (
        "tocsin.notification.v1.ProviderService",
        add_ProviderServiceServicer_to_server,
    ),
    WayServicer: ("tocsin.notification.internal.v1.WayService", add_WayServiceServicer_to_server),
}


def doors(*servicers: object) -> list[Served]:
    """Returns what is served, of those who answer."""
    return [_door(servicer) for servicer in servicers]


def _door(servicer: object) -> Served:
    name, add = SERVICES[type(servicer)]
    return name, partial(add, servicer)
