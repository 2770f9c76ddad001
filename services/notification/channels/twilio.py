"""Text messages and calls by Twilio: https://www.twilio.com/docs/usage/api.

Creating a message or a call has no idempotency key there; messages can be listed, so that one
whose reply was lost is found by its code before it goes out again. Calls have no text to find
them by. A call is told what to say when it is placed: whatever is down by then, it is said.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from services.notification import twiml
from services.notification.channels import asking
from services.notification.channels.asking import NoAnswer, NotTaken, Reply
from services.notification.channels.telephony import Message, Told, refused, words
from services.notification.destinations import can_call_back
from services.notification.domain.life import WORTH
from services.notification.domain.values import Failed, Method, Retry, Sent

API = "2010-04-01"
#: How long it rings: mailboxes often answer after that.
RING_SECONDS = 30
#: How long a message waits its turn at Twilio: as long as a page is worth sending.
VALID_SECONDS = 4 * 3600
#: Of the newest messages to a number, so many are looked through.
PAGE_SIZE = 100
#: The number cannot be reached, by whomever: it is invalid or a landline, or its owner
#: unsubscribed.
RECIPIENTS = frozenset({21211, 21214, 21217, 21610, 21614, 21635, 13223, 13224})
#: Of a message that never went out.
DEAD = frozenset({"failed", "undelivered", "canceled"})
SMS_PATH, CALL_PATH, STATUS_PATH = (
    "/hooks/twilio/sms",
    "/hooks/twilio/voice",
    "/hooks/twilio/status",
)

_REACHABLE = re.compile(r"\+\d+|\d+|MG[0-9a-fA-F]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose name messages and calls go out in."""

    sid: str = field(repr=False)
    token: str = field(repr=False)
    sender: str = field(repr=False)  # a number, a messaging service or a word
    caller: str = field(repr=False)  # a number
    url: str


class Twilio:
    """An account at Twilio."""

    name = "twilio"

    def __init__(self, client: httpx.AsyncClient, account: Account, public_url: str) -> None:
        self._client = client
        self._account = account
        self._public_url = public_url.rstrip("/")
        self._calls_back = can_call_back(account.url, public_url)

    def answered(self, method: Method) -> bool:
        """See `Provider`. Nobody can answer a sender that is a word."""
        answers = method is Method.VOICE or _REACHABLE.fullmatch(self._account.sender)
        return self._calls_back and bool(answers)

    async def send(self, message: Message, seconds: float) -> Told:
        """See `Provider`."""
        what = "Messages" if message.method is Method.SMS else "Calls"
        form = self._text(message) if message.method is Method.SMS else self._call(message)
        form["To"] = message.to
        if self._calls_back:
            form["StatusCallback"] = f"{self._public_url}{STATUS_PATH}"
        try:
            reply = await self._ask("POST", what, seconds, data=form)
        except NotTaken as error:
            return Retry(str(error))
        except NoAnswer as error:
            return Retry(str(error), unknown=True)
        return self._told(reply, message)

    async def find(self, message: Message, seconds: float) -> str | None:
        """See `Provider`."""
        if message.method is not Method.SMS:
            return None
        asked = {
            "To": message.to,
            "DateSent>": (message.now - WORTH).date().isoformat(),
            "PageSize": str(PAGE_SIZE),
        }
        try:
            reply = await self._ask("GET", "Messages", seconds, params=asked)
        except (NotTaken, NoAnswer):
            return None
        sent = reply.json().get("messages") if reply.took else None
        return _sid_of(sent, message) if isinstance(sent, list) else None

    def _text(self, message: Message) -> dict[str, str]:
        sender = self._account.sender
        name = "MessagingServiceSid" if sender.startswith("MG") else "From"
        return {name: sender, "Body": message.text, "ValidityPeriod": str(VALID_SECONDS)}

    def _call(self, message: Message) -> dict[str, str]:
        url = f"{self._public_url}{CALL_PATH}/{message.notification_id}"
        said = twiml.said(message.text, message.language)
        if message.asks:
            said = twiml.asked(message.text, message.language, url, again=True)
        return {"From": self._account.caller, "Twiml": said, "Timeout": str(RING_SECONDS)}

    async def _ask(self, verb: str, what: str, seconds: float, **request: Any) -> Reply:
        account = self._account
        url = f"{account.url.rstrip('/')}/{API}/Accounts/{account.sid}/{what}.json"
        auth = httpx.BasicAuth(account.sid, account.token)
        return await asking.ask(self._client, verb, url, seconds=seconds, auth=auth, **request)

    def _told(self, reply: Reply, message: Message) -> Told:
        said = reply.json()
        if reply.took:
            sid = said.get("sid")
            return Sent(sid if isinstance(sid, str) else "")
        account = self._account
        hidden = (account.sid, account.token, message.to, account.sender, account.caller)
        code, told = said.get("code"), said.get("message")
        why = f"HTTP {reply.status}"
        if isinstance(code, int) and isinstance(told, str):
            why = f"{code}: {words(told, hidden)}"
        if code in RECIPIENTS:
            return Failed(f"Twilio {why}")
        return refused(reply, why, message.now)


def _sid_of(sent: list[Any], message: Message) -> str | None:
    """Returns the id of a message among others, which its code names.

    The first line is other people's words, in which anything may stand.
    """
    has_code = re.compile(rf"\n.*\b{message.code}\b", re.IGNORECASE | re.DOTALL)
    for each in sent:
        if not isinstance(each, dict) or each.get("status") in DEAD:
            continue
        sid, body = each.get("sid"), each.get("body")
        outgoing = str(each.get("direction", "")).startswith("outbound")
        if outgoing and isinstance(sid, str) and isinstance(body, str) and has_code.search(body):
            return sid
    return None
