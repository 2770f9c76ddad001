"""Answers WebhookService."""

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime
from time import monotonic

from sqlalchemy import Connection

from services.chassis import teams
from services.chassis.addresses import Network
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import NotFound
from services.chassis.paging import page
from services.chassis.principal import caller
from services.chassis.team_context import wanted_teams
from services.notification import (
    deliveries,
    destinations,
    references,
    telling,
    webhook_wire,
    webhooks,
)
from services.notification.channels.events import Events
from services.notification.domain import happenings
from services.notification.domain.values import Hook, Sent
from services.notification.domain.webhooks import Wanted, Webhook
from services.notification.references import Owner
from services.notification.store import deliveries as delivery_store
from services.notification.store import webhooks as store
from services.notification.webhooks import Means
from tocsin.notification.v1 import webhook_pb2
from tocsin.notification.v1 import webhook_service_pb2 as pb
from tocsin.notification.v1 import webhook_service_pb2_grpc as rpc

log = logging.getLogger(__name__)

PAGE = 50
MOST_DELIVERIES = 100
#: How long a test may take, within the call that asks for it.
PING_SECONDS = 7.0
#: Who may see where a webhook is.
WRITE = "config:write"


class WebhookServicer(rpc.WebhookServiceServicer):
    """Keeps the webhooks."""

    def __init__(
        self,
        database: Database,
        means: Means,
        owner: Owner,
        allowed: Sequence[Network],
        events: Events,
    ) -> None:
        """Takes whom to ask for teams, and which addresses that are not public may be called."""
        self._events = events
        self._database = database
        self._means = means
        self._owner = owner
        self._allowed = allowed

    async def CreateWebhook(
        self, request: pb.CreateWebhookRequest, context: Context
    ) -> webhook_pb2.Webhook:
        """See the proto."""
        wanted = await self._wanted(request.webhook, None)
        return await self._database.write(self._create, wanted)

    async def GetWebhook(
        self, request: pb.GetWebhookRequest, context: Context
    ) -> webhook_pb2.Webhook:
        """See the proto."""
        return await self._database.read(self._get, request.id)

    async def GetWebhookByName(
        self, request: pb.GetWebhookByNameRequest, context: Context
    ) -> webhook_pb2.Webhook:
        """See the proto."""
        return await self._database.read(self._get_by_name, request.name)

    async def UpdateWebhook(
        self, request: pb.UpdateWebhookRequest, context: Context
    ) -> webhook_pb2.Webhook:
        """See the proto."""
        known = await self._database.read(webhooks.changeable, request.id)
        wanted = await self._wanted(request.webhook, known)
        return await self._database.write(self._change, request.id, wanted)

    async def RotateWebhookSecret(
        self, request: pb.RotateWebhookSecretRequest, context: Context
    ) -> webhook_pb2.Webhook:
        """See the proto."""
        overlap = webhook_wire.overlap(request.rotation)

        def rotate(connection: Connection) -> webhook_pb2.Webhook:
            changed, secret = webhooks.rotate(connection, self._means, request.id, overlap)
            return self._render(connection, changed, secret)

        return await self._database.write(rotate)

    async def DeleteWebhook(
        self, request: pb.DeleteWebhookRequest, context: Context
    ) -> pb.DeleteWebhookResponse:
        """See the proto. A policy may call it since a moment ago."""
        await self._owner.refresh()
        await self._database.write(webhooks.remove, self._means, request.id)
        return pb.DeleteWebhookResponse()

    async def ListWebhooks(
        self, request: pb.ListWebhooksRequest, context: Context
    ) -> pb.ListWebhooksResponse:
        """See the proto."""
        wanted, of_teams = page(request, default=PAGE, most=PAGE), wanted_teams(context)

        def find(connection: Connection) -> list[webhook_pb2.Webhook]:
            found = store.oldest(connection, wanted, of_teams, caller())
            return _shown(connection, found, {each.id: each.origin for each in found})

        return pb.ListWebhooksResponse(webhooks=await self._database.read(find))

    async def ListWebhookDeliveries(
        self, request: pb.ListWebhookDeliveriesRequest, context: Context
    ) -> pb.ListWebhookDeliveriesResponse:
        """See the proto."""
        wanted = page(request, default=PAGE, most=MOST_DELIVERIES)
        states = webhook_wire.states(request.states)

        def find(connection: Connection) -> list[webhook_pb2.WebhookDelivery]:
            _seen(connection, request.id)
            found = delivery_store.newest(connection, request.id, states, wanted)
            return [webhook_wire.delivery(each) for each in found]

        found = await self._database.read(find)
        return pb.ListWebhookDeliveriesResponse(deliveries=found)

    async def RetryWebhookDelivery(
        self, request: pb.RetryWebhookDeliveryRequest, context: Context
    ) -> webhook_pb2.WebhookDelivery:
        """See the proto."""

        def retry(connection: Connection) -> webhook_pb2.WebhookDelivery:
            webhooks.changeable(connection, request.id)
            clock, delivery_id = self._means.clock, request.delivery_id
            after = deliveries.retry(connection, clock, request.id, delivery_id)
            return webhook_wire.delivery(after)

        return await self._database.write(retry)

    async def PingWebhook(
        self, request: pb.PingWebhookRequest, context: Context
    ) -> pb.PingWebhookResponse:
        """See the proto."""

        def find(connection: Connection) -> tuple[Webhook, Hook, datetime]:
            known, now = webhooks.changeable(connection, request.id), self._means.clock
            hook = store.hooks(connection, [known.id], now.now(connection))[known.id]
            return known, hook, now.now(connection)

        known, hook, now = await self._database.read(find)
        told = {"webhook": {"id": known.id, "name": known.name}}
        body, started = telling.envelope(happenings.PING, now, told), monotonic()
        event_id = f"ping:{secrets.token_hex(8)}"
        outcome = await self._events.post(hook, event_id, body, now, PING_SECONDS)
        return pb.PingWebhookResponse(
            delivered=isinstance(outcome, Sent),
            error="" if isinstance(outcome, Sent) else outcome.why,
            duration_ms=int((monotonic() - started) * 1000),
        )

    async def _wanted(self, message: webhook_pb2.Webhook, known: Webhook | None) -> Wanted:
        wanted = webhook_wire.wanted(message)
        if wanted.url is not None:
            destinations.checked(wanted.url, "url", self._allowed)
        teams.refuse_giving(caller(), wanted.team_ids)
        kept = known.team_ids if known else ()
        await references.check(self._owner, wanted.team_ids, kept, caller())
        return wanted

    def _create(self, connection: Connection, wanted: Wanted) -> webhook_pb2.Webhook:
        made, secret = webhooks.create(connection, self._means, wanted)
        return self._render(connection, made, secret)

    def _change(
        self, connection: Connection, webhook_id: int, wanted: Wanted
    ) -> webhook_pb2.Webhook:
        changed = webhooks.change(connection, self._means, webhook_id, wanted)
        return self._render(connection, changed)

    def _get(self, connection: Connection, webhook_id: int) -> webhook_pb2.Webhook:
        return self._render(connection, _seen(connection, webhook_id))

    def _get_by_name(self, connection: Connection, name: str) -> webhook_pb2.Webhook:
        found = store.of_name(connection, name)
        if found is None or not teams.sees(caller(), found.team_ids):
            raise NotFound("there is no webhook with this name")
        return self._render(connection, found)

    def _render(
        self, connection: Connection, webhook: Webhook, secret: str | None = None
    ) -> webhook_pb2.Webhook:
        """Shows one webhook; where it is, to those who could change that."""
        url = None
        if caller().may(WRITE) and teams.changes(caller(), webhook.team_ids):
            url = webhooks.opened_url(connection, self._means, webhook.id)
            if url is None:
                log.error("the URL of webhook %s is not shown: it cannot be opened", webhook.id)
        shown = _shown(connection, [webhook], {webhook.id: url or webhook.origin})[0]
        if secret is not None:
            shown.secret = secret
        return shown


def _seen(connection: Connection, webhook_id: int) -> Webhook:
    """Returns a webhook that the caller sees. Raises NotFound."""
    found = store.get(connection, webhook_id)
    teams.refuse_unseen(caller(), found.team_ids, f"webhook {webhook_id}")
    return found


def _shown(
    connection: Connection, found: Sequence[Webhook], urls: dict[int, str]
) -> list[webhook_pb2.Webhook]:
    known = references.teams(connection, {team for each in found for team in each.team_ids})
    took = store.standings(connection, [each.id for each in found])
    told = [webhook_wire.shown(each, known, urls[each.id], took[each.id]) for each in found]
    teams.hide_unseen(caller(), told)
    return told
