"""Pages as messages of a Slack app: https://docs.slack.dev/reference/methods/chat.postMessage.

What others wrote stands in plain text, or is escaped: it can mention nobody. A button's value
is the token of the message's link; what presses of it become is `slack_servicer`'s.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import httpx

from services.notification.channels import asking
from services.notification.channels.asking import NoAnswer, NotTaken, Reply
from services.notification.channels.refusing import refused, unheard
from services.notification.domain.answers import Verb
from services.notification.domain.values import Failed, Link, Outcome, Page, Retry, Sent
from services.notification.links import token_of
from services.notification.messages import compose
from services.notification.messages.fitting import shortened
from services.notification.messages.message import Action, Message

SECONDS = 9.0
#: For what only looks better: Slack waits three seconds for whoever takes a press of a button.
EDIT_SECONDS = 1.2
LONGEST_HEADER, LONGEST_SECTION, LONGEST_BUTTON, LONGEST_FALLBACK = 150, 3000, 75, 3000
SEPARATOR = ":"
ACTION = "tocsin"
STYLES = {"ACCEPT": "primary"}
#: Slack's own trouble, which another try may not meet.
PASSING = frozenset(
    {
        "accesslimited",
        "fatal_error",
        "internal_error",
        "rate_limited",
        "ratelimited",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    }
)
#: Of these, Slack says that the message may be there nevertheless.
DOUBTFUL = frozenset({"fatal_error", "internal_error", "request_timeout"})
#: Faults of the app's token, which whoever runs Tocsin can mend.
OURS = frozenset({"invalid_auth", "missing_scope", "not_authed", "token_expired", "token_revoked"})

_TARGET = re.compile(r"[CDGUW][A-Z0-9]{5,30}")
_ERROR = re.compile(r"[a-z_]{1,60}")

Blocks = list[dict[str, Any]]


class Slack:
    """An app of a workspace, and what it says."""

    def __init__(self, client: httpx.AsyncClient, url: str, token: str) -> None:
        """Takes where Slack's Web API is, and the app's token of a bot."""
        self._client = client
        self._url = url.rstrip("/")
        self._token = token

    def provider(self, page: Page) -> str:
        """See `Channel`: all messages are one app's."""
        return "slack"

    async def send(self, page: Page) -> Outcome:
        """See `Channel`. What takes a page back changes the page's message as well."""
        target = page.address or page.notification.target
        if not self._token:
            return Failed("no app is configured: set TOCSIN_SLACK_TOKEN")
        if not _TARGET.fullmatch(target):
            return Failed("the target is no id of a member or a channel")
        said = compose(page)
        told = said_in_slack(said, said.actions)
        await self._take_back(page.taken_back, told)
        message = {"channel": target, **told, "unfurl_links": False, "unfurl_media": False}
        try:
            reply = await self._ask("chat.postMessage", message, SECONDS)
        except (NotTaken, NoAnswer) as error:
            return unheard(error)
        return _outcome(reply, page)

    async def edit(self, channel: str, message: str, told: dict[str, Any]) -> bool:
        """Gives a message another content; tells whether that worked."""
        return await self._try("chat.update", {"channel": channel, "ts": message, **told})

    async def whisper(self, channel: str, member: str, text: str) -> bool:
        """Says something in a channel that one member alone sees."""
        told = {"channel": channel, "user": member, "text": escaped(text)}
        return await self._try("chat.postEphemeral", told)

    async def _take_back(self, messages: Sequence[str], told: dict[str, Any]) -> None:
        """Takes the buttons from messages that ask for nothing any more."""
        places = (message.partition(SEPARATOR) for message in messages)
        await asyncio.gather(*(self.edit(channel, ts, told) for channel, _, ts in places))

    async def _try(self, method: str, body: dict[str, Any]) -> bool:
        try:
            reply = await self._ask(method, body, EDIT_SECONDS)
        except (NotTaken, NoAnswer):
            return False
        return reply.took and reply.json().get("ok") is True

    async def _ask(self, method: str, body: dict[str, Any], seconds: float) -> Reply:
        headers = {
            "authorization": f"Bearer {self._token}",
            "content-type": "application/json; charset=utf-8",
        }
        url = f"{self._url}/api/{method}"
        return await asking.ask(
            self._client, "POST", url, seconds=seconds, json=body, headers=headers
        )


def said_in_slack(said: Message, actions: Sequence[Action], outcome: str = "") -> dict[str, Any]:
    """Returns a message's text, for notifications, and its blocks; `outcome` comes last."""
    chat = said.chat
    blocks: Blocks = [{"type": "header", "text": _plain(said.short(LONGEST_HEADER))}]
    lines = "\n".join(chat.lines)
    blocks += [
        _section(_plain(shortened(each, LONGEST_SECTION))) for each in (lines, chat.details) if each
    ]
    links = _links(said)
    blocks += [_section({"type": "mrkdwn", "text": links, "verbatim": True})] if links else []
    blocks += [_section(_plain(outcome))] if outcome else []
    buttons = [_button(action, token_of(said.link)) for action in actions] if said.link else []
    if buttons:
        blocks.append({"type": "actions", "block_id": ACTION, "elements": buttons})
    first = f"{chat.title}\n{outcome}" if outcome else chat.title
    return {"text": escaped(first), "blocks": blocks}


def pressed(action: str, value: str) -> tuple[Verb, str] | None:
    """Reads what a button held: the verb and the token; None if it was none of these."""
    own, _, verb = action.partition(SEPARATOR)
    return (Verb(verb), value) if own == ACTION and verb in set(Verb) and value else None


def escaped(text: str) -> str:
    """Returns a text in which nothing is a mention, a link or an entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _section(text: dict[str, Any]) -> dict[str, Any]:
    return {"type": "section", "text": text}


def _button(action: Action, token: str) -> dict[str, Any]:
    button = {
        "type": "button",
        "action_id": f"{ACTION}{SEPARATOR}{action.verb}",
        "text": _plain(shortened(action.label, LONGEST_BUTTON)),
        "value": token,
    }
    style = STYLES.get(action.verb)
    return button | {"style": style} if style else button


def _links(said: Message) -> str:
    """Returns where to look, as many as fit; where it can be answered is the first."""
    own = [Link(said.link, said.said.words.answer)] if said.link else []
    told = ""
    for link in (*own, *said.chat.links):
        longer = f"{told}\n{_link(link)}" if told else _link(link)
        told = longer if len(longer) <= LONGEST_SECTION else told
    return told


def _link(link: Link) -> str:
    href = escaped(link.href).replace("|", "%7C")
    return f"<{href}|{escaped(link.text or link.href).replace('|', '¦')}>"


def _outcome(reply: Reply, page: Page) -> Outcome:
    said = reply.json()
    if not reply.took:
        return refused(reply, f"Slack: HTTP {reply.status}", page.attempt_time)
    if said.get("ok") is True:
        channel, ts = said.get("channel"), said.get("ts")
        named = isinstance(channel, str) and isinstance(ts, str)
        return Sent(f"{channel}{SEPARATOR}{ts}" if named else "")
    error = said.get("error")
    if said.get("ok") is not False or not isinstance(error, str) or not _ERROR.fullmatch(error):
        return Retry("what answers is not Slack's Web API", unknown=True)
    if error in PASSING:
        after = asking.retry_after(reply.headers.get("retry-after", ""), page.attempt_time)
        return Retry(f"Slack: {error}", after, unknown=error in DOUBTFUL)
    return Retry(f"Slack: {error}") if error in OURS else Failed(f"Slack: {error}")
