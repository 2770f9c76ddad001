"""What the people who run Tocsin are told of runs: that nobody answered, until somebody does.

Not what the suite's own alerts met, or it would go in circles; and nobody is meant to answer a
LOW one.
"""

from datetime import datetime

from sqlalchemy import Connection

from services.chassis import suite
from services.escalation.domain.runs import Effect, Ended, Exhausted, Priority, Run, State

LONGEST_TITLE = 200


def tell(connection: Connection, now: datetime, effect: Effect) -> None:
    """Raises an alert about a run that nobody answered, and resolves it when somebody does."""
    match effect:
        case Exhausted() if _is_news(effect.run, reached_nobody=effect.reached_nobody):
            _raise(connection, now, effect)
        case Ended(run, State.EXHAUSTED) if _is_news(run, reached_nobody=not run.level):
            suite.resolve_alert(connection, now, what=_what(run))


def _is_news(run: Run, *, reached_nobody: bool) -> bool:
    low = run.subject.priority is Priority.LOW
    return not run.plan.built_in and (reached_nobody or not low)


def _what(run: Run) -> str:
    """Names the alert about a run: there is one, as a run is exhausted once."""
    return f"unanswered:{run.subject.key}"


def _raise(connection: Connection, now: datetime, effect: Exhausted) -> None:
    run = effect.run
    title = run.subject.title[:LONGEST_TITLE]
    if effect.reached_nobody:
        summary = f"Nobody could be paged about: {title}"
        why = "has nobody on any level who can be paged"
    else:
        summary = f"Nobody answered: {title}"
        why = "was gone through to its end, and nobody accepted"
    about = f"{run.subject.kind} {run.subject.id}"
    after = [str(stage.policy_id) for stage in run.stages[1:]]
    followed = f" (and after it {', '.join(after)})" if after else ""
    details = (
        f"Escalation policy {run.plan.policy_id}{followed} {why}."
        f" It was about {about}, which still waits."
    )
    suite.raise_alert(connection, now, what=_what(run), summary=summary, details=details)
