"""When accepts expire, and what the log tells of an escalation's decisions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alertstate.domain.actions import Action, Done, act, assign_to_policy, call, snooze
from services.alertstate.domain.alerts import Actor, Alert, Cause, Content, Priority, Status
from services.alertstate.domain.entries import SENTENCES, Language
from services.alertstate.domain.expiry import armed, expire
from services.alertstate.domain.reports import Because, Happened, Run, Turn, escalated
from services.alertstate.domain.run_entries import entries
from services.chassis.errors import WrongState
from services.escalation.domain.reasons import Why
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EXPIRY = 30 * MINUTE
ADA = Actor(kind="USER", id="adasadas", user_id=1, name="Ada Lovelace")
BOB = Actor(kind="USER", id="bobsbobs", user_id=2, name="Bob Noyce")
PENDING = Alert(
    id=7,
    source_id=3,
    content=Content(summary="disk full", policy_id=4),
    status=Status.PENDING,
    report_time=NOW,
    accept_time=NOW,
    begun_seq=1,
    version=1,
)
TAKEN = armed(act(PENDING, Action.ACCEPT, ADA, NOW).alert, EXPIRY, NOW)


def test_an_accept_that_expires_has_the_alert_want_somebody_anew() -> None:
    done = expire(TAKEN, NOW + EXPIRY)

    assert TAKEN.accept_expires == NOW + EXPIRY
    assert done.cause is Cause.ACCEPT_EXPIRED
    assert (done.alert.status, done.alert.episode) == (Status.PENDING, 2)
    assert done.alert.accept_expires is None
    assert not done.alert.taken_by(1)
    assert done.alert.has(1)
    (entry,) = done.entries
    assert "not resolved in time" in entry.text()


@pytest.mark.parametrize(
    ("alert", "at"),
    [
        (TAKEN, NOW + EXPIRY - MINUTE),
        (PENDING, NOW + EXPIRY),
        (act(TAKEN, Action.RESOLVE, ADA, NOW).alert, NOW + EXPIRY),
        (replace(TAKEN, accept_expires=None), NOW + EXPIRY),
    ],
)
def test_what_does_not_expire(alert: Alert, at: datetime) -> None:
    assert expire(alert, at) == Done(alert)


def test_a_later_accept_gives_it_as_long_again() -> None:
    later = NOW + 20 * MINUTE
    again = armed(act(TAKEN, Action.ACCEPT, BOB, later).alert, EXPIRY, later)

    assert expire(again, NOW + EXPIRY) == Done(again)
    assert expire(again, later + EXPIRY).alert.status is Status.PENDING


def test_who_is_called_to_help_does_not_put_it_off() -> None:
    helped = call(TAKEN, 2, "Bob Noyce", ADA, NOW).alert

    assert helped.accept_expires == TAKEN.accept_expires
    assert expire(helped, NOW + EXPIRY).alert.status is Status.PENDING
    assert assign_to_policy(TAKEN, 5, "other", ADA, NOW).alert.accept_expires is not None


def test_what_notifies_nobody_or_has_no_such_policy_never_expires() -> None:
    silent = replace(PENDING, silent=True)

    assert armed(act(silent, Action.ACCEPT, ADA, NOW).alert, EXPIRY, NOW).accept_expires is None
    assert armed(act(PENDING, Action.ACCEPT, ADA, NOW).alert, None, NOW).accept_expires is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["accept", "resolve", "expire", "snooze", "call", "assign"]),
            st.integers(0, 40),
        ),
        max_size=12,
    )
)
def test_an_accept_that_expires_never_silences_and_never_wakes_what_is_over(
    steps: list[tuple[str, int]],
) -> None:
    alert, now = PENDING, NOW
    for what, minutes in steps:
        now += minutes * MINUTE
        before = alert
        try:
            done = _do(alert, what, now)
        except WrongState:
            continue
        alert = done.alert
        if before.status is Status.RESOLVED:
            assert alert == before
        if what == "expire" and done.cause is not None:
            assert (before.status, alert.status) == (Status.ACCEPTED, Status.PENDING)
            assert alert.episode == before.episode + 1
            assert alert.snoozed_until is None
        # Whatever was done meanwhile, an accept that stands is still going to expire.
        assert (alert.accept_expires is not None) == (alert.status is Status.ACCEPTED)


def _do(alert: Alert, what: str, now: datetime) -> Done:
    match what:
        case "accept":
            done = act(alert, Action.ACCEPT, ADA, now)
            accepted = done.cause is Cause.ACCEPTED
            return replace(done, alert=armed(done.alert, EXPIRY, now)) if accepted else done
        case "resolve":
            return act(alert, Action.RESOLVE, ADA, now)
        case "snooze":
            return snooze(alert, now + MINUTE, ADA, now)
        case "call":
            return call(alert, 2, "Bob Noyce", ADA, now)
        case "assign":
            return assign_to_policy(alert, 5, "other", ADA, now)
        case _:
            return expire(alert, now)


RUN = Run(episode=1, version=2, level=1, policy_id=4, policy="Databases", policy_version=3)
ROUTED = replace(PENDING, routed_policy_id=4)
ANEW = replace(PENDING, episode=2)
OVER = replace(PENDING, status=Status.RESOLVED)
ASLEEP = replace(ANEW, snoozed_until=NOW)
STOPPED = replace(RUN, happened=Happened.ENDED, was_running=True, actor="Ada Lovelace")


def paged(*because: Because, **more: object) -> Run:
    return replace(RUN, happened=Happened.STEPPED, because=because, **more)  # type: ignore[arg-type] # its fields


def passed(*because: Because) -> Run:
    return replace(RUN, happened=Happened.SKIPPED, because=because)


@pytest.mark.parametrize(
    ("alert", "run", "told"),
    [
        (
            PENDING,
            replace(RUN, happened=Happened.BEGUN),
            [
                "the escalation began along the policy Databases (version 3),"
                " which the alert source has"
            ],
        ),
        (
            ROUTED,
            replace(RUN, happened=Happened.BEGUN),
            [
                "the escalation began along the policy Databases (version 3),"
                " which a routing key chose"
            ],
        ),
        (
            ANEW,
            replace(RUN, happened=Happened.BEGUN, episode=2),
            ["the escalation began along the policy Databases (version 3)"],
        ),
        (PENDING, replace(RUN, happened=Happened.BEGUN, policy=""), []),
        (
            PENDING,
            paged(
                Because("NAMED", "Ada Lovelace"),
                Because("ON_CALL", "Bob Noyce", schedule="Night"),
                Because("MEMBER", "Eve Moneypenny", team="Ops"),
                Because("NAMED", "Joe Armstrong"),
            ),
            [
                "the alert was escalated to level 1; named there: Ada Lovelace, Joe Armstrong",
                "the alert was escalated to level 1; on call in the schedule Night: Bob Noyce",
                "the alert was escalated to level 1; members of the team Ops: Eve Moneypenny",
            ],
        ),
        (
            PENDING,
            paged(Because("NAMED", "Bob Noyce"), round=2, turn=Turn("Bob Noyce", 2, 3)),
            [
                "the alert was escalated to level 1, round 2; named there: Bob Noyce",
                "it is the turn of Bob Noyce on level 1, 2 of 3",
            ],
        ),
        (
            PENDING,
            paged(turn=Turn("Bob Noyce", 2, 3, ("Ada Lovelace",))),
            [
                "the alert was escalated to level 1",
                "it is the turn of Bob Noyce on level 1, 2 of 3, as Ada Lovelace cannot be paged",
            ],
        ),
        (
            PENDING,
            passed(Because("NOBODY_ON_CALL", schedule="Night"), Because("TEAM_EMPTY", team="Ops")),
            [
                "level 1 was passed over; nobody is on call in the schedule Night",
                "level 1 was passed over; the team Ops has no members",
            ],
        ),
        (
            PENDING,
            passed(Because("USER_GONE", "user 9"), Because("SCHEDULE_GONE", schedule="6")),
            [
                "level 1 was passed over; there is no user 9 any more",
                "level 1 was passed over; there is no schedule 6 any more",
            ],
        ),
        (
            PENDING,
            paged(Because("NAMED", "Bob Noyce"), Because("MUTED", "Ada Lovelace")),
            [
                "the alert was escalated to level 1; named there: Bob Noyce",
                "the alert was escalated to level 1; passed over, as they are muted: Ada Lovelace",
            ],
        ),
        (
            PENDING,
            passed(Because("MUTED", "Ada Lovelace"), Because("MUTED", "Bob Noyce")),
            ["level 1 was passed over; muted: Ada Lovelace, Bob Noyce"],
        ),
        (PENDING, passed(), ["level 1 was passed over"]),
        (
            PENDING,
            replace(RUN, happened=Happened.FALLEN_BACK),
            ["nobody accepted the alert in time: the policy Databases (version 3) follows"],
        ),
        (
            PENDING,
            replace(STOPPED, acknowledged=True),
            ["the escalation stopped, as Ada Lovelace accepted the alert"],
        ),
        (OVER, STOPPED, ["the escalation stopped, as the alert is resolved"]),
        (ANEW, STOPPED, ["the escalation stopped, as the alert wants somebody anew"]),
        (ASLEEP, STOPPED, ["the escalation stopped, as the alert sleeps"]),
        (PENDING, STOPPED, ["Ada Lovelace stopped the escalation"]),
        (OVER, replace(STOPPED, was_running=False), []),
    ],
)
def test_the_log_tells_every_decision_with_its_reason(
    alert: Alert, run: Run, told: list[str]
) -> None:
    written = entries(alert, run, NOW)

    assert [entry.text() for entry in written] == told
    assert len({entry.origin for entry in written}) == len(written)
    assert all(entry.origin for entry in written)


def test_there_is_a_sentence_for_every_reason_in_both_languages() -> None:
    kinds = {*EscalationChanged.Reason.Kind.keys()} - {"KIND_UNSPECIFIED"}
    assert kinds == {*Why.__members__}
    for kind in kinds:
        names = [f"level_{kind}", f"level_again_{kind}"], [f"passed_{kind}"]
        assert any(all(name in SENTENCES for name in each) for each in names)
    run = paged(Because("ON_CALL", "Bob Noyce", schedule="Nacht"))
    (entry,) = entries(PENDING, run, NOW)
    assert entry.text(Language.GERMAN) == (
        "der Alarm wurde an Stufe 1 eskaliert; Bereitschaft im Einsatzplan Nacht: Bob Noyce"
    )


def test_an_escalation_that_ended_in_vain_is_said_until_somebody_takes_the_alert() -> None:
    alone = escalated(PENDING, replace(RUN, happened=Happened.ENDED, exhausted_at=NOW))

    assert alone.exhausted_at == NOW
    assert act(alone, Action.ACCEPT, ADA, NOW).alert.exhausted_at is None
    assert act(alone, Action.RESOLVE, ADA, NOW).alert.exhausted_at is None
    again = assign_to_policy(alone, 4, "Databases", ADA, NOW).alert
    assert (again.exhausted_at, again.episode) == (None, 2)
    old = escalated(again, replace(RUN, happened=Happened.ENDED, exhausted_at=NOW))
    assert old.exhausted_at is None
    assert alone.content.priority is Priority.HIGH
