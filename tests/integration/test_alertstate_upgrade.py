"""AlertState's data as an older version left it, and groups under several replicas."""

import asyncio
from datetime import UTC, datetime

from alembic import command
from sqlalchemy import Connection, create_engine, text

from services.alertstate import intake
from services.alertstate.domain.alerts import Status
from services.alertstate.store import lists, log
from services.alertstate.store.lists import Wanted
from services.chassis.database import database
from services.chassis.migrations import configuration, migrate
from services.chassis.paging import Page
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.event_pb2 import Event
from tocsin.ingest.v1.ingest_events_pb2 import AcceptedEvent, EventsAccepted

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
ENTRY = (
    "INSERT INTO log_entry (alert_id, number, type, text, at, origin) VALUES"
    " (7, 1, 'AlertReceivedLogEntry', 'Grafana said \"{no}\" ü twice', :at, '')"
)
ALERT = (
    "INSERT INTO alert (id, source_id, alert_key, match_key, summary, details, priority, images,"
    " links, custom_details, policy_id, status, report_time, accept_time, event_count, log_count,"
    " version, episode, run_episode, run_version) VALUES (:id, :source_id, '', '', 'disk full', '',"
    " 'HIGH', :json, :json, :none, 4, :status, :at, :at, 1, 1, 1, 1, 0, 0)"
)
RESPONDER = (
    "INSERT INTO responder (alert_id, user_id, added_at, removed) VALUES (1, 5, :at, :removed)"
)


async def test_a_log_keeps_its_words(any_database_url: str) -> None:
    engine = create_engine(any_database_url)
    with engine.begin() as connection:
        config = configuration("alertstate")
        config.attributes["connection"] = connection
        command.upgrade(config, "alertstate_0001")
        connection.execute(text(ENTRY), {"at": NOON})
    engine.dispose()
    migrate(any_database_url, "alertstate")

    async with database(any_database_url, "alertstate") as db:
        ((number, entry),) = await db.read(log.oldest, 7, Page(offset=0, limit=9))

    assert (number, entry.text()) == (1, 'Grafana said "{no}" ü twice')

    engine = create_engine(any_database_url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "alertstate_0001")
        assert _words(connection) == 'Grafana said "{no}" ü twice'
    engine.dispose()


async def test_alerts_are_listed_and_counted_after_an_upgrade(any_database_url: str) -> None:
    engine = create_engine(any_database_url)
    with engine.begin() as connection:
        config = configuration("alertstate")
        config.attributes["connection"] = connection
        command.upgrade(config, "alertstate_0002")
        for row in [
            {"id": 1, "source_id": 3, "status": "PENDING"},
            {"id": 2, "source_id": 3, "status": "RESOLVED"},
        ]:
            connection.execute(text(ALERT), row | {"at": NOON, "json": "[]", "none": b""})
        connection.execute(text(RESPONDER), {"at": NOON, "removed": False})
        connection.execute(text("INSERT INTO alert_counter VALUES (3, 'PENDING', 1)"))
    engine.dispose()
    migrate(any_database_url, "alertstate")

    theirs = Wanted(responders=(5,), sources=(3,), policies=(4,), states=(Status.PENDING,))
    async with database(any_database_url, "alertstate") as db:
        (alert,) = await db.read(lists.newest, theirs, Page(offset=0, limit=9))
        assert (alert.id, alert.report_time) == (1, NOON)
        assert await db.read(lists.count, Wanted(policies=(4,))) == 2

    engine = create_engine(any_database_url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "alertstate_0002")
        counted = connection.execute(text("SELECT * FROM alert_counter ORDER BY status")).all()
    engine.dispose()
    assert [tuple(row) for row in counted] == [(3, "PENDING", 1), (3, "RESOLVED", 1)]


async def test_replicas_make_one_alert_of_a_group(any_database_url: str) -> None:
    migrate(any_database_url, "alertstate")
    batches = [EventsAccepted(events=[grouped(seq)]) for seq in range(20, 0, -1)]

    async with database(any_database_url, "alertstate") as db:
        await asyncio.gather(*(db.write(intake.take, NOON, batch) for batch in batches))
        (alert,) = await db.read(lists.newest, Wanted(), Page(offset=0, limit=9))
        assert (alert.event_count, alert.status) == (20, Status.PENDING)
        assert alert.content.match_key == "key 1"

        await db.write(intake.take, NOON, EventsAccepted(events=[grouped(21, Event.RESOLVE, 1)]))
        assert await db.read(lists.count, Wanted(states=(Status.RESOLVED,))) == 1


def grouped(seq: int, type_: Event.Type = Event.ALERT, key: int = 0) -> AcceptedEvent:
    return AcceptedEvent(
        seq=seq,
        source_id=3,
        type=type_,
        match_key=f"key {key or seq}",
        summary="disk full",
        escalation_policy_id=4,
        accept_time=NOON,
        creation=AlertSource.ONE_OPEN_ALERT_ALLOWED,
        auto_resolution_seconds=600,
    )


def _words(connection: Connection) -> str:
    return str(connection.execute(text("SELECT text FROM log_entry")).scalar_one())
