"""Runs: subjects on their way along a policy, until somebody takes them.

A run carries its policy as it was at the beginning. `advance` takes one step, however late;
what the world must be told is returned, with the run as it was at that moment.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from services.chassis.errors import WrongState
from services.escalation.domain import places
from services.escalation.domain.duty import NO_DUTY, Duty
from services.escalation.domain.places import Place
from services.escalation.domain.policies import Level, Plan, Stage
from services.escalation.domain.reasons import Reason, Turn, choose

# What a run is about comes with it: whoever handles runs need not know in which file it is.
from services.escalation.domain.subjects import ALERT as ALERT
from services.escalation.domain.subjects import Actor as Actor
from services.escalation.domain.subjects import Link as Link
from services.escalation.domain.subjects import Priority as Priority
from services.escalation.domain.subjects import Subject as Subject
from services.escalation.domain.subjects import checked as checked

#: The policy of a run that pages only whom somebody calls by hand, or one person as a test.
NO_POLICY = 0


class State(StrEnum):
    """Where a run is in its life."""

    RUNNING = "RUNNING"  # levels are being paged, or the last one is being waited for
    ACKNOWLEDGED = "ACKNOWLEDGED"  # somebody took the subject
    STOPPED = "STOPPED"  # the subject needs nobody any more
    EXHAUSTED = "EXHAUSTED"  # all were paged and waited for, and nobody took it


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
    continued_id: int = 0  # the run whose accept expired, which this one goes on from

    @property
    def pending(self) -> bool:
        """Whether the subject still wants somebody."""
        return self.state in (State.RUNNING, State.EXHAUSTED)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The lists that this run may go through, one after another."""
        low = self.subject.priority is Priority.LOW
        return self.plan.only_first if low else self.plan.stages

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels that this run may reach."""
        return tuple(level for stage in self.stages for level in stage.levels)

    @property
    def stage(self) -> Stage:
        """The list that it goes through now."""
        stages = self.stages
        return stages[places.present(stages, self.cycle)[0]]

    @property
    def round(self) -> int:
        """How often that list was begun, from 1."""
        return places.present(self.stages, self.cycle)[1]

    @property
    def next_level(self) -> int:
        """The number of the level that is paged next; 0 when none is."""
        left = places.after(self.stages, self.cycle, self.reached)
        return next((place.number for place in left), 0) if self.due else 0

    @property
    def next_step_time(self) -> datetime | None:
        """When the next level is paged; None when none is."""
        return self.due if self.next_level else None

    @property
    def accept_expires(self) -> datetime | None:
        """When a subject that somebody took is paged anew; None when it never is."""
        expiry = self.plan.accept_expiry
        if self.state is not State.ACKNOWLEDGED or self.end_time is None or expiry is None:
            return None
        return None if self.subject.kind == ALERT else self.end_time + expiry


@dataclass(frozen=True, slots=True)
class Begun:
    """A run began."""

    run: Run


@dataclass(frozen=True, slots=True)
class FellBack:
    """A policy was exhausted, and the one that follows it is gone through now."""

    run: Run


@dataclass(frozen=True, slots=True)
class Paged:
    """A level was reached: these people and webhooks are to be told, each for a reason."""

    run: Run
    users: tuple[int, ...]
    at: datetime
    reasons: tuple[Reason, ...] = ()
    turn: Turn | None = None  # whose it is, where people take turns
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
    reasons: tuple[Reason, ...] = ()  # one or more for each of its targets


@dataclass(frozen=True, slots=True)
class Ended:
    """A run ended because somebody said so."""

    run: Run
    before: State = State.RUNNING  # where it was
    subject_end_time: datetime | None = None  # since when nobody is wanted; None: since its end
    over: bool = False  # so is its subject, which does not sleep or want somebody anew


@dataclass(frozen=True, slots=True)
class Exhausted:
    """A run ended because there is nobody left to page."""

    run: Run
    reached_nobody: bool = field(kw_only=True)  # not even on an earlier level


Effect = Begun | FellBack | Paged | Called | Skipped | Ended | Exhausted
Outcome = tuple[Run, list[Effect]]


def begin(
    run_id: int,
    subject: Subject,
    plan: Plan,
    now: datetime,
    *,
    accept_time: datetime | None = None,
    subject_version: int = 0,
    calls: int = 0,
    continued_id: int = 0,
) -> Outcome:
    """Starts a run; its first level is due at once, or after the policy's delay.

    Without a policy and a level nothing is ever due: it waits for whoever was called.
    """
    waits = plan.policy_id == NO_POLICY and not plan.levels
    run = Run(
        id=run_id,
        subject=subject,
        plan=plan,
        start_time=now,
        accept_time=accept_time or now,
        due=None if waits else now + plan.delay,
        subject_version=subject_version,
        calls=calls,
        continued_id=continued_id,
    )
    return run, [Begun(run)]


def advance(run: Run, reachable: Collection[int], now: datetime, duty: Duty = NO_DUTY) -> Outcome:
    """Takes the step that is due, once, however late; the next one counts from now.

    Levels with nobody who is reachable, and no webhook, are passed over at once, each once:
    nothing would be different in the next round. A list without anybody leads to the one that
    follows it. What is no policy's is over at its end, as nobody waits for it.
    """
    if run.state is not State.RUNNING or run.due is None or run.due > now:
        return run, []
    effects: list[Effect] = []
    tried: set[tuple[int, int]] = set()
    stages = run.stages
    at = places.present(stages, run.cycle)[0]
    for place in places.after(stages, run.cycle, run.reached):
        if (place.stage, place.number) in tried:
            continue
        tried.add((place.stage, place.number))
        run, news = _reach(run, place, now, begins=place.stage != at)
        at = place.stage
        choice = choose(place.level, run.plan.turn + place.cycle, reachable, duty)
        webhooks = duty.webhooks(place.level)
        if choice.users or webhooks:
            paged = tuple(dict.fromkeys(run.paged + choice.users))
            run = replace(run, level=place.number, paged=paged, due=now + place.level.timeout)
            page = Paged(run, choice.users, now, choice.reasons, choice.turn, webhooks)
            return run, [*effects, *news, page]
        effects += [*news, Skipped(replace(run, level=place.number), choice.reasons)]
    if run.plan.policy_id == NO_POLICY:
        run, news = _end(run, State.STOPPED, None, now, None, over=True)
        return run, [*effects, *news]
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


def acknowledge(
    run: Run, by: Actor, now: datetime, subject_end_time: datetime | None = None
) -> Outcome:
    """Ends a run because somebody took its subject. Raises WrongState if it was stopped."""
    match run.state:
        case State.RUNNING | State.EXHAUSTED:
            return _end(run, State.ACKNOWLEDGED, by, now, subject_end_time)
        case State.ACKNOWLEDGED:
            return run, []  # a retry, or one more who takes it
        case State.STOPPED:
            raise WrongState(f"escalation {run.id} was stopped")


def stop(
    run: Run,
    by: Actor,
    now: datetime,
    subject_end_time: datetime | None = None,
    *,
    over: bool = False,
) -> Outcome:
    """Ends a run because its subject needs nobody any more; `over` tells that it is over."""
    if run.state is State.STOPPED:
        return run, []  # a retry
    return _end(run, State.STOPPED, by, now, subject_end_time, over=over)


def heard(run: Run, subject_version: int) -> Run:
    """Returns a run that knows of a version of its subject."""
    return replace(run, subject_version=max(run.subject_version, subject_version))


def _end(
    run: Run,
    state: State,
    by: Actor | None,
    now: datetime,
    subject_end_time: datetime | None,
    *,
    over: bool = False,
) -> Outcome:
    ended = replace(run, state=state, due=None, end_time=now, ended_by=by, version=run.version + 1)
    return ended, [Ended(ended, run.state, subject_end_time, over)]


def _reach(run: Run, place: Place, now: datetime, *, begins: bool) -> tuple[Run, list[Effect]]:
    """Returns a run that reached a level; with the news, if that begins another list."""
    news: list[Effect] = []
    version = run.version + 1
    if begins:
        run = replace(run, cycle=place.cycle, reached=0, due=now, version=version)
        news, version = [FellBack(run)], version + 1
    return replace(run, cycle=place.cycle, reached=place.number, due=now, version=version), news
