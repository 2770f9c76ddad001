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
    doors,
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
from services.notification.channels.events import events
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
from services.notification.courier import Courier
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
from tocsin.escalation.v1.token_pb2 import TokenRecord
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1.audit_service_pb2 import ListAuditEntriesResponse

NAME = "notification"
READERS = ("alertstate", "ingest", "escalation")
SPARE_THREADS = 16
QUEUE_SECONDS = 10.0
#: Who is listed though nobody has been told by them yet.
PROVIDERS = {
    "terminal": Method.TERMINAL,
    "smtp": Method.EMAIL,
    "sms": Method.SMS,
    "voice": Method.VOICE,
    "telegram": Method.TELEGRAM,
    "slack": Method.SLACK,
}


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
        events(seals, allowed) as telling,
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
        # No page waits for what AlertState said meanwhile: it is told to webhooks alone.
        base.consume("alertstate", consumer.of_alertstate(), awaited=False)
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

        means = changing.Means(base.clock, seals, offer)
        book = ContactBook(base.database, ask_user, means)
        mails = ContactBook(base.database, ask_user, means, Method.EMAIL)
        phones = ContactBook(base.database, ask_user, means, Method.PHONE)
        parts = ConfigurationServicer(base.database, ask_user, means)
        hook_means = webhooks.Means(base.clock, seals)
        hooks = WebhookServicer(base.database, hook_means, follower, allowed, telling)
        facts = FactServicer(base.database, (KIND,))
        told = NotificationServicer(base.database, subjects.knows_alert, subjects.seen_runs)
        ways = WayServicer(base.database, base.clock, offer, config.public_url)
        answers = AnswerServicer(base.database, base.clock, links, base.callers)
        configured = {name: way in offer.ways for name, way in PROVIDERS.items()}
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
            doors.doors(
                entries,
                answers,
                ContactServicer(book),
                EmailContactServicer(mails),
                PhoneNumberContactServicer(phones),
                PreferenceServicer(book),
                QuietHoursServicer(book),
                shown,
                hooks,
                facts,
                parts,
                twilio,
                gateway,
                updates,
                presses,
                told,
                providers,
                ways,
            ),
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
