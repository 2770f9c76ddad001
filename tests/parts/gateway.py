"""A provider of any way to people, which takes messages over HTTP, as a local server."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from services.notification.domain.values import Failed, Outcome, Page, Retry, Sent
from tests.parts.webhook import WebhookSink


@dataclass(frozen=True)
class Told:
    """A message as the provider got it."""

    id: int
    key: str
    method: str
    to: str
    kind: str
    marked: bool
    runs: Sequence[str]  # what it speaks for, its own first
    priorities: Sequence[str]


class Gateway:
    """Hands messages to the local server."""

    def __init__(self, client: httpx.AsyncClient, sink: WebhookSink) -> None:
        self._client = client
        self._sink = sink

    def provider(self, page: Page) -> str:
        """See `Channel`."""
        return "gateway"

    async def send(self, page: Page) -> Outcome:
        """See `Channel`: 5xx may be tried again, 4xx not."""
        try:
            reply = await self._client.post(self._sink.url, json=_body(page))
        except httpx.HTTPError as error:
            return Retry(type(error).__name__, unknown=True)
        if reply.status_code >= 500:
            return Retry(f"HTTP {reply.status_code}")
        return Sent() if reply.is_success else Failed(f"HTTP {reply.status_code}")


def _body(page: Page) -> dict[str, Any]:
    intents = (page.intent, *page.bundled)
    return {
        "id": page.notification.id,
        "key": page.notification.key,
        "method": page.notification.method,
        "to": page.notification.target,
        "kind": page.notification.kind,
        "marked": page.notification.possible_repeat,
        "runs": [intent.escalation_key for intent in intents],
        "priorities": [intent.priority for intent in intents],
    }


def taken(sink: WebhookSink, to: str = "") -> list[Told]:
    """Returns what the provider got, in order: all, or what is for an address."""
    told = (Told(**json.loads(request.body)) for request in sink.requests)
    return [each for each in told if to in ("", each.to)]
