"""What callers are answered who make, list, rotate and revoke tokens."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from services.chassis import facts, tokens
from services.escalation import token_uses
from tests.contract.blocking import ADA
from tests.contract.escalation_config_house import make_team, teams
from tests.contract.escalation_house import INVALID, NOT_FOUND, OK, House, escalation
from tocsin.escalation.v1 import team_service_pb2 as team_calls
from tocsin.escalation.v1 import token_service_pb2 as calls
from tocsin.escalation.v1 import user_service_pb2 as user_calls
from tocsin.escalation.v1.team_pb2 import Team, TeamMember
from tocsin.escalation.v1.token_pb2 import ApiToken, TokenRecord
from tocsin.escalation.v1.user_pb2 import User

FORBIDDEN = grpc.StatusCode.PERMISSION_DENIED
BOB = replace(
    ADA, id="bobstokn", name="Bob", user_id=2, scopes=frozenset({"alerts:read", "config:write"})
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        for name in ("Ada", "Bob"):
            await opened.person(name)
        yield opened


def new(**fields: Any) -> Message:
    return calls.CreateTokenRequest(
        token=ApiToken(**{"name": "ci", "scopes": ["alerts:read"], **fields})
    )


async def record_of(house: House, token_id: str) -> TokenRecord:
    record = await house.db.read(facts.get, "token", token_id, TokenRecord)
    assert record is not None
    return record


async def test_both_ways_to_say_the_same_are_answered(house: House) -> None:
    at = Timestamp(seconds=4_000_000_000)
    for told in ({"user_id": 2, "expire_time": at}, {"user": User(id=2), "expires_at": at}):
        made = (await house.tokens("CreateToken", new(**told))).reply
        assert (made.user_id, made.user.id) == (2, 2)
        assert made.expire_time == made.expires_at == at
        got = (await house.tokens("GetToken", calls.GetTokenRequest(id=made.id))).reply
        assert not got.HasField("token")
        made.ClearField("token")
        assert got == made


@pytest.mark.parametrize(
    "told",
    [
        {"user_id": 1, "user": User(id=2)},
        {"expire_time": Timestamp(seconds=4_000_000_000), "expires_at": Timestamp(seconds=9)},
        {"team": Team(id=77)},
        {"user_id": 2, "scopes": ["admin"]},  # Bob is a USER
    ],
)
async def test_what_no_token_can_be(house: House, told: dict[str, Any]) -> None:
    assert (await house.tokens("CreateToken", new(**told))).code == INVALID


async def test_who_is_no_admin_keeps_their_own_tokens_only(house: House) -> None:
    others = (await house.tokens("CreateToken", new(user_id=1))).reply.id
    nobodys = (await house.tokens("CreateToken", new())).reply.id
    own = (await house.tokens("CreateToken", new(user_id=2), BOB)).reply.id

    assert (await house.tokens("CreateToken", new(user_id=1), BOB)).code == FORBIDDEN
    assert (await house.tokens("CreateToken", new(), BOB)).code == FORBIDDEN
    beyond = new(user_id=2, scopes=["alerts:write"])
    assert (await house.tokens("CreateToken", beyond, BOB)).code == FORBIDDEN
    listed = await house.tokens("ListTokens", calls.ListTokensRequest(), BOB)
    assert [token.id for token in listed.reply.tokens] == [own]
    for token_id, code in ((others, NOT_FOUND), (nobodys, NOT_FOUND), (own, OK)):
        for method, request in (
            ("GetToken", calls.GetTokenRequest(id=token_id)),
            ("RotateToken", calls.RotateTokenRequest(id=token_id)),
            ("RevokeToken", calls.RevokeTokenRequest(id=token_id)),
        ):
            assert (await house.tokens(method, request, BOB)).code == code


async def test_a_rotated_token_is_shown_once_and_the_old_one_works_for_the_overlap(
    house: House,
) -> None:
    made = (await house.tokens("CreateToken", new())).reply
    old = tokens.parse(made.token)
    rotation = calls.RotateTokenRequest.Rotation(overlap_seconds=60)

    rotated = await house.tokens(
        "RotateToken", calls.RotateTokenRequest(id=made.id, rotation=rotation)
    )

    assert rotated.code == OK
    fresh = tokens.parse(rotated.reply.token)
    assert old is not None
    assert fresh is not None
    assert fresh.id == old.id
    record = await record_of(house, made.id)
    assert (record.secret_sha256, record.previous_sha256) == (fresh.sha256(), old.sha256())
    assert not record.token.HasField("token")
    assert ("token.rotate", f"token:{made.id}") in await house.audit()
    too_long = calls.RotateTokenRequest.Rotation(overlap_seconds=604_801)
    refused = await house.tokens(
        "RotateToken", calls.RotateTokenRequest(id=made.id, rotation=too_long)
    )
    assert refused.code == INVALID


async def test_what_no_longer_works_is_not_rotated(house: House) -> None:
    soon = house.clock.wall() + timedelta(hours=1)
    expiring = (await house.tokens("CreateToken", new(expires_at=soon))).reply.id
    revoked = (await house.tokens("CreateToken", new())).reply.id
    await house.tokens("RevokeToken", calls.RevokeTokenRequest(id=revoked))
    house.clock.turn(timedelta(hours=2))

    for token_id in (expiring, revoked, "nobody", "a\x00b"):
        request = calls.RotateTokenRequest(id=token_id)
        assert (await house.tokens("RotateToken", request)).code == NOT_FOUND
    assert (await house.tokens("GetToken", calls.GetTokenRequest(id=revoked))).code == NOT_FOUND


async def test_the_last_use_is_kept_to_about_a_minute_and_told_to_nobody(house: House) -> None:
    made = (await house.tokens("CreateToken", new())).reply
    before = await record_of(house, made.id)
    start = house.clock.wall()

    async def used_after(seconds: int) -> float:
        at = start + timedelta(seconds=seconds)
        await house.db.write(token_uses.note, at, {made.id: at, "nobody": at})
        got = (await house.tokens("GetToken", calls.GetTokenRequest(id=made.id))).reply
        return float(round(got.last_used.ToDatetime(start.tzinfo).timestamp() - start.timestamp()))

    assert [await used_after(seconds) for seconds in (0, 30, 61, 10)] == [0, 0, 61, 61]
    assert await record_of(house, made.id) == before


async def test_what_a_person_may_in_their_teams_is_in_the_record(house: House) -> None:
    looks_on = [TeamMember(user=User(id=2), role="STAKEHOLDER")]
    told = team_calls.CreateTeamRequest(team=Team(name="Watch", members=looks_on))
    watching = (await teams(house, "CreateTeam", told)).reply.id
    working = await make_team(house, "Work", 2)
    made = (await house.tokens("CreateToken", new(user_id=2, team=Team(id=working)))).reply

    record = await record_of(house, made.id)
    assert (record.token.team.id, list(record.team_ids)) == (working, [watching, working])
    assert (list(record.changing_team_ids), list(record.watching_team_ids)) == ([], [watching])
    admin = User(first_name="Bob", last_name="L", email="Bob@example.com", role="ADMIN")
    await house.users("UpdateUser", user_calls.UpdateUserRequest(id=2, user=admin))
    assert (await record_of(house, made.id)).role == User.ADMIN


async def test_a_token_outlives_what_its_creator_may(house: House) -> None:
    made = (await house.tokens("CreateToken", new(user_id=2), BOB)).reply
    less = User(first_name="Bob", last_name="L", email="Bob@example.com", role="GUEST")
    await house.users("UpdateUser", user_calls.UpdateUserRequest(id=2, user=less))
    record = await record_of(house, made.id)
    assert (list(record.token.scopes), record.token.creator) == (["alerts:read"], "Bob")
