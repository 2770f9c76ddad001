"""Pages that go on after an alert, from both databases, and by which index they are read."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, event

from services.alertstate import intake
from services.alertstate.domain.alerts import Status
from services.alertstate.domain.keys import match_key
from services.alertstate.store import pages
from services.alertstate.store.pages import Filter
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.chassis.principal import SYSTEM
from tocsin.ingest.v1.event_pb2 import Event
from tocsin.ingest.v1.ingest_events_pb2 import AcceptedEvent, EventsAccepted

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
EVERY = (Status.PENDING, Status.ACCEPTED, Status.RESOLVED)


@pytest.fixture
async def db(any_database_url: str) -> AsyncIterator[Database]:
    migrate(any_database_url, "alertstate")
    async with database(any_database_url, "alertstate") as opened:
        await opened.write(intake.take, NOON, EventsAccepted(events=map(accepted, range(1, 13))))
        yield opened


def accepted(seq: int) -> AcceptedEvent:
    """Two alerts a second, of three keys; the last of each key stays open."""
    return AcceptedEvent(
        seq=seq,
        event_id=f"event {seq}",
        source_id=3 + seq % 2,
        type=Event.RESOLVE if seq in (7, 8, 9) else Event.ALERT,
        alert_key=f"Key {seq % 3}",
        match_key=f"key {seq % 3}",
        summary="disk full",
        escalation_policy_id=4,
        accept_time=NOON + timedelta(seconds=seq // 2),
        repeat=AcceptedEvent.APPEND,
    )


async def walk(db: Database, wanted: Filter, limit: int) -> list[int]:
    """Returns the ids of all pages, one after the other."""
    found: list[int] = []
    while page := await db.read(pages.newest, wanted, limit, SYSTEM):
        found += [alert.id for alert, _ in page]
        wanted = Filter(
            states=wanted.states,
            match_key=wanted.match_key,
            sources=wanted.sources,
            other_sources=wanted.other_sources,
            after=found[-1],
        )
    return found


WANTED = [
    Filter(states=EVERY),
    Filter(states=(Status.RESOLVED, Status.RESOLVED)),
    Filter(states=EVERY, match_key="key 1"),
    Filter(states=(Status.PENDING,), match_key="key 1"),
    Filter(states=EVERY, sources=(3,)),
    Filter(states=EVERY, sources=()),
    Filter(states=EVERY, other_sources=(3,)),
    Filter(states=EVERY, match_key=match_key("\0nobody's\0")),
    Filter(states=()),
]


async def test_pages_hold_each_wanted_alert_once_newest_first(db: Database) -> None:
    found = [alert for alert, _ in await db.read(pages.newest, Filter(states=EVERY), 50, SYSTEM)]
    ids = [alert.id for alert in found]
    assert len(ids) > 5
    assert ids == sorted(ids, reverse=True)

    for wanted in WANTED:
        fitting = [
            alert.id
            for alert in found
            if alert.status in wanted.states
            and wanted.match_key in (None, alert.content.match_key)
            and (wanted.sources is None or alert.source_id in wanted.sources)
            and alert.source_id not in wanted.other_sources
        ]
        for limit in (1, 2, 5, 50):
            assert await walk(db, wanted, limit) == fitting, (wanted, limit)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_key_is_found_by_its_index(database_url: str) -> None:
    migrate(database_url, "alertstate")
    async with database(database_url, "alertstate") as opened:
        plans = await opened.read(_plans)

    assert len(plans) == len(EVERY)
    assert all("alert_by_key (match_key=? AND status=?)" in plan for plan in plans)


def _plans(connection: Connection) -> list[str]:
    """Returns how SQLite would look alerts of a key up."""
    asked: list[tuple[str, object]] = []

    def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    pages.newest(connection, Filter(states=EVERY, match_key="key"), 25, SYSTEM)
    event.remove(connection, "before_cursor_execute", note)
    return [
        connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()[0][3]  # type: ignore[arg-type] # as they came
        for statement, parameters in asked
        if "FROM alert" in statement and "LIMIT" in statement
    ]
