"""What of private teams is there for whom, and what may be named by whom."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import grpc
import pytest
from google.protobuf.message import Message

from services.chassis import facts
from services.chassis.principal import Principal
from services.escalation.servicer.support_hours import SupportHoursServicer
from services.escalation.servicer.users import UserServicer
from tests.contract.blocking import ADA, Calls, InTeam
from tests.contract.escalation_config_house import (
    make_secret,
    make_team,
    policies,
    schedules,
    teams,
)
from tests.contract.escalation_house import (
    DEPLOY,
    INVALID,
    NOT_FOUND,
    OK,
    House,
    escalation,
    new_policy,
)
from tocsin.escalation.v1 import escalation_service_pb2 as run_calls
from tocsin.escalation.v1 import policy_service_pb2 as policy_calls
from tocsin.escalation.v1 import schedule_service_pb2 as schedule_calls
from tocsin.escalation.v1 import support_hours_service_pb2 as hours_calls
from tocsin.escalation.v1 import team_service_pb2 as team_calls
from tocsin.escalation.v1 import user_service_pb2 as user_calls
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, EscalationRule
from tocsin.escalation.v1.schedule_pb2 import Schedule
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User

READER = Principal(
    kind="TOKEN", id="readread", name="reader", scopes=frozenset({"config:read", "config:write"})
)
FORBIDDEN = grpc.StatusCode.PERMISSION_DENIED


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        await opened.person()
        yield opened


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
    by_team = new_policy(EscalationRule(users=[User(id=1)], teams=[Team(id=secret)]))
    by_schedule = new_policy(EscalationRule(users=[User(id=1)], schedules=[Schedule(id=1)]))

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
    rule = EscalationRule(users=[User(id=1)], schedules=[Schedule(id=1)], teams=[Team(id=public)])
    told = new_policy(rule)
    assert (await policies(house, "CreateEscalationPolicy", told, outsider)).code == OK
    bound = replace(READER, team=public, teams=frozenset({public}), changes=frozenset({public}))
    other = new_policy(EscalationRule(teams=[Team(id=2)]), teams=[Team(id=public)])
    assert await refused(house, bound, told=other) == (
        "escalationRules[0].teams[0]: there is no team 2"
    )
    rule = EscalationRule(users=[User(id=1)], teams=[Team(id=public)])
    own = new_policy(rule, teams=[Team(id=public)])
    assert (await policies(house, "CreateEscalationPolicy", own, bound)).code == OK


async def test_a_private_teams_schedule_is_not_named_in_what_everybody_sees(house: House) -> None:
    secret = await make_secret(house)
    outsider = replace(READER, hidden=frozenset({secret}))
    rule = EscalationRule(users=[User(id=1)], schedules=[Schedule(id=1)])
    made = (await house.policies("CreateEscalationPolicy", new_policy(rule, name="Open"))).reply
    get = policy_calls.GetEscalationPolicyRequest(id=made.id)

    async def shown(caller: Principal) -> Schedule:
        reply = (await policies(house, "GetEscalationPolicy", get, caller)).reply
        found: Schedule = reply.escalation_rules[0].schedules[0]
        return found

    async def copied() -> Schedule:
        known = await house.db.read(facts.get, "policy", made.id, EscalationPolicy)
        assert known is not None
        return known.escalation_rules[0].schedules[0]

    whole = await shown(ADA)
    assert (whole.name, [team.name for team in whole.teams]) == ("Night", ["Secret"])
    assert await shown(outsider) == Schedule(id=1)
    assert await copied() == whole
    update = policy_calls.UpdateEscalationPolicyRequest(
        id=made.id,
        escalation_policy=(await policies(house, "GetEscalationPolicy", get, outsider)).reply,
    )
    assert (await policies(house, "UpdateEscalationPolicy", update, outsider)).code == OK

    team = Team(name="Hush", visibility="PRIVATE")
    renamed = await teams(house, "UpdateTeam", team_calls.UpdateTeamRequest(id=secret, team=team))
    assert renamed.code == OK, renamed.details
    assert [team.name for team in (await copied()).teams] == ["Hush"]
    told = Schedule(name="Night", timezone="UTC", type="STATIC")
    freed = schedule_calls.UpdateScheduleRequest(id=1, schedule=told)
    assert (await schedules(house, "UpdateSchedule", freed)).code == OK
    assert await copied() == await shown(outsider) == Schedule(id=1, name="Night")


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


async def test_a_run_stays_private_when_its_policy_is_deleted(house: House) -> None:
    secret = await make_team(house, "Secret", visibility="PRIVATE")
    rule = EscalationRule(users=[User(id=1)])
    made = await house.policies("CreateEscalationPolicy", new_policy(rule, teams=[Team(id=secret)]))
    run = (await house.start(DEPLOY, made.reply.id)).reply
    await house.escalations("StopEscalation", run_calls.StopEscalationRequest(id=run.id))
    delete = policy_calls.DeleteEscalationPolicyRequest(id=made.reply.id)
    assert (await house.policies("DeleteEscalationPolicy", delete)).code == OK
    outsider = replace(READER, scopes=frozenset({"escalations:read"}), hidden=frozenset({secret}))
    member = replace(outsider, teams=frozenset({secret}), hidden=frozenset())
    get = run_calls.GetEscalationRequest(id=run.id)
    listed = run_calls.ListEscalationsRequest()

    for caller, code, count in ((outsider, NOT_FOUND, 0), (member, OK, 1)):
        assert (await house.escalations("GetEscalation", get, caller)).code == code
        found = (await house.escalations("ListEscalations", listed, caller)).reply.escalations
        assert len(found) == count
