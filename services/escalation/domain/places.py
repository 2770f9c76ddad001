"""Where a run is in the lists that it goes through, and where it may still go.

A place has a round and the number of a level. Rounds count on from one list to the next, so
that the two name a level of the run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.escalation.domain.policies import Level, Stage


@dataclass(frozen=True, slots=True)
class Place:
    """A level that a run may reach."""

    stage: int  # which of the lists, from 0
    cycle: int  # which round, of all lists, from 0
    number: int  # of the level in its list, from 1
    level: Level


def after(stages: Sequence[Stage], cycle: int, reached: int) -> Iterator[Place]:
    """Yields the levels after the one that was reached in a round, in their order."""
    begun = 0
    for index, stage in enumerate(stages):
        for round_ in range(max(begun, cycle), begun + stage.rounds):
            first = reached if round_ == cycle else 0
            for number, level in enumerate(stage.levels[first:], start=first + 1):
                yield Place(index, round_, number, level)
        begun += stage.rounds


def present(stages: Sequence[Stage], cycle: int) -> tuple[int, int]:
    """Returns which list is gone through in a round of all, and which round of its own it is.

    The lists are counted from 0, its rounds from 1.
    """
    begun = 0
    for index, stage in enumerate(stages[:-1]):
        if cycle < begun + stage.rounds:
            return index, cycle - begun + 1
        begun += stage.rounds
    return len(stages) - 1, cycle - begun + 1
