"""Whose turn it is, which policy follows which, and why whom a run pages."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import InvalidRequest
from services.escalation.domain.duty import NO_DUTY, Duty
from services.escalation.domain.fallbacks import MOST_IN_A_ROW, Link, refuse_circles
from services.escalation.domain.policies import Distribution, Level, Plan, Policy, Stage, checked
from services.escalation.domain.reasons import Reason, Turn, Why, choose
from services.escalation.domain.runs import (
    Actor,
    Effect,
    Exhausted,
    FellBack,
    Paged,
    Priority,
    Run,
    Skipped,
    State,
    Subject,
    acknowledge,
    advance,
    begin,
    stop,
)
from services.escalation.store.runs import plan_row, plan_value

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ADA, BOB, EVE = 1, 2, 3
EVERYBODY = frozenset({ADA, BOB, EVE})
NIGHT, OPS = 10, 20
SUBJECT = Subject(kind="deploy", id="42", title="Rollout waits")
TURNS = Level((ADA, BOB, EVE), MINUTE, distribution=Distribution.ROUND_ROBIN)
FIRST = Plan(policy_id=7, version=3, levels=(Level((ADA,), MINUTE), Level((BOB,), MINUTE)))
SECOND = Stage(policy_id=8, version=5, levels=(Level((EVE,), MINUTE),), rounds=2)
THIRD = Stage(policy_id=9, version=1, levels=(Level((BOB, EVE), MINUTE),))
CHAIN = replace(FIRST, repeats=1, fallbacks=(SECOND, THIRD))
SOMEBODY = Actor("USER", "abc", ADA, "Ada")


def begun(plan: Plan, priority: Priority = Priority.HIGH) -> Run:
    return begin(9, replace(SUBJECT, priority=priority), plan, NOW)[0]


def told(run: Run, reachable: frozenset[int] = EVERYBODY, duty: Duty = NO_DUTY) -> list[Effect]:
    """Lets a run go on, in time and without anybody who answers, until it ends."""
    effects: list[Effect] = []
    while run.due is not None:
        run, more = advance(run, reachable, run.due, duty)
        effects += more
    assert run.state is State.EXHAUSTED
    return effects


def places(effects: Sequence[Effect]) -> list[tuple[int, int, int]]:
    """Returns which policies' levels were reached, in which round of theirs."""
    reached = [e.run for e in effects if isinstance(e, Paged | Skipped)]
    return [(run.stage.policy_id, run.round, run.level) for run in reached]


@pytest.mark.parametrize(
    ("turn", "cycle", "reachable", "whose"),
    [
        (0, 0, EVERYBODY, Turn(ADA, 1, 3)),
        (1, 0, EVERYBODY, Turn(BOB, 2, 3)),
        (3, 0, EVERYBODY, Turn(ADA, 1, 3)),
        (1, 1, EVERYBODY, Turn(EVE, 3, 3)),
        (0, 0, frozenset({EVE}), Turn(EVE, 3, 3, (ADA, BOB))),
        (2, 0, frozenset({BOB}), Turn(BOB, 2, 3, (EVE, ADA))),
    ],
)
def test_people_take_turns(turn: int, cycle: int, reachable: frozenset[int], whose: Turn) -> None:
    choice = choose(TURNS, turn + cycle, reachable, NO_DUTY)

    assert choice.turn == whose
    assert choice.users == (whose.user,)
    assert choice.reasons == (Reason(Why.NAMED, whose.user),)


def test_each_round_of_a_run_is_the_next_ones_turn() -> None:
    plan = Plan(policy_id=7, levels=(TURNS,), repeats=3, turn=1)

    effects = told(begun(plan))

    assert [e.users for e in effects if isinstance(e, Paged)] == [(BOB,), (EVE,), (ADA,), (BOB,)]


def test_those_on_call_and_in_teams_take_turns_too() -> None:
    level = Level(
        (ADA,), MINUTE, schedules=(NIGHT,), teams=(OPS,), distribution=Distribution.ROUND_ROBIN
    )
    duty = Duty({NIGHT: (BOB,)}, {OPS: (EVE, ADA)})

    chosen = [choose(level, turn, EVERYBODY, duty).reasons for turn in range(3)]

    assert chosen == [
        (Reason(Why.NAMED, ADA),),
        (Reason(Why.ON_CALL, BOB, schedule=NIGHT),),
        (Reason(Why.MEMBER, EVE, team=OPS),),
    ]


def test_a_level_that_reaches_nobody_says_why_of_each_target() -> None:
    level = Level((ADA,), MINUTE, schedules=(NIGHT, 11, 12), teams=(OPS, 21))
    duty = Duty({NIGHT: (), 12: (BOB,)}, {OPS: (), 21: (EVE,)})

    choice = choose(level, 0, frozenset(), duty)

    assert choice.users == ()
    assert choice.reasons == (
        Reason(Why.USER_GONE, ADA),
        Reason(Why.NOBODY_ON_CALL, schedule=NIGHT),
        Reason(Why.SCHEDULE_GONE, schedule=11),
        Reason(Why.USER_GONE, BOB, schedule=12),
        Reason(Why.TEAM_EMPTY, team=OPS),
        Reason(Why.USER_GONE, EVE, team=21),
    )
    assert choose(Level((), MINUTE), 0, frozenset(), NO_DUTY).reasons == (Reason(Why.NO_ADMIN),)


