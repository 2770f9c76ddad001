"""What people do at their phones: they write back, they press keys, they want no more messages.

Who writes is known by their number, which must be a contact's. A page is answered by its code,
or without one if no other is open for that number. What comes of it is told in their language.
"""

import hashlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.chassis import audit, facts, inbox, suite
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import Forbidden, NotFound, Unavailable, WrongState
from services.notification import answering, changes, messages, phone_texts, receipts, wire
from services.notification.domain import answers, replies
from services.notification.domain.answers import Standing, Verb
from services.notification.domain.replies import KEYS, Wish
from services.notification.domain.values import Contact, Method, Notification, Receipt
from services.notification.store import phones
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.escalation.v1.user_pb2 import User

#: For so long a page can be answered without its code.
OPEN = timedelta(hours=24)
#: No answer is longer.
LONGEST_REPLY = 500
#: How often a number is told in an hour that it was not understood: machines answer machines.
MOST_HINTS, HINTS = 5, timedelta(hours=1)
#: Numbers whose hints are remembered.
MOST_NUMBERS = 1000
STOPPED = "the number wants no text messages any more: it answered STOP"


@dataclass(frozen=True, slots=True)
class Said:
    """What a person is told."""

    text: str  # empty for nothing
    language: str = "en"
    asks: bool = False  # for a key


NOTHING = Said("")


