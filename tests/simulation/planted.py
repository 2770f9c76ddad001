"""What the planted bugs do; each takes the right thing and returns a broken one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection, delete, select, update

from services.chassis import inbox, timers
from services.chassis.clock import Clock
from services.chassis.inbox import Consumer, Delivery, Reaction
from services.chassis.tables import TimerRow
from services.chassis.timers import Timers
from services.escalation import consumer as escalation
from services.escalation import running
from services.escalation.domain.policies import Policy
from services.escalation.domain.runs import (
    Exhausted,
    Outcome,
    Paged,
    Priority,
    Run,
    Skipped,
    State,
    Subject,
)
from services.escalation.store import runs as run_store
from services.escalation.store.policies import level_rows
from services.escalation.store.tables import RunRow
from services.notification.domain import life
from services.notification.domain.values import Ending, Notification
from services.notification.domain.values import State as Stage
from services.notification.store import notifications
from services.notification.store.tables import TombstoneRow
from tests.simulation.stores import VirtualClock
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged

TIMER = TimerRow.__table__
RUN = RunRow.__table__
TOMBSTONE = TombstoneRow.__table__
AHEAD = timedelta(seconds=10)

# Timers.


def own_clock(right: Any) -> Any:
    def now(self: VirtualClock, connection: Connection) -> datetime:
        return self.wall()

    return now


class _Ahead(Clock):
    """A clock that goes ahead of another."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def now(self, connection: Connection) -> datetime:
        return self._clock.now(connection) + AHEAD


def ahead_of_time(right: Any) -> Any:
    def take(self: Timers, connection: Connection, kinds: Any) -> Any:
        clock = self._clock
        self._clock = _Ahead(clock)
        try:
            return right(self, connection, kinds)
        finally:
            self._clock = clock

    return take


def cleared_apart(right: Any) -> Any:
    def clear(connection: Connection, clock: Clock) -> dict[str, datetime]:
        due = select(TIMER.c.key, TIMER.c.due_at).where(TIMER.c.due_at <= clock.now(connection))
        found = {row.key: row.due_at for row in connection.execute(due)}
        connection.execute(delete(TIMER).where(TIMER.c.key.in_(list(found))))
        return found

    def act(connection: Connection, found: dict[str, datetime], self: Timers) -> int:
        for key, due_at in found.items():
            timers.set_timer(connection, running.TIMER, key, due_at)
        return self._take(connection, self._due)

    async def step(self: Timers) -> int:
        found = await self._database.write(clear, self._clock)
        return await self._database.write(act, found, self)

    return step


def failure_forgotten(right: Any) -> Any:
    def take(self: Timers, connection: Connection, kinds: Any) -> Any:
        now = self._clock.now(connection)
        due = timers.due_keys(connection, running.TIMER, now, 100)
        done = right(self, connection, kinds)
        late = select(RUN.c.id).where(RUN.c.id.in_(list(map(int, due))), RUN.c.due <= now)
        for run_id in connection.execute(late).scalars().all():
            timers.clear_timer(connection, running.TIMER, str(run_id))
        return done

    return take


# Messages.


def ack_first(right: Any) -> Any:
    async def take_in(self: Consumer, messages: Sequence[Any]) -> None:
        for message in messages:
            await message.ack()
        await self._database.write(self._react, list(map(Delivery.of, messages)))

    return take_in


def no_inbox(right: Any) -> Any:
    def react_once(
        self: Consumer, connection: Connection, now: datetime, delivery: Delivery, seen: set[str]
    ) -> Any:
        with connection.begin_nested():
            self._reactions[delivery.type](connection, now, delivery.payload)
        return inbox._Verdict.DONE

    return react_once


def versions_ignored(right: Mapping[str, Reaction]) -> Any:
    def alert_changed(connection: Connection, now: datetime, event: AlertChanged) -> None:
        known = run_store.of_subject(connection, "alert", str(event.alert.id))
        current = next((run for run in known if run.subject.episode == event.episode), None)
        if current is not None:
            escalation._go_on(connection, now, event, current)
        else:
            escalation._come(connection, now, event, known)

    return {**right, **inbox.on(AlertChanged, alert_changed)}


# Runs.


def nothing(right: Any) -> Any:
    def none(*told: object) -> None:
        return None

    return none


def sleep_ignored(right: Any) -> Any:
    def wanted(event: AlertChanged, now: datetime) -> State:
        return escalation.STATES[event.alert.status]

    return wanted


def every_missed_step(right: Any) -> Any:
    def advance(run: Run, *told: Any, **more: Any) -> Outcome:
        after, effects = right(run, *told, **more)
        if effects and isinstance(effects[-1], Paged) and run.due is not None:
            timeout = after.levels[after.level - 1].timeout
            after = replace(after, due=run.due + timeout)
        return after, effects

    return advance