def test_what_follows_is_gone_through_when_a_policy_is_exhausted() -> None:
    effects = told(begun(CHAIN))

    assert places(effects) == [
        (7, 1, 1),
        (7, 1, 2),
        (7, 2, 1),
        (7, 2, 2),
        (8, 1, 1),
        (8, 2, 1),
        (9, 1, 1),
    ]
    fell_back = [e.run for e in effects if isinstance(e, FellBack)]
    assert [run.stage for run in fell_back] == [SECOND, THIRD]
    keys = [(e.run.cycle, e.run.level) for e in effects if isinstance(e, Paged)]
    assert len(set(keys)) == len(keys)
    assert isinstance(effects[-1], Exhausted)


def test_a_low_subject_pages_the_first_level_and_nobody_else() -> None:
    assert places(told(begun(CHAIN, Priority.LOW))) == [(7, 1, 1)]
    nobody = told(begun(CHAIN, Priority.LOW), frozenset({EVE}))
    assert [type(effect) for effect in nobody] == [Skipped, Exhausted]


def test_a_list_without_anybody_leads_at_once_to_the_next() -> None:
    run, effects = advance(begun(CHAIN), frozenset({EVE}), NOW)

    assert [type(effect) for effect in effects] == [Skipped, Skipped, FellBack, Paged]
    assert (run.stage, run.round, run.level, run.due) == (SECOND, 1, 1, NOW + MINUTE)
    assert run.next_level == 1
    versions = [effect.run.version for effect in effects]
    assert versions == [2, 3, 4, 5]


def test_a_policy_without_levels_leads_to_the_next() -> None:
    run, _ = advance(begun(replace(CHAIN, levels=())), EVERYBODY, NOW)

    assert run.stage == SECOND


def test_nobody_anywhere_is_exhausted_at_once_and_each_level_is_told_once() -> None:
    run, effects = advance(begun(CHAIN), frozenset(), NOW)

    assert places(effects) == [(7, 1, 1), (7, 1, 2), (8, 1, 1), (9, 1, 1)]
    assert effects[-1] == Exhausted(run, reached_nobody=True)


def test_the_next_level_is_told_across_lists() -> None:
    run, seen = begun(CHAIN), []
    while run.due is not None:
        seen.append((run.next_level, run.next_step_time is not None))
        run, _ = advance(run, EVERYBODY, run.due)

    assert [number for number, _ in seen] == [1, 2, 1, 2, 1, 1, 1, 0]
    assert all(waits is bool(number) for number, waits in seen)
    assert run.next_level == 0


def test_an_acknowledged_subject_of_another_program_expires() -> None:
    plan = replace(FIRST, accept_expiry=5 * MINUTE)
    run = begun(plan)
    assert run.accept_expires is None

    taken, _ = acknowledge(run, SOMEBODY, NOW + MINUTE)

    assert taken.accept_expires == NOW + 6 * MINUTE
    assert stop(taken, SOMEBODY, NOW + MINUTE)[0].accept_expires is None
    assert acknowledge(begun(FIRST), SOMEBODY, NOW)[0].accept_expires is None
    alert = replace(taken, subject=replace(SUBJECT, kind="alert"))
    assert alert.accept_expires is None  # whose it is decides that


def test_a_plan_is_kept_whole() -> None:
    plan = replace(CHAIN, turn=4, accept_expiry=5 * MINUTE, about_suite=True, delay=MINUTE)
    plan = replace(plan, levels=(*plan.levels, TURNS))

    assert plan_value(plan_row(plan)) == plan
    assert plan.built_in
    assert plan.takes_turns
    levels = [{"users": [ADA], "seconds": 60}]
    old = {"policy_id": 7, "levels": levels, "delay_seconds": 0, "repeats": 2}
    assert plan_value(old) == Plan(policy_id=7, levels=(Level((ADA,), MINUTE),), repeats=2)
    assert not CHAIN.takes_turns


LINKS = {1: Link("a", 2), 2: Link("b", 3), 3: Link("c"), 4: Link("d", 1), 5: Link("", 3)}


@pytest.mark.parametrize(
    ("id_", "fallback", "told"),
    [
        (3, 1, "c (3) → a (1) → b (2) → c (3)"),
        (2, 2, "b (2) → b (2)"),
        (3, 4, "c (3) → d (4) → a (1) → b (2) → c (3)"),
        (3, 5, "c (3) → (5) → c (3)"),
    ],
)
def test_policies_never_follow_one_another_in_a_circle(id_: int, fallback: int, told: str) -> None:
    with pytest.raises(InvalidRequest, match="circle") as refused:
        refuse_circles(LINKS | {id_: Link(LINKS[id_].name, fallback)}, id_)
    assert refused.value.message.endswith(told)
    assert refused.value.field == "fallback"


