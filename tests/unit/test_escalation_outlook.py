"""Whom levels reach in the time ahead: found once, the same at every moment, and not for ever."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from time import monotonic

from services.calendar import on_call
from services.calendar.schedules import Kind, Layer, Schedule, Shift
from services.chassis.patience import ENDLESS, Patience
from services.escalation.domain.duty import Duty
from services.escalation.domain.policies import Level, Policy
from services.escalation.linting import calendars, reach
from services.escalation.linting.outlook import Outlook
from services.escalation.on_duty import Rota
from services.escalation.world import World
from tests.parts.people import person

START = datetime(2026, 10, 24, 18, tzinfo=UTC)
END = START + timedelta(days=366)
GRAIN = timedelta(minutes=30)
WAIT = timedelta(minutes=5)
PEOPLE = {id_: person(id_, START, name=f"u{id_}") for id_ in (1, 2, 3)}


def outlook(
    schedules: Sequence[Schedule],
    levels: Sequence[tuple[Level, ...]],
    end: datetime,
    patience: Patience = ENDLESS,
) -> Outlook:
    by_id = {each.id: each for each in schedules}
    policies = [Policy(id=i, name=f"p{i}", levels=each) for i, each in enumerate(levels, start=1)]
    world = World(Rota(by_id, dict.fromkeys(by_id, ())), {}, PEOPLE, {})
    lists = {each.id: each.levels for each in policies}
    return Outlook(world, policies, lists, schedules, START, end, patience)


def row(random: Random, id_: int) -> Schedule:
    """Shifts with gaps in between; of one whom nobody knows any more, too."""
    at, shifts = START, []
    for _ in range(random.randint(0, 6)):
        start = at + random.randint(0, 8) * GRAIN
        at = start + random.randint(1, 16) * GRAIN
        shifts.append(Shift(random.choice((1, 2, 3, 4)), start, at))
    return Schedule(id=id_, name=f"s{id_}", timezone="UTC", kind=Kind.STATIC, shifts=tuple(shifts))


def hourly(id_: int) -> Schedule:
    turns = Layer(name="", starts_on="2026-10-01T00:00", users=(1, 2, 3), rotation="PT1H")
    return Schedule(id=id_, name=f"s{id_}", timezone="UTC", kind=Kind.RECURRING, layers=(turns,))


def test_when_levels_reach_nobody_is_what_each_moment_says() -> None:
    end = START + timedelta(days=3)
    for seed in range(40):
        random = Random(seed)
        rows = {id_: row(random, id_) for id_ in (1, 2, 3)}
        levels = tuple(
            Level((), WAIT, schedules=tuple(random.sample(sorted(rows), random.randint(1, 2))))
            for _ in range(random.randint(1, 3))
        )
        known = outlook(list(rows.values()), [levels], end)
        spans, people, at = known.without(levels), set[int](), START
        while at < end:
            duty = Duty({id_: on_call.on_call(each, at, ()) for id_, each in rows.items()})
            now = {id_ for level in levels for id_ in duty.people(level)} & PEOPLE.keys()
            assert bool(now) != any(start <= at < until for start, until in spans)
            people |= now
            at += GRAIN
        assert all(one[1] < other[0] for one, other in pairwise(spans))
        assert known.responders().keys() == people


def test_a_year_of_hourly_turns_is_looked_at_for_seconds_only() -> None:
    schedules = [hourly(id_) for id_ in range(1, 501)]
    levels = [
        tuple(Level((), WAIT, schedules=(5 * policy + place,)) for place in range(1, 6))
        for policy in range(100)
    ]
    began = monotonic()
    with Patience(1) as patience:
        known = outlook(schedules, levels, END, patience)
        found = [*reach.findings(known, []), *calendars.findings(known)]
    assert monotonic() - began < 5
    assert found == []
    policies, rows = known.unchecked
    assert policies.startswith("There was too much to look at: ")
    assert policies.endswith(" of 100 escalation policies, and whom they page")
    assert rows.endswith(" of 500 schedules")


def test_levels_that_share_schedules_are_all_looked_at() -> None:
    levels = [
        tuple(Level((), policy * WAIT, schedules=((policy + place) % 4 + 1,)) for place in range(5))
        for policy in range(1, 101)
    ]
    with Patience(60) as patience:
        known = outlook([hourly(id_) for id_ in range(1, 5)], levels, END, patience)
        assert [*reach.findings(known, []), *calendars.findings(known)] == []
    assert known.unchecked == []


def test_what_needs_no_time_is_told_when_there_is_none() -> None:
    level, gone = Level((), WAIT, schedules=(1,)), Level((9,), WAIT)
    known = outlook([hourly(1), hourly(2)], [(level,), (gone,)], START + WAIT, Patience(0))
    found = [*reach.findings(known, []), *calendars.findings(known)]

    assert [(each.check.name, each.place.id) for each in found] == [("UNUSED_SCHEDULE", "2")]
    assert known.unchecked == [
        "There was too much to look at: 2 of 2 escalation policies, and whom they page",
        "There was too much to look at: 1 of 2 schedules",
    ]
    assert known.responders() == {}


def test_nobody_waits_any_more_once_the_call_is_left() -> None:
    with Patience(60) as patience:
        meanwhile = patience.over
    assert (meanwhile, patience.over) == (False, True)
    assert Patience(0).over
    assert not ENDLESS.over
