"""Puts notification together and runs it. The only file here that knows every other."""

import asyncio
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from services.chassis.addresses import networks
from services.chassis.audit_servicer import AuditServicer
from services.chassis.errors import Unavailable
from services.chassis.facts import FactServicer
from services.chassis.sealing import sealer
from services.chassis.service import Service, service
from services.notification import (
    addresses,
    changing,
    consumer,
    falling,
    metrics,
    references,
    telephones,
    webhooks,
)
from services.notification.answer_servicer import AnswerServicer
from services.notification.buttons import Buttons
from services.notification.channels import asking
from services.notification.channels.apprise import Apprise
from services.notification.channels.channel import Channel
from services.notification.channels.email import Email
from services.notification.channels.ntfy import Ntfy
from services.notification.channels.slack import Slack
from services.notification.channels.telegram import Telegram
from services.notification.channels.terminal import Terminal
from services.notification.channels.webhook import webhook
from services.notification.config import Config, schemes
from services.notification.configuration_servicer import ConfigurationServicer
from services.notification.contact_book import ContactBook
from services.notification.contact_servicer import (
    ContactServicer,
    EmailContactServicer,
    PhoneNumberContactServicer,
)
from services.notification.deliver import Deliverer
from services.notification.domain.values import Method
from services.notification.duties import Duties
from services.notification.gateway_servicer import GatewayServicer
from services.notification.links import Links
from services.notification.peers import Subjects
from services.notification.phones import Phones
from services.notification.preference_servicer import PreferenceServicer, QuietHoursServicer
from services.notification.provider_servicer import ProviderServicer
from services.notification.servicer import NotificationServicer
from services.notification.slack_servicer import SlackServicer
from services.notification.store import queue
from services.notification.telegram_servicer import TelegramServicer
from services.notification.twilio_servicer import TwilioServicer
from services.notification.wants import preferences_of
from services.notification.way_servicer import WayServicer
from services.notification.web.wiring import pages
from services.notification.webhook_servicer import WebhookServicer
from services.notification.webhooks import KIND
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

NAME = "notification"
READERS = ("alertstate", "ingest", "escalation")
SPARE_THREADS = 16
QUEUE_SECONDS = 10.0


