"""Changes of one alert at a time: load, decide, save, tell."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from services.alertstate import known, outgoing, reach, wire
from services.alertstate.domain.actions import Done
from services.alertstate.domain.alerts import Actor, Alert, Status
from services.alertstate.domain.cases import Key
from services.alertstate.domain.keys import KeyState, resolved_by_hand
from services.alertstate.store import alerts, comments, keys, log, orders, timers
from services.alertstate.timer_kinds import SNOOZE
from services.chassis import audit
from services.chassis.clock import Clock
from services.chassis.principal import caller

#: Decides what becomes of an alert; may read what is known of other records.
Decide = Callable[[Connection, Alert, datetime], Done]


def by_caller(
    connection: Connection, clock: Clock, alert_id: int, decide: Decide, by: Actor, action: str
) -> Alert:
    """Does what a caller asked for, and records that they did if anything changed."""
    now = clock.now(connection)
    reach.refuse_unanswered(connection, alert_id)
    before = alerts.get(connection, alert_id)
    done = change(connection, now, alert_id, decide, by)
    if done.cause is not None:
        audit.record(
            connection,
            now,
            caller().actor(),
            f"alert.{action}",
            f"alert:{alert_id}",
            before=wire.standing(before),
            after=wire.standing(done.alert),
        )
    return done.alert


def change(connection: Connection, now: datetime, alert_id: int, decide: Decide, by: Actor) -> Done:
    """Changes an alert and tells the others. Raises NotFound."""
    before, states = locked(connection, alert_id)
    done = decide(connection, before, now)
    if done.cause is not None:
        save(connection, now, before, done, by)
        _answer_keys(connection, now, states, done.alert)
    return done


def save(
    connection: Connection, now: datetime, before: Alert | None, done: Done, by: Actor
) -> None:
    """Writes an alert with all that is to be told of it."""
    after = done.alert
    alerts.save(connection, [(before, after)], now)
    log.add(connection, [(after, done.entries)])
    comments.add(connection, [(after, done.comments)])
    if after.snoozed_until is not None:
        timers.set_all(connection, SNOOZE, {str(after.id): after.snoozed_until})
    if done.cause is not None:
        about = known.about(connection, [after])
        outgoing.publish(connection, now, [(after, done.cause, by)], about)


def locked(connection: Connection, alert_id: int) -> tuple[Alert, dict[Key, KeyState]]:
    """Returns an alert and the keys it holds, keeping others from changing them. Raises NotFound.

    The source and the keys first, as events do: whoever locks in another order may wait for ever.
    """
    unlocked = alerts.get(connection, alert_id)
    orders.hold(connection, unlocked.source_id)
    states = keys.held_by(connection, [alert_id])
    return alerts.get(connection, alert_id, lock=True), states


def _answer_keys(
    connection: Connection, now: datetime, states: dict[Key, KeyState], after: Alert
) -> None:
    """Closes what an alert held that is over."""
    if after.status is Status.RESOLVED:
        answered = {key: resolved_by_hand(state) for key, state in states.items()}
        keys.save(connection, answered, now)
