"""Which alerts take in the events of other keys, and what repeats change, without a machine."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from services.alertstate.domain.alerts import (
    Actor,
    Alert,
    Cause,
    Comment,
    Content,
    Priority,
    Status,
)
from services.alertstate.domain.cases import Event
from services.alertstate.domain.entries import SENTENCES, Entry, EntryType, Language, group
from services.alertstate.domain.grouping import Creation
from services.alertstate.domain.keys import EventType
from tests.parts.desk import NOW, Desk

SOURCE = Actor(kind="SOURCE", id="3", name="Grafana")
ALERT, ACCEPT, RESOLVE = EventType.ALERT, EventType.ACCEPT, EventType.RESOLVE
ONE = Creation.ONE_OPEN


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


def test_an_alert_is_over_when_everything_in_it_is() -> None:
    desk = Desk()
    desk.take(event(ALERT, 1, "a", ONE), event(ALERT, 2, "b", ONE), event(ALERT, 3, "c", ONE))
    desk.take(event(RESOLVE, 4, "a", ONE))
    desk.take(event(RESOLVE, 5, "c", ONE))
    assert [desk.held(each) for each in desk.open] == [{"b"}]
    assert desk.last[0].entries[-1].text().startswith("Grafana resolved c: the alert goes on")

    desk.take(event(RESOLVE, 6, "b", ONE))
    assert desk.open == []
    desk.take(event(ALERT, 7, "b", ONE))
    assert [each.content.match_key for each in desk.open] == ["b"]


@pytest.mark.parametrize("creation", [Creation.SUBJECT, Creation.ONE_PENDING, ONE])
@pytest.mark.parametrize("key", ["a", "b"])
def test_accepting_any_key_accepts_the_alert(creation: Creation, key: str) -> None:
    desk = Desk()
    desk.take(event(ALERT, 1, "a", creation), event(ALERT, 2, "b", creation))
    desk.take(event(ACCEPT, 3, key, creation))

    assert [each.status for each in desk.open] == [Status.ACCEPTED]


def test_no_event_ends_an_alert_that_holds_one_without_a_key() -> None:
    desk = Desk()
    desk.take(event(ALERT, 1, "a", ONE), event(ALERT, 2, "", ONE))
    desk.take(event(RESOLVE, 3, "a", ONE), event(RESOLVE, 4, "", ONE))

    assert [each.status for each in desk.open] == [Status.PENDING]


def test_no_event_ends_an_alert_that_a_person_raised() -> None:
    desk = Desk()
    by_hand = Content(summary="see the lab")
    desk.alerts[1] = Alert(
        id=1,
        source_id=3,
        content=by_hand,
        status=Status.PENDING,
        report_time=NOW,
        accept_time=NOW,
        keyless_seq=0,
    )
    desk.take(event(ALERT, 1, "a", ONE), event(RESOLVE, 2, "a", ONE))

    assert [each.content for each in desk.open] == [by_hand]


def test_the_oldest_event_names_the_alert_whatever_comes_first() -> None:
    desk = Desk()
    for seq, key in ((2, "b"), (1, "a")):
        desk.take(event(ALERT, seq, key, ONE))

    assert [each.content.match_key for each in desk.open] == ["a"]


def test_the_resolve_of_a_key_that_began_with_it_may_come_after_all_else() -> None:
    desk = Desk()
    desk.take(event(ALERT, 1, "c", ONE), event(ALERT, 2, "a", ONE), event(ACCEPT, 4, "a", ONE))
    desk.take(event(RESOLVE, 5, "c", ONE), event(ALERT, 6, "a", ONE))
    desk.take(event(ALERT, 3, "a", ONE))

    assert [(each.status, desk.held(each)) for each in desk.open] == [(Status.ACCEPTED, {"a"})]


def test_a_late_resolve_raises_what_was_silent_since_in_an_alert_of_its_own() -> None:
    desk = Desk()
    desk.take(event(ALERT, 1, "a", ONE), event(ACCEPT, 2, "a", ONE), event(ALERT, 4, "b", ONE))
    desk.take(event(RESOLVE, 5, "a", ONE))
    assert [each.status for each in desk.open] == [Status.ACCEPTED]

    desk.take(event(RESOLVE, 3, "a", ONE))  # in order it ends the alert before b comes
    assert [(each.status, desk.held(each)) for each in desk.open] == [(Status.PENDING, {"b"})]
    assert [each.content.match_key for each in desk.open] == ["b"]


def test_what_a_late_accept_makes_uncertain_pages_again() -> None:
    desk, one = Desk(), Creation.ONE_PENDING
    desk.take(event(ALERT, 1, "a", one), event(ALERT, 3, "b", one), event(ACCEPT, 4, "a", one))
    assert [each.status for each in desk.open] == [Status.ACCEPTED]

    desk.take(event(ACCEPT, 2, "a", one))  # in order b comes to an alert of its own
    assert [(each.status, desk.held(each)) for each in desk.open] == [
        (Status.ACCEPTED, {"a"}),
        (Status.PENDING, {"b"}),
    ]


def test_other_sources_have_groups_of_their_own() -> None:
    desk = Desk()
    one = event(ALERT, 1, "a", Creation.ONE_OPEN)
    desk.take(one, replace(one, seq=2, source_id=4))

    assert len(desk.alerts) == 2


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
