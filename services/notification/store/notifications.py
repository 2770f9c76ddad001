"""Intents, notifications, and the runs that ended, at rest."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, tuple_, update

from services.chassis.bulk import one_of, update_all
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
from services.notification.store.tables import IntentRow, NotificationRow, TombstoneRow

INTENT = IntentRow.__table__
NOTIFICATION = NotificationRow.__table__
TOMBSTONE = TombstoneRow.__table__
TIMER = TimerRow.__table__

#: Named once: `asdict` copies each value, which costs more than to write them.
_COLUMNS = tuple(each.name for each in fields(Notification))

_KEY = ("escalation_key", "cycle", "level", "user_id", "webhook_id")
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
        one_of(connection, INTENT.c.escalation_key, sorted(runs)),
        INTENT.c.user_id.in_(sorted(users)),
        INTENT.c.webhook_id.in_(sorted(hooks)),
    )
    found = map(read_intent, connection.execute(near))
    return {key: intent for intent in found if (key := intent_key(intent)) in keys}


def same_level(
    connection: Connection, keys: Collection[IntentKey]
) -> dict[tuple[str, int, int], list[IntentKey]]:
    """Returns who else and what else is to be told of the levels of intents: by run, cycle, level.

    People come before webhooks, each in the order of their ids; those of the keys are among them.
    """
    levels = {key[:3] for key in keys}
    runs, cycles, numbers = ({level[place] for level in levels} for place in range(3))
    near = select(*INTENT.primary_key.columns).where(
        INTENT.c.escalation_key.in_(sorted(runs)),
        INTENT.c.cycle.in_(sorted(cycles)),
        INTENT.c.level.in_(sorted(numbers)),
    )
    found: dict[tuple[str, int, int], list[IntentKey]] = {level: [] for level in levels}
    for row in connection.execute(near.order_by(INTENT.c.webhook_id, INTENT.c.user_id)):
        key = (row.escalation_key, row.cycle, row.level, row.user_id, row.webhook_id)
        if key[:3] in found:
            found[key[:3]].append(key)
    return found


def lock_intent(connection: Connection, key: IntentKey) -> None:
    """Keeps others from judging the same intent until this transaction ends."""
    names = tuple_(*INTENT.primary_key.columns)
    connection.execute(select(INTENT.c.level).where(names == key).with_for_update())


def alarm(connection: Connection, key: IntentKey) -> bool:
    """Notes that those who can help are told that an intent reaches nobody; True the first time."""
    names = tuple_(*INTENT.primary_key.columns)
    quiet = update(INTENT).where(names == key, ~INTENT.c.alarmed)
    return bool(connection.execute(quiet.values(alarmed=True)).rowcount)


def add(connection: Connection, notification: Notification) -> bool:
    """Adds a notification; False if there is one with its key."""
    row = upsert(connection, NOTIFICATION).values(**_values(notification))
    once = row.on_conflict_do_nothing(index_elements=["key"]).returning(NOTIFICATION.c.id)
    return connection.execute(once).scalar_one_or_none() is not None


def save(connection: Connection, notification: Notification) -> None:
    """Writes a notification back."""
    row = update(NOTIFICATION).where(NOTIFICATION.c.id == notification.id)
    connection.execute(row.values(**_values(notification)))


def save_all(connection: Connection, changed: Sequence[Notification]) -> None:
    """Writes notifications back, however many."""
    rows = [
        {
            **_values(each),
            "state": each.state.value,
            "kind": each.kind.value,
            "share": each.share.value,
        }
        for each in changed
    ]
    update_all(connection, NOTIFICATION, rows)


def waiting_their_time(
    connection: Connection, keys: Collection[IntentKey], now: datetime
) -> set[IntentKey]:
    """Returns those intents that have pages for later."""
    runs = sorted({key[0] for key in keys})
    later = select(*(NOTIFICATION.c[name] for name in _KEY)).where(
        one_of(connection, NOTIFICATION.c.escalation_key, runs),
        NOTIFICATION.c.state == State.PENDING.value,
        NOTIFICATION.c.at > now,
    )
    return {key for row in connection.execute(later) if (key := tuple(row)) in keys}


def lock(connection: Connection, ids: Collection[int]) -> list[Notification]:
    """Returns notifications by id, keeping others from changing them."""
    wanted = select(NOTIFICATION).where(one_of(connection, NOTIFICATION.c.id, list(ids)))
    rows = connection.execute(wanted.order_by(NOTIFICATION.c.id).with_for_update())
    return [_notification(row) for row in rows]


def find(connection: Connection, notification_id: int) -> Notification | None:
    """Returns a notification, if there is one with this id."""
    wanted = select(NOTIFICATION).where(NOTIFICATION.c.id == notification_id)
    row = connection.execute(wanted).one_or_none()
    return None if row is None else _notification(row)


def newest(
    connection: Connection, are_meant: ColumnElement[bool], limit: int
) -> list[Notification]:
    """Returns some notifications, newest first; others may change them meanwhile."""
    wanted = select(NOTIFICATION).where(are_meant).order_by(NOTIFICATION.c.id.desc())
    return [_notification(row) for row in connection.execute(wanted.limit(limit))]


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


def of_run(connection: Connection, escalation_key: str) -> list[Intent]:
    """Returns the intents of a run, and of calls by hand that followed it."""
    calls = INTENT.c.escalation_key.startswith(f"{escalation_key}:call:", autoescape=True)
    theirs = select(INTENT).where((INTENT.c.escalation_key == escalation_key) | calls)
    return [read_intent(row) for row in connection.execute(theirs)]


def levels(connection: Connection, escalation_key: str) -> dict[int, datetime]:
    """Returns when the levels of a policy were paged by a run, the last time if several."""
    last = select(INTENT.c.level, func.max(INTENT.c.request_time).label("at")).where(
        INTENT.c.escalation_key == escalation_key, INTENT.c.level_count > 0
    )
    found = connection.execute(last.group_by(INTENT.c.level))
    return {row.level: row.at for row in found}


def paged(connection: Connection, escalation_key: str, user_id: int) -> bool:
    """Tells whether a person was to be told of a run."""
    theirs = select(INTENT.c.level).where(
        INTENT.c.escalation_key == escalation_key, INTENT.c.user_id == user_id
    )
    return connection.execute(theirs.limit(1)).one_or_none() is not None


def sent_before(connection: Connection, stand_down: Notification) -> tuple[str, ...]:
    """Returns the providers' ids of the pages that a message takes back."""
    column = NOTIFICATION.c
    pages = select(column.provider_id).where(
        column.escalation_key == stand_down.escalation_key,
        column.kind == Kind.PAGE.value,
        column.user_id == stand_down.user_id,
        column.method == stand_down.method,
        column.target == stand_down.target,
        column.provider_id != "",
    )
    return tuple(connection.execute(pages.order_by(column.id)).scalars())


