"""What callers are answered who change people and teams."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from services.chassis import facts
from tests.contract.blocking import ADA
from tests.contract.escalation_config_house import (
    hear_of_source,
    hours,
    make_hours,
    make_team,
    make_token,
    record,
    teams,
)
from tests.contract.escalation_house import (
    EXISTS,
    INVALID,
    NOT_FOUND,
    OK,
    WRONG_STATE,
    House,
    escalation,
    new_policy,
)
from tocsin.escalation.v1 import policy_service_pb2 as policy_calls
from tocsin.escalation.v1 import support_hours_service_pb2 as hours_calls
from tocsin.escalation.v1 import team_service_pb2 as team_calls
from tocsin.escalation.v1 import user_service_pb2 as user_calls
from tocsin.escalation.v1.escalation_events_pb2 import (
    EscalationPolicyChanged,
    SupportHoursChanged,
    TeamChanged,
    TokenChanged,
    UserChanged,
)
from tocsin.escalation.v1.policy_pb2 import EscalationRule
from tocsin.escalation.v1.team_pb2 import Team, TeamMember
from tocsin.escalation.v1.user_pb2 import User

READER = replace(ADA, user_id=0, kind="TOKEN", scopes=frozenset({"config:read", "config:write"}))
UNKNOWN: Any = 9  # a word of a newer version


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        yield opened


# people


async def test_a_person_is_replaced_and_everybody_hears_of_it(house: House) -> None:
    policy_id = await house.policy(60)  # its person is Ada, the first
    team_id = await make_team(house, "Ops", 1)
    token_id = await make_token(house, 1)

    told = User(
        id=99,
        first_name="Ada",
        last_name="King",
        email="ADA@example.com",
        position="Countess",
        language="de",
        shift_color="#AABBCC",
        role="ADMIN",
        region="GB",
        muted_until=Timestamp(seconds=2_000_000_000),
    )
    changed = await house.users("UpdateUser", user_calls.UpdateUserRequest(id=1, user=told))

    assert changed.code == OK
    user = changed.reply
    assert (user.id, user.last_name, user.timezone, user.role) == (1, "King", "UTC", User.ADMIN)
    assert (user.position, user.language, user.shift_color) == ("Countess", "de", "#aabbcc")
    assert (user.region, user.muted_until.seconds) == ("GB", 2_000_000_000)
    assert not user.HasField("department")
    assert user.updated_at.ToNanoseconds() > user.created_at.ToNanoseconds()
    assert (await house.told(UserChanged))[-1] == UserChanged(user=user, version=2)
    policy = (await house.told(EscalationPolicyChanged))[-1]
    assert (policy.version, policy.escalation_policy.id) == (2, policy_id)
    assert policy.escalation_policy.escalation_rules[0].users[0].last_name == "King"
    team = (await house.told(TeamChanged))[-1]
    assert (team.version, team.team.id, team.team.members[0].user) == (
        2,
        team_id,
        User(id=1, first_name="Ada", last_name="King"),
    )
    known = await record(house, token_id)
    assert known is not None
    assert known.user_name == "Ada King"
    assert ("user.update", "user:1") in await house.audit()


async def test_a_person_is_meant_by_id_address_or_the_local_part_of_it(house: House) -> None:
    ada, bob = await house.person("Ada"), await house.person("B_b")

    async def meant(who: str) -> tuple[object, int]:
        answer = await house.users("GetUser", user_calls.GetUserRequest(who=who))
        return answer.code, answer.reply.id if answer.reply else 0

    for who in (str(ada), "ada", "ADA", "Ada@Example.com"):
        assert await meant(who) == (OK, ada)
    assert await meant("b_b") == (OK, bob)
    for who in ("", "bob", "%", "ad", "99", "9" * 30, "ada@", "a\x00b", "@example.com", "\u0661"):
        assert await meant(who) == (NOT_FOUND, 0)
    told = User(first_name="Other", last_name="L", email="ada@example.org")
    await house.users("CreateUser", user_calls.CreateUserRequest(user=told))
    assert await meant("ada") == (INVALID, 0)
    assert await meant("ada@example.org") == (OK, bob + 1)


async def test_a_person_is_changed_and_deleted_by_name(house: House) -> None:
    ada = await house.person("Ada")
    told = User(first_name="Ada", last_name="King", email="countess@example.com")

    changed = await house.users("UpdateUser", user_calls.UpdateUserRequest(who="ada", user=told))
    assert (changed.reply.id, changed.reply.last_name) == (ada, "King")
    request = user_calls.DeleteUserRequest(who="countess@example.com")
    assert (await house.users("DeleteUser", request)).code == OK
    assert (await house.users("DeleteUser", request)).code == NOT_FOUND


async def test_the_same_again_changes_nothing(house: House) -> None:
    await house.person()
    got = (await house.users("GetUser", user_calls.GetUserRequest(id=1))).reply
    before = len(await house.audit())

    again = await house.users("UpdateUser", user_calls.UpdateUserRequest(id=1, user=got))

    assert again.reply == got
    assert len(await house.told(UserChanged)) == 1
    assert len(await house.audit()) == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"email": "BOB@example.com"}, EXISTS),
        ({"email": ""}, INVALID),
        ({"first_name": ""}, INVALID),
        ({"language": "fr"}, INVALID),
        ({"shift_color": "blue"}, INVALID),
        ({"avatar_url": "ftp://x"}, INVALID),
        ({"role": 9}, INVALID),
    ],
)
async def test_how_a_person_is_not_replaced(
    house: House, change: dict[str, Any], code: grpc.StatusCode
) -> None:
    for name in ("Ada", "Bob"):
        await house.person(name)
    told = User(**{"first_name": "A", "last_name": "B", "email": "ada@example.com"} | change)

    refused = await house.users("UpdateUser", user_calls.UpdateUserRequest(id=1, user=told))

    assert refused.code == code
    missing = await house.users("UpdateUser", user_calls.UpdateUserRequest(id=9, user=told))
    assert missing.code == NOT_FOUND


async def test_who_changes_themself_keeps_their_role(house: House) -> None:
    await house.person()
    told = User(first_name="Ada", last_name="King", email="ada@example.com", role="ADMIN")
    request = user_calls.UpdateCurrentUserRequest(user=told)

    changed = await house.users("UpdateCurrentUser", request)

    assert (changed.reply.last_name, changed.reply.role) == ("King", User.USER)
    nobody = replace(ADA, kind="TOKEN", user_id=0)
    assert (await house.users("UpdateCurrentUser", request, nobody)).code == NOT_FOUND


@pytest.mark.parametrize("role", User.Role.keys()[1:])
async def test_every_role_of_the_contract_is_kept(house: House, role: str) -> None:
    told = User(first_name="A", last_name="B", email="a@example.com", role=role)
    made = await house.users("CreateUser", user_calls.CreateUserRequest(user=told))
    assert (made.code, User.Role.Name(made.reply.role)) == (OK, role)


@pytest.mark.parametrize(
    ("email", "code"),
    [("ADA@example.COM", OK), ("nobody@example.com", NOT_FOUND), ("", INVALID)],
)
async def test_a_person_is_found_by_address(
    house: House, email: str, code: grpc.StatusCode
) -> None:
    await house.person()
    request = user_calls.SearchUserByEmailRequest(email=email)
    found = await house.users("SearchUserByEmail", request)
    assert found.code == code
    assert code != OK or found.reply.id == 1


async def test_a_person_in_use_is_not_deleted_and_the_places_are_told(house: House) -> None:
    policy_id = await house.policy(60)
    team_id = await make_team(house, "Ops", 1)
    delete = user_calls.DeleteUserRequest(id=1)

    refused = await house.users("DeleteUser", delete)

    assert refused.code == WRONG_STATE
    assert refused.details == (
        f"user 1 is in use by escalation policy {policy_id} (Night), team {team_id} (Ops)"
    )
    await house.policies(
        "DeleteEscalationPolicy", policy_calls.DeleteEscalationPolicyRequest(id=policy_id)
    )
    await teams(house, "DeleteTeam", team_calls.DeleteTeamRequest(id=team_id))
    assert (await house.users("DeleteUser", delete)).code == OK


async def test_a_deleted_person_is_gone_with_their_tokens(house: House) -> None:
    await house.person()
    token_id = await make_token(house, 1)
    delete = user_calls.DeleteUserRequest(id=1)

    assert (await house.users("DeleteUser", delete)).code == OK

    assert (await house.users("DeleteUser", delete)).code == NOT_FOUND
    assert (await house.users("GetUser", user_calls.GetUserRequest(id=1))).code == NOT_FOUND
    told = (await house.told(UserChanged))[-1]
    assert (told.user.id, told.deleted, told.version) == (1, True, 2)
    assert await record(house, token_id) is None
    assert (await house.told(TokenChanged))[-1].deleted
    assert {("user.delete", "user:1"), ("token.revoke", f"token:{token_id}")} <= set(
        await house.audit()
    )
    assert await house.person("Bob") == 2  # a number is never used again


# teams


async def test_a_team_is_answered_whole_and_told_by_names(house: House) -> None:
    await house.person()
    members = [TeamMember(user=User(id=1), role="ADMIN")]
    told = Team(name="Ops", visibility="PRIVATE", members=members)

    made = await teams(house, "CreateTeam", team_calls.CreateTeamRequest(team=told))

    assert made.code == OK
    team = made.reply
    assert (team.id, team.name, team.visibility) == (1, "Ops", Team.PRIVATE)
    member = team.members[0]
    assert (member.user.email, member.role) == ("Ada@example.com", TeamMember.ADMIN)
    assert (await teams(house, "GetTeam", team_calls.GetTeamRequest(id=1))).reply == team
    listed = await teams(house, "ListTeams", team_calls.ListTeamsRequest())
    assert list(listed.reply.teams) == [team]
    event = (await house.told(TeamChanged))[-1]
    assert event.team.members[0].user == User(id=1, first_name="Ada", last_name="L")
    assert await house.db.read(facts.get, "team", 1, Team) == event.team
    assert ("team.create", "team:1") in await house.audit()


@pytest.mark.parametrize(
    ("change", "code", "word"),
    [
        ({"name": ""}, INVALID, "name"),
        ({"name": "OPS"}, EXISTS, "OPS"),
        ({"visibility": 9}, INVALID, "visibility"),
        ({"members": [TeamMember(user=User(id=9))]}, INVALID, "members[0].user"),
        ({"members": [TeamMember()]}, INVALID, "members[0].user"),
        ({"members": [TeamMember(user=User(id=1))] * 2}, INVALID, "members[1].user"),
        ({"members": [TeamMember(user=User(id=1), role=UNKNOWN)]}, INVALID, "members[0].role"),
    ],
)
async def test_which_teams_are_not_made(
    house: House, change: dict[str, Any], code: grpc.StatusCode, word: str
) -> None:
    await house.person()
    await make_team(house, "Ops")
    other = await make_team(house, "Dev")
    told = Team(**{"name": "QA"} | change)

    made = await teams(house, "CreateTeam", team_calls.CreateTeamRequest(team=told))
    changed = await teams(house, "UpdateTeam", team_calls.UpdateTeamRequest(id=other, team=told))

    assert (made.code, changed.code) == (code, code)
    assert word in made.details
    assert word in changed.details


async def test_a_team_is_replaced_and_everybody_hears_of_it(house: House) -> None:
    for name in ("Ada", "Bob"):
        await house.person(name)
    tokens = [await make_token(house, user_id) for user_id in (1, 2)]
    team_id = await make_team(house, "Ops", 1)
    rule = EscalationRule(teams=[Team(id=team_id)])
    await house.policies("CreateEscalationPolicy", new_policy(rule, teams=[Team(id=team_id)]))
    await make_hours(house, teams=[Team(id=team_id)])

    told = Team(name="SRE", members=[TeamMember(user=User(id=2))])
    changed = await teams(house, "UpdateTeam", team_calls.UpdateTeamRequest(id=team_id, team=told))

    assert changed.code == OK
    assert [member.user.id for member in changed.reply.members] == [2]
    records = [await record(house, token_id) for token_id in tokens]
    assert [list(known.team_ids) for known in records if known] == [[], [team_id]]
    policy = (await house.told(EscalationPolicyChanged))[-1].escalation_policy
    assert (policy.teams[0].name, policy.escalation_rules[0].teams[0].name) == ("SRE", "SRE")
    assert (await house.told(SupportHoursChanged))[-1].support_hours.teams[0].name == "SRE"


async def test_a_team_in_use_is_not_deleted_and_the_places_are_told(house: House) -> None:
    await house.person()
    team_id = await make_team(house, "Ops", 1)
    token_id = await make_token(house, 1)
    policy = new_policy(EscalationRule(teams=[Team(id=team_id)]))
    made = await house.policies("CreateEscalationPolicy", policy)
    await make_hours(house, teams=[Team(id=team_id)])
    await hear_of_source(house, teams=[Team(id=team_id)])
    delete = team_calls.DeleteTeamRequest(id=team_id)

    refused = await teams(house, "DeleteTeam", delete)

    assert refused.code == WRONG_STATE
    assert refused.details == (
        f"team {team_id} is in use by escalation policy {made.reply.id} (Night), "
        "support hours 1 (Office), alert source 3 (checks)"
    )
    await house.policies(
        "DeleteEscalationPolicy", policy_calls.DeleteEscalationPolicyRequest(id=made.reply.id)
    )
    await hours(house, "DeleteSupportHours", hours_calls.DeleteSupportHoursRequest(id=1))
    await hear_of_source(house, version=2, deleted=True, teams=[Team(id=team_id)])
    assert (await teams(house, "DeleteTeam", delete)).code == OK
    known = await record(house, token_id)
    assert known is not None
    assert list(known.team_ids) == []
    assert (await house.told(TeamChanged))[-1].deleted
    assert (await teams(house, "DeleteTeam", delete)).code == NOT_FOUND


async def test_a_private_team_is_there_for_its_members_only(house: House) -> None:
    team_id = await make_team(house, "Secret", visibility="PRIVATE")
    public = await make_team(house, "Open")

    async def listed(caller: Any) -> list[int]:
        answer = await teams(house, "ListTeams", team_calls.ListTeamsRequest(), caller)
        return [team.id for team in answer.reply.teams]

    async def got(caller: Any) -> grpc.StatusCode:
        return (await teams(house, "GetTeam", team_calls.GetTeamRequest(id=team_id), caller)).code

    member = replace(READER, teams=frozenset({team_id}))
    assert await listed(READER) == [public]
    assert await got(READER) == NOT_FOUND
    assert await listed(member) == [team_id, public]
    assert await got(member) == OK
    assert await listed(ADA) == [team_id, public]
    delete = team_calls.DeleteTeamRequest(id=team_id)
    assert (await teams(house, "DeleteTeam", delete, READER)).code == NOT_FOUND
