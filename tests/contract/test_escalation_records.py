"""What callers are answered about people, tokens and policies, per method and state."""

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
from services.escalation import first_start
from services.escalation.domain.policies import BUILT_IN
from tests.contract.blocking import ADA, Answer
from tests.contract.escalation_house import (
    EXISTS,
    INVALID,
    NOT_FOUND,
    OK,
    PERSON,
    House,
    escalation,
    new_policy,
)
from tocsin.escalation.v1 import policy_service_pb2 as policy_calls
from tocsin.escalation.v1 import token_service_pb2 as token_calls
from tocsin.escalation.v1 import user_service_pb2 as user_calls
from tocsin.escalation.v1.escalation_events_pb2 import (
    EscalationPolicyChanged,
    TokenChanged,
    UserChanged,
)
from tocsin.escalation.v1.policy_pb2 import EscalationRule
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.token_pb2 import ApiToken, TokenRecord
from tocsin.escalation.v1.user_pb2 import User


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        yield opened


# people


async def test_a_person_is_added_with_what_was_not_said(house: House) -> None:
    made = await house.users("CreateUser", user_calls.CreateUserRequest(user=PERSON))

    assert made.code == OK
    user = made.reply
    assert (user.id, user.timezone, user.role) == (1, "UTC", User.USER)
    assert user.HasField("created_at")
    assert user.created_at == user.updated_at
    got = await house.users("GetUser", user_calls.GetUserRequest(id=1))
    assert got.reply == user
    assert await house.told(UserChanged) == [UserChanged(user=user, version=1)]
    assert await house.db.read(facts.get, "user", 1, User) == user
    assert ("user.create", "user:1") in await house.audit()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"email": "ADA@Example.com"}, EXISTS),
        ({"email": "no"}, INVALID),
        ({"email": "new@example.com", "first_name": ""}, INVALID),
        ({"email": "new@example.com", "timezone": "Mars"}, INVALID),
        ({"email": "new@example.com", "role": 9}, INVALID),
    ],
)
async def test_who_is_not_added(
    house: House, change: dict[str, Any], code: grpc.StatusCode
) -> None:
    await house.users("CreateUser", user_calls.CreateUserRequest(user=PERSON))
    told = {"first_name": "A", "last_name": "B", **change}

    refused = await house.users("CreateUser", user_calls.CreateUserRequest(user=User(**told)))
    added = await house.person("Bob")

    assert refused.code == code
    assert added == 2  # a refusal takes no number
    listed = await house.users("ListUsers", user_calls.ListUsersRequest())
    assert [user.id for user in listed.reply.users] == [1, 2]


async def test_people_are_listed_in_pages(house: House) -> None:
    for name in ("Ada", "Bob", "Eve"):
        await house.person(name)

    async def listed(**page: int) -> Answer:
        return await house.users("ListUsers", user_calls.ListUsersRequest(**page))

    page = await listed(start_index=1, max_results=1)
    assert [user.first_name for user in page.reply.users] == ["Bob"]
    assert (await listed(max_results=101)).code == INVALID
    assert (await listed(start_index=-1)).code == INVALID


async def test_who_the_caller_is(house: House) -> None:
    await house.person()
    request = user_calls.GetCurrentUserRequest()

    assert (await house.users("GetCurrentUser", request)).reply.id == 1
    nobody = replace(ADA, kind="TOKEN", user_id=0)
    assert (await house.users("GetCurrentUser", request, nobody)).code == NOT_FOUND
    gone = await house.users("GetUser", user_calls.GetUserRequest(id=9))
    assert gone.code == NOT_FOUND


# tokens


def new_token(**fields: Any) -> Message:
    told = {"name": "ci", "scopes": ["alerts:read"], **fields}
    return token_calls.CreateTokenRequest(token=ApiToken(**told))


async def test_a_token_is_shown_once_and_kept_as_a_hash(house: House) -> None:
    await house.person()

    made = await house.tokens("CreateToken", new_token(user_id=1))

    assert made.code == OK
    token = tokens.parse(made.reply.token)
    assert token is not None
    assert (made.reply.id, made.reply.creator) == (token.id, "Ada")
    record = await house.db.read(facts.get, "token", token.id, TokenRecord)
    assert record is not None
    assert (record.secret_sha256, record.user_name) == (token.sha256(), "Ada L")
    assert not record.token.HasField("token")
    assert await house.told(TokenChanged) == [TokenChanged(record=record, version=1)]
    listed = await house.tokens("ListTokens", token_calls.ListTokensRequest())
    assert list(listed.reply.tokens) == [record.token]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": ""}, INVALID),
        ({"scopes": []}, INVALID),
        ({"scopes": ["alerts:read", "internal"]}, INVALID),
        ({"user_id": 9}, NOT_FOUND),
        ({"expire_time": Timestamp(seconds=1)}, INVALID),
        ({"expire_time": Timestamp(seconds=1 << 50)}, INVALID),
    ],
)
async def test_which_tokens_are_not_made(
    house: House, change: dict[str, Any], code: grpc.StatusCode
) -> None:
    assert (await house.tokens("CreateToken", new_token(**change))).code == code


