"""The whole service as a process, beside a real NATS, killed where it hurts."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc.aio
import pytest

from services.chassis import tokens
from services.chassis.bus import Bus, Stream, bus
from services.chassis.context import Context
from tests.parts.nats import NatsServer, nats_server
from tests.parts.ports import free_port
from tests.parts.process import ServiceProcess
from tests.parts.streams import forget, publish_as, published
from tests.parts.waiting import eventually
from tests.parts.webhook import Reply, webhook_sink
from tocsin.chassis.internal.v1 import fact_service_pb2, subject_service_pb2
from tocsin.chassis.internal.v1 import fact_service_pb2_grpc as facts_rpc
from tocsin.chassis.internal.v1 import subject_service_pb2_grpc as subjects_rpc
from tocsin.escalation.v1.escalation_events_pb2 import PageRequested
from tocsin.escalation.v1.escalation_pb2 import Subject
from tocsin.escalation.v1.token_pb2 import ApiToken, TokenRecord
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1 import contact_service_pb2 as contact_calls
from tocsin.notification.v1 import notification_service_pb2 as notification_calls
from tocsin.notification.v1.contact_pb2 import Contact
from tocsin.notification.v1.contact_service_pb2_grpc import ContactServiceStub
from tocsin.notification.v1.notification_events_pb2 import NotificationChanged
from tocsin.notification.v1.notification_pb2 import Notification
from tocsin.notification.v1.notification_service_pb2_grpc import NotificationServiceStub

ADA = User(id=1, first_name="Ada", last_name="Lovelace", email="ada@example.com")
WRITER, READER = tokens.new_token(), tokens.new_token()
STREAM = Stream(service="escalation", readers=("notification",), max_bytes=4 * 1024 * 1024)
PENDING = subject_service_pb2.CheckSubjectsResponse.State.PENDING


def fact(kind: str, id_: str, record: User | TokenRecord) -> fact_service_pb2.Fact:
    payload = record.SerializeToString()
    return fact_service_pb2.Fact(kind=kind, id=id_, version=1, payload=payload)


def token(token: tokens.Token, scope: str) -> fact_service_pb2.Fact:
    described = ApiToken(id=token.id, name="test", scopes=[scope])
    return fact("token", token.id, TokenRecord(token=described, secret_sha256=token.sha256()))


FACTS = [fact("user", "1", ADA), token(WRITER, "admin"), token(READER, "config:read")]


class Facts(facts_rpc.FactServiceServicer):
    """Escalation, as far as its records are asked for."""

    async def Snapshot(
        self, request: fact_service_pb2.SnapshotRequest, context: Context
    ) -> AsyncIterator[fact_service_pb2.Fact]:
        for each in FACTS:
            yield each

    async def Digest(
        self, request: fact_service_pb2.DigestRequest, context: Context
    ) -> fact_service_pb2.DigestResponse:
        return fact_service_pb2.DigestResponse(count=len(FACTS), version_sum=len(FACTS))

    async def GetFact(
        self, request: fact_service_pb2.GetFactRequest, context: Context
    ) -> fact_service_pb2.Fact:
        for each in FACTS:
            if (each.kind, each.id) == (request.kind, request.id):
                return each
        await context.abort(grpc.StatusCode.NOT_FOUND, "absent")
        raise AssertionError


class Subjects(subjects_rpc.SubjectServiceServicer):
    """AlertState, as far as it is asked whether a page is still wanted: it always is."""

    async def CheckSubjects(
        self, request: subject_service_pb2.CheckSubjectsRequest, context: Context
    ) -> subject_service_pb2.CheckSubjectsResponse:
        states = [PENDING] * len(request.subjects)
        return subject_service_pb2.CheckSubjectsResponse(states=states)


@asynccontextmanager
async def peers() -> AsyncIterator[str]:
    server = grpc.aio.server()
    facts_rpc.add_FactServiceServicer_to_server(Facts(), server)
    subjects_rpc.add_SubjectServiceServicer_to_server(Subjects(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


@pytest.fixture(scope="module")
def broker() -> Iterator[NatsServer]:
    with nats_server() as server:
        yield server


@pytest.fixture
async def escalation(broker: NatsServer) -> AsyncIterator[Bus]:
    async with bus(broker.url, "escalation") as connected:
        await connected.ensure_stream(STREAM)
        yield connected
        await forget(connected, "escalation", "notification")


@pytest.fixture
async def process(
    broker: NatsServer, escalation: Bus, any_database_url: str, tmp_path: Path
) -> AsyncIterator[ServiceProcess]:
    async with peers() as address:
        started = ServiceProcess(
            "notification",
            tmp_path,
            database_url=any_database_url,
            nats_url=broker.url,
            metrics_listen=f"127.0.0.1:{free_port()}",
            alertstate_address=address,
            escalation_address=address,
            claim_seconds="2",
            provider_concurrency="1",
            sealing_key_file=str(tmp_path / "sealing.key"),
            webhook_allow="127.0.0.0/8",
        )
        started.start()
        yield started
        await started.close()


async def page(escalation: Bus, subject_id: str) -> None:
    now = datetime.now(UTC)
    event = PageRequested(
        escalation_key=f"alert:{subject_id}:1",
        subject=Subject(kind="alert", id=subject_id, episode=1, title="disk full"),
        level=1,
        level_count=1,
        user_ids=[1],
        request_time=now,
        accept_time=now - timedelta(seconds=1),
    )
    await publish_as(escalation, "escalation", event, key=f"page:{subject_id}")


def as_holder(token: tokens.Token) -> Sequence[tuple[str, str]]:
    return [("authorization", f"Bearer {token}")]


async def reach(address: str, contact: Contact) -> Contact:
    async with grpc.aio.insecure_channel(address) as channel:
        request = contact_calls.CreateContactRequest(user_id=1, contact=contact)
        return await ContactServiceStub(channel).CreateContact(
            request, metadata=as_holder(WRITER), wait_for_ready=True, timeout=20
        )


async def test_a_page_is_shown_told_and_listed(process: ServiceProcess, escalation: Bus) -> None:
    await reach(process.address, Contact(method=Contact.Method.TERMINAL))
    await page(escalation, "7")

    def titles() -> list[str]:
        return [json.loads(line)["title"] for line in process.output().splitlines()]

    await eventually(lambda: titles() == ["disk full"])

    async def changes() -> list[NotificationChanged]:
        told = await published(escalation, "notification", NotificationChanged)
        assert len(told) == 2
        return told

    scheduled, sent = await eventually(changes)
    assert scheduled.notification.status == Notification.Status.SCHEDULED
    assert sent.notification.status == Notification.Status.SUCCESS
    async with grpc.aio.insecure_channel(process.address) as channel:
        listed = await NotificationServiceStub(channel).ListAlertNotifications(
            notification_calls.ListAlertNotificationsRequest(id=7),
            metadata=as_holder(WRITER),
            timeout=10,
        )
    (told,) = listed.notifications
    (attempt,) = told.attempts
    assert (attempt.number, attempt.outcome, attempt.provider) == (1, "SENT", "terminal")
    told.ClearField("attempts")
    assert told == sent.notification
    measured = process.metrics()
    assert 'tocsin_notification_attempts_total{channel="TERMINAL",outcome="sent"} 1.0' in measured
    assert 'tocsin_page_latency_seconds_count{channel="TERMINAL",priority="HIGH"} 1.0' in measured
    assert 'tocsin_notification_provider_seconds_count{provider="terminal"} 1.0' in measured
    assert process.end(signal.SIGTERM) == 0, process.log()


async def test_who_may_not_is_refused(process: ServiceProcess) -> None:
    await reach(process.address, Contact(method=Contact.Method.TERMINAL))
    request = contact_calls.DeleteContactRequest(user_id=1, id=1)

    async with grpc.aio.insecure_channel(process.address) as channel:
        delete = ContactServiceStub(channel).DeleteContact
        with pytest.raises(grpc.aio.AioRpcError) as nobody:
            await delete(request, timeout=10)
        with pytest.raises(grpc.aio.AioRpcError) as reader:
            await delete(request, metadata=as_holder(READER), timeout=10)

    assert nobody.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert reader.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_a_page_outlives_a_kill_between_sending_and_recording(
    process: ServiceProcess, escalation: Bus
) -> None:
    async with webhook_sink() as posts:
        posts.replies.append(Reply(delay=30))  # long enough to die while waiting for it
        method = Contact.Method.WEBHOOK
        await reach(process.address, Contact(method=method, target=posts.url))
        await page(escalation, "8")
        first = await posts.wait_for(lambda post: True, within=20)
        process.end(signal.SIGKILL)
        process.start()

        second = await posts.wait_for(lambda post: post is not first, within=30)

    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "alert:8:1:0:1:1:1"
    assert not json.loads(first.body)["possibleRepeat"]
    assert json.loads(second.body)["text"] == "disk full (possible repeat)"


async def test_a_kill_in_any_state_costs_one_repeat_at_most_and_no_page(
    process: ServiceProcess, escalation: Bus
) -> None:
    """One page is tried again as the process dies, others wait in line, and one is done."""

    def told(subject_id: str) -> list[str]:
        found = (json.loads(post.body) for post in posts.requests)
        return [each["text"] for each in found if each["subject"]["id"] == subject_id]

    async with webhook_sink() as posts:
        method = Contact.Method.WEBHOOK
        await reach(process.address, Contact(method=method, target=posts.url))
        await page(escalation, "20")
        await eventually(lambda: told("20"), within=20)
        posts.replies.extend([Reply(status=500), Reply(delay=30)])
        await page(escalation, "21")
        await eventually(lambda: len(told("21")) == 2, within=20)
        for subject_id in ("22", "23"):
            await page(escalation, subject_id)
        process.end(signal.SIGKILL)
        process.start()

        await eventually(lambda: told("22") and told("23") and len(told("21")) == 3, within=30)
        await page(escalation, "24")
        await eventually(lambda: told("24"), within=20)

    repeat = "disk full (possible repeat)"
    assert told("21") == ["disk full", "disk full", repeat]  # the first was refused, not lost
    assert [told(subject_id) for subject_id in ("20", "22", "23", "24")] == [["disk full"]] * 4
    keys = {post.headers["webhook-id"] for post in posts.requests}
    assert keys == {f"alert:{subject_id}:1:0:1:1:1" for subject_id in range(20, 25)}


async def test_a_stop_lets_a_page_finish(process: ServiceProcess, escalation: Bus) -> None:
    async with webhook_sink() as posts:
        posts.replies.append(Reply(delay=0.7))
        method = Contact.Method.WEBHOOK
        await reach(process.address, Contact(method=method, target=posts.url))
        await page(escalation, "9")
        await posts.wait_for(lambda post: True, within=20)

        assert await asyncio.to_thread(process.end, signal.SIGTERM) == 0, process.log()

    changed = (await published(escalation, "notification", NotificationChanged))[-1]
    assert changed.notification.status == Notification.Status.SUCCESS
