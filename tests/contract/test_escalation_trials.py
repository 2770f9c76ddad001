"""Test pages: one person, once, by the way of every page, and nobody else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest

from services.chassis.principal import Principal
from tests.contract.blocking import ADA, Answer
from tests.contract.escalation_house import INVALID, NOT_FOUND, OK, House, escalation
from tocsin.chassis.internal.v1 import subject_service_pb2 as subjects
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1 import escalation_service_pb2 as calls
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged, PageRequested
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject

DENIED = grpc.StatusCode.PERMISSION_DENIED
MANY = grpc.StatusCode.RESOURCE_EXHAUSTED
HOUR = 3600
OVER = subjects.CheckSubjectsResponse.State.OVER


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        yield opened


async def try_out(house: House, user_id: int, caller: Principal = ADA, **page: Any) -> Answer:
    request = calls.CreateTestPageRequest(id=user_id, test_page=calls.TestPage(**page))
    return await house.escalations("CreateTestPage", request, caller)


async def test_a_test_page_pages_one_person(house: House) -> None:
    ada, _ = await house.person(), await house.person("Bob")

    run = (await try_out(house, ada)).reply
    await house.goes_on()

    assert run.key == f"test:{ada}-1:1"
    assert run.subject.title == "Test page"
    assert run.subject.priority == Subject.HIGH
    (page,) = await house.told(PageRequested)
    assert (list(page.user_ids), page.level, page.level_count) == ([ada], 1, 1)
    assert not page.HasField("next_step_time")
    assert (await house.audit())[-1] == ("escalation.test", f"escalation:{run.id}")
    listed = await house.escalations("ListEscalations", calls.ListEscalationsRequest(kind="test"))
    assert [each.id for each in listed.reply.escalations] == [run.id]


async def test_it_is_taken_as_every_page_is(house: House) -> None:
    run = (await try_out(house, await house.person())).reply
    await house.goes_on()

    request = calls.AcknowledgeEscalationRequest(id=run.id)
    taken = await house.escalations("AcknowledgeEscalation", request)

    assert taken.reply.state == Escalation.ACKNOWLEDGED
    await house.goes_on(HOUR)
    assert len(await house.told(PageRequested)) == 1


async def test_it_ends_by_itself_and_nobody_is_told_that_nobody_answered(house: House) -> None:
    ada = await house.person()
    await try_out(house, ada)
    await house.goes_on()
    await house.goes_on(HOUR)

    (*_, last) = await house.told(EscalationChanged)
    assert last.cause == EscalationChanged.ENDED
    assert last.escalation.state == Escalation.STOPPED
    assert last.subject_over
    assert list((await house.subjects(("test", f"{ada}-1", 1))).reply.states) == [OVER]
    assert not await house.told(SuiteAlertRaised)


async def test_it_can_be_low(house: House) -> None:
    ada = await house.person()

    run = (await try_out(house, ada, priority="LOW")).reply

    assert run.subject.priority == Subject.LOW
    assert (await try_out(house, ada, priority=9)).code is INVALID


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"user_id": 2}, OK),
        ({"user_id": 3}, DENIED),
        ({"user_id": 3, "is_admin": True, "scopes": ADA.scopes}, OK),
        ({"user_id": 3, "is_admin": True}, DENIED),
    ],
)
async def test_people_page_themselves_and_admins_anybody(
    house: House, more: dict[str, Any], code: grpc.StatusCode
) -> None:
    await house.person()
    bob = await house.person("Bob")
    fields = {"scopes": frozenset({"alerts:write"}), **more}

    assert bob == 2
    assert (await try_out(house, bob, replace(ADA, **fields))).code is code


async def test_nobody_pages_who_is_not_there(house: House) -> None:
    assert (await try_out(house, 77)).code is NOT_FOUND


async def test_more_than_a_few_within_an_hour_are_refused(house: House) -> None:
    ada, bob = await house.person(), await house.person("Bob")
    assert [(await try_out(house, ada)).code for _ in range(5)] == [OK] * 5

    refused = await try_out(house, ada)

    assert refused.code is MANY
    assert "try again in " in refused.details
    assert (await try_out(house, bob)).code is OK
    await house.goes_on(HOUR)
    assert (await try_out(house, ada)).code is OK


async def test_it_is_no_other_programs_test(house: House) -> None:
    bob = await house.person("Bob")
    await house.start(Subject(kind="test", id=f"{bob}-1", title="theirs"), await house.policy(60))

    assert (await try_out(house, bob)).reply.key == f"test:{bob}-2:1"
