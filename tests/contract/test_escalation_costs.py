"""What is asked of the database does not grow with how much there is."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from google.protobuf.message import Message

from services.escalation.servicer.on_calls import OnCallServicer
from services.escalation.servicer.schedules import ScheduleServicer
from tests.contract.blocking import Answer, Calls
from tests.contract.escalation_config_house import make_hours, make_team, make_token, teams
from tests.contract.escalation_house import OK, House, escalation, new_policy
from tocsin.escalation.v1 import on_call_service_pb2 as on_call_calls
from tocsin.escalation.v1 import policy_service_pb2 as policy_calls
from tocsin.escalation.v1 import schedule_service_pb2 as schedule_calls
from tocsin.escalation.v1 import team_service_pb2 as team_calls
from tocsin.escalation.v1 import user_service_pb2 as user_calls
from tocsin.escalation.v1.escalation_events_pb2 import (
    EscalationPolicyChanged,
    ScheduleChanged,
    SupportHoursChanged,
    TeamChanged,
    TokenChanged,
)
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, EscalationRule
from tocsin.escalation.v1.schedule_pb2 import Schedule, ScheduleLayer
from tocsin.escalation.v1.team_pb2 import Team, TeamMember
from tocsin.escalation.v1.user_pb2 import User

EVERYTHING = ["scheduleLayers", "shifts", "currentShift", "nextShift"]
Act: TypeAlias = Callable[[], Awaitable[object]]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        await opened.person()
        yield opened


async def schedules(house: House, method: str, request: Message) -> Answer:
    service = schedule_calls.DESCRIPTOR.services_by_name["ScheduleService"]
    return await Calls(service, ScheduleServicer(house.db, house.clock))(method, request)


async def make(house: House, team_id: int, user: int = 1) -> None:
    """Makes a schedule, and a policy that pages it, a person and a team; all are the team's."""
    own = [Team(id=team_id)]
    layer = ScheduleLayer(starts_on="2026-01-01T00:00", rotation="P1D", users=[User(id=user)])
    told = Schedule(
        name="Night", timezone="UTC", type="RECURRING", schedule_layers=[layer], teams=own
    )
    request = schedule_calls.CreateScheduleRequest(schedule=told)
    made = (await schedules(house, "CreateSchedule", request)).reply
    rule = EscalationRule(users=[User(id=user)], schedules=[Schedule(id=made.id)], teams=own)
    answer = await house.policies("CreateEscalationPolicy", new_policy(rule, teams=own))
    assert answer.code == OK, answer.details


async def cost(house: House, act: Act) -> int:
    """Returns how many statements something takes."""
    noted = await house.statements()
    await act()
    return len(noted)


async def test_lists_cost_as_many_queries_whatever_their_size(house: House) -> None:
    team_id = await make_team(house, "Ops", 1)

    async def ask() -> None:
        listed = policy_calls.ListEscalationPoliciesRequest()
        assert (await house.policies("ListEscalationPolicies", listed)).code == OK
        plans = schedule_calls.ListSchedulesRequest(include=EVERYTHING)
        assert (await schedules(house, "ListSchedules", plans)).code == OK
        service = on_call_calls.DESCRIPTOR.services_by_name["OnCallService"]
        on_calls = Calls(service, OnCallServicer(house.db, house.clock))
        assert (await on_calls("ListOnCalls", on_call_calls.ListOnCallsRequest())).reply.on_calls

    await make(house, team_id)
    one = await cost(house, ask)
    for _ in range(6):
        await make(house, team_id)
    assert await cost(house, ask) == one
    assert one > 4


async def test_a_large_team_is_made_in_as_many_statements_as_a_small_one(house: House) -> None:
    await make_team(house, "First")  # numbers are begun to be given
    people = [await house.person(f"P{number}") for number in range(8)]
    for person in people:
        await make_token(house, person)

    async def make_one(name: str, *members: int) -> int:
        return await cost(house, lambda: make_team(house, name, *members))

    small, large = await make_one("Two", *people[:2]), await make_one("All", *people)

    assert small == large
    told = await house.told(TokenChanged)
    assert sorted(list(each.record.team_ids) for each in told[-8:]) == [[2, 3]] * 2 + [[3]] * 6


