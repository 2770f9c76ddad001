"""What becomes of a run is written down and told in one transaction.

Whoever changes a run takes its timer first, as the timer itself does: one order, so that
two who meet on PostgreSQL wait for each other and never for good.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from google.protobuf.message import Message
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
    Ended,
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
    if run.due is not None:
        timers.set_timer(connection, TIMER, str(run.id), run.due)
    # Not for a retry: whoever lets an accept expire has its timer, and waits for the subject.
    if run.accept_expires is not None and any(isinstance(each, Ended) for each in effects):
        timers.set_timer(connection, ACCEPT_EXPIRY, str(run.id), run.accept_expires)
    _tell(connection, now, effects, by)


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


def take_steps(connection: Connection, now: datetime, due: Sequence[Run]) -> list[Run]:
    """Takes the steps of runs that are due, which the caller has locked with their timers."""
    outcomes = _advanced(connection, [(run, now) for run in due])
    stepped = [run for run, _ in outcomes]
    runs.save_places(connection, stepped)
    _tell(connection, now, [effect for _, effects in outcomes for effect in effects], TOCSIN)
    return stepped


def next_users(connection: Connection, found: Sequence[Run]) -> dict[str, tuple[int, ...]]:
    """Returns whom the next step of runs would page, by key; runs that page nobody are missing.

    The step is taken, as it will be at its time, and forgotten.
    """
    outcomes = _advanced(connection, [(run, run.due) for run in found if run.due is not None])
    effects = [effect for _, effects in outcomes for effect in effects]
    return {
        each.run.subject.key: each.users
        for each in effects
        if isinstance(each, Paged) and each.users
    }


def _advanced(
    connection: Connection, moments: Sequence[tuple[Run, datetime]]
) -> list[domain.Outcome]:
    """Returns runs as they are after their next step, each at its moment.

    Very many may follow one plan, and the store gives them one and the same: who is meant is
    found out once for all who follow it at one moment.
    """
    courses = [(id(run.plan), run.subject.priority, at) for run, at in moments]
    first = dict(zip(courses, moments, strict=True))
    asked = [(run.levels, at) for run, at in first.values()]
    duties = on_duty.duties(connection, asked)
    meant = [(levels, duty) for (levels, _), duty in zip(asked, duties, strict=True)]
    reachable = on_duty.reachables(connection, meant)
    known = dict(zip(first, zip(reachable, duties, strict=True), strict=True))
    return [
        domain.advance(run, known[course][0], at, known[course][1])
        for course, (run, at) in zip(courses, moments, strict=True)
    ]


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
    connection: Connection,
    now: datetime,
    run_id: int,
    by: Actor,
    *,
    subject_version: int = 0,
    subject_end_time: datetime | None = None,
    over: bool = False,
) -> Run:
    """Ends a run whose subject needs nobody any more; `over` tells that it is over."""
    run, effects = domain.stop(take(connection, run_id), by, now, subject_end_time, over=over)
    run = domain.heard(run, subject_version)
    record(connection, now, run, effects, by)
    return run


def acknowledge(
    connection: Connection,
    now: datetime,
    run_id: int,
    by: Actor,
    *,
    subject_version: int = 0,
    subject_end_time: datetime | None = None,
) -> Run:
    """Ends a run whose subject somebody took. Raises WrongState if it was stopped."""
    run, effects = domain.acknowledge(take(connection, run_id), by, now, subject_end_time)
    run = domain.heard(run, subject_version)
    record(connection, now, run, effects, by)
    return run


def _tell(connection: Connection, now: datetime, effects: Sequence[Effect], by: Actor) -> None:
    notify(connection, TOPIC)
    outbox.put_all(connection, now, (said for effect in effects for said in _messages(effect, by)))
    for what in dict.fromkeys(type(effect) for effect in effects):
        about = (effect.run for effect in effects if type(effect) is what)
        named = ", ".join(f"{run.id} ({run.subject.key})" for run in about)
        log.info("escalations %s: %s", what.__name__.lower(), named)
    for effect in effects:
        suite_news.tell(connection, now, effect)


def _messages(effect: Effect, by: Actor) -> Iterator[tuple[str, Message]]:
    """Returns what the other services are told, with the keys of the outbox."""
    run = effect.run
    yield f"escalation:{run.id}:{run.version}", wire.changed(effect, by)
    match effect:
        case Paged():
            yield f"page:{run.subject.key}:{run.cycle}:{run.level}", wire.page(effect)
        case Called():
            yield f"call:{run.subject.key}:{effect.number}", wire.call(effect)
