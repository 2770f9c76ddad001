"""Who speaks for whom, and what contacts were told lately, at rest."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, or_, select, update

from services.chassis.bulk import insert_all, one_of, update_all
from services.chassis.sql import upsert
from services.notification.domain.noise import Lane, Pace, Said
from services.notification.domain.values import Intent, Notification, Share, State
from services.notification.store.notifications import INTENT, NOTIFICATION, TIMER, read
from services.notification.store.tables import BundleRow, PaceRow

BUNDLE = BundleRow.__table__
PACE = PaceRow.__table__

#: What of an intent others' messages don't say.
_LEFT_OUT = ("details", "links")
_SAME_INTENT = and_(*(NOTIFICATION.c[key.name] == key for key in INTENT.primary_key.columns))


@dataclass(frozen=True, slots=True, order=True)
class ContactKey:
    """A contact of a person, for one kind of messages, which are paced together."""

    user_id: int
    method: str
    contact_id: int  # 0: it is told by its target
    target: str
    kind: str

    @classmethod
    def of(cls, notification: Notification) -> "ContactKey":
        """Returns where a notification goes."""
        n = notification
        target = "" if n.contact_id else n.target  # secret ones look alike
        return cls(n.user_id, n.method, n.contact_id, target, n.kind.value)

    @property
    def values(self) -> dict[str, Any]:
        """The columns that name it."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def lock_paces(connection: Connection, keys: Iterable[ContactKey]) -> dict[ContactKey, Pace]:
    """Returns what contacts were told lately; until the transaction ends nobody else tells them.

    Everybody takes them in the same order, so nobody waits for somebody who waits for them.
    """
    found = {}
    for key in sorted(set(keys)):
        fresh = upsert(connection, PACE).values(**key.values, pace=_rendered(Pace()))
        connection.execute(fresh.on_conflict_do_nothing())
        row = select(PACE.c.pace).where(_named(key)).with_for_update()
        found[key] = _pace(connection.execute(row).scalar_one())
    return found


def save_pace(connection: Connection, key: ContactKey, pace: Pace) -> None:
    """Writes down what a contact was told lately."""
    connection.execute(update(PACE).where(_named(key)).values(pace=_rendered(pace)))


def waiting(
    connection: Connection, key: ContactKey, now: datetime
) -> list[tuple[Notification, str]]:
    """Returns what has not been tried for a contact and is due or held back, with its priority.

    It is locked. What somebody else has is theirs, and left out.
    """
    rows = (
        select(NOTIFICATION, INTENT.c.priority)
        .join_from(NOTIFICATION, INTENT, _SAME_INTENT)
        .where(
            NOTIFICATION.c.user_id == key.user_id,
            NOTIFICATION.c.method == key.method,
            NOTIFICATION.c.contact_id == key.contact_id,
            or_(NOTIFICATION.c.contact_id != 0, NOTIFICATION.c.target == key.target),
            NOTIFICATION.c.kind == key.kind,
            NOTIFICATION.c.webhook_id == 0,
            NOTIFICATION.c.attempt == 0,
            NOTIFICATION.c.state.in_([State.PENDING.value, State.RETRY.value]),
            (NOTIFICATION.c.at <= now) | (NOTIFICATION.c.share == Share.HELD.value),
        )
        .order_by(NOTIFICATION.c.id)
        .with_for_update(of=NOTIFICATION, skip_locked=True)
    )
    return [_with_priority(row._mapping) for row in connection.execute(rows)]


def lock_free(connection: Connection, ids: Collection[int]) -> list[Notification]:
    """Returns those notifications that nobody else is changing, and keeps it so."""
    if not ids:
        return []
    wanted = select(NOTIFICATION).where(one_of(connection, NOTIFICATION.c.id, sorted(ids)))
    rows = connection.execute(wanted.order_by(NOTIFICATION.c.id).with_for_update(skip_locked=True))
    return [read(row._mapping) for row in rows]


def carry(
    connection: Connection, carrier_id: int, ids: Sequence[int], error: str, now: datetime
) -> None:
    """Lets a notification speak for others, which are not due any more."""
    insert_all(connection, BUNDLE, [{"carrier_id": carrier_id, "member_id": id_} for id_ in ids])
    carried = update(NOTIFICATION).where(one_of(connection, NOTIFICATION.c.id, ids))
    connection.execute(
        carried.values(
            state=State.SUPPRESSED.value,
            at=now,
            share=Share.CARRIED.value,
            carrier_id=carrier_id,
            error=error,
            version=NOTIFICATION.c.version + 1,
        )
    )


def told(connection: Connection, now: datetime, ones: Sequence[Notification]) -> None:
    """Writes down that people were told by what spoke for these."""
    rows = [{"id": n.id, "share": n.share.value, "at": now, "version": n.version} for n in ones]
    update_all(connection, NOTIFICATION, [{**row, "possible_repeat": False} for row in rows])


