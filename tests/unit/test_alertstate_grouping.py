"""Which alerts take in the events of other keys, and what repeats change, without a machine."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.alertstate.domain.alerts import (
    Actor,
    Alert,
    Cause,
    Comment,
    Content,
    Priority,
    Status,
)
from services.alertstate.domain.batches import work
from services.alertstate.domain.cases import Case, Event, Key
from services.alertstate.domain.entries import SENTENCES, Entry, EntryType, Language, group
from services.alertstate.domain.grouping import Creation
from services.alertstate.domain.keys import EventType, KeyState

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
SOURCE = Actor(kind="SOURCE", id="3", name="Grafana")
ALERT, ACCEPT, RESOLVE = EventType.ALERT, EventType.ACCEPT, EventType.RESOLVE
Step = tuple[EventType, str, int]


class Desk:
    """Works through events one by one, as they are delivered, and keeps what comes of them."""

    def __init__(self) -> None:
        self.keys: dict[Key, KeyState] = {}
        self.alerts: dict[int, Alert] = {}
        self.last: list[Case] = []
        self._seen: set[int] = set()

    def take(self, *events: Event) -> None:
        fresh = [event for event in events if event.seq not in self._seen]
        self._seen |= {event.seq for event in fresh}
        worked = work(fresh, self.keys, self.alerts, NOW)
        worked.number(len(self.alerts) + 1)
        self.alerts |= {case.alert.id: case.alert for case in worked.cases}
        for key, (state, case) in worked.keys.items():
            self.keys[key] = replace(state, alert_id=case.alert.id if case else None)
        self.last = worked.cases

    @property
    def open(self) -> list[Alert]:
        return [each for each in self.alerts.values() if each.status is not Status.RESOLVED]


@pytest.mark.parametrize(
    ("creation", "alerts"),
    [
        (Creation.EACH, 4),
        (Creation.SUBJECT, 2),
        (Creation.ONE_PENDING, 1),
        (Creation.ONE_OPEN, 1),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_an_open_alert_takes_in_events_of_other_keys(
    creation: Creation, alerts: int, at_once: bool
) -> None:
    desk = Desk()
    events = [
        event(ALERT, 1, "a", creation, summary="disk"),
        event(ALERT, 2, "b", creation, summary="disk"),
        event(ALERT, 3, "c", creation, summary="cpu"),
        event(ALERT, 4, "", creation, summary="disk"),
    ]
    for batch in [events] if at_once else [[each] for each in events]:
        desk.take(*batch)

    assert len(desk.alerts) == alerts
    assert sum(each.event_count for each in desk.alerts.values()) == 4


@pytest.mark.parametrize(
    ("creation", "alerts"), [(Creation.ONE_PENDING, 2), (Creation.ONE_OPEN, 1)]
)
def test_an_accepted_alert_takes_events_in_unless_only_pending_ones_do(
    creation: Creation, alerts: int
) -> None:
    desk = Desk()
    desk.take(event(ALERT, 1, "a", creation), event(ACCEPT, 2, "a", creation))
    desk.take(event(ALERT, 3, "b", creation))

    assert len(desk.alerts) == alerts


def test_a_key_match_wins_over_the_group_and_only_the_alerts_own_key_ends_it() -> None:
    desk = Desk()
    one = Creation.ONE_OPEN
    desk.take(event(ALERT, 1, "a", one), event(ALERT, 2, "b", one))
    desk.take(event(RESOLVE, 3, "b", one))
    assert len(desk.open) == 1

    desk.take(event(RESOLVE, 4, "a", one))
    assert desk.open == []
    desk.take(event(ALERT, 5, "b", one))
    assert [each.content.match_key for each in desk.open] == ["b"]


def test_the_oldest_event_names_the_alert_whatever_comes_first() -> None:
    desk = Desk()
    for seq, key in ((2, "b"), (1, "a")):
        desk.take(event(ALERT, seq, key, Creation.ONE_OPEN))
    desk.take(event(RESOLVE, 3, "b", Creation.ONE_OPEN))
    assert [each.content.match_key for each in desk.open] == ["a"]

    desk.take(event(RESOLVE, 4, "a", Creation.ONE_OPEN))
    assert desk.open == []


def test_other_sources_have_groups_of_their_own() -> None:
    desk = Desk()
    one = event(ALERT, 1, "a", Creation.ONE_OPEN)
    desk.take(one, replace(one, seq=2, source_id=4))

    assert len(desk.alerts) == 2


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_in_any_order_between_two_answers_what_would_be_open_is_open(data: st.DataObject) -> None:
    creation = data.draw(st.sampled_from([Creation.ONE_OPEN, Creation.ONE_PENDING]))
    history = data.draw(histories())
    delivered = [step for part in parts(history) for step in data.draw(st.permutations(part))]
    again = data.draw(st.lists(st.sampled_from(history), max_size=3)) if history else []
    ordered, desk = Desk(), Desk()
    for type_, key, seq in history:
        ordered.take(event(type_, seq, key, creation))
    for type_, key, seq in [*delivered, *again]:
        desk.take(event(type_, seq, key, creation))

    assert standing(desk) == standing(ordered)


def standing(desk: Desk) -> list[tuple[str, Status]]:
    return sorted((each.content.match_key, each.status) for each in desk.open)


def parts(history: Sequence[Step]) -> list[list[Step]]:
    """Returns the alerts between the answers, and each answer by itself."""
    found: list[list[Step]] = [[]]
    for step in history:
        if step[0] is ALERT:
            found[-1].append(step)
        else:
            found += [[step], []]
    return found


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    told: list[Step] = []
    for seq in range(1, draw(st.integers(0, 8)) + 1):
        type_ = draw(st.sampled_from([ALERT, ALERT, ACCEPT, RESOLVE]))
        key = draw(st.sampled_from(["a", "b", "c"]))
        told.append((type_, key, seq))
    return told


def test_a_louder_repeat_raises_the_priority_once_and_a_softer_one_never_lowers() -> None:
    desk = Desk()
    desk.take(event(ALERT, 1, "a", priority=Priority.LOW))
    desk.take(event(ALERT, 2, "a"))
    (case,) = desk.last
    assert (case.cause, case.alert.episode) == (Cause.PRIORITY_CHANGED, 2)
    assert EntryType.RAISED_BY_SYSTEM in [entry.type for entry in case.entries]

    desk.take(event(ALERT, 3, "a", priority=Priority.LOW))
    (case,) = desk.last
    assert (case.cause, case.alert.episode) == (Cause.REPEATED, 2)
    assert case.alert.content.priority is Priority.HIGH


def test_an_accepted_alert_gets_louder_without_paging_anew() -> None:
    desk = Desk()
    desk.take(event(ALERT, 1, "a", priority=Priority.LOW), event(ACCEPT, 2, "a"))
    desk.take(event(ALERT, 3, "a"))

    assert (desk.alerts[1].content.priority, desk.alerts[1].episode) == (Priority.HIGH, 1)


def test_a_later_routing_key_moves_a_pending_alert_and_the_same_changes_nothing() -> None:
    desk = Desk()
    desk.take(event(ALERT, 1, "a"))
    for seq, policy in ((2, 5), (3, 5), (4, 0)):
        desk.take(event(ALERT, seq, "a", routed=policy))

    alert = desk.alerts[1]
    assert (alert.content.policy_id, alert.episode) == (5, 2)
    desk.take(event(ALERT, 6, "a", routed=6))
    (case,) = desk.last
    assert (case.cause, case.alert.episode) == (Cause.REASSIGNED, 3)
    desk.take(event(ALERT, 5, "a", routed=5))  # older than what routed it
    assert desk.alerts[1].content.policy_id == 6
    desk.take(event(ACCEPT, 7, "a"), event(ALERT, 8, "a", routed=5))
    assert (desk.alerts[1].content.policy_id, desk.alerts[1].episode) == (6, 3)


def test_a_policy_chosen_by_hand_stays_while_the_routing_key_does() -> None:
    desk = Desk()
    desk.take(event(ALERT, 1, "a", routed=5))
    by_hand = replace(desk.alerts[1].content, policy_id=9)
    desk.alerts[1] = replace(desk.alerts[1], content=by_hand)
    desk.take(event(ALERT, 2, "a", routed=5))

    assert desk.alerts[1].content.policy_id == 9


def test_what_happens_to_an_alert_in_its_first_batch_is_one_episode() -> None:
    desk = Desk()
    desk.take(event(ALERT, 1, "a", priority=Priority.LOW), event(ALERT, 2, "a", routed=5))

    (case,) = desk.last
    assert (case.cause, case.alert.episode, case.alert.version) == (Cause.RAISED, 1, 1)
    assert (case.alert.content.priority, case.alert.content.policy_id) == (Priority.HIGH, 5)


def test_a_comment_finds_the_open_alert_only() -> None:
    said = Comment(content="hm", creator="cron", at=NOW)
    desk = Desk()
    desk.take(event(EventType.COMMENT, 1, "a", said=(said,)))
    assert desk.last == []

    desk.take(event(ALERT, 2, "a"), event(EventType.COMMENT, 3, "a", said=(said,)))
    (case,) = desk.last
    assert (case.comments, case.alert.comment_count, case.cause) == ([said], 1, Cause.RAISED)
    desk.take(event(EventType.COMMENT, 4, "a", said=(said,)))
    assert [each.cause for each in desk.last] == [Cause.COMMENTED]


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("sentence", list(SENTENCES))
def test_every_sentence_has_words_in_every_language(language: Language, sentence: str) -> None:
    told = {"text": "x", "content": "{braces}", "actor": "Ada"}

    assert Entry(EntryType.RECEIVED, sentence, NOW, told).text(language).strip()


def test_every_entry_type_has_a_group() -> None:
    assert {group(type_) for type_ in EntryType} == {
        "ALERT_SOURCE_EVENTS",
        "NOTIFICATIONS",
        "ALERT_UPDATES",
    }


def event(
    type_: EventType,
    seq: int,
    key: str,
    creation: Creation = Creation.EACH,
    *,
    summary: str = "disk full",
    priority: Priority = Priority.HIGH,
    routed: int = 0,
    said: Sequence[Comment] = (),
) -> Event:
    content = Content(
        alert_key=key, match_key=key, summary=summary, priority=priority, policy_id=routed or 4
    )
    return Event(
        seq=seq,
        type=type_,
        actor=SOURCE,
        source_id=3,
        content=content,
        accept_time=NOW,
        creation=creation,
        routed_policy_id=routed,
        comments=tuple(said),
    )
