"""What was kept by an older version of escalation is found by this one."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import command
from sqlalchemy import column, create_engine, insert, table

from services.chassis.migrations import configuration, migrate
from services.escalation.store import policies
from services.escalation.store.tables import PolicyRow, RunRow

POLICY, RUN = PolicyRow.__table__, RunRow.__table__
LEVELS: list[dict[str, object]] = [
    {"users": [1, 2], "seconds": 60},
    {"users": [2], "schedules": [4], "teams": [7]},
]


def test_whom_older_policies_page_is_searched(any_database_url: str) -> None:
    migrate(any_database_url, "escalation")
    engine = create_engine(any_database_url)
    with engine.begin() as connection:
        config = configuration("escalation")
        config.attributes["connection"] = connection
        command.downgrade(config, "escalation_0003")
        values = {"repeating": False, "frequency": 1, "delay_min": 0, "name": "Night"}
        levels = [level | {"seconds": 60} for level in LEVELS]
        known = [column(name, POLICY.c[name].type) for name in ("id", "levels", *values)]
        older = table("policy", *known)  # has no more columns than that
        connection.execute(insert(older).values(id=3, levels=levels, **values))
        connection.execute(insert(older).values(id=4, levels=[], **values))
        command.upgrade(config, "escalation@head")

    with engine.connect() as connection:
        found = [
            policies.paging_user(connection, 2),
            policies.paging_schedule(connection, 4),
            policies.naming_team(connection, 7),
        ]
        nobody = policies.paging_user(connection, 4)
    engine.dispose()

    assert [[policy.id for policy in each] for each in found] == [[3]] * 3
    assert nobody == []


def test_older_runs_are_found_by_their_policies(any_database_url: str) -> None:
    migrate(any_database_url, "escalation")
    engine = create_engine(any_database_url)
    with engine.begin() as connection:
        config = configuration("escalation")
        config.attributes["connection"] = connection
        command.downgrade(config, "escalation_0005")
        zeros = ("subject_version", "cycle", "level", "reached", "calls", "pushes")
        told = {
            "id": 7,
            "key": "job:a:1",
            "kind": "job",
            "subject_id": "a",
            "episode": 1,
            "subject": {},
            "plan": {"policy_id": 3},
            "state": "STOPPED",
            "paged": [],
            "version": 1,
            "start_time": datetime.now(UTC),
            "accept_time": datetime.now(UTC),
            **dict.fromkeys(zeros, 0),
        }
        columns = [sa.column(name, RUN.c[name].type) for name in told]
        connection.execute(insert(sa.table("escalation", *columns)).values(told))
        command.upgrade(config, "escalation_0009")

        found = connection.execute(sa.select(RUN.c.id).where(RUN.c.policy_id == 3)).scalars()

        assert list(found) == [7]
    engine.dispose()