async def test_a_revoked_token_is_gone_for_everybody(house: House) -> None:
    made = (await house.tokens("CreateToken", new_token())).reply
    revoke = token_calls.RevokeTokenRequest(id=made.id)

    first = await house.tokens("RevokeToken", revoke)
    again = await house.tokens("RevokeToken", revoke)

    assert (first.code, again.code) == (OK, OK)
    assert [told.deleted for told in await house.told(TokenChanged)] == [False, True]
    assert await house.db.read(facts.get, "token", made.id, TokenRecord) is None
    listed = await house.tokens("ListTokens", token_calls.ListTokensRequest())
    assert not listed.reply.tokens


@pytest.mark.parametrize("token_id", ["", "nobody", "a\x00b"])
async def test_a_token_that_never_was_cannot_be_revoked(house: House, token_id: str) -> None:
    revoke = token_calls.RevokeTokenRequest(id=token_id)
    assert (await house.tokens("RevokeToken", revoke)).code == NOT_FOUND


async def test_an_expired_token_is_not_listed(house: House) -> None:
    soon = house.clock.wall() + timedelta(hours=1)
    await house.tokens("CreateToken", new_token(expire_time=soon))

    house.clock.turn(timedelta(hours=2))

    listed = await house.tokens("ListTokens", token_calls.ListTokensRequest())
    assert not listed.reply.tokens


async def test_the_first_token_is_made_once_and_never_again(house: House) -> None:
    token = tokens.new_token()
    told = f"{token.id}:{token.sha256().hex()}"

    for _ in range(2):
        await house.db.write(first_start.prepare, house.clock, told)
    record = await house.db.read(facts.get, "token", token.id, TokenRecord)
    await house.tokens("RevokeToken", token_calls.RevokeTokenRequest(id=token.id))
    await house.db.write(first_start.prepare, house.clock, told)

    assert record is not None
    assert tokens.same(token, record.secret_sha256)
    assert (record.token.name, list(record.token.scopes)) == ("bootstrap", ["admin"])
    assert await house.db.read(facts.get, "token", token.id, TokenRecord) is None


# policies


async def test_the_built_in_policy_is_the_first(house: House) -> None:
    await house.db.write(first_start.prepare, house.clock, "")  # a second start

    listed = await house.policies(
        "ListEscalationPolicies", policy_calls.ListEscalationPoliciesRequest()
    )

    assert [(p.id, p.name) for p in listed.reply.escalation_policies] == [(BUILT_IN, "tocsin")]
    assert len(await house.told(EscalationPolicyChanged)) == 1


async def test_a_policy_is_answered_whole(house: House) -> None:
    ada = User(id=await house.person())
    rules = [
        EscalationRule(escalation_timeout=5, users=[ada]),
        EscalationRule(escalation_timeout=9, escalation_timeout_seconds=90, users=[ada]),
    ]

    made = await house.policies("CreateEscalationPolicy", new_policy(*rules, routing_key="db"))

    assert made.code == OK
    policy = made.reply
    assert (policy.id, policy.frequency, policy.routing_key) == (2, 1, "db")
    assert [
        (rule.escalation_timeout, rule.escalation_timeout_seconds, rule.users[0].first_name)
        for rule in policy.escalation_rules
    ] == [(5, 300, "Ada"), (1, 90, "Ada")]
    got = await house.policies("GetEscalationPolicy", policy_calls.GetEscalationPolicyRequest(id=2))
    assert got.reply == policy
    assert (await house.told(EscalationPolicyChanged))[-1].escalation_policy == policy
    assert ("policy.create", "policy:2") in await house.audit()


@pytest.mark.parametrize(
    ("change", "code", "word"),
    [
        ({"name": ""}, INVALID, "name"),
        ({"escalation_rules": []}, INVALID, "escalationRules"),
        ({"escalation_rules": [EscalationRule()]}, INVALID, "escalationRules[0].users"),
        (
            {"escalation_rules": [EscalationRule(users=[User(id=99)])]},
            INVALID,
            "escalationRules[0].users",
        ),
        (
            {"escalation_rules": [EscalationRule(escalation_timeout=-1, users=[User(id=1)])]},
            INVALID,
            "escalationRules[0].escalationTimeout",
        ),
        ({"frequency": 0}, INVALID, "frequency"),
        ({"delay_min": 16}, INVALID, "delayMin"),
        ({"teams": [Team(id=1)]}, INVALID, "teams[0]"),
        ({"routing_key": "taken"}, EXISTS, "routing key"),
    ],
)
async def test_which_policies_are_not_made(
    house: House, change: dict[str, Any], code: grpc.StatusCode, word: str
) -> None:
    rule = EscalationRule(users=[User(id=await house.person())])
    await house.policies("CreateEscalationPolicy", new_policy(rule, routing_key="taken"))

    refused = await house.policies("CreateEscalationPolicy", new_policy(rule, **change))

    assert refused.code == code
    assert word in refused.details


async def test_a_policy_that_is_not_there_and_a_page_too_large(house: House) -> None:
    get = policy_calls.GetEscalationPolicyRequest(id=9)
    page = policy_calls.ListEscalationPoliciesRequest(max_results=51)

    assert (await house.policies("GetEscalationPolicy", get)).code == NOT_FOUND
    assert (await house.policies("ListEscalationPolicies", page)).code == INVALID
