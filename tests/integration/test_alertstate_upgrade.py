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
from tests.contract.blocking import ADA
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.event_pb2 import Event
from tocsin.ingest.v1.ingest_events_pb2 import AcceptedEvent, EventsAccepted

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
ENTRY = (
    "INSERT INTO log_entry (alert_id, number, type, text, at, origin) VALUES"
    " (7, 1, 'AlertReceivedLogEntry', 'Grafana said \"{no}\" ü twice', :at, '')"
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


async def test_replicas_make_one_alert_of_a_group(any_database_url: str) -> None:
    migrate(any_database_url, "alertstate")
    batches = [EventsAccepted(events=[grouped(seq)]) for seq in range(20, 0, -1)]

    async with database(any_database_url, "alertstate") as db:
        await asyncio.gather(*(db.write(intake.take, NOON, batch) for batch in batches))
        (alert,) = await db.read(lists.newest, Wanted(), Page(offset=0, limit=9), ADA)
        assert (alert.event_count, alert.status) == (20, Status.PENDING)
        assert alert.content.match_key == "key 1"

        await db.write(intake.take, NOON, EventsAccepted(events=[grouped(21, Event.RESOLVE, 1)]))
        assert await db.read(lists.count, Wanted(states=(Status.RESOLVED,)), ADA) == 1


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
