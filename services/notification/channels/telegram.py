"""Pages as messages of a Telegram bot: https://core.telegram.org/bots/api.

The bot's token is part of each URL, so no URL is ever part of an error. Texts are plain: no
word of others becomes a mention or a link with another name. A button holds the verb and the
token of the message's link; what presses of it become is `telegram_servicer`'s.
"""

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx

from services.notification.channels import asking
from services.notification.channels.asking import NoAnswer, NotTaken, Reply
from services.notification.channels.channel import LONGEST_WHY, one_line
from services.notification.channels.refusing import refused, unheard
from services.notification.domain.answers import Verb
from services.notification.domain.values import Failed, Outcome, Page, Retry, Sent
from services.notification.links import token_of
from services.notification.messages import compose
from services.notification.messages.message import Action
from services.notification.nested import at

SECONDS = 9.0
#: For what only looks better: a message that was sent before gets other words.
EDIT_SECONDS = 1.5
LONGEST_RETRY_AFTER = 86_400
SEPARATOR = ":"

_CHAT = re.compile(r"-?[1-9][0-9]{0,18}")

Keyboard = list[list[dict[str, str]]]


class Telegram:
    """A bot, and what it says."""

    def __init__(self, client: httpx.AsyncClient, url: str, token: str) -> None:
        """Takes where the Bot API is, and the bot's token."""
        self._client = client
        self._url = url.rstrip("/")
        self._token = token

    def provider(self, page: Page) -> str:
        """See `Channel`: all messages are one bot's."""
        return "telegram"

    async def send(self, page: Page) -> Outcome:
        """See `Channel`. What takes a page back changes the page's message as well."""
        chat = page.address or page.notification.target
        if not self._token:
            return Failed("no bot is configured: set TOCSIN_TELEGRAM_TOKEN")
        if not _CHAT.fullmatch(chat):
            return Failed("the target is no chat's id")
        said = compose(page).chat
        await self._take_back(page.taken_back, said.plain)
        message: dict[str, Any] = {"chat_id": int(chat), **_text(said.plain)}
        if page.is_stand_down:
            message["disable_notification"] = True
        keys = keyboard(said.actions, token_of(page.link)) if page.link else []
        if keys:
            message["reply_markup"] = {"inline_keyboard": keys}
        try:
            reply = await self._ask("sendMessage", message, SECONDS)
        except (NotTaken, NoAnswer) as error:
            return unheard(error)
        return self._outcome(reply, page)

    async def edit(self, chat: int, message: int, text: str, keys: Keyboard) -> bool:
        """Gives a message another text and other buttons; tells whether that worked."""
        told = {
            "chat_id": chat,
            "message_id": message,
            **_text(text),
            "reply_markup": {"inline_keyboard": keys},
        }
        try:
            reply = await self._ask("editMessageText", told, EDIT_SECONDS)
        except (NotTaken, NoAnswer):
            return False
        return reply.took

    async def _take_back(self, messages: Sequence[str], text: str) -> None:
        """Takes the buttons from messages that ask for nothing any more."""
        places = (message.partition(SEPARATOR) for message in messages)
        await asyncio.gather(*(self.edit(int(chat), int(id_), text, []) for chat, _, id_ in places))

    async def _ask(self, method: str, body: dict[str, Any], seconds: float) -> Reply:
        url = f"{self._url}/bot{self._token}/{method}"
        return await asking.ask(self._client, "POST", url, seconds=seconds, json=body)

    def _outcome(self, reply: Reply, page: Page) -> Outcome:
        said = reply.json()
        if reply.took:
            result = said.get("result")
            if said.get("ok") is not True or not isinstance(result, dict):
                return Retry("what answers is not Telegram's Bot API", unknown=True)
            return Sent(_place(result))
        if reply.status in (401, 404):  # there is no such method of a token that nobody has
            return Retry("Telegram refuses the bot's token")
        if at(said, "parameters", "migrate_to_chat_id") is not None:
            return Failed("the group became a supergroup with another id: send it /start")
        told = said.get("description")
        what = f"HTTP {reply.status}"
        if isinstance(told, str) and told:
            what = one_line(told.replace(self._token, "…"), LONGEST_WHY)
        seconds = at(said, "parameters", "retry_after")
        if reply.status == 429 and isinstance(seconds, int):
            wait = timedelta(seconds=min(seconds, LONGEST_RETRY_AFTER))
            return Retry(f"Telegram: {what}", wait)
        return refused(reply, f"Telegram: {what}", page.attempt_time)


def keyboard(actions: Sequence[Action], token: str) -> Keyboard:
    """Returns the buttons of a message: a line of those that its link's token lets in."""
    keys = [
        {"text": action.label, "callback_data": f"{action.verb}{SEPARATOR}{token}"}
        for action in actions
    ]
    return [keys] if keys else []


def pressed(data: str) -> tuple[Verb, str] | None:
    """Reads what a button held: the verb and the token; None if it was none of these."""
    verb, _, token = data.partition(SEPARATOR)
    return (Verb(verb), token) if verb in set(Verb) and token else None


def _text(text: str) -> dict[str, Any]:
    """Returns a text as it is, without pictures of what its links lead to."""
    return {"text": text, "link_preview_options": {"is_disabled": True}}


def _place(message: dict[str, Any]) -> str:
    """Returns what names a message among all of the bot's; empty if that was not told."""
    chat_id, id_ = at(message, "chat", "id"), at(message, "message_id")
    named = isinstance(chat_id, int) and isinstance(id_, int)
    return f"{chat_id}{SEPARATOR}{id_}" if named else ""