class Phones:
    """Takes what people do at their phones."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._hints: dict[str, deque[datetime]] = {}

    async def reply(self, number: str, text: str, name: str = "") -> Said:
        """Does as somebody says who wrote back, and returns what to tell them.

        `name` is what the provider calls the reply. One that comes again does nothing: without
        a code it would mean whatever page is open by then, which nobody may have read.
        """
        return await self._database.write(self._reply, number, text, name)

    async def go_on(self, notification_id: int, number: str, key: str) -> Said:
        """Goes on with a call in which a key was pressed, or none, and returns what to say."""
        return await self._database.write(self._go_on, notification_id, number, key)

    async def receive(self, method: Method, provider_id: str, what: Receipt, why: str) -> None:
        """Takes what a provider says of a message or a call that it took."""

        def record(connection: Connection) -> None:
            now = self._clock.now(connection)
            receipts.record(connection, now, method.lower(), provider_id, what, why)

        await self._database.write(record)

    async def refusal(self, number: str) -> str:
        """Returns why a number gets no text messages; empty if it does."""
        try:
            stopped = await self._database.read(phones.stopped, [number])
        except Unavailable:
            return ""  # its provider knows as well
        return STOPPED if stopped else ""

    def _reply(self, connection: Connection, number: str, text: str, name: str) -> Said:
        now = self._clock.now(connection)
        owners = phones.owners(connection, number)
        if not owners or not _is_new(connection, now, number, text, name):
            return NOTHING
        language = _language(connection, owners[0].user_id)
        words = phone_texts.of(language)
        reply = replies.parse(text[:LONGEST_REPLY])
        match reply.wish:
            case Wish.STOP:
                _stop(connection, now, number, owners)
                return Said(words.stopped, language)
            case Wish.START:
                _start(connection, now, number, owners)
                return Said(words.started, language)
        pages = _texted(connection, now, number, owners)
        if reply.verb is not None:
            return Said(_answer(connection, now, pages, reply.verb, reply.ids, language), language)
        hint = pages and self._may_hint(number, now)
        return Said(words.unclear, language) if hint else NOTHING

    def _may_hint(self, number: str, now: datetime) -> bool:
        if number not in self._hints and len(self._hints) >= MOST_NUMBERS:
            self._hints.clear()
        given = self._hints.setdefault(number, deque(maxlen=MOST_HINTS))
        if len(given) == MOST_HINTS and given[0] > now - HINTS:
            return False
        given.append(now)
        return True

    def _go_on(self, connection: Connection, notification_id: int, number: str, key: str) -> Said:
        now = self._clock.now(connection)
        call = phones.called(connection, number, notification_id)
        if call is None:
            return NOTHING
        language = _language(connection, call.user_id)
        if key in KEYS:
            told = _give(connection, now, call, KEYS[key], Method.VOICE, language)
            return Said(told, language)
        about = answering.about(connection, call)
        title, stand = about.intent.title, about.stand
        if stand.standing is not Standing.WANTED:
            return Said(phone_texts.standing(language, title, stand), language)
        can_escalate = Verb.ESCALATE in answers.verbs(stand, about.newest)
        again = f"{phone_texts.again(title)} {messages.keys(language, can_escalate=can_escalate)}"
        return Said(again, language, asks=True)


def _is_new(connection: Connection, now: datetime, number: str, text: str, name: str) -> bool:
    """Tells whether a reply comes for the first time; of one without a name nobody can tell."""
    said = "\0".join((number, text, name)).encode()
    return not name or inbox.is_first(connection, now, f"reply:{hashlib.sha256(said).hexdigest()}")


def _answer(
    connection: Connection,
    now: datetime,
    pages: Sequence[Notification],
    verb: Verb,
    ids: Sequence[int],
    language: str,
) -> str:
    """Gives an answer to those pages that are meant, and returns what came of it."""
    words = phone_texts.of(language)
    if ids:
        meant = [page for page in pages if page.id in ids]
        if len(meant) < len(ids):
            return words.unknown_code
    else:
        meant = _open(connection, pages, verb)
        if len(meant) > 1:
            choices = [(replies.code(page.id), page.headline) for page in meant]
            return phone_texts.which(language, verb, choices)
    told = (_give(connection, now, page, verb, Method.SMS, language) for page in meant)
    return " ".join(told) or words.nothing


def _open(connection: Connection, pages: Sequence[Notification], verb: Verb) -> list[Notification]:
    """Returns the newest page of each run that the verb can mean.

    If there is no such run, but one that it could have meant, that is answered: how it stands.
    """
    newest: dict[str, Notification] = {}
    for page in pages:
        newest.setdefault(page.escalation_key, page)
    able = [page for page in newest.values() if verb in _verbs(connection, page)]
    return able or (list(newest.values()) if len(newest) == 1 else [])


def _verbs(connection: Connection, page: Notification) -> Sequence[Verb]:
    about = answering.about(connection, page)
    return answers.verbs(about.stand, about.newest)


def _give(
    connection: Connection,
    now: datetime,
    page: Notification,
    verb: Verb,
    method: Method,
    language: str,
) -> str:
    try:
        answer = answering.give(connection, now, page.id, verb, method=method)
    except (NotFound, WrongState, Forbidden):  # its person is gone, for example
        return phone_texts.of(language).nothing
    return phone_texts.answered(language, answer)


def _texted(
    connection: Connection, now: datetime, number: str, owners: Sequence[Contact]
) -> list[Notification]:
    """Returns the pages that a number may answer, newest first."""
    people = {contact.user_id for contact in owners}
    found = phones.texted(connection, number, now - OPEN)
    return [page for page in found if page.user_id in people]


def _stop(connection: Connection, now: datetime, number: str, owners: Sequence[Contact]) -> None:
    if not phones.stop(connection, number, now):
        return
    for contact in owners:
        _audit(connection, now, "contact.stop", contact)
        suite.raise_alert(
            connection,
            now,
            what=f"stopped:{contact.id}",
            summary=f"user {contact.user_id} has stopped text messages",
            details=f"Their phone, contact {contact.id}, answered STOP: it gets no pages by SMS"
            " until it answers START. Other ways, calls among them, go on.",
        )


def _start(connection: Connection, now: datetime, number: str, owners: Sequence[Contact]) -> None:
    if not phones.start(connection, number):
        return
    for contact in owners:
        _audit(connection, now, "contact.start", contact)
        suite.resolve_alert(connection, now, what=f"stopped:{contact.id}")


def _audit(connection: Connection, now: datetime, action: str, contact: Contact) -> None:
    user = facts.get(connection, changes.USER, contact.user_id, User)
    name = wire.user_name(user, contact.user_id)
    actor = Actor(kind=Actor.MESSAGE_LINK, user_id=contact.user_id, name=name)
    audit.record(connection, now, actor, action, f"contact:{contact.id}")


def _language(connection: Connection, user_id: int) -> str:
    user = facts.get(connection, changes.USER, user_id, User)
    return phone_texts.known(user.language if user else "")
