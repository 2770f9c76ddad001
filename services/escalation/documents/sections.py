"""The sections of a document that are Escalation's own, and how each of their records changes:
by the same functions as when a caller changes it alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.escalation.documents import rendering
from services.escalation.documents.names import HOURS, POLICY, SCHEDULE, TEAM, USER
from services.escalation.servicer import policies as policy_calls
from services.escalation.servicer import schedules as schedule_calls
from services.escalation.servicer import support_hours as hours_calls
from services.escalation.servicer import teams as team_calls
from services.escalation.servicer import users as user_calls
from services.escalation.store import policies, schedules, support_hours, teams, users
from services.escalation.wire import people as people_wire
from tocsin.escalation.v1 import schedule_pb2, user_pb2
from tocsin.escalation.v1.user_service_pb2 import DeleteUserRequest, UpdateUserRequest


@dataclass(frozen=True, slots=True)
class Section:
    """Records of a kind."""

    word: str  # in the document
    kind: str
    noun: str  # in the names of the methods that change one
    create: Callable[[Connection, Clock, Any], Any]  # returns what has the new id
    update: Callable[[Connection, Clock, int, Any], Any]
    delete: Callable[[Connection, Clock, int], None]
    current: Callable[[Connection, int], Message]  # raises NotFound


def _update_user(connection: Connection, clock: Clock, id_: int, told: user_pb2.User) -> None:
    user_calls.update(connection, clock, UpdateUserRequest(id=id_, user=told))


def _delete_user(connection: Connection, clock: Clock, id_: int) -> None:
    user_calls.delete(connection, clock, DeleteUserRequest(id=id_))


def _create_schedule(
    connection: Connection, clock: Clock, told: schedule_pb2.Schedule
) -> schedule_pb2.Schedule:
    return schedule_calls.create(connection, clock, told, whole=False)


def _update_schedule(
    connection: Connection, clock: Clock, id_: int, told: schedule_pb2.Schedule
) -> None:
    schedule_calls.update(connection, clock, id_, told, whole=False)


USERS = Section(
    "users",
    USER,
    "User",
    user_calls.create,
    _update_user,
    _delete_user,
    lambda connection, id_: people_wire.user(users.get(connection, id_)),
)
TEAMS = Section(
    "teams",
    TEAM,
    "Team",
    team_calls.create,
    team_calls.update,
    team_calls.delete,
    lambda connection, id_: rendering.team(teams.get(connection, id_)),
)
SCHEDULES = Section(
    "schedules",
    SCHEDULE,
    "Schedule",
    _create_schedule,
    _update_schedule,
    schedule_calls.delete,
    lambda connection, id_: rendering.schedule(schedules.get(connection, id_)),
)
SUPPORT_HOURS = Section(
    "supportHours",
    HOURS,
    "SupportHours",
    hours_calls.create,
    hours_calls.update,
    hours_calls.delete,
    lambda connection, id_: rendering.support_hours(support_hours.get(connection, id_)),
)
POLICIES = Section(
    "escalationPolicies",
    POLICY,
    "EscalationPolicy",
    policy_calls.create,
    policy_calls.update,
    policy_calls.delete,
    lambda connection, id_: rendering.policy(policies.get(connection, id_)),
)
#: In the order in which they refer to one another.
SECTIONS = (USERS, TEAMS, SCHEDULES, SUPPORT_HOURS, POLICIES)
