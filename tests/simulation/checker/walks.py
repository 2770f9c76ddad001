"""Every run goes along its policy: each level once, none early, none left out, none too late."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.checker.reading import Reading, subject
from tests.simulation.faults import HEALED
from tests.simulation.history import Event
from tests.simulation.scene import PEOPLE, TEAM, TEAM_MEMBERS

Level = tuple[tuple[int, ...], tuple[int, ...], int]
#: What clocks may differ by, in seconds; they tell microseconds.
LEAST = 0.001
#: How late a step may be once nothing goes wrong any more.
LATEST = 3.0
#: From when, after everything was healed, nothing that went wrong has consequences.
SETTLED = HEALED + 150.0


def faults(reading: Reading) -> Iterator[str]:
    """Yields where a run left its way."""
    for run, steps in reading.steps.items():
        yield from _Walk(reading, run, steps).faults()


@dataclass
class _Walk:
    """A run, checked step by step."""

    reading: Reading
    run: str
    steps: list[Event]
    levels: list[Level] = field(init=False)
    repeats: int = field(init=False)
    due: float = field(init=False)
    at: tuple[int, int] = (0, 0)  # round, level
    early: int = 0
    passed_now: int = 0

    def faults(self) -> Iterator[str]:
        plan = self._plan()
        self.levels, self.repeats = plan["levels"], plan["repeats"]
        self.due = self.steps[0].told["clock"] + plan["delay"]
        if self.steps[0].told["cause"] != "BEGUN":
            yield from self._never_begun()
            return
        yield from self._pinned(plan)
        yield from self._asleep()
        for event in self.steps[1:]:
            yield from self._step(event)
        if self.early > self._pushes():
            yield f"{self.run} was early {self.early} times, with {self._pushes()} wishes for it"

    def _plan(self) -> dict[str, Any]:
        """Returns the policy as it was when the run began."""
        policy_id = self.reading.runs[self.run].told["plan"]["policy_id"]
        before = self.reading.history.events[: self.steps[0].number]
        plans = [e.told for e in before if e.what == "policy" and e.told["policy"] == policy_id]
        return plans[-1]

    def _pinned(self, plan: dict[str, Any]) -> Iterator[str]:
        left = self.reading.runs[self.run].told["plan"]
        levels = [
            (tuple(level["users"]), tuple(level["teams"]), level["seconds"])
            for level in left["levels"]
        ]
        if levels != plan["levels"]:
            yield f"{self.run} follows {levels}, and began with {plan['levels']}"

    def _never_begun(self) -> Iterator[str]:
        """Yields whatever a run did that had ended before it began; it only calls."""
        for event in self.steps:
            if event.told["cause"] not in ("CALLED", "ENDED"):
                yield f"{self.run} goes on, and never began: {event}"

    def _asleep(self) -> Iterator[str]:
        """Yields a run that began while its alert slept."""
        known = self.reading.heard_at(subject(self.run)[0], self.steps[0].number)
        until = known.told["asleep_until"] if known else None
        if until is not None and self.steps[0].told["clock"] < until:
            yield f"{self.run} began while its alert slept until {until}"

    def _step(self, event: Event) -> Iterator[str]:
        told = event.told
        match told["cause"], told["state"]:
            case "LEVEL_SKIPPED" | "STEPPED", _ if told["level"] > len(self.levels):
                yield f"{self.run} went to a level that there is not: {event}"
            case "LEVEL_SKIPPED", _:
                yield from self._forward(event, reached=())
                self.passed_now += 1
            case "STEPPED", _:
                place = (told["cycle"], told["level"])
                yield from self._forward(event, reached=self._page(*place))
                self.due = told["clock"] + self.levels[told["level"] - 1][2]
                self.passed_now = 0
            case "ENDED", "EXHAUSTED":
                if self._next(event) is not None and self.passed_now < len(self._levels(event)):
                    yield f"{self.run} ended before it was gone through: {event}"
                yield from self._in_time(event)

    def _forward(self, event: Event, *, reached: tuple[int, ...]) -> Iterator[str]:
        place = (event.told["cycle"], event.told["level"])
        wanted = self._next(event)
        if place != wanted:
            yield f"{self.run} went to {place} instead of {wanted}: {event}"
        if self.levels and reached != self._people(place[1]):
            yield f"{self.run} paged {reached} at {place}, not {self._people(place[1])}"
        known = self.reading.heard_at(subject(self.run)[0], event.number)
        if known is None or not _wants(known, subject(self.run)[1]):
            yield f"{self.run} went on though {known} was heard before: {event}"
        if not self.passed_now:
            yield from self._in_time(event)
        self.at = place

    def _in_time(self, event: Event) -> Iterator[str]:
        clock = event.told["clock"]
        if self.passed_now:
            return  # the same moment as the levels that were passed over
        if clock < self.due - LEAST:
            self.early += 1
        elif self.due > SETTLED and clock > self.due + LATEST:
            yield f"{self.run} was late by {clock - self.due:.3f} s: {event}"

    def _page(self, cycle: int, level: int) -> tuple[int, ...]:
        """Returns who was paged at a place, if exactly one message says so."""
        pages = [
            page.told["users"]
            for page in self.reading.pages
            if (page.told["run"], page.told["cycle"], page.told["level"])
            == (self.run, cycle, level)
        ]
        return tuple(pages[0]) if len(pages) == 1 else ()

    def _people(self, level: int) -> tuple[int, ...]:
        users, teams, _ = self.levels[level - 1]
        meant = (*users, *(TEAM_MEMBERS if TEAM in teams else ()))
        return tuple(user for user in dict.fromkeys(meant) if user in PEOPLE)

    def _levels(self, event: Event) -> list[Level]:
        """Returns the levels that the run may reach: LOW ends after the first."""
        return self.levels[:1] if self._low(event) else self.levels

    def _low(self, event: Event) -> bool:
        alert, episode = subject(self.run)
        known = self.reading.heard_at(alert, event.number)
        same = [
            each
            for each in self.reading.alerts[alert]
            if each.told["episode"] == episode and (known is None or each.number <= known.number)
        ]
        return bool(same) and same[-1].told["priority"] == "LOW"

    def _next(self, event: Event) -> tuple[int, int] | None:
        cycle, level = self.at
        count, repeats = len(self._levels(event)), 0 if self._low(event) else self.repeats
        if level < count:
            return cycle, level + 1
        return (cycle + 1, 1) if cycle < repeats else None

    def _pushes(self) -> int:
        """Returns how often it may be early: per wish, and at a beginning that is told late."""
        alert, episode = subject(self.run)
        pushes = [
            event.told["pushes"]
            for event in self.reading.alerts[alert]
            if event.told["episode"] == episode
        ]
        known = self.reading.heard_at(alert, self.steps[0].number)
        return max(pushes, default=0) + (1 if known and known.told["pushes"] else 0)


def _wants(known: Event, episode: int) -> bool:
    told = known.told
    return (told["status"], told["episode"]) == ("PENDING", episode)