def of_intent(connection: Connection, key: IntentKey) -> list[Notification]:
    """Returns the pages that an intent led to."""
    names = tuple_(*(NOTIFICATION.c[name] for name in _KEY))
    pages = select(NOTIFICATION).where(names == key, NOTIFICATION.c.kind == Kind.PAGE.value)
    return [_notification(row) for row in connection.execute(pages)]


def about(connection: Connection, kind: str, subject_id: str) -> list[Notification]:
    """Returns the notifications about a subject, oldest first."""
    those = select(NOTIFICATION).where(
        NOTIFICATION.c.subject_kind == kind, NOTIFICATION.c.subject_id == subject_id
    )
    rows = connection.execute(those.order_by(NOTIFICATION.c.id))
    return [_notification(row) for row in rows]


def end_run(connection: Connection, ending: Ending) -> bool:
    """Remembers that a run ended; tells whether that is news."""
    row = upsert(connection, TOMBSTONE).values(**asdict(ending))
    new = row.on_conflict_do_nothing().returning(TOMBSTONE.c.at)
    return connection.execute(new).one_or_none() is not None


def close_run(connection: Connection, ending: Ending) -> bool:
    """Remembers that what somebody had taken is over by now; tells whether that is news."""
    taken = update(TOMBSTONE).where(
        TOMBSTONE.c.escalation_key == ending.escalation_key, TOMBSTONE.c.taken
    )
    over = taken.values(taken=False, by=ending.by, at=ending.at)
    return bool(connection.execute(over).rowcount)


def endings(connection: Connection, escalation_keys: Collection[str]) -> dict[str, Ending]:
    """Returns how runs ended, those of them that did."""
    ended = select(TOMBSTONE).where(
        one_of(connection, TOMBSTONE.c.escalation_key, sorted(set(escalation_keys)))
    )
    return {row.escalation_key: Ending(**row._mapping) for row in connection.execute(ended)}


def next_due(connection: Connection, kind: str) -> datetime | None:
    """Returns when the next timer of a kind is due."""
    earliest = select(func.min(TIMER.c.due_at)).where(TIMER.c.kind == kind)
    due: datetime | None = connection.execute(earliest).scalar_one()
    return due


def _values(notification: Notification) -> dict[str, object]:
    return {name: getattr(notification, name) for name in _COLUMNS}


def read_intent(row: Row[tuple[object, ...]]) -> Intent:
    """Returns an intent of its row."""
    values = dict(row._mapping)
    del values["alarmed"]
    values["links"] = tuple(Link(**link) for link in row.links)
    return Intent(**values)


def _notification(row: Row[tuple[object, ...]]) -> Notification:
    return read(row._mapping)


def read(columns: Mapping[Any, Any]) -> Notification:
    """Returns the notification of a row, by its columns' names."""
    values = dict(columns)
    state, kind, share = State(values["state"]), Kind(values["kind"]), Share(values["share"])
    return Notification(**values | {"state": state, "kind": kind, "share": share})
