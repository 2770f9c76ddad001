"""Takes the answers that people give by the buttons of a messenger's messages.

Whoever sees a message in a group can press its buttons, so what counts is who did: whose
contact the messenger's id of them is. The messenger has been believed about that id by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import Forbidden, NotFound, WrongState
from services.notification import answering, pages
from services.notification.domain.answers import Part, Verb
from services.notification.domain.values import Method, Notification, Page
from services.notification.links import Links
from services.notification.messages import compose
from services.notification.messages.answered import Words, outcome, words
from services.notification.messages.message import Action, Message
from services.notification.store import contacts

EXPIRED = "LINK_EXPIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A press of a button."""

    method: Method
    verb: Verb
    token: str
    member: str  # who did, as the messenger calls them


@dataclass(frozen=True, slots=True)
class Pressed:
    """What became of it."""

    told: str  # what the person is told, in the language of the message
    message: Message | None = None  # what the message says, if it is to say `told` as well
    actions: Sequence[Action] = ()  # what it still offers then


class Buttons:
    """Takes presses of buttons."""

    def __init__(self, database: Database, clock: Clock, links: Links) -> None:
        self._database = database
        self._clock = clock
        self._links = links

    async def press(self, press: Press) -> Pressed:
        """Does as the button says; what it ends has ended when this returns."""
        try:
            return await self._database.write(self._take, press)
        except NotFound as error:
            said = words("en")  # nobody's message has no language
            return Pressed(said.expired if error.code == EXPIRED else said.unknown)

    def _take(self, connection: Connection, press: Press) -> Pressed:
        message = answering.message(connection, self._clock, self._links, press.token)
        if message.method != press.method:
            raise NotFound("this is a message of another sort")
        now = self._clock.now(connection)
        (page,) = pages.of(connection, now, [message], self._links)
        said = words(page.language)
        user_id = _who(connection, message, press)
        if user_id is None:
            return _refused(said, press)
        try:
            answer = answering.give(
                connection, now, message.id, press.verb, method=press.method, user_id=user_id
            )
        except Forbidden:
            return _refused(said, press)
        except WrongState:
            return Pressed(said.unknown)
        return _shown(page, answer.parts)


def _who(connection: Connection, message: Notification, press: Press) -> int | None:
    """Returns who pressed a button; of several who share an id, whom the message is for."""
    holders = contacts.holders(connection, press.method, press.member)
    if message.target == press.member or message.user_id in holders:
        return message.user_id
    return holders[0] if len(holders) == 1 else None


def _refused(said: Words, press: Press) -> Pressed:
    return Pressed(said.stranger.format(id=press.member))


def _shown(page: Page, parts: Sequence[Part]) -> Pressed:
    """Returns what the message says from now on, to all who see it."""
    message = compose(page)
    left = {verb for part in parts for verb in part.verbs}
    actions = tuple(action for action in message.actions if Verb(action.verb) in left)
    return Pressed(outcome(parts, page.language), message, actions)
