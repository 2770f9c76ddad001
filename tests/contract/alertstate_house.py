"""An AlertState in this process: its servicers over a database, and an Escalation to ask."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message
from grpc import StatusCode
from sqlalchemy import Connection, select

from services.alertstate import intake
from services.alertstate.peers import Escalations, References
from services.alertstate.servicer.alerts import AlertServicer
from services.alertstate.servicer.subjects import SubjectServicer
from services.chassis import facts
from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.chassis.outbox import OUTBOX
from services.chassis.principal import Principal
from tests.contract.blocking import Answer, Calls
from tocsin.alertstate.v1 import alert_service_pb2 as pb
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.chassis.internal.v1 import subject_service_pb2 as subject_pb
from tocsin.escalation.internal.v1 import run_service_pb2 as run_pb
from tocsin.escalation.internal.v1 import run_service_pb2_grpc as run_rpc
from tocsin.escalation.v1 import on_call_service_pb2 as on_calls_pb
from tocsin.escalation.v1.escalation_pb2 import Escalation
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, EscalationRule
from tocsin.escalation.v1.schedule_pb2 import Schedule, Shift
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.event_pb2 import Event
from tocsin.ingest.v1.ingest_events_pb2 import AcceptedEvent, EventsAccepted

M = TypeVar("M", bound=Message)

ADA = Principal(kind="USER", id="adasadas", name="Ada Lovelace", user_id=1)
BOB = Principal(kind="USER", id="bobsbobs", name="Bob Noyce", user_id=2)
BOT = Principal(kind="TOKEN", id="botsbots", name="deploy bot")
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)

ALERTS = pb.DESCRIPTOR.services_by_name["AlertService"]
SUBJECTS = subject_pb.DESCRIPTOR.services_by_name["SubjectService"]
State = subject_pb.CheckSubjectsResponse


@dataclass
class House:
    """The servicers over a database of their own."""

    db: Database
    clock: Clock
    runs: "Runs"
    channel: grpc.aio.Channel

    async def call(self, method: str, request: Message, caller: Principal = BOT) -> Answer:
        copies = Copies(self.db)
        servicer = AlertServicer(
            self.db, self.clock, References(copies, copies), Escalations(self.channel)
        )
        return await Calls(ALERTS, servicer, caller)(method, request)

    async def get(self, alert_id: int, *include: str) -> Alert:
        answer = await self.call("GetAlert", pb.GetAlertRequest(id=alert_id, include=include))
        assert answer.code is StatusCode.OK, answer
        alert: Alert = answer.reply
        return alert

    async def check(self, *subjects: tuple[str, str, int]) -> Answer:
        asked = [
            subject_pb.CheckSubjectsRequest.Subject(kind=kind, id=id_, episode=episode)
            for kind, id_, episode in subjects
        ]
        request = subject_pb.CheckSubjectsRequest(subjects=asked)
        return await Calls(SUBJECTS, SubjectServicer(self.db))("CheckSubjects", request)

    async def take(self, *events: AcceptedEvent) -> None:
        await self.db.write(intake.take, NOON, EventsAccepted(events=events))

    async def accept(self, alert_id: int, caller: Principal) -> Answer:
        return await self.call("AcceptAlert", pb.AcceptAlertRequest(id=alert_id), caller)

    async def resolve(self, alert_id: int, caller: Principal) -> Answer:
        return await self.call("ResolveAlert", pb.ResolveAlertRequest(id=alert_id), caller)

    async def ids(self, **wanted: object) -> list[int]:
        answer = await self.call("ListAlerts", pb.ListAlertsRequest(**wanted))  # type: ignore[arg-type] # its fields
        assert answer.code is StatusCode.OK, answer
        return [alert.id for alert in answer.reply.alerts]

    async def count(self, **wanted: object) -> int:
        answer = await self.call("CountAlerts", pb.CountAlertsRequest(**wanted))  # type: ignore[arg-type] # its fields
        return int(answer.reply.count)

    async def changes(self) -> list[AlertChanged]:
        def left(connection: Connection) -> Sequence[bytes]:
            query = select(OUTBOX.c.payload).order_by(OUTBOX.c.id)
            return connection.execute(query).scalars().all()

        return [AlertChanged.FromString(payload) for payload in await self.db.read(left)]


class Runs(run_rpc.RunServiceServicer):
    """Escalation's answers, as a test sets them."""

    def __init__(self) -> None:
        self.asked: list[run_pb.AwaitRunRequest] = []
        self.run: Escalation | None = None
        self.on_call: User | None = None
        self.next: dict[str, User] = {}  # by the run's key
        self.people: Sequence[int] | None = None  # None: the policy is not known

    async def AwaitRun(self, request: run_pb.AwaitRunRequest, context: object) -> Escalation:
        self.asked.append(request)
        if self.run is None:
            await context.abort(StatusCode.NOT_FOUND, "no such run")  # type: ignore[attr-defined] # grpc's own
        return self.run or Escalation()

    async def FindOnCall(self, request: run_pb.FindOnCallRequest, context: object) -> Shift:
        return Shift(user=self.on_call)

    async def FindNextUsers(
        self, request: run_pb.FindNextUsersRequest, context: object
    ) -> run_pb.FindNextUsersResponse:
        known = [(key, self.next[key]) for key in request.keys if key in self.next]
        runs = [run_pb.FindNextUsersResponse.Next(key=key, users=[user]) for key, user in known]
        return run_pb.FindNextUsersResponse(runs=runs)

    async def FindPeople(
        self, request: run_pb.FindPeopleRequest, context: object
    ) -> run_pb.FindPeopleResponse:
        if self.people is None:
            await context.abort(StatusCode.NOT_FOUND, "no such policy")  # type: ignore[attr-defined] # grpc's own
        return run_pb.FindPeopleResponse(user_ids=self.people or ())

    async def ListShiftsOfSchedules(
        self, request: on_calls_pb.ListShiftsOfSchedulesRequest, context: object
    ) -> on_calls_pb.ListShiftsOfSchedulesResponse:
        return on_calls_pb.ListShiftsOfSchedulesResponse()


