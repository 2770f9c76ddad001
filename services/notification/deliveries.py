"""The transactions around an event on its way to a webhook."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.chassis import audit, suite
from services.chassis.clock import Clock
from services.chassis.database import notify
from services.chassis.errors import WrongState
from services.chassis.principal import caller
from services.notification import belonging, references
from services.notification.belonging import Verdict
from services.notification.domain import deliveries as domain
from services.notification.domain.deliveries import Delivery
from services.notification.domain.values import Hook, Outcome, Retry, State
from services.notification.store import belongings
from services.notification.store import deliveries as store
from services.notification.store import webhooks as webhook_store

#: What is said after a change that makes something due.
TOPIC = "webhook deliveries"
#: The most events that wait for one webhook; the oldest are given up for more.
MOST_WAITING = 5000
#: How long to ask again whose an event is, until the one who knows has told.
PATIENCE = timedelta(minutes=1)
ASK_AGAIN = timedelta(seconds=2)
NOBODY_KNOWS = "nobody told whose it is, so it was not sent"
#: How long it is remembered whose something is of which nothing was heard since.
REMEMBERED = timedelta(days=90)
FORGET_SIZE = 500


@dataclass(frozen=True, slots=True)
class Due:
    """An event that is to be sent now, and where."""

    delivery: Delivery
    hook: Hook
    at: datetime


def take(
    connection: Connection, clock: Clock, under_way: Mapping[int, int], lanes: int, seconds: float
) -> list[Due]:
    """Takes what is due for some seconds, for each webhook as much as its lanes are free."""
    now = clock.now(connection)
    full = [id_ for id_, count in under_way.items() if count >= lanes]
    taken: list[Delivery] = []
    for webhook_id in store.with_due(connection, now, full):
        free = lanes - under_way.get(webhook_id, 0)
        due = store.due(connection, webhook_id, now, free)
        taken += _claimed(connection, now, webhook_id, due, now + timedelta(seconds=seconds))
    hooks = webhook_store.hooks(connection, {each.webhook_id for each in taken}, now)
    return [Due(each, hooks[each.webhook_id], now) for each in taken if each.webhook_id in hooks]


def record(
    connection: Connection, clock: Clock, sent: Delivery, outcome: Outcome, chance: float
) -> None:
    """Writes down how a try went, unless a later one has begun or the webhook is gone."""
    now = clock.now(connection)
    known = store.locked(connection, sent.id)
    if known is None:
        return
    after = domain.record(known, sent.attempt, outcome, now, chance=chance)
    if after is known:
        return
    _save(connection, now, after)
    if after.state is State.SENT:
        store.note_success(connection, after.webhook_id, now)
    elif isinstance(outcome, Retry):
        store.note_failure(connection, after.webhook_id, now, outcome.why)
    else:
        store.note_failure(connection, after.webhook_id, now, after.error)
    notify(connection, TOPIC)


def retry(connection: Connection, clock: Clock, webhook_id: int, delivery_id: int) -> Delivery:
    """Has an event delivered now. Raises NotFound, and WrongState if it has arrived."""
    known = store.lock(connection, webhook_id, delivery_id)
    if known.state is State.SENT:
        raise WrongState(f"delivery {delivery_id} has arrived", reason="DELIVERED")
    now = clock.now(connection)
    after = domain.again(known, now)
    store.save(connection, after)
    target = f"{references.WEBHOOK}:{webhook_id}"
    told = {"delivery": delivery_id}
    audit.record(connection, now, caller().actor(), "webhook.retry_delivery", target, after=told)
    notify(connection, TOPIC)
    return after


def make_room(connection: Connection, now: datetime, webhook_id: int) -> None:
    """Gives up the oldest event that waits for a webhook if there are too many."""
    if store.waiting(connection, [webhook_id]).get(webhook_id, 0) <= MOST_WAITING:
        return
    oldest = store.oldest_waiting(connection, webhook_id)
    if oldest is not None:
        _save(connection, now, domain.give_up(oldest, now, domain.TOO_MANY))


def next_due(connection: Connection, clock: Clock, full: Collection[int]) -> float | None:
    """Returns the seconds until something is due for webhooks but some; None for never."""
    at = store.next_due(connection, full)
    return None if at is None else (at - clock.now(connection)).total_seconds()


def forget_old(connection: Connection, clock: Clock, keep: timedelta) -> bool:
    """Forgets some of what ended long ago; tells whether there may be more."""
    now = clock.now(connection)
    gone = store.forget(connection, now - keep, FORGET_SIZE)
    gone += belongings.forget(connection, now - REMEMBERED, FORGET_SIZE)
    return gone >= FORGET_SIZE


def _claimed(
    connection: Connection,
    now: datetime,
    webhook_id: int,
    due: Iterable[Delivery],
    until: datetime,
) -> list[Delivery]:
    taken = []
    for delivery in due:
        if not _may_go(connection, now, delivery):
            continue
        after = domain.claim(delivery, now, until=until)
        _save(connection, now, after)
        if after.state is State.SENDING:
            taken.append(after)
    return taken


def _may_go(connection: Connection, now: datetime, delivery: Delivery) -> bool:
    """Tells whether an event may go to its webhook; writes down what follows if not."""
    teams = {delivery.webhook_id: webhook_store.teams(connection, delivery.webhook_id)}
    verdict = belonging.judge(connection, teams, delivery.about)[delivery.webhook_id]
    if verdict is Verdict.HEARS:
        return True
    if verdict is Verdict.DOES_NOT:
        store.remove(connection, delivery.id)  # it is none of theirs that it happened
    elif now - delivery.created_at < PATIENCE:
        store.save(connection, domain.postponed(delivery, now + ASK_AGAIN))
    else:
        _save(connection, now, domain.give_up(delivery, now, NOBODY_KNOWS))
    return False


def _save(connection: Connection, now: datetime, delivery: Delivery) -> None:
    """Writes a delivery back; who runs Tocsin hears of what was given up, once a day."""
    store.save(connection, delivery)
    if delivery.state is not State.FAILED:
        return
    id_ = delivery.webhook_id
    called = references.webhook_called(connection, id_)
    suite.raise_alert(
        connection,
        now,
        what=f"webhook-deliveries:{id_}",
        summary=f"{called} was not told of an event",
        details=f"{delivery.type} ({delivery.event_id}): {delivery.error}. What was given up: "
        f"`GET /api/webhooks/{id_}/deliveries?states=FAILED`; delivered anew: "
        f"`POST /api/webhooks/{id_}/deliveries/{delivery.id}/retry`.",
        daily=True,
    )
