"""A reader's place in a stream.

nats-py's own `fetch` waits for a whole batch or its deadline once a first message came, which
would be seconds between an event and its page.
"""

import json
from collections.abc import Mapping
from contextlib import suppress

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.errors import NotFoundError

HEARTBEAT_SECONDS = 1.0
#: Bytes that one request for messages may bring; larger than any message.
MOST_PULLED_BYTES = 2 * 1024 * 1024
#: The status of a heartbeat, which says no more than that the server is there.
ALIVE = "100"


class Pull:
    """Asks for messages and hands them out as they come."""

    def __init__(self, client: Client, inbox: Subscription, stream: str, durable: str) -> None:
        self._client = client
        self._inbox = inbox
        self._request = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._reply = ""  # where the last request is answered
        self._requests = 0
        self._asked = 0  # how many messages the server may still send for the last request

    async def batch(self, most: int, wait: float) -> list[Msg]:
        """Returns what is there, as soon as anything is; nothing after `wait` seconds.

        Raises NotFoundError if the consumer is gone, and nats errors while the server is away.
        """
        if not self._asked:
            await self._ask(most, wait)
        while True:
            message = await self._next()
            status = self._status(message)
            if status is None:
                return await self._with_more(message, most)
            if status != ALIVE:
                self._asked = 0
                _raise_unless_idle(status, message.headers or {})
                return []

    async def close(self) -> None:
        """Gives the place up; the durable stays."""
        with suppress(nats.errors.Error):  # the connection is closed, and the place with it
            await self._inbox.unsubscribe()

    async def _ask(self, most: int, wait: float) -> None:
        request = {"batch": most, "expires": int(wait * 1e9), "max_bytes": MOST_PULLED_BYTES}
        if wait > 2 * HEARTBEAT_SECONDS:
            request["idle_heartbeat"] = int(HEARTBEAT_SECONDS * 1e9)
        self._requests += 1
        self._reply = self._inbox.subject.replace("*", str(self._requests))
        await self._client.publish(self._request, json.dumps(request).encode(), reply=self._reply)
        self._asked = most

    def _status(self, message: Msg) -> str | None:
        """Returns what became of the last request; None for a message of the stream.

        A request that brought all it may still ends with a status, which must not be taken
        for the next one's.
        """
        status = (message.headers or {}).get("Status")
        return ALIVE if status and message.subject != self._reply else status

    async def _next(self) -> Msg:
        try:
            return await self._inbox.next_msg(timeout=3 * HEARTBEAT_SECONDS)
        except nats.errors.TimeoutError:
            self._asked = 0  # not even a heartbeat: the request is lost
            raise

    async def _with_more(self, first: Msg, most: int) -> list[Msg]:
        messages = [first]
        while len(messages) < most and self._inbox.pending_msgs:
            message = await self._next()
            status = self._status(message)
            if status is None:
                messages.append(message)
            elif status != ALIVE:
                self._asked = len(messages)  # the request ends with what came before
                break
        self._asked = max(0, self._asked - len(messages))
        return messages


def _raise_unless_idle(status: str, headers: Mapping[str, str]) -> None:
    described = headers.get("Description", "")
    if status == "503":
        raise nats.errors.NoRespondersError
    if status == "409" and "Deleted" in described:
        raise NotFoundError(code=404, description=described)
