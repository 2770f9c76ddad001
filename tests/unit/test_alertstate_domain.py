"""The rules of alerts, without a machine."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.alertstate.domain.actions import Action, Done, act
from services.alertstate.domain.alerts import (
    Actor,
    Alert,
    Cause,
    Content,
    Responder,
    Status,
)
from services.alertstate.domain.batches import Stored, work
from services.alertstate.domain.cases import Case, Event, Key, Worked
from services.alertstate.domain.effects import MOST_REPEATS_TOLD
from services.alertstate.domain.entries import EntryType, Language
from services.alertstate.domain.keys import (
    EventType,
    KeyState,
    Outcome,
    decide,
    resolved_by_hand,
)
from services.alertstate.domain.policies import routed
from services.alertstate.domain.reports import Happened, Notice, Run, escalated, notified
from services.alertstate.domain.run_entries import entries
from services.chassis.errors import WrongState
from tocsin.alertstate.v1 import alert_events_pb2, alert_pb2

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
LATER = datetime(2026, 3, 29, 1, 45, tzinfo=UTC)
ADA = Actor(kind="USER", id="adasadas", user_id=1, name="Ada Lovelace")
BOB = Actor(kind="USER", id="bobsbobs", user_id=2, name="Bob Noyce")
BOT = Actor(kind="TOKEN", id="botsbots", name="deploy bot")
SOURCE = Actor(kind="SOURCE", id="3", name="Grafana")
PENDING = Alert(
    id=7,
    source_id=3,
    content=Content(alert_key="Disk", match_key="disk", summary="disk full", policy_id=4),
    status=Status.PENDING,
    report_time=NOW,
    accept_time=NOW,
    next_escalation=LATER,
    log_count=1,
    version=1,
    responders=(Responder(1), Responder(2)),
)
BY_ADA = replace(
    PENDING,
    status=Status.ACCEPTED,
    next_escalation=None,
    log_count=2,
    version=2,
    responders=(Responder(2), Responder(1, NOW)),
)
RESOLVED = replace(BY_ADA, status=Status.RESOLVED, resolved_on=NOW, log_count=3, version=3)

ALERT, ACCEPT, RESOLVE = EventType.ALERT, EventType.ACCEPT, EventType.RESOLVE
KEY: Key = (3, "disk")


def test_a_person_who_accepts_becomes_a_responder_and_stops_the_escalation() -> None:
    done = act(PENDING, Action.ACCEPT, ADA, NOW)

    assert done.alert == BY_ADA
    assert done.cause is Cause.ACCEPTED
    (entry,) = done.entries
    assert entry.type is EntryType.USER_RESPONSE
    assert entry.text() == "Ada Lovelace accepted the alert"


def test_a_second_person_becomes_a_responder_too() -> None:
    done = act(BY_ADA, Action.ACCEPT, BOB, LATER)

    assert done.alert.responders == (Responder(1, NOW), Responder(2, LATER))
    assert (done.alert.status, done.alert.version, len(done.entries)) == (Status.ACCEPTED, 3, 1)


def test_a_token_without_a_person_accepts_without_making_a_responder() -> None:
    done = act(PENDING, Action.ACCEPT, BOT, NOW)

    assert done.alert.status is Status.ACCEPTED
    assert done.alert.responders == PENDING.responders
    assert done.entries[0].text() == "deploy bot accepted the alert"


@pytest.mark.parametrize(
    ("alert", "action", "actor"),
    [
        (BY_ADA, Action.ACCEPT, ADA),
        (BY_ADA, Action.ACCEPT, BOT),
        (RESOLVED, Action.RESOLVE, ADA),
        (RESOLVED, Action.RESOLVE, BOB),
    ],
)
def test_a_repeated_action_changes_nothing(alert: Alert, action: Action, actor: Actor) -> None:
    assert act(alert, action, actor, LATER) == Done(alert)


@pytest.mark.parametrize("alert", [PENDING, BY_ADA])
def test_resolving_ends_an_open_alert(alert: Alert) -> None:
    done = act(alert, Action.RESOLVE, BOB, LATER)

    after = done.alert
    assert (after.status, after.resolved_on, after.next_escalation) == (
        Status.RESOLVED,
        LATER,
        None,
    )
    assert after.responders == alert.responders
    assert done.entries[0].text() == "Bob Noyce resolved the alert"


def test_a_resolved_alert_cannot_be_accepted() -> None:
    with pytest.raises(WrongState, match="alert 7 is resolved") as refused:
        act(RESOLVED, Action.ACCEPT, ADA, NOW)

    assert refused.value.code == "ALERT_RESOLVED"


@pytest.mark.parametrize("status", [Status.PENDING, Status.ACCEPTED])
def test_an_alert_is_open_while_pending_or_accepted(status: Status) -> None:
    key = KeyState(opened_seq=1, last_alert_seq=1, alert_id=7)

    assert decide(key, status, ALERT, 2)[1] is Outcome.REPEATED
    assert decide(key, status, RESOLVE, 2)[1] is Outcome.RESOLVED


@pytest.mark.parametrize(
    ("history", "outcomes"),
    [
        ([(ALERT, 1), (ACCEPT, 2), (RESOLVE, 3)], "RAISED ACCEPTED RESOLVED"),
        ([(ALERT, 1), (ALERT, 2)], "RAISED REPEATED"),
        ([(ACCEPT, 1), (RESOLVE, 2)], "NOTHING NOTHING"),
        ([(RESOLVE, 2), (ALERT, 1)], "NOTHING STALE"),
        ([(ACCEPT, 2), (ALERT, 1)], "NOTHING RAISED_ACCEPTED"),
        ([(ACCEPT, 1), (ALERT, 2)], "NOTHING RAISED"),
        ([(ALERT, 1), (RESOLVE, 2), (ALERT, 3)], "RAISED RESOLVED RAISED"),
        ([(ALERT, 3), (RESOLVE, 2), (ALERT, 1)], "RAISED NOTHING STALE"),
        (
            [(ALERT, 1), (ACCEPT, 2), (ALERT, 4), (RESOLVE, 3)],
            "RAISED ACCEPTED REPEATED RAISED_ANEW",
        ),
        (
            [(ALERT, 1), (ALERT, 4), (RESOLVE, 2), (ACCEPT, 3)],
            "RAISED REPEATED NOTHING NOTHING",
        ),
        (
            [(ALERT, 1), (ACCEPT, 5), (ALERT, 4), (RESOLVE, 3)],
            "RAISED ACCEPTED REPEATED NOTHING",
        ),
    ],
)
def test_what_becomes_of_events(history: list[tuple[EventType, int]], outcomes: str) -> None:
    worked = _work([_event(type_, seq) for type_, seq in history], one_by_one=True)

    assert [outcome for _, outcome, _ in worked.outcomes] == outcomes.split()


def test_after_a_resolve_by_hand_no_event_that_was_known_then_opens_anew() -> None:
    key = resolved_by_hand(KeyState(opened_seq=3, last_alert_seq=5, alert_id=7))

    assert key.alert_id is None
    assert decide(key, None, ALERT, 4)[1] is Outcome.STALE
    assert decide(key, None, ALERT, 6)[1] is Outcome.RAISED


HISTORIES = st.lists(st.sampled_from([ALERT, ACCEPT, RESOLVE]), max_size=9)


@settings(max_examples=400, deadline=None)
@given(history=HISTORIES, data=st.data())
def test_any_order_and_duplication_of_a_history_comes_to_the_same(
    history: list[EventType], data: st.DataObject
) -> None:
    numbered = [(type_, seq) for seq, type_ in enumerate(history, start=1)]
    repeated = data.draw(st.lists(st.sampled_from(numbered), max_size=4)) if numbered else []
    delivered = data.draw(st.permutations(numbered + repeated))

    _assert_as_in_order(numbered, delivered)


def test_every_order_of_the_short_histories_comes_to_the_same() -> None:
    for types in _all_histories(4):
        numbered = [(type_, seq) for seq, type_ in enumerate(types, start=1)]
        for delivered in permutations(numbered):
            _assert_as_in_order(numbered, delivered)


def test_a_batch_tells_one_change_of_each_alert() -> None:
    worked = _work([_event(ALERT, 1), _event(ALERT, 2), _event(ACCEPT, 3), _event(RESOLVE, 4)])

    (case,) = worked.cases
    assert (case.alert.status, case.cause, case.actor) == (Status.RESOLVED, Cause.RESOLVED, SOURCE)
    assert (case.alert.version, case.alert.event_count, case.alert.log_count) == (1, 2, 4)
    assert [entry.type.value for entry in case.entries] == [
        "AlertReceivedLogEntry",
        "AlertReceivedLogEntry",
        "AlertSourceResponseLogEntry",
        "AlertSourceResponseLogEntry",
    ]
    assert worked.keys[KEY][1] is None


def test_an_accept_event_makes_no_responder() -> None:
    worked = _work([_event(ALERT, 1), _event(ACCEPT, 2)])

    (case,) = worked.cases
    assert (case.alert.status, case.alert.responders) == (Status.ACCEPTED, ())
    assert case.entries[-1].text() == "Grafana accepted the alert"


def test_without_a_key_every_alert_is_its_own_and_nothing_finds_it() -> None:
    keyless = [_event(type_, seq, key="") for seq, type_ in enumerate([ALERT, ACCEPT, ALERT], 1)]

    worked = _work(keyless)

    assert [case.alert.status for case in worked.raised] == [Status.PENDING, Status.PENDING]
    assert [outcome for _, outcome, _ in worked.outcomes] == ["RAISED", "NOTHING", "RAISED"]
    assert worked.keys == {}


def test_the_log_tells_of_the_first_hundred_repeats() -> None:
    worked = _work([_event(ALERT, seq) for seq in range(1, 201)])

    (case,) = worked.cases
    assert case.alert.event_count == 200
    assert len(case.entries) == case.alert.log_count == MOST_REPEATS_TOLD + 1


def test_a_late_resolve_ends_an_accepted_alert_and_raises_its_like_anew() -> None:
    stored = {KEY: KeyState(accept_seq=2, last_alert_seq=4, opened_seq=1, alert_id=7)}

    before = Stored(keys=stored, alerts={7: replace(BY_ADA, held=1)}, orders={})
    worked = work([_event(RESOLVE, 3)], before, LATER)
    worked.number(8)

    ended, raised = (case.alert for case in worked.cases)
    assert (ended.id, ended.status, ended.version) == (7, Status.RESOLVED, 3)
    assert (raised.id, raised.status, raised.version) == (8, Status.PENDING, 1)
    assert (raised.content, raised.episode, raised.responders) == (BY_ADA.content, 1, ())
    assert worked.keys[KEY][1] is worked.cases[1]


def test_a_stale_event_concerns_no_alert() -> None:
    worked = _work([_event(ALERT, 1)], {KEY: KeyState(resolve_seq=2)})

    assert worked.cases == []
    assert worked.outcomes == [(_event(ALERT, 1), Outcome.STALE, None)]


@pytest.mark.parametrize(
    ("routing_keys", "policy"),
    [([], 0), (["db"], 1), (["none", "web", "db"], 2), (["none"], 0)],
)
def test_the_first_routing_key_with_a_policy_chooses_it(
    routing_keys: list[str], policy: int
) -> None:
    assert routed(routing_keys, {"db": 1, "web": 2}) == policy


def test_a_step_of_the_escalation_is_logged_and_its_next_one_kept() -> None:
    run = Run(
        episode=1,
        version=2,
        next_step=LATER,
        level=2,
        cycle=1,
        round=2,
        happened=Happened.STEPPED,
    )

    after = escalated(PENDING, run)
    (entry,) = entries(PENDING, run, NOW)

    assert after.next_escalation == LATER
    assert after.level == 2
    assert (entry.type, entry.origin) == (EntryType.ESCALATED, "level:1:1:2")
    assert entry.text() == "the alert was escalated to level 2, round 2"


@pytest.mark.parametrize("alert", [BY_ADA, RESOLVED])
def test_an_answered_alert_has_no_next_step(alert: Alert) -> None:
    run = Run(episode=1, version=2, next_step=LATER, level=2, exhausted_at=NOW)

    after = escalated(alert, run)
    assert (after.next_escalation, after.exhausted_at) == (None, None)


EXHAUSTED = Run(episode=1, version=2, happened=Happened.ENDED, exhausted_at=LATER)


def test_the_end_of_an_escalation_that_reached_nobody_says_so_once() -> None:
    after = escalated(PENDING, EXHAUSTED)
    (entry,) = entries(PENDING, replace(EXHAUSTED, reached_nobody=True), NOW)

    assert (after.next_escalation, after.exhausted_at) == (None, LATER)
    assert entry.type.value == "NobodyOnCallLogEntry"


def test_an_escalation_that_nobody_answered_is_logged() -> None:
    (entry,) = entries(PENDING, EXHAUSTED, NOW)

    assert "nobody accepted the alert" in entry.text()


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (None, "Ada Lovelace was notified by EMAIL"),
        ("no such box", "Ada Lovelace was not notified by EMAIL: no such box"),
        ("", "Ada Lovelace was not notified by EMAIL"),
    ],
)
def test_the_log_tells_who_was_notified(failure: str | None, text: str) -> None:
    notice = Notice(id=5, person="Ada Lovelace", method="EMAIL", failure=failure)

    assert notified(notice, NOW).text() == text


@pytest.mark.parametrize(
    ("receipt", "english", "german"),
    [
        (
            "delivered",
            "the SMS to Ada Lovelace was delivered",
            "die SMS-Nachricht an Ada Lovelace wurde zugestellt",
        ),
        (
            "read",
            "Ada Lovelace read the SMS",
            "Ada Lovelace hat die SMS-Nachricht gelesen",
        ),
    ],
)
def test_the_log_tells_what_arrived(receipt: str, english: str, german: str) -> None:
    notice = Notice(id=5, person="Ada Lovelace", method="SMS", receipt=receipt)

    entry = notified(notice, NOW)

    assert (entry.text(), entry.text(Language.GERMAN)) == (english, german)
    assert entry.origin == f"notification:5:{receipt}"


def test_every_status_and_cause_has_its_name_on_the_wire() -> None:
    assert {"STATUS_UNSPECIFIED", *Status.__members__} == set(alert_pb2.Alert.Status.keys())
    causes = alert_events_pb2.AlertChanged.Cause.keys()
    assert {"CAUSE_UNSPECIFIED", *Cause.__members__} == set(causes)


def _assert_as_in_order(
    history: Sequence[tuple[EventType, int]], delivered: Sequence[tuple[EventType, int]]
) -> None:
    expected = _in_order([type_ for type_, _ in history])
    worked = _work([_event(type_, seq) for type_, seq in delivered], one_by_one=True)
    state, case = worked.keys.get(KEY, (KeyState(), None))

    actual = case.alert.status if case else None

    assert (actual is None) == (expected is None)
    assert (state.last_alert_seq > state.resolve_seq) == (actual is not None)
    if expected is Status.PENDING:
        assert actual is Status.PENDING


def _in_order(history: Sequence[EventType]) -> Status | None:
    """The obvious fold: what somebody who saw everything in order would have at the end."""
    status: Status | None = None
    for type_ in history:
        if type_ is ALERT and status is None:
            status = Status.PENDING
        elif type_ is ACCEPT and status is Status.PENDING:
            status = Status.ACCEPTED
        elif type_ is RESOLVE:
            status = None
    return status


def _all_histories(length: int) -> list[tuple[EventType, ...]]:
    histories: list[tuple[EventType, ...]] = [()]
    for _ in range(length):
        histories = [(*each, type_) for each in histories for type_ in (ALERT, ACCEPT, RESOLVE)]
    return histories


def _work(
    events: Sequence[Event],
    keys: dict[Key, KeyState] | None = None,
    *,
    one_by_one: bool = False,
) -> Worked:
    """Works through events in one batch, or in batches of one as they are delivered."""
    if not one_by_one:
        return work(events, Stored(keys=keys or {}, alerts={}, orders={}), NOW)
    stored: dict[Key, KeyState] = dict(keys or {})
    alerts: dict[int, Alert] = {}
    last = Worked([], {}, {}, [])
    cases: list[Case] = []
    outcomes = []
    seen: set[int] = set()
    for event in events:
        if event.seq in seen:
            continue  # the outcome of the event is known
        seen.add(event.seq)
        last = work([event], Stored(keys=stored, alerts=alerts, orders={}), NOW)
        last.number(len(alerts) + 1)
        alerts |= {case.alert.id: case.alert for case in last.cases}
        for key, (state, case) in last.keys.items():
            stored[key] = replace(state, alert_id=case.alert.id if case else None)
        cases += last.cases
        outcomes += last.outcomes
    return Worked(cases, last.keys, {}, outcomes)


def _event(type_: EventType, seq: int, key: str = "disk") -> Event:
    return Event(
        seq=seq,
        type=type_,
        actor=SOURCE,
        source_id=3,
        content=Content(alert_key=key, match_key=key, summary="disk full"),
        accept_time=NOW,
    )
