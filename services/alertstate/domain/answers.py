"""Answers that people gave from a message.

An answer holds for the episode that its message was about. Notification has made it hold there
already and pages nobody for that episode any more, so an answer to the present episode is never
refused. It may come late, when AlertState was down: what an event raised after somebody said
that the alert is over is not over. Nobody has seen that, and everybody is paged anew.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.alertstate.domain.actions import Action, Done, act, done, escalate
from services.alertstate.domain.alerts import Actor, Alert, Cause, Status, anew, called
from services.alertstate.domain.answer_sentences import sentence
from services.alertstate.domain.entries import Entry, EntryType


class Verb(StrEnum):
    """What somebody wants to happen."""

    ACCEPT = "ACCEPT"
    RESOLVE = "RESOLVE"
    ESCALATE = "ESCALATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What somebody answered."""

    verb: Verb
    episode: int  # that the message was about
    actor: Actor
    method: str  # how the message had reached them
    at: datetime
    origin: str  # the same for every repeat of the answer


def answered(alert: Alert, given: Given) -> Done:
    """Does as somebody answered. Raises WrongState if that is not possible any more."""
    if given.episode != alert.episode:
        return Done(alert)
    match given.verb:
        case Verb.ACCEPT:
            did = act(alert, Action.ACCEPT, given.actor, given.at)
        case Verb.RESOLVE if _fired_since(alert, given):
            did = _wanted_anew(alert, given)
        case Verb.RESOLVE:
            did = act(alert, Action.RESOLVE, given.actor, given.at)
        case Verb.ESCALATE:
            did = escalate(alert, given.actor, given.at)
    return replace(did, entries=tuple(_through(entry, given) for entry in did.entries))


def _fired_since(alert: Alert, given: Given) -> bool:
    is_open = alert.status is not Status.RESOLVED
    return is_open and alert.fired_at is not None and alert.fired_at > given.at


def _wanted_anew(alert: Alert, given: Given) -> Done:
    after = replace(
        alert,
        status=Status.PENDING,
        accept_expires=None,
        settled_seq=0,
        responders=tuple(replace(each, accepted_at=None) for each in alert.responders),
    )
    told = {"actor": called(given.actor)}
    entry = Entry(EntryType.RAISED_BY_SYSTEM, "resolved_before", given.at, told)
    return done(anew(after), Cause.REPEATED, entry)


def _through(entry: Entry, given: Given) -> Entry:
    """Returns what is logged, with the way by which the message had come."""
    told = {**entry.vars, "method": given.method}
    words = sentence(entry.sentence, given.method)
    return replace(entry, sentence=words, vars=told, origin=given.origin)
