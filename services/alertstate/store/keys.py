"""Alert keys and the outcomes of events at rest."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from services.alertstate.domain.cases import Key
from services.alertstate.domain.keys import KeyState, Outcome
from services.alertstate.store.tables import KEY_STATE, OUTCOME
from services.chassis.sql import upsert

_SEQS = ("resolve_seq", "accept_seq", "last_alert_seq", "opened_seq")
_FIELDS = (*_SEQS, "alert_id")
_SAVE = (
    update(KEY_STATE)
    .where(
        KEY_STATE.c.source_id == bindparam("of_source"), KEY_STATE.c.match_key == bindparam("key")
    )
    .values({name: bindparam(f"new_{name}") for name in _FIELDS} | {"touched_at": bindparam("now")})
)


def lock(connection: Connection, keys: Collection[Key], now: datetime) -> dict[Key, KeyState]:
    """Returns what is known of keys, keeping others from changing it.

    Keys that nobody knew are made first, so that there is something to lock; always in the same
    order, so that nobody deadlocks.
    """
    if not keys:
        return {}
    wanted = sorted(keys)
    _make_missing(connection, wanted, now)
    return _locked(connection, among(wanted))


def held_by(connection: Connection, alert_ids: Collection[int]) -> dict[Key, KeyState]:
    """Returns the keys that alerts hold, keeping others from changing them."""
    if not alert_ids:
        return {}
    return _locked(connection, KEY_STATE.c.alert_id.in_(sorted(alert_ids)))


def save(connection: Connection, keys: Mapping[Key, KeyState], now: datetime) -> None:
    """Writes keys back that were locked."""
    if keys:
        rows = [
            {"of_source": source_id, "key": match_key, "now": now}
            | {f"new_{name}": getattr(state, name) for name in _FIELDS}
            for (source_id, match_key), state in keys.items()
        ]
        connection.execute(_SAVE, rows)


def forget_untouched(connection: Connection, since: datetime, most: int) -> int:
    """Deletes keys without an open alert that nothing touched since a time; returns how many."""
    old = (
        select(KEY_STATE.c.source_id, KEY_STATE.c.match_key)
        .where(KEY_STATE.c.touched_at < since, KEY_STATE.c.alert_id.is_(None))
        .order_by(KEY_STATE.c.touched_at)
        .limit(most)
        .with_for_update(skip_locked=True)  # one that is being touched is not old
    )
    found = [(row.source_id, row.match_key) for row in connection.execute(old)]
    if found:
        connection.execute(delete(KEY_STATE).where(among(found)))
    return len(found)


def among(keys: Iterable[Key]) -> ColumnElement[bool]:
    """Returns the condition that a row is one of these keys'.

    Source by source: SQLite reads the whole table for a list of pairs.
    """
    by_source: dict[int, list[str]] = defaultdict(list)
    for source_id, match_key in keys:
        by_source[source_id].append(match_key)
    return or_(
        *(
            and_(KEY_STATE.c.source_id == source_id, KEY_STATE.c.match_key.in_(match_keys))
            for source_id, match_keys in by_source.items()
        )
    )


def known_outcomes(connection: Connection, seqs: Collection[int]) -> set[int]:
    """Returns which of these events were acted on already."""
    known = select(OUTCOME.c.event_seq).where(OUTCOME.c.event_seq.in_(list(seqs)))
    return set(connection.execute(known).scalars())


def add_outcomes(
    connection: Connection, outcomes: Iterable[tuple[int, int, Outcome, int | None]]
) -> None:
    """Records what became of events: their seq, source, outcome and alert."""
    rows = [
        {"event_seq": seq, "source_id": source_id, "outcome": outcome, "alert_id": alert_id}
        for seq, source_id, outcome, alert_id in outcomes
    ]
    if rows:
        connection.execute(insert(OUTCOME), rows)


def _locked(connection: Connection, which: ColumnElement[bool]) -> dict[Key, KeyState]:
    query = select(KEY_STATE).where(which)
    ordered = query.order_by(KEY_STATE.c.source_id, KEY_STATE.c.match_key).with_for_update()
    return {
        (row.source_id, row.match_key): KeyState(**{name: getattr(row, name) for name in _FIELDS})
        for row in connection.execute(ordered)
    }


def _make_missing(connection: Connection, keys: Collection[Key], now: datetime) -> None:
    nothing = dict.fromkeys(_SEQS, 0)
    rows = [
        {"source_id": source_id, "match_key": match_key, "touched_at": now, **nothing}
        for source_id, match_key in keys
    ]
    connection.execute(upsert(connection, KEY_STATE).on_conflict_do_nothing(), rows)
