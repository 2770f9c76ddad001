"""The life of an event on its way to a webhook, and which events there are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification import telling
from services.notification.domain import deliveries as life
from services.notification.domain import happenings
from services.notification.domain.deliveries import Delivery
from services.notification.domain.values import Failed, Outcome, Retry, Sent, State
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
FRESH = Delivery(
    id=1,
    webhook_id=5,
    event_id="event:alert:7:1",
    type="alert.created",
    about=("alert:7",),
    body=b"{}",
    state=State.PENDING,
    created_at=NOW,
    due_at=NOW,
    expires_at=NOW + life.WORTH,
)
SENDING = life.claim(FRESH, NOW, until=NOW + timedelta(seconds=30))
PROTO = Path(__file__).parents[2] / "protos/tocsin/notification/v1/webhook.proto"


def test_every_cause_is_a_type_that_the_proto_tells_of() -> None:
    told = PROTO.read_text().partition("repeated string events")[0]
    causes = {
        "alert": {
            telling.ALERT_WORDS.get(name, name.lower())
            for name in AlertChanged.Cause.keys()[1:]  # no dict
        },
        "escalation": {
            name.lower()
            for name in EscalationChanged.Cause.keys()[1:]  # no dict
        },
        "notification": set(telling.NOTIFICATION_WORDS.values()),
    }

    assert {kind: set(words) for kind, words in happenings.WORDS.items()} == causes
    for known in happenings.KNOWN:
        assert known in told


def test_every_state_in_which_others_hear_of_a_notification_has_a_word() -> None:
    assert set(telling.NOTIFICATION_WORDS) == set(State) - {State.SENDING, State.RETRY}


@pytest.mark.parametrize(
    ("wanted", "hears"),
    [
        ("*", True),
        ("alert.*", True),
        ("alert.created", True),
        ("alert.resolved", False),
        ("escalation.*", False),
    ],
)
def test_who_asked_for_an_event(wanted: str, hears: bool) -> None:
    assert happenings.asked_for("alert.created", {wanted}) is hears
    assert not happenings.asked_for("alert.created", set())


def test_a_claim_is_for_a_while_and_counts() -> None:
    assert (SENDING.state, SENDING.attempt) == (State.SENDING, 1)
    assert SENDING.due_at == NOW + timedelta(seconds=30)
    late = NOW + life.WORTH
    assert life.claim(FRESH, late, until=late).state is State.SENDING  # nobody has tried it yet
    again = life.claim(SENDING, late, until=late)
    assert (again.state, again.due_at, again.ended_at) == (State.FAILED, None, late)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(Sent(), State.SENT), (Retry("x"), State.RETRY), (Failed("x"), State.FAILED)],
)
def test_how_a_try_went_is_recorded_once(outcome: Outcome, state: State) -> None:
    after = life.record(SENDING, 1, outcome, NOW, chance=0.5)

    assert after.state is state
    assert life.record(SENDING, 2, outcome, NOW, chance=0.5) is SENDING
    assert life.record(FRESH, 0, outcome, NOW, chance=0.5) is FRESH


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_tries_are_ever_further_apart_up_to_an_hour(attempt: int, chance: float) -> None:
    wait = life.patience(attempt, None, chance)

    assert life.FIRST_DELAY / 2 <= wait <= life.LONGEST_DELAY
    assert wait <= life.patience(attempt + 1, None, chance)


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        (timedelta(minutes=7), timedelta(minutes=7)),
        (timedelta(0), timedelta(seconds=1)),
        (timedelta(days=-1), timedelta(seconds=1)),
        (timedelta(days=365), timedelta(hours=12)),
    ],
)
def test_it_waits_as_long_as_it_is_asked_to(asked: timedelta, waits: timedelta) -> None:
    assert life.patience(1, asked, 0.0) == waits


def test_two_days_are_enough() -> None:
    """Nothing is tried when its time is over, and it is tried until then."""
    now, delivery, tries = NOW, FRESH, 0
    while delivery.due_at is not None:
        now = delivery.due_at
        claimed = life.claim(delivery, now, until=now)
        tries += 1
        delivery = life.record(claimed, claimed.attempt, Retry("HTTP 500"), now, chance=1.0)

    assert delivery.state is State.FAILED
    assert timedelta(hours=46) < now - NOW < timedelta(hours=48)
    assert 50 < tries < 70
    anew = life.again(delivery, now)
    assert (anew.state, anew.due_at, anew.expires_at) == (State.RETRY, now, now + life.WORTH)
    assert life.again(replace(SENDING), now).state is State.SENDING