def test_a_circle_that_several_changes_close_is_found_from_whatever_leads_there() -> None:
    links = {1: Link("a", 2), 2: Link("b", 1), 3: Link("c", 1)}
    for id_ in links:
        with pytest.raises(InvalidRequest, match="circle"):
            refuse_circles(links, id_)


@pytest.mark.parametrize("changed", range(1, MOST_IN_A_ROW + 1))
def test_only_so_many_policies_follow_one_another(changed: int) -> None:
    links = {n: Link(f"p{n}", n + 1) for n in range(1, MOST_IN_A_ROW)}
    whole = links | {MOST_IN_A_ROW: Link("last")}
    refuse_circles(whole, changed)
    too_many = whole | {MOST_IN_A_ROW: Link("last", 99), 99: Link("more")}
    with pytest.raises(InvalidRequest, match=f"at most {MOST_IN_A_ROW} policies"):
        refuse_circles(too_many, changed)


@given(st.dictionaries(st.integers(1, 8), st.none() | st.integers(1, 8), min_size=1))
def test_what_is_not_refused_always_ends(links: dict[int, int | None]) -> None:
    named = {id_: Link(str(id_), after) for id_, after in links.items()}
    for id_ in named:
        try:
            refuse_circles(named, id_)
        except InvalidRequest:
            continue
        at: int | None = id_
        for step in count():
            if at is None or at not in links:
                break
            assert step < MOST_IN_A_ROW
            at = links[at]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"accept_expiry_min": 0}, "acceptExpiryMin"),
        ({"accept_expiry_min": 43201}, "acceptExpiryMin"),
        ({"levels": (Level((ADA,), MINUTE),) * 1000}, "escalationRules"),
        ({"frequency": 0}, "frequency"),
        ({"frequency": 10}, "frequency"),
        ({"delay_min": 16}, "delayMin"),
    ],
)
def test_what_a_policy_must_be(change: dict[str, object], field: str) -> None:
    policy = Policy(id=7, name="Databases", levels=(Level((ADA,), MINUTE),))
    with pytest.raises(InvalidRequest) as refused:
        checked(replace(policy, **change), users={ADA}, teams=())  # type: ignore[arg-type] # its fields
    assert refused.value.field == field


people = st.lists(st.integers(1, 5), max_size=3).map(tuple)
levels = st.builds(
    lambda users, schedules, teams, seconds, distribution: Level(
        users,
        timedelta(seconds=seconds),
        schedules=schedules,
        teams=teams,
        distribution=distribution,
    ),
    st.lists(st.integers(1, 5), min_size=1, max_size=3, unique=True).map(tuple),
    st.sets(st.integers(10, 12)).map(tuple),
    st.sets(st.integers(20, 22)).map(tuple),
    st.integers(0, 60),
    st.sampled_from(Distribution),
)
stages = st.builds(
    lambda policy_id, levels, rounds: Stage(policy_id=policy_id, levels=levels, rounds=rounds),
    st.integers(10, 99),
    st.lists(levels, min_size=1, max_size=3).map(tuple),
    st.integers(1, 3),
)
plans = st.builds(
    lambda levels, repeats, turn, fallbacks: Plan(
        policy_id=7, levels=levels, repeats=repeats, turn=turn, fallbacks=fallbacks
    ),
    st.lists(levels, max_size=3).map(tuple),
    st.integers(0, 3),
    st.integers(0, 20),
    st.lists(stages, max_size=3).map(tuple),
)
duties = st.builds(
    Duty,
    st.dictionaries(st.integers(10, 12), people),
    st.dictionaries(st.integers(20, 22), people),
)


@given(
    plan=plans,
    steps=st.lists(st.tuples(st.frozensets(st.integers(1, 5)), duties), min_size=1, max_size=6),
)
def test_any_plan_ends_and_pages_nobody_twice_on_a_level_nor_without_a_reason(
    plan: Plan, steps: list[tuple[frozenset[int], Duty]]
) -> None:
    run, places = begun(plan), list[tuple[int, int]]()
    for number in count():
        if run.due is None:
            break
        reachable, duty = steps[number % len(steps)]
        before = run.version
        run, effects = advance(run, reachable, run.due, duty)
        versions = [effect.run.version for effect in effects]
        assert versions == list(range(before + 1, before + 1 + len(effects)))
        for effect in effects:
            if isinstance(effect, Paged):
                level = effect.run.stage.levels[effect.run.level - 1]
                places.append((effect.run.cycle, effect.run.level))
                assert set(effect.users) <= reachable & set(duty.people(level))
                assert [reason.user for reason in effect.reasons] == list(effect.users)
                if level.distribution is Distribution.ROUND_ROBIN:
                    assert effect.turn
                    assert effect.users == (effect.turn.user,)
            if isinstance(effect, Skipped):
                level = effect.run.stage.levels[effect.run.level - 1]
                assert not set(duty.people(level)) & reachable
                assert effect.reasons

    assert run.state is State.EXHAUSTED
    assert len(set(places)) == len(places)
    assert places == sorted(places)
    assert len(places) <= sum(stage.rounds * len(stage.levels) for stage in run.stages)
