"""What callers are answered about runs and their subjects, per method and state."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from sqlalchemy import Connection

from services.escalation import running
from services.escalation.domain.policies import Level, Plan
from services.escalation.domain.runs import ALERT, Actor, Priority, State
from services.escalation.domain.runs import Subject as SubjectValue
from services.escalation.domain.users import Role
from tests.contract.blocking import ADA, Answer
from tests.contract.escalation_house import INVALID, NOT_FOUND, OK, WRONG_STATE, House, escalation
from tocsin.chassis.internal.v1 import subject_service_pb2 as subject_calls
from tocsin.escalation.v1 import escalation_service_pb2 as calls
from tocsin.escalation.v1.escalation_events_pb2 import (
    EscalationChanged,
)
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.user_pb2 import User


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        yield opened


def known_names(enum: Any) -> Iterator[str]:
    return (name for name, _ in enum.items() if not name.endswith("_UNSPECIFIED"))


def test_every_state_has_its_name_on_the_wire() -> None:
    assert set(State.__members__) == set(known_names(Escalation.State))
    assert set(Priority.__members__) == set(known_names(Subject.Priority))
    assert set(Role.__members__) == set(known_names(User.Role))


# runs


async def end(house: House, how: str, run_id: int) -> Answer:
    if how == "ack":
        request = calls.AcknowledgeEscalationRequest(id=run_id)
        return await house.escalations("AcknowledgeEscalation", request)
    return await house.escalations("StopEscalation", calls.StopEscalationRequest(id=run_id))


async def test_starting_twice_is_starting_once(house: House) -> None:
    first = await house.start()
    again = await house.start(policy_id=first.reply.escalation_policy_id)

    assert (first.code, again.code) == (OK, OK)
    assert again.reply == first.reply
    assert (first.reply.key, first.reply.state) == ("deploy:42:1", Escalation.RUNNING)
    assert first.reply.subject.priority == Subject.HIGH
    assert ("escalation.start", "escalation:1") in await house.audit()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": ""}, INVALID),
        ({"kind": "alert"}, INVALID),
        ({"kind": "Deploy"}, INVALID),
        ({"id": ""}, INVALID),
        ({"title": ""}, INVALID),
        ({"episode": -1}, INVALID),
        ({"priority": 7}, INVALID),
        ({"details": "x" * 200_000}, INVALID),
    ],
)
async def test_what_is_not_started(
    house: House, change: dict[str, Any], code: grpc.StatusCode
) -> None:
    told = {"kind": "deploy", "id": "1", "title": "t", **change}
    assert (await house.start(Subject(**told))).code == code


async def test_nothing_is_started_along_a_policy_that_is_not_there(house: House) -> None:
    assert (await house.start(policy_id=99)).code == NOT_FOUND


async def test_a_newer_episode_ends_the_older_and_a_late_one_pages_nobody(house: House) -> None:
    policy_id = await house.policy(60)

    def episode(number: int) -> Subject:
        return Subject(kind="deploy", id="42", title="t", episode=number)

    first = await house.start(episode(1), policy_id)
    third = await house.start(episode(3), policy_id)
    second = await house.start(episode(2), policy_id)

    assert third.reply.state == Escalation.RUNNING
    assert second.reply.state == Escalation.STOPPED
    request = calls.ListEscalationsRequest(kind="deploy", subject_id="42")
    listed = await house.escalations("ListEscalations", request)
    assert [(run.id, run.state) for run in listed.reply.escalations] == [
        (second.reply.id, Escalation.STOPPED),
        (third.reply.id, Escalation.RUNNING),
        (first.reply.id, Escalation.STOPPED),
    ]


@pytest.mark.parametrize(
    ("before", "how", "code", "state"),
    [
        ([], "ack", OK, Escalation.ACKNOWLEDGED),
        (["ack"], "ack", OK, Escalation.ACKNOWLEDGED),
        (["stop"], "ack", WRONG_STATE, None),
        (["exhaust"], "ack", OK, Escalation.ACKNOWLEDGED),
        ([], "stop", OK, Escalation.STOPPED),
        (["ack"], "stop", OK, Escalation.STOPPED),
        (["stop"], "stop", OK, Escalation.STOPPED),
        (["exhaust"], "stop", OK, Escalation.STOPPED),
    ],
)
async def test_how_runs_end(
    house: House, before: list[str], how: str, code: grpc.StatusCode, state: int | None
) -> None:
    run_id = (await house.start()).reply.id
    for earlier in before:
        if earlier == "exhaust":
            await house.goes_on()
            await house.goes_on(60)
        else:
            await end(house, earlier, run_id)
    told = len(await house.told(EscalationChanged))

    answer = await end(house, how, run_id)

    assert answer.code == code
    after = len(await house.told(EscalationChanged))
    if state is not None:
        assert answer.reply.state == state
        assert answer.reply.ended_by.user_id == ADA.user_id
        got = await house.escalations("GetEscalation", calls.GetEscalationRequest(id=run_id))
        assert got.reply == answer.reply
        assert after - told == (0 if before == [how] else 1)  # a retry tells nothing


@pytest.mark.parametrize("how", ["ack", "stop"])
async def test_an_alerts_run_is_ended_by_its_alert_only(house: House, how: str) -> None:
    subject = SubjectValue(kind=ALERT, id="7", title="disk full")
    plan = Plan(policy_id=2, levels=(Level((1,), timedelta(minutes=1)),))

    def begin(connection: Connection) -> int:
        by = Actor("SOURCE")
        return running.begin(connection, house.clock.now(connection), subject, plan, by).id

    run_id = await house.db.write(begin)

    answer = await end(house, how, run_id)

    assert answer.code == WRONG_STATE
    assert "alert 7" in answer.details


async def test_a_run_that_is_not_there(house: House) -> None:
    get = calls.GetEscalationRequest(id=9)

    assert (await house.escalations("GetEscalation", get)).code == NOT_FOUND
    assert (await end(house, "ack", 9)).code == NOT_FOUND
    assert (await end(house, "stop", 9)).code == NOT_FOUND
    for request in (
        calls.ListEscalationsRequest(subject_id="42"),
        calls.ListEscalationsRequest(kind="deploy", subject_id="a\x00"),
    ):
        assert (await house.escalations("ListEscalations", request)).code == INVALID


# subjects


async def test_whether_subjects_are_still_waited_for(house: House) -> None:
    policy_id = await house.policy(60)
    asked = []
    for name in ("runs", "taken", "stopped", "exhausted"):
        subject = Subject(kind="deploy", id=name, title="t")
        run_id = (await house.start(subject, policy_id)).reply.id
        asked.append(("deploy", name, 1))
        if name in ("taken", "stopped"):
            await end(house, {"taken": "ack", "stopped": "stop"}[name], run_id)
        if name == "exhausted":
            await house.goes_on()
            await house.goes_on(60)

    answer = await house.subjects(*asked, ("deploy", "runs", 2), ("ticket", "runs", 1))

    state = subject_calls.CheckSubjectsResponse
    assert list(answer.reply.states) == [
        state.PENDING,
        state.OVER,
        state.OVER,
        state.PENDING,
        state.STATE_UNSPECIFIED,
        state.STATE_UNSPECIFIED,
    ]
    assert (await house.subjects(*[("deploy", "x", 1)] * 501)).code == INVALID
