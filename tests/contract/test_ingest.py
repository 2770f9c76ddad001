"""What each of ingest's calls answers, state by state."""

import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.api import httpbody_pb2
from google.protobuf.message import Message
from sqlalchemy import Connection, select

from services.chassis import facts
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.errors import TocsinError
from services.chassis.facts import Follower
from services.chassis.migrations import migrate
from services.chassis.outbox import OUTBOX
from services.chassis.principal import Principal
from services.chassis.tables import AuditRow
from services.ingest import sources
from services.ingest.acceptor import Acceptor
from services.ingest.keyring import Keyring
from services.ingest.servicer import AlertSourceServicer, EventServicer
from services.ingest.store import EVENT, SOURCE
from tests.contract.blocking import Answer, Calls
from tocsin.chassis.internal.v1 import fact_service_pb2
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.ingest.v1 import alert_source_service_pb2 as source_pb
from tocsin.ingest.v1 import event_pb2
from tocsin.ingest.v1 import event_service_pb2 as event_pb
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.ingest_events_pb2 import AlertSourceChanged, EventsAccepted

URL = "https://tocsin.example.com"
ADA = Principal(
    kind="USER", id="aaaaaaaa", name="Ada", user_id=3, scopes=frozenset({"config:write"})
)
NOBODY = Principal(kind="TOKEN", id="", name="")
CODE = grpc.StatusCode
POLICY = EscalationPolicy(id=1, name="Night")
SOURCE_MESSAGE = AlertSource(
    name="Prometheus", integration_type="API", escalation_policy=EscalationPolicy(id=1)
)


class Policies:
    """The owner of policies, who knows none or is away."""

    def __init__(self) -> None:
        self.code = CODE.NOT_FOUND

    async def GetFact(self, request: object, **_: object) -> fact_service_pb2.Fact:
        nothing = grpc.aio.Metadata()
        raise grpc.aio.AioRpcError(self.code, nothing, nothing, details="nobody")


class Noting:
    """A servicer, and the last failure that it raised."""

    def __init__(self, servicer: object) -> None:
        self._servicer = servicer
        self.failure: TocsinError | None = None

    def __getattr__(self, name: str) -> Callable[[Any, Any], Awaitable[Any]]:
        method = getattr(self._servicer, name)

        async def noting(request: Any, context: Any) -> Any:
            try:
                return await method(request, context)
            except TocsinError as failure:
                self.failure = failure
                raise

        return noting


class Door:
    """Both servicers over one database."""

    def __init__(self, db: Database) -> None:
        clock = Clock()
        self.db = db
        self.owner = Policies()
        follower = Follower(db, self.owner, ("policy",))  # type: ignore[arg-type] # stands for a stub
        self._events = Noting(EventServicer(Acceptor(db, clock), Keyring(db), clock, URL))
        self._sources = Noting(AlertSourceServicer(db, clock, follower, URL))
        events = event_pb.DESCRIPTOR.services_by_name["EventService"]
        self.event = Calls(events, self._events, NOBODY)
        alert_sources = source_pb.DESCRIPTOR.services_by_name["AlertSourceService"]
        self.source = Calls(alert_sources, self._sources, ADA)

    @property
    def failure(self) -> TocsinError:
        """The failure that was raised."""
        failure = self._events.failure or self._sources.failure
        assert failure is not None
        return failure

    async def post(self, body: bytes, content_type: str = "application/json") -> Answer:
        raw = httpbody_pb2.HttpBody(data=body, content_type=content_type)
        return await self.event("PostEvent", event_pb.PostEventRequest(body=raw))

    async def create(self, **fields: Any) -> Answer:
        wanted = AlertSource()
        wanted.CopyFrom(SOURCE_MESSAGE)
        for name, value in fields.items():
            setattr(wanted, name, value)
        return await self.make(wanted)

    async def make(self, wanted: AlertSource) -> Answer:
        request = source_pb.CreateAlertSourceRequest(alert_source=wanted)
        return await self.source("CreateAlertSource", request)

    async def key(self, **fields: Any) -> str:
        made = await self.create(**fields)
        assert made.code is CODE.OK, made.details
        return str(made.reply.integration_key)

    async def rows(self, table: Any) -> list[Any]:
        def every(connection: Connection) -> list[Any]:
            return list(connection.execute(select(table)))

        return await self.db.read(every)

    async def published(self, message: type[Message]) -> list[Any]:
        name = message.DESCRIPTOR.full_name
        rows = await self.rows(OUTBOX)
        return [message.FromString(row.payload) for row in rows if row.type == name]


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    url = f"sqlite:///{tmp_path}/ingest.db"
    migrate(url, "ingest")
    async with database(url, "ingest") as db:
        await db.write(sources.prepare, Clock(), URL)
        await db.write(facts.publish, "policy", 1, POLICY)
        yield Door(db)


