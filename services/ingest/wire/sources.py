"""Alert sources as protobuf messages, and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.chassis import ulids
from services.ingest.domain import integrations
from services.ingest.domain.events import Priority
from services.ingest.domain.sources import Creation, Open, Source, refuse, status
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.ingest.v1.alert_source_pb2 import AlertSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is shown with sources: the records they refer to, by id, and their open alerts."""

    policies: Mapping[str, EscalationPolicy] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    support_hours: Mapping[str, SupportHours] = field(default_factory=dict)
    alerts: Mapping[int, Open] = field(default_factory=dict)
    limits_reached: Mapping[int, datetime] = field(default_factory=dict)


def record(source: Source, public_url: str) -> AlertSource:
    """Renders a source as others may know it: with ids for what it refers to, without its key."""
    path = integrations.path_of(source.integration_type, ulids.ulid(ulids.SOURCE, source.id))
    message = AlertSource(
        id=source.id,
        name=source.name,
        integration_type=source.integration_type,
        integration_url=f"{public_url}{path}",
        escalation_policy=EscalationPolicy(id=source.policy_id),
        active=source.active,
        alert_priority_rule=source.priority_rule.value,
        teams=[Team(id=team_id) for team_id in source.team_ids],
        alert_creation=source.creation.value,
        auto_resolution_timeout=source.auto_resolution,
        icon_url=source.icon_url,
        events_per_minute=source.events_per_minute,
    )
    if source.support_hours_id is not None:
        message.support_hours.id = source.support_hours_id
    if source.integration_type == integrations.INCIDENT_IO:
        message.deduplication_key_required = source.deduplication_key_required
    return message


def shown(
    source: Source, public_url: str, around: Surroundings, key: str | None = None
) -> AlertSource:
    """Renders a source for a caller, with its key if that is given."""
    message = record(source, public_url)
    standing = status(source, around.alerts.get(source.id, Open()))
    reached = around.limits_reached.get(source.id)
    message.MergeFrom(AlertSource(status=standing.value, limit_reached=reached))
    if key is not None:
        message.integration_key = key
    if policy := around.policies.get(str(source.policy_id)):
        message.escalation_policy.CopyFrom(policy)
    if hours := around.support_hours.get(str(source.support_hours_id)):
        message.support_hours.CopyFrom(hours)
    for team in message.teams:
        known = around.teams.get(str(team.id), team)
        team.name = known.name
        team.visibility = known.visibility or Team.PUBLIC
    return message


def wanted_source(message: AlertSource) -> Source:
    """Returns the source that somebody wants; its id comes later. Raises InvalidRequest."""
    limited = message.HasField("events_per_minute")
    hours = message.support_hours.id if message.HasField("support_hours") else None
    key_said = message.HasField("deduplication_key_required")
    return Source(
        id=0,
        name=message.name.strip(),
        integration_type=message.integration_type,
        policy_id=message.escalation_policy.id,
        active=message.active if message.HasField("active") else True,
        priority_rule=_priority_rule(message.alert_priority_rule),
        creation=_creation(message.alert_creation),
        auto_resolution=message.auto_resolution_timeout or None,
        icon_url=message.icon_url or None,
        support_hours_id=hours,
        team_ids=tuple(sorted({team.id for team in message.teams})),
        deduplication_key_required=message.deduplication_key_required if key_said else True,
        events_per_minute=message.events_per_minute if limited else None,
    )


def _priority_rule(number: int) -> Priority:
    if number not in AlertSource.PriorityRule.values():
        refuse("alertPriorityRule", f"must be one of {', '.join(Priority)}")
    return Priority.LOW if number == AlertSource.LOW else Priority.HIGH


def _creation(number: int) -> Creation:
    if number not in AlertSource.Creation.values():
        told = f"must be one of {', '.join(Creation)}; modes that need an alertGroupingWindow"
        refuse("alertCreation", f"{told} are not supported yet")
    if number == AlertSource.CREATION_UNSPECIFIED:
        return Creation.ONE_ALERT_PER_EMAIL
    return Creation(AlertSource.Creation.Name(AlertSource.Creation.ValueType(number)))