async def test_a_new_name_is_told_by_all_that_name_it_at_one_price(house: House) -> None:
    names = iter(f"Name {number}" for number in range(9))

    async def rename_person() -> None:
        told = User(first_name=next(names), last_name="L", email="ada@example.com")
        request = user_calls.UpdateUserRequest(id=1, user=told)
        assert (await house.users("UpdateUser", request)).code == OK

    async def rename_team() -> None:
        told = Team(name=next(names), members=[TeamMember(user=User(id=1))])
        request = team_calls.UpdateTeamRequest(id=1, team=told)
        assert (await teams(house, "UpdateTeam", request)).code == OK

    await make(house, await make_team(house, "Ops", 1))
    await make_hours(house, teams=[Team(id=1)])
    await make_token(house, 1)
    before = [await cost(house, rename_person), await cost(house, rename_team)]
    for number in range(5):
        await make(house, 1)
        await make_hours(house, teams=[Team(id=1)])
        await make_team(house, f"More {number}", 1)
        await make_token(house, 1)

    assert [await cost(house, rename_person), await cost(house, rename_team)] == before


async def test_a_team_that_is_renamed_is_told_by_all_that_name_it(house: House) -> None:
    await make(house, await make_team(house, "Ops", 1))
    await make(house, await make_team(house, "Dev", 1))
    await make_hours(house, teams=[Team(id=1)])

    request = team_calls.UpdateTeamRequest(id=1, team=Team(name="SRE"))
    assert (await teams(house, "UpdateTeam", request)).code == OK

    policy = (await house.told(EscalationPolicyChanged))[-1]
    assert policy.version == 2
    named = [*policy.escalation_policy.teams, *policy.escalation_policy.escalation_rules[0].teams]
    assert [team.name for team in named] == ["SRE", "SRE"]
    hours = (await house.told(SupportHoursChanged))[-1]
    assert [team.name for team in hours.support_hours.teams] == ["SRE"]
    plan = (await house.told(ScheduleChanged))[-1]
    assert (plan.schedule.id, [team.name for team in plan.schedule.teams]) == (1, ["SRE"])


async def test_a_person_who_is_renamed_is_told_by_those_who_name_them_alone(house: House) -> None:
    bob = await house.person("Bob")
    await make(house, await make_team(house, "Ops", 1))
    await make(house, await make_team(house, "Dev", bob), bob)

    told = User(first_name="Robert", last_name="L", email="bob@example.com")
    request = user_calls.UpdateUserRequest(id=bob, user=told)
    assert (await house.users("UpdateUser", request)).code == OK

    policies = await house.told(EscalationPolicyChanged)
    assert [each.escalation_policy.id for each in policies] == [1, 2, 3, 3]
    paged = policies[-1].escalation_policy.escalation_rules[0].users
    assert [user.first_name for user in paged] == ["Robert"]
    assert [each.team.id for each in await house.told(TeamChanged)] == [1, 2, 2]


async def test_a_policy_that_pages_others_now_is_told_of_them_alone(house: House) -> None:
    bob = await house.person("Bob")
    await make(house, await make_team(house, "Ops"))
    only_bob = EscalationPolicy(
        name="Night", escalation_rules=[EscalationRule(users=[User(id=bob)])]
    )
    changed = policy_calls.UpdateEscalationPolicyRequest(id=2, escalation_policy=only_bob)
    assert (await house.policies("UpdateEscalationPolicy", changed)).code == OK

    told = User(first_name="Grace", last_name="L", email="ada@example.com")
    request = user_calls.UpdateUserRequest(id=1, user=told)
    assert (await house.users("UpdateUser", request)).code == OK

    assert len(await house.told(EscalationPolicyChanged)) == 3  # built in, made, changed


async def test_a_schedule_that_stays_as_it_was_is_not_told_again(house: House) -> None:
    await make(house, await make_team(house, "Ops"))
    shown = schedule_calls.GetScheduleRequest(id=1, include=EVERYTHING[:2])
    known = (await schedules(house, "GetSchedule", shown)).reply
    before = await house.audit()

    same = schedule_calls.UpdateScheduleRequest(id=1, schedule=known)
    answer = await schedules(house, "UpdateSchedule", same)

    assert answer.reply == known
    assert await house.audit() == before
    assert len(await house.told(ScheduleChanged)) == 1