def forget_due(connection: Connection, kind: str, ids: Sequence[int]) -> None:
    """Makes notifications never due; a timer that somebody has taken is cleared by them."""
    keys = [str(id_) for id_ in ids]
    own = (TIMER.c.kind == kind) & one_of(connection, TIMER.c.key, keys)
    free = select(TIMER.c.key).where(own).with_for_update(skip_locked=True)
    connection.execute(delete(TIMER).where(TIMER.c.kind == kind, TIMER.c.key.in_(free)))


def members(
    connection: Connection, carrier_ids: Collection[int], *, told: bool = False
) -> list[Notification]:
    """Returns those for whom notifications speak that have not been sent, or were, locked."""
    shares = [Share.CARRIED.value, *([Share.TOLD.value] if told else [])]
    carried = select(NOTIFICATION).where(
        one_of(connection, NOTIFICATION.c.carrier_id, sorted(carrier_ids)),
        NOTIFICATION.c.carrier_id != 0,  # as the index is
        NOTIFICATION.c.share.in_(shares),
    )
    rows = connection.execute(carried.order_by(NOTIFICATION.c.id).with_for_update())
    return [read(row._mapping) for row in rows]


def doubt(connection: Connection, carrier_ids: Collection[int]) -> None:
    """Notes that those for whom notifications speak may have been told."""
    carried = update(NOTIFICATION).where(
        one_of(connection, NOTIFICATION.c.carrier_id, sorted(carrier_ids)),
        NOTIFICATION.c.carrier_id != 0,
        NOTIFICATION.c.share == Share.CARRIED.value,
    )
    connection.execute(carried.values(possible_repeat=True))


def disappointed(connection: Connection, carrier_id: int) -> set[int]:
    """Returns which of those for whom one speaks had a carrier before, which failed."""
    other = BUNDLE.alias()
    failed = (
        select(BUNDLE.c.member_id)
        .join_from(BUNDLE, other, BUNDLE.c.member_id == other.c.member_id)
        .join(NOTIFICATION, NOTIFICATION.c.id == other.c.carrier_id)
        .where(
            BUNDLE.c.carrier_id == carrier_id,
            other.c.carrier_id != carrier_id,
            NOTIFICATION.c.state == State.FAILED.value,
        )
    )
    return set(connection.execute(failed).scalars())


def told_by(connection: Connection, message: Notification) -> list[Notification]:
    """Returns all notifications that a message spoke for, or tried to; its own is the first."""
    others = (
        select(NOTIFICATION)
        .join_from(NOTIFICATION, BUNDLE, BUNDLE.c.member_id == NOTIFICATION.c.id)
        .where(BUNDLE.c.carrier_id == message.id)
        .order_by(NOTIFICATION.c.id)
    )
    return [message, *(read(row._mapping) for row in connection.execute(others))]


def intents(connection: Connection, ids: Collection[int]) -> dict[int, Intent]:
    """Returns the intents of notifications by the ids of these, without details and links."""
    names = [field.name for field in fields(Intent) if field.name not in _LEFT_OUT]
    columns: list[Any] = [INTENT.c[name] for name in names]
    rows: Select[Any] = (
        select(NOTIFICATION.c.id, *columns)
        .join_from(NOTIFICATION, INTENT, _SAME_INTENT)
        .where(one_of(connection, NOTIFICATION.c.id, sorted(ids)))
    )
    found = {}
    for row in connection.execute(rows):
        values = {name: row._mapping[INTENT.c[name]] for name in names}
        found[row._mapping[NOTIFICATION.c.id]] = Intent(**values, details="", links=())
    return found


def _named(key: ContactKey) -> ColumnElement[bool]:
    return and_(*(PACE.c[name] == value for name, value in key.values.items()))


def _with_priority(row: Mapping[Any, Any]) -> tuple[Notification, str]:
    columns = {column.name: row[column] for column in NOTIFICATION.columns}
    return read(columns), row[INTENT.c.priority]


def _rendered(pace: Pace) -> dict[str, Any]:
    return {
        "window": _text(pace.window),
        "said": [
            [each.id, _text(each.at), each.lane.value, each.text, each.count] for each in pace.said
        ],
        "tokens": pace.tokens,
        "tokens_at": _text(pace.tokens_at),
        "bursts": {lane.value: _text(since) for lane, since in pace.bursts.items()},
    }


def _pace(told: Mapping[str, Any]) -> Pace:
    return Pace(
        window=_time(told["window"]),
        said=tuple(
            Said(id_, datetime.fromisoformat(at), Lane(lane), text, count)
            for id_, at, lane, text, count in told["said"]
        ),
        tokens=told["tokens"],
        tokens_at=_time(told["tokens_at"]),
        bursts={
            Lane(lane): datetime.fromisoformat(since) for lane, since in told["bursts"].items()
        },
    )


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
