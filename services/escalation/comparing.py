"""What two configurations do differently, over a stretch of time.

Nothing is looked at minute by minute. Who is on call changes at boundaries of shifts; whom an
escalation pages is foretold for as long as it stays the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, groupby
from typing import Generic, TypeVar

from services.chassis.errors import InvalidRequest
from services.chassis.patience import ENDLESS, Patience
from services.escalation.domain.checks import folded
from services.escalation.domain.runs import Priority
from services.escalation.foretelling import NEVER, Pages, People, Side, foretold, inputs, plan_of
from services.escalation.simulating import AHEAD

#: How often an escalation is simulated for one comparison.
MOST_SIMULATIONS = 20_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stretch(Generic[T]):
    """What is otherwise, from when until when; None for what is not there."""

    start: datetime
    end: datetime
    before: T
    after: T


class Comparison:
    """Two configurations over a stretch of time."""

    def __init__(
        self,
        before: Side,
        after: Side,
        start: datetime,
        end: datetime,
        patience: Patience = ENDLESS,
    ) -> None:
        self._sides = before, after
        self._start = start
        self._end = end
        self._patience = patience
        self._simulations = count(1)

    def on_call(self, ids: tuple[int | None, int | None]) -> list[Stretch[People]]:
        """Returns when others are on call in a schedule, by its id on each side.

        Raises InvalidRequest if there is too much to look at.
        """
        self._refuse_too_much()
        tables = [
            None if id_ is None else (side, side.table(id_, self._start, self._end + AHEAD))
            for side, id_ in zip(self._sides, ids, strict=True)
        ]
        moments = {start for each in tables if each for start in each[1].starts}
        moments = {moment for moment in moments if moment < self._end}
        found = []
        for moment in sorted({self._start, *moments}):
            before, after = (
                () if each is None else each[0].names(each[1].at(moment)) for each in tables
            )
            found.append((moment, before, after))
        return list(_differing(found, self._end))

    def paged(self, ids: tuple[int | None, int | None], low: Priority) -> list[Stretch[Pages]]:
        """Returns when others are paged along a policy, by its id on each side.

        A stretch is that of the moments at which an escalation would begin, with the levels
        that differ. Raises InvalidRequest if there is too much to look at.
        """
        if self._alike(ids):
            return []
        found, moment = [], self._start
        while moment < self._end:
            (before, same), (after, as_long) = (
                self._pages(side, id_, low, moment)
                for side, id_ in zip(self._sides, ids, strict=True)
            )
            found.append((moment, *only_differing(before, after)))
            step = min(same, as_long)
            moment = self._end if step >= self._end - moment else moment + step
        return list(_differing(found, self._end))

    def _alike(self, ids: tuple[int | None, int | None]) -> bool:
        """Tells whether a policy means the same people by the same schedules on both sides."""
        before, after = (
            None if id_ is None else inputs(side, plan_of(side, id_))
            for side, id_ in zip(self._sides, ids, strict=True)
        )
        return before == after

    def _pages(
        self, side: Side, id_: int | None, priority: Priority, start: datetime
    ) -> tuple[Pages, timedelta]:
        """Returns whom an escalation pages, and how much later it may begin and still does."""
        if id_ is None:
            return {}, NEVER
        self._refuse_too_much(next(self._simulations))
        return foretold(side, plan_of(side, id_), priority, start, self._start, self._end)

    def _refuse_too_much(self, simulations: int = 0) -> None:
        if self._patience.over or simulations > MOST_SIMULATIONS:
            raise InvalidRequest(
                "there is too much to compare: make the time between from and until shorter",
                field="until",
            )


def only_differing(before: Pages, after: Pages) -> tuple[Pages, Pages]:
    """Returns the pages that the other side does not have just so."""
    alike = {place for place, page in before.items() if after.get(place) == page}
    ours, theirs = (
        {place: page for place, page in pages.items() if place not in alike}
        for pages in (before, after)
    )
    return ours, theirs


def _differing(found: Sequence[tuple[datetime, T, T]], end: datetime) -> Iterator[Stretch[T]]:
    """Yields the stretches that differ, each as long as it differs in the same way."""
    alike = [next(each) for _, each in groupby(found, key=lambda each: each[1:])]
    ends = [start for start, _, _ in alike[1:]]
    for (start, before, after), until in zip(alike, [*ends, end], strict=True):
        if before != after:
            yield Stretch(start, until, before, after)


def pairs(
    before: Mapping[int, str], after: Mapping[int, str]
) -> list[tuple[int | None, int | None]]:
    """Returns which record of one side is which of the other: those with the same name.

    Of several with one name, the oldest is the oldest.
    """
    sides = [_by_name(before), _by_name(after)]
    return [(sides[0].get(key), sides[1].get(key)) for key in sorted(sides[0].keys() | sides[1])]


def _by_name(names: Mapping[int, str]) -> dict[tuple[str, int], int]:
    found: dict[tuple[str, int], int] = {}
    for id_, name in sorted(names.items()):
        which = next(number for number in count() if (folded(name), number) not in found)
        found[folded(name), which] = id_
    return found
