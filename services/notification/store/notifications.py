"""Intents, notifications, their attempts, and the runs that ended, at rest."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, tuple_, update

from services.chassis.sql import upsert
from services.chassis.tables import TimerRow
from services.notification.domain.values import (
    Ending,
    Intent,
    Kind,
    Link,
    Notification,
    Share,
    State,
)
from services.notification.store.tables import (
    AttemptRow,
    IntentRow,
    NotificationRow,
    TombstoneRow,
)

INTENT = IntentRow.__table__
NOTIFICATION = NotificationRow.__table__
ATTEMPT = AttemptRow.__table__
TOMBSTONE = TombstoneRow.__table__
TIMER = TimerRow.__table__

#: What names an intent: run, cycle, level, and a user or a webhook.
IntentKey = tuple[str, int, int, int, int]


def intent_key(of: Intent | Notification) -> IntentKey:
    """Returns what names an intent, or the intent of a notification."""
    return (of.escalation_key, of.cycle, of.level, of.user_id, of.webhook_id)


def add_intent(connection: Connection, intent: Intent) -> bool:
    """Adds an intent; tells whether it is new."""
    row = upsert(connection, INTENT).values(**asdict(intent))
    new = row.on_conflict_do_nothing().returning(INTENT.c.level)
    return connection.execute(new).one_or_none() is not None


def intents(connection: Connection, keys: Collection[IntentKey]) -> dict[IntentKey, Intent]:
    """Returns intents by what names them."""
    runs, users, hooks = ({key[place] for key in keys} for place in (0, 3, 4))
    near = select(INTENT).where(  # for a list of whole keys, SQLite reads the whole table
        INTENT.c.escalation_key.in_(sorted(runs)),
        INTENT.c.user_id.in_(sorted(users)),
        INTENT.c.webhook_id.in_(sorted(hooks)),
    )
    found = map(_intent, connection.execute(near))
    return {key: intent for intent in found if (key := intent_key(intent)) in keys}


def lock_intent(connection: Connection, key: IntentKey) -> None:
    """Keeps others from judging the same intent until this transaction ends."""
    names = tuple_(*INTENT.primary_key.columns)
    connection.execute(select(INTENT.c.level).where(names == key).with_for_update())


def add(connection: Connection, notification: Notification) -> bool:
    """Adds a notification; False if there is one with its key."""
    row = upsert(connection, NOTIFICATION).values(**asdict(notification))
    once = row.on_conflict_do_nothing(index_elements=["key"]).returning(NOTIFICATION.c.id)
    return connection.execute(once).scalar_one_or_none() is not None


def save(connection: Connection, notification: Notification) -> None:
    """Writes a notification back."""
    row = update(NOTIFICATION).where(NOTIFICATION.c.id == notification.id)
    connection.execute(row.values(**asdict(notification)))


def lock(connection: Connection, ids: Collection[int]) -> list[Notification]:
    """Returns notifications by id, keeping others from changing them."""
    wanted = select(NOTIFICATION).where(NOTIFICATION.c.id.in_(list(ids)))
    rows = connection.execute(wanted.order_by(NOTIFICATION.c.id).with_for_update())
    return [_notification(row) for row in rows]


def lock_run(connection: Connection, escalation_key: str) -> list[Notification]:
    """Returns a run's pages, keeping others from changing them."""
    pages = select(NOTIFICATION).where(
        NOTIFICATION.c.escalation_key == escalation_key, NOTIFICATION.c.kind == Kind.PAGE.value
    )
    rows = connection.execute(pages.order_by(NOTIFICATION.c.id).with_for_update())
    return [_notification(row) for row in rows]


