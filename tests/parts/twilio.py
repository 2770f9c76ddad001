"""Twilio, as far as Tocsin needs it: messages and calls are made, listed, answered, reported.

It speaks the documented protocol over real sockets: HTTP Basic, forms in, JSON out, error
codes, lists by number and date. What it POSTs is signed as the vendor says, by code of its own.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from xml.etree import ElementTree

import httpx

from tests.parts.waiting import arrival
from tests.parts.webhook import Reply, Request, read_request, rendered

SID = "AC" + "0a" * 16
TOKEN = "twilio" + "5e" * 13
SENDER = "+15005550006"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong with the next request."""

    status: int = 503
    code: int = 0  # Twilio's; 0 for a body that is no JSON
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drop: bool = False  # cuts the line instead of answering
    half: bool = False  # cuts the line within the answer
    takes: bool = False  # does as it is asked before that


@dataclass(slots=True)
class Twilio:
    """What came in, and what is told of it."""

    url: str = ""
    messages: list[dict[str, str]] = field(default_factory=list)
    calls: list[dict[str, str]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    token: str = TOKEN

    def serve(self, request: Request) -> tuple[Reply, bool]:
        """Returns the answer to a request, and whether only half of it arrives."""
        self.requests.append(request)
        fault = self.faults.popleft() if self.faults else None
        if fault is None:
            return self._answer(request), False
        answer = self._answer(request) if fault.takes else None
        if fault.half and answer is not None:
            return answer, True
        said = {"code": fault.code, "message": fault.message, "status": fault.status}
        body = json.dumps(said).encode() if fault.code else b"<html>sorry</html>"
        reply = Reply(
            status=fault.status,
            headers=fault.headers,
            body=body,
            delay=fault.delay,
            drop=fault.drop,
        )
        return reply, False

    async def text(self, to: str, within: float = 20.0, after: int = 0) -> dict[str, str]:
        """Returns a message that went to a number, not one of the first few."""
        return await arrival_after(self.messages, to, after, within)

    async def call(self, to: str, within: float = 20.0, after: int = 0) -> dict[str, str]:
        """Returns a call to a number, not one of the first few."""
        return await arrival_after(self.calls, to, after, within)

    async def writes_back(
        self, edge: str, public_url: str, number: str, text: str, token: str | None = None
    ) -> httpx.Response:
        """Tells of a message from a number, as to the webhook of a phone number."""
        form = {
            "MessageSid": _sid("SM"),
            "AccountSid": SID,
            "From": number,
            "To": SENDER,
            "Body": text,
            "NumMedia": "0",
        }
        return await self.post(edge, f"{public_url}/hooks/twilio/sms", form, token)

    async def presses(
        self, edge: str, public_url: str, call: Mapping[str, str], key: str
    ) -> httpx.Response:
        """Presses a key in a call, or none, as its TwiML asks for one."""
        response = ElementTree.fromstring(call["Twiml"])
        asked = response.find("Gather")
        again = response.find("Redirect")
        assert asked is not None, call["Twiml"]
        assert again is not None, call["Twiml"]
        form = {"CallSid": call["sid"], "AccountSid": SID, "To": call["To"], "From": call["From"]}
        form |= {"CallStatus": "in-progress"} | ({"Digits": key} if key else {})
        url = asked.attrib["action"] if key else again.text or ""
        assert url.startswith(public_url)
        return await self.post(edge, url, form)

    async def reports(
        self, edge: str, thing: Mapping[str, str], status: str, code: str = ""
    ) -> httpx.Response:
        """Tells how a message or a call fares, where it was asked to."""
        form = {"AccountSid": SID, "To": thing["To"]} | ({"ErrorCode": code} if code else {})
        if thing["sid"].startswith("CA"):
            form |= {"CallSid": thing["sid"], "CallStatus": status}
        else:
            form |= {"MessageSid": thing["sid"], "MessageStatus": status}
        return await self.post(edge, thing["StatusCallback"], form)

    async def post(
        self, edge: str, url: str, form: Mapping[str, str], token: str | None = None
    ) -> httpx.Response:
        """POSTs a signed form to a URL, which is found at an edge."""
        signed = signature(self.token if token is None else token, url, form)
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            return await client.post(
                f"{edge}{urlsplit(url).path}",
                data=dict(form),
                headers={"X-Twilio-Signature": signed},
            )

    def _answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != _basic(SID, self.token):
            return _refusal(401, 20003, "Authenticate")
        place = urlsplit(request.path)
        what = place.path.removeprefix(f"/2010-04-01/Accounts/{SID}/")
        if request.method == "GET" and what == "Messages.json":
            return _told(200, {"messages": self._list(parse_qs(place.query)), "page": 0})
        if request.method != "POST" or what not in ("Messages.json", "Calls.json"):
            return _refusal(404, 20404, f"The requested resource {place.path} was not found")
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        return self._make(what.removesuffix("s.json"), form)

    def _make(self, what: str, form: dict[str, str]) -> Reply:
        if not form.get("To", "").startswith("+"):
            return _refusal(400, 21211, f"Invalid 'To' Phone Number: {form.get('To')}")
        if what == "Message":
            made = {"sid": _sid("SM"), "status": "queued", **form}
            self.messages.append(made)
        else:
            made = {"sid": _sid("CA"), "status": "queued", **form}
            self.calls.append(made)
        return _told(201, {"sid": made["sid"], "status": "queued", "to": form["To"]})

    def _list(self, query: Mapping[str, list[str]]) -> list[dict[str, Any]]:
        (to,), (since,) = query["To"], query["DateSent>"]
        assert datetime.strptime(since, "%Y-%m-%d").replace(tzinfo=UTC) <= datetime.now(UTC)
        found = [each for each in reversed(self.messages) if each["To"] == to]
        return [
            {
                "sid": each["sid"],
                "to": each["To"],
                "body": each["Body"],
                "status": each["status"],
                "direction": "outbound-api",
                "date_sent": format_datetime(datetime.now(UTC)),
            }
            for each in found[: int(query["PageSize"][0])]
        ]


@asynccontextmanager
async def twilio(port: int = 0) -> AsyncIterator[Twilio]:
    """Runs Twilio on a port; on a free one if it is 0."""
    there = Twilio()
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await read_request(reader)
            if request is None:
                return
            reply, half = there.serve(request)
            await asyncio.sleep(reply.delay)
            if reply.drop:
                writer.transport.abort()
                return
            whole = rendered(reply)
            writer.write(whole[:-20] if half else whole)
            await writer.drain()
        except ConnectionError:
            pass  # the client gave up
        finally:
            writer.close()

    def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(connected(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_server(accepted, "127.0.0.1", port)
    there.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield there
    finally:
        server.close()
        for task in tuple(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()


async def arrival_after(
    things: list[dict[str, str]], to: str, after: int, within: float
) -> dict[str, str]:
    """Returns what went to a number, but for the first few things."""

    def is_meant(thing: dict[str, str]) -> bool:
        return thing["To"] == to and things.index(thing) >= after

    return await arrival(things, is_meant, within=within)


def twilio_settings(url: str) -> dict[str, str]:
    """Returns what a suite is told of an account that is there."""
    return {
        "TOCSIN_TWILIO_URL": url,
        "TOCSIN_TWILIO_ACCOUNT_SID": SID,
        "TOCSIN_TWILIO_AUTH_TOKEN": TOKEN,
        "TOCSIN_TWILIO_FROM": SENDER,
    }


def signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """Signs a form as Twilio does."""
    text = url
    for name in sorted(form):
        text += name + form[name]
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


def _told(status: int, said: Mapping[str, Any]) -> Reply:
    body = json.dumps(said).encode()
    return Reply(status=status, headers={"content-type": "application/json"}, body=body)


def _refusal(status: int, code: int, message: str) -> Reply:
    return _told(status, {"code": code, "message": message, "status": status})
