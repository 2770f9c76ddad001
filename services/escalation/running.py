"""What becomes of a run is written down and told in one transaction.

Whoever changes a run takes its timer first, as the timer itself does: one order, so that
two who meet on PostgreSQL wait for each other and never for good.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import counters, outbox, timers
from services.chassis.database import notify
from services.chassis.principal import SYSTEM
from services.escalation import on_duty, plans, suite_news
from services.escalation.domain import runs as domain
from services.escalation.domain.policies import Plan
from services.escalation.domain.runs import (
    Actor,
    Called,
    Effect,
    Paged,
    Run,
    Subject,
)
from services.escalation.store import runs, users
from services.escalation.wire import runs as wire

log = logging.getLogger(__name__)

TIMER = "escalation"
ACCEPT_EXPIRY = "accept-expiry"  # see `services.escalation.expiring`
COUNTER = "escalation"
TOPIC = "runs"  # said when a run may have gone on
TOCSIN = Actor(SYSTEM.kind, name=SYSTEM.name)


def take(connection: Connection, run_id: int) -> Run:
    """Returns a run for a change that ends it. Raises NotFound."""
    timers.clear_timer(connection, TIMER, str(run_id))
    return runs.get(connection, run_id, lock=True)


def record(
    connection: Connection, now: datetime, run: Run, effects: Sequence[Effect], by: Actor
) -> None:
    """Writes a changed run back, and tells what happened to it."""
    runs.save(connection, run)
    notify(connection, TOPIC)
    if run.due is not None:
        timers.set_timer(connection, TIMER, str(run.id), run.due)
    if run.accept_expires is not None:
        timers.set_timer(connection, ACCEPT_EXPIRY, str(run.id), run.accept_expires)
    for effect in effects:
        _tell(connection, now, effect, by)


def begin(
    connection: Connection,
    now: datetime,
    subject: Subject,
    plan: Plan,
    by: Actor,
    *,
    accept_time: datetime | None = None,
    subject_version: int = 0,
    calls: int = 0,
    continued_id: int = 0,
) -> Run:
    """Starts a run."""
    run_id = counters.allocate(connection, COUNTER)
    run, effects = domain.begin(
        run_id,
        subject,
        plans.with_turn(connection, plan),
        now,
        accept_time=accept_time,
        subject_version=subject_version,
        calls=calls,
        continued_id=continued_id,
    )
    runs.add(connection, run)
    record(connection, now, run, effects, by)
    return run


def step(connection: Connection, now: datetime, run: Run) -> Run:
    """Takes the step of a run that is due."""
    duty = on_duty.duty(connection, run.levels, now)
    reachable = on_duty.reachable(connection, run.levels, duty)
    run, effects = domain.advance(run, reachable, now, duty)
    record(connection, now, run, effects, TOCSIN)
    return run


def next_users(connection: Connection, found: Sequence[Run]) -> dict[str, tuple[int, ...]]:
    """Returns whom the next step of runs would page, by key; runs that page nobody are missing.

    The step is taken, as it will be at its time, and forgotten.
    """
    waiting = [(run, run.due) for run in found if run.due is not None]
    duties = on_duty.duties(connection, [(run.levels, due) for run, due in waiting])
    along = [(run, due, duty) for (run, due), duty in zip(waiting, duties, strict=True)]
    named = {user for run, _, duty in along for level in run.levels for user in duty.people(level)}
    existing = users.existing(connection, named)
    for_all = {run.id for run, _ in waiting if any(level.for_all for level in run.levels)}
    admins = users.admins(connection) if for_all else existing
    paged: dict[str, tuple[int, ...]] = {}
    for run, due, duty in along:
        reachable = admins if run.id in for_all else existing
        _, effects = domain.advance(run, reachable, due, duty)
        paged.update((each.run.subject.key, each.users) for each in effects if type(each) is Paged)
    return paged


def push(connection: Connection, now: datetime, run_id: int, pushes: int, by: Actor) -> Run:
    """Takes the next step of a run at once."""
    run = take(connection, run_id)
    duty = on_duty.duty(connection, run.levels, now)
    reachable = on_duty.reachable(connection, run.levels, duty)
    run, effects = domain.push(run, pushes, reachable, now, duty)
    record(connection, now, run, effects, by)
    return run


def call(
    connection: Connection, now: datetime, run_id: int, number: int, meant: Iterable[int], by: Actor
) -> Run:
    """Pages people about the subject of a run because somebody said so."""
    reachable = tuple(sorted(users.existing(connection, meant)))
    run, effects = domain.call(take(connection, run_id), number, reachable, now)
    record(connection, now, run, effects, by)
    return run


def stop(
    connection: Connection, now: datetime, run_id: int, by: Actor, *, subject_version: int = 0
) -> Run:
    """Ends a run whose subject needs nobody any more."""
    run, effects = domain.stop(take(connection, run_id), by, now)
    run = domain.heard(run, subject_version)
    record(connection, now, run, effects, by)
    return run


def acknowledge(
    connection: Connection, now: datetime, run_id: int, by: Actor, *, subject_version: int = 0
) -> Run:
    """Ends a run whose subject somebody took. Raises WrongState if it was stopped."""
    run, effects = domain.acknowledge(take(connection, run_id), by, now)
    run = domain.heard(run, subject_version)
    record(connection, now, run, effects, by)
    return run


def plan_of(connection: Connection, policy_id: int) -> Plan:
    """Returns what a run along a policy follows; one without levels if there is no such policy."""
    return plans.plan_of(connection, policy_id)


def _tell(connection: Connection, now: datetime, effect: Effect, by: Actor) -> None:
    run = effect.run
    changed = wire.changed(effect, by)
    outbox.put(connection, now, changed, key=f"escalation:{run.id}:{run.version}")
    log.info("escalation %s (%s): %s", run.id, run.subject.key, type(effect).__name__.lower())
    match effect:
        case Paged():
            key = f"page:{run.subject.key}:{run.cycle}:{run.level}"
            outbox.put(connection, now, wire.page(effect), key=key)
        case Called():
            key = f"call:{run.subject.key}:{effect.number}"
            outbox.put(connection, now, wire.call(effect), key=key)
    suite_news.tell(connection, now, effect)
