"""What runs follow: policies as they are when a run begins, with all that follow them."""

from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from services.chassis import counters
from services.escalation.domain.fallbacks import following
from services.escalation.domain.policies import Plan, Policy
from services.escalation.store import policies


def plan_of(connection: Connection, policy_id: int) -> Plan:
    """Returns what a run along a policy follows; one without levels if there is no such policy."""
    policy = policies.find(connection, policy_id)
    return plan(connection, policy) if policy else Plan(policy_id=policy_id)


def plan(connection: Connection, policy: Policy) -> Plan:
    """Returns what a run along a policy follows, and the policies after it.

    Whose turn it is on levels where people take turns comes when the run begins (`with_turn`).
    """
    return policy.plan(following(policy, partial(policies.find, connection)))


def with_turn(connection: Connection, plan: Plan) -> Plan:
    """Returns what a run that begins now follows, and takes its turn if there are turns.

    Counted are the runs that began along the policy since its people, or those of one that
    follows it, take turns.
    """
    if not plan.takes_turns:
        return plan
    number = counters.allocate(connection, f"turn:{plan.policy_id}")
    return replace(plan, turn=number - 1)


def next_turn(connection: Connection, plan: Plan) -> Plan:
    """Returns what a run would follow that began next, and takes no turn: for a simulation."""
    return replace(plan, turn=counters.last(connection, f"turn:{plan.policy_id}"))
