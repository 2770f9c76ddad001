"""What the `tocsin webhooks` commands do."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import grpc.aio

from services.cli.client import reading, showing
from services.cli.client.calling import SECONDS, Refused
from services.cli.client.target import Target
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.notification.v1 import webhook_service_pb2 as pb
from tocsin.notification.v1.webhook_pb2 import Webhook, WebhookDelivery
from tocsin.notification.v1.webhook_service_pb2_grpc import WebhookServiceStub

PAGE = 50


class Webhooks:
    """The webhooks of one Tocsin, as one caller may see and change them."""

    def __init__(self, target: Target, channel: grpc.aio.Channel, *, as_json: bool) -> None:
        self._stub = WebhookServiceStub(channel)
        self._metadata = target.metadata
        self._as_json = as_json

    async def list(self) -> None:
        """Prints all webhooks."""
        found: list[Webhook] = []
        while len(found) % PAGE == 0:
            request = pb.ListWebhooksRequest(start_index=len(found), max_results=PAGE)
            more = (await self._call(self._stub.ListWebhooks, request)).webhooks
            if not more:
                break
            found += more
        show = showing.document if self._as_json else showing.webhooks
        show(found)

    async def create(
        self, name: str, url: str, events: Sequence[str], teams: Sequence[int]
    ) -> None:
        """Makes a webhook and prints it with its secret."""
        theirs = [Team(id=team) for team in teams]
        wanted = Webhook(name=name, url=url, events=events, teams=theirs)
        request = pb.CreateWebhookRequest(webhook=wanted)
        self._tell(await self._call(self._stub.CreateWebhook, request))

    async def rotate(self, webhook_id: int, overlap: int) -> None:
        """Gives a webhook a new secret and prints it."""
        rotation = pb.RotateWebhookSecretRequest.Rotation(overlap_seconds=overlap)
        request = pb.RotateWebhookSecretRequest(id=webhook_id, rotation=rotation)
        self._tell(await self._call(self._stub.RotateWebhookSecret, request))

    async def deliveries(self, webhook_id: int, states: Sequence[str], limit: int) -> None:
        """Prints the newest events that a webhook was told of."""
        wanted = [_state(each) for each in states]
        request = pb.ListWebhookDeliveriesRequest(id=webhook_id, states=wanted, max_results=limit)
        found = (await self._call(self._stub.ListWebhookDeliveries, request)).deliveries
        show = showing.document if self._as_json else showing.deliveries
        show(list(found))

    async def ping(self, webhook_id: int) -> None:
        """Tests a webhook. Raises Refused if it does not take the test."""
        told = await self._call(self._stub.PingWebhook, pb.PingWebhookRequest(id=webhook_id))
        if self._as_json:
            showing.document(told)
        elif told.delivered:
            showing.done(f"the webhook took it, after {told.duration_ms} ms")
        if not told.delivered:
            raise Refused(f"the webhook did not take it: {told.error}")

    async def _call(self, method: Callable[..., Any], request: Any) -> Any:
        return await method(request, metadata=self._metadata, timeout=SECONDS)

    def _tell(self, webhook: Webhook) -> None:
        if self._as_json:
            showing.document(webhook)
        else:
            showing.webhooks([webhook])
            print(f"\n{webhook.secret}")


def _state(told: str) -> str:
    return WebhookDelivery.State.Name(reading.word(WebhookDelivery.State, told, "state"))


Work = Callable[[Webhooks], Coroutine[Any, Any, None]]
