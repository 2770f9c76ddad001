"""Text messages and calls, by whichever provider takes them.

The providers are tried in their order. One that will not or cannot is passed over at once, and
for a while by the next messages, too; what is the recipient's own fault, no other provider
would change. Where nobody knows whether a provider took a message, that is looked up before it
goes out again, marked, by the next one.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from services.notification import phone_texts
from services.notification.channels import refusing
from services.notification.channels.asking import Reply
from services.notification.channels.channel import LONGEST_WHY, one_line
from services.notification.domain import replies
from services.notification.domain.values import Failed, Kind, Method, Outcome, Page, Retry, Sent
from services.notification.messages import compose

log = logging.getLogger(__name__)

#: What an attempt has; its caller gives it a second more.
BUDGET_SECONDS = 9.0
#: A provider that has less than this could not even answer.
LEAST_SECONDS = 0.5
#: How long a look for a message that may have gone out takes at most.
FIND_SECONDS = 3.0
#: For so long others come before a provider that failed.
SICK_SECONDS = 30.0
#: An account, or its token, is wrong, locked or without rights: somebody has to see to it.
LOCKED_OUT = frozenset({401, 403, 404})

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
#: A phone number, however it is written, in a provider's words.
_DIGITS = re.compile(r"\+?\d[\d ()./-]{4,}\d")

#: Says why a number must not get text messages; empty if it may.
Refusal = Callable[[str], Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a provider is to send or to say."""

    method: Method  # SMS or VOICE
    key: str  # the same for every attempt
    notification_id: int
    to: str = field(repr=False)  # a number, as E.164 writes it
    text: str = field(repr=False)
    code: str  # names the page; in the text of every SMS
    language: str
    now: datetime
    asks: bool  # for an answer
    possible_repeat: bool


@dataclass(frozen=True, slots=True)
class Declined:
    """A provider will never take it, for reasons of its own; another one may."""

    why: str


Told = Outcome | Declined


class Provider(Protocol):
    """Sends text messages and places calls."""

    name: str

    def answered(self, method: Method) -> bool:
        """Tells whether people can answer to what it sends."""

    async def send(self, message: Message, seconds: float) -> Told:
        """Sends or says something, within some seconds, and returns how that went.

        Failed means that the number is to blame; an unknown Retry, that it may have been sent.
        """

    async def find(self, message: Message, seconds: float) -> str | None:
        """Returns its id of a message that it took before; None if it knows of none."""


class Telephony:
    """Text messages, or calls."""

    def __init__(self, method: Method, providers: Sequence[Provider], refusal: Refusal) -> None:
        self._method = method
        self._providers = tuple(providers)
        self._refusal = refusal
        self._sick: dict[str, float] = {}  # until when, by name

    def provider(self, page: Page) -> str:
        """See `Channel`: it depends on none of them alone."""
        return self._method.lower()

    async def send(self, page: Page) -> Outcome:
        """See `Channel`."""
        number = page.address or page.notification.target
        if not is_number(number):
            return Failed("the target is no phone number")
        if why := await self._refusal(number):
            return Failed(why)
        deadline = _now() + BUDGET_SECONDS
        if page.notification.possible_repeat and (found := await self._find(page, number)):
            return Sent(found)
        return await self._send(page, number, deadline)

    async def _find(self, page: Page, number: str) -> str | None:
        for provider in self._providers:
            message = _message(self._method, page, number, asks=False)
            if found := await provider.find(message, FIND_SECONDS):
                return sent_id(provider.name, found)
        return None

    async def _send(self, page: Page, number: str, deadline: float) -> Outcome:
        refusals: list[tuple[str, Retry | Declined]] = []
        order = self._order()
        for place, provider in enumerate(order):
            seconds = (deadline - _now()) / (len(order) - place)
            if seconds < LEAST_SECONDS:
                break  # the next attempt begins with this one
            message = _message(self._method, page, number, asks=provider.answered(self._method))
            told = await provider.send(message, seconds)
            self._note(provider, told)
            match told:
                case Sent(id_):
                    return Sent(sent_id(provider.name, id_))
                case Failed():
                    return told
                case Retry(unknown=True):
                    return Retry(f"{provider.name}: {told.why}", told.after, unknown=True)
            log.warning("%s by %s: %s", self._method, provider.name, told.why)
            refusals.append((provider.name, told))
        return _refused(refusals, everybody=len(refusals) == len(order))

    def _order(self) -> list[Provider]:
        """Returns the providers, those last that failed a moment ago."""
        now = _now()
        return sorted(self._providers, key=lambda each: self._sick.get(each.name, 0.0) > now)

    def _note(self, provider: Provider, told: Told) -> None:
        if isinstance(told, Retry):
            self._sick[provider.name] = _now() + SICK_SECONDS
        elif isinstance(told, Sent):
            self._sick.pop(provider.name, None)


def is_number(text: str) -> bool:
    """Tells whether a text is a phone number as E.164 writes it: "+4915112345678"."""
    return _NUMBER.fullmatch(text) is not None


def sent_id(provider: str, id_: str) -> str:
    """Returns what a message is known by that a provider took; empty if it gave it no id."""
    return f"{provider}:{id_}" if id_ else ""


def refused(reply: Reply, why: str, now: datetime) -> Retry | Declined:
    """Returns what it means that a provider refused a message for reasons of its own."""
    if reply.status in LOCKED_OUT:
        return Retry(f"the log-in is refused ({why})")
    told = refusing.refused(reply, why, now)
    return told if isinstance(told, Retry) else Declined(told.why)


def words(text: str, hidden: Iterable[str] = ()) -> str:
    """Returns a provider's words in one line, without numbers and what else must not be told."""
    for secret in hidden:
        text = text.replace(secret, "…") if secret else text
    return one_line(_DIGITS.sub("…", text), LONGEST_WHY)


def _message(method: Method, page: Page, number: str, *, asks: bool) -> Message:
    notification = page.notification
    asks = asks and notification.kind is Kind.PAGE
    code = replies.code(notification.id)
    told = compose(page)
    text = told.sms(code if asks else "") if method is Method.SMS else told.voice
    if method is Method.SMS and not asks:
        text = f"{text}\n{phone_texts.reference(page.language, code)}"
    return Message(
        method=method,
        key=notification.key,
        notification_id=notification.id,
        to=number,
        text=text,
        code=code,
        language=phone_texts.known(page.language),
        now=page.attempt_time,
        asks=asks,
        possible_repeat=notification.possible_repeat,
    )


def _refused(refusals: Sequence[tuple[str, Retry | Declined]], *, everybody: bool) -> Outcome:
    """Returns what it means that no provider took a message."""
    told_by = "; ".join(f"{name}: {told.why}" for name, told in refusals)
    why = one_line(told_by, LONGEST_WHY) or "there was no time left to try anybody"
    later = [told.after for _, told in refusals if isinstance(told, Retry)]
    if everybody and not later:
        return Failed(why)
    waits = [after for after in later if after is not None]
    least: timedelta | None = min(waits) if waits and len(waits) == len(later) else None
    return Retry(why, least)


def _now() -> float:
    return asyncio.get_running_loop().time()
