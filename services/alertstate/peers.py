"""What other services are asked about alerts: whether records exist, and how escalations go."""

from collections.abc import Awaitable, Iterable
from typing import Protocol, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from services.alertstate import reported, wire
from services.alertstate.domain.alerts import Alert
from services.alertstate.domain.reports import Run
from services.alertstate.known import POLICY, SCHEDULE, SOURCE, USER
from services.chassis.errors import NotFound
from services.chassis.principal import caller
from services.chassis.teams import may_name, refuse_unseen
from tocsin.escalation.internal.v1 import run_service_pb2 as pb
from tocsin.escalation.internal.v1.run_service_pb2_grpc import RunServiceStub
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.schedule_pb2 import Schedule
from tocsin.escalation.v1.user_pb2 import User
from tocsin.ingest.v1.alert_source_pb2 import AlertSource

M = TypeVar("M", bound=Message)
T = TypeVar("T", EscalationPolicy, Schedule)

EFFECT_SECONDS = 2.0
ON_CALL_SECONDS = 1.0


class Asks(Protocol):
    """Whoever knows records, and asks their owner about others: a Follower."""

    def ask(self, kind: str, id_: object, message: type[M]) -> Awaitable[M | None]:
        """Returns a record, or None if there is none. Raises Unavailable."""


class References:
    """Finds what requests refer to. Every method raises NotFound, and Unavailable."""

    def __init__(self, ingest: Asks, escalation: Asks) -> None:
        self._ingest = ingest
        self._escalation = escalation

    async def source(self, id_: int) -> AlertSource:
        """Returns an alert source."""
        found = await self._found(self._ingest, SOURCE, id_, AlertSource, "alert source")
        refuse_unseen(caller(), [team.id for team in found.teams], f"alert source {id_}")
        return found

    async def policy(self, id_: int) -> EscalationPolicy:
        """Returns a policy."""
        word = "escalation policy"
        found = await self._found(self._escalation, POLICY, id_, EscalationPolicy, word)
        return _seen(found, f"{word} {id_}")

    async def user(self, id_: int) -> User:
        """Returns a person."""
        return await self._found(self._escalation, USER, id_, User, "user")

    async def schedule(self, id_: int) -> Schedule:
        """Returns a schedule."""
        found = await self._found(self._escalation, SCHEDULE, id_, Schedule, "schedule")
        return _seen(found, f"schedule {id_}")

    async def _found(self, owner: Asks, kind: str, id_: int, message: type[M], word: str) -> M:
        found = await owner.ask(kind, id_, message)
        if found is None:
            raise NotFound(f"there is no {word} {id_}")
        return found


def _seen(record: T, what: str) -> T:
    if not may_name(caller(), [team.id for team in record.teams]):
        raise NotFound(f"there is no {what}")
    return record


class Escalations:
    """Asks how escalations go. An Escalation that is away is no reason to fail."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = RunServiceStub(channel)

    async def effect(self, alert: Alert) -> Run | None:
        """Returns an alert's escalation once its newest version had its effect."""
        asleep = alert.snoozed_until is not None
        if not alert.content.policy_id or asleep or alert.silent:
            return None  # nothing escalates
        request = pb.AwaitRunRequest(key=key(alert), subject_version=alert.version)
        try:
            return reported.run(await self._stub.AwaitRun(request, timeout=EFFECT_SECONDS))
        except grpc.aio.AioRpcError:
            return None

    async def on_call(self, schedule_id: int) -> int | None:
        """Returns who is on call in a schedule: 0 for nobody, None when nobody can tell now."""
        request = pb.FindOnCallRequest(schedule_id=schedule_id)
        try:
            shift = await self._stub.FindOnCall(request, timeout=ON_CALL_SECONDS)
        except grpc.aio.AioRpcError:
            return None
        return shift.user.id

    async def next_users(self, alerts: Iterable[Alert]) -> dict[int, User]:
        """Returns the first of those who are paged next, by alert; nobody when nobody can tell."""
        keys = {key(each): each.id for each in alerts if each.next_escalation is not None}
        if not keys:
            return {}
        request = pb.FindNextUsersRequest(keys=keys)
        try:
            found = await self._stub.FindNextUsers(request, timeout=ON_CALL_SECONDS)
        except grpc.aio.AioRpcError:
            return {}
        return {keys[run.key]: run.users[0] for run in found.runs if run.users}

    async def people(self, policy_id: int) -> frozenset[int] | None:
        """Returns whom a policy means now; None when nobody can tell."""
        request = pb.FindPeopleRequest(policy_id=policy_id)
        try:
            found = await self._stub.FindPeople(request, timeout=ON_CALL_SECONDS)
        except grpc.aio.AioRpcError:
            return None
        return frozenset(found.user_ids)


def key(alert: Alert) -> str:
    """Returns what names the escalation of an alert."""
    return f"{wire.KIND}:{alert.id}:{alert.episode}"
