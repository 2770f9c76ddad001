"""What callers are answered who change policies and support hours."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from services.chassis import facts
from tests.contract.blocking import Answer
from tests.contract.escalation_config_house import (
    OFFICE,
    hear_of_source,
    hours,
    make_hours,
    make_team,
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
from tocsin.escalation.v1 import user_service_pb2 as user_calls
from tocsin.escalation.v1.escalation_events_pb2 import (
    EscalationPolicyChanged,
    SupportHoursChanged,
)
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, EscalationRule
from tocsin.escalation.v1.schedule_pb2 import Schedule
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        yield opened


# policies


async def update(house: House, policy_id: int, *rules: EscalationRule, **fields: Any) -> Answer:
    told = EscalationPolicy(**{"name": "Day", "escalation_rules": rules, **fields})
    request = policy_calls.UpdateEscalationPolicyRequest(id=policy_id, escalation_policy=told)
    return await house.policies("UpdateEscalationPolicy", request)


async def update_level(house: House, policy_id: int, level: int, rule: EscalationRule) -> Answer:
    request = policy_calls.UpdateEscalationLevelRequest(
        id=policy_id, level=level, escalation_rule=rule
    )
    return await house.policies("UpdateEscalationLevel", request)


async def test_a_policy_is_replaced(house: House) -> None:
    policy_id = await house.policy(60)
    team_id = await make_team(house, "Ops", 1)
    rule = EscalationRule(user=User(id=1), teams=[Team(id=team_id)], escalation_timeout=5)

    changed = await update(house, policy_id, rule, routing_key="db", repeating=True, frequency=3)

    assert changed.code == OK
    policy = changed.reply
    assert (policy.id, policy.name, policy.routing_key, policy.frequency) == (
        policy_id,
        "Day",
        "db",
        3,
    )
    level = policy.escalation_rules[0]
    assert ([u.id for u in level.users], level.teams[0].name) == ([1], "Ops")
    assert not level.HasField("user")
    event = (await house.told(EscalationPolicyChanged))[-1]
    assert (event.version, event.escalation_policy) == (2, policy)
    assert ("policy.update", f"policy:{policy_id}") in await house.audit()
    resolved = await house.policies(
        "ResolveRoutingKey", policy_calls.ResolveRoutingKeyRequest(routing_key=" db ")
    )
    assert resolved.reply == policy


async def test_a_level_is_replaced_by_its_number_from_0(house: House) -> None:
    policy_id = await house.policy(60, 90)
    rule = EscalationRule(users=[User(id=1)], escalation_timeout=7)

    changed = await update_level(house, policy_id, 1, rule)

    timeouts = [r.escalation_timeout_seconds for r in changed.reply.escalation_rules]
    assert timeouts == [60, 420]
    assert (await update_level(house, policy_id, 2, rule)).code == NOT_FOUND
    assert (await update_level(house, policy_id, -1, rule)).code == NOT_FOUND
    assert (await update_level(house, 99, 0, rule)).code == NOT_FOUND
    refused = await update_level(house, policy_id, 1, EscalationRule(users=[User(id=9)]))
    assert (refused.code, refused.details) == (
        INVALID,
        "escalationRules[1].users[0]: there is no user 9",
    )


@pytest.mark.parametrize(
    ("rules", "fields", "code", "words"),
    [
        ([], {}, INVALID, "escalationRules must have at least one"),
        ([EscalationRule()], {}, INVALID, "escalationRules[0].users"),
        ([EscalationRule(user=User(id=9))], {}, INVALID, "escalationRules[0].users[0]"),
        (
            [EscalationRule(schedule=Schedule(id=9))],
            {},
            INVALID,
            "escalationRules[0].schedules[0]: there is no schedule 9",
        ),
        (
            [EscalationRule(teams=[Team(id=9)])],
            {},
            INVALID,
            "escalationRules[0].teams[0]: there is no team 9",
        ),
        ([EscalationRule(user=User(id=1))], {"name": ""}, INVALID, "name"),
        ([EscalationRule(user=User(id=1))], {"frequency": 10}, INVALID, "frequency"),
        ([EscalationRule(user=User(id=1))], {"delay_min": 16}, INVALID, "delayMin"),
        ([EscalationRule(user=User(id=1))], {"teams": [Team(id=9)]}, INVALID, "teams[0]"),
        ([EscalationRule(user=User(id=1))], {"routing_key": "a,b"}, INVALID, "routingKey"),
        ([EscalationRule(user=User(id=1))], {"routing_key": "taken"}, EXISTS, "routing key"),
    ],
)
async def test_how_a_policy_is_not_replaced(
    house: House,
    rules: list[EscalationRule],
    fields: dict[str, Any],
    code: grpc.StatusCode,
    words: str,
) -> None:
    policy_id = await house.policy(60)
    taken = new_policy(EscalationRule(user=User(id=1)), routing_key="taken")
    await house.policies("CreateEscalationPolicy", taken)

    refused = await update(house, policy_id, *rules, **fields)

    assert refused.code == code
    assert words in refused.details


async def test_the_built_in_policy_cannot_be_changed_or_deleted(house: House) -> None:
    await house.person()
    rule = EscalationRule(users=[User(id=1)])
    delete = policy_calls.DeleteEscalationPolicyRequest(id=1)

    assert (await update(house, 1, rule)).code == WRONG_STATE
    assert (await update_level(house, 1, 0, rule)).code == WRONG_STATE
    assert (await house.policies("DeleteEscalationPolicy", delete)).code == WRONG_STATE


async def test_a_policy_in_use_is_not_deleted_and_the_places_are_told(house: House) -> None:
    policy_id = await house.policy(60)
    run = (await house.start(policy_id=policy_id)).reply
    await hear_of_source(house, escalation_policy=EscalationPolicy(id=policy_id))
    delete = policy_calls.DeleteEscalationPolicyRequest(id=policy_id)

    refused = await house.policies("DeleteEscalationPolicy", delete)

    assert refused.code == WRONG_STATE
    assert refused.details == (
        f"escalation policy {policy_id} is in use by alert source 3 (checks), "
        f"escalation {run.id} (deploy:42:1)"
    )
    await hear_of_source(house, version=2, escalation_policy=EscalationPolicy(id=1))
    await house.goes_on(60)
    await house.goes_on(60)  # nobody answered, and the run is over
    assert (await house.policies("DeleteEscalationPolicy", delete)).code == OK
    assert (await house.policies("DeleteEscalationPolicy", delete)).code == NOT_FOUND
    event = (await house.told(EscalationPolicyChanged))[-1]
    assert (event.escalation_policy.id, event.deleted) == (policy_id, True)
    assert await house.db.read(facts.get, "policy", policy_id, EscalationPolicy) is None


@pytest.mark.parametrize(("routing_key", "code"), [("nothing", NOT_FOUND), ("", INVALID)])
async def test_a_routing_key_that_leads_nowhere(
    house: House, routing_key: str, code: grpc.StatusCode
) -> None:
    request = policy_calls.ResolveRoutingKeyRequest(routing_key=routing_key)
    assert (await house.policies("ResolveRoutingKey", request)).code == code


# support hours


async def test_support_hours_from_the_first_to_the_last(house: House) -> None:
    team_id = await make_team(house, "Ops")
    holiday = SupportHours.Exception(
        name="Xmas", start="2026-12-24", end="2026-12-26", support_status="OUTSIDE"
    )

    made = await make_hours(house, exceptions=[holiday], teams=[Team(id=team_id)])

    assert made.code == OK
    assert (made.reply.id, made.reply.support_days["MONDAY"].start) == (1, "09:00")
    assert list(made.reply.exceptions) == [holiday]
    assert made.reply.teams[0].name == "Ops"
    got = await hours(house, "GetSupportHours", hours_calls.GetSupportHoursRequest(id=1))
    listed = await hours(house, "ListSupportHours", hours_calls.ListSupportHoursRequest())
    assert (got.reply, list(listed.reply.support_hours)) == (made.reply, [made.reply])
    told = SupportHours(name="Late", timezone="Europe/Berlin", support_days=OFFICE)
    changed = await hours(
        house,
        "UpdateSupportHours",
        hours_calls.UpdateSupportHoursRequest(id=1, support_hours=told),
    )
    told.id = 1
    assert changed.reply == told
    assert await house.db.read(facts.get, "support_hours", 1, SupportHours) == told
    delete = hours_calls.DeleteSupportHoursRequest(id=1)
    assert (await hours(house, "DeleteSupportHours", delete)).code == OK
    assert (await hours(house, "DeleteSupportHours", delete)).code == NOT_FOUND
    events = await house.told(SupportHoursChanged)
    assert [(event.version, event.deleted) for event in events] == [
        (1, False),
        (2, False),
        (3, True),
    ]
    actions = [action for action, target in await house.audit() if target == "support_hours:1"]
    assert actions == ["support_hours.create", "support_hours.update", "support_hours.delete"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"name": ""}, "name"),
        ({"timezone": "Mars"}, "timezone"),
        ({"support_days": {}}, "supportDays"),
        (
            {"support_days": {"MONDAY": SupportHours.Day(start="9", end="17:00")}},
            "supportDays.MONDAY.start",
        ),
        ({"exceptions": [SupportHours.Exception(name="x")]}, "exceptions[0].supportStatus"),
        ({"teams": [Team(id=9)]}, "teams[0]"),
    ],
)
async def test_which_support_hours_are_not_made(
    house: House, change: dict[str, Any], word: str
) -> None:
    refused = await make_hours(house, **change)
    assert refused.code == INVALID
    assert refused.details.startswith(word)


async def test_a_day_without_hours_may_be_named(house: House) -> None:
    days = {"MONDAY": SupportHours.Day(start="09:00", end="17:00"), "SUNDAY": SupportHours.Day()}
    made = await make_hours(house, support_days=days)
    assert (made.code, list(made.reply.support_days)) == (OK, ["MONDAY"])

    none = await make_hours(house, support_days={"SUNDAY": SupportHours.Day()})
    assert (none.code, none.details) == (INVALID, "supportDays must have at least one")


async def test_support_hours_in_use_are_not_deleted(house: House) -> None:
    await make_hours(house)
    await hear_of_source(house, support_hours=SupportHours(id=1))

    refused = await hours(house, "DeleteSupportHours", hours_calls.DeleteSupportHoursRequest(id=1))

    assert (refused.code, refused.details) == (
        WRONG_STATE,
        "support hours 1 is in use by alert source 3 (checks)",
    )
    too_many = hours_calls.ListSupportHoursRequest(max_results=51)
    assert (await hours(house, "ListSupportHours", too_many)).code == INVALID


async def test_of_many_places_some_are_told(house: House) -> None:
    await house.person()
    for _ in range(22):
        rule = EscalationRule(users=[User(id=1)])
        await house.policies("CreateEscalationPolicy", new_policy(rule))

    refused = await house.users("DeleteUser", user_calls.DeleteUserRequest(id=1))

    assert refused.details.count("(Night)") == 20
    assert refused.details.endswith(" and 2 more")
