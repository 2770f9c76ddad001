"""Text messages and calls by a gateway of one's own; gateway_service.proto says how it is asked.

A gateway that is asked again for what it took does nothing and says so: nothing is doubled by
asking once more.
"""

from dataclasses import dataclass, field

import httpx
import orjson

from services.notification import signing
from services.notification.channels import asking
from services.notification.channels.asking import NoAnswer, NotTaken, Reply
from services.notification.channels.telephony import Message, Told, refused, words
from services.notification.destinations import can_call_back
from services.notification.domain.replies import KEYS
from services.notification.domain.values import Failed, Method, Retry, Sent

PATH = "/hooks/gateway"
TYPES = {Method.SMS: "SMS", Method.VOICE: "CALL"}
#: The number can never be reached.
NEVER = frozenset({410, 422})
LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Access:
    """Where a gateway is, and what signs."""

    url: str = field(repr=False)  # it may hold a secret
    secret: str = field(repr=False)


class Gateway:
    """A program that sends text messages and places calls."""

    name = "gateway"

    def __init__(self, client: httpx.AsyncClient, access: Access, public_url: str) -> None:
        self._client = client
        self._access = access
        self._callback_url = f"{public_url.rstrip('/')}{PATH}"
        self._calls_back = can_call_back(access.url, public_url)

    def answered(self, method: Method) -> bool:
        """See `Provider`."""
        return self._calls_back

    async def send(self, message: Message, seconds: float) -> Told:
        """See `Provider`."""
        body = self._body(message)
        headers = {"content-type": "application/json", "user-agent": "tocsin"}
        headers |= signing.headers(message.key, message.now, [self._access.secret], body)
        try:
            reply = await asking.ask(
                self._client,
                "POST",
                self._access.url,
                seconds=seconds,
                content=body,
                headers=headers,
            )
        except NotTaken as error:
            return Retry(str(error))
        except NoAnswer as error:
            return Retry(str(error), unknown=True)
        return _told(reply, message)

    async def find(self, message: Message, seconds: float) -> str | None:
        """See `Provider`: asking once more tells as much."""
        return None

    def _body(self, message: Message) -> bytes:
        asks = message.method is Method.VOICE and message.asks
        told = {
            "id": message.key,
            "type": TYPES[message.method],
            "to": message.to,
            "text": message.text,
            "language": message.language,
            "possibleRepeat": message.possible_repeat,
            "keys": list(KEYS) if asks else [],
            "notificationId": message.notification_id,
            "callbackUrl": self._callback_url,
        }
        return orjson.dumps(told)


def _told(reply: Reply, message: Message) -> Told:
    said = reply.json()
    if reply.took:
        id_ = said.get("id")
        return Sent(id_[:LONGEST_ID] if isinstance(id_, str) else "")
    error = said.get("error")
    why = f"HTTP {reply.status}"
    if isinstance(error, str) and error:
        why = f"{why}: {words(error, (message.to,))}"
    if reply.status in NEVER:
        return Failed(f"gateway: {why}")
    return refused(reply, why, message.now)
