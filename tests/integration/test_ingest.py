"""Ingest as it runs: a process of its own, on a real database and a real NATS."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from google.api import httpbody_pb2
from google.protobuf.message import Message
from sqlalchemy import create_engine, func, select

from services.chassis import facts, tokens
from services.chassis.authentication import Authenticator
from services.chassis.bus import Stream, bus
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.facts import FactServicer
from services.chassis.migrations import migrate
from services.chassis.outbox import OUTBOX
from services.chassis.rpc import Guard
from services.chassis.tokens import service_token_hash
from services.ingest import references
from services.ingest.store import tables
from services.ingest.store.tables import EVENT
from tests.parts.nats import NatsServer, nats_server
from tests.parts.process import ServiceProcess
from tests.parts.streams import publish_as, published
from tests.parts.waiting import eventually
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.chassis.internal.v1 import fact_service_pb2_grpc
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1.escalation_events_pb2 import (
    EscalationPolicyChanged,
    ScheduleChanged,
    SupportHoursChanged,
    TeamChanged,
    TokenChanged,
)
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.schedule_pb2 import Schedule
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.token_pb2 import ApiToken, TokenRecord
from tocsin.ingest.v1 import (
    alert_source_service_pb2,
    alert_source_service_pb2_grpc,
    event_pb2,
    event_service_pb2,
    event_service_pb2_grpc,
)
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.ingest_events_pb2 import AcceptedEvent, EventsAccepted

SERVICE_TOKEN = "between-services"
HASHES = f"ingest={service_token_hash(SERVICE_TOKEN)}"
SOURCE = AlertSource(
    name="Prometheus", integration_type="API", escalation_policy=EscalationPolicy(id=1)
)


def make_token(*scopes: str) -> tuple[tokens.Token, TokenRecord]:
    token = tokens.new_token()
    described = ApiToken(id=token.id, name="test", scopes=scopes)
    return token, TokenRecord(token=described, secret_sha256=token.sha256())


class House:
    """Ingest in a process, NATS, and what stands for Escalation: an owner of facts."""

    def __init__(
        self, url: str, broker: NatsServer, owner: Database, process: ServiceProcess
    ) -> None:
        self.url = url
        self.broker = broker
        self.owner = owner
        self.process = process
        self.key_file: Path
        self.clock_file: Path
        self.another: Callable[[], ServiceProcess]  # makes a replica
        self.channel = grpc.aio.insecure_channel(
            process.address, options=[("grpc.max_reconnect_backoff_ms", 200)]
        )
        self.events = event_service_pb2_grpc.EventServiceStub(self.channel)
        self.sources = alert_source_service_pb2_grpc.AlertSourceServiceStub(self.channel)

    async def start(self) -> None:
        self.process.start()
        await self.process.ready()

    def kill(self) -> None:
        self.process.end(signal.SIGKILL)

    async def stop(self) -> None:
        await self.channel.close()
        await self.process.close()

    async def token(self, *scopes: str) -> list[tuple[str, str]]:
        """Has the owner make a token and returns the metadata that shows it."""
        token, record = make_token(*scopes)
        await self.owner.write(facts.publish, "token", token.id, record)
        return [("authorization", f"Bearer {token}")]

    async def key(self) -> str:
        """Makes a source and returns its key."""
        request = alert_source_service_pb2.CreateAlertSourceRequest(alert_source=SOURCE)
        admin = await self.token("config:write")
        return (await self.sources.CreateAlertSource(request, metadata=admin)).integration_key

    async def post(self, key: str, **fields: Any) -> event_pb2.EventReceipt:
        said = {"apiKey": key, "eventType": "ALERT", "summary": "disk full", **fields}
        body = httpbody_pb2.HttpBody(
            data=json.dumps(said).encode(), content_type="application/json"
        )
        request = event_service_pb2.PostEventRequest(body=body)
        return await self.events.PostEvent(request, timeout=10)

    def ask(self, question: Any) -> Any:
        """Asks ingest's database."""
        engine = create_engine(self.url)
        try:
            with engine.connect() as connection:
                return connection.execute(question).all()
        finally:
            engine.dispose()

    async def told(self) -> list[AcceptedEvent]:
        """Returns the events that are on ingest's stream, without repeats."""
        async with bus(self.broker.url, "test") as connected:
            messages = await published(connected, "ingest", EventsAccepted)
        return [event for message in messages for event in message.events]

    async def publish(self, service: str, message: Message, key: str) -> None:
        """Publishes as another service would."""
        async with bus(self.broker.url, "test") as connected:
            if service != "ingest":
                stream = Stream(service=service, readers=("ingest",), max_bytes=16 << 20)
                await connected.ensure_stream(stream)
            await publish_as(connected, service, message, key=key)


