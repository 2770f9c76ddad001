"""Escalation's copies of alert sources: whole from the start, also of what no event told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import grpc.aio
import pytest

from services.chassis.database import Database, database
from services.chassis.facts import publish
from services.chassis.migrations import migrate
from tests.integration.escalation_house import House, escalation
from tests.parts.facts import serving_facts
from tests.parts.ports import free_port
from tests.parts.process import ServiceProcess
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.policy_service_pb2 import DeleteEscalationPolicyRequest
from tocsin.escalation.v1.policy_service_pb2_grpc import PolicyServiceStub
from tocsin.ingest.v1.alert_source_pb2 import AlertSource


@pytest.fixture
async def sources(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path}/ingest.db"
    migrate(url, "ingest")
    async with database(url, "ingest") as db:
        yield db


@pytest.fixture
async def house(database_url: str, nats_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(database_url, nats_url, tmp_path) as opened:
        yield opened


async def delete(house: House, policy_id: int) -> str:
    """Deletes a policy, and returns why that was refused."""
    request = DeleteEscalationPolicyRequest(id=policy_id)
    try:
        await house.stub(PolicyServiceStub).DeleteEscalationPolicy(request, metadata=house.me)
    except grpc.aio.AioRpcError as refused:
        return refused.details() or ""
    return ""


async def test_what_a_source_uses_stays_though_no_event_told_of_it(
    house: House, sources: Database
) -> None:
    await house.open()  # an older version, which followed nobody, or one without an Ingest
    ada = await house.person("Ada")
    used, unused = await house.policy((ada, 60)), await house.policy((ada, 60))
    source = AlertSource(id=3, name="checks", escalation_policy=EscalationPolicy(id=used))
    await sources.write(publish, "source", 3, source)
    await house.replicas[-1].close()

    port = free_port()
    upgraded = ServiceProcess(
        "escalation",
        house.folder,
        database_url=house.database_url,
        nats_url=house.nats_url,
        ingest_address=f"127.0.0.1:{port}",
    )
    house.replicas.append(upgraded)
    upgraded.start()
    waiting = asyncio.create_task(upgraded.ready())
    async with serving_facts(sources, "source", port=port):
        await waiting
        house.channels.append(grpc.aio.insecure_channel(upgraded.address))

        refused = f"escalation policy {used} is in use by alert source 3 (checks)"
        assert await delete(house, used) == refused
        assert await delete(house, unused) == ""
    assert await delete(house, used) == refused  # Ingest may be away later
