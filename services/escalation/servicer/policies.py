"""Answers PolicyService."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.chassis import audit, counters
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import NotFound
from services.chassis.paging import Page, page
from services.chassis.principal import caller
from services.chassis.team_context import wanted_teams
from services.chassis.teams import hide_unseen, may_name, sees
from services.escalation import reach
from services.escalation.announcing import described_all, policies_changed
from services.escalation.domain.checks import line
from services.escalation.domain.policies import Policy, changeable, with_level
from services.escalation.policy_checks import check
from services.escalation.store import policies, uses
from services.escalation.store.alone import CONFIGURATION, alone
from services.escalation.webhooks import Webhooks
from services.escalation.wire import policies as wire
from tocsin.escalation.v1 import policy_pb2
from tocsin.escalation.v1 import policy_service_pb2 as pb
from tocsin.escalation.v1 import policy_service_pb2_grpc as rpc

DEFAULT_PAGE = 50
LARGEST_PAGE = 50
WORD = "escalation policy"


class PolicyServicer(rpc.PolicyServiceServicer):
    """The gRPC face of the policies."""

    def __init__(self, database: Database, clock: Clock, webhooks: Webhooks) -> None:
        self._database = database
        self._clock = clock
        self._webhooks = webhooks

    async def CreateEscalationPolicy(
        self, request: pb.CreateEscalationPolicyRequest, context: Context
    ) -> policy_pb2.EscalationPolicy:
        """See the proto."""
        await self._webhooks.learn(request.escalation_policy.escalation_rules)
        return await self._database.write(create, self._clock, request.escalation_policy)

    async def GetEscalationPolicy(
        self, request: pb.GetEscalationPolicyRequest, context: Context
    ) -> policy_pb2.EscalationPolicy:
        """See the proto."""
        return await self._database.read(_get, request.id)

    async def GetEscalationPolicyByName(
        self, request: pb.GetEscalationPolicyByNameRequest, context: Context
    ) -> policy_pb2.EscalationPolicy:
        """See the proto."""
        return await self._database.read(_get_by_name, request.name)

    async def ResolveRoutingKey(
        self, request: pb.ResolveRoutingKeyRequest, context: Context
    ) -> policy_pb2.EscalationPolicy:
        """See the proto."""
        routing_key = line(request.routing_key, "routing-key").strip()
        return await self._database.read(_resolve, routing_key)

    async def UpdateEscalationPolicy(
        self, request: pb.UpdateEscalationPolicyRequest, context: Context
    ) -> policy_pb2.EscalationPolicy:
        """See the proto."""
        told = request.escalation_policy
        await self._webhooks.learn(told.escalation_rules)
        return await self._database.write(update, self._clock, request.id, told)

    async def UpdateEscalationLevel(
        self, request: pb.UpdateEscalationLevelRequest, context: Context
    ) -> policy_pb2.EscalationPolicy:
        """See the proto."""
        await self._webhooks.learn([request.escalation_rule])
        return await self._database.write(
            _update_level, self._clock, request.id, request.level, request.escalation_rule
        )

    async def DeleteEscalationPolicy(
        self, request: pb.DeleteEscalationPolicyRequest, context: Context
    ) -> pb.DeleteEscalationPolicyResponse:
        """See the proto."""
        await self._database.write(delete, self._clock, request.id)
        return pb.DeleteEscalationPolicyResponse()

    async def ListEscalationPolicies(
        self, request: pb.ListEscalationPoliciesRequest, context: Context
    ) -> pb.ListEscalationPoliciesResponse:
        """See the proto."""
        wanted = page(request, default=DEFAULT_PAGE, most=LARGEST_PAGE)
        found = await self._database.read(_oldest, wanted, wanted_teams(context))
        return pb.ListEscalationPoliciesResponse(escalation_policies=found)


def create(
    connection: Connection, clock: Clock, told: policy_pb2.EscalationPolicy
) -> policy_pb2.EscalationPolicy:
    """Makes a policy as the caller told. Raises what the caller may not or cannot have."""
    alone(connection, CONFIGURATION)
    now = clock.now(connection)
    policy = wire.new_policy(told, counters.allocate(connection, "policy"))
    check(connection, now, policy, None)
    policies.add(connection, policy)
    policies_changed(connection, now, [policy])
    _audit(connection, now, policy.id, "policy.create")
    return _shown(connection, policy)


def update(
    connection: Connection, clock: Clock, policy_id: int, told: policy_pb2.EscalationPolicy
) -> policy_pb2.EscalationPolicy:
    """Replaces a policy by what the caller told. Raises as `create` does, and NotFound."""
    alone(connection, CONFIGURATION)
    known = _changeable(connection, policy_id)
    return _change(connection, clock, known, wire.new_policy(told, policy_id))


def _update_level(
    connection: Connection,
    clock: Clock,
    policy_id: int,
    index: int,
    told: policy_pb2.EscalationRule,
) -> policy_pb2.EscalationPolicy:
    alone(connection, CONFIGURATION)
    known = _changeable(connection, policy_id)
    level = wire.new_level(told, f"escalationRules[{index}]")
    return _change(connection, clock, known, with_level(known, index, level))


def _change(
    connection: Connection, clock: Clock, known: Policy, wanted: Policy
) -> policy_pb2.EscalationPolicy:
    now = clock.now(connection)
    wanted = replace(wanted, version=known.version)
    check(connection, now, wanted, known)
    if wanted != known:
        wanted = replace(wanted, version=known.version + 1)
        policies.save(connection, wanted)
        policies_changed(connection, now, [wanted])
        _audit(connection, now, wanted.id, "policy.update")
    return _shown(connection, wanted)


def delete(connection: Connection, clock: Clock, policy_id: int) -> None:
    """Deletes a policy that nothing uses. Raises NotFound, Forbidden, WrongState."""
    alone(connection, CONFIGURATION)
    policy = _changeable(connection, policy_id)
    uses.refuse_if_used(f"escalation policy {policy_id}", uses.of_policy(connection, policy_id))
    now = clock.now(connection)
    policies.remove(connection, policy_id)
    policies_changed(connection, now, [policy], deleted=True)
    _audit(connection, now, policy_id, "policy.delete")


def _changeable(connection: Connection, policy_id: int) -> Policy:
    """Returns a policy that the caller may change. Raises NotFound, Forbidden, WrongState."""
    return changeable(reach.changeable(policies.get(connection, policy_id), WORD))


def _get(connection: Connection, policy_id: int) -> policy_pb2.EscalationPolicy:
    return _shown(connection, reach.seen(policies.get(connection, policy_id), WORD))


def _get_by_name(connection: Connection, name: str) -> policy_pb2.EscalationPolicy:
    return _shown(connection, policies.get_by_name(connection, name, caller()))


def _resolve(connection: Connection, routing_key: str) -> policy_pb2.EscalationPolicy:
    found = policies.by_routing_key(connection, routing_key)
    if found is None or not sees(caller(), found.teams):
        raise NotFound(f"no escalation policy has the routing key {routing_key}")
    return _shown(connection, found)


def _oldest(
    connection: Connection, wanted: Page, of_teams: frozenset[int] | None
) -> list[policy_pb2.EscalationPolicy]:
    return _all_shown(connection, policies.oldest(connection, wanted, of_teams, caller()))


def _shown(connection: Connection, policy: Policy) -> policy_pb2.EscalationPolicy:
    return _all_shown(connection, [policy])[0]


def _all_shown(
    connection: Connection, found: Sequence[Policy]
) -> list[policy_pb2.EscalationPolicy]:
    """Returns policies as the caller may see them, in a constant number of queries."""
    told = described_all(connection, found)
    hide_unseen(caller(), told)
    following = policies.by_ids(connection, {each.fallback for each in found if each.fallback})
    for each in told:
        other = following.get(each.fallback.id)
        if other is not None and may_name(caller(), other.teams):
            each.fallback.name = other.name
    return told


def _audit(connection: Connection, now: datetime, policy_id: int, action: str) -> None:
    audit.record(connection, now, caller().actor(), action, f"policy:{policy_id}")