def lock_calls(connection: Connection, escalation_key: str) -> list[Notification]:
    """Returns the pages of those who were called after a run was taken, as `lock_run` does."""
    pages = select(NOTIFICATION).where(
        NOTIFICATION.c.escalation_key.startswith(f"{escalation_key}:call:", autoescape=True),
        NOTIFICATION.c.kind == Kind.PAGE.value,
    )
    rows = connection.execute(pages.order_by(NOTIFICATION.c.id).with_for_update())
    return [_notification(row) for row in rows]


def of_intent(connection: Connection, key: IntentKey) -> list[Notification]:
    """Returns the pages that an intent led to."""
    names = tuple_(
        NOTIFICATION.c.escalation_key,
        NOTIFICATION.c.cycle,
        NOTIFICATION.c.level,
        NOTIFICATION.c.user_id,
        NOTIFICATION.c.webhook_id,
    )
    pages = select(NOTIFICATION).where(names == key, NOTIFICATION.c.kind == Kind.PAGE.value)
    return [_notification(row) for row in connection.execute(pages)]


def about(connection: Connection, kind: str, subject_id: str) -> list[Notification]:
    """Returns the notifications about a subject, oldest first."""
    those = select(NOTIFICATION).where(
        NOTIFICATION.c.subject_kind == kind, NOTIFICATION.c.subject_id == subject_id
    )
    rows = connection.execute(those.order_by(NOTIFICATION.c.id))
    return [_notification(row) for row in rows]


def runs(connection: Connection, kind: str, subject_id: str) -> set[str]:
    """Returns the escalations that there are notifications of about a subject, by their keys."""
    those = select(NOTIFICATION.c.escalation_key).where(
        NOTIFICATION.c.subject_kind == kind, NOTIFICATION.c.subject_id == subject_id
    )
    return set(connection.execute(those.distinct()).scalars())


def begin_attempt(connection: Connection, notification: Notification, now: datetime) -> None:
    """Writes down that an attempt begins."""
    connection.execute(
        insert(ATTEMPT).values(
            notification_id=notification.id,
            number=notification.attempt,
            started_at=now,
            outcome="",
        )
    )


def end_attempt(connection: Connection, notification: Notification, now: datetime) -> None:
    """Writes down what the last attempt led to, if it is open."""
    last = update(ATTEMPT).where(
        ATTEMPT.c.notification_id == notification.id,
        ATTEMPT.c.number == notification.attempt,
        ATTEMPT.c.ended_at.is_(None),
    )
    connection.execute(last.values(ended_at=now, outcome=notification.state.value))


def end_run(connection: Connection, ending: Ending) -> bool:
    """Remembers that a run ended; tells whether that is news."""
    row = upsert(connection, TOMBSTONE).values(**asdict(ending))
    new = row.on_conflict_do_nothing().returning(TOMBSTONE.c.at)
    return connection.execute(new).one_or_none() is not None


def endings(connection: Connection, escalation_keys: Collection[str]) -> dict[str, Ending]:
    """Returns how runs ended, those of them that did."""
    ended = select(TOMBSTONE).where(TOMBSTONE.c.escalation_key.in_(sorted(set(escalation_keys))))
    return {row.escalation_key: Ending(**row._mapping) for row in connection.execute(ended)}


def next_due(connection: Connection, kind: str) -> datetime | None:
    """Returns when the next timer of a kind is due."""
    earliest = select(func.min(TIMER.c.due_at)).where(TIMER.c.kind == kind)
    due: datetime | None = connection.execute(earliest).scalar_one()
    return due


def _intent(row: Row[tuple[object, ...]]) -> Intent:
    values = dict(row._mapping)
    values["links"] = tuple(Link(**link) for link in row.links)
    return Intent(**values)


def _notification(row: Row[tuple[object, ...]]) -> Notification:
    return read(row._mapping)


def read(columns: Mapping[Any, Any]) -> Notification:
    """Returns the notification of a row, by its columns' names."""
    values = dict(columns)
    state, kind, share = State(values["state"]), Kind(values["kind"]), Share(values["share"])
    return Notification(**values | {"state": state, "kind": kind, "share": share})
