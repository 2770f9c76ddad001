"""Answers PolicyService."""

from collections.abc import Iterable

from sqlalchemy import Connection

from services.chassis import audit, counters
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import AlreadyExists
from services.chassis.paging import Page, page
from services.chassis.principal import caller
from services.escalation.announcing import described, policy_changed
from services.escalation.domain.policies import checked
from services.escalation.store import policies, users
from services.escalation.wire import policies as wire
from tocsin.escalation.v1 import policy_pb2
from tocsin.escalation.v1 import policy_service_pb2 as pb
from tocsin.escalation.v1 import policy_service_pb2_grpc as rpc

DEFAULT_PAGE = 50
LARGEST_PAGE = 50


class PolicyServicer(rpc.PolicyServiceServicer):
    """The gRPC face of the policies."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def CreateEscalationPolicy(
        self, request: pb.CreateEscalationPolicyRequest, context: Context
    ) -> policy_pb2.EscalationPolicy:
        """See the proto."""
        return await self._database.write(_create, self._clock, request.escalation_policy)

    async def GetEscalationPolicy(
        self, request: pb.GetEscalationPolicyRequest, context: Context
    ) -> policy_pb2.EscalationPolicy:
        """See the proto."""
        return await self._database.read(_get, request.id)

    async def ListEscalationPolicies(
        self, request: pb.ListEscalationPoliciesRequest, context: Context
    ) -> pb.ListEscalationPoliciesResponse:
        """See the proto."""
        wanted = page(request, default=DEFAULT_PAGE, most=LARGEST_PAGE)
        found = await self._database.read(_oldest, wanted)
        return pb.ListEscalationPoliciesResponse(escalation_policies=found)


def _create(
    connection: Connection, clock: Clock, told: policy_pb2.EscalationPolicy
) -> policy_pb2.EscalationPolicy:
    now = clock.now(connection)
    # The number comes first: whoever wants one too waits, and then sees this routing key.
    policy = wire.new_policy(told, counters.allocate(connection, "policy"))
    checked(
        policy,
        users=users.existing(connection, _named(told)),
        teams=users.team_names(connection, policy.teams).keys(),
    )
    if policy.routing_key and policies.has_routing_key(connection, policy.routing_key):
        raise AlreadyExists(
            f"another policy has the routing key {policy.routing_key}", field="routingKey"
        )
    policies.add(connection, policy)
    policy_changed(connection, now, policy)
    audit.record(connection, now, caller().actor(), "policy.create", f"policy:{policy.id}")
    return described(connection, policy)


def _get(connection: Connection, policy_id: int) -> policy_pb2.EscalationPolicy:
    return described(connection, policies.get(connection, policy_id))


def _oldest(connection: Connection, wanted: Page) -> list[policy_pb2.EscalationPolicy]:
    return [described(connection, policy) for policy in policies.oldest(connection, wanted)]


def _named(told: policy_pb2.EscalationPolicy) -> Iterable[int]:
    return (user.id for rule in told.escalation_rules for user in rule.users)
