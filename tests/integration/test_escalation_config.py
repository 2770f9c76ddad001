"""What records hold of each other stays true on both databases, also when two are at it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from google.protobuf.message import Message
from sqlalchemy import Connection, Engine, create_engine, text

from services.chassis import facts, tokens
from services.chassis.clock import Clock
from services.chassis.database import database
from services.chassis.migrations import configuration, migrate
from services.escalation import first_start
from services.escalation.domain.policies import Level
from services.escalation.servicer.support_hours import SupportHoursServicer
from services.escalation.servicer.teams import TeamServicer
from services.escalation.store import policies, teams, users
from tests.contract.blocking import Answer, Calls
from tests.contract.escalation_config_house import make_token, record
from tests.contract.escalation_house import EXISTS, INVALID, OK, WRONG_STATE, House, new_policy
from tocsin.escalation.v1 import policy_service_pb2 as policy_calls
from tocsin.escalation.v1 import support_hours_service_pb2 as hours_calls
from tocsin.escalation.v1 import team_service_pb2 as team_calls
from tocsin.escalation.v1 import token_service_pb2 as token_calls
from tocsin.escalation.v1 import user_service_pb2 as user_calls
from tocsin.escalation.v1.policy_pb2 import EscalationRule
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.team_pb2 import Team, TeamMember
from tocsin.escalation.v1.user_pb2 import User

ROUNDS = 8


@pytest.fixture
async def house(any_database_url: str) -> AsyncIterator[House]:
    migrate(any_database_url, "escalation")
    async with database(any_database_url, "escalation") as opened:
        await opened.write(first_start.prepare, Clock(), "")
        yield House(opened, Clock())


async def make_team(house: House, name: str, *members: int) -> Answer:
    service = team_calls.DESCRIPTOR.services_by_name["TeamService"]
    told = Team(name=name, members=[TeamMember(user=User(id=member)) for member in members])
    request = team_calls.CreateTeamRequest(team=told)
    return await Calls(service, TeamServicer(house.db, house.clock))("CreateTeam", request)


async def hours(house: House, method: str, request: Message) -> Answer:
    service = hours_calls.DESCRIPTOR.services_by_name["SupportHoursService"]
    return await Calls(service, SupportHoursServicer(house.db, house.clock))(method, request)


async def test_every_record_comes_back_as_it_was(house: House) -> None:
    ada = await house.person()
    team = (await make_team(house, "Ops", ada)).reply
    rule = EscalationRule(user=User(id=ada), teams=[Team(id=team.id)], escalation_timeout=5)
    policy = (await house.policies("CreateEscalationPolicy", new_policy(rule, teams=[team]))).reply
    week = SupportHours(
        name="Office",
        timezone="Europe/Berlin",
        support_days={"MONDAY": SupportHours.Day(start="09:00", end="17:00")},
        exceptions=[
            SupportHours.Exception(start="2026-12-24", end="2026-12-26", support_status="OUTSIDE")
        ],
        teams=[Team(id=team.id)],
    )
    request = hours_calls.CreateSupportHoursRequest(support_hours=week)
    made = (await hours(house, "CreateSupportHours", request)).reply

    got = await hours(house, "GetSupportHours", hours_calls.GetSupportHoursRequest(id=made.id))
    assert got.reply == made
    get = policy_calls.GetEscalationPolicyRequest(id=policy.id)
    assert (await house.policies("GetEscalationPolicy", get)).reply == policy
    assert await house.db.read(teams.members_of, [team.id, 99]) == {team.id: (ada,)}
    assert await house.db.read(facts.get, "support_hours", made.id, SupportHours) == made


async def test_a_policy_that_is_followed_is_not_deleted(house: House) -> None:
    followed = await house.policy(60)
    run = (await house.start(policy_id=followed)).reply
    other = (await house.policies("CreateEscalationPolicy", new_policy(rule_of(1)))).reply.id

    async def delete(policy_id: int) -> Answer:
        request = policy_calls.DeleteEscalationPolicyRequest(id=policy_id)
        return await house.policies("DeleteEscalationPolicy", request)

    refused = await delete(followed)
    assert (refused.code, f"escalation {run.id}" in refused.details) == (WRONG_STATE, True)
    assert (await delete(other)).code == OK


def rule_of(user_id: int) -> EscalationRule:
    return EscalationRule(users=[User(id=user_id)])


async def test_nobody_is_deleted_from_under_a_policy(house: House) -> None:
    for number in range(ROUNDS):
        user_id = await house.person(f"u{number}")
        deleted, made = await asyncio.gather(
            house.users("DeleteUser", user_calls.DeleteUserRequest(id=user_id)),
            house.policies("CreateEscalationPolicy", new_policy(rule_of(user_id))),
        )
        assert (deleted.code, made.code) in {(OK, INVALID), (WRONG_STATE, OK)}
        known = await house.db.read(users.existing, [user_id])
        assert bool(known) is (made.code == OK)


async def test_two_teams_never_share_a_name(house: House) -> None:
    for number in range(ROUNDS):
        names = (f"Team {number}", f"TEAM {number}")
        answers = await asyncio.gather(*(make_team(house, name) for name in names))
        assert {answer.code for answer in answers} == {OK, EXISTS}


async def test_a_revoked_token_stays_revoked_whatever_its_person_is_called(house: House) -> None:
    user_id = await house.person("Ada")
    for number in range(ROUNDS):
        token_id = await make_token(house, user_id)
        told = User(first_name=f"A{number}", last_name="L", email="ada@example.com")
        _, revoked = await asyncio.gather(
            house.users("UpdateUser", user_calls.UpdateUserRequest(id=user_id, user=told)),
            house.tokens("RevokeToken", token_calls.RevokeTokenRequest(id=token_id)),
        )
        assert revoked.code == OK
        assert await record(house, token_id) is None


async def test_a_rotated_token_is_told_with_its_last_secret(house: House) -> None:
    user_id = await house.person("Ada")
    token_id = await make_token(house, user_id)
    for number in range(ROUNDS):
        told = User(first_name=f"A{number}", last_name="L", email="ada@example.com")
        rotated, _ = await asyncio.gather(
            house.tokens("RotateToken", token_calls.RotateTokenRequest(id=token_id)),
            house.users("UpdateUser", user_calls.UpdateUserRequest(id=user_id, user=told)),
        )
        shown = tokens.parse(rotated.reply.token)
        known = await record(house, token_id)
        assert shown is not None
        assert known is not None
        assert tokens.same(shown, known.secret_sha256)
        assert known.user_name == f"A{number} L"


async def test_two_changes_of_a_team_leave_one_of_them(house: House) -> None:
    ids = [await house.person(name) for name in ("Ada", "Bob")]
    team_id = (await make_team(house, "Ops")).reply.id
    service = team_calls.DESCRIPTOR.services_by_name["TeamService"]

    async def put(user_id: int) -> Answer:
        told = Team(name="Ops", members=[TeamMember(user=User(id=user_id))])
        request = team_calls.UpdateTeamRequest(id=team_id, team=told)
        return await Calls(service, TeamServicer(house.db, house.clock))("UpdateTeam", request)

    for _ in range(ROUNDS):
        assert [answer.code for answer in await asyncio.gather(*map(put, ids))] == [OK, OK]
        left = (await house.db.read(teams.members_of, [team_id]))[team_id]
        told = await house.db.read(facts.get, "team", team_id, Team)
        assert told is not None
        assert tuple(member.user.id for member in told.members) == left
        assert len(left) == 1


# what was there before


def at(engine: Engine, revision: str, direction: Any) -> None:
    with engine.begin() as connection:
        config = configuration("escalation")
        config.attributes["connection"] = connection
        direction(config, revision)


def put_in(connection: Connection) -> None:
    connection.execute(
        text(
            'INSERT INTO "user" (id, first_name, last_name, email, email_folded, timezone, role,'
            " created_at, updated_at) VALUES (1, 'Ada', 'L', 'a@b', 'a@b', 'UTC', 'ADMIN',"
            " '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00')"
        )
    )
    connection.execute(
        text(
            "INSERT INTO policy (id, name, levels, repeating, frequency, delay_min)"
            """ VALUES (2, 'Night', '[{"users": [1], "seconds": 60}]', false, 1, 0)"""
        )
    )


async def test_records_of_the_first_version_are_still_there(any_database_url: str) -> None:
    engine = create_engine(any_database_url)
    migrate(any_database_url, "escalation")
    at(engine, "escalation_0001", command.downgrade)
    with engine.begin() as connection:
        put_in(connection)
    engine.dispose()

    migrate(any_database_url, "escalation")

    async with database(any_database_url, "escalation") as opened:
        ada = await opened.read(users.get, 1)
        assert (ada.name, ada.language, ada.position) == ("Ada L", "en", None)
        night = await opened.read(policies.get, 2)
        assert night.levels == (Level((1,), timedelta(seconds=60)),)
