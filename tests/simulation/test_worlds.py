"""No rule is broken in any world, and a world is the same each time."""

import os
import subprocess
import sys
from collections import Counter

import pytest

from tests.simulation import running

SEEDS_AT_ONCE = 50
CHUNKS = 100 if running.LONG else 6
#: What has to happen in some of the first worlds, or they prove nothing.
INCIDENTS = {
    "crash",
    "pause",
    "away",
    "reply lost",
    "unanswered",
    "outage",
    "policy",
    "spoilt",
    "place lost",
    "clock turned",
    "trouble",
}


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_rule_is_broken(chunk: int) -> None:
    first = chunk * SEEDS_AT_ONCE

    assert running.first_fault(range(first, first + SEEDS_AT_ONCE)) == ""


def test_a_seed_is_the_same_world_in_every_process() -> None:
    seeds = [str(seed) for seed in range(8)]
    here = [f"{seed} {running.history(int(seed)).digest()}" for seed in seeds]

    for hash_seed in ("1", "2"):
        command = [sys.executable, "-m", "tests.simulation.replay", *seeds, "--digest"]
        environment = os.environ | {
            "PYTHONHASHSEED": hash_seed,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        there = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=100
        )
        assert there.stdout.splitlines() == here


def test_worlds_differ_and_are_eventful() -> None:
    histories = [running.history(seed) for seed in range(40)]

    assert len({history.digest() for history in histories}) == len(histories)
    happened = Counter(event.what for history in histories for event in history.events)
    assert happened.keys() >= INCIDENTS
    kinds = Counter(event.told["kind"] for history in histories for event in history.of("taken"))
    assert kinds.keys() == {"PAGE", "STAND_DOWN"}
    states = {
        event.told["state"] for history in histories for event in history.of("left notification")
    }
    assert states == {"SENT", "FAILED", "SUPPRESSED"}
    runs = {event.told["state"] for history in histories for event in history.of("left escalation")}
    assert runs == {"ACKNOWLEDGED", "STOPPED", "EXHAUSTED"}
