"""What is foretold is what happens: the engine is run over what SimulateEscalation was asked."""

from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from tests.contract.simulation_house import (
    START,
    Theatre,
    pages_of,
    people_at_random,
    policy_at_random,
    theatre,
)
from tocsin.escalation.v1 import escalation_service_pb2 as calls
from tocsin.escalation.v1.escalation_pb2 import Escalation

RUNS = 12
AHEAD = timedelta(days=5)


@pytest.mark.parametrize("seed", range(8))
async def test_a_timeline_is_what_the_engine_does(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    async with theatre(tmp_path) as stage:
        await people_at_random(stage, random)
        foretold = {}
        for number in range(RUNS):
            stage.clock.at = START + timedelta(minutes=random.randint(0, 24 * 60))
            old = stage.policies and random.random() < 0.3  # whose turn it is matters
            policy_id = (
                random.choice(stage.policies) if old else await policy_at_random(stage, random)
            )
            if random.random() < 0.2 and len(stage.webhooks) > 1:  # though policies call it
                await stage.hear_of_webhook(stage.webhooks.pop(), deleted=True)
            priority = random.choice(("HIGH", "HIGH", "LOW"))
            request = {"escalation_policy_id": policy_id, "priority": priority}
            foretold[str(number)] = await stage.simulated(**request)
            run = await stage.start(policy_id, str(number), priority)
            await stage.play(stage.clock.at + AHEAD)

            simulation = foretold[str(number)]
            assert pages_of(simulation) == await stage.pages(str(number)), simulation
            ended = await _state(stage, run.id)
            assert Escalation.State.Name(simulation.state) == ended


async def _state(stage: Theatre, run_id: int) -> str:
    request = calls.GetEscalationRequest(id=run_id)
    answer = await stage.house.escalations("GetEscalation", request)
    return Escalation.State.Name(answer.reply.state)
