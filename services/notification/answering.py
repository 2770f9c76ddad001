"""Takes the answers that people give from a message, by whatever channel they come.

An answer is for its subject's owner, who may be down: it is recorded here, and leaves through
the outbox. What it ends ends here at once, in the same transaction, so that whoever was told
that it counts need not fear another page, whatever dies.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import audit, counters, facts, outbox
from services.chassis.clock import Clock
from services.chassis.errors import Forbidden, NotFound, WrongState
from services.chassis.sql import take_turns
from services.notification import changes, wire
from services.notification.domain import answers as domain
from services.notification.domain.answers import Answer, Given, Part, Stand, Verb
from services.notification.domain.values import Ending, Intent, Kind, Method, Notification
from services.notification.ending import end
from services.notification.links import Links, unknown
from services.notification.store import answers, bundles, contacts, notifications, standings
from services.notification.store.standings import SubjectKey
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.escalation.v1.user_pb2 import User

#: Whoever answers.
TURN = "notification answers"


@dataclass(frozen=True, slots=True)
class About:
    """What a message, or one of those that it stands for, is about, and how that stands."""

    notification: Notification
    intent: Intent
    newest: Intent | None  # the last level of the run that was paged
    stand: Stand

    def part(self, stand: Stand | None = None, *, done: bool = False) -> Part:
        """Returns the same as it is told; as it stands after an answer, if that is said."""
        return domain.part(self.intent, stand or self.stand, self.newest, done=done)


@dataclass(frozen=True, slots=True)
class _Said:
    """What somebody says."""

    verb: Verb
    user_id: int
    by: str  # their name
    method: Method


def give(
    connection: Connection,
    now: datetime,
    notification_id: int,
    verb: Verb,
    *,
    method: Method,
    user_id: int | None = None,
) -> Answer:
    """Takes an answer to a message: it counts for all that the message stands for.

    `method` is how the message had reached the person, `user_id` who answers if that is not
    whom it was for. The same answer again changes nothing and is told the same. Raises NotFound
    if there is no such message, WrongState if it asks for nothing, and Forbidden if it is not
    for that person, or they are no more.
    """
    take_turns(connection, TURN)
    message = answerable(connection, notification_id)
    person = message.user_id if user_id is None else user_id
    _refuse_strangers(connection, message, person)
    said = _Said(verb, person, name(connection, person), method)
    known = abouts(connection, told_by(connection, message))
    parts = (_take(connection, now, each, said) for each in known)
    return Answer(verb=verb, user_id=person, parts=tuple(parts))


def message(connection: Connection, clock: Clock, links: Links, token: str) -> Notification:
    """Returns the message that a link's token is of. Raises NotFound, see `links.unknown`."""
    now = clock.now(connection)
    found = notifications.find(connection, links.opened(token, now))
    if found is None or not links.fits(token, found, now):
        raise unknown()
    return found


def answerable(connection: Connection, notification_id: int) -> Notification:
    """Returns a message that can be answered. Raises NotFound, and WrongState if none can."""
    found = notifications.find(connection, notification_id)
    if found is None:
        raise NotFound(f"there is no notification {notification_id}")
    if found.kind is not Kind.PAGE:
        raise WrongState(f"notification {notification_id} asks for nothing", reason="NO_PAGE")
    return found


def told_by(connection: Connection, message: Notification) -> list[Notification]:
    """Returns all notifications that a message stands for; its own is the first."""
    return bundles.told_by(connection, message)


def name(connection: Connection, user_id: int) -> str:
    """Returns what to call a person."""
    return wire.user_name(facts.get(connection, changes.USER, user_id, User), user_id)


def stands(connection: Connection, message: Notification) -> tuple[Part, ...]:
    """Returns what a message is about, how that stands and what may be answered."""
    return tuple(each.part() for each in abouts(connection, told_by(connection, message)))


def about(connection: Connection, notification: Notification) -> About:
    """Returns what a notification is about, and how that stands."""
    return abouts(connection, [notification])[0]


def abouts(connection: Connection, ones: Sequence[Notification]) -> list[About]:
    """Returns the same of several, of which there may be thousands, in their order."""
    keys = [notifications.intent_key(each) for each in ones]
    intents = notifications.intents(connection, set(keys))
    known = intents.values()
    newest = standings.newest_levels(connection, {each.escalation_key for each in known})
    subjects = {(each.subject_kind, each.subject_id) for each in known}
    runs = standings.runs(connection, subjects)
    either = {key for each in known for key in (each.escalation_key, each.subject_run)}
    endings = notifications.endings(connection, either)
    return [
        About(
            notification,
            intents[key],
            newest.get(notification.escalation_key),
            _stand(intents[key], runs, endings),
        )
        for notification, key in zip(ones, keys, strict=True)
    ]


def _refuse_strangers(connection: Connection, message: Notification, person: int) -> None:
    """Raises Forbidden unless somebody was paged about what a message is about.

    Who was paged may always answer that, whatever else they may do.
    """
    paged = person == message.user_id or notifications.paged(
        connection, message.escalation_key, person
    )
    if not person or not paged:
        raise Forbidden("only who was paged answers", reason="NOT_PAGED")
    if contacts.user_is_gone(connection, person):
        raise Forbidden(f"there is no user {person} any more", reason="USER_GONE")


def _take(connection: Connection, now: datetime, known: About, said: _Said) -> Part:
    """Returns what becomes of an answer for one of the notifications that it is about."""
    told = known.notification
    key = domain.answer_key(said.verb, said.user_id, told, known.newest)
    given = answers.by_key(connection, key)
    if given is not None:  # a repeat
        return known.part(domain.effect(given), done=True)
    if said.verb not in known.part().verbs:
        return known.part()
    given = Given(
        id=counters.allocate(connection, "answer"),
        key=key,
        notification_id=told.id,
        escalation_key=told.escalation_key,
        verb=said.verb,
        user_id=said.user_id,
        by=said.by,
        method=said.method,
        at=now,
    )
    ending = domain.ending(given, known.intent)
    if ending is not None and not end(connection, now, ending):
        # Its owner's news came first, a moment ago.
        return about(connection, told).part()
    _record(connection, now, given, known.intent)
    return known.part(domain.effect(given), done=True)


def _record(connection: Connection, now: datetime, given: Given, intent: Intent) -> None:
    answers.add(connection, given)
    actor = Actor(
        kind=Actor.MESSAGE_LINK,
        id=str(given.notification_id),
        user_id=given.user_id,
        name=given.by,
    )
    told = wire.answer_given(given, intent, actor)
    # With the time: a restored database numbers anew.
    outbox.put(connection, now, told, key=f"answer:{given.id}:{given.at.isoformat()}")
    audit.record(
        connection,
        now,
        actor,
        "notification.answer",
        f"notification:{given.notification_id}",
        after={
            "verb": given.verb,
            "method": given.method,
            "subject": intent.subject_run,
        },
    )


def _stand(
    intent: Intent, runs: Mapping[SubjectKey, Set[str]], endings: Mapping[str, Ending]
) -> Stand:
    kind, id_ = intent.subject_kind, intent.subject_id
    episodes = (domain.episode(key, kind, id_) for key in runs[kind, id_])
    subject = endings.get(intent.subject_run)
    own = endings.get(intent.escalation_key)
    # That somebody took the subject before people were called by hand ends no call.
    ended = subject if subject is not None and not subject.taken else own
    return domain.stand(ended, superseded=max(episodes) > intent.episode)
