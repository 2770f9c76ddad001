"""Configuration as a document: shown, compared, and made true of what Escalation owns."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from google.protobuf.json_format import MessageToDict

from services.chassis.principal import Principal
from services.escalation.documents.bounds import MOST_RECORDS
from tests.contract.blocking import ADA
from tests.contract.configuration_house import USER, apply, call, done, exported, problems
from tests.contract.escalation_config_house import make_secret, policies, schedules
from tests.contract.escalation_house import (
    INVALID,
    OK,
    WRONG_STATE,
    House,
    escalation,
    new_policy,
)
from tests.parts.documents import ADA as ADA_TOLD
from tests.parts.documents import BOB, WHOLE, policy
from tocsin.configuration.v1 import configuration_service_pb2 as pb
from tocsin.escalation.v1 import policy_service_pb2 as policy_calls
from tocsin.escalation.v1 import schedule_service_pb2 as schedule_calls
from tocsin.escalation.v1.policy_pb2 import EscalationRule
from tocsin.escalation.v1.user_pb2 import User

FORBIDDEN = grpc.StatusCode.PERMISSION_DENIED
ABORTED = grpc.StatusCode.ABORTED


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        yield opened


async def test_an_empty_suite_is_an_empty_document(house: House) -> None:
    assert await exported(house) == {}
    assert await done(house, {}, prune=True) == []


async def test_a_document_is_made_true_and_shown_again(house: House) -> None:
    assert await done(house, WHOLE) == [
        ("CREATE", "users", "ada@example.com"),
        ("CREATE", "users", "bob@example.com"),
        ("CREATE", "teams", "Core"),
        ("CREATE", "schedules", "Day"),
        ("CREATE", "supportHours", "Office"),
        ("CREATE", "escalationPolicies", "Databases"),
    ]

    told = await exported(house)

    assert told["escalationPolicies"][0]["escalationRules"] == [
        {"escalationTimeout": 5, "schedules": [{"name": "Day"}]},
        {"teams": [{"name": "Core"}]},
    ]
    assert told["schedules"][0]["schedule"]["teams"] == [{"name": "Core"}]
    assert told["teams"][0]["members"] == [
        {"user": {"email": "bob@example.com"}, "role": "RESPONDER"}
    ]
    assert '"id"' not in json.dumps(told)
    assert await done(house, told, prune=True) == []
    actions = [action for action, _ in await house.audit()]
    assert actions[1:] == [
        "user.create",
        "user.create",
        "team.create",
        "schedule.create",
        "schedule.overrides",
        "support_hours.create",
        "policy.create",
    ]


async def test_what_is_exported_rebuilds_another_suite(house: House, tmp_path: Path) -> None:
    await done(house, WHOLE)
    told = await exported(house)
    (tmp_path / "other").mkdir()

    async with escalation(tmp_path / "other") as other:
        await done(other, told)
        assert await exported(other) == told


async def test_only_what_differs_is_changed_field_by_field(house: House) -> None:
    await done(house, WHOLE)
    told = await exported(house)
    told["escalationPolicies"][0]["escalationRules"][0] = {
        "escalationTimeoutSeconds": 90,
        "schedules": [{"name": "Day"}],
        "users": [{"email": "ADA@example.com"}],
    }
    audited = len(await house.audit())

    tried = await apply(house, told, dry_run=True)
    (change,) = tried.reply.changes

    assert [MessageToDict(field) for field in change.fields] == [
        {"field": "escalationRules[0].escalationTimeout", "before": 5.0},
        {"field": "escalationRules[0].escalationTimeoutSeconds", "after": 90.0},
        {"field": "escalationRules[0].users", "after": [{"email": "ada@example.com"}]},
    ]
    assert await done(house, told) == [("UPDATE", "escalationPolicies", "Databases")]
    assert [action for action, _ in (await house.audit())[audited:]] == ["policy.update"]


async def test_what_is_not_named_goes_only_if_that_is_said(house: House) -> None:
    await done(house, WHOLE)
    one = {"users": [BOB], "escalationPolicies": [policy("Web", "bob@example.com")]}

    assert await done(house, one) == [("CREATE", "escalationPolicies", "Web")]
    assert await problems(house, one, prune=True) == [
        ": user 1 is in use by schedule 1 (Day)",
    ]

    told = await exported(house)
    told["schedules"] = [{"schedule": {"name": "New", "timezone": "UTC", "type": "STATIC"}}]
    told["users"] = [BOB]
    told["escalationPolicies"] = [policy("Web", "bob@example.com")]

    assert await done(house, told, prune=True) == [
        ("DELETE", "users", "ada@example.com"),
        ("DELETE", "schedules", "Day"),
        ("CREATE", "schedules", "New"),
        ("DELETE", "escalationPolicies", "Databases"),
    ]


async def test_overrides_stay_unless_the_document_has_any(house: House) -> None:
    await done(house, WHOLE)
    told = await exported(house)
    theirs = told["schedules"][0].pop("overrides")
    assert await done(house, told) == []

    told["schedules"][0]["overrides"] = [
        {**theirs[0], "user": {"email": "ada@example.com"}},
        *theirs,
    ]
    assert await done(house, told) == [("UPDATE", "schedules", "Day")]
    request = schedule_calls.ListOverridesRequest(id=1)
    listed = (await schedules(house, "ListOverrides", request)).reply.overrides
    assert [each.user.email for each in listed] == ["ada@example.com", "bob@example.com"]

    del told["schedules"][0]["overrides"]
    assert await done(house, told, prune=True) == [("UPDATE", "schedules", "Day")]
    assert not (await schedules(house, "ListOverrides", request)).reply.overrides


async def test_overrides_that_are_over_are_neither_shown_nor_touched(house: House) -> None:
    await done(house, WHOLE)
    told = await exported(house)
    house.clock.turn(timedelta(days=3650))

    assert "overrides" not in (await exported(house))["schedules"][0]
    assert await done(house, told) == []
    assert await done(house, await exported(house), prune=True) == []


async def test_problems_are_told_all_at_once_with_their_places(house: House) -> None:
    told = {
        "users": [{**ADA_TOLD, "firstName": ""}],
        "teams": [{"name": "T", "members": [{"user": {"email": "x@y"}}]}],
        "contacts": [{"email": "x@y"}],
        "alertSources": [
            {"name": "S", "integrationType": "API", "escalationPolicy": {"name": "Nowhere"}}
        ],
    }

    assert await problems(house, told) == [
        "users[0].firstName: must have 1 to 255 characters",
        "teams[0].members[0].user: there is no user x@y",
        "alertSources[0].escalationPolicy: there is no escalation policy Nowhere",
        "contacts[0].email: there is no user x@y",
        "alertSources: there is no Ingest here that keeps any",
        "contacts: there is no Notification here that keeps any",
    ]


async def test_what_the_single_calls_refuse_is_refused(house: House) -> None:
    await done(house, WHOLE)
    keyed = {**policy("A", "ada@example.com"), "routingKey": "k"}

    assert await problems(house, {"escalationPolicies": [keyed, {**keyed, "name": "B"}]}) == [
        "escalationPolicies[1].routingKey: another policy has the routing key k"
    ]
    assert await problems(house, {"escalationPolicies": [policy("tocsin", "x@y")]}) != []


async def test_a_document_is_refused_when_what_it_changes_changed_meanwhile(house: House) -> None:
    tried = await apply(house, WHOLE, dry_run=True)
    await house.person("Eve")

    answer = await apply(house, WHOLE, digest=tried.reply.digest)

    assert answer.code == ABORTED
    assert len((await exported(house))["users"]) == 1


async def test_two_of_one_name_are_told_apart_by_nobody(house: House) -> None:
    rule = EscalationRule(users=[User(id=await house.person())])
    for _ in range(2):
        await house.policies("CreateEscalationPolicy", new_policy(rule))

    answer = await call(house, "ExportConfiguration", pb.ExportConfigurationRequest())

    assert answer.code == WRONG_STATE
    assert "escalation policy Night (2, 3)" in answer.details
    named = {"escalationPolicies": [policy("night", "Ada@example.com")]}
    (problem,) = (await apply(house, named, dry_run=True)).reply.problems
    assert problem.message == "several are the escalation policy night: 2, 3"


async def test_people_are_changed_by_those_only_who_may(house: House) -> None:
    await done(house, WHOLE)
    team_only = {"teams": [{"name": "Core", "members": []}]}

    assert (await apply(house, {"users": [{**ADA_TOLD, "position": "x"}]}, USER)).code == FORBIDDEN
    assert (await apply(house, team_only, USER)).code == FORBIDDEN
    assert (await apply(house, {"users": [ADA_TOLD]}, USER)).code == OK  # it changes nothing
    web = {"escalationPolicies": [policy("Web", "ada@example.com")]}
    assert (await apply(house, web, USER)).code == OK


async def test_what_the_reader_does_not_see_is_told_by_id_and_kept(house: House) -> None:
    await house.person()
    secret = await make_secret(house)
    open_rule = policy_calls.GetEscalationPolicyRequest(id=2)
    known = (await policies(house, "GetEscalationPolicy", open_rule, ADA)).reply
    known.ClearField("teams")  # everybody's, but it pages the private team
    update = policy_calls.UpdateEscalationPolicyRequest(id=2, escalation_policy=known)
    assert (await policies(house, "UpdateEscalationPolicy", update, ADA)).code == OK
    stranger = Principal(
        kind="TOKEN",
        id="stranger",
        name="stranger",
        scopes=USER.scopes,
        hidden=frozenset({secret}),
    )

    told = await exported(house, stranger)

    assert "teams" not in told
    assert "schedules" not in told
    rule = told["escalationPolicies"][0]["escalationRules"][0]
    assert rule["teams"] == [{"id": secret}]
    rule["escalationTimeout"] = 7
    answer = await apply(house, told, stranger)
    assert answer.code == OK, answer.details
    assert [each.name for each in answer.reply.changes] == ["Night"]
    after = (await policies(house, "GetEscalationPolicy", open_rule, ADA)).reply
    assert after.escalation_rules[0].teams[0].name == "Secret"


async def test_a_document_has_its_bounds(house: House) -> None:
    many = [{**ADA_TOLD, "email": f"u{number}@x"} for number in range(MOST_RECORDS + 1)]

    answer = await apply(house, {"users": many}, dry_run=True)

    assert answer.code == INVALID
    assert str(MOST_RECORDS) in answer.details
