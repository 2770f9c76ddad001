"""Alerts that notify nobody, and what repeats change, without a machine."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.alertstate.domain import actions
from services.alertstate.domain.actions import Action, Done
from services.alertstate.domain.alerts import Actor, Alert, Cause, Content, Priority, Status
from services.alertstate.domain.cases import Event, Repeat
from services.alertstate.domain.effects import MOST_REPEATS_TOLD
from services.alertstate.domain.entries import EntryType
from services.alertstate.domain.keys import EventType
from services.chassis.errors import WrongState
from tests.parts.desk import NOW, Desk

ADA = Actor(kind="USER", id="adasadas", user_id=1, name="Ada Lovelace")
SOURCE = Actor(kind="SOURCE", id="3", name="web")
SILENT = Alert(
    id=7,
    source_id=3,
    content=Content(alert_key="Disk", match_key="disk", summary="disk full", policy_id=4),
    status=Status.PENDING,
    report_time=NOW,
    accept_time=NOW,
    version=1,
    silent=True,
)
LOW = replace(SILENT, content=replace(SILENT.content, priority=Priority.LOW))
ASLEEP = replace(SILENT, snoozed_until=NOW + timedelta(hours=1))


def event(seq: int, summary: str = "disk full", **fields: Any) -> Event:
    told: dict[str, Any] = {
        name: fields.pop(name)
        for name in ("details", "labels", "severity", "custom_details", "priority", "images")
        if name in fields
    }
    key = fields.pop("key", "disk")
    content = Content(alert_key=key, match_key=key, summary=summary, policy_id=4, **told)
    said: dict[str, Any] = {"type": EventType.ALERT, "repeat": Repeat.UPDATE, **fields}
    return Event(seq=seq, actor=SOURCE, source_id=3, content=content, accept_time=NOW, **said)


def taken(*events: Event) -> tuple[Desk, Alert]:
    """Returns the alert that events come to, one delivered after the other."""
    desk = Desk()
    for each in events:
        desk.take(each)
    return desk, desk.alerts[1]


def sentences(desk: Desk) -> list[str]:
    return [entry.sentence for case in desk.last for entry in case.entries]


def test_a_silent_event_raises_an_alert_of_which_nobody_is_notified() -> None:
    desk, alert = taken(event(1, silent=True))

    assert (alert.silent, alert.status, alert.episode) == (True, Status.PENDING, 1)
    assert sentences(desk) == ["raised_silent"]


def test_the_first_that_is_not_silent_starts_the_policy_and_no_other_does() -> None:
    history = [event(1, silent=True), event(2, silent=True), event(3), event(4)]
    history += [event(5, silent=True), event(6)]
    episodes = []
    for count in range(1, 7):
        _, alert = taken(*history[:count])
        episodes.append((alert.silent, alert.episode))

    assert episodes == [(True, 1), (True, 1), *[(False, 2)] * 4]


def test_it_says_so_as_a_change_of_how_loud_it_is() -> None:
    desk, _ = taken(event(1, silent=True), event(2))

    (case,) = desk.last
    assert (case.cause, sentences(desk)) == (Cause.PRIORITY_CHANGED, ["sounded"])


def test_one_that_nobody_has_heard_of_yet_has_one_episode() -> None:
    desk = Desk()
    desk.take(event(1, silent=True), event(2))

    assert (desk.alerts[1].silent, desk.alerts[1].episode) == (False, 1)


def test_one_that_was_taken_stays_taken() -> None:
    _, alert = taken(event(1, silent=True), event(2, type=EventType.ACCEPT), event(3))

    assert (alert.silent, alert.status, alert.episode) == (False, Status.ACCEPTED, 1)


def test_an_event_that_raises_the_priority_of_a_silent_alert_starts_nothing() -> None:
    low = event(1, silent=True, priority=Priority.LOW)
    _, alert = taken(low, event(2, silent=True, priority=Priority.HIGH))

    assert (alert.content.priority, alert.silent, alert.episode) == (Priority.HIGH, True, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "disk fuller"},
        {"details": "worse"},
        {"labels": (("a", "1"),)},
        {"severity": 3},
        {"custom_details": b'{"a":1}'},
    ],
)
def test_an_update_changes_what_the_alert_tells_and_says_so_once(change: dict[str, Any]) -> None:
    desk, alert = taken(event(1), event(2, **change))
    assert sentences(desk) == ["updated"]
    assert desk.last[0].entries[0].type is EntryType.SUMMARY_CHANGED
    for name, value in change.items():
        assert getattr(alert.content, name) == value

    desk.take(event(3, **change))

    assert sentences(desk) == []
    assert desk.alerts[1] == replace(
        alert, event_count=3, version=3, told_seq=3, log_count=alert.log_count
    )


def test_an_update_changes_neither_key_policy_nor_priority() -> None:
    low = replace(event(2), content=replace(event(2).content, policy_id=9, alert_key="DISK"))
    quiet = replace(low, content=replace(low.content, priority=Priority.LOW))

    _, alert = taken(event(1), quiet)

    content = alert.content
    assert (content.alert_key, content.policy_id, content.priority) == ("disk", 4, Priority.HIGH)


def test_an_older_update_changes_nothing() -> None:
    desk, alert = taken(event(5, "newest"), event(2, "older"))

    assert (alert.content.summary, alert.event_count, sentences(desk)) == ("newest", 2, [])


def test_the_log_tells_of_the_first_hundred_changes() -> None:
    _, alert = taken(*(event(seq, f"disk {seq} % full") for seq in range(1, 152)))

    assert alert.content.summary == "disk 151 % full"
    assert (alert.event_count, alert.log_count) == (151, MOST_REPEATS_TOLD + 1)


def test_a_repeat_that_is_kept_changes_the_counter_alone() -> None:
    first = event(1, repeat=Repeat.KEEP, priority=Priority.LOW)
    changed = {"labels": (("a", "1"),), "severity": 3, "custom_details": b"{}", "details": "d"}
    desk, alert = taken(first, event(2, "else", repeat=Repeat.KEEP, **changed))

    assert alert.content == first.content
    assert (alert.event_count, alert.version, alert.episode) == (2, 2, 1)
    assert sentences(desk) == []


def test_of_kept_ones_the_oldest_counts() -> None:
    _, alert = taken(*(event(seq, f"{seq}", repeat=Repeat.KEEP) for seq in (5, 7, 2)))

    assert (alert.content.summary, alert.told_seq) == ("2", 2)


def starts(done: Done) -> bool:
    """Tells whether the policy starts by what was done."""
    return not done.alert.silent and done.alert.episode == SILENT.episode + 1


@pytest.mark.parametrize("alert", [SILENT, LOW])
def test_people_start_the_policy_of_a_silent_alert(alert: Alert) -> None:
    assert starts(actions.escalate(alert, ADA, NOW))
    assert starts(actions.set_priority(alert, Priority.HIGH, ADA, NOW))
    assert starts(actions.assign_to_policy(alert, 9, "other", ADA, NOW))
    assert starts(actions.assign_to_policy(alert, 4, "same", ADA, NOW))


def test_what_does_not_start_it() -> None:
    hour = NOW + timedelta(hours=1)
    quieter = actions.set_priority(SILENT, Priority.LOW, ADA, NOW).alert
    asleep = actions.snooze(SILENT, hour, ADA, NOW).alert
    woken = actions.wake(asleep, hour)
    called = actions.assign_to_user(SILENT, 2, "Bob", ADA, NOW).alert
    taken_by_ada = actions.act(SILENT, Action.ACCEPT, ADA, NOW).alert

    for alert in (quieter, asleep, woken.alert, called, taken_by_ada):
        assert alert.silent
    assert quieter.content.priority is Priority.LOW
    assert [call.user_id for call in called.calls] == [2]
    assert woken.entries[0].sentence == "woke_silent"
    assert actions.set_priority(quieter, Priority.LOW, ADA, NOW).cause is None


def test_one_that_sleeps_or_follows_no_policy_has_no_next_level() -> None:
    nowhere = replace(SILENT, content=replace(SILENT.content, policy_id=0))
    for alert in (ASLEEP, nowhere):
        with pytest.raises(WrongState):
            actions.escalate(alert, ADA, NOW)


def test_a_loud_event_on_one_that_sleeps_lets_it_sleep() -> None:
    desk, alert = taken(event(1, silent=True))
    desk.alerts[1] = replace(alert, snoozed_until=ASLEEP.snoozed_until)

    desk.take(event(2))

    assert desk.alerts[1].snoozed_until == ASLEEP.snoozed_until
    assert (desk.alerts[1].silent, desk.alerts[1].episode) == (False, 2)
