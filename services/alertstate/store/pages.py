"""Pages of alerts that go on after an alert, for readers in other vendors' dialects."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from services.alertstate import reach
from services.alertstate.domain.alerts import Alert, Status
from services.alertstate.store import alerts
from services.alertstate.store.tables import ALERT, LOG_ENTRY
from services.chassis.errors import InvalidRequest
from services.chassis.principal import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which alerts a reader asks for."""

    states: tuple[Status, ...]
    match_key: str | None = None  # None: any
    sources: tuple[int, ...] | None = None  # None: any
    other_sources: tuple[int, ...] = ()
    after: int | None = None  # the last alert of the page before


def newest(
    connection: Connection, wanted: Filter, limit: int, reader: Principal
) -> list[tuple[Alert, datetime]]:
    """Returns the newest of the wanted alerts that somebody sees, each with its last change's time.

    Raises InvalidRequest if the page before ended with an alert that they do not see.
    """
    conditions = [*_conditions(wanted), reach.seen(reader)]
    if wanted.after is not None:
        conditions.append(_older_than(connection, wanted.after, reader))
    rows = [
        row
        for state in dict.fromkeys(wanted.states)  # each is one ordered range of an index
        for row in connection.execute(
            select(ALERT)
            .where(ALERT.c.status == state, *conditions)
            .order_by(ALERT.c.report_time.desc(), ALERT.c.id.desc())
            .limit(limit)
        )
    ]
    rows.sort(key=lambda row: (row.report_time, row.id), reverse=True)
    found = alerts.of_rows(connection, rows[:limit])
    changed = _last_changes(connection, [alert.id for alert in found])
    return [(alert, changed.get(alert.id, alert.report_time)) for alert in found]


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.match_key is not None:
        conditions.append(ALERT.c.match_key == wanted.match_key)
    if wanted.sources is not None:
        conditions.append(ALERT.c.source_id.in_(wanted.sources))
    if wanted.other_sources:
        conditions.append(ALERT.c.source_id.not_in(wanted.other_sources))
    return conditions


def _older_than(connection: Connection, alert_id: int, reader: Principal) -> ColumnElement[bool]:
    query = select(ALERT.c.report_time).where(ALERT.c.id == alert_id, reach.seen(reader))
    time = connection.execute(query).scalar_one_or_none()
    if time is None:
        told = "after must be the cursor of a page before"
        raise InvalidRequest(told, reason="IS_INVALID", field="after", http_status=422)
    earlier = or_(ALERT.c.report_time < time, ALERT.c.id < alert_id)
    return and_(ALERT.c.report_time <= time, earlier)


def _last_changes(connection: Connection, alert_ids: Iterable[int]) -> dict[int, datetime]:
    """Returns when the newest entry of each alert's log was written."""
    newest = LOG_ENTRY.c.number == ALERT.c.log_count
    query = (
        select(LOG_ENTRY.c.alert_id, LOG_ENTRY.c.at)
        .join(ALERT, and_(ALERT.c.id == LOG_ENTRY.c.alert_id, newest))
        .where(ALERT.c.id.in_(list(alert_ids)))
    )
    return {row.alert_id: row.at for row in connection.execute(query)}
