"""Answers from a message: they hold for their episode, in any order, however often they come."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alertstate.domain.actions import Action, Done, act, call, snooze
from services.alertstate.domain.alerts import (
    Actor,
    Alert,
    Cause,
    Content,
    Priority,
    Status,
    prioritised,
)
from services.alertstate.domain.answers import Given, Verb, answered
from services.alertstate.domain.cases import Event
from services.alertstate.domain.entries import SENTENCES, EntryType, Language
from services.alertstate.domain.keys import EventType, resolved_by_hand
from services.chassis.errors import WrongState
from tests.parts.desk import Desk
from tocsin.notification.v1.contact_pb2 import Contact

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ADA = Actor(kind="MESSAGE_LINK", id="12", user_id=1, name="Ada Lovelace")
BOB = Actor(kind="MESSAGE_LINK", id="13", user_id=2, name="Bob Noyce")
EVE = Actor(kind="USER", id="eveseves", user_id=3, name="Eve Online")
SOURCE = Actor(kind="SOURCE", id="3", name="Grafana")
PENDING = Alert(
    id=7,
    source_id=3,
    content=Content(summary="disk full", policy_id=4, priority=Priority.LOW),
    status=Status.PENDING,
    report_time=NOON,
    accept_time=NOON,
    fired_at=NOON,
    begun_seq=1,
    version=1,
)
Deed = Callable[[Alert], Alert]


def said(verb: Verb, actor: Actor = ADA, **more: object) -> Given:
    values: dict[str, object] = {"episode": 1, "method": "EMAIL", "at": NOON + MINUTE}
    values["origin"] = f"answer:{verb}:{actor.user_id}"
    return Given(verb=verb, actor=actor, **values | more)  # type: ignore[arg-type] # its fields


def after(alert: Alert, given: Given) -> Alert:
    """Returns an alert after an answer, which may come too late."""
    try:
        return answered(alert, given).alert
    except WrongState:
        return alert


def by_answer(given: Given) -> Deed:
    return lambda alert: after(alert, given)


def by_eve(action: Action) -> Deed:
    def deed(alert: Alert) -> Alert:
        try:
            return act(alert, action, EVE, NOON + 2 * MINUTE).alert
        except WrongState:
            return alert

    return deed


def test_an_accept_makes_a_responder_and_names_the_way() -> None:
    done = answered(PENDING, said(Verb.ACCEPT))

    assert (done.cause, done.alert.status) == (Cause.ACCEPTED, Status.ACCEPTED)
    assert done.alert.responders[0].accepted_at == NOON + MINUTE
    (entry,) = done.entries
    assert entry.type is EntryType.USER_RESPONSE
    assert entry.text() == "Ada Lovelace accepted the alert through an e-mail"
    told = entry.text(Language.GERMAN)
    assert told == "Ada Lovelace hat den Alarm über eine E-Mail angenommen"
    assert (entry.at, entry.origin) == (NOON + MINUTE, "answer:ACCEPT:1")


@pytest.mark.parametrize(
    ("verb", "method", "english", "german"),
    [
        (
            Verb.RESOLVE,
            "VOICE",
            "Ada Lovelace resolved the alert through a call",
            "Ada Lovelace hat den Alarm über einen Anruf gelöst",
        ),
        (
            Verb.ESCALATE,
            "SLACK",
            "Ada Lovelace asked through Slack for the next level now",
            "Ada Lovelace hat über Slack die nächste Stufe sofort angefordert",
        ),
        (
            Verb.ACCEPT,
            "PIGEON",
            "Ada Lovelace accepted the alert through a message",
            "Ada Lovelace hat den Alarm über eine Nachricht angenommen",
        ),
    ],
)
def test_what_was_answered_is_told(verb: Verb, method: str, english: str, german: str) -> None:
    (entry,) = answered(PENDING, said(verb, method=method)).entries

    assert (entry.text(), entry.text(Language.GERMAN)) == (english, german)


@pytest.mark.parametrize("method", Contact.Method.keys())
@pytest.mark.parametrize("verb", Verb)
def test_every_way_has_words(verb: Verb, method: str) -> None:
    (entry,) = answered(PENDING, said(verb, method=method)).entries

    assert entry.sentence in SENTENCES


@pytest.mark.parametrize("verb", Verb)
def test_an_answer_to_an_older_episode_changes_nothing(verb: Verb) -> None:
    anew = prioritised(PENDING, Priority.HIGH)

    assert anew.episode == 2
    assert answered(anew, said(verb)) == Done(anew)


def test_an_answer_about_a_call_holds_for_its_episode() -> None:
    taken = act(PENDING, Action.ACCEPT, EVE, NOON).alert
    called = call(taken, 1, "Ada Lovelace", EVE, NOON).alert

    done = answered(called, said(Verb.ACCEPT, episode=2))

    assert done.alert.taken_by(1)
    assert done.alert.taken_by(3)


def test_a_sleeping_alert_is_not_woken_or_taken_by_what_was_said_before() -> None:
    asleep = snooze(PENDING, NOON + 60 * MINUTE, EVE, NOON).alert

    assert answered(asleep, said(Verb.ACCEPT)) == Done(asleep)


@given(st.permutations([said(Verb.ACCEPT), said(Verb.ACCEPT), said(Verb.ACCEPT, BOB)]))
def test_everybody_who_accepted_has_whatever_the_order(answers: list[Given]) -> None:
    alert = PENDING
    for each in answers:
        alert = after(alert, each)

    assert alert.status is Status.ACCEPTED
    assert {each.user_id for each in alert.responders if each.accepted_at} == {1, 2}
    assert alert.version == PENDING.version + 2  # the same again changes nothing


DEEDS: dict[str, Deed] = {
    "Ada accepts": by_answer(said(Verb.ACCEPT)),
    "Ada accepts again": by_answer(said(Verb.ACCEPT)),
    "Bob resolves": by_answer(said(Verb.RESOLVE, BOB)),
    "Eve accepts": by_eve(Action.ACCEPT),
    "Ada escalates": by_answer(said(Verb.ESCALATE)),
}


def test_what_was_resolved_is_whatever_else_was_said_and_when() -> None:
    for order in permutations(DEEDS):
        alert = PENDING
        for name in order:
            alert = DEEDS[name](alert)

        assert alert.status is Status.RESOLVED, order
        assert alert.episode == 1


def test_what_was_accepted_is_whatever_else_was_said_and_when() -> None:
    for order in permutations(set(DEEDS) - {"Bob resolves"}):
        alert = PENDING
        for name in order:
            alert = DEEDS[name](alert)

        assert alert.status is Status.ACCEPTED, order
        assert {each.user_id for each in alert.responders if each.accepted_at} == {1, 3}


@given(st.permutations(["raise", "accept"]))
def test_an_accept_and_a_new_episode_never_page_too_few(order: list[str]) -> None:
    """Notification keeps the pages of the answered episode back, and of no other."""
    alert = PENDING
    for name in order:
        alert = after(alert, said(Verb.ACCEPT)) if name == "accept" else _louder(alert)

    taken = alert.status is Status.ACCEPTED and alert.taken_by(1)
    assert taken or alert.episode == 2


def _louder(alert: Alert) -> Alert:
    return prioritised(alert, Priority.HIGH)


def fires(seq: int, at: datetime) -> Event:
    content = Content(summary="disk full", alert_key="disk", match_key="disk", policy_id=4)
    return Event(
        seq=seq,
        type=EventType.ALERT,
        actor=SOURCE,
        source_id=3,
        content=content,
        accept_time=at,
    )


@pytest.mark.parametrize("taken", [False, True])
def test_what_fires_after_a_resolve_wants_somebody_in_any_order(taken: bool) -> None:
    resolve = said(Verb.RESOLVE, at=NOON + 2 * MINUTE)
    for late in (False, True):
        desk = Desk()
        desk.take(fires(1, NOON))
        if taken:
            desk.alerts[1] = after(desk.alerts[1], said(Verb.ACCEPT))
        if late:
            desk.take(fires(2, NOON + 3 * MINUTE))
        desk.alerts[1] = after(desk.alerts[1], resolve)
        if not late:
            for key, state in desk.keys.items():
                desk.keys[key] = resolved_by_hand(state)
            desk.take(fires(2, NOON + 3 * MINUTE))

        (wanted,) = desk.open
        assert wanted.status is Status.PENDING
        assert (wanted.id, wanted.episode) in ((2, 1), (1, 2))  # no episode that was answered
        assert not wanted.taken_by(1)


def test_what_fired_before_a_resolve_is_over() -> None:
    desk = Desk()
    desk.take(fires(1, NOON))
    desk.take(fires(2, NOON + MINUTE))

    done = answered(desk.alerts[1], said(Verb.RESOLVE, at=NOON + 2 * MINUTE))

    assert done.alert.status is Status.RESOLVED


def test_a_resolve_that_came_late_says_why_it_does_not_hold() -> None:
    fired = replace(PENDING, fired_at=NOON + 2 * MINUTE)

    (entry,) = answered(fired, said(Verb.RESOLVE)).entries

    assert entry.text() == (
        "Ada Lovelace resolved the alert through an e-mail, but it was raised again since:"
        " its policy starts anew"
    )
