"""What callers are told of what carries messages to people."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest

from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.notification.domain.breaker import Circuit
from services.notification.domain.values import Kind, Notification, Retry, State
from services.notification.lanes import Lanes
from services.notification.provider_servicer import ProviderServicer
from services.notification.store import attempts, queue
from services.notification.store.queue import Place
from tests.contract.blocking import Calls
from tocsin.notification.v1 import provider_service_pb2 as pb
from tocsin.notification.v1.provider_pb2 import Provider

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
SENDING = Notification(
    id=7,
    key="alert:7:1:0:1:3:9",
    kind=Kind.PAGE,
    escalation_key="alert:7:1",
    cycle=0,
    level=1,
    user_id=3,
    method="WEBHOOK",
    target="https://example.com",
    headline="disk full",
    subject_kind="alert",
    subject_id="7",
    state=State.SENDING,
    at=NOW,
    expires_at=NOW + timedelta(hours=4),
)


class Still(Clock):
    """Shows the same moment for ever."""

    def now(self, connection: object) -> datetime:
        return NOW


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path}/notification.db"
    migrate(url, "notification")
    async with database(url, "notification") as opened:
        yield opened


@pytest.fixture
def lanes() -> Lanes:
    return Lanes(total=100, each=10, limit=1)


@pytest.fixture
async def providers(db: Database, lanes: Lanes) -> Calls:
    service = pb.DESCRIPTOR.services_by_name["ProviderService"]
    configured = {"terminal": True, "smtp": False}
    return Calls(service, ProviderServicer(db, Still(), lanes, configured))


async def listed(providers: Calls) -> dict[str, Provider]:
    told = await providers("ListProviders", pb.ListProvidersRequest())
    assert told.code is grpc.StatusCode.OK
    return {each.name: each for each in told.reply.providers}


async def tried(db: Database, told: Notification, at: datetime) -> None:
    await db.write(attempts.begin_all, [told], at)
    await db.write(attempts.end, told, at)


def test_every_circuit_has_its_name_on_the_wire() -> None:
    assert {"CIRCUIT_UNSPECIFIED", *Circuit.__members__} == set(Provider.Circuit.keys())


async def test_what_is_configured_is_listed_unused(providers: Calls) -> None:
    found = await listed(providers)

    assert found == {
        "smtp": Provider(name="smtp", configured=False, circuit=Provider.CLOSED),
        "terminal": Provider(name="terminal", configured=True, circuit=Provider.CLOSED),
    }


async def test_a_provider_tells_how_it_stands(db: Database, lanes: Lanes, providers: Calls) -> None:
    name = "webhook:https://example.com"
    for number, state, reason in (
        (1, State.SENT, ""),
        (2, State.RETRY, "HTTP 500"),
        (3, State.FAILED, "HTTP 404"),
        (4, State.SUPPRESSED, "not needed"),
    ):
        each = replace(SENDING, provider=name, attempt=number, state=state, error=reason)
        await tried(db, each, NOW + timedelta(seconds=number))
    since = NOW - timedelta(seconds=9)
    await db.write(queue.put_all, [Place(1, name, 1, NOW), Place(2, name, 1, since)])
    lanes.enter(name)
    lanes.hear(name, Retry("HTTP 500"), NOW)
    lanes.hear("smtp", Retry("HTTP 500"), NOW - timedelta(hours=1))

    found = await listed(providers)

    told = found[name]
    assert (told.configured, told.circuit) == (True, Provider.OPEN)
    assert timedelta(0) < told.retry_time.ToDatetime(UTC) - NOW < timedelta(seconds=16)
    assert told.last_success_time.ToDatetime(UTC) == NOW + timedelta(seconds=1)
    assert told.last_failure_time.ToDatetime(UTC) == NOW + timedelta(seconds=3)
    assert told.last_failure_reason == "HTTP 404"
    assert (told.queue_depth, told.under_way) == (2, 1)
    assert told.oldest_time.ToDatetime(UTC) == since
    assert found["smtp"].circuit == Provider.HALF_OPEN
    assert not found["smtp"].HasField("retry_time")
