"""Which provider gets how many messages, when it is left alone, and what it says later."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.domain import breaker, life
from services.notification.domain.breaker import Breaker, Circuit, Verdict
from services.notification.domain.lanes import Admission, family
from services.notification.domain.values import (
    FINAL,
    Failed,
    Kind,
    Notification,
    Outcome,
    Receipt,
    Retry,
    Sent,
    State,
)

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LIMIT = 3
OPEN = Breaker(failures=LIMIT, openings=1, retry_at=NOW + 10 * SECOND)
HALF_OPEN = replace(OPEN, retry_at=NOW)
PENDING = Notification(
    id=7,
    key="alert:7:1:0:1:3:9",
    kind=Kind.PAGE,
    escalation_key="alert:7:1",
    cycle=0,
    level=1,
    user_id=3,
    method="EMAIL",
    target="ada@example.com",
    headline="disk full",
    subject_kind="alert",
    subject_id="7",
    state=State.PENDING,
    at=NOW,
    expires_at=NOW + life.WORTH,
    provider="smtp",
)
SENDING = replace(PENDING, state=State.SENDING, attempt=1, claim_until=NOW + 30 * SECOND)
SENT = replace(PENDING, state=State.SENT, attempt=1, provider_id="x")
RETRY = replace(PENDING, state=State.RETRY, attempt=1, error="HTTP 500")
LATER = replace(PENDING, id=8, at=NOW + 60 * SECOND)
MUCH_LATER = replace(PENDING, id=9, at=NOW + 600 * SECOND)


def heard(
    before: Breaker, said: Verdict, chance: float = 0.0, after: timedelta | None = None
) -> Breaker:
    return breaker.heard(before, said, NOW, limit=LIMIT, chance=chance, after=after)


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        (Breaker(), Verdict.WORKS, Breaker()),
        (Breaker(), Verdict.FAILS, Breaker(failures=1)),
        (Breaker(failures=1), Verdict.NEITHER, Breaker(failures=1)),
        (Breaker(failures=2), Verdict.WORKS, Breaker()),
        (Breaker(failures=2), Verdict.FAILS, OPEN),
        (OPEN, Verdict.FAILS, OPEN),
        (OPEN, Verdict.NEITHER, OPEN),
        (OPEN, Verdict.WORKS, Breaker()),
        (HALF_OPEN, Verdict.WORKS, Breaker()),
        (HALF_OPEN, Verdict.NEITHER, HALF_OPEN),
        (HALF_OPEN, Verdict.FAILS, Breaker(LIMIT, 2, NOW + 20 * SECOND)),
    ],
)
def test_a_breaker_hears(before: Breaker, said: Verdict, after: Breaker) -> None:
    assert heard(before, said) == after


@pytest.mark.parametrize(
    ("openings", "chance", "after", "seconds"),
    [
        (0, 0.0, None, 10),
        (0, 1.0, None, 15),
        (3, 0.0, None, 80),
        (60, 0.0, None, 300),
        (0, 0.0, timedelta(seconds=100), 100),
        (0, 0.0, timedelta(days=1), 300),
        (3, 0.0, timedelta(seconds=1), 80),
    ],
)
def test_a_pause_grows(openings: int, chance: float, after: timedelta | None, seconds: int) -> None:
    opened = heard(replace(HALF_OPEN, openings=openings), Verdict.FAILS, chance, after)

    assert opened.retry_at == NOW + seconds * SECOND


@pytest.mark.parametrize(
    ("known", "circuit", "most"),
    [
        (Breaker(), Circuit.CLOSED, 16),
        (Breaker(failures=2), Circuit.CLOSED, 16),
        (OPEN, Circuit.OPEN, 0),
        (HALF_OPEN, Circuit.HALF_OPEN, 1),
    ],
)
def test_a_breaker_lets_pass(known: Breaker, circuit: Circuit, most: int) -> None:
    assert (known.circuit(NOW), known.most(NOW, 16)) == (circuit, most)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Sent("x"), Verdict.WORKS),
        (Failed("SMTP 550: nobody of that name"), Verdict.WORKS),
        (Retry("HTTP 500"), Verdict.FAILS),
        (Retry("no answer", unknown=True), Verdict.FAILS),
        (Retry("greylisted", theirs=True), Verdict.NEITHER),
    ],
)
def test_what_an_outcome_says_of_its_provider(outcome: Outcome, said: Verdict) -> None:
    assert breaker.verdict(outcome) is said


@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from(list(Verdict)))))
def test_a_provider_is_always_tried_again(history: list[tuple[int, Verdict]]) -> None:
    """It is left alone for 7.5 minutes at most, and one that works is left alone never."""
    now, known = NOW, Breaker()
    for seconds, said in history:
        now += seconds * SECOND
        before = known
        known = breaker.heard(before, said, now, limit=LIMIT, chance=1.0)
        assert known.most(now + breaker.LONGEST_PAUSE * 1.5, 16) >= 1
        if said is Verdict.WORKS:
            assert known.circuit(now) is Circuit.CLOSED
        if known.is_open(now) and not before.is_open(now):
            assert said is Verdict.FAILS


providers = st.sampled_from(["smtp", "terminal", "webhook:a", "webhook:b", "webhook:c", "twilio"])


@given(st.integers(2, 200), st.integers(1, 50), st.lists(st.tuples(providers, st.booleans())))
def test_nothing_that_hangs_takes_the_last_place(
    total: int, each: int, history: list[tuple[str, bool]]
) -> None:
    """Whatever begins and ends, a family that has nothing under way has room."""
    busy: Counter[str] = Counter()
    for provider, ends in history:
        if ends and busy[provider]:
            busy[provider] -= 1
        admission = Admission(free=total - busy.total(), each=each, busy=+busy, breakers={})
        room = admission.room(provider, NOW)
        assert room <= admission.free
        assert busy[provider] + room <= max(each, busy[provider])
        busy[provider] += room
        kin = sum(count for name, count in busy.items() if family(name) == family(provider))
        if room:
            assert kin <= total - busy.total() + 1
    waiting = {"smtp", "terminal", "webhook", "twilio"} - {family(name) for name in +busy}
    left = Admission(free=total - busy.total(), each=each, busy=+busy, breakers={})
    if total >= 2 ** (len({family(name) for name in +busy}) + 1):
        assert all(left.room(name, NOW) for name in waiting)


def test_a_provider_that_is_left_alone_has_no_room() -> None:
    admission = Admission(
        free=100, each=16, busy={"smtp": 3}, breakers={"webhook:a": OPEN, "webhook:b": HALF_OPEN}
    )

    assert admission.room("webhook:a", NOW) == 0
    assert admission.room("webhook:b", NOW) == 1
    assert admission.entered("webhook:b", 1).room("webhook:b", NOW) == 0
    assert admission.room("smtp", NOW) == 13
    assert admission.failing(NOW) == {"webhook:a"}


def test_who_waits_for_a_provider_says_so() -> None:
    waiting = life.wait(PENDING, NOW, NOW + 9 * SECOND, ended=False)

    assert (waiting.state, waiting.at) == (State.RETRY, NOW + 9 * SECOND)
    assert (waiting.error, waiting.attempt) == ("provider smtp is failing", 0)
    assert not waiting.possible_repeat
    assert life.wait(SENDING, NOW, NOW, ended=False).possible_repeat  # its claim ran out
    assert life.wait(RETRY, NOW, NOW, ended=True).state is State.SUPPRESSED
    assert life.wait(SENT, NOW, NOW, ended=True) is SENT
    late = NOW + life.WORTH
    assert life.wait(RETRY, late, late, ended=False).state is State.EXPIRED
    assert life.wait(RETRY, NOW, late + SECOND, ended=False).at == late


@pytest.mark.parametrize(
    ("rows", "following"),
    [
        ([], None),
        ([PENDING], None),
        ([RETRY, replace(RETRY, at=LATER.at)], None),
        ([PENDING, MUCH_LATER, LATER], LATER),
        ([MUCH_LATER, replace(LATER, state=State.SUPPRESSED)], MUCH_LATER),
        ([replace(LATER, expires_at=NOW)], None),
    ],
)
def test_the_next_way(rows: list[Notification], following: Notification | None) -> None:
    assert life.next_way(rows, NOW) == following


def test_a_way_that_waits_its_time_is_hurried_and_no_other() -> None:
    assert life.hurry(LATER, NOW) == replace(LATER, at=NOW, version=2)
    assert life.hurry(PENDING, NOW) is PENDING
    assert life.hurry(SENT, NOW) is SENT


@pytest.mark.parametrize(
    ("rows", "unreached"),
    [
        ([RETRY], True),
        ([PENDING, SENDING], True),
        ([RETRY, LATER], False),
        ([RETRY, SENT], False),
        ([RETRY, replace(PENDING, state=State.SUPPRESSED)], False),
        ([replace(PENDING, state=State.FAILED)], True),
    ],
)
def test_who_is_not_reached(rows: list[Notification], unreached: bool) -> None:
    assert life.unreached(rows, NOW) is unreached


receipts = st.sampled_from(list(Receipt))


@given(st.lists(receipts, max_size=5))
def test_receipts_in_any_order_mean_the_same(history: list[Receipt]) -> None:
    ends = set()
    for order in permutations(history):
        told = SENT
        for what in order:
            told = life.receive(told, 1, what, "lost", NOW)
        ends.add((told.state, told.delivered_at, told.read_at, told.error))

    (end,) = ends
    arrived = {Receipt.DELIVERED, Receipt.READ} & set(history)
    lost = Receipt.FAILED in history and not arrived
    assert end[0] is (State.FAILED if lost else State.SENT)
    assert (end[1] is not None) == bool(arrived)
    assert (end[2] is not None) == (Receipt.READ in history)


@given(st.lists(receipts, min_size=1, max_size=5))
def test_a_repeated_receipt_changes_nothing(history: list[Receipt]) -> None:
    told = SENT
    for what in history:
        told = life.receive(told, 1, what, "", NOW)

    for what in history:
        if what is not Receipt.FAILED or told.delivered_at is not None:
            assert life.receive(told, 1, what, "", NOW + SECOND) is told


def test_what_was_delivered_is_not_sent_again() -> None:
    retry = life.receive(RETRY, 1, Receipt.DELIVERED, "", NOW)
    assert (retry.state, retry.delivered_at, retry.error) == (State.SENT, NOW, "")

    sending = life.receive(replace(SENDING, attempt=2), 1, Receipt.DELIVERED, "", NOW)
    assert sending.state is State.SENDING
    for outcome in (Retry("no answer", unknown=True), Failed("HTTP 404"), Sent()):
        ended = life.record(sending, 2, outcome, NOW, chance=0.5, ended=False)
        assert ended.state is State.SENT
    again = life.claim(sending, NOW + 31 * SECOND, until=NOW + 60 * SECOND, ended=False)
    assert again.state is State.SENT


def test_a_loss_counts_for_the_last_attempt_alone() -> None:
    assert life.receive(SENT, 1, Receipt.FAILED, "", NOW).error == "not delivered"
    assert life.receive(replace(SENT, attempt=2), 1, Receipt.FAILED, "", NOW).state is State.SENT
    assert life.receive(SENDING, 1, Receipt.FAILED, "", NOW) is SENDING
    suppressed = replace(PENDING, state=State.SUPPRESSED)
    assert life.receive(suppressed, 1, Receipt.FAILED, "", NOW) is suppressed
    assert life.receive(suppressed, 1, Receipt.READ, "", NOW).state in FINAL