def body(key: str, **fields: Any) -> bytes:
    return json.dumps(
        {"apiKey": key, "eventType": "ALERT", "summary": "disk full", **fields}
    ).encode()


async def test_an_event_is_on_disk_and_told_before_it_is_answered(door: Door) -> None:
    key = await door.key()

    answer = await door.post(body(key, alertKey=" Disk-7 ", priority="LOW"))

    assert answer.code is CODE.OK
    receipt = answer.reply
    assert receipt.response_code == "ACCEPTED"
    assert receipt.alert_key == " Disk-7 "
    assert receipt.alert_url == f"{URL}/api/alerts?sources=2"
    (row,) = await door.rows(EVENT)
    (told,) = await door.published(EventsAccepted)
    (event,) = told.events
    assert (row.seq, row.event_id) == (event.seq, event.event_id)
    assert event.event_id == receipt.event_id
    assert (row.match_key, event.match_key) == ("disk-7", "disk-7")
    assert event.priority == event_pb2.Event.LOW
    assert event.escalation_policy_id == 1
    assert (event.source_id, event.source_version) == (2, 1)
    assert event.HasField("accept_time")


async def test_the_event_log_has_the_body_without_its_key(door: Door) -> None:
    key = await door.key()

    await door.post(body(key, details="two  blanks stay"))

    (row,) = await door.rows(EVENT)
    assert row.raw == body("*" * len(key), details="two  blanks stay")
    assert (row.content_type, row.type, row.repairs) == ("application/json", "ALERT", "[]")


async def test_repairs_are_listed_in_the_event_log(door: Door) -> None:
    key = await door.key()

    assert (await door.post(body(key, details=5))).code is CODE.OK

    (row,) = await door.rows(EVENT)
    assert json.loads(row.repairs) == ["details: was no text, read as one"]


@pytest.mark.parametrize("name", ["apiKey", "integrationKey"])
async def test_either_name_of_the_key_will_do(door: Door, name: str) -> None:
    key = await door.key()

    assert (
        await door.post(json.dumps({name: key, "eventType": "RESOLVE"}).encode())
    ).code is CODE.OK


@pytest.mark.parametrize("content_type", ["", "application/json", "Application/JSON; charset=utf8"])
async def test_the_content_type_may_be_json_or_nothing(door: Door, content_type: str) -> None:
    assert (await door.post(body(await door.key()), content_type)).code is CODE.OK


async def test_another_content_type_is_refused(door: Door) -> None:
    answer = await door.post(body(await door.key()), "text/plain")

    assert answer.code is CODE.INVALID_ARGUMENT
    assert door.failure.http_status == 415


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (b"", None),
        (b"{", None),
        (gzip.compress(b"{}"), None),
        (b'{"eventType":"ALERT","summary":"s"}', "apiKey"),
        (body("il1nobody", eventType=None), "eventType"),
        (body("il1nobody", summary=None), "summary"),
        (body("il1nobody", priority="MEDIUM"), "priority"),
    ],
    ids=["nothing", "half", "gzip", "no key", "no type", "no summary", "priority"],
)
async def test_what_cannot_become_an_alert_is_refused(
    door: Door, sent: bytes, field: str | None
) -> None:
    answer = await door.post(sent)

    assert answer.code is CODE.INVALID_ARGUMENT
    assert door.failure.field == field
    assert await door.rows(EVENT) == []


