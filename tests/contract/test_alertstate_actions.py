"""What people do to alerts, and what others are told of it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from grpc import StatusCode
from sqlalchemy import event, select

from services.alertstate import consumer, timer
from services.alertstate.timer_kinds import AUTO_RESOLVE, SNOOZE
from services.chassis import replies
from services.chassis.audit import AUDIT
from services.chassis.timers import TIMER
from tests.contract.alertstate_house import (
    ADA,
    BOB,
    BOT,
    NOON,
    House,
    State,
    accepted,
    running_house,
)
from tests.contract.blocking import Answer
from tocsin.alertstate.v1 import alert_service_pb2 as pb
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged, Call
from tocsin.alertstate.v1.alert_pb2 import Alert, Comment, ManualAlert, SuggestedResponder
from tocsin.edge.v1.content_pb2 import Link
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.user_pb2 import User
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.event_pb2 import Event, EventComment

SOON = datetime(2126, 1, 1, tzinfo=UTC)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path) as running:
        yield running


async def test_a_manual_alert_follows_the_policy_of_its_source(house: House) -> None:
    alert = await create(house, summary="help", alert_source=AlertSource(id=3))

    assert (alert.id, alert.status, alert.priority) == (1, Alert.PENDING, Alert.HIGH)
    assert (alert.alert_source.id, alert.escalation_policy.id) == (3, 4)
    assert not alert.HasField("alert_key")
    (told,) = await house.changes()
    assert (told.cause, told.version, told.alert.escalation_policy.id) == (
        AlertChanged.RAISED,
        1,
        4,
    )
    assert await log_types(house, 1) == ["AlertCreatedByUserLogEntry"]


async def test_a_manual_alerts_own_policy_wins(house: House) -> None:
    policy = EscalationPolicy(id=5)
    alert = await create(house, summary="help", alert_source={"id": 3}, escalation_policy=policy)

    assert alert.escalation_policy.name == "databases"


async def test_a_manual_alert_with_responders_calls_them_and_nobody_after(house: House) -> None:
    people = [{"user": {"id": 2}}, {"user": {"id": 1}}, {"user": {"id": 2}}]
    alert = await create(house, summary="help", alert_source={"id": 3}, responders=people)

    assert not alert.HasField("escalation_policy")
    assert [each.user.id for each in alert.responders] == [1, 2]
    (told,) = await house.changes()
    assert not told.alert.HasField("escalation_policy")
    assert list(told.calls) == [Call(number=1, user_id=2), Call(number=2, user_id=1)]
    assert house.runs.asked == []


async def test_a_manual_alert_of_nobody_but_one_assigned_person(house: House) -> None:
    alert = await create(house, summary="help", assigned_to={"id": 1})

    assert not alert.HasField("alert_source")
    assert alert.assigned_to.id == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"alert_source": {"id": 3}}, StatusCode.INVALID_ARGUMENT),
        ({"summary": " ", "alert_source": {"id": 3}}, StatusCode.INVALID_ARGUMENT),
        ({"summary": "help"}, StatusCode.INVALID_ARGUMENT),
        ({"summary": "help", "alert_source": {}}, StatusCode.INVALID_ARGUMENT),
        ({"summary": "help", "responders": [{}]}, StatusCode.INVALID_ARGUMENT),
        (
            {"summary": "h", "assigned_to": {"id": 1}, "links": [{"href": "javascript:x"}]},
            StatusCode.INVALID_ARGUMENT,
        ),
        (
            {"summary": "h", "assigned_to": {"id": 1}, "links": [{"href": "http://a\0b"}]},
            StatusCode.INVALID_ARGUMENT,
        ),
        (
            {
                "summary": "h",
                "assigned_to": {"id": 1},
                "images": [{"src": "http://a/b", "href": "javascript:x"}],
            },
            StatusCode.INVALID_ARGUMENT,
        ),
        ({"summary": "help", "alert_source": {"id": 99}}, StatusCode.NOT_FOUND),
        ({"summary": "help", "escalation_policy": {"id": 99}}, StatusCode.NOT_FOUND),
        ({"summary": "help", "responders": [{"user": {"id": 99}}]}, StatusCode.NOT_FOUND),
    ],
)
async def test_a_manual_alert_that_cannot_be_is_refused(
    house: House, fields: dict[str, object], code: StatusCode
) -> None:
    request = pb.CreateAlertRequest(alert=ManualAlert(**fields))  # type: ignore[arg-type] # its fields

    assert (await house.call("CreateAlert", request)).code is code
    assert await house.count() == 0


async def test_a_long_summary_is_kept_whole_in_the_details(house: House) -> None:
    alert = await create(house, summary="x" * 300, assigned_to={"id": 1}, details="more")

    assert len(alert.summary) == 255
    assert alert.details == "x" * 300 + "\n\nmore"


async def test_texts_by_hand_have_no_control_characters(house: House) -> None:
    link = {"href": "https://a/b", "text": "\x1b[31mred"}
    alert = await create(
        house, summary="a\0b\tc", details="\0x\n\x9by", assigned_to={"id": 1}, links=[link]
    )
    said = pb.CommentAlertRequest(id=1, comment=Comment(content="\0done\n\x07"))

    comment = (await house.call("CommentAlert", said, ADA)).reply

    assert (alert.summary, alert.details, alert.links[0].text) == ("ab c", "x\ny", "[31mred")
    assert comment.content == "done\n"
    nothing = pb.CommentAlertRequest(id=1, comment=Comment(content="\0"))
    assert (await house.call("CommentAlert", nothing)).code is StatusCode.INVALID_ARGUMENT


async def test_comments_come_in_pages(house: House) -> None:
    await house.take(accepted(1))
    for number in range(3):
        said = pb.CommentAlertRequest(id=1, comment=Comment(content=f"word {number}"))
        assert (await house.call("CommentAlert", said, ADA)).reply.id == number + 1

    async def listed(**part: int) -> list[str]:
        request = pb.ListCommentsRequest(id=1, **part)
        return [each.content for each in (await house.call("ListComments", request)).reply.comments]

    assert await listed() == ["word 0", "word 1", "word 2"]
    assert await listed(start_index=1, max_results=1) == ["word 1"]
    too_many = pb.ListCommentsRequest(id=1, max_results=101)
    assert (await house.call("ListComments", too_many)).code is StatusCode.INVALID_ARGUMENT


async def test_lists_of_large_things_fit_a_reply(house: House) -> None:
    large = b'{"a": "' + b"<" * 450_000 + b'"}'
    for seq in range(1, 26):
        event = accepted(seq, key=f"k{seq}", details="y" * 300_000, custom_details=large)
        await house.take(event)
    for _ in range(100):
        said = pb.CommentAlertRequest(id=1, comment=Comment(content="<" * 60_000))
        await house.call("CommentAlert", said, ADA)

    for method, request in (
        ("ListAlerts", pb.ListAlertsRequest(include=["customDetails"])),
        ("ListComments", pb.ListCommentsRequest(id=1)),
        ("ListLogEntries", pb.ListLogEntriesRequest(id=1, max_results=100, include=["vars"])),
    ):
        answer = await house.call(method, request)
        assert answer.code is StatusCode.OK
        replies.check(answer.reply)
    assert len((await house.get(1)).details) == 300_000


async def test_a_reply_shows_the_state_after_the_effect(house: House) -> None:
    house.runs.run = running(next_step=SOON, paged=[2], level=1)

    alert = await create(house, summary="help", alert_source={"id": 3})

    assert alert.next_escalation.ToDatetime(UTC) == SOON
    assert [each.user.id for each in alert.responders] == [2]
    assert alert.next_escalation_rule_index == 0  # the policy has one level: the next round's
    (asked,) = house.runs.asked
    assert (asked.key, asked.subject_version) == ("alert:1:1", 1)


async def test_a_responder_is_added_and_paged(house: House) -> None:
    await house.take(accepted(1))

    request = pb.AddResponderRequest(id=1, responder={"user": {"id": 2}})
    answer = await house.call("AddResponder", request, ADA)

    assert (answer.reply.user.first_name, answer.reply.HasField("accepted_at")) == ("Bob", False)
    told = (await house.changes())[-1]
    assert told.cause == AlertChanged.RESPONDERS_CHANGED
    assert list(told.calls) == [Call(number=1, user_id=2)]
    again = await house.call("AddResponder", pb.AddResponderRequest(id=1, user_login="2"), ADA)
    assert again.code is StatusCode.FAILED_PRECONDITION
    assert (await log_types(house, 1))[-1] == "AlertAssignedByUserLogEntry"


async def test_who_was_taken_off_is_called_no_more(house: House) -> None:
    people = [{"user": {"id": 2}}, {"user": {"id": 1}}]
    await create(house, summary="help", alert_source={"id": 3}, responders=people)

    await house.call("RemoveResponder", pb.RemoveResponderRequest(id=1, user_id=2), ADA)

    assert list((await house.changes())[-1].calls) == [Call(number=2, user_id=1)]
    await house.call("AddResponder", pb.AddResponderRequest(id=1, user=2), ADA)
    assert [call.number for call in (await house.changes())[-1].calls] == [1, 2, 3]


async def test_help_for_an_alert_that_is_taken_is_paged_and_nobody_else(house: House) -> None:
    await house.take(accepted(1))
    await house.accept(1, ADA)
    for user in (2, 3):
        await house.call("AddResponder", pb.AddResponderRequest(id=1, user=user), ADA)

    told = (await house.changes())[-1]
    assert (told.alert.status, told.episode, len(told.calls)) == (Alert.ACCEPTED, 2, 1)
    standing = await house.check(("alert", "1", 1), ("alert", "1", 2))
    assert list(standing.reply.states) == [State.OVER, State.PENDING]
    await house.accept(1, BOB)
    standing = await house.check(("alert", "1", 2))
    assert list(standing.reply.states) == [State.OVER]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (pb.AddResponderRequest(id=1), StatusCode.INVALID_ARGUMENT),
        (pb.AddResponderRequest(id=1, user=1, user_login="2"), StatusCode.INVALID_ARGUMENT),
        (pb.AddResponderRequest(id=1, user=99), StatusCode.NOT_FOUND),
        (pb.AddResponderRequest(id=1, user_login="99"), StatusCode.NOT_FOUND),
        (pb.AddResponderRequest(id=1, user_login="nobody"), StatusCode.NOT_FOUND),
        (pb.AddResponderRequest(id=1, user_login="0"), StatusCode.INVALID_ARGUMENT),
        (pb.AddResponderRequest(id=7, user=1), StatusCode.NOT_FOUND),
    ],
)
async def test_a_responder_that_cannot_be_added(
    house: House, request_: pb.AddResponderRequest, code: StatusCode
) -> None:
    await house.take(accepted(1))

    assert (await house.call("AddResponder", request_)).code is code


async def test_whoever_was_taken_off_stays_off_until_they_come_back(house: House) -> None:
    await house.take(accepted(1))
    await house.accept(1, ADA)
    remove = pb.RemoveResponderRequest(id=1, user_id=1)

    assert (await house.call("RemoveResponder", remove)).code is StatusCode.OK
    assert list((await house.get(1)).responders) == []
    assert (await house.call("RemoveResponder", remove)).code is StatusCode.NOT_FOUND
    await house.accept(1, ADA)
    assert [each.user.id for each in (await house.get(1)).responders] == [1]


async def test_an_alert_is_assigned_to_a_person_once(house: House) -> None:
    await house.take(accepted(1))

    for request in (
        pb.AssignAlertRequest(id=1, user=2),
        pb.AssignAlertRequest(id=1, user_login="2"),
    ):
        alert = (await house.call("AssignAlert", request, ADA)).reply
        assert alert.assigned_to.id == 2

    changes = await house.changes()
    assert [list(each.calls) for each in changes] == [[], [Call(number=1, user_id=2)]]


async def test_an_alert_is_assigned_to_another_policy_and_begins_anew(house: House) -> None:
    await house.take(accepted(1))

    alert = (await house.call("AssignAlert", pb.AssignAlertRequest(id=1, policy=5), ADA)).reply

    assert alert.escalation_policy.id == 5
    told = (await house.changes())[-1]
    assert (told.cause, told.episode) == (AlertChanged.REASSIGNED, 2)
    assert (await log_types(house, 1))[-1] == "AlertAssignedToPolicyLogEntry"
    await house.accept(1, ADA)
    taken = (await house.call("AssignAlert", pb.AssignAlertRequest(id=1, policy_id=4), ADA)).reply
    assert (taken.status, taken.escalation_policy.id) == (Alert.ACCEPTED, 4)
    assert (await house.changes())[-1].episode == 2


async def test_an_alert_is_assigned_to_whoever_is_on_call(house: House) -> None:
    house.runs.on_call = User(id=2)
    await house.take(accepted(1))

    alert = (await house.call("AssignAlert", pb.AssignAlertRequest(id=1, schedule=6), ADA)).reply

    assert [each.user.id for each in alert.responders] == [2]
    assert list((await house.changes())[-1].calls) == [Call(number=1, schedule_id=6)]


async def test_the_same_schedule_again_calls_nobody_again(house: House) -> None:
    house.runs.on_call = User(id=2)
    await house.take(accepted(1))
    request = pb.AssignAlertRequest(id=1, schedule=6)

    for _ in range(2):
        await house.call("AssignAlert", request, ADA)

    assert len(await house.changes()) == 2
    house.runs.on_call = User(id=1)  # the next shift: this is no retry
    await house.call("AssignAlert", request, ADA)
    assert [call.number for call in (await house.changes())[-1].calls] == [1, 2]


async def test_the_same_schedule_again_calls_nobody_though_nobody_is_on_call(house: House) -> None:
    await house.take(accepted(1))

    for _ in range(2):
        await house.call("AssignAlert", pb.AssignAlertRequest(id=1, schedule=6), ADA)

    assert len(await house.changes()) == 2


@pytest.mark.parametrize("policy", [4, 5])
async def test_the_same_policy_again_does_not_begin_anew(house: House, policy: int) -> None:
    await house.take(accepted(1))

    for _ in range(2):
        await house.call("AssignAlert", pb.AssignAlertRequest(id=1, policy=policy), ADA)

    assert (await house.changes())[-1].episode == (1 if policy == 4 else 2)


async def test_a_policy_that_nobody_answered_may_begin_anew(house: House) -> None:
    await house.take(accepted(1))
    run = Escalation(key="alert:1:1", state=Escalation.EXHAUSTED, end_time=NOON, version=3)
    run.subject.MergeFrom(Subject(kind="alert", id="1", episode=1))
    ended = EscalationChanged(escalation=run, cause=EscalationChanged.ENDED)
    react = consumer.of_escalation()[EscalationChanged.DESCRIPTOR.full_name]
    await house.db.write(react, NOON, ended.SerializeToString())

    for _ in range(2):
        await house.call("AssignAlert", pb.AssignAlertRequest(id=1, policy=4), ADA)

    assert (await house.changes())[-1].episode == 2


async def test_nobody_on_call_is_said(house: House) -> None:
    await house.take(accepted(1))

    alert = (await house.call("AssignAlert", pb.AssignAlertRequest(id=1, schedule=6), ADA)).reply

    assert list(alert.responders) == []
    assert (await log_types(house, 1))[-2:] == [
        "AlertAssignedToScheduleLogEntry",
        "NobodyOnCallLogEntry",
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, StatusCode.INVALID_ARGUMENT),
        ({"user": 1, "policy": 5}, StatusCode.INVALID_ARGUMENT),
        ({"user": 1, "user_login": "2"}, StatusCode.INVALID_ARGUMENT),
        ({"user_login": ""}, StatusCode.INVALID_ARGUMENT),
        ({"user_login": "7" * 5000}, StatusCode.NOT_FOUND),
        ({"user": 99}, StatusCode.NOT_FOUND),
        ({"policy": 99}, StatusCode.NOT_FOUND),
        ({"schedule": 99}, StatusCode.NOT_FOUND),
    ],
)
async def test_an_assignment_that_cannot_be(
    house: House, fields: dict[str, Any], code: StatusCode
) -> None:
    await house.take(accepted(1))

    answer = await house.call("AssignAlert", pb.AssignAlertRequest(id=1, **fields))
    assert answer.code is code


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("AssignAlert", pb.AssignAlertRequest(id=1, user=2)),
        ("AddResponder", pb.AddResponderRequest(id=1, user=2)),
        ("EscalateAlert", pb.EscalateAlertRequest(id=1)),
        ("SetAlertPriority", pb.SetAlertPriorityRequest(id=1, priority=Alert.LOW)),
        ("SnoozeAlert", pb.SnoozeAlertRequest(id=1, until=SOON)),
    ],
)
async def test_a_resolved_alert_is_over(house: House, method: str, request_: Message) -> None:
    await house.take(accepted(1))
    await house.resolve(1, ADA)

    assert (await house.call(method, request_)).code is StatusCode.FAILED_PRECONDITION


async def test_the_next_level_is_asked_for(house: House) -> None:
    await house.take(accepted(1), accepted(2, key="none", policy=0))

    assert (await house.call("EscalateAlert", pb.EscalateAlertRequest(id=1))).code is StatusCode.OK
    told = (await house.changes())[-1]
    assert (told.cause, told.pushes, told.episode) == (AlertChanged.ESCALATED, 1, 1)
    none = await house.call("EscalateAlert", pb.EscalateAlertRequest(id=2))
    assert none.code is StatusCode.FAILED_PRECONDITION


async def test_raising_the_priority_starts_the_policy_and_lowering_does_not(house: House) -> None:
    await house.take(accepted(1, priority=Event.LOW))

    for priority in (Alert.HIGH, Alert.HIGH, Alert.LOW):
        request = pb.SetAlertPriorityRequest(id=1, priority=priority)
        assert (await house.call("SetAlertPriority", request)).reply.priority == priority

    told = [(each.cause, each.episode) for each in await house.changes()]
    assert told[1:] == [(AlertChanged.PRIORITY_CHANGED, 2), (AlertChanged.PRIORITY_CHANGED, 2)]
    assert "AlertRaisedByUserLogEntry" in await log_types(house, 1)
    nothing = pb.SetAlertPriorityRequest(id=1)
    assert (await house.call("SetAlertPriority", nothing)).code is StatusCode.INVALID_ARGUMENT


async def test_an_alert_sleeps_and_wakes_by_itself(house: House) -> None:
    await house.take(accepted(1))
    await snooze(house, SOON)

    assert (await house.get(1)).snoozed_until.ToDatetime(UTC) == SOON
    assert await due(house, SNOOZE) == [("1", SOON)]
    await house.db.write(timer.wake_up, SOON - timedelta(seconds=1), "1")
    assert (await house.get(1)).HasField("snoozed_until")
    await house.db.write(timer.wake_up, SOON, "1")

    assert not (await house.get(1)).HasField("snoozed_until")
    told = [(each.cause, each.episode) for each in await house.changes()]
    assert told[1:] == [(AlertChanged.SNOOZED, 2), (AlertChanged.SNOOZED, 3)]


async def test_a_time_that_has_passed_wakes_and_an_accept_does_too(house: House) -> None:
    await house.take(accepted(1))
    for until in (SOON, NOON, NOON, SOON):
        await snooze(house, until)
    assert len(await house.changes()) == 4
    await house.accept(1, ADA)

    assert not (await house.get(1)).HasField("snoozed_until")
    await house.db.write(timer.wake_up, SOON, "1")
    assert (await house.changes())[-1].cause == AlertChanged.ACCEPTED
    answer = await house.call("SnoozeAlert", pb.SnoozeAlertRequest(id=1, until=SOON))
    assert answer.code is StatusCode.FAILED_PRECONDITION


async def test_an_alert_resolves_by_itself_and_a_repeat_puts_that_off(house: House) -> None:
    await house.take(accepted(1, auto_resolution_seconds=600))
    assert await due(house, AUTO_RESOLVE) == [("1", NOON + timedelta(seconds=600))]
    await house.take(accepted(2, auto_resolution_seconds=1200))
    assert await due(house, AUTO_RESOLVE) == [("1", NOON + timedelta(seconds=1200))]

    await house.db.write(timer.auto_resolve, NOON, "1")
    await house.db.write(timer.auto_resolve, NOON, "1")

    assert (await house.get(1)).status == Alert.RESOLVED
    causes = [each.cause for each in await house.changes()]
    assert causes[-1] == AlertChanged.AUTO_RESOLVED
    assert causes.count(AlertChanged.AUTO_RESOLVED) == 1
    assert (await log_types(house, 1))[-1] == "AlertAutoResolvedLogEntry"
    await house.take(accepted(3))
    assert await house.ids() == [2, 1]


async def test_comments_come_from_people_and_events(house: House) -> None:
    said = [EventComment(creator="cron", content="seen it"), EventComment(content=" ")]
    await house.take(accepted(1, comments=said))
    by_event = [EventComment(content="again")]
    await house.take(accepted(2, Event.COMMENT, comments=by_event))
    comment = pb.CommentAlertRequest(id=1, comment=Comment(content="on it", creator="nobody"))
    answer = await house.call("CommentAlert", comment, ADA)

    assert (answer.reply.id, answer.reply.creator, answer.reply.user_id) == (3, "Ada Lovelace", 1)
    listed = (await house.call("ListComments", pb.ListCommentsRequest(id=1))).reply.comments
    assert [(each.id, each.creator, each.content) for each in listed] == [
        (1, "cron", "seen it"),
        (2, "Grafana", "again"),
        (3, "Ada Lovelace", "on it"),
    ]
    causes = [each.cause for each in await house.changes()]
    assert causes == [AlertChanged.RAISED, AlertChanged.COMMENTED, AlertChanged.COMMENTED]
    empty = await house.call("CommentAlert", pb.CommentAlertRequest(id=1))
    assert empty.code is StatusCode.INVALID_ARGUMENT


async def test_many_are_answered_each_for_itself(house: House) -> None:
    await house.take(accepted(1, key="a"), accepted(2, key="b"))
    await house.resolve(2, ADA)

    request = pb.BulkAcceptAlertsRequest(ids=[1, 2, 7])
    results = (await house.call("BulkAcceptAlerts", request, ADA)).reply.results

    assert [(each.id, each.status, each.code) for each in results] == [
        (1, Alert.ACCEPTED, ""),
        (2, Alert.RESOLVED, "ALERT_RESOLVED"),
        (7, 0, "NOT_FOUND"),
    ]
    both = (await house.call("BulkResolveAlerts", pb.BulkResolveAlertsRequest(ids=[1, 2]))).reply
    assert [each.status for each in both.results] == [Alert.RESOLVED, Alert.RESOLVED]
    many = pb.BulkResolveAlertsRequest(ids=[1] * 501)
    assert (await house.call("BulkResolveAlerts", many)).code is StatusCode.INVALID_ARGUMENT


async def test_many_alerts_are_answered_in_few_transactions(house: House) -> None:
    await house.take(*(accepted(seq, key=f"k{seq}") for seq in range(1, 121)))
    commits: list[object] = []
    event.listen(house.db.engine, "commit", commits.append)

    ids = [*range(1, 121), 500, 1]
    reply = (await house.call("BulkResolveAlerts", pb.BulkResolveAlertsRequest(ids=ids), ADA)).reply

    assert [each.id for each in reply.results] == ids
    assert {each.status for each in reply.results if each.id != 500} == {Alert.RESOLVED}
    assert len(commits) <= 4
    assert await house.count(states=[Alert.RESOLVED]) == 120
    causes = [change.cause for change in await house.changes()]
    assert causes.count(AlertChanged.RESOLVED) == 120
    await house.take(accepted(200, key="k7"))  # its key was answered, too
    assert await house.count(states=[Alert.PENDING]) == 1


async def test_alerts_that_are_not_reached_in_time_are_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.take(accepted(1))
    monkeypatch.setattr("services.alertstate.bulk.MARGIN_SECONDS", 100)

    request = pb.BulkAcceptAlertsRequest(ids=[1])
    (result,) = (await house.call("BulkAcceptAlerts", request)).reply.results

    assert (result.id, result.code, result.HasField("status")) == (1, "TIMEOUT", False)
    assert (await house.get(1)).status == Alert.PENDING


async def test_suggestions_begin_with_the_policys_people(house: House) -> None:
    await house.take(accepted(1))
    await house.accept(1, ADA)

    request = pb.ListSuggestedRespondersRequest(id=1)
    found = (await house.call("ListSuggestedResponders", request)).reply.suggested_responders

    group = SuggestedResponder.Group
    assert [(each.group, each.id, each.disabled) for each in found] == [
        (group.SUGGESTED, 1, True),
        (group.USER, 2, False),
        (group.ESCALATION_POLICY, 5, False),
        (group.ESCALATION_POLICY, 4, True),
        (group.ON_CALL_SCHEDULE, 6, False),
    ]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (b'{"a": {"b": [1, null, true, "x"]}}', {"a": {"b": [1.0, None, True, "x"]}}),
        (b'{"a": NaN}', {"raw": '{"a": NaN}'}),
        (b"[1]", {"raw": "[1]"}),
        (b'{"a": 1e999}', {"raw": '{"a": 1e999}'}),
        (b'{"a": "\\ud800"}', {"raw": '{"a": "\\ud800"}'}),
        (b'{"a":' * 60 + b"1" + b"}" * 60, {"raw": '{"a":' * 60 + "1" + "}" * 60}),
    ],
)
async def test_custom_details_are_shown_when_asked_for(
    house: House, sent: bytes, shown: dict[str, object]
) -> None:
    await house.take(accepted(1, custom_details=sent, severity=2, labels={"team": "db"}))

    alert = await house.get(1, "customDetails", "whatever")

    assert json_format.MessageToDict(alert.custom_details) == shown
    assert (alert.severity, dict(alert.labels)) == (2, {"team": "db"})
    assert not (await house.get(1)).HasField("custom_details")


async def test_alerts_are_found_by_policy_and_responder(house: House) -> None:
    await house.take(accepted(1, key="a"), accepted(2, key="b", policy=5))
    await house.accept(2, ADA)

    assert await house.ids(policies=[5]) == [2]
    for word in ("1", "ada", "ADA@example.com"):
        assert await house.ids(responders=[word]) == [2]
        assert await house.count(assigned_to=[word]) == 1
    assert await house.ids(assigned_to=["nobody"]) == []
    assert await house.ids(state=[Alert.ACCEPTED], alert_source=[3]) == [2]


async def test_the_log_is_told_in_german_and_by_group(house: House) -> None:
    await house.take(accepted(1))
    await house.accept(1, ADA)

    german = await log(house, lang="de", include=["vars"], filter_types=["ALERT_UPDATES"])
    (entry,) = german.reply.log_entries
    assert entry.text == "Ada Lovelace hat den Alarm angenommen"
    assert dict(entry.vars) == {"actor": "Ada Lovelace"}
    assert (await log(house, lng="de")).reply.log_entries[1].text == entry.text
    assert not (await log(house)).reply.log_entries[0].vars
    assert (await log(house, lang="fr")).code is StatusCode.INVALID_ARGUMENT
    assert (await log(house, filter_types=["X"])).code is StatusCode.INVALID_ARGUMENT


async def test_every_change_by_hand_is_in_the_audit(house: House) -> None:
    await create(house, summary="help", alert_source={"id": 3}, links=[Link(href="https://x/")])
    await house.call("CommentAlert", pb.CommentAlertRequest(id=1, comment=Comment(content="x")))
    await house.accept(1, ADA)

    rows = await house.db.read(lambda connection: connection.execute(select(AUDIT)).all())
    assert [row.action for row in rows] == ["alert.create", "alert.comment", "alert.accept"]


def running(*, next_step: datetime, paged: list[int], level: int) -> Escalation:
    return Escalation(
        key="alert:1:1",
        subject=Subject(kind="alert", id="1", episode=1),
        state=Escalation.RUNNING,
        level=level,
        paged_user_ids=paged,
        next_step_time=next_step,
        version=2,
    )


async def create(house: House, **fields: object) -> Alert:
    request = pb.CreateAlertRequest(alert=ManualAlert(**fields))  # type: ignore[arg-type] # its fields
    answer = await house.call("CreateAlert", request, BOT)
    assert answer.code is StatusCode.OK, answer
    alert: Alert = answer.reply
    return alert


async def snooze(house: House, until: datetime) -> None:
    answer = await house.call("SnoozeAlert", pb.SnoozeAlertRequest(id=1, until=until), ADA)
    assert answer.code is StatusCode.OK, answer


async def log(house: House, **fields: object) -> Answer:
    request = pb.ListLogEntriesRequest(id=1, **fields)  # type: ignore[arg-type] # its fields
    return await house.call("ListLogEntries", request)


async def log_types(house: House, alert_id: int) -> list[str]:
    answer = await house.call("ListLogEntries", pb.ListLogEntriesRequest(id=alert_id))
    return [each.log_entry_type for each in answer.reply.log_entries]


async def due(house: House, kind: str) -> list[tuple[str, datetime]]:
    query = select(TIMER.c.key, TIMER.c.due_at).where(TIMER.c.kind == kind)
    rows = await house.db.read(lambda connection: connection.execute(query).all())
    return [(row.key, row.due_at.replace(tzinfo=UTC)) for row in rows]
