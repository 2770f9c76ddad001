"""Starts runs for other programs: one for a subject's episode, and one for a request by its name.

Whoever names a request may leave the episode to Tocsin. A subject that is being escalated goes
on as it is; any other begins its next episode, so that a job that fails again pages again.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import audit
from services.chassis.clock import Clock
from services.chassis.errors import AlreadyExists, InvalidRequest, NotFound
from services.chassis.idempotency import KEPT, check, reused
from services.chassis.principal import caller
from services.escalation import expiring, plans, reach, running
from services.escalation.domain.policies import Policy
from services.escalation.domain.runs import Run, State, Subject
from services.escalation.store import names, policies, runs
from services.escalation.store.alone import alone
from services.escalation.store.names import Named
from services.escalation.wire import runs as wire
from tocsin.escalation.v1.escalation_service_pb2 import StartEscalationRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A run that a program asks for."""

    subject: Subject
    any_episode: bool  # the next one, if the subject is not being escalated
    policy_id: int
    routing_key: str
    policy_name: str
    name: str  # of the request; empty if it has none
    sha256: bytes


def wanted(request: StartEscalationRequest, header: str) -> Wanted:
    """Reads what a program asks for. Raises InvalidRequest naming the field."""
    name = check(request.idempotency_key, "idempotencyKey") or header
    ways = (request.escalation_policy_id, request.routing_key, request.escalation_policy_name)
    if sum(map(bool, ways)) != 1:
        raise InvalidRequest(
            "exactly one of escalationPolicyId, routingKey and escalationPolicyName is required",
            field="escalationPolicyId",
        )
    said = StartEscalationRequest()
    said.CopyFrom(request)
    said.ClearField("idempotency_key")
    return Wanted(
        subject=wire.new_subject(request.subject),
        any_episode=bool(name) and not request.subject.episode,
        policy_id=request.escalation_policy_id,
        routing_key=request.routing_key,
        policy_name=request.escalation_policy_name,
        name=name,
        sha256=hashlib.sha256(said.SerializeToString(deterministic=True)).digest(),
    )


def start(connection: Connection, clock: Clock, asked: Wanted) -> Run:
    """Starts a run, or returns the one that there is. Raises NotFound, AlreadyExists."""
    if not asked.name:
        return _start(connection, clock, asked)
    whose = f"{caller().kind}:{caller().id}"
    alone(connection, f"name {whose} {asked.name}")
    now = clock.now(connection)
    known = names.find(connection, whose, asked.name, now - KEPT)
    if known is None:
        run = _start(connection, clock, asked)
        named = Named(run.id, asked.sha256)
        names.put(connection, now, now - KEPT, whose, asked.name, named)
        return run
    if known.request_sha256 != asked.sha256:
        raise reused(AlreadyExists, "request")
    return seen(connection, runs.get(connection, known.run_id))


def seen(connection: Connection, run: Run) -> Run:
    """Returns a run that the caller sees. Raises NotFound."""
    if not reach.sees_run(connection, run, caller()):
        raise NotFound(f"there is no escalation {run.id}")
    return run


def record(connection: Connection, run: Run, now: datetime, action: str) -> None:
    """Notes who did something to a run."""
    target, after = f"escalation:{run.id}", {"key": run.subject.key, "state": run.state.value}
    audit.record(connection, now, caller().actor(), action, target, after=after)


def _start(connection: Connection, clock: Clock, asked: Wanted) -> Run:
    subject = asked.subject
    alone(connection, f"{subject.kind}:{subject.id}")
    known = runs.of_subject(connection, subject.kind, subject.id)
    latest = max(known, key=lambda run: run.subject.episode, default=None)
    if asked.any_episode and latest is not None:
        episode = latest.subject.episode + (latest.state is not State.RUNNING)
    else:
        episode = expiring.episode(known, subject.episode)
    subject = replace(subject, episode=episode)
    for run in known:
        if run.subject.episode == subject.episode:
            return seen(connection, run)
    now, by = clock.now(connection), wire.actor_value(caller().actor())
    plan = plans.plan(connection, _policy(connection, asked))
    for run in known:
        if run.pending and run.subject.episode < subject.episode:
            running.stop(connection, now, run.id, by)
    begun = running.begin(connection, now, subject, plan, by)
    record(connection, begun, now, "escalation.start")
    if any(run.subject.episode > subject.episode for run in known):
        return running.stop(connection, now, begun.id, by)  # came late: another has begun
    return begun


def _policy(connection: Connection, asked: Wanted) -> Policy:
    """Returns the policy that is meant. Raises NotFound."""
    if asked.policy_name:
        return policies.get_by_name(connection, asked.policy_name, caller())
    if not asked.routing_key:
        return reach.seen(policies.get(connection, asked.policy_id), "escalation policy")
    found = policies.by_routing_key(connection, asked.routing_key)
    if found is None:
        raise NotFound(f"no escalation policy has the routing key {asked.routing_key}")
    return reach.seen(found, "escalation policy")
