"""A message in the forms of the channels, and what makes one of a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from services.notification.domain.values import Link, Page
from services.notification.messages import mail, sms, voice
from services.notification.messages.catalogue import Catalogue
from services.notification.messages.de import GERMAN
from services.notification.messages.en import ENGLISH
from services.notification.messages.fitting import shortened
from services.notification.messages.said import Said

LANGUAGES: Mapping[str, Catalogue] = {"en": ENGLISH, "de": GERMAN}

LONGEST_HEADLINE = 200
LONGEST_PUSH_TITLE = 100
MOST_PUSH_BYTES = 1000
#: Of UTF-16, as messengers count.
MOST_CHAT_UNITS = 3000
LONGEST_CHAT_DETAILS = 800
LEAST_DETAILS = 20

Verb = Literal["ACCEPT", "RESOLVE", "ESCALATE"]


@dataclass(frozen=True, slots=True)
class Action:
    """An answer that a message offers."""

    verb: Verb
    label: str


@dataclass(frozen=True, slots=True)
class Push:
    """What a phone shows."""

    title: str  # at most 100 characters
    body: str  # at most 1,000 bytes


@dataclass(frozen=True, slots=True)
class Chat:
    """What a messenger shows: all as one plain text, or its parts."""

    plain: str  # at most 3,000 units of UTF-16
    title: str  # at most 200 characters
    lines: tuple[str, ...]  # one sentence or title each
    details: str  # at most 800 characters of markdown, of several lines; may be empty
    links: tuple[Link, ...]
    actions: tuple[Action, ...]


@dataclass(frozen=True)
class Message:
    """What a page says, in the person's language; each form is made when it is asked for."""

    said: Said

    @cached_property
    def headline(self) -> str:
        """One line of at most 200 characters."""
        return self.short(LONGEST_HEADLINE)

    def short(self, most: int) -> str:
        """Returns one line of at most so many characters."""
        return shortened(self.said.headline(most), most)

    @cached_property
    def text(self) -> str:
        """Many lines of plain text."""
        return mail.text(self.said, self.headline)

    @cached_property
    def html(self) -> str:
        """A page of HTML, for e-mails."""
        return mail.html(self.said, self.headline)

    def sms(self, reply_code: str = "") -> str:
        """Returns a text of three segments at most.

        `reply_code` names it in what is sent back; without one nothing is said of replies.
        """
        return sms.sms(self.said, reply_code)

    @cached_property
    def voice(self) -> str:
        """Sentences to be spoken, of half a minute at most."""
        return voice.voice(self.said)

    @property
    def lines(self) -> tuple[str, ...]:
        """What to know besides the headline: a sentence or a title each."""
        return (*self.said.bundle(), *self.said.sentences())

    @cached_property
    def push(self) -> Push:
        """What a phone shows."""
        body = "\n".join(each for each in (*self.lines, self.said.details) if each)
        return Push(self.short(LONGEST_PUSH_TITLE), shortened(body, MOST_PUSH_BYTES, _bytes))

    @cached_property
    def chat(self) -> Chat:
        """What a messenger shows."""
        said = self.said
        lines = tuple(filter(None, (*self.lines, said.about())))
        details = shortened(said.details, LONGEST_CHAT_DETAILS)
        plain = self._chat_text(lines, details)
        return Chat(plain, self.headline, lines, details, said.links, self.actions)

    @cached_property
    def actions(self) -> tuple[Action, ...]:
        """The answers that it offers."""
        said, words = self.said, self.said.words
        if not said.page.is_page:
            return ()
        offered = [Action("ACCEPT", words.accept), Action("RESOLVE", words.resolve)]
        if said.can_escalate:
            offered.append(Action("ESCALATE", words.escalate))
        return tuple(offered)

    @property
    def language(self) -> str:
        """The language of all of it: "en" or "de"."""
        return self.said.words.language

    @property
    def link(self) -> str:
        """Where it can be answered; empty if nowhere."""
        return self.said.link

    def _chat_text(self, lines: Sequence[str], details: str) -> str:
        """Returns one text: what does not fit of the details and links is left out."""
        said = self.said
        answer = [said.words.answer_here.format(link=said.link)] if said.link else []
        most = MOST_CHAT_UNITS - _units("\n".join(answer)) - 1
        told = shortened("\n".join([self.headline, *lines]), most, _units)
        room = most - _units(told) - 2
        if room >= LEAST_DETAILS and details:
            told = f"{told}\n\n{shortened(details, room, _units)}"
        for link in mail.links(said):
            longer = f"{told}\n{link}"
            told = longer if _units(longer) <= most else told
        return "\n".join([told, *answer])


def compose(page: Page) -> Message:
    """Returns what a page says, in the language of the person."""
    return Message(Said(page, LANGUAGES.get(page.language, ENGLISH)))


def keys(language: str, *, can_escalate: bool) -> str:
    """Returns what the keys do that answer a call, as the call has said it."""
    return " ".join(voice.keys(LANGUAGES.get(language, ENGLISH), can_escalate=can_escalate))


def _bytes(text: str) -> int:
    return len(text.encode())


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
