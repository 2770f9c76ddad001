"""Whom a run pages through schedules and teams, and because somebody said so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.escalation.domain.duty import Duty
from services.escalation.domain.policies import Level, Plan
from services.escalation.domain.reasons import Reason, Why
from services.escalation.domain.runs import (
    NO_POLICY,
    Actor,
    Called,
    Paged,
    Priority,
    Run,
    Skipped,
    State,
    Subject,
    acknowledge,
    advance,
    begin,
    call,
    push,
)
from services.escalation.wire import runs as wire

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ADA, BOB, EVE = 1, 2, 3
EVERYBODY = frozenset({ADA, BOB, EVE})
SUBJECT = Subject(kind="alert", id="7", title="disk full", episode=2)
NIGHT, OPS = 10, 20
LEVELS = (
    Level((), 5 * MINUTE, schedules=(NIGHT,)),
    Level((BOB,), 5 * MINUTE, schedules=(NIGHT,), teams=(OPS,)),
)
PLAN = Plan(policy_id=7, levels=LEVELS)
DUTY = Duty(on_call={NIGHT: (ADA,)}, members={OPS: (ADA, EVE)})


def begun(plan: Plan = PLAN, priority: Priority = Priority.HIGH) -> Run:
    return begin(9, replace(SUBJECT, priority=priority), plan, NOW)[0]


def test_a_level_pages_whoever_is_on_call_when_it_is_reached() -> None:
    run, effects = advance(begun(), EVERYBODY, NOW, DUTY)
    on_call = Reason(Why.ON_CALL, ADA, schedule=NIGHT)
    assert effects == [Paged(run, (ADA,), NOW, reasons=(on_call,))]

    later = Duty(on_call={NIGHT: (EVE,)}, members={})
    run, effects = advance(run, EVERYBODY, NOW + 5 * MINUTE, later)
    (paged,) = effects
    assert isinstance(paged, Paged)
    assert (paged.users, paged.at) == ((BOB, EVE), NOW + 5 * MINUTE)
    assert paged.reasons == (Reason(Why.NAMED, BOB), Reason(Why.ON_CALL, EVE, schedule=NIGHT))
    assert run.paged == (ADA, BOB, EVE)


def test_a_level_pages_its_people_schedules_and_teams_once_each() -> None:
    assert DUTY.people(LEVELS[1]) == (BOB, ADA, EVE)


def test_a_level_with_nobody_on_call_is_passed_over_at_once() -> None:
    run, effects = advance(begun(), EVERYBODY, NOW, Duty())

    skipped, paged = effects
    assert isinstance(skipped, Skipped)
    assert skipped.reasons == (Reason(Why.SCHEDULE_GONE, schedule=NIGHT),)
    assert paged == Paged(run, (BOB,), NOW, reasons=(Reason(Why.NAMED, BOB),))


def test_a_level_that_names_only_a_schedule_does_not_mean_everybody() -> None:
    _, effects = advance(begun(replace(PLAN, levels=LEVELS[:1])), EVERYBODY, NOW, Duty())

    assert not any(isinstance(effect, Paged) for effect in effects)


def test_a_push_takes_the_next_step_before_its_time() -> None:
    run, _ = advance(begun(), EVERYBODY, NOW, DUTY)

    run, effects = push(run, 1, EVERYBODY, NOW + MINUTE, DUTY)

    reasons = (
        Reason(Why.NAMED, BOB),
        Reason(Why.ON_CALL, ADA, schedule=NIGHT),
        Reason(Why.MEMBER, EVE, team=OPS),
    )
    assert effects == [Paged(run, (BOB, ADA, EVE), NOW + MINUTE, reasons=reasons)]
    assert (run.level, run.pushes, run.due) == (2, 1, NOW + 6 * MINUTE)


def test_a_push_where_no_level_is_left_waits_on() -> None:
    run, _ = advance(begun(), EVERYBODY, NOW, DUTY)
    run, _ = push(run, 1, EVERYBODY, NOW, DUTY)

    after, effects = push(run, 2, EVERYBODY, NOW + MINUTE, DUTY)

    assert effects == []
    assert after == replace(run, pushes=2)
    low, _ = advance(begun(priority=Priority.LOW), EVERYBODY, NOW, DUTY)
    assert push(low, 1, EVERYBODY, NOW, DUTY)[1] == []


def test_a_push_skips_the_delay() -> None:
    run = begun(replace(PLAN, delay=9 * MINUTE))

    assert push(run, 1, EVERYBODY, NOW, DUTY)[0].level == 1


def test_a_run_without_a_policy_waits_for_whom_was_called() -> None:
    run = begun(Plan(policy_id=NO_POLICY))

    assert (run.state, run.due, run.next_step_time) == (State.RUNNING, None, None)
    run, effects = call(run, 1, (ADA,), NOW)
    assert effects == [Called(run, (ADA,), 1, NOW)]
    assert (run.state, run.paged, run.calls, run.version) == (State.RUNNING, (ADA,), 1, 2)


def test_a_call_leaves_the_levels_where_they_are() -> None:
    run, _ = advance(begun(), EVERYBODY, NOW, DUTY)

    called, _ = call(run, 1, (EVE,), NOW + MINUTE)

    assert (called.level, called.due, called.paged) == (run.level, run.due, (ADA, EVE))


def test_a_call_that_reaches_nobody_is_seen_to() -> None:
    run = begun()

    assert call(run, 3, (), NOW) == (replace(run, calls=3), [])


def test_pages_of_calls_are_told_apart() -> None:
    run = begun()
    told = []
    for number in (1, 2):
        run, (effect,) = call(run, number, (ADA,), NOW)
        assert isinstance(effect, Called)
        told.append(wire.call(effect))

    assert len({(p.escalation_key, p.cycle, p.level) for p in told}) == 2
    assert {p.level_count for p in told} == {0}
    assert {p.escalation_key for p in told} == {"alert:7:2"}


def test_a_call_to_what_was_taken_has_a_key_of_its_own() -> None:
    run, _ = acknowledge(begun(), Actor("USER"), NOW)

    run, (effect,) = call(run, 4, (ADA,), NOW)

    assert isinstance(effect, Called)
    assert run.state is State.ACKNOWLEDGED
    assert wire.call(effect).escalation_key == "alert:7:2:call:4"
