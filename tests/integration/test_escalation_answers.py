"""Answers from a message about other programs' subjects, on their runs."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import Connection, select

from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.errors import InvalidRequest, Unavailable
from services.chassis.migrations import migrate
from services.chassis.outbox import OUTBOX
from services.chassis.tables import AuditRow
from services.escalation import answers, running
from services.escalation.domain.policies import Level, Plan
from services.escalation.domain.runs import Run, State, Subject
from services.escalation.domain.users import Role, User
from services.escalation.store import runs, users
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged, PageRequested
from tocsin.notification.v1.notification_events_pb2 import AnswerGiven

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
ADA = Actor(kind=Actor.MESSAGE_LINK, id="12", user_id=1, name="Ada Lovelace")
ACCEPT, RESOLVE, ESCALATE = AnswerGiven.ACCEPT, AnswerGiven.RESOLVE, AnswerGiven.ESCALATE
LEVELS = (Level((1,), timedelta(minutes=5)), Level((2,), timedelta(minutes=5)))
JOB = Subject(kind="job", id="backup", episode=1, title="backup is late")


@pytest.fixture
async def db(any_database_url: str) -> AsyncIterator[Database]:
    migrate(any_database_url, "escalation")
    async with database(any_database_url, "escalation") as opened:
        await opened.write(_people)
        yield opened


def _people(connection: Connection) -> None:
    for number, name in ((1, "Ada"), (2, "Bob")):
        person = User(
            id=number,
            first_name=name,
            last_name="L",
            email=f"{name}@example.com",
            timezone="UTC",
            role=Role.USER,
            created_at=NOON,
            updated_at=NOON,
        )
        users.add(connection, person)


async def begin(db: Database, subject: Subject = JOB) -> Run:
    def write(connection: Connection) -> Run:
        now = Clock().now(connection)
        plan = Plan(policy_id=9, levels=LEVELS)
        run = running.begin(connection, now, subject, plan, running.TOCSIN)
        return running.push(connection, now, run.id, 0, running.TOCSIN)

    return await db.write(write)


async def answer(db: Database, verb: Any, **more: Any) -> None:
    values: dict[str, Any] = {
        "subject_kind": "job",
        "subject_id": "backup",
        "episode": 1,
        "escalation_key": "job:backup:1",
        "actor": ADA,
        "answer_time": NOON,
        "id": 5,
    }
    payload = AnswerGiven(verb=verb, **values | more).SerializeToString()
    (react,) = answers.REACTIONS.values()
    await db.write(lambda c: react(c, Clock().now(c), payload))


async def told(db: Database, message: Any) -> list[Any]:
    def read(connection: Connection) -> list[Any]:
        wanted = select(OUTBOX.c.payload).where(OUTBOX.c.type == message.DESCRIPTOR.full_name)
        rows = connection.execute(wanted.order_by(OUTBOX.c.id)).scalars()
        return [message.FromString(payload) for payload in rows]

    return await db.read(read)


async def state(db: Database, run: Run) -> State:
    return (await db.read(runs.get, run.id)).state


@pytest.mark.parametrize(
    ("verb", "ended", "action"),
    [
        (ACCEPT, State.ACKNOWLEDGED, "escalation.acknowledge"),
        (RESOLVE, State.STOPPED, "escalation.stop"),
    ],
)
async def test_an_answer_ends_the_run_once(
    db: Database, verb: Any, ended: State, action: str
) -> None:
    run = await begin(db)

    await answer(db, verb)
    await answer(db, verb)

    assert await state(db, run) is ended
    *_, changed = await told(db, EscalationChanged)
    assert (changed.cause, changed.actor) == (EscalationChanged.ENDED, ADA)
    assert changed.escalation.ended_by == ADA
    assert changed.subject_end_time.ToDatetime(UTC) == NOON
    (noted,) = await db.read(lambda c: [*c.execute(select(AuditRow.__table__))])
    assert (noted.actor_kind, noted.action, noted.target) == (
        "MESSAGE_LINK",
        action,
        f"escalation:{run.id}",
    )


async def test_the_next_level_is_paged_at_once(db: Database) -> None:
    await begin(db)

    await answer(db, ESCALATE)

    pages = await told(db, PageRequested)
    assert [(page.level, [*page.user_ids]) for page in pages] == [(1, [1]), (2, [2])]
    await answer(db, ESCALATE, id=6)  # there is none after it
    assert len(await told(db, PageRequested)) == 2


async def test_any_order_ends_it(db: Database) -> None:
    for number, order in enumerate(permutations((ACCEPT, RESOLVE, ESCALATE))):
        run = await begin(db, Subject(kind="job", id=f"b{number}", episode=1, title="late"))
        for verb in order:
            await answer(db, verb, subject_id=f"b{number}")

        assert await state(db, run) is State.STOPPED, order


async def test_an_older_run_does_not_answer_for_a_newer(db: Database) -> None:
    old = await begin(db)
    newer = await begin(db, Subject(kind="job", id="backup", episode=2, title="late again"))

    await answer(db, ACCEPT)

    assert (await state(db, old), await state(db, newer)) == (State.ACKNOWLEDGED, State.RUNNING)


async def test_what_is_not_here_is_waited_for_and_alerts_are_anothers(db: Database) -> None:
    with pytest.raises(Unavailable, match="no escalation job:backup:1 yet"):
        await answer(db, ACCEPT)
    with pytest.raises(InvalidRequest, match="answer 5"):
        await answer(db, 99)
    await answer(db, ACCEPT, subject_kind="alert")

    assert await told(db, EscalationChanged) == []
