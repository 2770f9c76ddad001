"""Requests as decisions about an alert, with the names that the log tells."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from services.alertstate import known
from services.alertstate.changing import Decide
from services.alertstate.domain import actions
from services.alertstate.domain.actions import Action, Done
from services.alertstate.domain.alerts import Actor, Alert, Priority

Simple = Callable[[Alert, datetime], Done]


def answer(action: Action, by: Actor) -> Decide:
    """Takes the alert, or ends it."""
    return _simple(lambda alert, now: actions.act(alert, action, by, now))


def escalate(by: Actor) -> Decide:
    """Asks for the next level."""
    return _simple(lambda alert, now: actions.escalate(alert, by, now))


def set_priority(priority: Priority, by: Actor) -> Decide:
    """Raises or lowers the priority."""
    return _simple(lambda alert, now: actions.set_priority(alert, priority, by, now))


def snooze(until: datetime, by: Actor) -> Decide:
    """Lets the alert sleep, or wakes it."""
    return _simple(lambda alert, now: actions.snooze(alert, until, by, now))


def comment(content: str, by: Actor) -> Decide:
    """Says something about the alert."""
    return _simple(lambda alert, now: actions.comment(alert, content, by, now))


def add(user_id: int, by: Actor) -> Decide:
    """Adds a responder."""

    def decide(connection: Connection, alert: Alert, now: datetime) -> Done:
        name = known.user_name(connection, user_id)
        return actions.call(alert, user_id, name, by, now)

    return decide


def remove(user_id: int, by: Actor) -> Decide:
    """Takes a responder off."""

    def decide(connection: Connection, alert: Alert, now: datetime) -> Done:
        name = known.user_name(connection, user_id)
        return actions.remove(alert, user_id, name, by, now)

    return decide


def assign_to_user(user_id: int, by: Actor) -> Decide:
    """Hands the alert to a person."""

    def decide(connection: Connection, alert: Alert, now: datetime) -> Done:
        name = known.user_name(connection, user_id)
        return actions.assign_to_user(alert, user_id, name, by, now)

    return decide


def assign_to_policy(policy_id: int, name: str, by: Actor) -> Decide:
    """Hands the alert to a policy."""

    return _simple(lambda alert, now: actions.assign_to_policy(alert, policy_id, name, by, now))


def assign_to_schedule(schedule_id: int, name: str, on_call: int | None, by: Actor) -> Decide:
    """Hands the alert to whoever is on call."""
    return _simple(
        lambda alert, now: actions.assign_to_schedule(alert, schedule_id, name, on_call, by, now)
    )


def _simple(decide: Simple) -> Decide:
    return lambda connection, alert, now: decide(alert, now)
