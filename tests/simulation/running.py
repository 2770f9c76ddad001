"""Runs worlds by their seeds, whole or with a planted bug, and says how to see one again."""

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tests.simulation import checker
from tests.simulation.bugs import plant
from tests.simulation.history import History
from tests.simulation.world import World

#: Whether the long tests were asked for.
LONG = bool(os.environ.get("TOCSIN_LONG"))
SHOWN = 5


def history(seed: int, bug: str = "") -> History:
    """Returns what happens in a world."""
    with plant(bug), _quietly():
        return World(seed).run()


def faults(seed: int, bug: str = "") -> list[str]:
    """Returns which rules are broken in a world."""
    return checker.faults(history(seed, bug))


def first_fault(seeds: Iterable[int], bug: str = "") -> str:
    """Returns what went wrong in the first bad world, and how to see it; empty if all are good."""
    for seed in seeds:
        found = faults(seed, bug)
        if found:
            return "\n".join([f"{_command(seed, bug)} shows:", *found[:SHOWN]])
    return ""


def _command(seed: int, bug: str) -> str:
    planted = f" --bug {bug}" if bug else ""
    return f".venv/bin/python -m tests.simulation.replay {seed}{planted}"


@contextmanager
def _quietly() -> Iterator[None]:
    """Keeps the product from telling the log of each of thousands of worlds."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
