"""Documents in which schedules and policies say all that they can, there and back again."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.chassis.principal import Principal
from services.escalation.webhooks import webhook_changed
from tests.contract.configuration_house import USER, apply, done, exported, problems
from tests.contract.escalation_config_house import make_secret
from tests.contract.escalation_house import OK, House, escalation, new_policy
from tests.parts.documents import ADA as ADA_TOLD
from tests.parts.documents import BOB, policy
from tocsin.escalation.v1.policy_pb2 import EscalationRule, PolicyReference, WebhookReference
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1.notification_events_pb2 import WebhookChanged
from tocsin.notification.v1.webhook_pb2 import Webhook

#: Everything that a schedule and a policy can say.
RICH: Any = {
    "users": [ADA_TOLD, BOB],
    "teams": [{"name": "Core", "members": [{"user": {"email": "bob@example.com"}}]}],
    "schedules": [
        {
            "schedule": {
                "name": "Weeks",
                "timezone": "Europe/Berlin",
                "type": "RECURRING",
                "scheduleLayers": [
                    {
                        "startsOn": "2026-01-05T09:00",
                        "rotations": ["P5D", "P2D"],
                        "usersPerShift": 2,
                        "users": [{"email": "bob@example.com"}, {"email": "ada@example.com"}],
                    },
                    {
                        "startsOn": "2026-01-31T20:00",
                        "endsOn": "2031-01-31T20:00",
                        "rotation": "P1M",
                        "users": [{"email": "ada@example.com"}],
                        "restrictionType": "TIMES_OF_DAY",
                        "restrictions": [{"from": {"time": "22:00"}, "to": {"time": "06:00"}}],
                    },
                ],
            },
            "overrides": [
                {
                    "user": {"email": f"{name}@example.com"},
                    "start": "2035-04-01T07:00:00Z",
                    "end": f"2035-04-0{day}T07:00:00Z",
                }
                for day, name in ((4, "ada"), (3, "bob"), (2, "ada"))
            ],
        }
    ],
    "escalationPolicies": [
        {
            "name": "First",
            "escalationRules": [
                {
                    "escalationTimeoutSeconds": 90,
                    "schedules": [{"name": "weeks"}],
                    "teams": [{"name": "core"}],
                    "webhooks": [{"name": "BOT"}],
                    "distribution": "ROUND_ROBIN",
                },
                {"escalationTimeout": 5, "webhooks": [{"name": "Bot"}]},
            ],
            "repeating": True,
            "frequency": 3,
            "delayMin": 2,
            "routingKey": "first",
            "fallback": {"name": "second"},
            "acceptExpiryMin": 45,
        },
        policy("Second", "ada@example.com", fallback={"name": "Third"}),
        policy("Third", "bob@example.com"),
    ],
}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        yield opened


async def hear_of_bot(house: House) -> None:
    event = WebhookChanged(webhook=Webhook(id=7, name="Bot"), version=1)
    await house.db.write(lambda c: webhook_changed(c, house.clock.now(c), event))


async def test_all_that_can_be_said_comes_back_as_it_was(house: House, tmp_path: Path) -> None:
    await hear_of_bot(house)
    await done(house, RICH)
    told = await exported(house)

    assert '"version"' not in json.dumps(told)
    assert await done(house, told, prune=True) == []
    first = told["escalationPolicies"][-1]
    assert [each["name"] for each in told["escalationPolicies"]] == ["Third", "Second", "First"]
    assert (first["fallback"], first["acceptExpiryMin"]) == ({"name": "Second"}, 45)
    assert first["escalationRules"][0]["webhooks"] == [{"name": "Bot"}]
    assert first["escalationRules"][0]["distribution"] == "ROUND_ROBIN"
    (tmp_path / "other").mkdir()
    async with escalation(tmp_path / "other") as other:
        assert [text for text in await problems(other, told) if "webhook" in text] == [
            f"escalationPolicies[2].escalationRules[{n}].webhooks[0]: there is no webhook Bot"
            for n in (0, 1)
        ]
        await hear_of_bot(other)
        await done(other, told)
        assert await exported(other) == told


async def test_policies_that_follow_one_another_are_turned_round_and_go(house: House) -> None:
    await hear_of_bot(house)
    await done(house, RICH)
    people = {"users": [ADA_TOLD, BOB]}
    turned = [
        policy("First", "ada@example.com"),
        policy("Second", "ada@example.com", fallback={"name": "First"}),
        policy("Third", "bob@example.com", fallback={"name": "Second"}),
    ]
    assert await done(house, {"escalationPolicies": turned[::-1]}) == [
        ("UPDATE", "escalationPolicies", name) for name in ("First", "Second", "Third")
    ]
    circle = [{**turned[0], "fallback": {"name": "Third"}}]
    assert await problems(house, {"escalationPolicies": circle}) == [
        "escalationPolicies[0].fallback: would lead in a circle:"
        " First (4) → Third (2) → Second (3) → First (4)"
    ]
    used = [policy("Third", "bob@example.com", fallback={"name": "Second"})]
    assert await problems(house, {"escalationPolicies": used}, prune=True) == [
        ": escalation policy 3 is in use by escalation policy 2 (Third)",
        ": escalation policy 4 is in use by escalation policy 3 (Second)",
    ]

    only = people | {"escalationPolicies": [policy("Web", "ada@example.com")]}
    assert await done(house, only, prune=True) == [
        ("DELETE", "escalationPolicies", "First"),
        ("DELETE", "escalationPolicies", "Second"),
        ("DELETE", "escalationPolicies", "Third"),
        ("CREATE", "escalationPolicies", "Web"),
    ]


async def test_what_follows_unseen_is_told_by_id_and_kept(house: House) -> None:
    await house.person()
    secret = await make_secret(house)
    rule = EscalationRule(users=[User(id=1)])
    following = new_policy(rule, name="Open", fallback=PolicyReference(id=2))
    assert (await house.policies("CreateEscalationPolicy", following)).code == OK
    bot = WebhookChanged(webhook=Webhook(id=7, name="Bot", teams=[Team(id=secret)]), version=1)
    await house.db.write(lambda c: webhook_changed(c, house.clock.now(c), bot))
    called = EscalationRule(users=[User(id=1)], webhooks=[WebhookReference(id=7)])
    assert (
        await house.policies("CreateEscalationPolicy", new_policy(called, name="Calling"))
    ).code == OK
    stranger = Principal(
        kind="TOKEN", id="s", name="s", scopes=USER.scopes, hidden=frozenset({secret})
    )

    told = await exported(house, stranger)

    opened, calling = told["escalationPolicies"]
    assert opened["fallback"] == {"id": 2}
    assert calling["escalationRules"][0]["webhooks"] == [{"id": 7}]
    assert not (await apply(house, told, stranger, dry_run=True)).reply.changes
    opened["delayMin"] = calling["delayMin"] = 3
    answer = await apply(house, told, stranger)
    assert answer.code == OK, answer.details
    assert [each.name for each in answer.reply.changes] == ["Calling", "Open"]
    other = {**calling, "name": "Other"}
    assert await problems_of(house, {"escalationPolicies": [other]}, stranger) == [
        "escalationPolicies[0].escalationRules[0].webhooks[0]: there is no webhook 7"
    ]


async def problems_of(house: House, told: Any, caller: Principal) -> list[str]:
    tried = await apply(house, told, caller, dry_run=True)
    return [f"{each.place}: {each.message}" for each in tried.reply.problems]
