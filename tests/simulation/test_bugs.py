"""The checker notices every planted bug, or its silence about the product would mean nothing."""

import pytest

from tests.simulation import running
from tests.simulation.bugs import BUGS

SEEDS = 250


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_noticed(bug: str) -> None:
    first = BUGS[bug].first

    noticed = running.first_fault(range(first, first + SEEDS), bug)

    assert noticed, f"{BUGS[bug].what}, and nobody noticed in {SEEDS} worlds"
