"""Whom a run pages, when, and when it is over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import InvalidRequest, WrongState
from services.escalation.domain import policies
from services.escalation.domain.policies import Level, Plan
from services.escalation.domain.reasons import Reason, Why
from services.escalation.domain.runs import (
    Actor,
    Effect,
    Ended,
    Exhausted,
    Link,
    Outcome,
    Paged,
    Priority,
    Run,
    Skipped,
    State,
    Subject,
    acknowledge,
    advance,
    begin,
    checked,
    stop,
)

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ADA, BOB, EVE = 1, 2, 3
EVERYBODY = frozenset({ADA, BOB, EVE})
SUBJECT = Subject(kind="deploy", id="42", title="Rollout waits for approval")
PLAN = Plan(policy_id=7, levels=(Level((ADA,), 5 * MINUTE), Level((BOB, EVE), 10 * MINUTE)))
SOMEBODY = Actor("USER", "abc", ADA, "Ada")


def run_along(plan: Plan, priority: Priority = Priority.HIGH) -> Run:
    return begin(9, replace(SUBJECT, priority=priority), plan, NOW)[0]


def pages(outcome: Outcome) -> list[tuple[int, int, tuple[int, ...]]]:
    return [(e.run.cycle, e.run.level, e.users) for e in outcome[1] if isinstance(e, Paged)]


def story(
    run: Run, reachable: frozenset[int] = EVERYBODY
) -> list[tuple[int, int, tuple[int, ...]]]:
    """Lets a run go on, in time and without anybody who answers, until it ends."""
    told = []
    while run.due is not None:
        outcome = advance(run, reachable, run.due)
        told += pages(outcome)
        run = outcome[0]
    assert run.state is State.EXHAUSTED
    return told


def test_the_first_level_is_paged_at_once() -> None:
    run, effects = advance(run_along(PLAN), EVERYBODY, NOW)

    assert effects == [Paged(run, (ADA,), NOW, reasons=(Reason(Why.NAMED, ADA),))]
    assert (run.level, run.cycle, run.paged) == (1, 0, (ADA,))
    assert run.next_step_time == NOW + 5 * MINUTE


def test_the_first_level_waits_for_the_delay_of_the_policy() -> None:
    run = run_along(replace(PLAN, delay=3 * MINUTE))

    assert run.next_step_time == NOW + 3 * MINUTE
    assert advance(run, EVERYBODY, NOW + 2 * MINUTE) == (run, [])
    assert pages(advance(run, EVERYBODY, NOW + 3 * MINUTE)) == [(0, 1, (ADA,))]


def test_nothing_is_paged_before_its_time() -> None:
    run, _ = advance(run_along(PLAN), EVERYBODY, NOW)

    assert advance(run, EVERYBODY, NOW + 4 * MINUTE) == (run, [])


def test_a_late_step_is_taken_once_and_the_next_counts_from_now() -> None:
    run, _ = advance(run_along(PLAN), EVERYBODY, NOW)
    late = NOW + timedelta(days=1)

    outcome = advance(run, EVERYBODY, late)

    assert pages(outcome) == [(0, 2, (BOB, EVE))]
    assert outcome[0].due == late + 10 * MINUTE


def test_after_the_last_level_no_page_is_announced_but_its_time_is_waited_for() -> None:
    run, _ = advance(run_along(PLAN), EVERYBODY, NOW)
    run, _ = advance(run, EVERYBODY, NOW + 5 * MINUTE)

    assert run.next_step_time is None
    assert run.due == NOW + 15 * MINUTE
    run, effects = advance(run, EVERYBODY, NOW + 15 * MINUTE)
    assert effects == [Exhausted(run, reached_nobody=False)]
    assert (run.state, run.end_time, run.ended_by) == (State.EXHAUSTED, NOW + 15 * MINUTE, None)


@pytest.mark.parametrize(
    ("plan", "priority", "told"),
    [
        (PLAN, Priority.HIGH, [(0, 1), (0, 2)]),
        (PLAN, Priority.LOW, [(0, 1)]),
        (replace(PLAN, repeats=2), Priority.HIGH, [(n, k) for n in range(3) for k in (1, 2)]),
        (replace(PLAN, repeats=2), Priority.LOW, [(0, 1)]),
        (replace(PLAN, levels=PLAN.levels[:1], repeats=1), Priority.HIGH, [(0, 1), (1, 1)]),
        (replace(PLAN, levels=PLAN.levels[:1], repeats=1), Priority.LOW, [(0, 1)]),
    ],
)
def test_which_levels_are_paged(
    plan: Plan, priority: Priority, told: Sequence[tuple[int, int]]
) -> None:
    assert [(cycle, level) for cycle, level, _ in story(run_along(plan, priority))] == told


def test_a_level_with_nobody_is_passed_over_at_once_and_reported() -> None:
    run, effects = advance(run_along(PLAN), frozenset({EVE}), NOW)

    skipped, paged = effects
    assert isinstance(skipped, Skipped)
    assert (skipped.run.level, skipped.run.version) == (1, 2)
    assert skipped.reasons == (Reason(Why.USER_GONE, ADA),)
    assert paged == Paged(run, (EVE,), NOW, reasons=(Reason(Why.NAMED, EVE),))
    assert (run.level, run.version) == (2, 3)


def test_a_last_level_with_nobody_ends_the_run_that_reached_somebody() -> None:
    run, _ = advance(run_along(PLAN), frozenset({ADA}), NOW)

    run, effects = advance(run, frozenset({ADA}), NOW + 5 * MINUTE)

    assert effects[-1] == Exhausted(run, reached_nobody=False)
    assert run.level == 1  # the last that was paged


@pytest.mark.parametrize("plan", [PLAN, replace(PLAN, repeats=9), Plan(policy_id=7)])
def test_a_policy_that_reaches_nobody_is_exhausted_in_one_round(plan: Plan) -> None:
    run, effects = advance(run_along(plan), frozenset(), NOW)

    assert effects[-1] == Exhausted(run, reached_nobody=True)
    assert len(effects) == len(plan.levels) + 1
    assert [effect.run.version for effect in effects] == list(range(2, len(effects) + 2))


def test_a_level_without_targets_pages_everybody_at_once() -> None:
    built_in = Plan(policy_id=policies.BUILT_IN, levels=(Level((), timedelta()),))

    assert story(run_along(built_in)) == [(0, 1, (ADA, BOB, EVE))]


def test_somebody_who_is_named_twice_is_paged_once() -> None:
    plan = Plan(policy_id=7, levels=(Level((ADA, ADA), MINUTE), Level((BOB, ADA), MINUTE)))

    run = run_along(plan)
    assert story(run) == [(0, 1, (ADA,)), (0, 2, (BOB, ADA))]


@pytest.mark.parametrize("state", [State.RUNNING, State.EXHAUSTED])
def test_an_acknowledged_run_pages_nobody_else(state: State) -> None:
    run = replace(run_along(PLAN), state=state)

    ended, effects = acknowledge(run, SOMEBODY, NOW + MINUTE)

    assert effects == [Ended(ended, state)]
    assert (ended.state, ended.ended_by) == (State.ACKNOWLEDGED, SOMEBODY)
    assert (ended.end_time, ended.next_step_time) == (NOW + MINUTE, None)
    assert advance(ended, EVERYBODY, NOW + 9 * MINUTE) == (ended, [])
    assert acknowledge(ended, Actor("SYSTEM"), NOW + 9 * MINUTE) == (ended, [])


@pytest.mark.parametrize("state", [State.RUNNING, State.ACKNOWLEDGED, State.EXHAUSTED])
def test_a_stopped_run_stays_stopped(state: State) -> None:
    run = replace(run_along(PLAN), state=state)

    ended, effects = stop(run, SOMEBODY, NOW + MINUTE)

    assert effects == [Ended(ended, state)]
    assert (ended.state, ended.due, ended.pending) == (State.STOPPED, None, False)
    assert stop(ended, Actor("SYSTEM"), NOW + 9 * MINUTE) == (ended, [])
    with pytest.raises(WrongState, match="escalation 9 was stopped"):
        acknowledge(ended, SOMEBODY, NOW)


levels = st.lists(
    st.builds(
        Level,
        st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple),
        st.integers(0, 600).map(lambda seconds: timedelta(seconds=seconds)),
    ),
    max_size=5,
).map(tuple)
plans = st.builds(
    lambda levels, repeats, delay: Plan(
        policy_id=7, levels=levels, repeats=repeats, delay=timedelta(minutes=delay)
    ),
    levels,
    st.integers(0, 9),
    st.integers(0, 15),
)
#: Who can be paged at each step, and how late the step is taken.
steps = st.lists(st.tuples(st.frozensets(st.integers(1, 5)), st.integers(0, 100_000)), max_size=80)


@given(plan=plans, priority=st.sampled_from(Priority), steps=steps)
def test_whatever_happens_each_level_is_paged_or_passed_over_once_a_round(
    plan: Plan, priority: Priority, steps: list[tuple[frozenset[int], int]]
) -> None:
    run, places, now = run_along(plan, priority), list[tuple[int, int]](), NOW
    for reachable, late in steps:
        if run.due is None:
            break
        before, now = run, run.due + timedelta(seconds=late)
        run, effects = advance(run, reachable, now)

        assert sum(isinstance(effect, Paged) for effect in effects) <= 1
        assert [e.run.version for e in effects] == [
            before.version + n for n in range(1, len(effects) + 1)
        ]
        assert advance(run, reachable, now) == (run, []) or run.due == now
        for effect in effects:
            if isinstance(effect, Exhausted):
                continue
            places.append((effect.run.cycle, effect.run.level))
            targets = set(run.levels[effect.run.level - 1].users)
            if isinstance(effect, Paged):
                assert set(effect.users) == targets & reachable != set()
                assert run.due == now + run.levels[effect.run.level - 1].timeout
            else:
                assert not targets & reachable  # none is passed over wrongly

    rounds = 1 if priority is Priority.LOW else 1 + plan.repeats
    whole = [(c, n) for c in range(rounds) for n in range(1, len(run.levels) + 1)]
    assert places == whole[: len(places)]  # in order, none twice, none left out, and bounded


@given(plan=plans, priority=st.sampled_from(Priority))
def test_whoever_is_reachable_is_reached_on_every_level_of_every_round(
    plan: Plan, priority: Priority
) -> None:
    run = run_along(plan, priority)
    rounds = 1 if priority is Priority.LOW else 1 + plan.repeats

    assert len(story(run, frozenset(range(1, 6)))) == rounds * len(run.levels)


@given(plan=plans, reachable=st.frozensets(st.integers(1, 5)))
def test_nobody_is_said_to_be_reached_only_if_nobody_was(
    plan: Plan, reachable: frozenset[int]
) -> None:
    run, told, effects = run_along(plan), 0, list[Effect]()
    while run.due is not None:
        run, effects = advance(run, reachable, run.due)
        told += sum(isinstance(effect, Paged) for effect in effects)

    assert effects[-1] == Exhausted(run, reached_nobody=not told)
    assert bool(told) == any(set(level.users) & reachable for level in plan.levels)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": ""}, "subject.kind"),
        ({"kind": "Deploy"}, "subject.kind"),
        ({"kind": "9lives"}, "subject.kind"),
        ({"kind": "alert"}, "subject.kind"),
        ({"id": ""}, "subject.id"),
        ({"id": "a\x00b"}, "subject.id"),
        ({"title": " "}, "subject.title"),
        ({"episode": -1}, "subject.episode"),
    ],
)
def test_what_a_subject_must_have(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        checked(replace(SUBJECT, **change))
    assert refused.value.field == field


def test_a_programs_subject_has_no_control_characters() -> None:
    link = Link("https://a\0", "b\x07")
    told = Subject(kind="build", id="7", title="a\0b", details="c\x1b\n", links=(link,))

    subject = checked(told)

    assert (subject.title, subject.details) == ("ab", "c\n")
    assert subject.links == (Link("https://a", "b"),)