@asynccontextmanager
async def owner_of_facts(folder: Path) -> AsyncIterator[tuple[Database, str]]:
    url = f"sqlite:///{folder}/owner.db"
    migrate(url, "owner")  # the chassis's tables alone
    async with database(url, "owner") as db:
        await db.write(facts.publish, "policy", 1, EscalationPolicy(id=1, name="Night"))
        guard = Guard(Authenticator(db, Clock(), HASHES, None))
        server = grpc.aio.server(interceptors=[guard])
        owned = FactServicer(db, references.FOLLOWED)
        fact_service_pb2_grpc.add_FactServiceServicer_to_server(owned, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        yield db, f"127.0.0.1:{port}"
        await server.stop(0)


@asynccontextmanager
async def housing(url: str, folder: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        broker = stack.enter_context(nats_server())
        owner, address = await stack.enter_async_context(owner_of_facts(folder))
        settings = {
            "database_url": url,
            "nats_url": broker.url,
            "service_token": SERVICE_TOKEN,
            "service_token_hashes": HASHES,
            "escalation_address": address,
            "sealing_key_file": str(folder / "sealing.key"),
            "clock_offset_file": str(folder / "clock"),
        }
        process = ServiceProcess("ingest", folder, **settings)
        house = House(url, broker, owner, process)
        house.another = lambda: ServiceProcess("ingest", folder, **settings)
        house.clock_file = folder / "clock"
        house.key_file = folder / "sealing.key"
        stack.push_async_callback(house.stop)
        await house.start()
        yield house


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with housing(database_url, tmp_path) as house:
        yield house


@pytest.fixture
async def any_house(any_database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with housing(any_database_url, tmp_path) as house:
        yield house


async def test_events_that_come_together_are_written_together_and_told_in_order(
    any_house: House,
) -> None:
    key = await any_house.key()

    receipts = await asyncio.gather(*(any_house.post(key, alertKey=str(n)) for n in range(64)))

    kept = dict(any_house.ask(select(EVENT.c.event_id, EVENT.c.seq)))
    assert set(kept) == {receipt.event_id for receipt in receipts}
    counted = select(func.count()).where(OUTBOX.c.type == EventsAccepted.DESCRIPTOR.full_name)
    ((groups,),) = any_house.ask(counted)
    assert groups < 32

    async def all_told() -> None:
        told = await any_house.told()
        assert [event.seq for event in told] == sorted(kept.values())
        assert {event.event_id: event.seq for event in told} == kept

    await eventually(all_told)


async def test_what_was_answered_survives_a_kill_and_is_told(any_house: House) -> None:
    key = await any_house.key()
    answered: list[str] = []
    killed = asyncio.Event()

    async def send() -> None:
        while not killed.is_set():
            try:
                answered.append((await any_house.post(key)).event_id)
            except grpc.aio.AioRpcError:
                await killed.wait()

    senders = [asyncio.create_task(send()) for _ in range(16)]
    await eventually(lambda: len(answered) > 200)
    any_house.kill()
    killed.set()
    await asyncio.gather(*senders)
    await any_house.start()

    kept = {row.event_id for row in any_house.ask(select(EVENT.c.event_id))}
    assert set(answered) <= kept

    async def all_told() -> None:
        assert {event.event_id for event in await any_house.told()} == kept

    await eventually(all_told)


async def test_an_event_asks_for_no_token_and_ignores_one(house: House) -> None:
    key = await house.key()
    body = httpbody_pb2.HttpBody(
        data=json.dumps({"integrationKey": key, "eventType": "RESOLVE"}).encode()
    )
    request = event_service_pb2.PostEventRequest(body=body)

    receipt = await house.events.PostEvent(request, metadata=[("authorization", "Bearer no")])

    assert receipt.response_code == "ACCEPTED"
    assert not receipt.HasField("alert_key")
    assert not receipt.HasField("alert_url")


async def test_sources_are_for_those_who_may(house: House) -> None:
    make = alert_source_service_pb2.CreateAlertSourceRequest(alert_source=SOURCE)
    get = alert_source_service_pb2.GetAlertSourceRequest(id="1")

    async def code(call: Callable[..., Any], request: Message, metadata: Any) -> grpc.StatusCode:
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await call(request, metadata=metadata)
        return failure.value.code()

    reader = await house.token("config:read")
    code_of = grpc.StatusCode
    assert await code(house.sources.CreateAlertSource, make, []) is code_of.UNAUTHENTICATED
    assert await code(house.sources.CreateAlertSource, make, reader) is code_of.PERMISSION_DENIED
    suite = await house.sources.GetAlertSource(get, metadata=reader)
    assert (suite.name, suite.integration_type) == ("tocsin", "TOCSIN")
    assert suite.escalation_policy.name == "Night"


@pytest.mark.parametrize("service", ["ingest", "alertstate", "escalation", "notification"])
async def test_what_the_suite_says_about_itself_becomes_an_event(
    house: House, service: str
) -> None:
    raised = SuiteAlertRaised(
        alert_key=f"{service}:Dead-Letter", summary="it broke", details="see", service=service
    )

    await house.publish(service, raised, "suite:it:2026-03-29T01")

    async def told() -> None:
        events = await house.told()
        assert len(events) == 1
        event = events[0]
        assert (event.source_id, event.escalation_policy_id) == (1, 1)
        assert event.match_key == f"{service}:dead-letter"
        assert (event.summary, event.details) == ("it broke", "see")

    await eventually(told)

    over = SuiteAlertRaised(alert_key=raised.alert_key, service=service, over=True)
    await house.publish(service, over, "suite-over:it:1")

    async def over_too() -> None:
        event = (await house.told())[-1]
        assert (event.type, event.match_key) == (event_pb2.Event.RESOLVE, f"{service}:dead-letter")

    await eventually(over_too)


async def test_changes_of_escalations_records_are_known_without_asking(house: House) -> None:
    token, record = make_token("config:read")
    renamed = EscalationPolicy(id=1, name="Day")

    await house.publish("escalation", TokenChanged(record=record, version=1), "token:1")
    changed = EscalationPolicyChanged(escalation_policy=renamed, version=7)
    await house.publish("escalation", changed, "policy:1:7")
    await house.publish("escalation", TeamChanged(team=Team(id=4, name="SRE"), version=1), "team:4")
    hours = SupportHoursChanged(support_hours=SupportHours(id=3, name="Office"), version=1)
    await house.publish("escalation", hours, "support_hours:3")
    layers = ScheduleChanged(schedule=Schedule(id=5, name="Rota"), version=1)
    await house.publish("escalation", layers, "schedule:5")

    shown = [("authorization", str(token))]
    get = alert_source_service_pb2.GetAlertSourceRequest(id="1")

    async def known() -> None:
        try:
            suite = await house.sources.GetAlertSource(get, metadata=shown)
        except grpc.aio.AioRpcError as error:
            raise AssertionError(error.code()) from error
        assert suite.escalation_policy.name == "Day"

    await eventually(known)

    async def made() -> None:
        wanted = AlertSource(teams=[Team(id=4)], support_hours=SupportHours(id=3))
        wanted.MergeFrom(SOURCE)
        request = alert_source_service_pb2.CreateAlertSourceRequest(alert_source=wanted)
        try:
            admin = await house.token("admin")
            source = await house.sources.CreateAlertSource(request, metadata=admin)
        except grpc.aio.AioRpcError as error:
            raise AssertionError(error.details()) from error
        assert [team.name for team in source.teams] == ["SRE"]
        assert source.support_hours.name == "Office"

    await eventually(made)


async def test_a_key_is_shown_again_after_a_restart_and_not_without_its_sealing_key(
    any_house: House,
) -> None:
    key = await any_house.key()
    admin = await any_house.token("config:read", "config:write")
    get = alert_source_service_pb2.GetAlertSourceRequest(id="2")

    any_house.kill()
    await any_house.start()
    assert (await any_house.sources.GetAlertSource(get, metadata=admin)).integration_key == key

    any_house.kill()
    any_house.key_file.unlink()
    await any_house.start()
    shown = await any_house.sources.GetAlertSource(get, metadata=admin)
    assert not shown.HasField("integration_key")
    assert (await any_house.post(key)).response_code == "ACCEPTED"


async def test_a_source_stands_as_its_alerts_do(house: House) -> None:
    await house.key()
    reader = await house.token("config:read")
    get = alert_source_service_pb2.GetAlertSourceRequest(id="2")
    alert = Alert(id=7, status="PENDING", alert_source={"id": 2})

    await house.publish("alertstate", AlertChanged(alert=alert, version=1), "alert:7:1")

    async def known() -> None:
        shown = await house.sources.GetAlertSource(get, metadata=reader)
        assert shown.status == AlertSource.PENDING

    await eventually(known)


async def test_a_second_start_makes_no_second_suite_source(house: House) -> None:
    house.kill()

    await house.start()

    assert house.ask(select(tables.SOURCE.c.id)) == [(1,)]
    assert house.ask(select(func.count()).select_from(OUTBOX)) == [(1,)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_replicas_let_in_as_much_as_one_would(house: House) -> None:
    wanted = AlertSource(events_per_minute=600)
    wanted.MergeFrom(SOURCE)
    request = alert_source_service_pb2.CreateAlertSourceRequest(alert_source=wanted)
    admin = await house.token("config:write")
    key = (await house.sources.CreateAlertSource(request, metadata=admin)).integration_key
    other = house.another()
    other.start()
    await other.ready()
    clock = Clock(house.clock_file)
    house.clock_file.write_text(str(60 - clock.wall().timestamp() % 60))  # a minute begins

    event = event_pb2.Event(api_key=key, event_type=event_pb2.Event.RESOLVE)
    sent = [event_service_pb2.SubmitEventRequest(event=event)] * 50
    batch = event_service_pb2.SubmitEventsRequest(events=sent)
    alone = event_pb2.Event(api_key=key, event_type=event_pb2.Event.ALERT, summary="s")
    one = event_service_pb2.SubmitEventRequest(event=alone)

    async def flood(stub: Any) -> int:
        replies = await asyncio.gather(*(stub.SubmitEvents(batch) for _ in range(15)))
        let_in = sum(each.HasField("receipt") for reply in replies for each in reply.results)
        for _ in range(150):  # the rest of the limit is for these
            with suppress(grpc.aio.AioRpcError):
                await stub.SubmitEvent(one)
                let_in += 1
        return int(let_in)

    async with grpc.aio.insecure_channel(other.address) as channel:
        stub = event_service_pb2_grpc.EventServiceStub(channel)
        counts = await asyncio.gather(flood(house.events), flood(stub))

    assert 540 <= sum(counts) <= 660
    assert len(house.ask(select(EVENT.c.seq).where(EVENT.c.source_id != 1))) == sum(counts)

    async def told_once() -> None:
        told = [event for event in await house.told() if event.source_id == 1]
        assert len(told) == 1
        (event,) = told
        assert "sends more than 600 events a minute" in event.summary

    await eventually(told_once)
    await other.close()
