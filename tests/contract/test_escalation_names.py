"""What callers are answered who know a record by its name."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest

from services.calendar.schedules import Kind, Layer, Schedule
from services.escalation.servicer.schedules import ScheduleServicer
from services.escalation.store import schedules
from tests.contract.blocking import ADA, Answer, Calls
from tests.contract.escalation_config_house import hours, make_hours, make_team, teams
from tests.contract.escalation_house import NOT_FOUND, OK, House, escalation, new_policy
from tocsin.escalation.v1 import policy_service_pb2 as policy_calls
from tocsin.escalation.v1 import schedule_service_pb2 as schedule_calls
from tocsin.escalation.v1 import support_hours_service_pb2 as hours_calls
from tocsin.escalation.v1 import team_service_pb2 as team_calls
from tocsin.escalation.v1.policy_pb2 import EscalationRule
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User

Find: TypeAlias = Callable[[House, str], Awaitable[Answer]]
LAYER = Layer(name="day", starts_on="2026-01-01T09:00", users=(1,), rotation="P7D")
NIGHTS = Schedule(id=4, name="Nights", timezone="UTC", kind=Kind.RECURRING, layers=(LAYER,))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        await opened.person()
        yield opened


async def a_policy(house: House, name: str) -> Answer:
    request = policy_calls.GetEscalationPolicyByNameRequest(name=name)
    return await house.policies("GetEscalationPolicyByName", request)


async def a_schedule(house: House, name: str) -> Answer:
    service = schedule_calls.DESCRIPTOR.services_by_name["ScheduleService"]
    request = schedule_calls.GetScheduleByNameRequest(name=name, include=["scheduleLayers"])
    calls = Calls(service, ScheduleServicer(house.db, house.clock))
    return await calls("GetScheduleByName", request)


async def some_hours(house: House, name: str) -> Answer:
    request = hours_calls.GetSupportHoursByNameRequest(name=name)
    return await hours(house, "GetSupportHoursByName", request)


async def a_team(house: House, name: str) -> Answer:
    return await teams(house, "GetTeamByName", team_calls.GetTeamByNameRequest(name=name))


async def make_all(house: House) -> None:
    made = await house.policies(
        "CreateEscalationPolicy", new_policy(EscalationRule(users=[User(id=1)]))
    )
    assert made.code == OK
    await house.db.write(schedules.add, NIGHTS)
    await house.db.write(schedules.add, replace(NIGHTS, id=5))
    await make_hours(house)
    await make_team(house, "Ops", 1)


@pytest.mark.parametrize("find", [a_policy, a_schedule, some_hours, a_team])
async def test_who_has_no_such_name_is_not_found(house: House, find: Find) -> None:
    await make_all(house)
    found = await find(house, "nobody's")
    assert (found.code, "nobody's" in found.details) == (NOT_FOUND, True)


async def test_a_name_is_found_whatever_its_case(house: House) -> None:
    await make_all(house)

    policy = await house.policies(
        "GetEscalationPolicy", policy_calls.GetEscalationPolicyRequest(id=2)
    )
    assert (await a_policy(house, f" {policy.reply.name.upper()} ")).reply == policy.reply
    week = await hours(house, "GetSupportHours", hours_calls.GetSupportHoursRequest(id=1))
    assert (await some_hours(house, week.reply.name.upper())).reply == week.reply
    team = await teams(house, "GetTeam", team_calls.GetTeamRequest(id=1))
    assert (await a_team(house, "oPS")).reply == team.reply


async def test_of_several_the_oldest_is_found_with_what_is_asked_for(house: House) -> None:
    await make_all(house)
    found = (await a_schedule(house, "nights")).reply
    assert (found.id, [layer.name for layer in found.schedule_layers]) == (4, ["day"])


async def test_a_private_team_is_not_found_by_strangers(house: House) -> None:
    told = Team(name="Ops", visibility="PRIVATE")
    await teams(house, "CreateTeam", team_calls.CreateTeamRequest(team=told))
    request = team_calls.GetTeamByNameRequest(name="ops")
    stranger = replace(ADA, scopes=frozenset({"config:read"}))
    assert (await teams(house, "GetTeamByName", request, stranger)).code == NOT_FOUND
    assert (await a_team(house, "ops")).code == OK
