"""Runs: subjects on their way along a policy, until somebody takes them.

A run carries its policy as it was at the beginning. `advance` takes one step, however late;
what the world must be told is returned, with the run as it was at that moment.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice

from services.chassis.errors import InvalidRequest, WrongState
from services.chassis.texts import clean
from services.escalation.domain.checks import line
from services.escalation.domain.duty import NO_DUTY, Duty
from services.escalation.domain.policies import Level, Plan

#: The policy of a run that pages only whom somebody calls by hand.
NO_POLICY = 0
_KIND = re.compile(r"[a-z][a-z0-9_-]*")
ALERT = "alert"


class State(StrEnum):
    """Where a run is in its life."""

    RUNNING = "RUNNING"  # levels are being paged, or the last one is being waited for
    ACKNOWLEDGED = "ACKNOWLEDGED"  # somebody took the subject
    STOPPED = "STOPPED"  # the subject needs nobody any more
    EXHAUSTED = "EXHAUSTED"  # all were paged and waited for, and nobody took it


class Priority(StrEnum):
    """How loudly to tell."""

    HIGH = "HIGH"  # along the whole policy
    LOW = "LOW"  # the first level only


@dataclass(frozen=True, slots=True)
class Actor:
    """Who caused something."""

    kind: str
    id: str = ""
    user_id: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Where to look."""

    href: str
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What somebody is to be paged about."""

    kind: str
    id: str
    title: str
    episode: int = 1
    details: str = ""
    links: tuple[Link, ...] = ()
    priority: Priority = Priority.HIGH

    @property
    def key(self) -> str:
        """What names the run of this subject's episode."""
        return f"{self.kind}:{self.id}:{self.episode}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a subject along a policy."""

    id: int
    subject: Subject
    plan: Plan
    start_time: datetime
    accept_time: datetime  # since when somebody waits for the first page
    state: State = State.RUNNING
    cycle: int = 0  # how often the whole list was begun again
    level: int = 0  # the last level that was paged, from 1
    reached: int = 0  # the last level that was paged or passed over
    due: datetime | None = None  # when something is to be done; None once the run ended
    paged: tuple[int, ...] = ()  # everybody who was paged, in the order of their first page
    end_time: datetime | None = None
    ended_by: Actor | None = None
    version: int = 1
    subject_version: int = 0  # the newest version of the subject that was heard of
    calls: int = 0  # the number of the last call by hand that was seen to
    pushes: int = 0  # how many wishes for the next level were seen to

    @property
    def pending(self) -> bool:
        """Whether the subject still wants somebody."""
        return self.state in (State.RUNNING, State.EXHAUSTED)

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels that this run may reach."""
        low = self.subject.priority is Priority.LOW
        return self.plan.levels[:1] if low else self.plan.levels

    @property
    def repeats(self) -> int:
        """How many further times this run goes through its levels."""
        return 0 if self.subject.priority is Priority.LOW else self.plan.repeats

    @property
    def next_step_time(self) -> datetime | None:
        """When the next level is paged; None when none is."""
        return self.due if next(_places_after(self), None) else None


@dataclass(frozen=True, slots=True)
class Begun:
    """A run began."""

    run: Run


@dataclass(frozen=True, slots=True)
class Paged:
    """A level was reached: these people and webhooks are to be told."""

    run: Run
    users: tuple[int, ...]
    at: datetime
    webhooks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody said that these people are to be told, whatever the level."""

    run: Run
    users: tuple[int, ...]
    number: int  # of the call, within its alert
    at: datetime


@dataclass(frozen=True, slots=True)
class Skipped:
    """A level had nobody and nothing that can be paged; the run is shown at that level."""

    run: Run


@dataclass(frozen=True, slots=True)
class Ended:
    """A run ended because somebody said so."""

    run: Run


@dataclass(frozen=True, slots=True)
class Exhausted:
    """A run ended because there is nobody left to page."""

    run: Run
    reached_nobody: bool = field(kw_only=True)  # not even on an earlier level


Effect = Begun | Paged | Called | Skipped | Ended | Exhausted
Outcome = tuple[Run, list[Effect]]


def checked(subject: Subject) -> Subject:
    """Returns a subject that a program may page about, without control characters.

    Raises InvalidRequest naming the field.
    """
    if not _KIND.fullmatch(line(subject.kind, "subject.kind")):
        raise InvalidRequest(
            "subject.kind must be lower-case letters, digits, - and _", field="subject.kind"
        )
    if subject.kind == ALERT:
        raise InvalidRequest(
            'subject.kind "alert" is Tocsin\'s own: send an event instead', field="subject.kind"
        )
    line(subject.id, "subject.id")
    title = clean(subject.title)
    if not title.strip():
        raise InvalidRequest("subject.title must not be empty", field="subject.title")
    if subject.episode < 1:
        raise InvalidRequest("subject.episode must be 1 or more", field="subject.episode")
    links = tuple(
        Link(clean(link.href), None if link.text is None else clean(link.text))
        for link in subject.links
    )
    return replace(subject, title=title, details=clean(subject.details), links=links)


