"""Policies as protobuf messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from services.chassis.errors import InvalidRequest
from services.escalation.domain.policies import Distribution, Level, Policy, timeout
from services.escalation.domain.teams import Label
from services.escalation.domain.users import User
from services.escalation.wire import people
from tocsin.escalation.v1 import policy_pb2, schedule_pb2, team_pb2, user_pb2
from tocsin.notification.v1.webhook_pb2 import Webhook


@dataclass(frozen=True, slots=True)
class Named:
    """Whom and what policies name, as far as they exist."""

    users: Mapping[int, User]
    teams: Mapping[int, Label]
    schedules: Mapping[int, str]
    webhooks: Mapping[int, Webhook] = field(default_factory=dict)


DISTRIBUTIONS: Mapping[int, Distribution] = {
    policy_pb2.EscalationRule.DISTRIBUTION_UNSPECIFIED: Distribution.ALL,
    policy_pb2.EscalationRule.ALL: Distribution.ALL,
    policy_pb2.EscalationRule.ROUND_ROBIN: Distribution.ROUND_ROBIN,
}


def policy(policy: Policy, named: Named) -> policy_pb2.EscalationPolicy:
    """Renders a policy, with the people, schedules, teams and webhooks that it names.

    The one that follows it by its id: whoever sees a policy need not see that.
    """
    return policy_pb2.EscalationPolicy(
        id=policy.id,
        name=policy.name,
        escalation_rules=[_rule(level, named) for level in policy.levels],
        repeating=policy.repeating,
        frequency=policy.frequency,
        delay_min=policy.delay_min,
        routing_key=policy.routing_key,
        teams=teams(policy.teams, named.teams),
        fallback=policy_pb2.PolicyReference(id=policy.fallback) if policy.fallback else None,
        accept_expiry_min=policy.accept_expiry_min,
        version=policy.version,
    )


def teams(ids: Iterable[int], labels: Mapping[int, Label]) -> list[team_pb2.Team]:
    """Renders the teams that a record names, each as far as it exists."""
    return [
        team_pb2.Team(id=id_, name=labels[id_].name, visibility=labels[id_].visibility.name)
        if id_ in labels
        else team_pb2.Team(id=id_)
        for id_ in ids
    ]


def new_policy(told: policy_pb2.EscalationPolicy, policy_id: int) -> Policy:
    """Reads a policy as told. Raises InvalidRequest if a timeout is out of its range."""
    return Policy(
        id=policy_id,
        name=told.name,
        levels=tuple(
            new_level(rule, f"escalationRules[{index}]")
            for index, rule in enumerate(told.escalation_rules)
        ),
        repeating=told.repeating,
        frequency=told.frequency if told.HasField("frequency") else 1,
        delay_min=told.delay_min,
        routing_key=told.routing_key or None,
        teams=tuple(dict.fromkeys(team.id for team in told.teams)),
        fallback=told.fallback.id if told.HasField("fallback") else None,
        accept_expiry_min=told.accept_expiry_min if told.HasField("accept_expiry_min") else None,
    )


def new_level(rule: policy_pb2.EscalationRule, field: str) -> Level:
    """Reads one level; what older clients say alone joins the lists.

    Raises InvalidRequest if its timeout is out of its range, or its distribution unknown.
    """
    if rule.distribution not in DISTRIBUTIONS:
        raise InvalidRequest(
            f"{field}.distribution must be ALL or ROUND_ROBIN", field=f"{field}.distribution"
        )
    seconds = (
        rule.escalation_timeout_seconds if rule.HasField("escalation_timeout_seconds") else None
    )
    users = [user.id for user in rule.users]
    schedules = [schedule.id for schedule in rule.schedules]
    if rule.HasField("user"):
        users.append(rule.user.id)
    if rule.HasField("schedule"):
        schedules.append(rule.schedule.id)
    return Level(
        tuple(dict.fromkeys(users)),
        timeout(minutes=rule.escalation_timeout, seconds=seconds, field=field),
        schedules=tuple(dict.fromkeys(schedules)),
        teams=tuple(dict.fromkeys(team.id for team in rule.teams)),
        webhooks=tuple(dict.fromkeys(webhook.id for webhook in rule.webhooks)),
        distribution=DISTRIBUTIONS[rule.distribution],
    )


def _rule(level: Level, named: Named) -> policy_pb2.EscalationRule:
    return policy_pb2.EscalationRule(
        escalation_timeout=level.timeout // timedelta(minutes=1),
        escalation_timeout_seconds=level.timeout // timedelta(seconds=1),
        users=[
            people.user(named.users[user]) if user in named.users else user_pb2.User(id=user)
            for user in level.users
        ],
        schedules=[
            schedule_pb2.Schedule(id=schedule, name=named.schedules.get(schedule, ""))
            for schedule in level.schedules
        ],
        teams=teams(level.teams, named.teams),
        webhooks=[webhook(id_, named.webhooks) for id_ in level.webhooks],
        distribution=level.distribution.name,
    )


def webhook(id_: int, known: Mapping[int, Webhook]) -> policy_pb2.WebhookReference:
    """Renders a webhook as it is referred to; one that is not known, by id."""
    found = known.get(id_)
    if found is None:
        return policy_pb2.WebhookReference(id=id_)
    team_ids = [team.id for team in found.teams]
    return policy_pb2.WebhookReference(id=id_, name=found.name, team_ids=team_ids)
