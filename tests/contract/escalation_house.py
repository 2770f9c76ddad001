"""Escalation without its doors: its servicers, its database, a clock that can be turned."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.message import Message
from sqlalchemy import Connection, event, select

from services.chassis.clock import Clock
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from services.chassis.tables import AuditRow, OutboxRow
from services.chassis.timers import Timers
from services.escalation import first_start, timer, webhooks
from services.escalation.servicer.escalations import EscalationServicer
from services.escalation.servicer.policies import PolicyServicer
from services.escalation.servicer.subjects import SubjectServicer
from services.escalation.servicer.tokens import TokenServicer
from services.escalation.servicer.users import UserServicer
from services.escalation.webhooks import UNASKED
from tests.contract.blocking import ADA, Answer, Calls
from tocsin.chassis.internal.v1 import subject_service_pb2 as subject_calls
from tocsin.escalation.v1 import escalation_service_pb2 as calls
from tocsin.escalation.v1 import policy_service_pb2 as policy_calls
from tocsin.escalation.v1 import token_service_pb2 as token_calls
from tocsin.escalation.v1 import user_service_pb2 as user_calls
from tocsin.escalation.v1.escalation_pb2 import Subject
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, EscalationRule
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1.notification_events_pb2 import WebhookChanged
from tocsin.notification.v1.webhook_pb2 import Webhook

OK = grpc.StatusCode.OK
INVALID = grpc.StatusCode.INVALID_ARGUMENT
NOT_FOUND = grpc.StatusCode.NOT_FOUND
EXISTS = grpc.StatusCode.ALREADY_EXISTS
WRONG_STATE = grpc.StatusCode.FAILED_PRECONDITION

PERSON = User(first_name="Ada", last_name="Lovelace", email="ada@example.com")
DEPLOY = Subject(kind="deploy", id="42", title="Rollout waits")
AUDIT = AuditRow.__table__
OUTBOX = OutboxRow.__table__


@dataclass
class House:
    """A service without its doors."""

    db: Database
    clock: Clock

    async def users(self, method: str, request: Message, caller: Any = ADA) -> Answer:
        service = user_calls.DESCRIPTOR.services_by_name["UserService"]
        return await Calls(service, UserServicer(self.db, self.clock), caller)(method, request)

    async def tokens(self, method: str, request: Message, caller: Any = ADA) -> Answer:
        service = token_calls.DESCRIPTOR.services_by_name["TokenService"]
        return await Calls(service, TokenServicer(self.db, self.clock), caller)(method, request)

    async def policies(self, method: str, request: Message) -> Answer:
        service = policy_calls.DESCRIPTOR.services_by_name["PolicyService"]
        return await Calls(service, PolicyServicer(self.db, self.clock, UNASKED))(method, request)

    async def escalations(
        self, method: str, request: Message, caller: Any = ADA, **metadata: str
    ) -> Answer:
        service = calls.DESCRIPTOR.services_by_name["EscalationService"]
        call = Calls(service, EscalationServicer(self.db, self.clock), caller)
        return await call(method, request, **metadata)

    async def subjects(self, *asked: tuple[str, str, int]) -> Answer:
        service = subject_calls.DESCRIPTOR.services_by_name["SubjectService"]
        request = subject_calls.CheckSubjectsRequest()
        for kind, subject_id, episode in asked:
            request.subjects.add(kind=kind, id=subject_id, episode=episode)
        return await Calls(service, SubjectServicer(self.db))("CheckSubjects", request)

    async def person(self, name: str = "Ada") -> int:
        told = User(first_name=name, last_name="L", email=f"{name}@example.com")
        made = await self.users("CreateUser", user_calls.CreateUserRequest(user=told))
        user_id: int = made.reply.id
        return user_id

    async def policy(self, *seconds: int) -> int:
        ada = User(id=await self.person())
        rules = [EscalationRule(escalation_timeout_seconds=s, users=[ada]) for s in seconds]
        answer = await self.policies("CreateEscalationPolicy", new_policy(*rules))
        policy_id: int = answer.reply.id
        return policy_id

    async def start(self, subject: Subject = DEPLOY, policy_id: int | None = None) -> Answer:
        request = calls.StartEscalationRequest(
            subject=subject, escalation_policy_id=policy_id or await self.policy(60)
        )
        return await self.escalations("StartEscalation", request)

    async def goes_on(self, seconds: int = 0) -> None:
        """Turns the clock, and takes every step that is due."""
        self.clock.turn(timedelta(seconds=seconds))
        timers = Timers(self.db, self.clock, timer.DUE)
        while await timers.step():
            pass

    async def audit(self) -> list[tuple[str, str]]:
        query = select(AUDIT.c.action, AUDIT.c.target).order_by(AUDIT.c.id)
        return await self.db.read(lambda c: [tuple(row) for row in c.execute(query)])

    async def told(self, message: Callable[[], Any]) -> list[Any]:
        """Returns what waits to be published of a type."""
        name = message().DESCRIPTOR.full_name
        query = select(OUTBOX.c.payload).where(OUTBOX.c.type == name).order_by(OUTBOX.c.id)
        payloads = await self.db.read(lambda c: c.execute(query).scalars().all())
        return [message().FromString(payload) for payload in payloads]

    async def statements(self) -> list[str]:
        """Returns a list to which every statement is added from now on."""
        noted: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *rest: object) -> None:
            noted.append(statement)

        def listen(connection: Connection) -> None:
            event.listen(connection.engine, "before_cursor_execute", note)

        await self.db.read(listen)
        return noted


def new_policy(*rules: EscalationRule, **fields: Any) -> Message:
    told = EscalationPolicy(**{"name": "Night", "escalation_rules": rules, **fields})
    return policy_calls.CreateEscalationPolicyRequest(escalation_policy=told)


@asynccontextmanager
async def escalation(folder: Path) -> AsyncIterator[House]:
    """Offers a house on an empty database."""
    url = f"sqlite:///{folder}/escalation.db"
    migrate(url, "escalation")
    clock = Clock()
    async with database(url, "escalation") as opened:
        await opened.write(first_start.prepare, clock, "")
        yield House(opened, clock)


async def hear(house: House, id_: int = 7, version: int = 1, **more: Any) -> None:
    """Has Escalation hear of a webhook."""
    deleted = more.pop("deleted", False)
    fields: dict[str, Any] = {"id": id_, "name": "bot"}
    webhook = Webhook(**fields | more)
    event = WebhookChanged(webhook=webhook, version=version, deleted=deleted)
    await house.db.write(lambda c: webhooks.webhook_changed(c, house.clock.now(c), event))
