"""What happened to alerts, entry by entry, numbered within each alert."""

import json
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, insert, select

from services.alertstate.domain.alerts import Alert
from services.alertstate.domain.entries import Entry, EntryType, FilterType, group
from services.alertstate.store.tables import LOG_ENTRY
from services.chassis.paging import Page


def add(connection: Connection, told: Iterable[tuple[Alert, Sequence[Entry]]]) -> None:
    """Writes the newest log entries of alerts, which count them already."""
    rows = [
        {
            "alert_id": alert.id,
            "number": number,
            "type": entry.type,
            "sentence": entry.sentence,
            "vars": json.dumps(dict(entry.vars)),
            "at": entry.at,
            "origin": entry.origin,
        }
        for alert, entries in told
        for number, entry in enumerate(entries, start=alert.log_count - len(entries) + 1)
    ]
    if rows:
        connection.execute(insert(LOG_ENTRY), rows)


def fresh(connection: Connection, alert_id: int, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Returns those entries whose origins the alert's log does not have yet."""
    origins = [entry.origin for entry in entries]
    same = (LOG_ENTRY.c.alert_id == alert_id) & LOG_ENTRY.c.origin.in_(origins)
    found = select(LOG_ENTRY.c.origin).where(same)
    told = set(connection.execute(found).scalars()) if origins else set()
    return tuple(entry for entry in entries if entry.origin not in told)


def oldest(
    connection: Connection, alert_id: int, page: Page, groups: Collection[FilterType] = ()
) -> list[tuple[int, Entry]]:
    """Returns one page of an alert's entries with their numbers, oldest first.

    Only entries of these groups; of all when empty.
    """
    query = select(LOG_ENTRY).where(LOG_ENTRY.c.alert_id == alert_id).order_by(LOG_ENTRY.c.number)
    if groups:
        wanted = [type_ for type_ in EntryType if group(type_) in groups]
        query = query.where(LOG_ENTRY.c.type.in_(wanted))
    return [
        (
            row.number,
            Entry(EntryType(row.type), row.sentence, row.at, json.loads(row.vars), row.origin),
        )
        for row in connection.execute(query.offset(page.offset).limit(page.limit))
    ]
