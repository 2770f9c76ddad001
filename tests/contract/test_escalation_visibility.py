"""What callers see of records that belong to teams, and what costs too much or locks out."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from sqlalchemy import Connection

from services.chassis import facts
from services.chassis.principal import Principal
from services.escalation import first_start
from services.escalation.servicer.on_calls import OnCallServicer
from services.escalation.servicer.policies import PolicyServicer
from services.escalation.servicer.schedules import ScheduleServicer
from services.escalation.servicer.support_hours import SupportHoursServicer
from services.escalation.servicer.users import UserServicer
from tests.contract.blocking import ADA, Answer, Calls, InTeam
from tests.contract.escalation_config_house import OFFICE, make_hours, make_team, teams
from tests.contract.escalation_house import (
    INVALID,
    NOT_FOUND,
    OK,
    WRONG_STATE,
    House,
    escalation,
    new_policy,
)
from tocsin.escalation.v1 import on_call_service_pb2 as on_call_calls
from tocsin.escalation.v1 import policy_service_pb2 as policy_calls
from tocsin.escalation.v1 import schedule_service_pb2 as schedule_calls
from tocsin.escalation.v1 import support_hours_service_pb2 as hours_calls
from tocsin.escalation.v1 import team_service_pb2 as team_calls
from tocsin.escalation.v1 import user_service_pb2 as user_calls
from tocsin.escalation.v1.escalation_events_pb2 import EscalationPolicyChanged
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, EscalationRule
from tocsin.escalation.v1.schedule_pb2 import Schedule, ScheduleLayer
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User

FORBIDDEN = grpc.StatusCode.PERMISSION_DENIED
READER = Principal(
    kind="TOKEN", id="readread", name="reader", scopes=frozenset({"config:read", "config:write"})
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        await opened.person()
        yield opened


async def policies(house: House, method: str, request: Message, caller: Principal) -> Answer:
    service = policy_calls.DESCRIPTOR.services_by_name["PolicyService"]
    return await Calls(service, PolicyServicer(house.db, house.clock), caller)(method, request)


async def schedules(house: House, method: str, request: Message, caller: Any = ADA) -> Answer:
    service = schedule_calls.DESCRIPTOR.services_by_name["ScheduleService"]
    return await Calls(service, ScheduleServicer(house.db, house.clock), caller)(method, request)


async def make_schedule(house: House, *layers: ScheduleLayer, **more: Any) -> Answer:
    told = Schedule(name="Night", timezone="UTC", type="RECURRING", schedule_layers=layers)
    request = schedule_calls.CreateScheduleRequest(schedule=told, **more)
    return await schedules(house, "CreateSchedule", request)


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


async def names(house: House, caller: Principal) -> set[str]:
    """Returns how the teams are called in all that belongs to them."""
    listed = policy_calls.ListEscalationPoliciesRequest(start_index=1)
    policy = (await policies(house, "ListEscalationPolicies", listed, caller)).reply
    rule = policy.escalation_policies[0].escalation_rules[0]
    all_schedules = schedule_calls.ListSchedulesRequest()
    schedule = (await schedules(house, "ListSchedules", all_schedules, caller)).reply.schedules[0]
    service = hours_calls.DESCRIPTOR.services_by_name["SupportHoursService"]
    calls = Calls(service, SupportHoursServicer(house.db, house.clock), caller)
    hours = (await calls("GetSupportHours", hours_calls.GetSupportHoursRequest(id=1))).reply
    found = [*policy.escalation_policies[0].teams, *rule.teams, *schedule.teams, *hours.teams]
    assert len(found) == 7  # two each, and the one on the policy's level
    return {team.name for team in found}


async def test_a_private_teams_name_is_kept_from_others(house: House) -> None:
    """Records that are everybody's, by their public team, name the private one by its id."""
    public = await make_team(house, "Ops")
    secret = await make_secret(house, Team(id=public))
    outsider = replace(READER, hidden=frozenset({secret}))

    assert await names(house, outsider) == {"", "Ops"}
    assert await names(house, replace(outsider, user_id=1)) == {"", "Ops"}
    assert await names(house, replace(READER, teams=frozenset({secret}))) == {"Secret", "Ops"}
    assert await names(house, ADA) == {"Secret", "Ops"}
    assert await names(house, replace(outsider, is_admin=True)) == {"Secret", "Ops"}


async def test_who_replaces_a_policy_with_what_they_were_shown_keeps_its_teams(
    house: House,
) -> None:
    public = await make_team(house, "Ops")
    secret = await make_secret(house, Team(id=public))
    own = frozenset({public})
    user = replace(READER, hidden=frozenset({secret}), teams=own, changes=own)
    get = policy_calls.GetEscalationPolicyRequest(id=2)
    shown = (await policies(house, "GetEscalationPolicy", get, user)).reply

    request = policy_calls.UpdateEscalationPolicyRequest(id=2, escalation_policy=shown)
    assert (await policies(house, "UpdateEscalationPolicy", request, user)).reply == shown
    refused = await policies(house, "UpdateEscalationPolicy", request, READER)
    assert refused.code == FORBIDDEN
    known = await house.db.read(facts.get, "policy", 2, EscalationPolicy)
    assert known is not None
    assert [(team.name, team.visibility) for team in known.teams] == [
        ("Ops", Team.PUBLIC),
        ("Secret", Team.PRIVATE),
    ]


