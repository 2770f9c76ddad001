"""How far the events of sources that group have come, at rest."""

from collections.abc import Collection, Mapping
from dataclasses import asdict

from sqlalchemy import Connection, bindparam, select, update

from services.alertstate.domain.grouping import Order
from services.alertstate.store.tables import SOURCE_ORDER
from services.chassis.sql import upsert

_SEQS = ("newest_seq", "accept_seq", "doubted_seq")
_SAVE = (
    update(SOURCE_ORDER)
    .where(SOURCE_ORDER.c.source_id == bindparam("of_source"))
    .values({name: bindparam(f"new_{name}") for name in _SEQS})
)


def lock(connection: Connection, source_ids: Collection[int]) -> dict[int, Order]:
    """Returns how far sources have come, keeping others from grouping their events.

    Sources that nobody knew are made first, so that there is something to lock; always in the
    same order, and before any key, so that nobody deadlocks.
    """
    if not source_ids:
        return {}
    nothing = dict.fromkeys(_SEQS, 0)
    rows = [{"source_id": source_id, **nothing} for source_id in sorted(source_ids)]
    connection.execute(upsert(connection, SOURCE_ORDER).on_conflict_do_nothing(), rows)
    return _locked(connection, source_ids)


def hold(connection: Connection, source_ids: Collection[int]) -> None:
    """Keeps others from grouping sources' events, if anybody ever has."""
    _locked(connection, source_ids)


def save(connection: Connection, orders: Mapping[int, Order]) -> None:
    """Writes sources back that were locked."""
    if orders:
        rows = [
            {"of_source": source_id} | {f"new_{name}": seq for name, seq in asdict(order).items()}
            for source_id, order in orders.items()
        ]
        connection.execute(_SAVE, rows)


def _locked(connection: Connection, source_ids: Collection[int]) -> dict[int, Order]:
    query = select(SOURCE_ORDER).where(SOURCE_ORDER.c.source_id.in_(sorted(source_ids)))
    rows = connection.execute(query.order_by(SOURCE_ORDER.c.source_id).with_for_update())
    return {row.source_id: Order(**{name: getattr(row, name) for name in _SEQS}) for row in rows}
