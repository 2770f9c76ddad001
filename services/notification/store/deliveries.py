"""Events on their way to webhooks, at rest."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, or_, select, update

from services.chassis.errors import NotFound
from services.chassis.paging import Page
from services.notification.domain.deliveries import Delivery
from services.notification.domain.values import State
from services.notification.store.tables import WebhookDeliveryRow, WebhookRow

DELIVERY = WebhookDeliveryRow.__table__
WEBHOOK = WebhookRow.__table__


def add(connection: Connection, delivery: Delivery) -> bool:
    """Adds a delivery, which gets its id here; False if the webhook was told of the event."""
    same = exists().where(
        DELIVERY.c.webhook_id == delivery.webhook_id, DELIVERY.c.event_id == delivery.event_id
    )
    if connection.execute(select(same)).scalar_one():
        return False
    values = {name: each for name, each in _columns(delivery).items() if name != "id"}
    connection.execute(insert(DELIVERY).values(values))
    return True


def save(connection: Connection, delivery: Delivery) -> None:
    """Writes a delivery back; what is sent stays what it was."""
    values = {name: each for name, each in _columns(delivery).items() if name != "body"}
    connection.execute(update(DELIVERY).where(DELIVERY.c.id == delivery.id).values(values))


def remove(connection: Connection, delivery_id: int) -> None:
    """Forgets a delivery."""
    connection.execute(delete(DELIVERY).where(DELIVERY.c.id == delivery_id))


def remove_all(connection: Connection, webhook_id: int) -> None:
    """Forgets what was, or was to be, delivered to a webhook."""
    connection.execute(delete(DELIVERY).where(DELIVERY.c.webhook_id == webhook_id))


def lock(connection: Connection, webhook_id: int, delivery_id: int) -> Delivery:
    """Returns a delivery, keeping others from changing it. Raises NotFound."""
    wanted = select(DELIVERY).where(
        DELIVERY.c.id == delivery_id, DELIVERY.c.webhook_id == webhook_id
    )
    row = connection.execute(wanted.with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"webhook {webhook_id} has no delivery {delivery_id}")
    return _delivery(row)


def locked(connection: Connection, delivery_id: int) -> Delivery | None:
    """Returns a delivery, if it is still there, keeping others from changing it."""
    wanted = select(DELIVERY).where(DELIVERY.c.id == delivery_id).with_for_update()
    row = connection.execute(wanted).one_or_none()
    return None if row is None else _delivery(row)


def with_due(connection: Connection, now: datetime, without: Collection[int]) -> list[int]:
    """Returns the webhooks for which something is due, but for some."""
    due = exists().where(DELIVERY.c.webhook_id == WEBHOOK.c.id, DELIVERY.c.due_at <= now)
    rows = select(WEBHOOK.c.id).where(due, WEBHOOK.c.id.not_in(sorted(without)))
    return list(connection.execute(rows.order_by(WEBHOOK.c.id)).scalars())


def due(connection: Connection, webhook_id: int, now: datetime, limit: int) -> list[Delivery]:
    """Returns what is due for a webhook, most overdue first, locked against other replicas."""
    rows = (
        select(DELIVERY)
        .where(DELIVERY.c.webhook_id == webhook_id, DELIVERY.c.due_at <= now)
        .order_by(DELIVERY.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_delivery(row) for row in connection.execute(rows)]


def next_due(connection: Connection, without: Collection[int]) -> datetime | None:
    """Returns when something is due next, for webhooks but some."""
    first = (
        select(func.min(DELIVERY.c.due_at))
        .where(DELIVERY.c.webhook_id == WEBHOOK.c.id)
        .scalar_subquery()
    )
    firsts = select(first.label("at")).where(WEBHOOK.c.id.not_in(sorted(without))).subquery()
    at: datetime | None = connection.execute(select(func.min(firsts.c.at))).scalar_one()
    return at


def waiting(connection: Connection, webhook_ids: Iterable[int]) -> dict[int, int]:
    """Returns how many events wait, by webhook; those with none are missing."""
    rows = (
        select(DELIVERY.c.webhook_id, func.count())
        .where(DELIVERY.c.webhook_id.in_(sorted(webhook_ids)), DELIVERY.c.due_at.is_not(None))
        .group_by(DELIVERY.c.webhook_id)
    )
    return {webhook_id: count for webhook_id, count in connection.execute(rows)}


def oldest_waiting(connection: Connection, webhook_id: int) -> Delivery | None:
    """Returns the oldest event that waits for a webhook and is not being sent."""
    rows = select(DELIVERY).where(
        DELIVERY.c.webhook_id == webhook_id,
        DELIVERY.c.due_at.is_not(None),
        DELIVERY.c.state != State.SENDING.value,
    )
    oldest = rows.order_by(DELIVERY.c.id).limit(1).with_for_update(skip_locked=True)
    row = connection.execute(oldest).one_or_none()
    return None if row is None else _delivery(row)


def newest(
    connection: Connection, webhook_id: int, states: Collection[State], page: Page
) -> list[Delivery]:
    """Returns one page of a webhook's deliveries, newest first; in some states, if said."""
    rows = select(DELIVERY).where(DELIVERY.c.webhook_id == webhook_id)
    if states:
        rows = rows.where(DELIVERY.c.state.in_(sorted(states)))
    rows = rows.order_by(DELIVERY.c.id.desc()).offset(page.offset).limit(page.limit)
    return [_delivery(row) for row in connection.execute(rows)]


def forget(connection: Connection, before: datetime, limit: int) -> int:
    """Forgets up to a limit of those that ended before a time; returns how many.

    And of those for webhooks that were deleted at the moment when the event came.
    """
    homeless = DELIVERY.c.webhook_id.not_in(select(WEBHOOK.c.id))
    old = select(DELIVERY.c.id).where(or_(DELIVERY.c.ended_at < before, homeless)).limit(limit)
    return connection.execute(delete(DELIVERY).where(DELIVERY.c.id.in_(old))).rowcount


def note_success(connection: Connection, webhook_id: int, now: datetime) -> None:
    """Notes that a webhook took an event."""
    _note(connection, webhook_id, {"last_success_at": now})


def note_failure(connection: Connection, webhook_id: int, now: datetime, why: str) -> None:
    """Notes that a webhook did not take an event."""
    _note(connection, webhook_id, {"last_failure_at": now, "last_failure": why})


def _note(connection: Connection, webhook_id: int, values: Mapping[str, Any]) -> None:
    connection.execute(update(WEBHOOK).where(WEBHOOK.c.id == webhook_id).values(**values))


def _columns(delivery: Delivery) -> dict[str, Any]:
    return asdict(delivery) | {"state": delivery.state.value, "about": "\n".join(delivery.about)}


def _delivery(row: Row[Any]) -> Delivery:
    about: Sequence[str] = row.about.split("\n") if row.about else ()
    return Delivery(**dict(row._mapping) | {"state": State(row.state), "about": tuple(about)})
