"""Policies as protobuf messages."""

from collections.abc import Mapping
from datetime import timedelta

from services.escalation.domain.policies import Level, Policy, timeout
from services.escalation.domain.users import User
from services.escalation.wire import people
from tocsin.escalation.v1 import policy_pb2, team_pb2, user_pb2


def policy(
    policy: Policy, users: Mapping[int, User], team_names: Mapping[int, str]
) -> policy_pb2.EscalationPolicy:
    """Renders a policy, with the people and teams that it names."""
    return policy_pb2.EscalationPolicy(
        id=policy.id,
        name=policy.name,
        escalation_rules=[_rule(level, users) for level in policy.levels],
        repeating=policy.repeating,
        frequency=policy.frequency,
        delay_min=policy.delay_min,
        routing_key=policy.routing_key,
        teams=[team_pb2.Team(id=team, name=team_names.get(team, "")) for team in policy.teams],
    )


def new_policy(told: policy_pb2.EscalationPolicy, policy_id: int) -> Policy:
    """Reads a policy to make. Raises InvalidRequest if a timeout is out of its range."""
    return Policy(
        id=policy_id,
        name=told.name,
        levels=tuple(_level(rule, index) for index, rule in enumerate(told.escalation_rules)),
        repeating=told.repeating,
        frequency=told.frequency if told.HasField("frequency") else 1,
        delay_min=told.delay_min,
        routing_key=told.routing_key or None,
        teams=tuple(team.id for team in told.teams),
    )


def _rule(level: Level, users: Mapping[int, User]) -> policy_pb2.EscalationRule:
    return policy_pb2.EscalationRule(
        escalation_timeout=level.timeout // timedelta(minutes=1),
        escalation_timeout_seconds=level.timeout // timedelta(seconds=1),
        users=[
            people.user(users[user]) if user in users else user_pb2.User(id=user)
            for user in level.users
        ],
    )


def _level(rule: policy_pb2.EscalationRule, index: int) -> Level:
    seconds = (
        rule.escalation_timeout_seconds if rule.HasField("escalation_timeout_seconds") else None
    )
    return Level(
        tuple(dict.fromkeys(user.id for user in rule.users)),
        timeout(
            minutes=rule.escalation_timeout, seconds=seconds, field=f"escalationRules[{index}]"
        ),
    )