def skip_exhausts(right: Any) -> Any:
    def advance(run: Run, reachable: Any, now: datetime, *told: Any) -> Outcome:
        after, effects = right(run, reachable, now, *told)
        if not any(isinstance(effect, Skipped) for effect in effects):
            return after, effects
        ended = replace(run, state=State.EXHAUSTED, due=None, end_time=now, version=run.version + 1)
        return ended, [Exhausted(ended, reached_nobody=not run.paged)]

    return advance


def always_high(right: Any) -> Any:
    def subject(event: AlertChanged) -> Subject:
        told: Subject = right(event)
        return replace(told, priority=Priority.HIGH)

    return subject


def push_again(right: Any) -> Any:
    def push(run: Run, pushes: int, *told: Any, **more: Any) -> Outcome:
        outcome: Outcome = right(run, run.pushes, *told, **more)
        return outcome

    return push


def call_again(right: Any) -> Any:
    def call(run: Run, *told: Any) -> Outcome:
        after, effects = right(run, *told)
        return replace(after, calls=run.calls), effects

    return call


def plan_disturbed(right: Any) -> Any:
    def save(connection: Connection, policy: Policy) -> None:
        right(connection, policy)
        for row in connection.execute(select(RUN.c.id, RUN.c.plan).where(RUN.c.due.is_not(None))):
            if row.plan["policy_id"] == policy.id:
                plan = row.plan | {"levels": level_rows(policy.levels)}
                connection.execute(update(RUN).where(RUN.c.id == row.id).values(plan=plan))

    return save


# Pages.


def always_new(right: Any) -> Any:
    def add_intent(*told: Any) -> bool:
        right(*told)
        return True

    return add_intent


def never_the_same(right: Any) -> Any:
    numbers = count()

    def page_key(*told: Any) -> str:
        return f"{right(*told)}:{next(numbers)}"

    return page_key


def end_forgotten(right: Any) -> Any:
    def end_run(connection: Connection, ending: Ending) -> Any:
        told = notifications.lock_run(connection, ending.escalation_key)
        return right(connection, ending) if told else False

    return end_run


def episodes_mixed(right: Any) -> Any:
    def endings(connection: Connection, keys: Collection[str]) -> dict[str, Ending]:
        ended = [Ending(**row._mapping) for row in connection.execute(select(TOMBSTONE))]
        alerts = {each.escalation_key.rpartition(":")[0]: each for each in ended}
        return {
            key: alerts[key.rpartition(":")[0]] for key in keys if key.rpartition(":")[0] in alerts
        }

    return endings


def claim_blindly(right: Any) -> Any:
    def claim(*told: Any, until: datetime, ended: bool) -> Notification:
        claimed: Notification = right(*told, until=until, ended=False)
        return claimed

    return claim


def over_never(right: Any) -> Any:
    async def over(self: object, pages: Sequence[Any]) -> set[int]:
        return set()

    return over


def give_up_sending(right: Any) -> Any:
    def claim(notification: Notification, now: datetime, **told: Any) -> Notification:
        after: Notification = right(notification, now, **told)
        if notification.state is Stage.SENDING and after is not notification:
            return life._end(notification, Stage.FAILED, now, "nobody recorded it")
        return after

    return claim


def unmarked(right: Any) -> Any:
    def claim(notification: Notification, now: datetime, **told: Any) -> Notification:
        after: Notification = right(notification, now, **told)
        if after is notification:
            return after
        return replace(after, possible_repeat=notification.possible_repeat)

    return claim


def no_retry(right: Any) -> Any:
    def try_again(notification: Notification, now: datetime, at: datetime) -> Notification:
        return life._end(notification, Stage.FAILED, now, "busy")

    return try_again


def claim_again(right: Any) -> Any:
    def claim(notification: Notification, now: datetime, **told: Any) -> Notification:
        claimed: Notification = right(replace(notification, claim_until=None), now, **told)
        return claimed

    return claim


def due_as_before(right: Any) -> Any:
    def set_timers(connection: Connection, changed: Sequence[Notification]) -> None:
        right(connection, [replace(each, claim_until=None) for each in changed])

    return set_timers


def no_fall_through(right: Any) -> Any:
    def hand_over(connection: Connection, now: datetime, told: Notification) -> Notification:
        return told

    return hand_over


def members_lost(right: Any) -> Any:
    def released(connection: Connection, now: datetime, carrier: Notification) -> Any:
        return right(connection, now, carrier) if carrier.state is Stage.SENT else []

    return released


def members_kept(right: Any) -> Any:
    def wanted(
        connection: Connection, now: datetime, members: list[Notification]
    ) -> list[Notification]:
        return members

    return wanted


def no_stand_down(right: Any) -> Any:
    def wants_stand_down(notification: Notification, *, crossed: bool) -> bool:
        return False

    return wants_stand_down


def never_crossed(right: Any) -> Any:
    def crossed(notification: Notification, ending: Ending) -> bool:
        return False

    return crossed


def always_crossed(right: Any) -> Any:
    def crossed(notification: Notification, ending: Ending) -> bool:
        return notification.state is Stage.SENT

    return crossed
