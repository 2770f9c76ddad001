"""Answers EscalationService."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import audit
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import NotFound, WrongState
from services.chassis.principal import caller
from services.escalation import expiring, plans, reach, running
from services.escalation.domain.checks import line
from services.escalation.domain.runs import ALERT, Actor, Run, Subject
from services.escalation.store import policies, runs
from services.escalation.store.alone import alone
from services.escalation.wire import runs as wire
from tocsin.escalation.v1 import escalation_pb2
from tocsin.escalation.v1 import escalation_service_pb2 as pb
from tocsin.escalation.v1 import escalation_service_pb2_grpc as rpc


class EscalationServicer(rpc.EscalationServiceServicer):
    """The gRPC face of the runs."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def StartEscalation(
        self, request: pb.StartEscalationRequest, context: Context
    ) -> escalation_pb2.Escalation:
        """See the proto."""
        subject = wire.new_subject(request.subject)
        policy_id = request.escalation_policy_id
        return wire.escalation(await self._database.write(_start, self._clock, subject, policy_id))

    async def GetEscalation(
        self, request: pb.GetEscalationRequest, context: Context
    ) -> escalation_pb2.Escalation:
        """See the proto."""
        return wire.escalation(await self._database.read(_get, request.id))

    async def ListEscalations(
        self, request: pb.ListEscalationsRequest, context: Context
    ) -> pb.ListEscalationsResponse:
        """See the proto."""
        kind, subject_id = line(request.kind, "kind"), line(request.subject_id, "subject-id")
        found = await self._database.read(_of_subject, kind, subject_id)
        return pb.ListEscalationsResponse(escalations=map(wire.escalation, found))

    async def AcknowledgeEscalation(
        self, request: pb.AcknowledgeEscalationRequest, context: Context
    ) -> escalation_pb2.Escalation:
        """See the proto."""
        return wire.escalation(await self._database.write(_acknowledge, self._clock, request.id))

    async def StopEscalation(
        self, request: pb.StopEscalationRequest, context: Context
    ) -> escalation_pb2.Escalation:
        """See the proto."""
        return wire.escalation(await self._database.write(_stop, self._clock, request.id))


def _get(connection: Connection, run_id: int) -> Run:
    run = runs.get(connection, run_id)
    if not reach.sees_run(connection, run, caller()):
        raise NotFound(f"there is no escalation {run_id}")
    return run


def _of_subject(connection: Connection, kind: str, subject_id: str) -> list[Run]:
    found = runs.of_subject(connection, kind, subject_id)
    return [run for run in found if reach.sees_run(connection, run, caller())]


def _start(connection: Connection, clock: Clock, subject: Subject, policy_id: int) -> Run:
    alone(connection, f"{subject.kind}:{subject.id}")
    known = runs.of_subject(connection, subject.kind, subject.id)
    subject = replace(subject, episode=expiring.episode(known, subject.episode))
    for run in known:
        if run.subject.episode == subject.episode:
            return _get(connection, run.id)
    now, by = clock.now(connection), _caller()
    policy = reach.seen(policies.get(connection, policy_id), "escalation policy")
    plan = plans.plan(connection, policy)
    for run in known:
        if run.pending and run.subject.episode < subject.episode:
            running.stop(connection, now, run.id, by)
    begun = running.begin(connection, now, subject, plan, by)
    _audit(connection, begun, now, "escalation.start")
    if any(run.subject.episode > subject.episode for run in known):
        return running.stop(connection, now, begun.id, by)  # came late: another has begun
    return begun


def _acknowledge(connection: Connection, clock: Clock, run_id: int) -> Run:
    now = clock.now(connection)
    _refuse_alert(connection, run_id, "accept the alert instead")
    meant = expiring.newest(connection, run_id)
    run = running.acknowledge(connection, now, meant, _caller())
    if run.end_time == now:  # else it was before
        _audit(connection, run, now, "escalation.acknowledge")
    return run


def _stop(connection: Connection, clock: Clock, run_id: int) -> Run:
    now = clock.now(connection)
    _refuse_alert(connection, run_id, "resolve the alert instead")
    run = running.stop(connection, now, expiring.newest(connection, run_id), _caller())
    if run.end_time == now:  # as above
        _audit(connection, run, now, "escalation.stop")
    return run


def _refuse_alert(connection: Connection, run_id: int, instead: str) -> None:
    run = reach.answerable(connection, runs.get(connection, run_id))
    if run.subject.kind == ALERT:
        raise WrongState(
            f"escalation {run_id} is about alert {run.subject.id}: {instead}",
            reason="SUBJECT_IS_ALERT",
        )


def _audit(connection: Connection, run: Run, now: datetime, action: str) -> None:
    target, after = f"escalation:{run.id}", {"key": run.subject.key, "state": run.state.value}
    audit.record(connection, now, caller().actor(), action, target, after=after)


def _caller() -> Actor:
    return wire.actor_value(caller().actor())