class Copies:
    """Knows the records that are in the database, and nobody to ask for others."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def ask(self, kind: str, id_: object, message: type[M]) -> M | None:
        return await self._db.read(facts.get, kind, id_, message)

    async def refresh(self) -> None:
        """Nobody has anything newer."""


@asynccontextmanager
async def running_house(folder: Path) -> AsyncIterator[House]:
    url = f"sqlite:///{folder}/alertstate.db"
    migrate(url, "alertstate")
    runs = Runs()
    server = grpc.aio.server()
    run_rpc.add_RunServiceServicer_to_server(runs, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with (
            database(url, "alertstate") as db,
            grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
        ):
            await db.write(_know)
            yield House(db, Clock(), runs, channel)
    finally:
        await server.stop(None)


def accepted(
    seq: int,
    type_: Event.Type = Event.ALERT,
    *,
    key: str = "Disk",
    source: int = 3,
    policy: int = 4,
    at: datetime = NOON,
    **fields: object,
) -> AcceptedEvent:
    event = AcceptedEvent(
        seq=seq,
        event_id=f"event {seq}",
        source_id=source,
        type=type_,
        alert_key=key,
        match_key=key.lower(),
        summary="disk full",
        escalation_policy_id=policy,
        accept_time=at,
        repeat=AcceptedEvent.APPEND,
    )
    event.MergeFrom(AcceptedEvent(**fields))  # type: ignore[arg-type] # its fields
    return event


def _know(connection: Connection) -> None:
    source = AlertSource(
        id=3,
        name="Grafana",
        integration_type="API",
        teams=[Team(id=8, name="SRE")],
        escalation_policy=EscalationPolicy(id=4),
    )
    rule = EscalationRule(escalation_timeout=5, users=[User(id=1)])
    policy = EscalationPolicy(id=4, name="on-call", escalation_rules=[rule])
    databases = EscalationPolicy(id=5, name="databases", routing_key="db")
    ada = User(id=1, first_name="Ada", last_name="Lovelace", email="ada@example.com")
    for kind, record in (("source", source), ("policy", policy), ("policy", databases)):
        facts.publish(connection, kind, record.id, record)
    facts.publish(connection, "user", 1, ada)
    bob = User(id=2, first_name="Bob", last_name="Noyce", email="BN@example.com")
    facts.publish(connection, "user", 2, bob)
    facts.publish(connection, "schedule", 6, Schedule(id=6, name="nights"))
