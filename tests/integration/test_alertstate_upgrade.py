"""AlertState's data as an older version left it, and groups in a real database."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from alembic import command
from sqlalchemy import Connection, create_engine, text

from services.alertstate import intake
from services.alertstate.domain.alerts import Status
from services.alertstate.store import lists, log
from services.alertstate.store.lists import Wanted
from services.chassis.database import database
from services.chassis.migrations import configuration, migrate
from services.chassis.paging import Page
from services.chassis.principal import SYSTEM
from tests.contract.blocking import ADA
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
    " version, episode, run_episode, run_version, severity, comment_count, call_count, pushes,"
    " level, called_episode, routed_policy_id, routed_seq, labels) VALUES"
    " (:id, 3, :key, :key, 'disk full', '', 'HIGH', '[]', '[]', :none, 4, 'PENDING', :at, :at, 2,"
    " 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '{}')"
)
KEY = (
    "INSERT INTO key_state (source_id, match_key, resolve_seq, accept_seq, last_alert_seq,"
    " opened_seq, grouped_seq, alert_id, touched_at)"
    " VALUES (3, :key, 0, 0, :seq, :opened, 0, :alert_id, :at)"
)
OUTCOME = "INSERT INTO outcome VALUES (:seq, 3, :outcome, 7)"


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


async def test_open_alerts_hold_what_was_grouped_into_them(any_database_url: str) -> None:
    engine = create_engine(any_database_url)
    with engine.begin() as connection:
        config = configuration("alertstate")
        config.attributes["connection"] = connection
        command.upgrade(config, "alertstate_0002")
        for id_, key in ((7, "key 1"), (8, "")):
            told = {"id": id_, "key": key, "none": b"", "at": NOON}
            connection.execute(text(ALERT), told)
        for seq, opened, holder in ((1, 1, 7), (2, 0, None)):
            told = {"key": f"key {seq}", "seq": seq, "opened": opened, "at": NOON}
            connection.execute(text(KEY), told | {"alert_id": holder})
            connection.execute(text(OUTCOME), {"seq": seq, "outcome": "GROUPED"})
    engine.dispose()
    migrate(any_database_url, "alertstate")

    async with database(any_database_url, "alertstate") as db:
        for number, still_open in ((1, [8, 7]), (2, [8])):
            event = grouped(10 + number, Event.RESOLVE, number)
            await db.write(intake.take, NOON, EventsAccepted(events=[event]))
            pending = Wanted(states=(Status.PENDING,))
            found = await db.read(lists.newest, pending, Page(offset=0, limit=9), ADA)
            assert [alert.id for alert in found] == still_open


async def test_replicas_make_one_alert_of_a_group(any_database_url: str) -> None:
    migrate(any_database_url, "alertstate")
    batches = [EventsAccepted(events=[grouped(seq)]) for seq in range(20, 0, -1)]

    async with database(any_database_url, "alertstate") as db:
        await asyncio.gather(*(db.write(intake.take, NOON, batch) for batch in batches))
        (alert,) = await db.read(lists.newest, Wanted(), Page(offset=0, limit=9), ADA)
        assert (alert.event_count, alert.status) == (20, Status.PENDING)
        assert alert.content.match_key == "key 1"

        resolves = [grouped(20 + key, Event.RESOLVE, key) for key in range(1, 21)]
        await db.write(intake.take, NOON, EventsAccepted(events=resolves[:-1]))
        assert await db.read(lists.count, Wanted(states=(Status.RESOLVED,)), ADA) == 0
        await db.write(intake.take, NOON, EventsAccepted(events=resolves[-1:]))
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


async def test_the_log_of_before_tells_which_escalations_ended_in_vain(
    any_database_url: str,
) -> None:
    engine = create_engine(any_database_url)
    with engine.begin() as connection:
        config = configuration("alertstate")
        config.attributes["connection"] = connection
        command.upgrade(config, "alertstate_0001")
        connection.execute(text(ENTRY), {"at": NOON})
        command.upgrade(config, "alertstate_0002")
        for id_ in (7, 8):
            told = {"id": id_, "key": f"key {id_}", "none": b"", "at": NOON}
            connection.execute(text(ALERT), told)
        command.upgrade(config, "alertstate_0006")
        connection.execute(text("UPDATE log_entry SET origin = 'exhausted:1'"))
    engine.dispose()
    migrate(any_database_url, "alertstate")

    async with database(any_database_url, "alertstate") as db:
        known = await db.read(lists.newest, Wanted(), Page(offset=0, limit=9), SYSTEM)

    assert {alert.id: alert.exhausted_at for alert in known} == {7: NOON, 8: None}


async def test_what_an_alert_tells_changes_at_rest(any_database_url: str) -> None:
    migrate(any_database_url, "alertstate")
    first = _updating(1, "disk full", silent=True)
    second = _updating(2, "disk fuller", details="worse", labels={"a": "2"}, severity=3)
    second.links.add(href="https://example.com/2")
    second.images.add(src="https://example.com/2.png")
    second.custom_details = b'{"a":2}'

    async with database(any_database_url, "alertstate") as db:
        for event in (first, second, _updating(3, "disk fuller", silent=True)):
            await db.write(intake.take, NOON, EventsAccepted(events=[event]))
            (alert,) = await db.read(lists.newest, Wanted(), Page(offset=0, limit=9), SYSTEM)
            assert (alert.silent, alert.episode) == (event.seq == 1, 1 if event.seq == 1 else 2)
            if event.seq == 2:
                changed = alert
        entries = await db.read(log.oldest, 1, Page(offset=0, limit=9))

    content = changed.content
    assert (content.summary, content.details, content.severity) == ("disk fuller", "worse", 3)
    assert (content.labels, content.custom_details) == ((("a", "2"),), b'{"a":2}')
    assert content.links[0].href == "https://example.com/2"
    assert content.images[0].src == "https://example.com/2.png"
    assert alert.content.details == ""  # the third event says nothing more
    assert alert.told_seq == 3
    told = [entry.sentence for _, entry in entries]
    assert told == ["raised_silent", "updated", "sounded", "updated"]


def _updating(seq: int, summary: str, **fields: Any) -> AcceptedEvent:
    return AcceptedEvent(
        seq=seq,
        event_id=f"event {seq}",
        source_id=3,
        type=Event.ALERT,
        alert_key="disk",
        match_key="disk",
        summary=summary,
        escalation_policy_id=4,
        accept_time=NOON,
        repeat=AcceptedEvent.UPDATE,
        **fields,
    )


def _words(connection: Connection) -> str:
    return str(connection.execute(text("SELECT text FROM log_entry")).scalar_one())
