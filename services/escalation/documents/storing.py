"""What is stored, as far as the caller sees it."""

import hashlib
from datetime import UTC, datetime

from sqlalchemy import Connection

from services.chassis.paging import Page
from services.chassis.principal import caller
from services.chassis.teams import in_every_team, may_name
from services.escalation.documents.records import Records
from services.escalation.store import policies, schedules, support_hours, teams, users, webhooks

ALL = Page(offset=0, limit=2**31 - 1)
EVER = datetime(1970, 1, 1, tzinfo=UTC)


def load(connection: Connection) -> Records:
    """Returns all records that the caller sees, oldest first."""
    reader = caller()
    plans = schedules.oldest(connection, ALL, None, reader)
    overrides = schedules.overrides(connection, (each.id for each in plans), EVER)
    groups = teams.oldest(
        connection,
        ALL,
        seen_by=None if in_every_team(reader) else reader.teams,
        only=reader.teams if reader.team else None,
    )
    return Records(
        users={each.id: each for each in users.oldest(connection, ALL)},
        teams={each.id: each for each in groups},
        schedules={each.id: each for each in plans},
        overrides={id_: tuple(found) for id_, found in overrides.items()},
        support_hours={
            each.id: each for each in support_hours.oldest(connection, ALL, None, reader)
        },
        policies={each.id: each for each in policies.oldest(connection, ALL, None, reader)},
        webhooks={
            each.id: each.name
            for each in webhooks.every(connection)
            if may_name(reader, [team.id for team in each.teams])
        },
    )


def digest(records: Records) -> str:
    """Returns a sum that no other records have."""
    return hashlib.sha256(repr(records).encode()).hexdigest()
