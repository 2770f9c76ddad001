"""AlertState as a process: events come through NATS, callers through gRPC with the guard."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf.message import Message
from sqlalchemy import Connection, event, select, text

from services.alertstate import intake
from services.alertstate.app import NAME, READERS
from services.alertstate.domain.alerts import Status
from services.alertstate.store import keys, lists
from services.alertstate.store.lists import Wanted
from services.alertstate.store.tables import KEY_STATE, OUTCOME
from services.chassis import facts, tokens
from services.chassis.bus import MAX_PUBLISHED_BYTES, Bus, Stream, bus
from services.chassis.database import Database, database
from services.chassis.dead_letters import DEAD_LETTER
from services.chassis.migrations import migrate
from services.chassis.paging import Page
from services.chassis.tokens import service_token_hash
from tests.contract.blocking import ADA
from tests.parts.facts import serving_facts
from tests.parts.process import ServiceProcess
from tests.parts.streams import forget, publish_as, published
from tests.parts.waiting import eventually
from tocsin.alertstate.v1 import alert_service_pb2 as pb
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert, LogEntry, Responder
from tocsin.alertstate.v1.alert_service_pb2_grpc import AlertServiceStub
from tocsin.chassis.internal.v1 import subject_service_pb2 as subject_pb
from tocsin.chassis.internal.v1.subject_service_pb2_grpc import SubjectServiceStub
from tocsin.escalation.v1 import escalation_events_pb2 as escalation_events
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.token_pb2 import ApiToken, TokenRecord
from tocsin.escalation.v1.user_pb2 import User
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.event_pb2 import Event
from tocsin.ingest.v1.ingest_events_pb2 import (
    AcceptedEvent,
    AlertSourceChanged,
    EventsAccepted,
)
from tocsin.notification.v1.contact_pb2 import Contact
from tocsin.notification.v1.notification_events_pb2 import NotificationChanged
from tocsin.notification.v1.notification_pb2 import Notification

SERVICE_TOKEN = "between-services"
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
PUBLISHERS = {"ingest": (NAME,), "escalation": (NAME,), "notification": (NAME,)}
Standing = subject_pb.CheckSubjectsResponse


@dataclass
class House:
    """A running AlertState, and what stands around it."""

    bus: Bus
    channel: grpc.aio.Channel
    alerts: AlertServiceStub
    tokens: dict[str, str]
    database_url: str
    sent: dict[str, int] = field(default_factory=dict)

    def by(self, name: str) -> dict[str, Any]:
        """Returns how a caller makes themselves known."""
        return {"metadata": (("authorization", f"Bearer {self.tokens[name]}"),), "timeout": 5}

    async def publish(self, service: str, *messages: Message) -> None:
        for message in messages:
            number = self.sent[service] = self.sent.get(service, 0) + 1
            assert message.ByteSize() <= MAX_PUBLISHED_BYTES
            await publish_as(self.bus, service, message, key=str(number))

    async def take(self, *events: AcceptedEvent) -> None:
        await self.publish("ingest", EventsAccepted(events=events))

    async def count(self, *states: Alert.Status) -> int:
        request = pb.CountAlertsRequest(states=states)
        return (await self.alerts.CountAlerts(request, **self.by("ada"))).count

    async def log(self, alert_id: int) -> list[LogEntry]:
        request = pb.ListLogEntriesRequest(id=alert_id)
        return list((await self.alerts.ListLogEntries(request, **self.by("ada"))).log_entries)

    async def get(self, alert_id: int) -> Alert:
        return await self.alerts.GetAlert(pb.GetAlertRequest(id=alert_id), **self.by("ada"))

    async def changes(self) -> list[AlertChanged]:
        """Returns what AlertState has published so far."""
        return await published(self.bus, NAME, AlertChanged)


@pytest.fixture
async def house(any_database_url: str, nats_url: str, tmp_path: Path) -> AsyncIterator[House]:
    names = {"ada": tokens.new_token(), "reader": tokens.new_token()}
    async with AsyncExitStack() as stack:
        connected = await stack.enter_async_context(_streams(nats_url))
        owner = await stack.enter_async_context(_owner(tmp_path, names))
        process = ServiceProcess(
            NAME,
            tmp_path,
            database_url=any_database_url,
            nats_url=nats_url,
            ingest_address=owner,
            escalation_address=owner,
            service_token=SERVICE_TOKEN,
            service_token_hashes=f"notification={service_token_hash(SERVICE_TOKEN)}",
            stream_readers=",".join(READERS),
        )
        stack.push_async_callback(process.close)
        process.start()
        await process.ready()
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(process.address))
        known = {name: str(token) for name, token in names.items()}
        yield House(connected, channel, AlertServiceStub(channel), known, any_database_url)


async def test_events_become_alerts_that_a_person_takes(house: House) -> None:
    await house.take(accepted(1), accepted(2), accepted(3, key="other", source=77))
    await eventually(lambda: _holds(house, 2))

    alert = await house.get(1)
    assert (alert.status, alert.event_count) == (Alert.PENDING, 2)
    assert alert.alert_source == AlertSource(
        id=3, name="Grafana", integration_type="API", status=AlertSource.PENDING
    )
    assert alert.escalation_policy == EscalationPolicy(id=4, name="on-call", delay_min=1)

    taken = await house.alerts.AcceptAlert(pb.AcceptAlertRequest(id=1), **house.by("ada"))
    assert [each.user.first_name for each in taken.responders] == ["Ada"]

    await house.take(accepted(4, Event.RESOLVE))
    await eventually(lambda: _holds(house, 1, Alert.RESOLVED))
    entries = await house.log(1)
    assert [each.log_entry_type for each in entries] == [
        "AlertReceivedLogEntry",
        "AlertReceivedLogEntry",
        "UserResponseLogEntry",
        "AlertSourceResponseLogEntry",
    ]
    assert entries[2].text == "Ada Lovelace accepted the alert"

    async def told() -> None:
        changes = [each for each in await house.changes() if each.alert.id == 1]
        assert [(each.version, each.cause) for each in changes] == [
            (1, AlertChanged.RAISED),
            (2, AlertChanged.ACCEPTED),
            (3, AlertChanged.RESOLVED),
        ]

    await eventually(told)


async def test_events_out_of_order_and_again_come_to_the_same(house: House) -> None:
    events = [
        accepted(1, key="a"),
        accepted(2, Event.RESOLVE, key="a"),
        accepted(3, key="b"),
        accepted(4, Event.ACCEPT, key="b"),
        accepted(5, key="c"),
    ]
    for each in reversed(events):
        await house.take(each)
    await house.take(*events)
    await house.take(accepted(6, key="last"))
    await eventually(lambda: _holds(house, 1, Alert.ACCEPTED))
    await eventually(lambda: _holds(house, 2, Alert.PENDING))

    assert await house.count() == 3
    assert len(await _rows(house, OUTCOME)) == 6


async def test_the_guard_asks_for_a_token_with_the_scope(house: House) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as nobody:
        await house.alerts.GetAlert(pb.GetAlertRequest(id=1), timeout=5)
    assert nobody.value.code() is grpc.StatusCode.UNAUTHENTICATED

    with pytest.raises(grpc.aio.AioRpcError) as reader:
        await house.alerts.AcceptAlert(pb.AcceptAlertRequest(id=1), **house.by("reader"))
    assert reader.value.code() is grpc.StatusCode.PERMISSION_DENIED

    subjects = SubjectServiceStub(house.channel)
    asked = subject_pb.CheckSubjectsRequest(
        subjects=[subject_pb.CheckSubjectsRequest.Subject(kind="alert", id="9", episode=1)]
    )
    with pytest.raises(grpc.aio.AioRpcError):
        await subjects.CheckSubjects(asked, **house.by("ada"))
    introduced = (("authorization", f"Bearer {SERVICE_TOKEN}"),)
    answer = await subjects.CheckSubjects(asked, metadata=introduced, timeout=5)
    assert list(answer.states) == [Standing.STATE_UNSPECIFIED]


async def test_the_alert_shows_how_its_escalation_goes(house: House) -> None:
    await house.take(accepted(1))
    await eventually(lambda: _holds(house, 1))

    await house.publish(
        "escalation",
        run(3, level=2, paged=[1, 2], next_step=LATER),
        run(2, level=1, paged=[1], next_step=NOON),  # an older one comes later
    )

    async def shown() -> None:
        alert = await house.get(1)
        assert alert.next_escalation.ToDatetime(UTC) == LATER
        assert [(each.user.id, each.status) for each in alert.responders] == [
            (1, Responder.PENDING),
            (2, Responder.PENDING),
        ]

    await eventually(shown)
    taken = await house.alerts.AcceptAlert(pb.AcceptAlertRequest(id=1), **house.by("ada"))
    assert not taken.HasField("next_escalation")

    await house.publish("escalation", run(4, level=3, paged=[1, 2, 3], next_step=LATER))
    await house.publish("notification", told(1, Notification.SUCCESS))
    await house.publish("notification", told(1, Notification.SUCCESS, version=3))
    await house.publish("notification", told(2, Notification.ERROR))
    await house.publish("notification", told(3, Notification.SCHEDULED))

    async def logged() -> None:
        texts = [entry.text for entry in await house.log(1)]
        assert texts[:2] == ["Grafana raised the alert", "the alert was escalated to level 2"]
        assert sorted(texts[2:]) == [
            "Ada Lovelace accepted the alert",
            "Ada Lovelace was not notified by EMAIL: no such box",
            "Ada Lovelace was notified by EMAIL",
            "the alert was escalated to level 1",  # which came late, but is told
            "the alert was escalated to level 3",
        ]

    await eventually(logged)
    alert = await house.get(1)
    assert not alert.HasField("next_escalation")
    assert [(each.user.id, each.status) for each in alert.responders] == [
        (1, Responder.ACCEPTED),
        (2, Responder.PENDING),
        (3, Responder.PENDING),
    ]
    changes = [(each.version, each.cause) for each in await house.changes()]
    assert changes == [
        (1, AlertChanged.RAISED),
        (2, AlertChanged.ESCALATION_CHANGED),
        (3, AlertChanged.ACCEPTED),
        (4, AlertChanged.ESCALATION_CHANGED),  # a third responder
    ]


async def test_reports_about_what_is_no_alert_here_are_passed_over(house: House) -> None:
    other = run(1, level=1, paged=[1], next_step=LATER)
    other.escalation.subject.kind = "deploy"
    unknown = run(1, level=1, paged=[1], next_step=LATER)
    unknown.escalation.subject.id = "99"
    await house.publish("escalation", other, unknown, escalation_events.PageRequested())
    await house.publish("notification", told(1, Notification.SUCCESS))
    await house.publish(
        "escalation",
        escalation_events.UserChanged(
            user=User(id=1, first_name="Augusta", last_name="King"), version=2
        ),
    )
    await house.publish(
        "ingest", AlertSourceChanged(alert_source=AlertSource(id=3, name="Loki"), version=2)
    )
    await house.take(accepted(1))
    await eventually(lambda: _holds(house, 1))

    async def renamed() -> None:
        alert = await house.alerts.AcceptAlert(pb.AcceptAlertRequest(id=1), **house.by("ada"))
        assert (alert.alert_source.name, alert.responders[0].user.first_name) == (
            "Loki",
            "Augusta",
        )

    await eventually(renamed)
    assert await _rows(house, DEAD_LETTER) == []


async def test_two_thousand_new_alerts_take_a_few_seconds(house: House) -> None:
    for first in range(1, 2001, 500):
        await house.take(*(accepted(seq, key=f"key {seq}") for seq in range(first, first + 500)))

    await eventually(lambda: _holds(house, 2000), within=10)


async def test_replicas_that_act_at_the_same_time_come_to_the_same(any_database_url: str) -> None:
    migrate(any_database_url, NAME)
    events = [
        accepted(3 * round_ + step, type_, key=f"key {number}")
        for number in range(10)
        for round_ in range(10 * number, 10 * number + 10)
        for step, type_ in enumerate((Event.ALERT, Event.ACCEPT, Event.RESOLVE), start=1)
    ]
    last = [accepted(1000 + number, key=f"key {number}") for number in range(10)]
    shuffled = random.Random(7).sample([*events, *last], len(events) + len(last))
    batches = [EventsAccepted(events=shuffled[n : n + 10]) for n in range(0, len(shuffled), 10)]

    async with database(any_database_url, NAME) as db:
        await asyncio.gather(*(db.write(intake.take, NOON, batch) for batch in batches))

        pending = Wanted(states=(Status.PENDING,))
        assert await db.read(lists.count, pending, ADA) == 10
        assert await db.read(lists.count, Wanted(states=(Status.ACCEPTED,)), ADA) == 0
        found = await db.read(lists.newest, pending, Page(offset=0, limit=100), ADA)
        assert {alert.content.match_key for alert in found} == {f"key {n}" for n in range(10)}
        everything = await db.read(lists.newest, Wanted(), Page(offset=0, limit=1000), ADA)
        assert await db.read(lists.count, Wanted(), ADA) == len(everything)


async def test_keys_are_found_by_their_index(database_url: str) -> None:
    migrate(database_url, NAME)
    query = select(KEY_STATE).where(keys.among([(1, "disk"), (1, "cpu"), (2, "disk")]))

    async with database(database_url, NAME) as db:
        spelt = query.compile(db.engine, compile_kwargs={"literal_binds": True})
        explain = text(f"EXPLAIN QUERY PLAN {spelt}")
        plan = await db.read(lambda connection: connection.execute(explain).all())

    assert not [step for step in plan if "SCAN" in step.detail]


@pytest.mark.parametrize("again", [False, True])
async def test_a_batch_costs_as_many_statements_whatever_its_size(
    any_database_url: str, again: bool
) -> None:
    await _statements(any_database_url, 1, seq=500_001, again=again)  # the counter's first number
    small = await _statements(any_database_url, 2, seq=1, again=again)
    large = await _statements(any_database_url, 400, seq=1001, again=again)

    assert small == large
    assert small < 25


def accepted(
    seq: int, type_: Event.Type = Event.ALERT, *, key: str = "disk", source: int = 3
) -> AcceptedEvent:
    return AcceptedEvent(
        seq=seq,
        event_id=f"event {seq}",
        source_id=source,
        type=type_,
        alert_key=key,
        match_key=key,
        summary="disk full",
        escalation_policy_id=4,
        accept_time=NOON,
        repeat=AcceptedEvent.APPEND,
    )


def run(
    version: int, *, level: int, paged: Sequence[int], next_step: datetime
) -> escalation_events.EscalationChanged:
    escalation = Escalation(
        key="alert:1:1",
        subject=Subject(kind="alert", id="1", episode=1),
        state=Escalation.RUNNING,
        level=level,
        paged_user_ids=paged,
        next_step_time=next_step,
        version=version,
    )
    cause = escalation_events.EscalationChanged.STEPPED
    return escalation_events.EscalationChanged(escalation=escalation, cause=cause)


def told(id_: int, status: Notification.Status, version: int = 2) -> NotificationChanged:
    notification = Notification(
        id=id_,
        method=Contact.EMAIL,
        user=Notification.Person(id=1, firstname="Ada", lastname="Lovelace"),
        status=status,
        error_message="no such box" if status == Notification.ERROR else None,
    )
    return NotificationChanged(
        notification=notification, subject_kind="alert", subject_id="1", version=version
    )


async def _holds(house: House, count: int, *states: Alert.Status) -> None:
    assert await house.count(*states) == count


async def _rows(house: House, table: Any) -> Sequence[Any]:
    db = Database(house.database_url, NAME)
    try:
        return await db.read(lambda connection: connection.execute(select(table)).all())
    finally:
        await db.close()


async def _statements(url: str, count: int, *, seq: int, again: bool) -> int:
    """Returns how many statements a batch takes that raises alerts, or repeats them."""
    migrate(url, NAME)
    batch = EventsAccepted(
        events=[accepted(n, key=f"{seq} {n - seq}") for n in range(seq, seq + count)]
    )
    repeats = EventsAccepted(events=batch.events)
    for each in repeats.events:
        each.seq += count
    counted: list[str] = []

    def count_one(connection: Any, cursor: Any, statement: str, *rest: object) -> None:
        counted.append(statement)

    async with database(url, NAME) as db:
        await db.write(intake.take, NOON, batch if again else EventsAccepted())
        event.listen(db.engine, "before_cursor_execute", count_one)
        await db.write(intake.take, NOON, repeats if again else batch)
    return len(counted)


@asynccontextmanager
async def _streams(nats_url: str) -> AsyncIterator[Bus]:
    """Makes the streams that AlertState reads; removes them and its own in the end."""
    async with bus(nats_url, "test-alertstate") as connected:
        for service, readers in PUBLISHERS.items():
            stream = Stream(service=service, readers=readers, max_bytes=64 * 1024 * 1024)
            await connected.ensure_stream(stream)
        try:
            yield connected
        finally:
            await forget(connected, *PUBLISHERS, NAME)


@asynccontextmanager
async def _owner(folder: Path, names: dict[str, tokens.Token]) -> AsyncIterator[str]:
    """Serves the facts that Ingest and Escalation own, as they do."""
    url = f"sqlite:///{folder}/owner.db"
    migrate(url, "ingest")
    async with database(url, "ingest") as db:
        await db.write(_know, names)
        async with serving_facts(db, "source", "user", "policy", "token") as address:
            yield address


def _know(connection: Connection, names: dict[str, tokens.Token]) -> None:
    facts.publish(
        connection, "source", 3, AlertSource(id=3, name="Grafana", integration_type="API")
    )
    facts.publish(connection, "policy", 4, EscalationPolicy(id=4, name="on-call", delay_min=1))
    facts.publish(connection, "user", 1, User(id=1, first_name="Ada", last_name="Lovelace"))
    scopes = {"ada": ["alerts:read", "alerts:write"], "reader": ["alerts:read"]}
    for name, token in names.items():
        record = TokenRecord(
            token=ApiToken(id=token.id, name=name, scopes=scopes[name], user_id=1),
            secret_sha256=token.sha256(),
            user_name="Ada Lovelace",
        )
        facts.publish(connection, "token", token.id, record)
