"""Two processes take the steps of one database, people accept meanwhile, and one is killed.

Hundreds of runs in real time: what each was told is read back from the outbox and the stream.
"""

import asyncio
import random
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from itertools import pairwise
from pathlib import Path

import grpc
import pytest
from sqlalchemy import Engine, create_engine, func, select, text

from services.chassis.outbox import OUTBOX
from services.escalation.store.runs import RUN
from tests.integration.escalation_house import House, alert_changed, escalation
from tests.parts.waiting import eventually
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.escalation.v1 import escalation_service_pb2 as pb
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged, PageRequested
from tocsin.escalation.v1.escalation_pb2 import Escalation
from tocsin.escalation.v1.escalation_service_pb2_grpc import EscalationServiceStub

DEPLOYS = ALERTS = 120
RUNS = DEPLOYS + ALERTS
#: One subject in so many is accepted, at any moment while it is paged about.
ACCEPTED_PART = 2
LEVELS, ROUNDS = 3, 2
WAIT = timedelta(seconds=1)
ALL = [(cycle, level) for cycle in range(ROUNDS) for level in range(1, LEVELS + 1)]
KILL_AFTER_SECONDS = 2.5
END_SECONDS = 45.0


@dataclass
class Told:
    """What the world was told of one run."""

    pages: list[PageRequested] = field(default_factory=list)
    changes: list[EscalationChanged] = field(default_factory=list)

    @property
    def ends(self) -> list[EscalationChanged]:
        """Two if it was accepted when everybody had been waited for."""
        return [each for each in self.changes if each.cause == EscalationChanged.ENDED]

    @property
    def exhausted(self) -> bool:
        return any(each.escalation.state == Escalation.EXHAUSTED for each in self.ends)


@pytest.fixture
async def house(postgres: Callable[[], str], nats_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(postgres(), nats_url, tmp_path) as opened:
        await opened.hears_of_alerts()
        await opened.open()
        await opened.open()
        yield opened


@pytest.fixture
def engine(house: House) -> Iterator[Engine]:
    opened = create_engine(house.database_url)
    yield opened
    opened.dispose()


async def test_every_level_is_paged_once_and_none_after_an_accept(
    house: House, engine: Engine
) -> None:
    ada, bob = await house.person("Ada"), await house.person("Bob")
    wait = WAIT // timedelta(seconds=1)
    policy_id = await house.policy((ada, wait), (bob, wait), (ada, wait), repeating=True)

    async with asyncio.TaskGroup() as all_at_once:
        all_at_once.create_task(_die_and_come_back(house))
        for number in range(DEPLOYS):
            all_at_once.create_task(_deploy(house, policy_id, number))
        for number in range(1, ALERTS + 1):
            all_at_once.create_task(_alert(house, policy_id, number))
    await eventually(lambda: _all_ended(engine), within=END_SECONDS)
    await eventually(lambda: _nothing_waits(engine), within=END_SECONDS)

    told = _told(engine)
    for each in told.values():
        _check(each)
    assert sum(each.exhausted for each in told.values()) >= RUNS - RUNS // ACCEPTED_PART
    assert any(0 < len(each.pages) < len(ALL) for each in told.values())
    assert all("escalations paged" in replica.log() for replica in house.replicas)
    assert not any("failed" in replica.log() for replica in house.replicas)
    stream = (await house.bus.js.stream_info("TOCSIN_ESCALATION")).state
    with engine.connect() as connection:
        assert stream.messages == connection.execute(select(func.count(OUTBOX.c.id))).scalar_one()
        deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        assert connection.execute(text(deadlocks)).scalar_one() == 0


def _check(told: Told) -> None:
    """Checks what one run told: each level once, in order, not early, and none after its end.

    Versions tell the order of the commits; whoever accepts may have read the clock before.
    """
    pages = sorted(told.pages, key=lambda page: (page.cycle, page.level))
    assert [(page.cycle, page.level) for page in pages] == ALL[: len(pages)]
    times = [page.request_time.ToDatetime(UTC) for page in pages]
    assert all(later - before >= WAIT for before, later in pairwise(times))
    changes = sorted(told.changes, key=lambda change: change.escalation.version)
    assert [c.escalation.version for c in changes] == list(range(1, len(changes) + 1))
    assert changes[-len(told.ends) :] == told.ends
    steps = [c for c in changes if c.cause == EscalationChanged.STEPPED]
    assert len(steps) == len(pages)
    if told.exhausted:
        assert len(pages) == len(ALL)


async def _deploy(house: House, policy_id: int, number: int) -> None:
    run = await house.start(policy_id, str(number))
    if moment := _moment_of_accept(number):
        await asyncio.sleep(moment)
        request = pb.AcknowledgeEscalationRequest(id=run.id)
        for channel in random.Random(number).sample(house.channels, 2):
            with suppress(grpc.aio.AioRpcError):  # that one is dead, or it was too late
                await EscalationServiceStub(channel).AcknowledgeEscalation(
                    request, metadata=house.me
                )


async def _alert(house: House, policy_id: int, number: int) -> None:
    await house.alert(alert_changed(1, Alert.PENDING, policy_id, alert_id=number))
    if moment := _moment_of_accept(number):
        await asyncio.sleep(moment)
        await house.alert(alert_changed(2, Alert.ACCEPTED, policy_id, alert_id=number))


def _moment_of_accept(number: int) -> float:
    """Returns after how many seconds a subject is accepted; 0 if never."""
    if number % ACCEPTED_PART:
        return 0.0
    return random.Random(number).uniform(0.01, len(ALL) * WAIT.total_seconds())


async def _die_and_come_back(house: House) -> None:
    replica = house.replicas[0]
    await asyncio.sleep(KILL_AFTER_SECONDS)
    await asyncio.to_thread(replica.end, signal.SIGKILL)
    replica.start()
    await replica.ready()


def _all_ended(engine: Engine) -> None:
    with engine.connect() as connection:
        known, ended = connection.execute(select(func.count(), func.count(RUN.c.end_time))).one()
    assert (known, ended) == (RUNS, RUNS)


def _told(engine: Engine) -> dict[str, Told]:
    """Returns what was told by run; none of one that was accepted before it was heard of."""
    told: dict[str, Told] = defaultdict(Told)
    with engine.connect() as connection:
        for row in connection.execute(select(OUTBOX.c.type, OUTBOX.c.payload)):
            if row.type == PageRequested.DESCRIPTOR.full_name:
                page = PageRequested.FromString(row.payload)
                told[page.escalation_key].pages.append(page)
            elif row.type == EscalationChanged.DESCRIPTOR.full_name:
                change = EscalationChanged.FromString(row.payload)
                told[change.escalation.key].changes.append(change)
    return told


def _nothing_waits(engine: Engine) -> None:
    with engine.connect() as connection:
        waiting = select(func.count(OUTBOX.c.id)).where(~OUTBOX.c.published)
        assert connection.execute(waiting).scalar_one() == 0