async def run(config: Config) -> None:
    """Runs the service until it is told to stop."""
    telephones.check(config)
    # Names are looked up in threads: as many as messages, so that one that hangs holds up none.
    threads = ThreadPoolExecutor(config.send_concurrency + SPARE_THREADS)
    asyncio.get_running_loop().set_default_executor(threads)
    seals, allowed = sealer(config), networks(config.webhook_allow)
    async with (
        service(NAME, config, READERS) as base,
        webhook(config.public_url, seals, allowed) as posting,
        asking.opened(allowed) as client,
    ):
        telephone = Phones(base.database, base.clock)
        telegram = Telegram(client, config.telegram_url, config.telegram_token)
        slack = Slack(client, config.slack_url, config.slack_token)
        channels: dict[str, Channel] = {
            Method.TERMINAL: Terminal(),
            Method.EMAIL: Email(config.smtp_url, config.smtp_sender),
            Method.WEBHOOK: posting,
            **telephones.channels(config, client, telephone.refusal),
            Method.PUSH: Ntfy(client, config.ntfy_url, config.ntfy_token),
            Method.TELEGRAM: telegram,
            Method.SLACK: slack,
            Method.APPRISE: Apprise(schemes(config.apprise_schemes), allowed),
        }
        follower = base.follow(
            config.escalation_address, ["user", "token", "team", references.POLICY]
        )
        await base.database.write(addresses.seal_plain, seals)
        offer = telephones.offer(config)
        base.consume("escalation", consumer.reactions(offer.ways))
        alerts = base.peer(config.alertstate_address) if config.alertstate_address else None
        others = base.peer(config.escalation_address)
        subjects = Subjects(alerts, others)
        links = Links(seals, config.public_url, timedelta(days=config.link_days))
        deliverer = Deliverer(base.database, base.clock, config, subjects, channels, seals, links)
        base.loops.append(_deliver(base, deliverer))
        base.loops.append(_tell_queue(base))
        wanted = partial(preferences_of, offered=offer.ways)
        base.loops.append(_remind(base, Duties(base.database, base.clock, others, wanted)))
        base.act_when_due({falling.UNCERTAIN: partial(falling.look, patience=config.patience)})

        def ask_user(id_: int) -> Awaitable[User | None]:
            return follower.ask("user", id_, User)

        means = changing.Means(base.clock, seals, offer)
        book = ContactBook(base.database, ask_user, means)
        mails = ContactBook(base.database, ask_user, means, Method.EMAIL)
        phones = ContactBook(base.database, ask_user, means, Method.PHONE)
        parts = ConfigurationServicer(base.database, ask_user, means)
        hook_means = webhooks.Means(base.clock, seals)
        hooks = WebhookServicer(base.database, hook_means, follower, allowed)
        facts = FactServicer(base.database, (KIND,))
        told = NotificationServicer(base.database, subjects.knows_alert, subjects.seen_runs)
        ways = WayServicer(base.database, base.clock, offer, config.public_url)
        answers = AnswerServicer(base.database, base.clock, links, base.callers)
        configured = {"terminal": True, "smtp": bool(config.smtp_url)}
        configured |= {way.lower(): way in channels for way in (Method.SMS, Method.VOICE)}
        providers = ProviderServicer(base.database, base.clock, deliverer.lanes, configured)
        shown = pages(base, config, links, alerts, others)
        twilio = TwilioServicer(
            telephone, base.callers, config.public_url, config.twilio_auth_token
        )
        gateway = GatewayServicer(telephone, base.callers, base.clock, config.gateway_secret)
        buttons = Buttons(base.database, base.clock, links)
        updates = TelegramServicer(buttons, telegram, base.callers, config.telegram_secret)
        presses = SlackServicer(
            buttons, slack, base.callers, base.clock, config.slack_signing_secret
        )
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
                    partial(add_ContactServiceServicer_to_server, ContactServicer(book)),
                ),
                (
                    "tocsin.notification.v1.EmailContactService",
                    partial(add_EmailContactServiceServicer_to_server, EmailContactServicer(mails)),
                ),
                (
                    "tocsin.notification.v1.PhoneNumberContactService",
                    partial(
                        add_PhoneNumberContactServiceServicer_to_server,
                        PhoneNumberContactServicer(phones),
                    ),
                ),
                (
                    "tocsin.notification.v1.PreferenceService",
                    partial(add_PreferenceServiceServicer_to_server, PreferenceServicer(book)),
                ),
                (
                    "tocsin.notification.v1.QuietHoursService",
                    partial(add_QuietHoursServiceServicer_to_server, QuietHoursServicer(book)),
                ),
                (
                    "tocsin.notification.v1.PageService",
                    partial(add_PageServiceServicer_to_server, shown),
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
                    "tocsin.notification.v1.TwilioService",
                    partial(add_TwilioServiceServicer_to_server, twilio),
                ),
                (
                    "tocsin.notification.v1.GatewayService",
                    partial(add_GatewayServiceServicer_to_server, gateway),
                ),
                (
                    "tocsin.notification.v1.TelegramService",
                    partial(add_TelegramServiceServicer_to_server, updates),
                ),
                (
                    "tocsin.notification.v1.SlackService",
                    partial(add_SlackServiceServicer_to_server, presses),
                ),
                (
                    "tocsin.notification.v1.NotificationService",
                    partial(add_NotificationServiceServicer_to_server, told),
                ),
                (
                    "tocsin.notification.v1.ProviderService",
                    partial(add_ProviderServiceServicer_to_server, providers),
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


async def _remind(base: Service, duties: Duties) -> None:
    """Reminds people of their shifts, once it is known what happened meanwhile."""
    await base.caught_up()
    await duties.run()


async def _tell_queue(base: Service) -> None:
    """Tells Prometheus, now and then, who waits."""
    while True:
        with suppress(Unavailable):
            metrics.tell_queue(await base.database.read(queue.depths), base.clock.wall())
        await asyncio.sleep(QUEUE_SECONDS)