async def test_an_unknown_key_is_not_found_and_not_told(door: Door) -> None:
    answer = await door.post(body("il1nobody-has-this-key"))

    assert answer.code is CODE.NOT_FOUND
    assert "apiKey" in answer.details
    assert "il1nobody" not in answer.details


async def test_more_than_512_kib_is_too_large(door: Door) -> None:
    answer = await door.post(body(await door.key(), details="x" * 524_288))

    assert answer.code is CODE.RESOURCE_EXHAUSTED
    assert door.failure.http_status == 413


async def test_an_event_of_an_inactive_source_is_kept_and_not_told(door: Door) -> None:
    key = await door.key(active=False)

    assert (await door.post(body(key))).code is CODE.OK

    (row,) = await door.rows(EVENT)
    assert row.note == "SOURCE_INACTIVE"
    assert await door.published(EventsAccepted) == []


async def test_a_low_source_stays_low(door: Door) -> None:
    key = await door.key(alert_priority_rule=AlertSource.LOW)

    await door.post(body(key, priority="HIGH"))

    assert (await door.published(EventsAccepted))[0].events[0].priority == event_pb2.Event.LOW


def submitted(key: str, **fields: Any) -> event_pb.SubmitEventRequest:
    said = {"api_key": key, "event_type": "ALERT", "summary": "disk full", **fields}
    return event_pb.SubmitEventRequest(event=event_pb2.Event(**said))


async def test_a_typed_event_is_taken_like_its_twin(door: Door) -> None:
    key = await door.key()
    request = submitted(
        "", integration_key=key, alert_key="A", routing_key="night, day", images=[{"src": "a.png"}]
    )
    request.event.custom_details.update({"n": 1, "deep": [{"x": None}, 2.5, True]})

    answer = await door.event("SubmitEvent", request)

    assert answer.reply.alert_key == "A"
    (event,) = (await door.published(EventsAccepted))[0].events
    assert json.loads(event.custom_details) == {"n": 1, "deep": [{"x": None}, 2.5, True]}
    assert list(event.routing_keys) == ["night", "day"]
    assert list(event.images) == []
    (row,) = await door.rows(EVENT)
    kept = event_pb2.Event.FromString(row.raw)
    assert (kept.integration_key, kept.alert_key) == ("", "A")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"api_key": ""}, "apiKey"),
        ({"event_type": 0}, "eventType"),
        ({"event_type": 99}, "eventType"),
        ({"summary": ""}, "summary"),
        ({"priority": 99}, "priority"),
    ],
)
async def test_a_typed_event_is_refused_like_its_twin(
    door: Door, fields: dict[str, Any], field: str
) -> None:
    answer = await door.event("SubmitEvent", submitted("il1nobody", **{**fields}))

    assert answer.code is CODE.INVALID_ARGUMENT
    assert door.failure.field == field


async def test_a_typed_event_of_an_unknown_key_is_not_found(door: Door) -> None:
    assert (await door.event("SubmitEvent", submitted("il1nobody"))).code is CODE.NOT_FOUND


async def test_a_typed_event_can_be_too_large(door: Door) -> None:
    request = submitted("il1nobody", details="x" * 524_288)

    assert (await door.event("SubmitEvent", request)).code is CODE.RESOURCE_EXHAUSTED


async def test_a_source_is_made_with_a_key_that_is_shown_once(door: Door) -> None:
    made = (await door.create()).reply

    assert made.id == 2
    assert made.integration_key.startswith("il1")
    assert len(made.integration_key) == 43
    assert made.integration_url == f"{URL}/api/events"
    assert made.active
    assert made.alert_priority_rule == AlertSource.HIGH
    assert made.escalation_policy == POLICY
    got = (await door.source("GetAlertSource", source_pb.GetAlertSourceRequest(id=2))).reply
    assert not got.HasField("integration_key")
    made.ClearField("integration_key")
    assert got == made


