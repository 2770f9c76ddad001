"""Takes the steps of runs when they are due."""

from datetime import datetime

from prometheus_client import Histogram
from sqlalchemy import Connection

from services.escalation import expiring, running
from services.escalation.store import runs

LATENESS = Histogram(
    "tocsin_step_lateness_seconds",
    "From when a step of an escalation was due to when it was taken.",
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 30, 300),
)


def step(connection: Connection, now: datetime, run_id: str) -> None:
    """Takes a run's step, unless somebody ended the run meanwhile."""
    run = runs.get(connection, int(run_id), lock=True)
    if run.due is None:
        return
    LATENESS.observe((now - run.due).total_seconds())
    running.step(connection, now, run)


DUE = {running.TIMER: step, running.ACCEPT_EXPIRY: expiring.expire}
