"""Calls of other programs over HTTP, and what became of each.

A URL, a header or a body may hold a secret: none is ever logged or part of an error. Redirects
are not followed, and no more of an answer is read than a provider has to say.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import orjson

from services.chassis.addresses import Network
from services.notification.channels.guarded import GuardedTransport, Refused

MOST_ANSWER_BYTES = 64 * 1024
#: Digits of a number of seconds; more would not fit a time.
LONGEST_NUMBER = 9
#: Refusals that another try may change.
TRY_AGAIN = {408, 429}


class NotTaken(Exception):
    """The other program never got the request; the message says why."""


class Unusable(NotTaken):
    """The URL leads nowhere that calls go, now or later."""


class NoAnswer(Exception):
    """The other program may have done as it was asked; the message says what went wrong."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a program answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def took(self) -> bool:
        """Whether it did as it was asked."""
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """Returns the object that it said; an empty one if it said something else."""
        try:
            said = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return said if isinstance(said, dict) else {}


@asynccontextmanager
async def opened(allowed: Sequence[Network]) -> AsyncGenerator[httpx.AsyncClient]:
    """Shares connections, to public addresses and allowed ones, for as long as the block runs."""
    async with httpx.AsyncClient(
        transport=GuardedTransport(allowed), trust_env=False, follow_redirects=False
    ) as client:
        yield client


async def ask(
    client: httpx.AsyncClient, method: str, url: str, *, seconds: float, **request: Any
) -> Reply:
    """Calls a program and returns what it answers; `request` is as httpx takes it.

    Raises NotTaken and NoAnswer.
    """
    try:
        async with asyncio.timeout(seconds):
            patience = httpx.Timeout(seconds, connect=seconds / 2, pool=seconds / 2)
            async with client.stream(method, url, timeout=patience, **request) as answer:
                body = await _read(answer)
    except Refused as refused:
        raise Unusable(f"not called: {refused}") from None
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise NotTaken(f"cannot connect: {type(error).__name__}") from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
        raise Unusable("the URL cannot be used") from None
    except (httpx.HTTPError, TimeoutError) as error:
        raise NoAnswer(f"no answer: {type(error).__name__}") from None
    return Reply(answer.status_code, answer.headers, body)


def retry_after(told: str, now: datetime) -> timedelta | None:
    """Reads a Retry-After header: seconds, or a date."""
    if told.isascii() and told.isdigit():
        return timedelta(seconds=int(told[:LONGEST_NUMBER]))
    try:
        date = parsedate_to_datetime(told)
    except ValueError:
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)) - now


async def drain(answer: httpx.Response) -> None:
    """Reads a short answer to its end; a longer one costs the connection."""
    size = 0
    async for part in answer.aiter_raw():
        size += len(part)
        if size > MOST_ANSWER_BYTES:
            return


async def _read(answer: httpx.Response) -> bytes:
    """Reads an answer to its end; the rest of a long one is left out and costs the connection."""
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > MOST_ANSWER_BYTES:
            break
    return bytes(body[:MOST_ANSWER_BYTES])
