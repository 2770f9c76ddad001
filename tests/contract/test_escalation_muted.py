"""Who is muted is passed over, with the reason: in simulations, and by what pages."""

from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.cli.client.timeline import Timeline
from tests.contract.escalation_house import OK
from tests.contract.simulation_house import HOUR, START, Theatre, pages_of, theatre
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged
from tocsin.escalation.v1.policy_pb2 import EscalationRule
from tocsin.escalation.v1.simulation_pb2 import SimulatedReason, SimulatedStep
from tocsin.escalation.v1.user_pb2 import User
from tocsin.escalation.v1.user_service_pb2 import GetUserRequest, UpdateUserRequest

ADA, BOB, EVE = 1, 2, 3


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Theatre]:
    async with theatre(tmp_path) as opened:
        for name in ("Ada", "Bob", "Eve"):
            opened.users.append(await opened.house.person(name))
        yield opened


async def mute(stage: Theatre, user_id: int, until: Any) -> None:
    known = (await stage.house.users("GetUser", GetUserRequest(id=user_id))).reply
    known.muted_until.FromDatetime(until)
    answer = await stage.house.users("UpdateUser", UpdateUserRequest(id=user_id, user=known))
    assert answer.code == OK, answer.details


def rule(*users: int, **more: Any) -> EscalationRule:
    people = [User(id=user) for user in users]
    return EscalationRule(escalation_timeout=30, users=people, **more)


async def told(stage: Theatre) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """Returns what was told of levels: what happened, which level, and why."""
    return [
        (
            EscalationChanged.Cause.Name(each.cause),
            each.escalation.level,
            [(EscalationChanged.Reason.Kind.Name(r.kind), r.user_id) for r in each.reasons],
        )
        for each in await stage.house.told(EscalationChanged)
        if each.cause in (EscalationChanged.STEPPED, EscalationChanged.LEVEL_SKIPPED)
    ]


async def test_a_level_of_muted_people_is_passed_over_at_once(stage: Theatre) -> None:
    await mute(stage, ADA, START + HOUR)
    policy_id = await stage.policy(rule(ADA), rule(ADA, BOB), rule(ADA, EVE))
    foreseen = await stage.simulated(escalation_policy_id=policy_id)

    await stage.start(policy_id, "now")
    await stage.play(START + 2 * HOUR)

    assert await stage.pages("now") == pages_of(foreseen)
    assert await told(stage) == [
        ("LEVEL_SKIPPED", 1, [("MUTED", ADA)]),
        ("STEPPED", 2, [("NAMED", BOB), ("MUTED", ADA)]),
        ("STEPPED", 3, [("NAMED", EVE), ("MUTED", ADA)]),
    ]
    skipped, stepped = foreseen.steps[1:3]
    assert skipped.kind == SimulatedStep.SKIPPED
    (reason,) = skipped.reasons
    assert (reason.kind, reason.user.first_name) == (SimulatedReason.MUTED, "Ada")
    assert reason.end.ToDatetime(UTC) == START + HOUR
    assert [each.kind for each in stepped.reasons] == [SimulatedReason.MUTED]
    drawn = "\n".join(str(line) for line in Timeline(foreseen, UTC, utf8=True).lines())
    assert "Ada L is muted until" in drawn


async def test_who_is_muted_no_more_is_paged(stage: Theatre) -> None:
    await mute(stage, ADA, START + timedelta(minutes=30))
    policy_id = await stage.policy(rule(BOB), rule(ADA))
    foreseen = await stage.simulated(escalation_policy_id=policy_id)

    await stage.start(policy_id, "later")
    await stage.play(START + HOUR)

    assert [page[3] for page in await stage.pages("later")] == [(BOB,), (ADA,)]
    assert await stage.pages("later") == pages_of(foreseen)


async def test_whose_turn_it_is_may_be_muted(stage: Theatre) -> None:
    await mute(stage, ADA, START + HOUR)
    policy_id = await stage.policy(rule(ADA, BOB, distribution="ROUND_ROBIN"))
    foreseen = await stage.simulated(escalation_policy_id=policy_id)

    turn = foreseen.steps[1].turn
    assert (turn.user.first_name, [each.first_name for each in turn.passed]) == ("Bob", ["Ada"])


async def test_where_all_are_muted_nobody_is_paged_and_that_is_told(stage: Theatre) -> None:
    for user in (ADA, BOB):
        await mute(stage, user, START + HOUR)
    policy_id = await stage.policy(rule(ADA, BOB))

    await stage.start(policy_id, "nobody")
    await stage.play(START + HOUR)

    assert await stage.pages("nobody") == []
    assert await told(stage) == [("LEVEL_SKIPPED", 1, [("MUTED", ADA), ("MUTED", BOB)])]
    ended = (await stage.house.told(EscalationChanged))[-1]
    assert ended.reached_nobody
