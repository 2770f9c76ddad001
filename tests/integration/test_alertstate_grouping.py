"""Groups in a real database come to what the rules say of everything that is known."""

from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random

import pytest
from sqlalchemy import Connection, select, text

from services.alertstate import changing, deciding, intake, wire
from services.alertstate.domain.actions import Action
from services.alertstate.domain.alerts import Actor, Status
from services.alertstate.known import Known
from services.alertstate.store import lists
from services.alertstate.store.lists import Wanted
from services.alertstate.store.tables import ALERT, KEY_STATE
from services.chassis.database import database
from services.chassis.migrations import migrate
from services.chassis.paging import Page
from services.chassis.principal import SYSTEM
from tests.parts.desk import Desk
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.event_pb2 import Event
from tocsin.ingest.v1.ingest_events_pb2 import AcceptedEvent, EventsAccepted

NAME = "alertstate"
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
ADA = Actor(kind="USER", id="adasadas", user_id=1, name="Ada Lovelace")
MODES = [
    AlertSource.ONE_ALERT_PER_EMAIL,
    AlertSource.ONE_ALERT_PER_EMAIL_SUBJECT,
    AlertSource.ONE_PENDING_ALERT_ALLOWED,
    AlertSource.ONE_OPEN_ALERT_ALLOWED,
]
HISTORIES = 80
Open = list[tuple[str, list[str], bool]]


async def test_late_events_find_all_that_they_need(any_database_url: str) -> None:
    chance = Random(7)
    migrate(any_database_url, NAME)

    async with database(any_database_url, NAME) as db:
        for source_id in range(3, 3 + HISTORIES):
            desk = Desk()
            for batch in deliveries(chance, source_id):
                desk.take(*(wire.event(each, 0, Known(sources={})) for each in batch))
                await db.write(intake.take, NOON, EventsAccepted(events=batch))
            found = await db.read(standing, source_id)
            assert found == sorted(
                (each.status, sorted(desk.held(each)), each.keyless_seq is not None)
                for each in desk.open
            )


async def test_a_person_ends_an_alert_with_everything_in_it(any_database_url: str) -> None:
    migrate(any_database_url, NAME)
    batch = [accepted(seq, Event.ALERT, f"key {seq}", MODES[-1]) for seq in (1, 2, 4)]

    async with database(any_database_url, NAME) as db:
        await db.write(intake.take, NOON, EventsAccepted(events=batch))
        decide = deciding.answer(Action.RESOLVE, ADA)
        await db.write(changing.change, NOON, 1, decide, ADA)
        late = accepted(3, Event.ALERT, "key 4", MODES[-1])
        await db.write(intake.take, NOON, EventsAccepted(events=[late]))
        assert await db.read(lists.count, Wanted(states=(Status.PENDING,)), SYSTEM) == 0

        again = accepted(5, Event.ALERT, "key 2", MODES[-1])
        await db.write(intake.take, NOON, EventsAccepted(events=[again]))
        (alert, ended) = await db.read(lists.newest, Wanted(), Page(offset=0, limit=9), SYSTEM)
    assert (alert.status, alert.content.match_key) == (Status.PENDING, "key 2")
    assert ended.status is Status.RESOLVED


@pytest.mark.parametrize("mode", MODES)
async def test_the_keys_in_an_alert_cost_nothing_while_events_are_in_order(
    database_url: str, mode: "AlertSource.Creation"
) -> None:
    migrate(database_url, NAME)
    many = [accepted(seq, Event.ALERT, f"key {seq}", mode) for seq in range(1, 401)]

    async with database(database_url, NAME) as db:
        await db.write(intake.take, NOON, EventsAccepted(events=many))
        next_one = accepted(401, Event.RESOLVE, "key 7", mode)
        found = await db.write(loaded_for, next_one)
    assert found == {"key 7"}


async def test_the_keys_of_an_alert_are_found_by_their_index(database_url: str) -> None:
    migrate(database_url, NAME)
    query = select(KEY_STATE).where(KEY_STATE.c.alert_id.in_([7, 8]))

    async with database(database_url, NAME) as db:
        spelt = query.compile(db.engine, compile_kwargs={"literal_binds": True})
        explain = text(f"EXPLAIN QUERY PLAN {spelt}")
        plan = await db.read(lambda connection: connection.execute(explain).all())

    assert ["key_state_by_alert" in step.detail for step in plan] == [True]


def loaded_for(connection: Connection, told: AcceptedEvent) -> set[str]:
    """Returns the keys that are looked at for an event."""
    stored = intake.known_of(connection, NOON, [wire.event(told, 0, Known(sources={}))])
    return {key for _, key in stored.keys}


def deliveries(chance: Random, source_id: int) -> list[list[AcceptedEvent]]:
    """Returns a history of a source in batches, most of them about in order."""
    mode = MODES[source_id % len(MODES)]
    types = [Event.ALERT, Event.ALERT, Event.ACCEPT, Event.RESOLVE]
    history = [
        accepted(
            source_id * 100 + seq,
            chance.choice(types),
            chance.choice(["a", "b", "c", ""]),
            mode,
            source_id=source_id,
            summary=chance.choice(["disk full", "cpu hot"]),
        )
        for seq in range(12)
    ]
    delivered = sorted(history, key=lambda each: each.seq + 4 * chance.random())
    return [delivered[at : at + 2] for at in range(0, len(delivered), 2)]


def accepted(
    seq: int,
    type_: Event.Type,
    key: str,
    mode: "AlertSource.Creation",
    *,
    source_id: int = 3,
    summary: str = "disk full",
) -> AcceptedEvent:
    return AcceptedEvent(
        seq=seq,
        source_id=source_id,
        type=type_,
        alert_key=key,
        match_key=key,
        summary=summary,
        escalation_policy_id=4,
        accept_time=NOON,
        creation=mode,
    )


def standing(connection: Connection, source_id: int) -> Open:
    """Returns the open alerts of a source: their status, their keys, and if one is none."""
    alerts = connection.execute(
        select(ALERT.c.id, ALERT.c.status, ALERT.c.held, ALERT.c.keyless_seq).where(
            ALERT.c.source_id == source_id, ALERT.c.resolved_on.is_(None)
        )
    ).all()
    keys = held_keys(connection, source_id)
    assert [len(keys.get(each.id, [])) for each in alerts] == [each.held for each in alerts]
    return sorted(
        (each.status, keys.get(each.id, []), each.keyless_seq is not None) for each in alerts
    )


def held_keys(connection: Connection, source_id: int) -> Mapping[int, list[str]]:
    query = select(KEY_STATE).where(
        KEY_STATE.c.source_id == source_id, KEY_STATE.c.alert_id.is_not(None)
    )
    found: dict[int, list[str]] = {}
    for row in connection.execute(query.order_by(KEY_STATE.c.match_key)):
        found.setdefault(row.alert_id, []).append(row.match_key)
    return found
