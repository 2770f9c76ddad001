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
    """One of the subjects that a message is about, and what became of an answer for it."""

    subject_kind: str
    subject_id: str
    title: str
    stand: Stand
    verbs: tuple[Verb, ...]  # what may be answered
    done: bool = False  # it is as they said; if it is not, `stand` is why


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

    @property
    def holds(self) -> bool:
        """Whether what they wanted is so for anything, be it through somebody else."""
        return self.done or any(_moot(self.verb, part.stand.standing) for part in self.parts)


def answer_key(verb: Verb, user_id: int, about: Notification, newest: Intent | None) -> str:
    """Returns what is the same for every repeat of an answer.

    A run is taken and ended once by a person, however often they say so. Asking for the next
    level is a repeat, whoever does, until the level that was asked for is paged: `newest` is
    the last level of the run that was.
    """
    if verb is Verb.ESCALATE and newest is not None:
        return f"{about.escalation_key}:{verb}:{newest.cycle}:{newest.level}"
    return f"{about.escalation_key}:{verb}:{user_id}"


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


def part(about: Intent, stand: Stand, newest: Intent | None, *, done: bool = False) -> Part:
    """Returns what a message is about, and how that stands."""
    return Part(
        subject_kind=about.subject_kind,
        subject_id=about.subject_id,
        title=about.title,
        stand=stand,
        verbs=verbs(stand, newest),
        done=done,
    )


def _moot(verb: Verb, standing: Standing) -> bool:
    match verb:
        case Verb.ACCEPT:
            return standing in (Standing.ACCEPTED, Standing.OVER)
        case Verb.RESOLVE:
            return standing is Standing.OVER
        case Verb.ESCALATE:
            return False
