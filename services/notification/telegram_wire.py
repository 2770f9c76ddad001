"""What Telegram sends to a bot, as far as the bot listens, and what the bot answers."""

import hmac
from dataclasses import dataclass
from typing import Any

import orjson

from services.notification.nested import at

#: What an answer to the press of a button may have.
LONGEST_TOAST = 200


@dataclass(frozen=True, slots=True)
class Callback:
    """A press of a button."""

    id: str
    member: int  # who did
    chat: int  # where the message is
    message: int
    data: str  # what the button held


@dataclass(frozen=True, slots=True)
class Start:
    """Somebody began to talk to the bot."""

    chat: int


def is_authentic(secret: str, shown: str) -> bool:
    """Tells whether whoever shows that knows the secret; without one, nobody does."""
    return bool(secret) and hmac.compare_digest(secret.encode(), shown.encode())


def read(body: bytes) -> Callback | Start | None:
    """Reads an update; None if it is of no interest, or none at all."""
    try:
        update = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return _callback(at(update, "callback_query")) or _start(at(update, "message"))


def answered(callback: Callback, text: str) -> bytes:
    """Returns what a person is told who pressed a button."""
    told = text if len(text) <= LONGEST_TOAST else f"{text[: LONGEST_TOAST - 1]}…"
    return orjson.dumps(
        {
            "method": "answerCallbackQuery",
            "callback_query_id": callback.id,
            "text": told,
            "show_alert": False,
        }
    )


def welcome(start: Start) -> bytes:
    """Returns what is said to who begins to talk to the bot."""
    text = f"The id of this chat is {start.chat}: it is the target of a TELEGRAM contact in Tocsin."
    return orjson.dumps({"method": "sendMessage", "chat_id": start.chat, "text": text})


def _callback(query: Any) -> Callback | None:
    id_, data = at(query, "id"), at(query, "data")
    member = at(query, "from", "id")
    chat, message = at(query, "message", "chat", "id"), at(query, "message", "message_id")
    if not (isinstance(id_, str) and isinstance(data, str)):
        return None
    if not (isinstance(member, int) and isinstance(chat, int) and isinstance(message, int)):
        return None
    return Callback(id_, member, chat, message, data)


def _start(message: Any) -> Start | None:
    text, chat = at(message, "text"), at(message, "chat", "id")
    if not (isinstance(text, str) and isinstance(chat, int)):
        return None
    word = text.partition(" ")[0].partition("@")[0]
    return Start(chat) if word == "/start" else None
