"""The transactions around a message on its way: taking what is due, and recording the outcome."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.chassis import facts, timers
from services.chassis.clock import Clock
from services.notification import bundling, changes, wire
from services.notification.domain import life
from services.notification.domain.caps import LIMITS, Limits
from services.notification.domain.values import FINAL, Notification, Outcome, Page, State
from services.notification.store import notifications, webhooks
from tocsin.escalation.v1.user_pb2 import User


def take(
    connection: Connection,
    clock: Clock,
    limit: int,
    seconds: float,
    limits: Mapping[str, Limits] = LIMITS,
) -> list[Page]:
    """Takes what is due, up to a limit, for some seconds.

    Whether a run has ended is read after its notifications are locked: whoever ends it now
    waits, and finds them being sent.
    """
    now = clock.now(connection)
    keys = timers.due_keys(connection, changes.TIMER, now, limit)
    due = notifications.lock(connection, [int(key) for key in keys])
    due = bundling.judged(connection, now, due, limits)
    endings = notifications.endings(connection, [each.escalation_key for each in due])
    until = now + timedelta(seconds=seconds)
    taken: list[Notification] = []
    for notification in due:
        ending = endings.get(notification.escalation_key)
        claimed = life.claim(notification, now, until=until, ended=ending is not None)
        if claimed.state is State.SENDING and claimed is not notification:
            notifications.save(connection, claimed)
            notifications.begin_attempt(connection, claimed, now)
            taken.append(claimed)
        elif claimed is not notification:
            changes.settle(connection, now, claimed, ending=ending)
        _set_timer(connection, claimed)
    return bundling.with_members(connection, now, _pages(connection, now, taken))


def call_off(connection: Connection, clock: Clock, ids: Collection[int]) -> None:
    """Ends notifications whose subjects want nobody any more."""
    now = clock.now(connection)
    for notification in notifications.lock(connection, ids):
        ended = life.call_off(notification, now)
        if ended is not notification:
            endings = notifications.endings(connection, [ended.escalation_key])
            ending = endings.get(ended.escalation_key)
            changes.settle(connection, now, ended, ending=ending)
            _set_timer(connection, ended)


def record(
    connection: Connection, clock: Clock, page: Page, outcome: Outcome, chance: float
) -> None:
    """Writes down how an attempt went, unless a later one has begun."""
    now = clock.now(connection)
    sent = page.notification
    for notification in notifications.lock(connection, [sent.id]):
        endings = notifications.endings(connection, [sent.escalation_key])
        ending = endings.get(sent.escalation_key)
        after = life.record(
            notification, sent.attempt, outcome, now, chance=chance, ended=ending is not None
        )
        if after is not notification:
            changes.settle(connection, now, after, ending=ending, crossed=True)
            _set_timer(connection, after)


def next_due(connection: Connection, clock: Clock) -> float | None:
    """Returns the seconds until something is due; None if nothing will be."""
    due = notifications.next_due(connection, changes.TIMER)
    return None if due is None else (due - clock.now(connection)).total_seconds()


def _set_timer(connection: Connection, notification: Notification) -> None:
    if notification.state in FINAL:
        timers.clear_timer(connection, changes.TIMER, str(notification.id))
        return
    due = notification.claim_until or notification.at
    timers.set_timer(connection, changes.TIMER, str(notification.id), due)


def _pages(connection: Connection, now: datetime, taken: list[Notification]) -> list[Page]:
    if not taken:
        return []
    intents = notifications.intents(connection, {notifications.intent_key(n) for n in taken})
    users = facts.many(connection, changes.USER, [n.user_id for n in taken], User)
    endings = notifications.endings(connection, [n.escalation_key for n in taken])
    hooks = webhooks.hooks(connection, {n.webhook_id for n in taken} - {0}, now)
    pages = []
    for notification in taken:
        ending = endings.get(notification.escalation_key)
        user = users.get(str(notification.user_id))
        pages.append(
            Page(
                notification=notification,
                intent=intents[notifications.intent_key(notification)],
                user_name=wire.user_name(user, notification.user_id),
                attempt_time=now,
                ended_by=ending.by if ending else "",
                reason=life.reason(ending) if ending else "",
                hook=hooks.get(notification.webhook_id),
            )
        )
    return pages
