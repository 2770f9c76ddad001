"""The people of alerts, with what lists ask of an alert beside each of them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from services.alertstate.domain.alerts import Alert, Responder
from services.alertstate.store.tables import RESPONDER
from services.chassis.sql import upsert

_MOVE = (
    update(RESPONDER)
    .where(RESPONDER.c.alert_id == bindparam("which"))
    .values(status=bindparam("new_status"), policy_id=bindparam("new_policy_id"))
)
#: Names no column that an index has, as an upsert would, so that none is written anew.
_TAKE = (
    update(RESPONDER)
    .where(RESPONDER.c.alert_id == bindparam("which"), RESPONDER.c.user_id == bindparam("who"))
    .values(accepted_at=bindparam("new_accepted_at"))
)


def of(
    connection: Connection, alert_ids: Sequence[int]
) -> tuple[dict[int, list[Responder]], dict[int, list[int]]]:
    """Returns the responders of alerts, and who was taken off them."""
    found: dict[int, list[Responder]] = defaultdict(list)
    removed: dict[int, list[int]] = defaultdict(list)
    if alert_ids:
        query = select(RESPONDER).where(RESPONDER.c.alert_id.in_(alert_ids))
        for row in connection.execute(query.order_by(RESPONDER.c.added_at, RESPONDER.c.user_id)):
            if row.removed:
                removed[row.alert_id].append(row.user_id)
            else:
                found[row.alert_id].append(Responder(row.user_id, row.accepted_at))
    return found, removed


def save(
    connection: Connection, changed: Sequence[tuple[Alert | None, Alert]], now: datetime
) -> None:
    """Writes the people of alerts, given as these were, None for new ones, and as they are.

    Whoever changes them holds the alert, so what is kept of it here stays the same as there.
    """
    old = [(before, after) for before, after in changed if before is not None]
    moved = [
        {"which": after.id, "new_status": after.status, "new_policy_id": after.content.policy_id}
        for before, after in old
        if (before.responders or before.removed) and _moved(before, after)
    ]
    if moved:
        connection.execute(_MOVE, moved)
    taken = [each for before, after in old for each in _taken(before, after)]
    if taken:
        connection.execute(_TAKE, taken)
    rows = [
        {"alert_id": after.id, "user_id": user_id, "added_at": now} | standing | _listed(after)
        for before, after in changed
        for user_id, standing in _standings(before, after)
    ]
    if rows:
        row = upsert(connection, RESPONDER)
        put = row.on_conflict_do_update(
            index_elements=["alert_id", "user_id"],
            set_={"accepted_at": row.excluded.accepted_at, "removed": row.excluded.removed},
        )
        connection.execute(put, rows)


def _listed(alert: Alert) -> dict[str, object]:
    return {
        "source_id": alert.source_id,
        "policy_id": alert.content.policy_id,
        "status": alert.status,
        "report_time": alert.report_time,
    }


def _moved(before: Alert, after: Alert) -> bool:
    return (before.status, before.content.policy_id) != (after.status, after.content.policy_id)


def _taken(before: Alert, after: Alert) -> Iterator[dict[str, object]]:
    """Returns the responders who took the alert, or no longer have."""
    accepted = {each.user_id: each.accepted_at for each in before.responders}
    for each in after.responders:
        if each.user_id in accepted and accepted[each.user_id] != each.accepted_at:
            yield {"which": after.id, "who": each.user_id, "new_accepted_at": each.accepted_at}


def _standings(before: Alert | None, after: Alert) -> Iterator[tuple[int, dict[str, object]]]:
    """Returns who became a responder, or was taken off the alert."""
    known = {each.user_id for each in before.responders} if before else set()
    for each in after.responders:
        if each.user_id not in known:
            yield each.user_id, {"accepted_at": each.accepted_at, "removed": False}
    for user_id in after.removed:
        if before is None or user_id not in before.removed:
            yield user_id, {"accepted_at": None, "removed": True}
