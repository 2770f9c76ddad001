"""Lists and counts of alerts: right for every filter, in order without sorting."""

import itertools
import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, event, text

from services.alertstate.domain.alerts import Alert, Content, Responder, Status
from services.alertstate.store import alerts, lists
from services.alertstate.store.lists import Wanted
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.chassis.paging import Page
from services.chassis.principal import SYSTEM

NAME = "alertstate"
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
MINUTES = 60
COUNT = 400

#: Batches of alerts, as they were and as they are.
History = list[list[tuple[Alert | None, Alert]]]

STATES = ((), (Status.ACCEPTED, Status.PENDING), (Status.RESOLVED,))
SOURCES = ((), (3, 1, 1), (9,))
POLICIES = ((), (0, 2), (9,))
RESPONDERS = (None, (), (1,), (2, 1, 2))
TIMES = (
    (None, None),
    (None, NOON + timedelta(minutes=20)),
    (NOON + timedelta(minutes=20), NOON + timedelta(minutes=40)),
)
EVERY = [
    Wanted(states=a, sources=b, policies=c, responders=d, start=start, until=until)
    for a, b, c, d, (start, until) in itertools.product(
        STATES, SOURCES, POLICIES, RESPONDERS, TIMES
    )
]


@pytest.fixture
def history() -> History:
    """Batches of changes: alerts are raised, then all that lists ask for changes in some."""
    draw = random.Random(3)
    raised = [_raised(id_, draw) for id_ in range(1, COUNT + 1)]
    first = [_changed(alert, draw) for alert in draw.sample(raised, COUNT // 2)]
    by_id = {alert.id: alert for alert in raised} | {after.id: after for _, after in first}
    second = [_changed(alert, draw) for alert in draw.sample(list(by_id.values()), COUNT // 2)]
    return [[(None, alert) for alert in raised], first, second]


@pytest.mark.parametrize(
    ("most", "shallow"),
    [(1000, 1000), (3, 0), (0, 0)],
    ids=["merged", "some walked", "walked"],
)
async def test_every_filter_lists_and_counts_what_it_says(
    any_database_url: str,
    history: History,
    most: int,
    shallow: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lists, "MOST_RANGES", most)
    monkeypatch.setattr(lists, "MOST_RANGES_DEEP", most)
    monkeypatch.setattr(lists, "SHALLOW", shallow)
    migrate(any_database_url, NAME)
    kept = {after.id: after for batch in history for _, after in batch}
    newest_first = sorted(kept.values(), key=lambda a: (a.report_time, a.id), reverse=True)
    draw = random.Random(5)

    async with database(any_database_url, NAME) as db:
        for batch in history:
            await db.write(alerts.save, batch, NOON)

        for wanted in EVERY:
            expected = [alert.id for alert in newest_first if _is(wanted, alert)]
            assert await db.read(lists.count, wanted, SYSTEM) == len(expected), wanted
            page = Page(offset=draw.choice((0, 1, 17, 300)), limit=draw.choice((0, 10, COUNT)))
            found = await db.read(lists.newest, wanted, page, SYSTEM)
            part = expected[page.offset : page.offset + page.limit]
            assert [alert.id for alert in found] == part, (wanted, page)
            assert found == [kept[id_] for id_ in part]


@pytest.mark.parametrize("most", [200, 0], ids=["merged", "walked"])
async def test_no_list_is_sorted(
    database_url: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_RANGES", most)
    migrate(database_url, NAME)
    draw = random.Random(3)
    raised = [(None, _raised(id_, draw)) for id_ in range(1, COUNT + 1)]

    async with database(database_url, NAME) as db:
        await db.write(alerts.save, raised, NOON)
        for wanted in EVERY:
            for line in await db.read(_plan, db, wanted):
                assert "TEMP B-TREE" not in line, wanted
                assert "SCAN" not in line or "SCAN (" in line, (wanted, line)


async def test_postgresql_can_do_without_sorting(postgres: Callable[[], str]) -> None:
    """A few alerts it rather sorts; it must be able not to."""
    url = postgres()
    migrate(url, NAME)
    draw = random.Random(3)
    raised = [(None, _raised(id_, draw)) for id_ in range(1, COUNT + 1)]

    async with database(url, NAME) as db:
        await db.write(alerts.save, raised, NOON)
        for wanted in (each for each in EVERY if each.start is None):
            for line in await db.read(_plan, db, wanted):
                assert not re.search(r"Sort  \(|Hash|Seq Scan", line), (wanted, line)


async def test_paging_by_time_comes_to_every_alert(any_database_url: str) -> None:
    """Also to those whose events came late: their time decides, not their number."""
    migrate(any_database_url, NAME)
    draw = random.Random(3)
    minutes = draw.sample(range(COUNT), COUNT)
    raised = [
        replace(_raised(id_, draw), report_time=NOON + timedelta(minutes=minutes[id_ - 1]))
        for id_ in range(1, COUNT + 1)
    ]

    async with database(any_database_url, NAME) as db:
        await db.write(alerts.save, [(None, alert) for alert in raised], NOON)
        wanted, found = Wanted(), list[int]()
        while page := await db.read(lists.newest, wanted, Page(offset=0, limit=50), SYSTEM):
            found += [alert.id for alert in page]
            wanted = replace(wanted, until=page[-1].report_time)

    expected = sorted(raised, key=lambda alert: alert.report_time, reverse=True)
    assert found == [alert.id for alert in expected]


def _plan(connection: Connection, db: Database, wanted: Wanted) -> list[str]:
    """Returns how the database finds the ids of a list."""
    asked: list[tuple[str, object]] = []
    if not db.is_sqlite:
        for way in ("sort", "seqscan", "bitmapscan"):
            connection.execute(text(f"SET LOCAL enable_{way} = off"))
    explain = "EXPLAIN QUERY PLAN " if db.is_sqlite else "EXPLAIN "

    @event.listens_for(connection, "before_cursor_execute")
    def note(_c: object, _cursor: object, statement: str, told: object, *_: object) -> None:
        if "ORDER BY time DESC" in statement and not statement.startswith("EXPLAIN"):
            asked.append((statement, told))

    lists.newest(connection, wanted, Page(offset=0, limit=50), SYSTEM)
    event.remove(connection, "before_cursor_execute", note)
    return [
        str(row[-1])
        for statement, told in asked
        for row in connection.exec_driver_sql(explain + statement, told)  # type: ignore[arg-type]
    ]


def _is(wanted: Wanted, alert: Alert) -> bool:
    theirs = {each.user_id for each in alert.responders}
    return (
        (not wanted.states or alert.status in wanted.states)
        and (not wanted.sources or alert.source_id in wanted.sources)
        and (not wanted.policies or alert.content.policy_id in wanted.policies)
        and (wanted.responders is None or bool(theirs & set(wanted.responders)))
        and (wanted.start is None or alert.report_time >= wanted.start)
        and (wanted.until is None or alert.report_time < wanted.until)
    )


def _raised(id_: int, draw: random.Random) -> Alert:
    time = NOON + timedelta(minutes=draw.randrange(MINUTES))
    return Alert(
        id=id_,
        source_id=draw.choice((0, 1, 2, 3)),
        content=Content(summary="disk full", policy_id=draw.choice((0, 1, 2, 3))),
        status=draw.choice((Status.PENDING, Status.RESOLVED)),
        report_time=time,
        accept_time=time,
        responders=tuple(Responder(user_id) for user_id in sorted(_people(draw))),
    )


def _changed(alert: Alert, draw: random.Random) -> tuple[Alert | None, Alert]:
    """Moves an alert on, with people added, taken off, and taken on again."""
    people = _people(draw)
    had = {each.user_id for each in alert.responders} | set(alert.removed)
    after = replace(
        alert,
        status=draw.choice(tuple(Status)),
        content=replace(alert.content, policy_id=draw.choice((0, 1, 2, 3))),
        responders=tuple(Responder(user_id) for user_id in sorted(people)),
        removed=tuple(sorted(had - people)),
        event_count=alert.event_count + 1,
    )
    return alert, after


def _people(draw: random.Random) -> set[int]:
    return {user_id for user_id in (1, 2, 3) if draw.random() < 0.3}
