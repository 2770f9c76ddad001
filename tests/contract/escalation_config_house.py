"""The records that people keep in escalation, made and asked for in few words."""

from typing import Any

from google.protobuf.message import Message
from sqlalchemy import Connection

from services.chassis import facts
from services.chassis.clock import Clock
from services.chassis.principal import Principal
from services.escalation import sources
from services.escalation.servicer.policies import PolicyServicer
from services.escalation.servicer.schedules import ScheduleServicer
from services.escalation.servicer.support_hours import SupportHoursServicer
from services.escalation.servicer.teams import TeamServicer
from services.escalation.webhooks import UNASKED
from tests.contract.blocking import ADA, Answer, Calls
from tests.contract.escalation_house import (
    OK,
    House,
    new_policy,
)
from tocsin.escalation.v1 import policy_service_pb2 as policy_calls
from tocsin.escalation.v1 import schedule_service_pb2 as schedule_calls
from tocsin.escalation.v1 import support_hours_service_pb2 as hours_calls
from tocsin.escalation.v1 import team_service_pb2 as team_calls
from tocsin.escalation.v1 import token_service_pb2 as token_calls
from tocsin.escalation.v1.policy_pb2 import EscalationRule
from tocsin.escalation.v1.schedule_pb2 import Schedule
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.team_pb2 import Team, TeamMember
from tocsin.escalation.v1.token_pb2 import ApiToken, TokenRecord
from tocsin.escalation.v1.user_pb2 import User
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.ingest_events_pb2 import AlertSourceChanged

OFFICE = {"MONDAY": SupportHours.Day(start="09:00", end="17:00")}


async def teams(house: House, method: str, request: Message, caller: Any = ADA) -> Answer:
    service = team_calls.DESCRIPTOR.services_by_name["TeamService"]
    return await Calls(service, TeamServicer(house.db, house.clock), caller)(method, request)


async def hours(house: House, method: str, request: Message) -> Answer:
    service = hours_calls.DESCRIPTOR.services_by_name["SupportHoursService"]
    return await Calls(service, SupportHoursServicer(house.db, house.clock))(method, request)


async def policies(house: House, method: str, request: Message, caller: Principal) -> Answer:
    service = policy_calls.DESCRIPTOR.services_by_name["PolicyService"]
    return await Calls(service, PolicyServicer(house.db, house.clock, UNASKED), caller)(
        method, request
    )


async def schedules(house: House, method: str, request: Message, caller: Any = ADA) -> Answer:
    service = schedule_calls.DESCRIPTOR.services_by_name["ScheduleService"]
    return await Calls(service, ScheduleServicer(house.db, house.clock), caller)(method, request)


async def make_team(house: House, name: str, *members: int, **fields: Any) -> int:
    places = [TeamMember(user=User(id=member)) for member in members]
    told = Team(name=name, members=places, **fields)
    made = await teams(house, "CreateTeam", team_calls.CreateTeamRequest(team=told))
    assert made.code == OK, made.details
    team_id: int = made.reply.id
    return team_id


async def make_hours(house: House, **fields: Any) -> Answer:
    told = SupportHours(**{"name": "Office", "timezone": "UTC", "support_days": OFFICE} | fields)
    return await hours(
        house, "CreateSupportHours", hours_calls.CreateSupportHoursRequest(support_hours=told)
    )


async def make_secret(house: House, *others: Team) -> int:
    """Makes a private team, and a policy, a schedule and support hours that belong to it.

    They belong to other teams besides, if they are said.
    """
    team_id = await make_team(house, "Secret", visibility="PRIVATE")
    belonging = [*others, Team(id=team_id)]
    rule = EscalationRule(users=[User(id=1)], teams=[Team(id=team_id)])
    await house.policies("CreateEscalationPolicy", new_policy(rule, teams=belonging))
    told = Schedule(name="Night", timezone="UTC", type="STATIC", teams=belonging)
    made = schedule_calls.CreateScheduleRequest(schedule=told)
    assert (await schedules(house, "CreateSchedule", made)).code == OK
    await make_hours(house, teams=belonging)
    return team_id


async def make_token(house: House, user_id: int) -> str:
    told = ApiToken(name="mine", scopes=["alerts:read"], user_id=user_id)
    made = await house.tokens("CreateToken", token_calls.CreateTokenRequest(token=told))
    token_id: str = made.reply.id
    return token_id


async def record(house: House, token_id: str) -> TokenRecord | None:
    return await house.db.read(facts.get, "token", token_id, TokenRecord)


async def hear_of_source(house: House, version: int = 1, **fields: Any) -> None:
    deleted = fields.pop("deleted", False)
    source = AlertSource(id=3, name="checks", **fields)
    changed = AlertSourceChanged(alert_source=source, version=version, deleted=deleted)

    def react(connection: Connection) -> None:
        sources.source_changed(connection, Clock().now(connection), changed)

    await house.db.write(react)
