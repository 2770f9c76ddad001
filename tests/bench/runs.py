"""Databases with very many runs on their way, loaded in bulk, the same ones each time.

Some are due at once, and again after every wait; all others in the next years, with steps
of their own pending. They follow policies that name people, schedules and teams.
"""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from services.calendar.schedules import Kind, Layer, Schedule
from services.chassis.bulk import insert_all
from services.chassis.timers import TIMER
from services.escalation import plans, running
from services.escalation.domain.policies import Level, Policy
from services.escalation.domain.runs import ALERT, Link, Subject
from services.escalation.domain.teams import Member, Team, TeamRole, Visibility
from services.escalation.domain.users import User
from services.escalation.store import policies, schedules, teams, users
from services.escalation.store.runs import RUN
from tests.parts.people import person

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
YEARS = timedelta(days=3 * 365)
#: How long each level is waited for.
WAIT = timedelta(minutes=5)
USERS, POLICIES, FIRST_POLICY = 30, 20, 2
PART = 10_000
DETAILS = "The volume fills by 2 GiB an hour, and 91 % of it is in use. " * 3


def load(connection: Connection, count: int, due: int, now: datetime) -> None:
    """Fills an empty database with runs, of which so many are due now."""
    _load_people(connection)
    samples = [_sample(connection, now, policy_id) for policy_id in _policies()]
    rows = _rows(samples, count, due, now)
    while part := list(itertools.islice(rows, PART)):
        insert_all(connection, RUN, part)
        timers = [
            {"kind": running.TIMER, "key": str(row["id"]), "due_at": row["due"]} for row in part
        ]
        insert_all(connection, TIMER, timers)


def _load_people(connection: Connection) -> None:
    for number in range(1, USERS + 1):
        users.add(connection, _user(number))
    layers = [
        Layer(
            name=f"layer {number}",
            starts_on="2026-01-05T09:00:00",
            users=tuple(range(number, USERS + 1, 5)),
            rotation="P7D",
        )
        for number in range(1, 6)
    ]
    schedules.add(
        connection,
        Schedule(id=1, name="week", timezone="UTC", kind=Kind.RECURRING, layers=tuple(layers)),
    )
    members = tuple(Member(number, TeamRole.USER) for number in (1, 2, 3))
    teams.add(
        connection,
        Team(
            id=1,
            name="operations",
            visibility=Visibility.PUBLIC,
            members=members,
            created_at=BEGIN,
            updated_at=BEGIN,
        ),
    )
    for policy_id in _policies():
        levels = (
            Level((), WAIT, schedules=(1,)),
            Level((policy_id, policy_id + 1), WAIT),
            Level((), WAIT, teams=(1,)),
        )
        told = Policy(
            id=policy_id, name=f"policy {policy_id}", levels=levels, repeating=True, frequency=9
        )
        policies.add(connection, told)


def _policies() -> range:
    return range(FIRST_POLICY, FIRST_POLICY + POLICIES)


def _user(number: int) -> User:
    return person(number, BEGIN, name=f"person-{number}")


def _sample(connection: Connection, now: datetime, policy_id: int) -> dict[str, Any]:
    """Returns a run's row as the service itself writes it, and leaves nothing behind."""
    subject = Subject(
        kind=ALERT,
        id="sample",
        title="Disk of host-17 is nearly full: 91 % of /var/lib",
        details=DETAILS,
        links=(Link("https://grafana.example.com/d/disk", "graph"),),
    )
    with connection.begin_nested() as savepoint:
        plan = plans.plan_of(connection, policy_id)
        run = running.begin(connection, now, subject, plan, running.TOCSIN)
        row = connection.execute(select(RUN).where(RUN.c.id == run.id)).one()
        savepoint.rollback()
    return dict(row._mapping)


def _rows(
    samples: list[dict[str, Any]], count: int, due: int, now: datetime
) -> Iterator[dict[str, Any]]:
    for id_ in range(1, count + 1):
        # Those that are due lie among all others, and others come in any order.
        is_due = id_ * due // count > (id_ - 1) * due // count
        later = now + timedelta(days=1) + YEARS * (id_ * 7919 % count / count)
        yield {
            **samples[id_ % len(samples)],
            "id": id_,
            "key": f"{ALERT}:{id_}:1",
            "subject_id": str(id_),
            "due": now if is_due else later,
        }
