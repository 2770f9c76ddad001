"""Which rows each reader gets, from both databases: the conditions, and what is found by them.

One record belongs to nobody, one to a public team, one to a private team, one to both.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from services.alertstate import intake, reach
from services.alertstate.domain.alerts import Status
from services.alertstate.store import alerts, lists, pages
from services.alertstate.store.lists import Wanted
from services.alertstate.store.pages import Filter
from services.alertstate.store.tables import RESPONDER
from services.calendar.schedules import Kind, Schedule
from services.chassis.database import Database, database
from services.chassis.errors import InvalidRequest, NotFound
from services.chassis.migrations import migrate
from services.chassis.paging import Page
from services.chassis.principal import Principal, current_principal
from services.chassis.teams import sees
from services.escalation.domain.policies import Policy
from services.escalation.domain.support_hours import SupportHours
from services.escalation.store import policies, schedules, support_hours
from services.ingest.domain.sources import Source
from services.ingest.store import sources
from tocsin.ingest.v1.event_pb2 import Event
from tocsin.ingest.v1.ingest_events_pb2 import AcceptedEvent, EventsAccepted

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
ALL = Page(offset=0, limit=50)
PUBLIC, SECRET = 8, 9
#: The teams of each record, by its id.
BELONGING = {10: (), 11: (PUBLIC,), 12: (SECRET,), 13: (PUBLIC, SECRET)}

OUTSIDER = Principal(kind="USER", id="evetoken", name="Eve", user_id=2, hidden=frozenset({SECRET}))
MEMBER = replace(OUTSIDER, hidden=frozenset(), teams=frozenset({SECRET}))
ADMIN = replace(OUTSIDER, is_admin=True)
BOUND = replace(OUTSIDER, user_id=0, hidden=frozenset(), team=SECRET, teams=frozenset({SECRET}))
ELSEWHERE = replace(BOUND, hidden=frozenset({SECRET}), team=PUBLIC, teams=frozenset({PUBLIC}))
SEEN: Mapping[str, tuple[Principal, list[int]]] = {
    "outsider": (OUTSIDER, [10, 11, 13]),
    "member": (MEMBER, [10, 11, 12, 13]),
    "admin": (ADMIN, [10, 11, 12, 13]),
    "bound": (BOUND, [12, 13]),
    "bound elsewhere": (ELSEWHERE, [11, 13]),
}
readers = pytest.mark.parametrize(("reader", "seen"), SEEN.values(), ids=SEEN)


@readers
def test_the_rule_says_the_same(reader: Principal, seen: list[int]) -> None:
    assert [id_ for id_, teams in BELONGING.items() if sees(reader, teams)] == seen


@dataclass(frozen=True)
class Kept:
    """A kind of record: where it is kept, and how one is made, listed and found."""

    service: str
    add: Callable[[Connection, int], object]
    ids: Callable[[Connection, Principal], list[int]]
    named: Callable[[Connection, Principal], int | None]


def _policy(connection: Connection, id_: int) -> None:
    policies.add(connection, Policy(id=id_, name="Night", levels=(), teams=BELONGING[id_]))


def _schedule(connection: Connection, id_: int) -> None:
    record = Schedule(id=id_, name="Night", timezone="UTC", kind=Kind.STATIC, teams=BELONGING[id_])
    schedules.add(connection, record)


def _hours(connection: Connection, id_: int) -> None:
    record = SupportHours(id=id_, name="Night", timezone="UTC", days={}, teams=BELONGING[id_])
    support_hours.add(connection, record)


def _source(connection: Connection, id_: int) -> None:
    record = Source(
        id=id_, name="Night", integration_type="API", policy_id=1, team_ids=BELONGING[id_]
    )
    sources.add(connection, NOON, record)


def _listed(store: Any) -> Callable[[Connection, Principal], list[int]]:
    return lambda c, reader: [each.id for each in store.oldest(c, ALL, None, reader)]


def _found(store: Any) -> Callable[[Connection, Principal], int | None]:
    return lambda c, reader: store.get_by_name(c, "NIGHT", reader).id


def _source_named(connection: Connection, reader: Principal) -> int | None:
    found = sources.of_name(connection, "NIGHT", reader)
    return None if found is None else found.id


KINDS = {
    "policies": Kept("escalation", _policy, _listed(policies), _found(policies)),
    "schedules": Kept("escalation", _schedule, _listed(schedules), _found(schedules)),
    "support hours": Kept("escalation", _hours, _listed(support_hours), _found(support_hours)),
    "sources": Kept("ingest", _source, _listed(sources), _source_named),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
async def test_configuration(any_database_url: str, kind: Kept) -> None:
    migrate(any_database_url, kind.service)
    async with database(any_database_url, kind.service) as db:
        for id_ in BELONGING:
            await db.write(kind.add, id_)
        for name, (reader, seen) in SEEN.items():
            assert await db.read(kind.ids, reader) == seen, name
            assert await db.read(kind.named, reader) == seen[0], name


@pytest.fixture
async def db(any_database_url: str) -> AsyncIterator[Database]:
    migrate(any_database_url, "alertstate")
    async with database(any_database_url, "alertstate") as opened:
        events = [accepted(number) for number in range(1, 14)]
        await opened.write(intake.take, NOON, EventsAccepted(events=events))
        await opened.write(alerts.add_teams, [(a, t) for a, ts in BELONGING.items() for t in ts])
        yield opened


def accepted(number: int) -> AcceptedEvent:
    return AcceptedEvent(
        seq=number,
        event_id=f"event {number}",
        source_id=3,
        type=Event.ALERT,
        alert_key=f"key {number}",
        match_key=f"key {number}",
        summary="disk full",
        accept_time=NOON,
    )


@readers
async def test_alerts(db: Database, reader: Principal, seen: list[int]) -> None:
    nobodys = [] if reader.team else list(range(1, 10))
    there = [*nobodys, *seen]

    listed = await db.read(lists.newest, Wanted(), ALL, reader)
    assert sorted(alert.id for alert in listed) == there
    assert await db.read(lists.count, Wanted(states=(Status.PENDING,)), reader) == len(there)
    assert sorted(await db.read(lists.standings, list(range(1, 14)), reader)) == there
    every = Filter(states=(Status.PENDING,))
    paged = await db.read(pages.newest, every, 50, reader)
    assert sorted(alert.id for alert, _ in paged) == there
    for id_ in BELONGING:
        assert await db.read(_is_there, id_, reader) is (id_ in seen)


async def test_a_page_does_not_go_on_after_an_alert_that_is_not_there(db: Database) -> None:
    after = Filter(states=(Status.PENDING,), after=12)
    assert await db.read(pages.newest, after, 50, MEMBER)
    with pytest.raises(InvalidRequest):
        await db.read(pages.newest, after, 50, OUTSIDER)


async def test_whoever_was_called_sees_the_alert(db: Database) -> None:
    row = {"alert_id": 12, "user_id": OUTSIDER.user_id, "added_at": NOON, "removed": False}
    await db.write(lambda c: c.execute(RESPONDER.insert().values(row)))

    assert await db.read(_is_there, 12, OUTSIDER)
    assert 12 in {alert.id for alert in await db.read(lists.newest, Wanted(), ALL, OUTSIDER)}
    paged = await db.read(pages.newest, Filter(states=(Status.PENDING,)), 50, OUTSIDER)
    assert 12 in {alert.id for alert, _ in paged}
    assert not await db.read(_is_there, 12, replace(OUTSIDER, user_id=77))


def _is_there(connection: Connection, alert_id: int, reader: Principal) -> bool:
    current_principal.set(reader)
    try:
        reach.refuse_unseen(connection, alert_id)
    except NotFound:
        return False
    return True
