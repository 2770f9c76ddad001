"""What another configuration would do otherwise: asked for by documents, and drawn."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from google.protobuf.json_format import ParseDict

from services.chassis.principal import Principal, current_principal
from services.cli.client.comparison import lines
from services.escalation.servicer import comparison as servicers
from services.escalation.servicer.comparison import ComparisonServicer
from tests.contract.blocking import ADA, Answer, Calls
from tests.contract.escalation_config_house import make_team
from tests.contract.escalation_house import INVALID, OK
from tests.contract.simulation_house import START, Theatre, theatre
from tests.parts.waiting import eventually
from tocsin.configuration.v1 import comparison_service_pb2 as pb
from tocsin.configuration.v1.configuration_pb2 import Configuration
from tocsin.escalation.v1.policy_pb2 import EscalationRule, PolicyReference
from tocsin.escalation.v1.schedule_pb2 import Schedule, ScheduleLayer
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User

DAY = timedelta(days=1)
NO_CONTEXT: Any = None
LAYER = {"startsOn": "2026-10-05T09:00", "rotation": "P1D"}
HOURLY = {
    "startsOn": LAYER["startsOn"],
    "rotation": "PT1H",
    "users": [{"email": "Ada@example.com"}, {"email": "Bob@example.com"}],
}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Theatre]:
    """Ada and Bob take turns by the day; whoever is on call is paged, then Eve."""
    async with theatre(tmp_path) as opened:
        ada, bob, eve = [await opened.house.person(name) for name in ("Ada", "Bob", "Eve")]
        layer = ScheduleLayer(
            starts_on=LAYER["startsOn"], rotation="P1D", users=[User(id=ada), User(id=bob)]
        )
        told = Schedule(
            name="Day", timezone="Europe/Berlin", type="RECURRING", schedule_layers=[layer]
        )
        night = Schedule(id=await opened.schedule(told))
        await opened.policy(
            EscalationRule(escalation_timeout=10, schedules=[night]),
            EscalationRule(escalation_timeout=10, users=[User(id=eve)]),
            name="Web",
        )
        yield opened


async def compare(stage: Theatre, caller: Any = ADA, **request: Any) -> Answer:
    service = pb.DESCRIPTOR.services_by_name["ComparisonService"]
    servicer = ComparisonServicer(stage.house.db, stage.clock)
    start = request.pop("start", None)
    asked = pb.CompareConfigurationsRequest(**request)
    if start is not None:
        getattr(asked, "from").FromDatetime(start)
    return await Calls(service, servicer, caller)("CompareConfigurations", asked)


async def drawn(stage: Theatre, **request: Any) -> list[str]:
    answer = await compare(stage, **request)
    assert answer.code == OK, answer.details
    return [line.plain for line in lines(answer.reply, ZoneInfo("Europe/Berlin"))][1:]


def document(**sections: Any) -> Configuration:
    return ParseDict(sections, Configuration())


def schedule(*emails: str, **fields: Any) -> dict[str, Any]:
    users = [{"email": email} for email in emails]
    told = {
        "name": "day",
        "timezone": "Europe/Berlin",
        "type": "RECURRING",
        "scheduleLayers": [LAYER | {"users": users}],
    }
    return {"schedule": told | fields}


def policy(*minutes: int, name: str = "Web") -> dict[str, Any]:
    rules = [
        {"escalationTimeout": minutes[0], "schedules": [{"name": "Day"}]},
        {"escalationTimeout": minutes[1], "users": [{"email": "Eve@example.com"}]},
    ]
    return {"name": name, "escalationRules": rules}


async def test_what_is_stored_does_what_it_does(stage: Theatre) -> None:
    assert await drawn(stage) == ["nothing differs"]
    same = document(
        schedules=[schedule("Ada@example.com", "Bob@example.com", name="Day")],
        escalationPolicies=[policy(10, 10)],
    )
    assert await drawn(stage, after=same) == ["nothing differs"]


async def test_others_are_on_call_and_paged(stage: Theatre) -> None:
    eve = schedule("Ada@example.com", "Eve@example.com")
    after = document(schedules=[eve])

    assert await drawn(stage, after=after, until=START + 1.5 * DAY) == [
        "",
        "schedule day",
        "  Sat 2026-10-24 14:00 CEST to Sun 2026-10-25 09:00 CET",
        "      - Bob L",
        "      + Eve L",
        "",
        "escalation policy Web, HIGH",
        "  begun Sat 2026-10-24 14:00 CEST to Sun 2026-10-25 09:00 CET",
        "      level 1",
        "          - after 0: Bob L",
        "          + after 0: Eve L",
        "",
        "escalation policy Web, LOW",
        "  begun Sat 2026-10-24 14:00 CEST to Sun 2026-10-25 09:00 CET",
        "      level 1",
        "          - after 0: Bob L",
        "          + after 0: Eve L",
    ]
    turned = await drawn(stage, before=after, until=START + 1.5 * DAY)
    assert "      - Eve L" in turned


async def test_a_level_waits_longer(stage: Theatre) -> None:
    after = document(escalationPolicies=[policy(15, 10)])

    assert await drawn(stage, after=after, until=START + DAY) == [
        "",
        "escalation policy Web, HIGH",
        "  begun Sat 2026-10-24 14:00 CEST to Sun 2026-10-25 13:00 CET",
        "      level 2",
        "          - after 10m: Eve L",
        "          + after 15m: Eve L",
    ]


async def test_two_documents_and_what_is_only_in_one(stage: Theatre) -> None:
    new = document(
        users=[{"firstName": "Kim", "lastName": "K", "email": "kim@example.com"}],
        escalationPolicies=[policy(10, 10), policy(0, 5, name="New")],
        schedules=[schedule("Ada@example.com", "Kim@example.com")],
    )
    answer = await compare(stage, after=new, until=START + 1.5 * DAY)
    assert answer.code == OK, answer.details
    (on_call,) = answer.reply.schedules
    assert on_call.schedule.id == 1
    assert on_call.differences_count == 1
    (difference,) = on_call.differences
    assert [(user.id, user.first_name) for user in difference.after] == [(0, "Kim")]
    told = {
        (each.escalation_policy.name, each.priority): each
        for each in answer.reply.escalation_policies
    }
    assert told["New", 1].presence == pb.AFTER
    assert told["New", 1].escalation_policy.id == 0
    assert told["Web", 1].presence == pb.BOTH
    back = await compare(stage, before=new, after=new, until=START + 1.5 * DAY)
    assert len(back.reply.schedules) == len(back.reply.escalation_policies) == 0
    text = await drawn(stage, before=new, until=START + 1.5 * DAY)
    assert "escalation policy New, HIGH, which is gone" in text


async def test_turns_webhooks_and_what_follows(stage: Theatre) -> None:
    await stage.hear_of_webhook(5)
    web = policy(10, 10)
    web["escalationRules"][1] |= {
        "users": [{"email": "Eve@example.com"}, {"email": "Bob@example.com"}],
        "distribution": "ROUND_ROBIN",
        "webhooks": [{"name": "BOT 5"}],
    }
    web["fallback"] = {"name": "Last"}
    last = {
        "name": "Last",
        "escalationRules": [{"users": [{"email": "ada@example.com"}]}],
    }
    after = document(escalationPolicies=[web, last])

    text = await drawn(stage, after=after, until=START + DAY / 24)

    assert text[:10] == [
        "",
        "escalation policy Last, HIGH, which is new",
        "  begun Sat 2026-10-24 14:00 CEST to Sat 2026-10-24 15:00 CEST",
        "      level 1",
        "          - nobody",
        "          + after 0: Ada L",
        "",
        "escalation policy Last, LOW, which is new",
        "  begun Sat 2026-10-24 14:00 CEST to Sat 2026-10-24 15:00 CEST",
        "      level 1",
    ]
    assert text[13:] == [
        "escalation policy Web, HIGH",
        "  begun Sat 2026-10-24 14:00 CEST to Sat 2026-10-24 15:00 CEST",
        "      level 2",
        "          - after 10m: Eve L",
        "          + after 10m: Eve L, Bob L in turn, webhook Bot 5",
        "      level 1, round 2",
        "          - nobody",
        "          + after 20m: Ada L",
    ]


async def test_what_follows_unseen_pages_all_the_same(stage: Theatre) -> None:
    secret = await make_team(stage.house, "Secret", 1)
    fallback = await stage.policy(
        EscalationRule(users=[User(id=1)]), name="Hidden", teams=[Team(id=secret)]
    )
    await stage.policy(
        EscalationRule(escalation_timeout=5, users=[User(id=2)]),
        name="Open",
        fallback=PolicyReference(id=fallback),
    )
    stranger = Principal(
        kind="TOKEN",
        id="s",
        name="",
        scopes=frozenset({"config:read"}),
        hidden=frozenset({secret}),
    )
    told = {
        "name": "Open",
        "fallback": {"id": fallback},
        "escalationRules": [{"escalationTimeout": 7, "users": [{"email": "bob@example.com"}]}],
    }
    answer = await compare(stage, stranger, after=document(escalationPolicies=[told]))

    assert answer.code == OK, answer.details
    high = answer.reply.escalation_policies[0]
    assert high.escalation_policy.name == "Open"
    (difference,) = high.differences
    (level,) = difference.levels
    assert (level.cycle, level.level) == (1, 1)
    assert (level.before.offset_seconds, level.after.offset_seconds) == (300, 420)


async def test_what_is_pruned_is_gone(stage: Theatre) -> None:
    only = document(escalationPolicies=[policy(10, 10, name="Other")])
    text = await drawn(stage, after=only, prune=True)
    assert "escalation policy Web, HIGH, which is gone" in text
    assert "escalation policy Other, LOW, which is new" in text


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        ({"until": START}, "until"),
        ({"until": START + 93 * DAY}, "92 days"),
        ({"start": START.replace(year=1960)}, "from"),
        ({"after": document(escalationPolicies=[policy(1, 1), policy(1, 1)])}, "already"),
        ({"after": document(schedules=[schedule("nobody@example.com")])}, "nobody@example.com"),
        ({"before": document(users=[{"email": "x"}])}, "users[0]"),
        (
            {"after": document(users=[{"email": f"{n}@x.example"} for n in range(2001)])},
            "after must",
        ),
    ],
)
async def test_what_cannot_be_compared_is_refused(
    stage: Theatre, request_: dict[str, Any], word: str
) -> None:
    answer = await compare(stage, **request_)
    assert (answer.code, word in answer.details) == (INVALID, True), answer.details


async def test_too_much_to_compare_is_refused_in_time(
    stage: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servicers, "MOST_SECONDS", 0)
    answer = await compare(stage, after=document(escalationPolicies=[policy(15, 10)]))
    assert (answer.code, "too much to compare" in answer.details) == (INVALID, True)


async def test_nothing_goes_on_for_a_caller_who_is_gone(stage: Theatre) -> None:
    hourly = schedule("Ada@example.com", "Bob@example.com", scheduleLayers=[HOURLY])
    policies = [policy(wait, 10) | {"repeating": True, "frequency": 9} for wait in (10, 15)]
    documents = [document(schedules=[hourly], escalationPolicies=[each]) for each in policies]
    request = pb.CompareConfigurationsRequest(
        before=documents[0], after=documents[1], until=START + 92 * DAY
    )
    current_principal.set(ADA)
    with ThreadPoolExecutor(1, thread_name_prefix="compares") as only:
        asyncio.get_running_loop().set_default_executor(only)
        servicer = ComparisonServicer(stage.house.db, stage.clock)
        asked = asyncio.ensure_future(servicer.CompareConfigurations(request, NO_CONTEXT))
        await eventually(lambda: any(each.name == "compares_0" for each in threading.enumerate()))
        asked.cancel()
        async with asyncio.timeout(2):  # the whole takes several times as long
            await asyncio.to_thread(int)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
