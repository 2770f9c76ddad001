"""What two configurations do differently: found at the few moments that matter, all of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar

import pytest

from services.calendar import on_call
from services.calendar.schedules import Kind, Layer, Schedule, Shift
from services.chassis.errors import InvalidRequest
from services.chassis.patience import Patience
from services.escalation import comparing
from services.escalation.comparing import Comparison, Stretch, pairs
from services.escalation.domain import simulation
from services.escalation.domain.duty import Duty
from services.escalation.domain.policies import Distribution, Level, Policy
from services.escalation.domain.runs import Paged, Priority, Run
from services.escalation.foretelling import Page, Pages, Side, plan_of
from services.escalation.on_duty import Rota
from services.escalation.simulating import AHEAD, imagined
from services.escalation.timetables import timetable
from services.escalation.world import World
from tests.parts.people import person

T = TypeVar("T")
START = datetime(2026, 10, 24, 18, tzinfo=UTC)
#: Everything happens at multiples of it, so that whoever looks that often misses nothing.
GRAIN = timedelta(minutes=30)
END = START + timedelta(days=2)
PEOPLE = {
    id_: person(id_, START, name=name)
    for id_, name in enumerate(("Ada", "Bob", "Eve", "Joe"), start=1)
}


#: Joe was deleted, and is still named.
EXISTING = {id_: each for id_, each in PEOPLE.items() if id_ != 4}
#: So many runs and each turn of some of three people, or of four, has come.
TURNS = range(12)


def world(random: Random, base: World | None = None) -> World:
    """Returns a world at random, or one that differs a little from another."""
    schedules = {id_: schedule(random, id_) for id_ in (1, 2)}
    overrides = {id_: list(shifts(random, 2)) for id_ in schedules}
    members = {1: tuple(random.sample(sorted(PEOPLE), 2))}
    if base is not None:
        changed = random.choice((1, 2))
        kept = 3 - changed
        schedules[kept] = base.rota.schedules[kept]
        overrides[kept] = list(base.rota.overrides[kept])
        members = dict(base.members)
    return World(Rota(schedules, overrides), members, EXISTING, {}, gone=frozenset({2}))


def schedule(random: Random, id_: int) -> Schedule:
    if random.random() < 0.4:
        return Schedule(
            id=id_, name=f"s{id_}", timezone="UTC", kind=Kind.STATIC, shifts=tuple(row(random))
        )
    layers = tuple(
        Layer(
            name="layer",
            starts_on=f"{START - random.randint(-20, 20) * GRAIN:%Y-%m-%dT%H:%M}",
            users=tuple(random.sample(sorted(PEOPLE), random.randint(1, 3))),
            rotation=random.choice(("PT1H", "PT5H", "PT12H", "P1D")),
        )
        for _ in range(random.randint(1, 2))
    )
    zone = random.choice(("Europe/Berlin", "Asia/Kolkata", "America/New_York"))
    return Schedule(id=id_, name=f"s{id_}", timezone=zone, kind=Kind.RECURRING, layers=layers)


def row(random: Random) -> Iterator[Shift]:
    at = START
    for _ in range(random.randint(0, 5)):
        start = at + random.randint(0, 8) * GRAIN
        at = start + random.randint(1, 20) * GRAIN
        yield Shift(random.choice(sorted(PEOPLE)), start, at)


def shifts(random: Random, most: int) -> Iterator[Shift]:
    for _ in range(random.randint(0, most)):
        start = START + random.randint(-10, 80) * GRAIN
        yield Shift(random.choice(sorted(PEOPLE)), start, start + random.randint(1, 10) * GRAIN)


def policy(random: Random, id_: int = 1) -> Policy:
    return Policy(
        id=id_,
        name="p",
        fallback=2 if id_ == 1 and random.random() < 0.5 else None,
        levels=tuple(level(random) for _ in range(random.randint(1, 3))),
        repeating=random.random() < 0.3,
        delay_min=0,
    )


def level(random: Random) -> Level:
    users = tuple(random.sample(sorted(PEOPLE), random.randint(0, 1)))
    plans = tuple(random.sample((1, 2), random.randint(0, 2)))
    teams = (1,) if random.random() < 0.2 or not (users or plans) else ()
    called = tuple(random.sample((1, 2), random.choice((0, 0, 1, 2))))
    distribution = random.choice((Distribution.ALL, Distribution.ROUND_ROBIN))
    timeout = random.randint(0, 12) * GRAIN
    return Level(users, timeout, plans, teams, webhooks=called, distribution=distribution)


def brute_on_call(sides: tuple[Side, Side], id_: int, at: datetime) -> list[tuple[str, ...]]:
    return [
        side.names(
            on_call.on_call(side.world.rota.schedules[id_], at, side.world.rota.overrides[id_])
        )
        for side in sides
    ]


def brute_pages(
    side: Side, priority: Priority, at: datetime, turn: int
) -> dict[tuple[int, int], tuple[object, ...]]:
    """Returns who is paged by an escalation whose turn is known."""

    def present(run: Run, now: datetime) -> tuple[Duty, frozenset[int]]:
        duty = side.world.duty(run.levels, now)
        return duty, side.world.reachable(run.levels, duty)

    plan = replace(plan_of(side, 1), turn=turn)
    timeline = simulation.simulate(imagined(priority), plan, at, at + AHEAD, present, most=1000)
    return {
        (step.effect.run.cycle, step.effect.run.level): (
            step.at - at,
            side.names(step.effect.users),
            step.effect.webhooks,
        )
        for step in timeline.steps
        if isinstance(step.effect, Paged)
    }


def at_turn(pages: Pages, turn: int) -> dict[tuple[int, int], tuple[object, ...]]:
    """Returns what pages say of an escalation whose turn is known."""
    return {
        (cycle, level): (
            page.offset,
            page.people[(turn + cycle) % len(page.people) :][:1] if page.in_turn else page.people,
            page.webhooks,
        )
        for (cycle, level), page in pages.items()
    }


def at_moment(found: list[Stretch[T]], at: datetime) -> Stretch[T] | None:
    return next((each for each in found if each.start <= at < each.end), None)


@pytest.mark.parametrize("seed", range(15))
def test_what_differs_is_found_as_if_every_moment_was_looked_at(seed: int) -> None:
    random = Random(seed)
    before = world(random)
    known, after = policy(random), policy(random, 2)
    changed = policy(random) if random.random() < 0.3 else known
    sides = (
        Side(before, {1: known, 2: after}),
        Side(world(random, before), {1: changed}, {2: after}),
    )
    comparison = Comparison(*sides, START, END)
    priority = random.choice((Priority.HIGH, Priority.HIGH, Priority.LOW))
    paged = comparison.paged((1, 1), priority)
    on_calls = {id_: comparison.on_call((id_, id_)) for id_ in (1, 2)}

    at = START
    while at < END:
        for id_, found in on_calls.items():
            stretch = at_moment(found, at)
            was, is_ = brute_on_call(sides, id_, at)
            assert (stretch is not None) == (was != is_), at
            assert stretch is None or (stretch.before, stretch.after) == (was, is_), at
        pages = at_moment(paged, at)
        differing: tuple[set[tuple[int, int]], ...] = (set(), set())
        for turn in TURNS:
            then, now = (brute_pages(side, priority, at, turn) for side in sides)
            for one, other, places in ((then, now, differing[0]), (now, then, differing[1])):
                places |= {place for place, page in one.items() if other.get(place) != page}
            if pages is not None:
                assert at_turn(pages.before, turn).items() <= then.items(), at
                assert at_turn(pages.after, turn).items() <= now.items(), at
        found_at = ({}, {}) if pages is None else (pages.before, pages.after)
        assert tuple(set(each) for each in found_at) == differing, at
        at += GRAIN


@pytest.mark.parametrize(
    ("before", "after", "turns"),
    [
        ((1, 2), (2, 1), [("ada", "bob"), ("bob", "ada")]),
        ((1, 2), (1, 2, 3), [("ada", "bob"), ("ada", "bob", "eve")]),
        ((1, 4), (1,), []),  # who cannot be paged is passed over
        ((1, 4, 3), (1, 3), [("ada", "eve", "eve"), ("ada", "eve")]),
        ((1,), (1,), []),
    ],
)
def test_turns_are_compared_one_by_one(
    before: tuple[int, ...], after: tuple[int, ...], turns: list[tuple[str, ...]]
) -> None:
    known = world(Random(1))
    sides = [
        Side(known, {1: Policy(id=1, name="p", levels=(level,))})
        for users in (before, after)
        for level in [Level(users, GRAIN, distribution=Distribution.ROUND_ROBIN)]
    ]
    found = Comparison(sides[0], sides[1], START, END).paged((1, 1), Priority.HIGH)

    pages = [side[0, 1] for each in found for side in (each.before, each.after)]
    assert [page.people for page in pages] == [
        tuple(f"{name}@example.com" for name in names) for names in turns
    ]
    assert all(page.in_turn for page in pages)


def test_all_at_once_differs_from_one_after_another() -> None:
    known = world(Random(1))
    sides = [
        Side(known, {1: Policy(id=1, name="p", levels=(level,), version=version)})
        for version, level in enumerate(
            Level((1, 2), GRAIN, distribution=each) for each in Distribution
        )
    ]
    (found,) = Comparison(sides[0], sides[1], START, END).paged((1, 1), Priority.HIGH)

    assert (found.before[0, 1].in_turn, found.after[0, 1].in_turn) == (False, True)
    assert found.before[0, 1].people == found.after[0, 1].people


def test_the_same_twice_differs_nowhere() -> None:
    random = Random(1)
    side = Side(world(random), {1: policy(random)})
    comparison = Comparison(side, side, START, END)

    assert comparison.paged((1, 1), Priority.HIGH) == []
    assert comparison.on_call((1, 1)) == []


def test_what_is_only_on_one_side_differs_where_it_pages() -> None:
    random = Random(1)
    level = Level((1,), GRAIN)
    side = Side(world(random), {1: Policy(id=1, name="p", levels=(level,))})
    comparison = Comparison(Side(side.world, {}), side, START, END)

    assert comparison.paged((None, 1), Priority.HIGH) == [
        Stretch(START, END, {}, {(0, 1): Page(timedelta(), ("ada@example.com",))})
    ]


def test_a_table_says_who_is_on_call_at_any_moment() -> None:
    for seed in range(40):
        random = Random(seed)
        known, overrides = schedule(random, 1), list(shifts(random, 3))
        table = timetable(known, START, END, overrides)
        assert list(table.starts) == sorted(set(table.starts))
        at = START
        while at < END:
            assert table.at(at) == on_call.on_call(known, at, overrides)
            change = table.next_change(at)
            assert change is None or table.at(change) != table.at(change - GRAIN / 2)
            at += GRAIN / 2


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    hourly = Layer(name="", starts_on="2026-10-24T00:00", users=(1, 2), rotation="PT1H")
    known = Schedule(id=1, name="s", timezone="UTC", kind=Kind.RECURRING, layers=(hourly,))
    before, after = (
        Side(
            World(Rota({1: known}, {1: []}), {}, PEOPLE, {}),
            {1: Policy(id=1, name="p", levels=(Level((), wait, schedules=(1,)),))},
        )
        for wait in (GRAIN, 2 * GRAIN)
    )
    with pytest.raises(InvalidRequest, match="shorter"):
        Comparison(before, after, START, END, Patience(0)).paged((1, 1), Priority.HIGH)
    with Patience(60) as patience:
        left = Comparison(before, after, START, END, patience)
        left.on_call((1, 1))
    with pytest.raises(InvalidRequest, match="too much"):
        left.paged((1, 1), Priority.HIGH)
    with pytest.raises(InvalidRequest, match="too much"):
        left.on_call((1, 1))
    monkeypatch.setattr(comparing, "MOST_SIMULATIONS", 3)
    with pytest.raises(InvalidRequest, match="shorter"):
        Comparison(before, after, START, END).paged((1, 1), Priority.HIGH)


def test_records_are_the_same_if_their_names_are() -> None:
    assert pairs({1: "Night", 2: "night ", 3: "Day"}, {7: "NIGHT", 8: "Web"}) == [
        (3, None),
        (1, 7),
        (2, None),
        (None, 8),
    ]
