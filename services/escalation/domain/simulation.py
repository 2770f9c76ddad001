"""What a run will do: the steps that `runs` decides, each taken at the moment it is due.

Nothing is decided here. The run is begun, advanced and acknowledged by the functions that
page, with who is on call at each moment; nothing but the waiting is left out.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from services.escalation.domain import runs
from services.escalation.domain.duty import NO_DUTY, Duty
from services.escalation.domain.policies import Level, Plan
from services.escalation.domain.reasons import Reason, Why, of_people
from services.escalation.domain.runs import Actor, Effect, Paged, Run, Skipped, Subject

#: Who is meant by a run's levels at a moment, and who of those can be paged.
Present = Callable[[Run, datetime], tuple[Duty, Collection[int]]]


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Somebody accepts."""

    at: datetime
    by: Actor


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens at a moment."""

    at: datetime
    effect: Effect
    run: Run  # as it is after all that happens at that moment
    duty: Duty = NO_DUTY  # who was meant then

    @property
    def level(self) -> Level:
        """The level that it is about."""
        return self.effect.run.stage.levels[self.effect.run.level - 1]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why each of the people is paged, each time that they are meant; or why nobody is.

        And who is passed over.
        """
        match self.effect:
            case Paged(users=users, reasons=reasons) if users:
                passed = (reason for reason in reasons if reason.why is Why.MUTED)
                return (*of_people(self.level, self.duty, users), *passed)
            case Paged(reasons=reasons) | Skipped(reasons=reasons):
                return reasons
            case _:
                return ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happens, by time, and the run as it is in the end."""

    steps: tuple[Step, ...]
    run: Run


def simulate(
    subject: Subject,
    plan: Plan,
    start: datetime,
    until: datetime,
    present: Present,
    *,
    acceptance: Acceptance | None = None,
    most: int,
) -> Timeline:
    """Returns what a run does until a time, and about as many steps as are wanted at most.

    What is due when somebody accepts does not happen any more.
    """
    run, effects = runs.begin(0, subject, plan, start)
    steps = [Step(start, effect, run) for effect in effects]
    while len(steps) < most:
        duty = NO_DUTY
        accepts = acceptance is not None and (run.due is None or acceptance.at <= run.due)
        if acceptance is not None and accepts and run.pending and acceptance.at <= until:
            at = acceptance.at
            run, effects = runs.acknowledge(run, acceptance.by, at)
        elif run.due is not None and run.due <= until:
            at = run.due
            duty, reachable = present(run, at)
            run, effects = runs.advance(run, reachable, at, duty)
        else:
            break
        steps += [Step(at, effect, run, duty) for effect in effects]
    return Timeline(tuple(steps[:most]), run)
