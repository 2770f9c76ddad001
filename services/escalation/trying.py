"""Pages somebody as a test, by the way that every page goes."""

from sqlalchemy import Connection

from services.chassis import counters
from services.chassis.clock import Clock
from services.chassis.errors import Forbidden
from services.chassis.principal import ADMIN, caller
from services.chassis.teams import in_every_team
from services.escalation import running, starting
from services.escalation.domain import trials
from services.escalation.domain.runs import Priority, Run
from services.escalation.store import runs, users
from services.escalation.store.alone import alone
from services.escalation.wire import runs as wire


def start(connection: Connection, clock: Clock, user_id: int, priority: Priority) -> Run:
    """Starts a test of a person. Raises Forbidden, NotFound, RateLimited."""
    _refuse_others(user_id)
    users.get(connection, user_id)
    counter = f"{trials.TEST}:{user_id}"
    alone(connection, counter)
    now = clock.now(connection)
    trials.refuse_many(user_id, _before(connection, user_id, counter), now)
    subject = trials.subject(user_id, counters.allocate(connection, counter), priority)
    while subject.key in runs.by_keys(connection, [subject.key]):  # another program's test
        subject = trials.subject(user_id, counters.allocate(connection, counter), priority)
    by = wire.actor_value(caller().actor())
    run = running.begin(connection, now, subject, trials.plan(user_id), by)
    starting.record(connection, run, now, "escalation.test")
    return run


def _before(connection: Connection, user_id: int, counter: str) -> Run | None:
    """Returns the oldest of the last tests, as many as there may be within an hour."""
    number = counters.last(connection, counter) - trials.MOST + 1
    key = trials.subject(user_id, number, Priority.HIGH).key
    return runs.by_keys(connection, [key]).get(key)


def _refuse_others(user_id: int) -> None:
    who = caller()
    if who.user_id != user_id and not (in_every_team(who) and who.may(ADMIN)):
        raise Forbidden("people page themselves, ADMINs anybody", reason="NOT_YOURSELF", field="id")
