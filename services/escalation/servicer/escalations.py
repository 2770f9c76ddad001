"""Answers EscalationService."""

from dataclasses import replace

from sqlalchemy import Connection

from services.chassis import idempotency
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest, NotFound, WrongState
from services.chassis.moments import moment
from services.chassis.paging import page
from services.chassis.principal import caller
from services.escalation import expiring, reach, running, starting, trying
from services.escalation.domain.checks import line
from services.escalation.domain.runs import ALERT, Actor, Run
from services.escalation.store import run_lists, runs, users
from services.escalation.store.run_lists import Wanted
from services.escalation.wire import runs as wire
from tocsin.escalation.v1 import escalation_pb2
from tocsin.escalation.v1 import escalation_service_pb2 as pb
from tocsin.escalation.v1 import escalation_service_pb2_grpc as rpc

USUAL_PAGE = 50
LARGEST_PAGE = 100


class EscalationServicer(rpc.EscalationServiceServicer):
    """The gRPC face of the runs."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def StartEscalation(
        self, request: pb.StartEscalationRequest, context: Context
    ) -> escalation_pb2.Escalation:
        """See the proto."""
        wanted = starting.wanted(request, idempotency.in_header(context))
        return wire.escalation(await self._database.write(starting.start, self._clock, wanted))

    async def GetEscalation(
        self, request: pb.GetEscalationRequest, context: Context
    ) -> escalation_pb2.Escalation:
        """See the proto."""
        if request.HasField("id") == bool(request.key):
            raise InvalidRequest("exactly one of id and key is required", field="key")
        return wire.escalation(await self._database.read(_get, request.id, request.key))

    async def ListEscalations(
        self, request: pb.ListEscalationsRequest, context: Context
    ) -> pb.ListEscalationsResponse:
        """See the proto."""
        part = page(request, default=USUAL_PAGE, most=LARGEST_PAGE)
        wanted, reader = _wanted(request), caller()
        found = await self._database.read(run_lists.newest, wanted, part, reader)
        return pb.ListEscalationsResponse(escalations=wire.listed(found))

    async def AcknowledgeEscalation(
        self, request: pb.AcknowledgeEscalationRequest, context: Context
    ) -> escalation_pb2.Escalation:
        """See the proto."""
        asked = request.id, request.user_id
        return wire.escalation(await self._database.write(_acknowledge, self._clock, *asked))

    async def StopEscalation(
        self, request: pb.StopEscalationRequest, context: Context
    ) -> escalation_pb2.Escalation:
        """See the proto."""
        return wire.escalation(await self._database.write(_stop, self._clock, request.id))

    async def CreateTestPage(
        self, request: pb.CreateTestPageRequest, context: Context
    ) -> escalation_pb2.Escalation:
        """See the proto."""
        asked = request.id, wire.priority(request.test_page.priority, "priority")
        return wire.escalation(await self._database.write(trying.start, self._clock, *asked))


def _get(connection: Connection, run_id: int, key: str) -> Run:
    if not key:
        return starting.seen(connection, runs.get(connection, run_id))
    found = runs.by_keys(connection, [key]).get(key)
    if found is None or not reach.sees_run(connection, found, caller()):
        raise NotFound("there is no escalation with this key")
    return found


def _wanted(request: pb.ListEscalationsRequest) -> Wanted:
    """Reads which runs are asked for. Raises InvalidRequest naming the field."""
    if request.subject_id and not request.kind:
        raise InvalidRequest("kind is required with subject-id", field="kind")
    return Wanted(
        kind=line(request.kind, "kind") if request.kind else "",
        subject_id=line(request.subject_id, "subject-id") if request.subject_id else "",
        states=wire.states(request.states),
        policies=request.policies,
        start=moment(getattr(request, "from"), "from") if request.HasField("from") else None,
        end=moment(request.until, "until") if request.HasField("until") else None,
    )


def _acknowledge(connection: Connection, clock: Clock, run_id: int, user_id: int) -> Run:
    now = clock.now(connection)
    _refuse_alert(connection, run_id, "accept the alert instead")
    meant = expiring.newest(connection, run_id)
    run = running.acknowledge(connection, now, meant, _taker(connection, user_id))
    if run.end_time == now:  # else it was before
        starting.record(connection, run, now, "escalation.acknowledge")
    return run


def _stop(connection: Connection, clock: Clock, run_id: int) -> Run:
    now = clock.now(connection)
    _refuse_alert(connection, run_id, "resolve the alert instead")
    meant = expiring.newest(connection, run_id)
    run = running.stop(connection, now, meant, _caller(), over=True)
    if run.end_time == now:  # as above
        starting.record(connection, run, now, "escalation.stop")
    return run


def _refuse_alert(connection: Connection, run_id: int, instead: str) -> None:
    run = reach.answerable(connection, runs.get(connection, run_id))
    if run.subject.kind == ALERT:
        raise WrongState(
            f"escalation {run_id} is about alert {run.subject.id}: {instead}",
            reason="SUBJECT_IS_ALERT",
        )


def _caller() -> Actor:
    return wire.actor_value(caller().actor())


def _taker(connection: Connection, user_id: int) -> Actor:
    """Returns who took a subject: the caller, or whose answer the caller brings."""
    if not user_id:
        return _caller()
    person = users.by_ids(connection, [user_id]).get(user_id)
    if person is None:
        raise InvalidRequest(f"there is no user {user_id}", field="user-id")
    return replace(_caller(), user_id=user_id, name=person.name)