def begin(
    run_id: int,
    subject: Subject,
    plan: Plan,
    now: datetime,
    *,
    accept_time: datetime | None = None,
    subject_version: int = 0,
    calls: int = 0,
) -> Outcome:
    """Starts a run; its first level is due at once, or after the policy's delay.

    Without a policy nothing is ever due: it waits for whoever was called.
    """
    run = Run(
        id=run_id,
        subject=subject,
        plan=plan,
        start_time=now,
        accept_time=accept_time or now,
        due=None if plan.policy_id == NO_POLICY else now + plan.delay,
        subject_version=subject_version,
        calls=calls,
    )
    return run, [Begun(run)]


def advance(run: Run, reachable: Collection[int], now: datetime, duty: Duty = NO_DUTY) -> Outcome:
    """Takes the step that is due, once, however late; the next one counts from now.

    Levels with nobody who is reachable, and no webhook, are passed over at once. One round
    without anybody ends the run: nothing would be different in the next.
    """
    if run.state is not State.RUNNING or run.due is None or run.due > now:
        return run, []
    effects: list[Effect] = []
    for cycle, number in islice(_places_after(run), len(run.levels)):
        level = run.levels[number - 1]
        run = replace(run, cycle=cycle, reached=number, due=now, version=run.version + 1)
        users, webhooks = _reachable(level, reachable, duty), duty.webhooks(level)
        if users or webhooks:
            paged = tuple(dict.fromkeys(run.paged + users))
            run = replace(run, level=number, paged=paged, due=now + level.timeout)
            return run, [*effects, Paged(run, users, now, webhooks)]
        effects.append(Skipped(replace(run, level=number)))
    run = replace(run, state=State.EXHAUSTED, due=None, end_time=now, version=run.version + 1)
    return run, [*effects, Exhausted(run, reached_nobody=not (run.paged or run.level))]


def push(
    run: Run, pushes: int, reachable: Collection[int], now: datetime, duty: Duty = NO_DUTY
) -> Outcome:
    """Takes the next step at once, because somebody asked for it; none if there is none."""
    goes_on = run.state is State.RUNNING and run.next_step_time is not None
    run = replace(run, pushes=pushes)
    return advance(replace(run, due=now), reachable, now, duty) if goes_on else (run, [])


def call(run: Run, number: int, users: tuple[int, ...], now: datetime) -> Outcome:
    """Pages people whom somebody called; the run is nowhere else for it, not even if it ended."""
    run = replace(run, calls=number)
    if not users:
        return run, []
    paged = tuple(dict.fromkeys(run.paged + users))
    run = replace(run, paged=paged, version=run.version + 1)
    return run, [Called(run, users, number, now)]


def acknowledge(run: Run, by: Actor, now: datetime) -> Outcome:
    """Ends a run because somebody took its subject. Raises WrongState if it was stopped."""
    match run.state:
        case State.RUNNING | State.EXHAUSTED:
            return _end(run, State.ACKNOWLEDGED, by, now)
        case State.ACKNOWLEDGED:
            return run, []  # a retry, or one more who takes it
        case State.STOPPED:
            raise WrongState(f"escalation {run.id} was stopped")


def stop(run: Run, by: Actor, now: datetime) -> Outcome:
    """Ends a run because its subject needs nobody any more."""
    if run.state is State.STOPPED:
        return run, []  # a retry
    return _end(run, State.STOPPED, by, now)


def heard(run: Run, subject_version: int) -> Run:
    """Returns a run that knows of a version of its subject."""
    return replace(run, subject_version=max(run.subject_version, subject_version))


def _end(run: Run, state: State, by: Actor, now: datetime) -> Outcome:
    ended = replace(run, state=state, due=None, end_time=now, ended_by=by, version=run.version + 1)
    return ended, [Ended(ended)]


def _places_after(run: Run) -> Iterator[tuple[int, int]]:
    """Returns where the run may still go: which round, which level."""
    count = len(run.levels)
    yield from ((run.cycle, number) for number in range(run.reached + 1, count + 1))
    for cycle in range(run.cycle + 1, run.repeats + 1):
        yield from ((cycle, number) for number in range(1, count + 1))


def _reachable(level: Level, reachable: Collection[int], duty: Duty) -> tuple[int, ...]:
    if level.for_all:
        return tuple(sorted(reachable))
    return tuple(user for user in duty.people(level) if user in reachable)
