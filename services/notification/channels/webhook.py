"""Pages as HTTP POSTs of JSON, to contacts of people and to webhooks, which are signed.

A URL may hold a secret, so it is never logged and never part of an error. A redirect is not
followed: it would take the page, and the secret, where nobody asked for it. The connections
are shared; the answer is read only to be able to use them again.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime
from urllib.parse import quote

import httpx
import orjson

from services.chassis.addresses import Network
from services.chassis.errors import Unavailable
from services.chassis.sealing import Sealer
from services.notification import signing, targets, webhooks
from services.notification.channels.asking import TRY_AGAIN, drain, retry_after
from services.notification.channels.channel import accept_url, iso
from services.notification.channels.guarded import GuardedTransport, Refused
from services.notification.domain.values import Failed, Hook, Intent, Outcome, Page, Retry, Sent
from services.notification.links import answer_url
from services.notification.messages import compose

SECONDS = 10.0


class Webhook:
    """Posts pages to URLs."""

    def __init__(self, client: httpx.AsyncClient, public_url: str, sealer: Sealer) -> None:
        self._client = client
        self._public_url = public_url
        self._sealer = sealer

    def provider(self, page: Page) -> str:
        """See `Channel`: one of the person's or one by its id; a host serves many."""
        notification = page.notification
        if notification.webhook_id:
            return f"webhook:{notification.webhook_id}"
        return f"webhook:{targets.origin(notification.target)}"

    async def send(self, page: Page) -> Outcome:
        """See `Channel`."""
        body = _body(page, accept_url(self._public_url, page))
        headers = _headers(page)
        url = page.address or page.notification.target
        if page.notification.webhook_id:
            if page.hook is None:
                return Failed("the webhook was deleted")
            try:
                url, secrets = self._opened(page.hook)
            except Unavailable as unopened:
                why = f"what is sealed of the webhook cannot be opened: {unopened.message}"
                return Retry(why, theirs=True)
            headers["webhook-signature"] = signing.signatures(secrets, headers, body)
        return await self._post(url, headers, body, page.attempt_time)

    def _opened(self, hook: Hook) -> tuple[str, list[str]]:
        """Returns the URL of a webhook and the secrets that sign. Raises Unavailable."""
        url = self._sealer.open(hook.sealed_url, webhooks.url_context(hook.id))
        context = webhooks.secret_context(hook.id)
        return url, [self._sealer.open(sealed, context) for sealed in hook.sealed_secrets]

    async def _post(
        self, url: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Outcome:
        try:
            async with self._client.stream("POST", url, content=body, headers=headers) as answer:
                await drain(answer)
        except Refused as refused:
            return Failed(f"not called: {refused}")
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Retry(f"cannot connect: {type(error).__name__}")
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
            return Failed("the URL cannot be used")
        except httpx.HTTPError as error:
            return Retry(f"no answer: {type(error).__name__}", unknown=True)
        return _outcome(answer, now)


@asynccontextmanager
async def webhook(
    public_url: str, sealer: Sealer, allowed: Sequence[Network]
) -> AsyncGenerator[Webhook]:
    """Opens the shared connections for as long as the block runs.

    They go to public addresses, and to allowed ones.
    """
    async with httpx.AsyncClient(
        transport=GuardedTransport(allowed),
        trust_env=False,
        follow_redirects=False,
        timeout=SECONDS,
    ) as client:
        yield Webhook(client, public_url, sealer)


def _body(page: Page, accept: str | None) -> bytes:
    notification, intent, said = page.notification, page.intent, compose(page)
    told = {
        "type": page.type,
        "id": notification.key,
        "text": said.headline if page.news else page.headline,
        "possibleRepeat": notification.possible_repeat,
        "escalationKey": intent.escalation_key,
        "escalationId": intent.escalation_id,
        "subject": _subject(intent),
        "user": None if intent.webhook_id else {"id": intent.user_id, "name": page.user_name},
        "webhook": {"id": page.hook.id, "name": page.hook.name} if page.hook else None,
        "level": intent.level_told,
        "levelCount": intent.level_count,
        "requestTime": iso(intent.request_time),
        "nextStepTime": iso(intent.next_step_time),
        "acceptUrl": accept,
        "answerUrl": answer_url(page.link) or None,
        "link": page.link or None,
        "reason": page.reason or None,
        "endedBy": page.ended_by,
        "message": said.text,
        "others": page.others,
        "bundled": [_subject(each) for each in page.bundled],
    }
    return orjson.dumps(told)


def _subject(intent: Intent) -> dict[str, object]:
    return {
        "kind": intent.subject_kind,
        "id": intent.subject_id,
        "episode": intent.episode,
        "title": intent.title,
        "details": intent.details,
        "links": [asdict(link) for link in intent.links],
        "priority": intent.priority,
    }


def _headers(page: Page) -> dict[str, str]:
    key = quote(page.notification.key, safe=signing.PLAIN)
    return {
        "content-type": "application/json",
        "user-agent": "tocsin",
        "webhook-id": key,
        "webhook-timestamp": str(int(page.attempt_time.timestamp())),
        "idempotency-key": key,
    }


def _outcome(answer: httpx.Response, now: datetime) -> Outcome:
    status = answer.status_code
    if 200 <= status < 300:
        return Sent()
    why = f"HTTP {status}"
    if status in TRY_AGAIN or status >= 500:
        return Retry(why, retry_after(answer.headers.get("retry-after", ""), now))
    return Failed(f"{why}: redirects are not followed" if status < 400 else why)
