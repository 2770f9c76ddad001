"""What callers see of records that belong to teams, and what costs too much or locks out."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from services.chassis import facts
from services.escalation import first_start
from services.escalation.servicer.on_calls import OnCallServicer
from services.escalation.servicer.users import UserServicer
from tests.contract.blocking import ADA, Answer, Calls, InTeam
from tests.contract.escalation_config_house import (
    make_secret,
    make_team,
    policies,
    schedules,
    teams,
)
from tests.contract.escalation_house import (
    INVALID,
    OK,
    WRONG_STATE,
    House,
    escalation,
    new_policy,
)
from tocsin.escalation.v1 import on_call_service_pb2 as on_call_calls
from tocsin.escalation.v1 import policy_service_pb2 as policy_calls
from tocsin.escalation.v1 import schedule_service_pb2 as schedule_calls
from tocsin.escalation.v1 import team_service_pb2 as team_calls
from tocsin.escalation.v1 import user_service_pb2 as user_calls
from tocsin.escalation.v1.escalation_events_pb2 import EscalationPolicyChanged
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, EscalationRule
from tocsin.escalation.v1.schedule_pb2 import Schedule, ScheduleLayer
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        await opened.person()
        yield opened


async def make_schedule(house: House, *layers: ScheduleLayer, **more: Any) -> Answer:
    told = Schedule(name="Night", timezone="UTC", type="RECURRING", schedule_layers=layers)
    request = schedule_calls.CreateScheduleRequest(schedule=told, **more)
    return await schedules(house, "CreateSchedule", request)


async def test_a_team_that_becomes_private_is_told_as_such(house: House) -> None:
    team_id = await make_team(house, "Ops")
    rule = EscalationRule(users=[User(id=1)])
    await house.policies("CreateEscalationPolicy", new_policy(rule, teams=[Team(id=team_id)]))
    assert await house.told(EscalationPolicyChanged)

    told = Team(name="Ops", visibility="PRIVATE")
    await teams(house, "UpdateTeam", team_calls.UpdateTeamRequest(id=team_id, team=told))

    changed = (await house.told(EscalationPolicyChanged))[-1].escalation_policy
    assert [team.visibility for team in changed.teams] == [Team.PRIVATE]


async def test_what_an_older_version_told_is_told_anew_at_the_start(house: House) -> None:
    await make_secret(house)
    before = await house.told(EscalationPolicyChanged)
    await house.db.write(first_start.prepare, house.clock, "")
    assert await house.told(EscalationPolicyChanged) == before  # nothing is new

    def forget(connection: Connection) -> None:
        older = EscalationPolicy(id=2, name="Night", teams=[Team(id=1, name="Secret")])
        facts.publish(connection, "policy", 2, older)

    await house.db.write(forget)
    await house.db.write(first_start.prepare, house.clock, "")

    again = (await house.told(EscalationPolicyChanged))[-1]
    assert (again.version, again.escalation_policy) == (3, before[-1].escalation_policy)


async def test_a_schedule_that_changes_its_name_is_told_by_its_policies(house: House) -> None:
    layer = ScheduleLayer(starts_on="2026-01-01T00:00", rotation="P1D", users=[User(id=1)])
    made = (await make_schedule(house, layer)).reply
    rule = EscalationRule(schedules=[Schedule(id=made.id)])
    await house.policies("CreateEscalationPolicy", new_policy(rule))
    made.name = "Late"

    changed = schedule_calls.UpdateScheduleRequest(id=made.id, schedule=made)
    assert (await schedules(house, "UpdateSchedule", changed)).code == OK

    policy = (await house.told(EscalationPolicyChanged))[-1].escalation_policy
    assert policy.escalation_rules[0].schedules[0].name == "Late"
    assert not policy.escalation_rules[0].schedules[0].HasField("type")


async def test_a_schedule_with_gaps_is_not_made_when_asked(house: House) -> None:
    whole = ScheduleLayer(starts_on="2026-01-01T00:00", rotation="P1D", users=[User(id=1)])
    assert (await make_schedule(house, whole, abort_on_gaps=True)).code == OK
    refused = await make_schedule(house, abort_on_gaps=True)
    assert (refused.code, "scheduleLayers leave gaps: " in refused.details) == (INVALID, True)
    made = (await make_schedule(house)).reply  # nobody asked
    request = schedule_calls.UpdateScheduleRequest(id=made.id, schedule=made, abort_on_gaps=True)
    assert (await schedules(house, "UpdateSchedule", request)).code == INVALID


# lists


async def test_people_and_on_calls_of_a_team(house: House) -> None:
    bob = await house.person("Bob")
    team_id, other = await make_team(house, "Ops", bob), await make_team(house, "Dev", 1)
    for user, team in ((bob, team_id), (1, other)):
        rule = EscalationRule(users=[User(id=user)])
        await house.policies("CreateEscalationPolicy", new_policy(rule, teams=[Team(id=team)]))

    users = user_calls.DESCRIPTOR.services_by_name["UserService"]
    asked = Calls(users, InTeam(UserServicer(house.db, house.clock), team_id))
    found = (await asked("ListUsers", user_calls.ListUsersRequest())).reply.users
    assert [user.id for user in found] == [bob]
    on_calls = on_call_calls.DESCRIPTOR.services_by_name["OnCallService"]
    asked = Calls(on_calls, InTeam(OnCallServicer(house.db, house.clock), team_id))
    places = (await asked("ListOnCalls", on_call_calls.ListOnCallsRequest())).reply.on_calls
    assert [place.user.id for place in places] == [bob]


async def test_lists_cost_as_many_queries_whatever_their_size(house: House) -> None:
    team_id = await make_team(house, "Ops", 1)
    everything = ["scheduleLayers", "shifts", "currentShift", "nextShift"]

    async def make() -> None:
        layer = ScheduleLayer(starts_on="2026-01-01T00:00", rotation="P1D", users=[User(id=1)])
        made = (await make_schedule(house, layer)).reply
        rule = EscalationRule(
            users=[User(id=1)], schedules=[Schedule(id=made.id)], teams=[Team(id=team_id)]
        )
        await house.policies("CreateEscalationPolicy", new_policy(rule, teams=[Team(id=team_id)]))

    statements: list[str] = []

    def listen(connection: Connection) -> None:
        def note(connection: Any, cursor: Any, statement: str, *rest: object) -> None:
            statements.append(statement)

        event.listen(connection.engine, "before_cursor_execute", note)

    async def cost() -> int:
        statements.clear()
        request = policy_calls.ListEscalationPoliciesRequest()
        assert (await policies(house, "ListEscalationPolicies", request, ADA)).code == OK
        listed = schedule_calls.ListSchedulesRequest(include=everything)
        assert (await schedules(house, "ListSchedules", listed)).code == OK
        return len(statements)

    await house.db.read(listen)
    await make()
    one = await cost()
    for _ in range(6):
        await make()
    assert await cost() == one
    assert one > 4


# nobody is locked out


async def test_the_last_admin_stays(house: House) -> None:
    told = {"first_name": "Eve", "last_name": "L", "email": "eve@example.com"}
    admin = User(**told, role="ADMIN")  # type: ignore[arg-type] # its fields
    eve = (await house.users("CreateUser", user_calls.CreateUserRequest(user=admin))).reply.id
    demote = user_calls.UpdateUserRequest(id=eve, user=User(**told))  # type: ignore[arg-type] # as above
    delete = user_calls.DeleteUserRequest(id=eve)

    for method, request in (("UpdateUser", demote), ("DeleteUser", delete)):
        refused = await house.users(method, request)
        assert (refused.code, refused.details) == (
            WRONG_STATE,
            f"user {eve} is the last ADMIN: make somebody else one first",
        )
    renamed = User(**told | {"last_name": "King", "role": "ADMIN"})  # type: ignore[arg-type] # as above
    changed = user_calls.UpdateUserRequest(id=eve, user=renamed)
    assert (await house.users("UpdateUser", changed)).code == OK

    other = User(first_name="Bob", last_name="L", email="bob@example.com", role="ADMIN")
    await house.users("CreateUser", user_calls.CreateUserRequest(user=other))
    assert (await house.users("UpdateUser", demote)).code == OK
    assert (await house.users("DeleteUser", delete)).code == OK
