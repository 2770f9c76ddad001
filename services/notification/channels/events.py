"""Events as signed HTTP POSTs to webhooks, over connections of their own.

What is slow here is slow for no page: neither connections nor look-ups of names are shared with
the pages' channels. Whatever a webhook answers but 2xx is no reason not to try again: what is
answered wrongly today is mended tomorrow.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime

import httpx

from services.chassis.addresses import Network
from services.chassis.errors import Unavailable
from services.chassis.sealing import Sealer
from services.notification import signing, webhooks
from services.notification.channels.asking import drain, retry_after
from services.notification.channels.guarded import GuardedTransport, Refused
from services.notification.domain.values import Failed, Hook, Outcome, Retry, Sent

log = logging.getLogger(__name__)

SECONDS = 10.0
#: How long a try that took too long may put its things away.
TIDY_SECONDS = 1.0
MOST_CONNECTIONS = 10_000  # each webhook has lanes of its own, which bound them
MOST_LOOKUPS = 32


class Events:
    """Posts events to webhooks."""

    def __init__(self, client: httpx.AsyncClient, sealer: Sealer) -> None:
        self._client = client
        self._sealer = sealer

    async def post(
        self, hook: Hook, event_id: str, body: bytes, now: datetime, seconds: float = SECONDS
    ) -> Outcome:
        """Tells a webhook of an event, once, and returns within some seconds how that went."""
        posting = asyncio.create_task(self._post(hook, event_id, body, now))
        try:
            done, _ = await asyncio.wait({posting}, timeout=seconds)
        finally:
            posting.cancel()
        if not done:
            await asyncio.wait({posting}, timeout=TIDY_SECONDS)
            return Retry(f"no answer within {seconds:g} s", unknown=True)
        fault = posting.exception()
        if fault is not None:
            log.error("an event for webhook %s failed", hook.id, exc_info=fault)
            return Retry(f"internal error: {type(fault).__name__}", unknown=True)
        return posting.result()

    async def _post(self, hook: Hook, event_id: str, body: bytes, now: datetime) -> Outcome:
        try:
            url, headers = self._signed(hook, event_id, body, now)
        except Unavailable as unopened:
            return Retry(f"what is sealed of the webhook cannot be opened: {unopened.message}")
        try:
            async with self._client.stream("POST", url, content=body, headers=headers) as answer:
                await drain(answer)
        except Refused as refused:
            return Retry(f"not called: {refused}")
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Retry(f"cannot connect: {type(error).__name__}")
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
            return Failed("the URL cannot be used")
        except httpx.HTTPError as error:
            return Retry(f"no answer: {type(error).__name__}", unknown=True)
        return _outcome(answer, now)

    def _signed(
        self, hook: Hook, event_id: str, body: bytes, now: datetime
    ) -> tuple[str, Mapping[str, str]]:
        """Returns where to post and with which headers. Raises Unavailable."""
        url = self._sealer.open(hook.sealed_url, webhooks.url_context(hook.id))
        context = webhooks.secret_context(hook.id)
        secrets = [self._sealer.open(sealed, context) for sealed in hook.sealed_secrets]
        headers = {
            "content-type": "application/json",
            "user-agent": "tocsin",
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        return url, headers | {"webhook-signature": signing.signatures(secrets, headers, body)}


@asynccontextmanager
async def events(sealer: Sealer, allowed: Sequence[Network]) -> AsyncGenerator[Events]:
    """Opens the connections for as long as the block runs; they go where calls may go."""
    lookups = ThreadPoolExecutor(MOST_LOOKUPS, thread_name_prefix="webhook-names")
    transport = GuardedTransport(allowed, most_connections=MOST_CONNECTIONS, lookups=lookups)
    try:
        async with httpx.AsyncClient(
            transport=transport, trust_env=False, follow_redirects=False, timeout=SECONDS
        ) as client:
            yield Events(client, sealer)
    finally:
        lookups.shutdown(wait=False, cancel_futures=True)


def _outcome(answer: httpx.Response, now: datetime) -> Outcome:
    status = answer.status_code
    if 200 <= status < 300:
        return Sent()
    told = "redirects are not followed" if 300 <= status < 400 else ""
    why = f"HTTP {status}{': ' if told else ''}{told}"
    return Retry(why, retry_after(answer.headers.get("retry-after", ""), now))
