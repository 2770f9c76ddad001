"""AlertState: its real decisions about alerts, over a dictionary instead of tables."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.alertstate import wire
from services.alertstate.domain import actions, alerts
from services.alertstate.domain.actions import Action, Done
from services.alertstate.domain.alerts import Actor, Alert, Content, Priority, Status
from services.alertstate.known import Known
from services.alertstate.store.lists import Standing
from services.chassis.errors import NotFound, WrongState
from tests.simulation.bus import Streams
from tests.simulation.history import History
from tests.simulation.loop import SeededLoop
from tests.simulation.stores import EPOCH, VirtualClock
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.chassis.internal.v1 import subject_service_pb2 as pb

States = pb.CheckSubjectsResponse.State
Change = Callable[[Alert, Actor, datetime], Done]


class Owner:
    """Keeps the alerts, tells of every change, and answers whether pages are still wanted."""

    def __init__(
        self, loop: SeededLoop, clock: VirtualClock, streams: Streams, history: History
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._streams = streams
        self._history = history
        self.alerts: dict[int, Alert] = {}

    def raise_alert(self, policy_id: int, priority: Priority, calls: tuple[int, ...] = ()) -> int:
        """Raises an alert and returns its id."""
        now = self._clock.told()
        alert = Alert(
            id=len(self.alerts) + 1,
            source_id=0,
            content=Content(summary="disk full", priority=priority, policy_id=policy_id),
            status=Status.PENDING,
            report_time=now,
            accept_time=now,
        )
        self._save(actions.raised_by_hand(alert, calls, _person(1), now))
        return alert.id

    def change(self, alert_id: int, by: int, change: Change) -> None:
        """Does something to an alert; what is refused, or changes nothing, tells nobody."""
        try:
            done = change(self.alerts[alert_id], _person(by), self._clock.told())
        except (WrongState, NotFound):
            return
        if done.cause is not None:
            self._save(done)

    def check(self, request: pb.CheckSubjectsRequest) -> pb.CheckSubjectsResponse:
        """Tells which subjects still want somebody."""
        told = [self._state(int(each.id), each.episode) for each in request.subjects]
        return pb.CheckSubjectsResponse(states=told)

    def wanted(self, alert: Alert) -> int:
        """Returns the episode whose pages still have to go out; 0 if none's have."""
        standing = Standing(alert.status, alert.episode, alert.called_episode)
        return alert.episode if standing.pages(alert.episode) else 0

    def _state(self, alert_id: int, episode: int) -> States:
        alert = self.alerts.get(alert_id)
        if alert is None:
            return States.STATE_UNSPECIFIED
        return States.PENDING if self.wanted(alert) == episode else States.OVER

    def _save(self, done: Done) -> None:
        alert, cause = done.alert, done.cause
        assert cause is not None
        self.alerts[alert.id] = alert
        changed = wire.changed(alert, cause, _person(1), Known(), (), self._clock.told())
        self._note(changed, alert)
        msg_id = f"alertstate:alert:{alert.id}:{alert.version}"
        self._streams.publish(
            "alertstate", msg_id, AlertChanged.DESCRIPTOR.full_name, changed.SerializeToString()
        )
        if alert.snoozed_until is not None:
            left = (alert.snoozed_until - self._clock.told()).total_seconds()
            self._loop.later(left, self.change, alert.id, 1, wake)

    def _note(self, changed: AlertChanged, alert: Alert) -> None:
        told: dict[str, Any] = {
            "alert": alert.id,
            "version": alert.version,
            "episode": alert.episode,
            "status": str(alert.status),
            "priority": str(alert.content.priority),
            "policy": alert.content.policy_id,
            "wanted": self.wanted(alert),
            "asleep_until": _seconds(alert.snoozed_until),
            "pushes": alert.pushes,
            "calls": [(call.number, call.user_id) for call in changed.calls],
            "cause": AlertChanged.Cause.Name(changed.cause),
        }
        self._history.add(self._loop.time(), "alertstate", "alert", told)


def accept(alert: Alert, by: Actor, now: datetime) -> Done:
    """Takes an alert."""
    return actions.act(alert, Action.ACCEPT, by, now)


def resolve(alert: Alert, by: Actor, now: datetime) -> Done:
    """Ends an alert."""
    return actions.act(alert, Action.RESOLVE, by, now)


def push(alert: Alert, by: Actor, now: datetime) -> Done:
    """Asks for the next level at once."""
    return actions.escalate(alert, by, now)


def comment(alert: Alert, by: Actor, now: datetime) -> Done:
    """Says something, which changes no escalation."""
    return actions.comment(alert, "looking", by, now)


def wake(alert: Alert, by: Actor, now: datetime) -> Done:
    """Wakes an alert that has slept long enough."""
    return actions.wake(alert, now)


def anew(alert: Alert, by: Actor, now: datetime) -> Done:
    """Lets an alert that was taken want somebody again, as an expired accept does."""
    if alert.status is not Status.ACCEPTED:
        return Done(alert)
    again = replace(alerts.anew(alert), status=Status.PENDING)
    return actions.done(again, alerts.Cause.ESCALATED)


def prioritise(priority: Priority) -> Change:
    """Changes the priority."""
    return lambda alert, by, now: actions.set_priority(alert, priority, by, now)


def snooze(seconds: float) -> Change:
    """Lets an alert sleep."""
    return lambda alert, by, now: actions.snooze(alert, now + timedelta(seconds=seconds), by, now)


def reroute(policy_id: int) -> Change:
    """Hands an alert to another policy, or to the same anew."""
    return lambda alert, by, now: _rerouted(alert, policy_id)


def call(user_id: int) -> Change:
    """Has somebody paged by hand."""
    return lambda alert, by, now: actions.call(alert, user_id, "somebody", by, now)


def _rerouted(alert: Alert, policy_id: int) -> Done:
    if alert.status is Status.RESOLVED:
        return Done(alert)
    return actions.done(alerts.following(alert, policy_id), alerts.Cause.REASSIGNED)


def _seconds(time: datetime | None) -> float | None:
    return None if time is None else (time - EPOCH).total_seconds()


def _person(user_id: int) -> Actor:
    return Actor(kind="USER", id=str(user_id), user_id=user_id, name=f"user {user_id}")
