"""What lists and counts go by is made of what an older version kept."""

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import create_engine, text

from services.alertstate.domain.alerts import Status
from services.alertstate.store import lists
from services.alertstate.store.lists import Wanted
from services.chassis.database import database
from services.chassis.migrations import configuration, migrate
from services.chassis.paging import Page
from services.chassis.principal import SYSTEM

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)

ALERT = (
    "INSERT INTO alert (id, source_id, alert_key, match_key, summary, details, priority, images,"
    " links, custom_details, policy_id, status, report_time, accept_time, event_count, log_count,"
    " version, episode, run_episode, run_version) VALUES (:id, :source_id, '', '', 'disk full', '',"
    " 'HIGH', :json, :json, :none, 4, :status, :at, :at, 1, 1, 1, 1, 0, 0)"
)

RESPONDER = (
    "INSERT INTO responder (alert_id, user_id, added_at, removed) VALUES (1, 5, :at, :removed)"
)


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
        (alert,) = await db.read(lists.newest, theirs, Page(offset=0, limit=9), SYSTEM)
        assert (alert.id, alert.report_time) == (1, NOON)
        assert await db.read(lists.count, Wanted(policies=(4,)), SYSTEM) == 2

    engine = create_engine(any_database_url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "alertstate_0002")
        counted = connection.execute(text("SELECT * FROM alert_counter ORDER BY status")).all()
    engine.dispose()
    assert [tuple(row) for row in counted] == [(3, "PENDING", 1), (3, "RESOLVED", 1)]
