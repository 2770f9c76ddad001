"""The transactions around a message on its way: taking what is due, and recording the outcome."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.chassis import facts, timers
from services.chassis.clock import Clock
from services.notification import changes, receipts, wire
from services.notification.domain import life
from services.notification.domain.lanes import Admission
from services.notification.domain.values import FINAL, Notification, Outcome, Page, Sent, State
from services.notification.falling import Patience
from services.notification.sorting import ProviderOf, Sorter
from services.notification.store import attempts, notifications, queue, webhooks
from tocsin.escalation.v1.user_pb2 import User


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a process takes what is due."""

    admission: Admission  # how many messages may go where
    provider_of: ProviderOf
    patience: Patience
    seconds: float  # for how long


@dataclass(frozen=True, slots=True)
class Taken:
    """What a process has taken."""

    pages: Sequence[Page]
    more: bool  # there may be more to take already


def take(connection: Connection, clock: Clock, terms: Terms) -> Taken:
    """Takes what is due and has room with its provider.

    Whether a run has ended is read after its notifications are locked: whoever ends it now
    waits, and finds them being sent.
    """
    now = clock.now(connection)
    sorter = Sorter(terms.admission, terms.provider_of, _pages, terms.patience)
    sorted_now = sorter.clear(connection, now) + sorter.sort(connection, now)
    ids = _admitted(connection, now, terms.admission)
    queue.drop_all(connection, ids)
    pages = _claim(connection, now, ids, now + timedelta(seconds=terms.seconds))
    return Taken(pages, more=bool(pages) or sorted_now > 0)


def _admitted(connection: Connection, now: datetime, admission: Admission) -> list[int]:
    """Returns who may go, of each provider's as many as there is room for."""
    found: list[int] = []
    for head in queue.heads(connection):
        room = admission.room(head.provider, now)
        if room:
            ids = queue.front(connection, head.provider, room)
            admission = admission.entered(head.provider, len(ids))
            found += ids
    return found


def _claim(
    connection: Connection, now: datetime, ids: Sequence[int], until: datetime
) -> list[Page]:
    due = notifications.lock(connection, ids)
    endings = notifications.endings(connection, [each.escalation_key for each in due])
    taken: list[Notification] = []
    for notification in due:
        ending = endings.get(notification.escalation_key)
        claimed = life.claim(notification, now, until=until, ended=ending is not None)
        if claimed.state is State.SENDING and claimed is not notification:
            taken.append(claimed)
            continue
        if claimed is not notification:
            changes.settle(connection, now, claimed, ending=ending)
        _set_timers(connection, [claimed])
    notifications.save_all(connection, taken)
    attempts.begin_all(connection, taken, now)
    _set_timers(connection, taken)
    return _pages(connection, now, taken)


def call_off(connection: Connection, clock: Clock, ids: Collection[int]) -> None:
    """Ends notifications whose subjects want nobody any more."""
    now = clock.now(connection)
    for notification in notifications.lock(connection, ids):
        ended = life.call_off(notification, now)
        if ended is not notification:
            endings = notifications.endings(connection, [ended.escalation_key])
            ending = endings.get(ended.escalation_key)
            changes.settle(connection, now, ended, ending=ending)
            _set_timers(connection, [ended])


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
            if notification.claim_until is None or notification.claim_until <= now:
                queue.drop_all(connection, [after.id])  # where it got when the claim ran out
            _set_timers(connection, [after])
        elif isinstance(outcome, Sent):
            attempts.end_late(connection, notification, sent.attempt, outcome, now)
        if isinstance(outcome, Sent):
            receipts.apply_kept(connection, now, sent.provider, outcome.provider_id)


def next_due(connection: Connection, clock: Clock) -> float | None:
    """Returns the seconds until something is due; None if nothing will be."""
    due = notifications.next_due(connection, changes.TIMER)
    return None if due is None else (due - clock.now(connection)).total_seconds()


def _set_timers(connection: Connection, changed: Sequence[Notification]) -> None:
    over = [str(each.id) for each in changed if each.state in FINAL]
    timers.clear_all(connection, changes.TIMER, over)
    due = {str(n.id): n.claim_until or n.at for n in changed if n.state not in FINAL}
    timers.set_all(connection, changes.TIMER, due)


def _pages(connection: Connection, now: datetime, taken: Sequence[Notification]) -> list[Page]:
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
