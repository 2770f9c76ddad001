"""Levels that call programs, beside people or alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.errors import InvalidRequest
from services.escalation.domain import policies
from services.escalation.domain.duty import Duty
from services.escalation.domain.policies import Level, Plan, Policy
from services.escalation.domain.reasons import Reason, Why
from services.escalation.domain.runs import (
    Exhausted,
    Paged,
    Priority,
    Skipped,
    State,
    Subject,
    advance,
    begin,
)
from services.escalation.store.policies import level_rows, level_values
from services.escalation.wire import policies as wire
from services.escalation.wire import runs as run_wire
from tocsin.escalation.v1.policy_pb2 import EscalationRule, WebhookReference

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ADA, BOT, RUNBOOK = 1, 7, 8
SUBJECT = Subject(kind="deploy", id="42", title="Rollout waits")
ALONE = Level((), MINUTE, webhooks=(BOT,))
BESIDE = Level((ADA,), MINUTE, webhooks=(BOT, RUNBOOK))
NAMED = (Reason(Why.NAMED, ADA),)


def along(*levels: Level) -> Plan:
    return Plan(policy_id=7, levels=levels)


def test_a_level_calls_its_webhooks_beside_its_people() -> None:
    run, effects = advance(begin(1, SUBJECT, along(BESIDE), NOW)[0], {ADA}, NOW)

    assert effects == [Paged(run, (ADA,), NOW, NAMED, webhooks=(BOT, RUNBOOK))]
    (paged,) = effects
    assert isinstance(paged, Paged)
    told = run_wire.page(paged)
    assert (list(told.user_ids), list(told.webhook_ids)) == ([ADA], [BOT, RUNBOOK])


def test_a_level_with_webhooks_alone_is_paged_and_waited_for() -> None:
    run, effects = advance(begin(1, SUBJECT, along(ALONE, BESIDE), NOW)[0], {ADA}, NOW)

    assert effects == [Paged(run, (), NOW, webhooks=(BOT,))]
    assert (run.level, run.paged, run.due) == (1, (), NOW + MINUTE)
    assert not ALONE.for_all  # or every ADMIN would be paged


def test_nobody_is_said_to_be_unreachable_where_a_webhook_was_called() -> None:
    run, _ = advance(begin(1, SUBJECT, along(ALONE), NOW)[0], set(), NOW)
    run, effects = advance(run, set(), NOW + MINUTE)

    assert run.state is State.EXHAUSTED
    assert effects == [Exhausted(run, reached_nobody=False)]


def test_a_webhook_that_was_deleted_is_passed_over() -> None:
    gone = Duty(gone=frozenset({BOT}))
    run, effects = advance(begin(1, SUBJECT, along(ALONE, BESIDE), NOW)[0], {ADA}, NOW, gone)

    assert isinstance(effects[0], Skipped)
    assert effects[1:] == [Paged(run, (ADA,), NOW, NAMED, webhooks=(RUNBOOK,))]

    run, effects = advance(begin(1, SUBJECT, along(ALONE), NOW)[0], {ADA}, NOW, gone)
    assert isinstance(effects[-1], Exhausted)
    assert effects[-1].reached_nobody


def test_a_webhook_that_nobody_knows_is_called() -> None:
    """A copy that is not whole yet must not cost a page."""
    assert Duty().webhooks(ALONE) == (BOT,)


def test_a_low_subject_calls_the_webhooks_of_the_first_level() -> None:
    low = replace(SUBJECT, priority=Priority.LOW)
    run, effects = advance(begin(1, low, along(ALONE, BESIDE), NOW)[0], {ADA}, NOW)

    assert effects == [Paged(run, (), NOW, webhooks=(BOT,))]
    assert run.next_step_time is None


def test_levels_keep_their_webhooks() -> None:
    assert level_values(level_rows([ALONE, BESIDE])) == (ALONE, BESIDE)
    assert level_values([{"users": [ADA], "seconds": 60}]) == (Level((ADA,), MINUTE),)


@pytest.mark.parametrize(
    ("level", "field"),
    [
        (Level((), MINUTE), "escalationRules[0].users"),
        (Level((), MINUTE, webhooks=(BOT, 99)), "escalationRules[0].webhooks"),
        (Level((), MINUTE, webhooks=tuple(range(1, 52))), "escalationRules[0].users"),
    ],
)
def test_a_level_with_webhooks_that_cannot_be(level: Level, field: str) -> None:
    policy = Policy(id=2, name="Ops", levels=(level,))

    with pytest.raises(InvalidRequest) as refused:
        policies.checked(policy, users=(), teams=(), webhooks={BOT})
    assert refused.value.field == field


def test_what_is_checked_may_be() -> None:
    policy = Policy(id=2, name="Ops", levels=(ALONE,))

    assert policies.checked(policy, users=(), teams=(), webhooks={BOT}) is policy
    assert policy.named_webhooks == {BOT}


def test_a_webhook_said_twice_is_called_once() -> None:
    rule = EscalationRule(webhooks=[WebhookReference(id=BOT), WebhookReference(id=BOT)])

    assert wire.new_level(rule, "escalationRules[0]").webhooks == (BOT,)