async def test_what_belongs_to_a_private_team_is_not_there_for_others(house: House) -> None:
    secret = await make_secret(house)
    outsider = replace(READER, hidden=frozenset({secret}))
    get = policy_calls.GetEscalationPolicyRequest(id=2)
    shown = (await policies(house, "GetEscalationPolicy", get, ADA)).reply
    update = policy_calls.UpdateEscalationPolicyRequest(id=2, escalation_policy=shown)
    by_name = policy_calls.GetEscalationPolicyByNameRequest(name="night")

    for method, request in (
        ("GetEscalationPolicy", get),
        ("UpdateEscalationPolicy", update),
        ("GetEscalationPolicyByName", by_name),
    ):
        assert (await policies(house, method, request, outsider)).code == NOT_FOUND
    rule = EscalationRule(users=[User(id=1)])
    public = (await house.policies("CreateEscalationPolicy", new_policy(rule))).reply
    # The older one of the same name is nobody's business.
    found = await policies(house, "GetEscalationPolicyByName", by_name, outsider)
    assert found.reply.id == public.id


async def refused(house: House, caller: Principal, *, told: Message) -> str:
    answer = await policies(house, "CreateEscalationPolicy", told, caller)
    assert answer.code == INVALID
    return answer.details


async def test_a_policy_names_nothing_that_its_maker_does_not_see(house: House) -> None:
    secret = await make_secret(house)
    outsider = replace(READER, hidden=frozenset({secret}))
    member = replace(READER, teams=frozenset({secret}))
    by_team = new_policy(EscalationRule(teams=[Team(id=secret)]))
    by_schedule = new_policy(EscalationRule(schedules=[Schedule(id=1)]))

    field = "escalationRules[0]"
    assert await refused(house, outsider, told=by_team) == (
        f"{field}.teams[0]: there is no team {secret}"
    )
    assert await refused(house, outsider, told=by_schedule) == (
        f"{field}.schedules[0]: there is no schedule 1"
    )
    nobody = new_policy(EscalationRule(users=[User(id=77)]))
    assert await refused(house, outsider, told=nobody) == f"{field}.users[0]: there is no user 77"
    for told in (by_team, by_schedule):
        assert (await policies(house, "CreateEscalationPolicy", told, member)).code == OK


async def test_a_schedule_of_a_public_team_is_named_by_everybody(house: House) -> None:
    public = await make_team(house, "Ops")
    await make_secret(house, Team(id=public))
    outsider = replace(READER, hidden=frozenset({2}))
    told = new_policy(EscalationRule(schedules=[Schedule(id=1)], teams=[Team(id=public)]))
    assert (await policies(house, "CreateEscalationPolicy", told, outsider)).code == OK
    bound = replace(READER, team=public, teams=frozenset({public}), changes=frozenset({public}))
    other = new_policy(EscalationRule(teams=[Team(id=2)]), teams=[Team(id=public)])
    assert await refused(house, bound, told=other) == (
        "escalationRules[0].teams[0]: there is no team 2"
    )
    own = new_policy(EscalationRule(teams=[Team(id=public)]), teams=[Team(id=public)])
    assert (await policies(house, "CreateEscalationPolicy", own, bound)).code == OK


async def test_who_is_in_a_private_team_is_not_found_out_by_a_header(house: House) -> None:
    bob = await house.person("Bob")
    secret = await make_team(house, "Secret", bob, visibility="PRIVATE")
    outsider = replace(READER, hidden=frozenset({secret}))
    service = user_calls.DESCRIPTOR.services_by_name["UserService"]
    servicer = InTeam(UserServicer(house.db, house.clock), secret)

    async def listed(caller: Principal) -> list[int]:
        calls = Calls(service, servicer, caller)
        answer = await calls("ListUsers", user_calls.ListUsersRequest())
        return [user.id for user in answer.reply.users]

    assert await listed(outsider) == []
    assert await listed(replace(READER, teams=frozenset({secret}))) == [bob]
    assert await listed(ADA) == [bob]


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


async def test_a_private_team_is_none_to_who_writes_without_seeing_it(house: House) -> None:
    team_id = await make_team(house, "Secret", visibility="PRIVATE")
    member = replace(READER, teams=frozenset({team_id}))

    async def tried(team: int, caller: Principal) -> list[Answer]:
        own = [Team(id=team)]
        plan = Schedule(name="Night", timezone="UTC", type="STATIC", teams=own)
        new_plan = schedule_calls.CreateScheduleRequest(schedule=plan)
        rules = [EscalationRule(users=[User(id=1)]), EscalationRule(teams=own)]
        week = SupportHours(name="Office", timezone="UTC", support_days=OFFICE, teams=own)
        new_week = hours_calls.CreateSupportHoursRequest(support_hours=week)
        service = hours_calls.DESCRIPTOR.services_by_name["SupportHoursService"]
        hours = Calls(service, SupportHoursServicer(house.db, house.clock), caller)
        return [
            await schedules(house, "CreateSchedule", new_plan, caller),
            await hours("CreateSupportHours", new_week),
            await policies(
                house, "CreateEscalationPolicy", new_policy(rules[0], teams=own), caller
            ),
            await policies(house, "CreateEscalationPolicy", new_policy(rules[1]), caller),
        ]

    refused, missing = await tried(team_id, READER), await tried(99, READER)
    assert [answer.code for answer in refused] == [INVALID] * 4
    told = [answer.details.replace(f"team {team_id}", "team 99") for answer in refused]
    assert told == [answer.details for answer in missing]
    assert [answer.code for answer in await tried(team_id, member)] == [OK] * 4
    assert [answer.code for answer in await tried(team_id, ADA)] == [OK] * 4


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
