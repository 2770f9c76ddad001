"""Escalation's copies of webhooks: asked for when they are needed, and never waited for."""

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
from tests.parts.waiting import eventually
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, EscalationRule, WebhookReference
from tocsin.escalation.v1.policy_service_pb2 import CreateEscalationPolicyRequest
from tocsin.escalation.v1.policy_service_pb2_grpc import PolicyServiceStub
from tocsin.notification.v1.webhook_pb2 import Webhook


@pytest.fixture
async def webhooks(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path}/notification.db"
    migrate(url, "notification")
    async with database(url, "notification") as db:
        yield db


@pytest.fixture
async def house(database_url: str, nats_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(database_url, nats_url, tmp_path) as opened:
        yield opened


async def create(house: House, webhook_id: int) -> str:
    """Makes a policy that calls a webhook; returns how that is shown, or why it was refused."""
    rule = EscalationRule(webhooks=[WebhookReference(id=webhook_id)], escalation_timeout=5)
    policy = EscalationPolicy(name="Night", escalation_rules=[rule])
    request = CreateEscalationPolicyRequest(escalation_policy=policy)
    stub = house.stub(PolicyServiceStub)
    try:
        made = await stub.CreateEscalationPolicy(request, metadata=house.me)
    except grpc.aio.AioRpcError as refused:
        return f"{refused.code().name}: {refused.details()}"
    return made.escalation_rules[0].webhooks[0].name or ""


async def test_escalation_starts_before_notification_and_asks_it_later(
    house: House, webhooks: Database
) -> None:
    await house.open()
    await house.replicas[-1].close()
    port = free_port()
    alone = ServiceProcess(
        "escalation",
        house.folder,
        database_url=house.database_url,
        nats_url=house.nats_url,
        notification_address=f"127.0.0.1:{port}",
    )
    house.replicas.append(alone)
    alone.start()
    await alone.ready()
    house.channels.append(grpc.aio.insecure_channel(alone.address))
    assert (await create(house, 7)).startswith("UNAVAILABLE")

    await webhooks.write(publish, "webhook", 7, Webhook(id=7, name="bot"))

    async def is_known() -> bool:
        return await create(house, 7) == "bot"

    async with serving_facts(webhooks, "webhook", port=port):
        await eventually(is_known, within=30)
    assert await create(house, 7) == "bot"  # Notification may be away later
