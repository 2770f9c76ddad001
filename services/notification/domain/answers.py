"""What people may answer to a message, and what became of an answer.

A message is about one run. Whoever was paged takes its subject, ends it or has the next level
paged at once, for as long as that run wants somebody; who took it may still end it. Answers
to what is over, or what newer messages are about, change nothing and say so.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.notification.domain.values import Ending, Intent, Notification


class Verb(StrEnum):
    """What somebody wants to happen."""

    ACCEPT = "ACCEPT"  # they take it: nobody else is paged
    RESOLVE = "RESOLVE"  # it is over
    ESCALATE = "ESCALATE"  # the next level is to be paged now


class Standing(StrEnum):
    """How what a message is about stands."""

    WANTED = "WANTED"  # somebody is wanted
    ACCEPTED = "ACCEPTED"  # somebody took it
    OVER = "OVER"  # it wants nobody any more: resolved, for example, or put to sleep
    SUPERSEDED = "SUPERSEDED"  # it wanted somebody anew since: newer messages are about that


@dataclass(frozen=True, slots=True)
class Stand:
    """How something stands, through whom and since when, as far as that is known."""

    standing: Standing
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An answer that counts."""

    id: int
    key: str  # the same for every repeat of the answer
    notification_id: int
    escalation_key: str
    verb: Verb
    user_id: int
    by: str  # the person's name
    method: str  # how the message had reached them
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What became of an answer, for one of the subjects that its message is about."""

    subject_kind: str
    subject_id: str
    title: str
    done: bool  # it is as they said; otherwise, `stand` is why not
    stand: Stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of an answer."""

    verb: Verb
    user_id: int
    parts: tuple[Part, ...]  # what the message itself is about is the first

    @property
    def done(self) -> bool:
        """Whether anything is as they said."""
        return any(part.done for part in self.parts)


def answer_key(verb: Verb, user_id: int, about: Notification, newest: Intent | None) -> str:
    """Returns what is the same for every repeat of an answer.

    A run is taken and ended once by a person, however often they say so. Asking for the next
    level again is a repeat until the level that was asked for is paged: `newest` is the last
    level of the run that was.
    """
    said = f"{about.escalation_key}:{user_id}:{verb}"
    if verb is Verb.ESCALATE and newest is not None:
        return f"{said}:{newest.cycle}:{newest.level}"
    return said


def episode(run: str, subject_kind: str, subject_id: str) -> int:
    """Returns the episode of a subject that a run of it, or a call to it, belongs to."""
    return int(run.removeprefix(f"{subject_kind}:{subject_id}:").partition(":")[0])


def stand(ending: Ending | None, *, superseded: bool) -> Stand:
    """Returns how something stands whose run ended so, if it did."""
    if superseded:
        return Stand(Standing.SUPERSEDED)
    if ending is None:
        return Stand(Standing.WANTED)
    return Stand(Standing.ACCEPTED if ending.taken else Standing.OVER, ending.by, ending.at)


def verbs(stands: Stand, newest: Intent | None) -> tuple[Verb, ...]:
    """Returns what somebody may answer; `newest` is the last level of the run that was paged."""
    match stands.standing:
        case Standing.WANTED:
            goes_on = newest is not None and newest.next_step_time is not None
            return tuple(Verb) if goes_on else (Verb.ACCEPT, Verb.RESOLVE)
        case Standing.ACCEPTED:
            return (Verb.RESOLVE,)
        case Standing.OVER | Standing.SUPERSEDED:
            return ()


def effect(given: Given) -> Stand:
    """Returns how something stands for which an answer was given."""
    match given.verb:
        case Verb.ACCEPT:
            return Stand(Standing.ACCEPTED, given.by, given.at)
        case Verb.RESOLVE:
            return Stand(Standing.OVER, given.by, given.at)
        case Verb.ESCALATE:
            return Stand(Standing.WANTED, given.by, given.at)


def ending(given: Given, about: Intent) -> Ending | None:
    """Returns how an answer ends a run; None if it ends none.

    Whoever was called by hand to what somebody had taken takes that call; that it is over holds
    for the subject itself. What was sent so far was sent before: nothing crossed the answer
    but what is under way.
    """
    match given.verb:
        case Verb.ACCEPT:
            return Ending(about.escalation_key, taken=True, by=given.by, at=given.at)
        case Verb.RESOLVE:
            return Ending(about.subject_run, taken=False, by=given.by, at=given.at)
        case Verb.ESCALATE:
            return None
