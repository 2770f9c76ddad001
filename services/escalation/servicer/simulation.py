"""Answers SimulationService."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.chassis import facts
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest, NotFound
from services.chassis.patience import Patience
from services.chassis.principal import caller
from services.chassis.teams import hide_unseen, refuse_unseen
from services.escalation import reach
from services.escalation.domain.checks import line, within
from services.escalation.domain.policies import Policy
from services.escalation.domain.runs import Actor, Paged, Priority
from services.escalation.domain.simulation import Acceptance
from services.escalation.peers import Ways
from services.escalation.servicer.shifts import bounded
from services.escalation.simulating import AHEAD, Answer, Question, simulate
from services.escalation.sources import SOURCE
from services.escalation.store import policies, users
from services.escalation.wire import simulation as wire
from services.escalation.wire.runs import PRIORITIES
from tocsin.escalation.v1 import simulation_pb2
from tocsin.escalation.v1 import simulation_service_pb2 as pb
from tocsin.escalation.v1 import simulation_service_pb2_grpc as rpc
from tocsin.ingest.v1.alert_source_pb2 import AlertSource

USUAL_RESULTS, MOST_RESULTS = 500, 1000
MOST_SECONDS = 8  # of simulating: less than a call may take
SUBJECTS = ("escalation_policy_id", "escalation_policy", "routing_key", "alert_source_id")
PAST = "The configuration is the one of now, which need not be the one of then."
NO_CONTACTS = "Notification did not say through what people are told."


class SimulationServicer(rpc.SimulationServiceServicer):
    """The gRPC face of what would happen."""

    def __init__(self, database: Database, clock: Clock, ways: Ways) -> None:
        self._database = database
        self._clock = clock
        self._ways = ways

    async def SimulateEscalation(
        self, request: pb.SimulateEscalationRequest, context: Context
    ) -> simulation_pb2.Simulation:
        """See the proto."""
        with Patience(MOST_SECONDS) as patience:
            question, answer, notes = await self._database.read_slowly(
                _simulated, self._clock, request, patience
            )
        told = await self._ways.of(_paged(answer), question.start)
        if told is None:
            notes.append(NO_CONTACTS)
        people = None if told is None else told.people
        telling = wire.Telling(question, answer, people)
        # A thousand steps of many people each: pages go on beside it.
        shown = await asyncio.to_thread(wire.simulation, telling, notes)
        hide_unseen(caller(), [shown])
        return shown


def _simulated(
    connection: Connection, clock: Clock, request: pb.SimulateEscalationRequest, patience: Patience
) -> tuple[Question, Answer, list[str]]:
    now = clock.now(connection)
    start = bounded(request.at, "at") if request.HasField("at") else now
    policy, priority, notes = _meant(connection, request)
    if request.priority:
        priority = _priority(request)
    most = request.max_results if request.HasField("max_results") else USUAL_RESULTS
    within(most, 1, MOST_RESULTS, "maxResults")
    question = Question(
        policy=policy,
        priority=priority,
        start=start,
        acceptance=_acceptance(connection, request, start),
        most=most,
    )
    return question, simulate(connection, question, patience), [PAST] * (start < now) + notes


def _priority(request: pb.SimulateEscalationRequest) -> Priority:
    if request.priority not in PRIORITIES:
        raise InvalidRequest("priority must be HIGH or LOW", field="priority")
    return PRIORITIES[request.priority]


def _meant(
    connection: Connection, request: pb.SimulateEscalationRequest
) -> tuple[Policy, Priority, list[str]]:
    """Returns the policy that is meant, its usual priority, and what to know besides."""
    said = [name for name in SUBJECTS if request.HasField(name)]
    if len(said) != 1:
        raise InvalidRequest(
            "say exactly one of escalationPolicyId, escalationPolicy, routingKey and alertSourceId",
            field="escalationPolicyId",
        )
    match said[0]:
        case "escalation_policy":
            name = line(request.escalation_policy, "escalationPolicy")
            return policies.get_by_name(connection, name, caller()), Priority.HIGH, []
        case "routing_key":
            return _by_routing_key(connection, request.routing_key), Priority.HIGH, []
        case "alert_source_id":
            return _of_source(connection, request.alert_source_id)
        case _:
            found = policies.get(connection, request.escalation_policy_id)
            return reach.seen(found, "escalation policy"), Priority.HIGH, []


def _by_routing_key(connection: Connection, told: str) -> Policy:
    routing_key = line(told, "routingKey").strip()
    found = policies.by_routing_key(connection, routing_key)
    if found is None:
        raise NotFound(f"no escalation policy has the routing key {routing_key}")
    return reach.seen(found, "escalation policy")


def _of_source(connection: Connection, source_id: int) -> tuple[Policy, Priority, list[str]]:
    source = facts.get(connection, SOURCE, source_id, AlertSource)
    if source is None:
        raise NotFound(f"there is no alert source {source_id}")
    refuse_unseen(caller(), [team.id for team in source.teams], f"alert source {source_id}")
    policy = reach.seen(policies.get(connection, source.escalation_policy.id), "escalation policy")
    low = source.alert_priority_rule == AlertSource.LOW
    idle = source.HasField("active") and not source.active
    notes = [f"Alert source {source_id} is not active: its events make no alerts."] * idle
    return policy, Priority.LOW if low else Priority.HIGH, notes


def _acceptance(
    connection: Connection, request: pb.SimulateEscalationRequest, start: datetime
) -> Acceptance | None:
    if not request.HasField("accept_after_seconds"):
        if request.HasField("accepted_by"):
            raise InvalidRequest("acceptedBy needs acceptAfterSeconds", field="acceptAfterSeconds")
        return None
    within(request.accept_after_seconds, 0, AHEAD // timedelta(seconds=1), "acceptAfterSeconds")
    by = Actor("USER", name="somebody")
    if request.HasField("accepted_by"):
        found = users.get(connection, request.accepted_by)
        by = Actor("USER", user_id=found.id, name=found.name)
    return Acceptance(start + timedelta(seconds=request.accept_after_seconds), by)


def _paged(answer: Answer) -> set[int]:
    effects = (step.effect for step in answer.timeline.steps)
    return {user for effect in effects if isinstance(effect, Paged) for user in effect.users}