async def test_a_source_is_told_of_and_its_making_is_audited_without_the_key(door: Door) -> None:
    key = await door.key()

    told = await door.published(AlertSourceChanged)
    assert [(change.alert_source.id, change.version) for change in told] == [(1, 1), (2, 1)]
    (audited,) = await door.rows(AuditRow.__table__)
    assert (audited.action, audited.target) == ("alert_source.create", "alert_source:2")
    assert audited.user_id == 3
    everything = [await door.rows(table) for table in (OUTBOX, SOURCE, AuditRow.__table__)]
    assert key not in repr(everything)


async def test_a_source_belongs_to_teams(door: Door) -> None:
    wanted = AlertSource()
    wanted.CopyFrom(SOURCE_MESSAGE)
    wanted.teams.extend([Team(id=9), Team(id=4), Team(id=9)])
    request = source_pb.CreateAlertSourceRequest(alert_source=wanted)

    made = (await door.source("CreateAlertSource", request)).reply

    got = (await door.source("GetAlertSource", source_pb.GetAlertSourceRequest(id=made.id))).reply
    assert [team.id for team in made.teams] == [team.id for team in got.teams] == [4, 9]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"integration_type": ""}, "integrationType"),
        ({"integration_type": "api"}, "integrationType"),
        ({"integration_type": "TWO WORDS"}, "integrationType"),
        ({"alert_priority_rule": 99}, "alertPriorityRule"),
    ],
)
async def test_a_source_is_refused(door: Door, fields: dict[str, Any], field: str) -> None:
    answer = await door.create(**fields)

    assert answer.code is CODE.INVALID_ARGUMENT
    assert door.failure.field == field


@pytest.mark.parametrize("policy_id", [0, -1, 7])
async def test_a_source_needs_a_policy_that_exists(door: Door, policy_id: int) -> None:
    wanted = AlertSource(name="x", integration_type="API")
    wanted.escalation_policy.id = policy_id

    answer = await door.source(
        "CreateAlertSource", source_pb.CreateAlertSourceRequest(alert_source=wanted)
    )

    assert answer.code is CODE.INVALID_ARGUMENT
    assert door.failure.field == "escalationPolicy"


async def test_a_source_cannot_be_made_while_nobody_knows_the_policy(door: Door) -> None:
    door.owner.code = CODE.UNAVAILABLE
    wanted = AlertSource(name="x", integration_type="API")
    wanted.escalation_policy.id = 7

    answer = await door.source(
        "CreateAlertSource", source_pb.CreateAlertSourceRequest(alert_source=wanted)
    )

    assert answer.code is CODE.UNAVAILABLE


async def test_a_source_that_is_not_there_is_not_found(door: Door) -> None:
    answer = await door.source("GetAlertSource", source_pb.GetAlertSourceRequest(id=99))

    assert answer.code is CODE.NOT_FOUND


async def test_sources_are_listed_oldest_first_in_pages(door: Door) -> None:
    for name in ("a", "b", "c"):
        await door.key(name=name)

    async def names(**paging: int) -> list[str]:
        request = source_pb.ListAlertSourcesRequest(**paging)
        listed = (await door.source("ListAlertSources", request)).reply.alert_sources
        assert not any(source.HasField("integration_key") for source in listed)
        return [source.name for source in listed]

    assert await names() == ["tocsin", "a", "b", "c"]
    assert await names(start_index=1, max_results=2) == ["a", "b"]


@pytest.mark.parametrize("paging", [{"max_results": 51}, {"max_results": -1}, {"start_index": -1}])
async def test_a_page_out_of_bounds_is_refused(door: Door, paging: dict[str, int]) -> None:
    answer = await door.source("ListAlertSources", source_pb.ListAlertSourcesRequest(**paging))

    assert answer.code is CODE.INVALID_ARGUMENT
