"""Ingest's database, on both kinds: the way to it, and what lies there."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, inspect, select, text

from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.migrations import configuration, migrate
from services.chassis.outbox import OUTBOX
from services.chassis.principal import SYSTEM, current_principal
from services.chassis.sealing import Sealer
from services.ingest import sources
from services.ingest.acceptor import Acceptor
from services.ingest.domain.arrivals import Arrival
from services.ingest.domain.events import Event, EventType
from services.ingest.domain.sources import Open, Source
from services.ingest.sources import Means
from services.ingest.store import alerts
from services.ingest.store import sources as store
from services.ingest.store.tables import EVENT, SOURCE_ALERT
from tocsin.ingest.v1.ingest_events_pb2 import EventsAccepted


@pytest.fixture
async def db(any_database_url: str) -> AsyncIterator[Database]:
    migrate(any_database_url, "ingest")
    async with database(any_database_url, "ingest") as db:
        await db.write(sources.prepare, Clock(), "")
        yield db


def arrival(event_id: str) -> Arrival:
    event = Event(type=EventType.ALERT, summary=event_id)
    return Arrival(
        event_id=event_id,
        source=sources.SUITE,
        event=event,
        raw=b"{}",
        content_type="",
        trace="",
    )


def kept(db: Database) -> list[str]:
    with db.engine.connect() as connection:
        return list(connection.execute(select(EVENT.c.event_id).order_by(EVENT.c.seq)).scalars())


async def test_one_events_failure_does_not_cost_its_neighbours(db: Database) -> None:
    acceptor = Acceptor(db, Clock())
    ids = ["first", "a", "b", "first", "c"]  # the fourth is refused: its id is taken

    ended = await asyncio.gather(
        *(acceptor.accept(arrival(id_)) for id_ in ids), return_exceptions=True
    )

    assert [outcome if isinstance(outcome, str) else None for outcome in ended] == [
        "first", "a", "b", None, "c",
    ]  # fmt: skip
    assert kept(db) == ["first", "a", "b", "c"]


async def test_of_several_at_once_under_one_name_one_is_kept(
    db: Database, any_database_url: str
) -> None:
    async with AsyncExitStack() as stack:
        replicas = [Acceptor(db, Clock())]
        if not db.is_sqlite:
            other = await stack.enter_async_context(database(any_database_url, "ingest"))
            replicas.append(Acceptor(other, Clock()))
        for round_ in range(5):
            named = [replace(arrival(f"{round_}-{n}"), name=f"name-{round_}") for n in range(40)]
            many = [
                replace(arrival(f"{round_}-{n}-{m}"), name=f"{round_}-{m % 7}")
                for n in range(4)
                for m in range(20)
            ]
            told = await asyncio.gather(
                *(replicas[n % len(replicas)].accept(one) for n, one in enumerate(named)),
                *(
                    replicas[n % len(replicas)].hand_over(many[20 * n : 20 * n + 20])
                    for n in range(4)
                ),
            )
            assert len(set(told[:40])) == 1
            assert len({outcome for each in told[40:] for outcome in each}) == 7
    assert len(kept(db)) == 5 * 8


async def test_a_name_that_no_database_can_read_is_nobodys(db: Database) -> None:
    assert await db.read(store.of_name, "toc\x00sin", SYSTEM) is None


async def test_a_caller_who_goes_away_undoes_nothing(db: Database) -> None:
    acceptor = Acceptor(db, Clock())
    gone = asyncio.create_task(acceptor.accept(arrival("gone")))

    async def go_away() -> None:
        gone.cancel()

    # One begins after the other, so both wait for the same group by the time that one goes away.
    await asyncio.gather(acceptor.accept(arrival("stays")), go_away())

    assert kept(db) == ["gone", "stays"]


async def test_a_thousand_events_are_told_in_messages_of_500(db: Database) -> None:
    acceptor = Acceptor(db, Clock())

    await asyncio.gather(*(acceptor.accept(arrival(str(n))) for n in range(1200)))

    def sizes(connection: Any) -> list[list[int]]:
        told = select(OUTBOX.c.payload).where(OUTBOX.c.type == EventsAccepted.DESCRIPTOR.full_name)
        payloads = connection.execute(told.order_by(OUTBOX.c.id)).scalars()
        return [[event.seq for event in EventsAccepted.FromString(p).events] for p in payloads]

    told = await db.read(sizes)
    assert max(map(len, told)) == 500
    seqs = [seq for group in told for seq in group]
    assert seqs == list(range(seqs[0], seqs[0] + 1200))
    assert kept(db) == [str(n) for n in range(1200)]


MEANS = Means(Clock(), Sealer({"k1": b"k" * 32}), "")
WANTED = Source(id=0, name="Prometheus", integration_type="API", policy_id=1, team_ids=(4, 9))


async def test_a_source_is_kept_with_all_it_has(db: Database) -> None:
    wanted = replace(
        WANTED, active=False, auto_resolution="PT2H", icon_url="http://a/b", support_hours_id=3
    )

    made = await db.write(sources.create, MEANS, wanted, SYSTEM.actor())

    assert made == replace(wanted, id=2, version=1)
    assert await db.read(store.get, 2) == made


async def test_changes_of_a_source_at_once_come_one_after_the_other(db: Database) -> None:
    current_principal.set(replace(SYSTEM, is_admin=True))
    made = await db.write(sources.create, MEANS, WANTED, SYSTEM.actor())

    changed = await asyncio.gather(
        *(
            db.write(sources.change, MEANS, made.id, replace(WANTED, name=f"n{n}"), SYSTEM.actor())
            for n in range(20)
        )
    )

    assert sorted(source.version for source in changed) == list(range(2, 22))
    last = max(changed, key=lambda source: source.version)
    assert await db.read(store.get, made.id) == last


HISTORY = (("PENDING", 1), ("ACCEPTED", 2), ("PENDING", 3), ("ACCEPTED", 4), ("RESOLVED", 5))


@pytest.mark.parametrize("seed", range(5))
async def test_news_of_an_alert_in_any_order_leave_the_newest(db: Database, seed: int) -> None:
    news = list(HISTORY[: seed + 1]) * 2
    random.Random(seed).shuffle(news)

    for status, version in news:
        await note(db, 7, status, version)

    newest = HISTORY[seed][0]
    found = (await db.read(alerts.of_sources, [1]))[1]
    assert found == Open(pending=newest == "PENDING", accepted=newest == "ACCEPTED")


async def note(db: Database, alert_id: int, status: str, version: int, days: int = 0) -> None:
    told: Any = {"alert_id": alert_id, "source_id": 1, "status": status, "version": version}
    await db.write(alerts.note, Clock().wall() + timedelta(days=days), **told)


async def test_the_alert_that_an_event_was_about_is_found_by_its_key(db: Database) -> None:
    raised = Clock().wall()
    later = raised + timedelta(hours=1)
    for alert_id, source_id, key, at in (
        (7, 1, " Disk-7", raised),
        (8, 1, "DISK-7", later),
        (9, 2, "Disk-7", raised),
        (10, 1, "", raised),
    ):
        told: Any = {"alert_id": alert_id, "source_id": source_id, "alert_key": key}
        told |= {"status": "PENDING", "version": 1, "raised_at": at}
        await db.write(alerts.note, raised, **told)

    async def about(key: str, at: datetime) -> tuple[int, str] | None:
        return await db.read(alerts.of_key, 1, key, at)

    assert await about("disk-7", raised) == (7, " Disk-7")
    assert await about("disk-7", later - timedelta(microseconds=1)) == (7, " Disk-7")
    assert await about("disk-7", later) == (8, "DISK-7")
    assert await about("disk-7", raised - timedelta(microseconds=1)) is None
    assert await about("other", later) is None
    keys = [await db.read(alerts.key_of, 1, alert_id) for alert_id in (7, 9, 10, 11)]
    assert keys == [" Disk-7", None, None, None]


async def test_what_was_resolved_long_ago_is_forgotten(db: Database) -> None:
    def known(connection: Connection) -> list[int]:
        rows = connection.execute(select(SOURCE_ALERT.c.alert_id).order_by(SOURCE_ALERT.c.alert_id))
        return list(rows.scalars())

    await note(db, 1, "PENDING", 1)
    for alert_id in (2, 3):
        await note(db, alert_id, "RESOLVED", 1)
    await note(db, 4, "RESOLVED", 1, days=6)
    assert await db.read(known) == [1, 2, 3, 4]

    await note(db, 5, "RESOLVED", 1, days=8)

    assert await db.read(known) == [1, 4, 5]


def test_the_second_step_keeps_the_sources_and_finds_them_by_name(any_database_url: str) -> None:
    engine = create_engine(any_database_url)
    config = configuration("ingest")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "ingest_0001")
        connection.execute(
            text(
                "INSERT INTO alert_source (id, name, integration_type, policy_id, active,"
                " priority_rule, version, created_at)"
                " VALUES (2, ' Straße', 'API', 1, true, 'LOW', 1, '2026-03-29 01:00:00+00:00')"
            )
        )
        connection.execute(text("INSERT INTO alert_source_team VALUES (2, 4)"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "heads")
        found = store.of_name(connection, "STRASSE", SYSTEM)
        assert found is not None
        assert (found.id, found.team_ids, found.creation) == (2, (4,), "ONE_ALERT_PER_EMAIL")
        assert store.sealed_keys(connection, [2]) == {}
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "ingest_0001")
        columns = {column["name"] for column in inspect(connection).get_columns("alert_source")}
        assert "match_name" not in columns
        assert connection.execute(text("SELECT id FROM alert_source")).scalar_one() == 2
        assert connection.execute(text("SELECT team_id FROM alert_source_team")).scalar_one() == 4
    engine.dispose()
