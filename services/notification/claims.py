"""The transactions around a message on its way: taking what is due, and recording the outcome."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.chassis import timers
from services.chassis.clock import Clock
from services.chassis.sealing import Sealer
from services.notification import bundling, changes, receipts
from services.notification.domain import life
from services.notification.domain.caps import LIMITS, Limits
from services.notification.domain.lanes import Admission
from services.notification.domain.values import (
    FINAL,
    Ending,
    Notification,
    Outcome,
    Page,
    Sent,
    State,
)
from services.notification.falling import Patience
from services.notification.opening import Opened, opened
from services.notification.sorting import PagesOf, ProviderOf, Sorter
from services.notification.store import attempts, contacts, notifications, queue

#: The chance by which what cannot be opened waits as long as it may.
SURE = 1.0


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a process takes what is due."""

    admission: Admission  # how many messages may go where
    provider_of: ProviderOf
    pages_of: PagesOf
    sealer: Sealer
    patience: Patience
    seconds: float  # for how long
    limits: Mapping[str, Limits] = field(default_factory=lambda: LIMITS)  # how much a contact gets


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
    sorter = Sorter(terms.admission, terms.provider_of, terms.pages_of, terms.patience)
    sorted_now = sorter.clear(connection, now) + sorter.sort(connection, now)
    ids = _admitted(connection, now, terms.admission)
    queue.drop_all(connection, ids)
    due = bundling.judged(connection, now, notifications.lock(connection, ids), terms.limits)
    taken = _claim(connection, now, due, now + timedelta(seconds=terms.seconds), terms.sealer)
    pages = [
        replace(page, address=taken[page.notification].address, code=taken[page.notification].code)
        for page in terms.pages_of(connection, now, list(taken))
    ]
    whole = bundling.with_members(connection, now, pages)
    return Taken(whole, more=bool(ids) or sorted_now > 0)


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
    connection: Connection,
    now: datetime,
    due: Sequence[Notification],
    until: datetime,
    sealer: Sealer,
) -> dict[Notification, Opened]:
    endings = notifications.endings(connection, [each.escalation_key for each in due])
    known = contacts.by_ids(connection, [each.contact_id for each in due])
    taken: dict[Notification, Opened] = {}
    for notification in due:
        ending = endings.get(notification.escalation_key)
        claimed = life.claim(notification, now, until=until, ended=ending is not None)
        if claimed.state is State.SENDING and claimed is not notification:
            sealed = opened(connection, sealer, claimed, known.get(claimed.contact_id))
            if isinstance(sealed, Opened):
                taken[claimed] = sealed
                continue
            notifications.save(connection, claimed)
            attempts.begin_all(connection, [claimed], now)
            claimed = _end(connection, now, claimed, sealed, ending)
        elif claimed is not notification:
            changes.settle(connection, now, claimed, ending=ending)
        _set_timers(connection, [claimed])
    notifications.save_all(connection, list(taken))
    attempts.begin_all(connection, list(taken), now)
    _set_timers(connection, list(taken))
    return taken


def call_off(connection: Connection, clock: Clock, ids: Collection[int]) -> None:
    """Ends notifications whose subjects want nobody any more.

    One of them may have spoken for others of them, which change with it: each is read anew.
    """
    now = clock.now(connection)
    locked = [each.id for each in notifications.lock(connection, ids)]
    for notification in (each for id_ in locked for each in notifications.lock(connection, [id_])):
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


def _end(
    connection: Connection,
    now: datetime,
    claimed: Notification,
    outcome: Outcome,
    ending: Ending | None,
) -> Notification:
    """Records an attempt that ended before it began, and returns what became of it."""
    ended = ending is not None
    after = life.record(claimed, claimed.attempt, outcome, now, chance=SURE, ended=ended)
    changes.settle(connection, now, after, ending=ending)
    return after
