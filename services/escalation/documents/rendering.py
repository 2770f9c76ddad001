"""From records to a document: what is referred to by id is called by its name."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from google.protobuf.message import Message

from services.calendar.schedules import Schedule, Shift
from services.escalation.documents.linking import parts
from services.escalation.documents.names import KINDS, Named, Names
from services.escalation.documents.records import Records
from services.escalation.domain.policies import BUILT_IN, Policy
from services.escalation.domain.support_hours import SupportHours
from services.escalation.domain.teams import Team
from services.escalation.wire import people as people_wire
from services.escalation.wire import policies as policy_wire
from services.escalation.wire import schedules as schedule_wire
from services.escalation.wire import support_hours as hours_wire
from tocsin.configuration.v1.configuration_pb2 import Configuration, ConfiguredSchedule
from tocsin.escalation.v1 import (
    policy_pb2,
    schedule_pb2,
    support_hours_pb2,
    team_pb2,
    user_pb2,
)

R = TypeVar("R", bound=Message)

#: What the services say of a record, and nobody says to them; and the secrets of sources.
NOT_TOLD = frozenset(
    {
        "id",
        "version",
        "created_at",
        "updated_at",
        "create_time",
        "user_id",
        "integration_key",
        "integration_url",
        "status",
        "bidirectional",
        "limit_reached",
    }
)
NOBODY = policy_wire.Named({}, {}, {})


def render(records: Records, known: Names, now: datetime) -> Configuration:
    """Returns the document that tells of records, without what is built in or over.

    What they refer to is called what is known.
    """
    return Configuration(
        users=[unlinked(people_wire.user(each), known) for each in records.users.values()],
        teams=[unlinked(team(each), known) for each in records.teams.values()],
        schedules=[
            ConfiguredSchedule(
                schedule=unlinked(schedule(each), known),
                overrides=[
                    unlinked(shift(override), known)
                    for override in lasting(records.overrides.get(each.id, ()), now)
                ],
            )
            for each in records.schedules.values()
        ],
        support_hours=[
            unlinked(support_hours(each), known) for each in records.support_hours.values()
        ],
        escalation_policies=[
            unlinked(policy(each), known)
            for each in records.policies.values()
            if each.id != BUILT_IN
        ],
    )


def lasting(overrides: Iterable[Shift], now: datetime) -> list[Shift]:
    """Returns the overrides that are not over."""
    return [override for override in overrides if override.end > now]


def unlinked(record: R, names: Names) -> R:
    """Returns a record as a document has it: with names for what it refers to, without its id.

    What has no name of its own that the reader sees keeps its id.
    """
    told = type(record)()
    told.CopyFrom(record)
    _unlink(told, names)
    for name in NOT_TOLD.intersection(told.DESCRIPTOR.fields_by_name):
        told.ClearField(name)
    if isinstance(told, policy_pb2.EscalationPolicy):
        _say_times_once(told)
    return told


def team(known: Team) -> team_pb2.Team:
    """Renders a team, with the ids of its members."""
    return team_pb2.Team(
        name=known.name,
        visibility=known.visibility.name,
        members=[
            team_pb2.TeamMember(user=user_pb2.User(id=each.user_id), role=each.role.name)
            for each in known.members
        ],
    )


def schedule(known: Schedule) -> schedule_pb2.Schedule:
    """Renders a schedule, with ids of what it refers to."""
    return schedule_wire.schedule(known, {}, {})


def shift(known: Shift) -> schedule_pb2.Shift:
    """Renders an override, with the id of who is on call."""
    return schedule_wire.shift(known, {})


def support_hours(known: SupportHours) -> support_hours_pb2.SupportHours:
    """Renders support hours, with ids of what they refer to."""
    return hours_wire.support_hours(known, {})


def policy(known: Policy) -> policy_pb2.EscalationPolicy:
    """Renders a policy, with ids of what it refers to."""
    return policy_wire.policy(known, NOBODY)


def _unlink(message: Message, names: Names) -> None:
    for _, value in parts(message):
        if not isinstance(value, Named):
            _unlink(value, names)
            continue
        id_ = value.id
        title = names.title(KINDS[type(value)], id_)
        value.Clear()
        if not title:
            value.id = id_
        elif isinstance(value, user_pb2.User):
            value.email = title
        else:
            value.name = title


def _say_times_once(told: policy_pb2.EscalationPolicy) -> None:
    """Leaves a level's seconds out where the minutes say as much, and what is usual."""
    for rule in told.escalation_rules:
        if rule.distribution == policy_pb2.EscalationRule.ALL:
            rule.ClearField("distribution")
        if rule.escalation_timeout_seconds == rule.escalation_timeout * 60:
            rule.ClearField("escalation_timeout_seconds")
        else:
            rule.ClearField("escalation_timeout")
