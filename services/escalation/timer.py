"""Takes the steps of runs when they are due."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from prometheus_client import Histogram
from sqlalchemy import Connection

from services.chassis.timers import Due, Together
from services.escalation import expiring, running
from services.escalation.store import runs

LATENESS = Histogram(
    "tocsin_step_lateness_seconds",
    "From when a step of an escalation was due to when it was taken.",
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 30, 300),
)


def step(
    connection: Connection, now: datetime, keys: Sequence[str]
) -> Mapping[str, datetime | None]:
    """Takes the steps of runs, but of none that somebody ended or is changing now.

    Returns when their next steps are due.
    """
    found = runs.lock_free(connection, [int(key) for key in keys])
    for run in found:
        if run.due is not None:
            LATENESS.observe((now - run.due).total_seconds())
    stepped = running.take_steps(connection, now, found)
    return {str(run.id): run.due for run in stepped}


DUE: dict[str, Due] = {running.TIMER: Together(step), running.ACCEPT_EXPIRY: expiring.expire}
