"""Puts notification together and runs it. The only file here that knows every other."""

from collections.abc import Awaitable
from datetime import timedelta
from functools import partial
from typing import Any

from services.chassis.addresses import networks
from services.chassis.audit_servicer import AuditServicer
from services.chassis.facts import FactServicer
from services.chassis.sealing import sealer
from services.chassis.service import Service, service
from services.notification import consumer, references
from services.notification.answer_servicer import AnswerServicer
from services.notification.channels.channel import Channel
from services.notification.channels.email import Email
from services.notification.channels.events import events
from services.notification.channels.terminal import Terminal
from services.notification.channels.webhook import webhook
from services.notification.config import Config
from services.notification.configuration_servicer import ConfigurationServicer
from services.notification.courier import Courier
from services.notification.deliver import Deliverer
from services.notification.domain.values import Method
from services.notification.links import Links
from services.notification.peers import Subjects
from services.notification.servicer import ContactServicer, NotificationServicer
from services.notification.way_servicer import WayServicer
from services.notification.webhook_servicer import WebhookServicer
from services.notification.webhooks import KIND, Means
from tocsin.chassis.internal.v1.fact_service_pb2_grpc import add_FactServiceServicer_to_server
from tocsin.escalation.v1.token_pb2 import TokenRecord
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.internal.v1.configuration_service_pb2_grpc import (
    add_ConfigurationServiceServicer_to_server,
)
from tocsin.notification.internal.v1.way_service_pb2_grpc import add_WayServiceServicer_to_server
from tocsin.notification.v1.answer_service_pb2_grpc import add_AnswerServiceServicer_to_server
from tocsin.notification.v1.audit_service_pb2 import ListAuditEntriesResponse
from tocsin.notification.v1.audit_service_pb2_grpc import add_AuditServiceServicer_to_server
from tocsin.notification.v1.contact_service_pb2_grpc import add_ContactServiceServicer_to_server
from tocsin.notification.v1.notification_service_pb2_grpc import (
    add_NotificationServiceServicer_to_server,
)
from tocsin.notification.v1.webhook_service_pb2_grpc import add_WebhookServiceServicer_to_server

NAME = "notification"
READERS = ("alertstate", "ingest", "escalation")


async def run(config: Config) -> None:
    """Runs the service until it is told to stop."""
    seals, allowed = sealer(config), networks(config.webhook_allow)
    async with (
        service(NAME, config, READERS) as base,
        webhook(config.public_url, seals, allowed) as posting,
        events(seals, allowed) as telling,
    ):
        channels: dict[str, Channel] = {
            Method.TERMINAL: Terminal(),
            Method.EMAIL: Email(config.smtp_url, config.smtp_sender, config.public_url),
            Method.WEBHOOK: posting,
        }
        follower = base.follow(
            config.escalation_address, ["user", "token", "team", references.POLICY]
        )
        mails = bool(config.smtp_url)
        base.consume("escalation", consumer.reactions(mails=mails))
        # No page waits for what AlertState said meanwhile: it is told to webhooks alone.
        base.consume("alertstate", consumer.of_alertstate(), awaited=False)
        alerts = base.peer(config.alertstate_address) if config.alertstate_address else None
        others = base.peer(config.escalation_address)
        subjects = Subjects(alerts, others)
        links = Links(seals, config.public_url, timedelta(days=config.link_days))
        deliverer = Deliverer(base.database, base.clock, config, subjects, channels, links)
        base.loops.append(_deliver(base, deliverer))
        courier = Courier(
            base.database,
            base.clock,
            telling,
            claim_seconds=config.claim_seconds,
            keep_days=config.webhook_keep_days,
        )
        base.loops += [courier.run(), courier.sweep()]

        def ask_user(id_: int) -> Awaitable[User | None]:
            return follower.ask("user", id_, User)

        contacts = ContactServicer(base.database, base.clock, ask_user, allowed)
        parts = ConfigurationServicer(base.database, base.clock, ask_user, allowed)
        means = Means(base.clock, seals)
        hooks = WebhookServicer(base.database, means, follower, allowed, telling)
        facts = FactServicer(base.database, (KIND,))
        told = NotificationServicer(base.database, subjects.knows_alert, subjects.seen_runs)
        ways = WayServicer(base.database, base.clock, mails=mails, public_url=config.public_url)
        answers = AnswerServicer(base.database, base.clock, links, base.callers)
        entries: Any = AuditServicer(base.database, ListAuditEntriesResponse)
        await base.run(
            [
                (
                    "tocsin.notification.v1.AuditService",
                    partial(add_AuditServiceServicer_to_server, entries),
                ),
                (
                    "tocsin.notification.v1.AnswerService",
                    partial(add_AnswerServiceServicer_to_server, answers),
                ),
                (
                    "tocsin.notification.v1.ContactService",
                    partial(add_ContactServiceServicer_to_server, contacts),
                ),
                (
                    "tocsin.notification.v1.WebhookService",
                    partial(add_WebhookServiceServicer_to_server, hooks),
                ),
                (
                    "tocsin.chassis.internal.v1.FactService",
                    partial(add_FactServiceServicer_to_server, facts),
                ),
                (
                    "tocsin.notification.internal.v1.ConfigurationService",
                    partial(add_ConfigurationServiceServicer_to_server, parts),
                ),
                (
                    "tocsin.notification.v1.NotificationService",
                    partial(add_NotificationServiceServicer_to_server, told),
                ),
                (
                    "tocsin.notification.internal.v1.WayService",
                    partial(add_WayServiceServicer_to_server, ways),
                ),
            ],
            ask_owner=lambda id_: follower.ask("token", id_, TokenRecord),
        )


async def _deliver(base: Service, deliverer: Deliverer) -> None:
    """Sends what is due, once it is known what happened meanwhile."""
    await base.caught_up()
    await deliverer.run()
