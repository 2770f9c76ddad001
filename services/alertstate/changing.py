"""Changes of alerts, one or many at a time: load, decide, save, tell."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.alertstate import known, outgoing, reach, wire
from services.alertstate.domain.actions import Done
from services.alertstate.domain.alerts import Actor, Alert, Cause, Status
from services.alertstate.domain.cases import Key
from services.alertstate.domain.expiry import armed
from services.alertstate.domain.keys import KeyState, resolved_by_hand
from services.alertstate.store import alerts, comments, keys, log, orders
from services.alertstate.timer_kinds import ACCEPT_EXPIRY, SNOOZE
from services.chassis import audit, timers
from services.chassis.clock import Clock
from services.chassis.errors import Forbidden, NotFound, WrongState
from services.chassis.principal import caller

#: Decides what becomes of an alert; may read what is known of other records.
Decide = Callable[[Connection, Alert, datetime], Done]
#: What became of one alert of many: what was done, or why nothing was.
Outcome = Done | NotFound | Forbidden | WrongState


def by_caller(
    connection: Connection, clock: Clock, alert_id: int, decide: Decide, by: Actor, action: str
) -> Alert:
    """Does what a caller asked for, and records that they did if anything changed.

    Raises NotFound, Forbidden and WrongState.
    """
    outcome = all_by_caller(connection, clock, [alert_id], decide, by, action)[alert_id]
    if not isinstance(outcome, Done):
        raise outcome
    return outcome.alert


def all_by_caller(
    connection: Connection,
    clock: Clock,
    alert_ids: Collection[int],
    decide: Decide,
    by: Actor,
    action: str,
) -> dict[int, Outcome]:
    """Does what a caller asked for to many alerts, each for itself, by their ids."""
    now = clock.now(connection)
    before: dict[int, Alert] = {}

    def allowed(connection: Connection, alert: Alert, now: datetime) -> Done:
        reach.refuse_unanswered(connection, alert.id)
        before[alert.id] = alert
        return decide(connection, alert, now)

    outcomes = _change_all(connection, now, alert_ids, allowed, by)
    for alert_id, outcome in outcomes.items():
        if isinstance(outcome, Done) and outcome.cause is not None:
            audit.record(
                connection,
                now,
                caller().actor(),
                f"alert.{action}",
                f"alert:{alert_id}",
                before=wire.standing(before[alert_id]),
                after=wire.standing(outcome.alert),
            )
    return outcomes


def change(connection: Connection, now: datetime, alert_id: int, decide: Decide, by: Actor) -> Done:
    """Changes an alert and tells the others. Raises NotFound and WrongState."""
    outcome = _change_all(connection, now, [alert_id], decide, by)[alert_id]
    if not isinstance(outcome, Done):
        raise outcome
    return outcome


def save(
    connection: Connection, now: datetime, before: Alert | None, done: Done, by: Actor
) -> None:
    """Writes an alert with all that is to be told of it."""
    _save_all(connection, now, [(before, done)], by)


def _change_all(
    connection: Connection, now: datetime, alert_ids: Collection[int], decide: Decide, by: Actor
) -> dict[int, Outcome]:
    found, states = _locked(connection, alert_ids)
    outcomes: dict[int, Outcome] = {}
    for alert_id in alert_ids:
        try:
            outcomes[alert_id] = (
                decide(connection, found[alert_id], now)
                if alert_id in found
                else NotFound(f"there is no alert {alert_id}")
            )
        except (NotFound, Forbidden, WrongState) as refusal:  # it decided, and wrote nothing
            outcomes[alert_id] = refusal
    outcomes |= _armed(connection, now, outcomes)
    changed = [
        (found[alert_id], outcome)
        for alert_id, outcome in outcomes.items()
        if isinstance(outcome, Done) and outcome.cause is not None
    ]
    _save_all(connection, now, changed, by)
    _answer_keys(connection, now, states, [done.alert for _, done in changed])
    return outcomes


def _armed(
    connection: Connection, now: datetime, outcomes: Mapping[int, Outcome]
) -> dict[int, Done]:
    """Returns what was accepted, with when that expires."""
    taken = {
        alert_id: outcome
        for alert_id, outcome in outcomes.items()
        if isinstance(outcome, Done) and outcome.cause is Cause.ACCEPTED
    }
    policies = {done.alert.content.policy_id for done in taken.values()}
    expiries = known.accept_expiries(connection, policies) if policies else {}
    return {
        alert_id: replace(
            done, alert=armed(done.alert, expiries.get(done.alert.content.policy_id), now)
        )
        for alert_id, done in taken.items()
    }


def _save_all(
    connection: Connection, now: datetime, changed: Sequence[tuple[Alert | None, Done]], by: Actor
) -> None:
    if not changed:
        return
    after = [done.alert for _, done in changed]
    alerts.save(connection, [(before, done.alert) for before, done in changed], now)
    log.add(connection, [(done.alert, done.entries) for _, done in changed])
    comments.add(connection, [(done.alert, done.comments) for _, done in changed])
    timers.set_all(connection, SNOOZE, {str(each.id): each.snoozed_until for each in after})
    timers.set_all(connection, ACCEPT_EXPIRY, {str(each.id): each.accept_expires for each in after})
    told = [(done.alert, done.cause, by) for _, done in changed if done.cause is not None]
    outgoing.publish(connection, now, told, known.about(connection, after))


def _locked(
    connection: Connection, alert_ids: Collection[int]
) -> tuple[dict[int, Alert], dict[Key, KeyState]]:
    """Returns alerts and the keys they hold, keeping others from changing them.

    The sources and the keys first, as events do: whoever locks in another order may wait for ever.
    """
    orders.hold(connection, alerts.sources_of(connection, alert_ids))
    states = keys.held_by(connection, alert_ids)
    return alerts.many(connection, alert_ids, lock=True), states


def _answer_keys(
    connection: Connection,
    now: datetime,
    states: Mapping[Key, KeyState],
    changed: Iterable[Alert],
) -> None:
    over = {after.id for after in changed if after.status is Status.RESOLVED}
    answered = {
        key: resolved_by_hand(state) for key, state in states.items() if state.alert_id in over
    }
    keys.save(connection, answered, now)
