"""Accepts that expire: a subject that somebody took is paged anew unless it is stopped in time.

This is for the subjects of other programs; AlertState does the same for its alerts, as it alone
says what becomes of them. `running` sets a timer when such a run is acknowledged whose policy
has an `accept_expiry_min`. When it is due and the run is still the subject's newest, and still
acknowledged, the subject begins its next episode with a run of its own, along the policy as it
is by then. A stopped run never pages again.

The program that began the first run knows only that one. So whoever acknowledges or stops a
run by its id first asks `newest` which run that is by now, and whoever begins one asks
`episode` which number that has, as an accept that expired may have used it up.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.escalation import plans, running
from services.escalation.domain.runs import Run
from services.escalation.store import policies, runs
from services.escalation.store.alone import alone


def expire(connection: Connection, now: datetime, run_id: str) -> None:
    """Pages a run's subject anew, unless somebody stopped it or it began anew meanwhile."""
    run = runs.get(connection, int(run_id))
    known = _alone_with(connection, run)
    run = next(each for each in known if each.id == run.id)
    if run != _latest(known) or run.accept_expires is None or run.accept_expires > now:
        return
    known_policy = policies.find(connection, run.plan.policy_id)
    plan = plans.plan(connection, known_policy) if known_policy else run.plan
    anew = replace(run.subject, episode=run.subject.episode + 1)
    running.begin(connection, now, anew, plan, running.TOCSIN, continued_id=run.id)


def newest(connection: Connection, run_id: int) -> int:
    """Returns which run is meant by one whose accept may have expired: the last one after it.

    Keeps an accept of the same subject from expiring until the transaction ends. Raises NotFound.
    """
    known = _alone_with(connection, runs.get(connection, run_id))
    continued_by = {run.continued_id: run.id for run in known if run.continued_id}
    while run_id in continued_by:
        run_id = continued_by[run_id]
    return run_id


def episode(known: Sequence[Run], wanted: int) -> int:
    """Returns the episode that is meant by a number, given all runs of a subject.

    It is the number, unless an accept that expired used that up: then the one that pages now
    or, if none does, the next. Rather a page too many than one too few.
    """
    if not any(run.continued_id and run.subject.episode == wanted for run in known):
        return wanted
    latest = _latest(known)
    return latest.subject.episode + (0 if latest.pending else 1)


def _alone_with(connection: Connection, run: Run) -> list[Run]:
    """Returns all runs of a run's subject, keeping others from beginning another."""
    alone(connection, f"{run.subject.kind}:{run.subject.id}")
    return runs.of_subject(connection, run.subject.kind, run.subject.id)


def _latest(known: Sequence[Run]) -> Run:
    return max(known, key=lambda run: run.subject.episode)
