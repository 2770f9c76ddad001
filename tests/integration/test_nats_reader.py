"""What a program that follows escalations over NATS may do, and what it may not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import nats.errors
import pytest
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig

from services.chassis.bus import Outgoing, Stream, bus
from services.chassis.outbox import subject_of
from tests.parts.nats import NatsServer, nats_server
from tests.parts.waiting import eventually
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged, TokenChanged
from tocsin.escalation.v1.escalation_pb2 import Escalation

AUTHORIZATION = Path(__file__).parents[2] / "deploy" / "nats" / "authorization.conf"
STREAM = "TOCSIN_ESCALATION"
SUBJECT = "tocsin.escalation.v1.EscalationChanged"
NEXT = "$JS.API.CONSUMER.MSG.NEXT"


@asynccontextmanager
async def reading(server: NatsServer, faults: list[str]) -> AsyncIterator[Client]:
    async def note(error: Exception) -> None:
        faults.append(str(error))

    url = f"nats://reader:theirs@127.0.0.1:{server.port}"
    client = await nats.connect(url, error_cb=note)
    try:
        yield client
    finally:
        await client.close()


async def test_a_program_follows_escalations_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TOCSIN_NATS_PASSWORD", "own")
    monkeypatch.setenv("TOCSIN_NATS_READER_PASSWORD", "theirs")
    faults: list[str] = []
    with nats_server(AUTHORIZATION.read_text()) as server:
        url = f"nats://tocsin:own@127.0.0.1:{server.port}"
        async with bus(url, "escalation") as own, reading(server, faults) as client:
            stream = Stream(service="escalation", readers=(), max_bytes=4 * 1024 * 1024)
            await own.ensure_stream(stream)
            config = ConsumerConfig(durable_name="notification", ack_policy=AckPolicy.EXPLICIT)
            await own.js.add_consumer(STREAM, config)
            run = EscalationChanged(escalation=Escalation(id=7), cause=EscalationChanged.BEGUN)
            assert subject_of("escalation", run) == SUBJECT
            for message in (TokenChanged(), run):
                subject = subject_of("escalation", message)
                await own.publish(Outgoing(subject, subject, message.SerializeToString()))

            subscription = await client.jetstream().pull_subscribe(SUBJECT, "reader", STREAM)
            (told,) = await subscription.fetch(1, timeout=10)
            await told.ack()

            assert EscalationChanged.FromString(told.data) == run
            assert faults == []
            await _refused(client, faults, f"$JS.API.STREAM.PURGE.{STREAM}")
            await _refused(client, faults, f"{NEXT}.{STREAM}.notification")
            await _refused(client, faults, f"$JS.API.CONSUMER.CREATE.{STREAM}")
            await _refused(client, faults, SUBJECT)
            await client.subscribe("tocsin.escalation.v1.TokenChanged")
            await eventually(lambda: len(faults) == 5)


async def _refused(client: Client, faults: list[str], subject: str) -> None:
    before = len(faults)
    with pytest.raises((nats.errors.Error, asyncio.TimeoutError)):
        await client.request(subject, b"{}", timeout=0.5)
    await eventually(lambda: len(faults) == before + 1)
    assert "permissions violation" in faults[-1].lower()
