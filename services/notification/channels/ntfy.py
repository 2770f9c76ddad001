"""Pages as push messages through ntfy: https://docs.ntfy.sh/publish/.

A contact is a topic of the deployment's server, or a topic's URL, with a password or an access
token of its own if it takes one. The name of a topic can be a secret, so no URL is ever part of
an error. Every attempt has the same sequence id: a repeat takes the place of what it repeats
where a server knows such ids.
"""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from services.notification.channels import asking
from services.notification.channels.asking import NoAnswer, NotTaken, Reply
from services.notification.channels.refusing import refused, unheard
from services.notification.domain.values import Failed, Outcome, Page, Retry, Sent
from services.notification.links import answer_url
from services.notification.messages import compose
from services.notification.messages.message import Message

SECONDS = 9.0
#: How loud it is: as an alarm, as a message, and without a sound.
HIGH, LOW, STAND_DOWN = 5, 3, 2
#: What ntfy shows as small pictures.
ALARM, NOTE, DONE = "rotating_light", "bell", "white_check_mark"
LONGEST_ID = 64
REFUSALS = {
    401: "it refuses the user or the access token",
    403: "it lets nobody, or not this user, write to the topic",
    404: "it knows no such topic",
    413: "it finds the message too long",
    429: "it takes no more messages for now",
}

_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOKEN = re.compile(r"tk_[A-Za-z0-9]+")
_ID = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Topic:
    """Where a message is published."""

    server: str  # a URL without user and password
    name: str = field(repr=False)
    auth: httpx.Auth | None = field(repr=False)

    @classmethod
    def of(cls, target: str, server: str, token: str) -> "Topic | None":
        """Reads a contact; None if it is no topic.

        A topic without a URL is one of a deployment's server. That alone is shown the
        deployment's access token.
        """
        url = f"{server.rstrip('/')}/{target}" if "/" not in target and server else target
        base, _, name = url.rstrip("/").rpartition("/")
        try:
            parts = urlsplit(base)
        except ValueError:
            return None
        host = parts.netloc.rpartition("@")[2]
        if parts.scheme not in ("http", "https") or not host or not _TOPIC.fullmatch(name):
            return None
        bare = parts._replace(netloc=host).geturl()
        auth = _auth(unquote(parts.username or ""), unquote(parts.password or ""))
        if auth is None and token and bare == server.rstrip("/"):
            auth = _Bearer(token)
        return cls(bare, name, auth)


class _Bearer(httpx.Auth):
    """Shows an access token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["authorization"] = f"Bearer {self._token}"
        yield request


class Ntfy:
    """Publishes pages on ntfy servers."""

    def __init__(self, client: httpx.AsyncClient, server: str, token: str) -> None:
        """Takes whose topics need no URL, and what that server is shown; both may be empty."""
        self._client = client
        self._server = server
        self._token = token

    def provider(self, page: Page) -> str:
        """See `Channel`: a server each."""
        topic = self._topic(page)
        if topic is None:
            return "ntfy"
        parts = urlsplit(topic.server)
        return f"ntfy:{parts.scheme}://{parts.netloc}"

    async def send(self, page: Page) -> Outcome:
        """See `Channel`."""
        topic = self._topic(page)
        if topic is None:
            return Failed("the target is no topic of an ntfy server that is known")
        try:
            reply = await asking.ask(
                self._client,
                "POST",
                f"{topic.server}/",
                seconds=SECONDS,
                json=_body(page, topic.name),
                headers={"user-agent": "tocsin"},
                auth=topic.auth,
            )
        except (NotTaken, NoAnswer) as error:
            return unheard(error)
        return _outcome(reply, page)

    def _topic(self, page: Page) -> Topic | None:
        return Topic.of(page.address or page.notification.target, self._server, self._token)


def _auth(user: str, password: str) -> httpx.Auth | None:
    """Returns what a topic's own user and password, or access token, are shown as."""
    if _TOKEN.fullmatch(password):
        return _Bearer(password)
    return httpx.BasicAuth(user, password) if user or password else None


def _body(page: Page, topic: str) -> dict[str, Any]:
    said = compose(page)
    body: dict[str, Any] = {
        "topic": topic,
        "title": said.push.title,
        "message": said.push.body or said.push.title,
        "priority": HIGH,
        "tags": [ALARM],
        "sequence_id": hashlib.sha256(page.notification.key.encode()).hexdigest()[:LONGEST_ID],
    }
    if page.is_stand_down:
        return body | {"priority": STAND_DOWN, "tags": [DONE]}
    if said.said.low:
        body |= {"priority": LOW, "tags": [NOTE]}
    if said.link:
        body |= {"click": said.link, "actions": _actions(said)}
    return body


def _actions(said: Message) -> list[dict[str, Any]]:
    """Returns what can be done without opening anything, and where to see all of it."""
    accept = next(each for each in said.actions if each.verb == "ACCEPT")
    return [
        {
            "action": "http",
            "label": accept.label,
            "url": answer_url(said.link),
            "method": "POST",
            "headers": {"Content-Type": "application/json"},
            "body": '{"verb":"ACCEPT"}',
            "clear": True,
        },
        {"action": "view", "label": said.said.words.answer, "url": said.link},
    ]


def _outcome(reply: Reply, page: Page) -> Outcome:
    if reply.took:
        id_ = reply.json().get("id")
        if isinstance(id_, str) and len(id_) <= LONGEST_ID and _ID.fullmatch(id_):
            return Sent(id_)
        return Retry("what answers is no ntfy server", unknown=True)
    code, told = reply.json().get("code"), REFUSALS.get(reply.status)
    why = f"ntfy: HTTP {reply.status}"
    if isinstance(code, int):
        why = f"{why}, {code}"
    return refused(reply, f"{why}: {told}" if told else why, page.attempt_time)
