"""Ingest's servicers over a database of their own, and what can be asked of them."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
from google.api import httpbody_pb2
from google.protobuf.message import Message
from sqlalchemy import Connection, select

from services.chassis import facts
from services.chassis.callers import Callers
from services.chassis.clock import Clock
from services.chassis.config import Config
from services.chassis.database import Database, database
from services.chassis.errors import TocsinError
from services.chassis.following import Follower
from services.chassis.limits import Limits
from services.chassis.migrations import migrate
from services.chassis.outbox import OUTBOX
from services.chassis.principal import Principal
from services.chassis.sealing import Sealer
from services.ingest import consumer, references, sources
from services.ingest.acceptor import Acceptor
from services.ingest.domain.limits import Defaults
from services.ingest.doors import Doors
from services.ingest.floods import Floods
from services.ingest.keyring import Keyring
from services.ingest.limiting import Limiting
from services.ingest.references import References
from services.ingest.servicer.events import EventServicer
from services.ingest.servicer.incident_io import IncidentIoServicer
from services.ingest.servicer.sources import AlertSourceServicer
from services.ingest.sources import Means
from tests.contract.blocking import Answer, Calls
from tocsin.chassis.internal.v1 import fact_service_pb2
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.ingest.v1 import alert_source_service_pb2 as source_pb
from tocsin.ingest.v1 import event_service_pb2 as event_pb
from tocsin.ingest.v1 import incident_io_service_pb2 as incident_io_pb
from tocsin.ingest.v1.alert_source_pb2 import AlertSource

DEFAULTS = Defaults(events_per_minute=1200, of_types={"INCIDENT_IO_HTTP": 120})
CONFIG = Config(database_url="", nats_url="", listen="", address_calls_per_minute=1000)
SECONDS_FOR_A_TEST = 20  # the next minute comes when a test says so
URL = "https://tocsin.example.com"
ADA = Principal(
    kind="USER",
    id="aaaaaaaa",
    name="Ada",
    user_id=3,
    scopes=frozenset({"config:write"}),
    is_admin=True,
)
#: Somebody who is a USER in the private team alone.
MEMBER = Principal(
    kind="USER",
    id="cccccccc",
    name="Mia",
    user_id=5,
    scopes=frozenset({"config:write"}),
    teams=frozenset({4}),
    changes=frozenset({4}),
)
#: Somebody who is a USER in the public team alone.
OUTSIDER = Principal(
    kind="USER",
    id="dddddddd",
    name="Otto",
    user_id=6,
    scopes=frozenset({"config:write"}),
    teams=frozenset({9}),
    changes=frozenset({9}),
    hidden=frozenset({4}),
)
READER = Principal(kind="TOKEN", id="bbbbbbbb", name="reader", scopes=frozenset({"config:read"}))
NOBODY = Principal(kind="TOKEN", id="", name="")
CODE = grpc.StatusCode
POLICY = EscalationPolicy(id=1, name="Night")
SRE = Team(id=4, name="SRE", visibility=Team.PRIVATE, members=[{"user": {"id": 1}}])
OPS = Team(id=9, name="Ops", visibility=Team.PUBLIC)
HOURS = SupportHours(id=3, name="Office", timezone="Europe/Berlin")
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
        clock = self.clock = Clock()
        self.db = db
        self.owner = Policies()
        owner: Any = self.owner  # stands for a stub
        known = References(Follower(db, owner, references.FOLLOWED))
        keyring = self._keyring = Keyring(db, clock)
        self.limits = Limits(db, clock)
        if self.limits.seconds_left() < SECONDS_FOR_A_TEST:
            clock.turn(timedelta(seconds=self.limits.seconds_left()))
        self.floods = Floods(db, clock)
        limiting = Limiting(self.limits, DEFAULTS, self.floods)
        callers = Callers(self.limits, CONFIG)
        doors = self.doors = Doors(Acceptor(db, clock), keyring, clock, limiting, callers)
        self.events = EventServicer(doors, URL)
        self._events = Noting(self.events)
        self._incident_io = Noting(IncidentIoServicer(doors))
        self.means = Means(clock, Sealer({"k1": b"k" * 32}), URL)
        self.servicer = AlertSourceServicer(db, self.means, known, keyring)
        self._sources = Noting(self.servicer)
        events = event_pb.DESCRIPTOR.services_by_name["EventService"]
        self.event = Calls(events, self._events, NOBODY)
        incident_io = incident_io_pb.DESCRIPTOR.services_by_name["IncidentIoService"]
        self.incident_io = Calls(incident_io, self._incident_io, NOBODY)
        alert_sources = source_pb.DESCRIPTOR.services_by_name["AlertSourceService"]
        self.source = Calls(alert_sources, self._sources, ADA)
        self.reader = Calls(alert_sources, self._sources, READER)
        self.member = Calls(alert_sources, self._sources, MEMBER)
        self.outsider = Calls(alert_sources, self._sources, OUTSIDER)

    def forget(self) -> None:
        """Lets what is remembered of keys be looked up again, as it is after seconds."""
        self._keyring.forget()

    @property
    def failure(self) -> TocsinError:
        """The failure that was raised."""
        servicers = (self._events, self._incident_io, self._sources)
        failure = next((each.failure for each in servicers if each.failure), None)
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
        private = any(team.id == SRE.id for team in wanted.teams)
        return await (self.member if private else self.source)("CreateAlertSource", request)

    async def hear(self, *changes: Message) -> None:
        """Lets ingest hear what Escalation tells."""
        known = consumer.reactions(self.means)["escalation"]

        def react(connection: Connection) -> None:
            for change in changes:
                now = self.means.clock.now(connection)
                known[change.DESCRIPTOR.full_name](connection, now, change.SerializeToString())

        await self.db.write(react)

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


@asynccontextmanager
async def open_door(folder: Path) -> AsyncIterator[Door]:
    url = f"sqlite:///{folder}/ingest.db"
    migrate(url, "ingest")
    async with database(url, "ingest") as db:
        await db.write(sources.prepare, Clock(), URL)
        for kind, record in (("policy", POLICY), ("team", SRE), ("team", OPS)):
            await db.write(facts.publish, kind, record.id, record)
        await db.write(facts.publish, "support_hours", 3, HOURS)
        yield Door(db)


def body(key: str, **fields: Any) -> bytes:
    return json.dumps(
        {"apiKey": key, "eventType": "ALERT", "summary": "disk full", **fields}
    ).encode()


async def post_all(door: Door, document: object) -> Answer:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    raw = httpbody_pb2.HttpBody(data=data, content_type="application/json")
    return await door.event("PostEvents", event_pb.PostEventsRequest(body=raw))


def said(key: str, **fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body(key, **fields))
    return found


def refusals(answer: Answer) -> list[tuple[int, str, str]]:
    return [
        (one.refusal.status, one.refusal.code, one.refusal.field)
        for one in answer.reply.results
        if one.HasField("refusal")
    ]
