"""The life of a notification, arrow by arrow and by any path."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import InvalidRequest
from services.notification import targets
from services.notification.domain import life
from services.notification.domain.values import (
    FINAL,
    Ending,
    Failed,
    Kind,
    Method,
    Notification,
    Outcome,
    Retry,
    Sent,
    State,
)

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
UNTIL = NOW + timedelta(seconds=30)
LATER = NOW + timedelta(seconds=31)
PENDING = Notification(
    id=7,
    key="alert:7:1:0:1:3:9",
    kind=Kind.PAGE,
    escalation_key="alert:7:1",
    cycle=0,
    level=1,
    user_id=3,
    method=Method.WEBHOOK.value,
    target="https://example.com/page",
    headline="disk full",
    subject_kind="alert",
    subject_id="7",
    state=State.PENDING,
    at=NOW,
    expires_at=NOW + life.WORTH,
)
SENDING = replace(PENDING, state=State.SENDING, attempt=1, claim_until=UNTIL, version=2)
RETRY = replace(SENDING, state=State.RETRY, claim_until=None, error="HTTP 500", version=3)
SENT = replace(SENDING, state=State.SENT, claim_until=None, version=3)
FAILED = replace(SENDING, state=State.FAILED, claim_until=None, error="HTTP 404", version=3)


def claim(notification: Notification, now: datetime, *, ended: bool = False) -> Notification:
    return life.claim(notification, now, until=now + timedelta(seconds=30), ended=ended)


def record(
    notification: Notification, outcome: Outcome, *, attempt: int = 1, ended: bool = False
) -> Notification:
    return life.record(notification, attempt, outcome, NOW, chance=1.0, ended=ended)


def test_a_claim_begins_an_attempt() -> None:
    assert claim(PENDING, NOW) == SENDING


def test_a_claim_that_holds_is_left_alone() -> None:
    assert claim(SENDING, NOW) is SENDING


def test_a_claim_that_ran_out_is_taken_again_under_the_same_key() -> None:
    again = claim(SENDING, LATER)

    assert (again.state, again.attempt, again.key) == (State.SENDING, 2, SENDING.key)
    assert again.possible_repeat


def test_a_retry_after_a_clear_refusal_is_no_repeat() -> None:
    assert not claim(RETRY, LATER).possible_repeat


@pytest.mark.parametrize("waiting", [PENDING, RETRY])
def test_a_page_of_a_run_that_ended_is_not_sent(waiting: Notification) -> None:
    suppressed = claim(waiting, LATER, ended=True)

    assert (suppressed.state, suppressed.error) == (State.SUPPRESSED, life.NOT_NEEDED)


def test_a_stand_down_is_sent_although_the_run_ended() -> None:
    order = replace(PENDING, kind=Kind.STAND_DOWN)

    assert claim(order, NOW, ended=True).state is State.SENDING


def test_what_is_too_late_is_not_sent() -> None:
    assert claim(RETRY, NOW + life.WORTH).state is State.EXPIRED


@pytest.mark.parametrize("final", [SENT, FAILED])
def test_what_is_over_is_not_claimed(final: Notification) -> None:
    assert claim(final, LATER) is final


@pytest.mark.parametrize(
    ("outcome", "state", "error"),
    [
        (Sent("x"), State.SENT, ""),
        (Failed("HTTP 404"), State.FAILED, "HTTP 404"),
        (Retry("HTTP 500"), State.RETRY, "HTTP 500"),
    ],
)
def test_an_outcome_is_recorded(outcome: Outcome, state: State, error: str) -> None:
    after = record(SENDING, outcome)

    assert (after.state, after.error, after.claim_until) == (state, error, None)


def test_the_outcome_of_an_older_attempt_changes_nothing() -> None:
    second = claim(SENDING, LATER)

    assert record(second, Sent(), attempt=1) is second


def test_an_unknown_outcome_makes_the_next_attempt_a_possible_repeat() -> None:
    assert claim(record(SENDING, Retry("no answer", unknown=True)), LATER).possible_repeat


def test_a_page_that_would_be_tried_too_late_is_given_up() -> None:
    old = replace(SENDING, expires_at=NOW + timedelta(seconds=1))

    assert record(old, Retry("HTTP 500")).state is State.EXPIRED


def test_a_page_of_a_run_that_ended_is_not_tried_again() -> None:
    assert record(SENDING, Retry("HTTP 500"), ended=True).state is State.SUPPRESSED


@pytest.mark.parametrize(
    ("attempt", "after", "seconds"),
    [
        (1, None, 2),
        (2, None, 4),
        (5, None, 32),
        (50, None, 300),
        (1, timedelta(seconds=90), 90),
        (1, timedelta(seconds=-5), 1),
        (9, timedelta(seconds=7), 7),
        (1, timedelta(days=1), 3600),
    ],
)
def test_patience(attempt: int, after: timedelta | None, seconds: int) -> None:
    assert life.patience(attempt, after, 1.0) == timedelta(seconds=seconds)


def test_the_attempts_of_many_are_spread() -> None:
    assert life.patience(1, None, 0.0) == timedelta(seconds=1)


@pytest.mark.parametrize(
    ("notification", "crossed", "wanted"),
    [
        (SENT, True, True),
        (SENT, False, False),
        (replace(SENT, method="TERMINAL"), False, True),
        (FAILED, True, False),
        (life.call_off(PENDING, NOW), False, False),
        (life.call_off(replace(RETRY, possible_repeat=True), NOW), False, True),
        (replace(SENT, kind=Kind.STAND_DOWN), True, False),
        (SENDING, False, False),
    ],
)
def test_a_page_is_taken_back(notification: Notification, crossed: bool, wanted: bool) -> None:
    assert life.wants_stand_down(notification, crossed=crossed) is wanted


@pytest.mark.parametrize(
    ("sent_seconds_before", "crossed"),
    [(-60, True), (0, True), (4, True), (5, False), (60, False)],
)
def test_a_page_crosses_an_end_that_was_before_its_own(
    sent_seconds_before: int, crossed: bool
) -> None:
    ending = Ending(
        "alert:7:1", True, "Ada", LATER, SENT.at + timedelta(seconds=sent_seconds_before)
    )

    assert life.crossed(SENT, ending) is crossed
    assert not life.crossed(SENDING, ending)


def test_an_end_that_nobody_dated_crosses_nothing() -> None:
    assert not life.crossed(SENT, Ending("alert:7:1", True, "Ada", SENT.at))


def test_a_stand_down_goes_the_way_of_its_page() -> None:
    order = life.stand_down(SENT, 8, Ending("alert:7:1", True, "Ada", LATER), "disk full")

    assert (order.method, order.target) == (SENT.method, SENT.target)
    assert order.headline == "stood down: disk full was taken"
    assert order.key != SENT.key
    assert (order.state, order.attempt, order.at, order.version) == (State.PENDING, 0, LATER, 1)


def test_a_person_is_unreachable_when_every_way_failed() -> None:
    assert life.unreachable([FAILED, replace(FAILED, state=State.EXPIRED)])
    assert not life.unreachable([FAILED, SENT])
    assert not life.unreachable([FAILED, RETRY])


outcomes = st.one_of(
    st.just(Sent()),
    st.builds(Retry, st.just("busy"), st.none(), st.booleans()),
    st.just(Failed("no")),
)
#: Seconds that pass, whether the run ends, and what is recorded for which attempt before.
steps = st.lists(
    st.tuples(st.integers(0, 4000), st.booleans(), st.integers(0, 3), st.none() | outcomes),
    max_size=30,
)


@given(steps)
def test_whatever_happens(history: list[tuple[int, bool, int, Outcome | None]]) -> None:
    """A key never changes, an end is final, versions grow, and no doubt is forgotten."""
    now, ended, notification = NOW, False, PENDING
    unrecorded: set[int] = set()
    for seconds, ends, back, outcome in history:
        now, ended, before = now + timedelta(seconds=seconds), ended or ends, notification
        if outcome is None:
            notification = life.claim(before, now, until=now + timedelta(seconds=30), ended=ended)
            if notification.attempt > before.attempt:
                assert not ended
                assert now < notification.expires_at
                assert notification.possible_repeat or not unrecorded
                unrecorded.add(notification.attempt)
        else:
            attempt = before.attempt - back
            notification = life.record(before, attempt, outcome, now, chance=0.5, ended=ended)
            if notification is not before:
                assert back == 0
                unrecorded.discard(attempt)
                if isinstance(outcome, Retry) and outcome.unknown:
                    assert notification.possible_repeat
        assert notification.key == PENDING.key
        assert notification.possible_repeat or not before.possible_repeat
        assert (notification is before) == (notification.version == before.version)
        if before.state in FINAL:
            assert notification is before
        assert (notification.claim_until is not None) == (notification.state is State.SENDING)


@given(steps)
def test_a_page_is_sent_in_the_end_if_its_run_goes_on_and_the_provider_recovers(
    history: list[tuple[int, bool, int, Outcome | None]],
) -> None:
    now, notification = NOW, PENDING
    for _, _, _, outcome in history:
        if isinstance(outcome, Retry):
            notification = claim(notification, now)
            notification = life.record(
                notification, notification.attempt, outcome, now, chance=0.5, ended=False
            )
            now = max(now, notification.at)

    notification = claim(notification, now)

    if notification.state is not State.EXPIRED:
        last = notification.attempt
        sent = life.record(notification, last, Sent(), now, chance=0.5, ended=False)
        assert sent.state is State.SENT


@pytest.mark.parametrize(
    ("method", "target"),
    [
        (Method.TERMINAL, "tty1"),
        (Method.EMAIL, ""),
        (Method.EMAIL, "ada"),
        (Method.EMAIL, "ada@"),
        (Method.EMAIL, "ada@example.com\r\nBcc: bob@example.com"),
        (Method.EMAIL, "ada@example.com, bob@example.com"),
        (Method.EMAIL, "a" * 250 + "@example.com"),
        (Method.WEBHOOK, ""),
        (Method.WEBHOOK, "example.com/page"),
        (Method.WEBHOOK, "/page"),
        (Method.WEBHOOK, "ftp://example.com"),
        (Method.WEBHOOK, "http://"),
        (Method.WEBHOOK, "http://example.com:99999/"),
        (Method.WEBHOOK, "http://[::1/"),
        (Method.WEBHOOK, "http://exa mple.com/"),
        (Method.WEBHOOK, "http://example.com/\nx"),
    ],
)
def test_a_target_that_does_not_fit_is_refused(method: Method, target: str) -> None:
    with pytest.raises(InvalidRequest):
        targets.checked(method, target)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        (Method.TERMINAL, ""),
        (Method.EMAIL, "ada@localhost"),
        (Method.EMAIL, "ada.lovelace+page@mail.example.com"),
        (Method.WEBHOOK, "http://example.com:8080/page?key=1"),
        (Method.WEBHOOK, "https://user:secret@example.com"),
    ],
)
def test_a_target_that_fits_is_kept_without_blanks(method: Method, target: str) -> None:
    assert targets.checked(method, f" {target} ") == target
