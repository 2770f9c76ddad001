"""What AlertState asks of Escalation: who is paged next, and whom a policy means."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message

from services.escalation import running
from services.escalation.domain.runs import Actor
from services.escalation.servicer.runs import RunServicer
from services.escalation.servicer.schedules import ScheduleServicer
from tests.contract.blocking import Answer, Calls
from tests.contract.escalation_config_house import make_team
from tests.contract.escalation_house import INVALID, NOT_FOUND, OK, House, escalation, new_policy
from tocsin.escalation.internal.v1 import run_service_pb2 as calls
from tocsin.escalation.v1 import policy_service_pb2 as policy_calls
from tocsin.escalation.v1 import schedule_service_pb2 as schedule_calls
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged, PageRequested
from tocsin.escalation.v1.escalation_pb2 import Subject
from tocsin.escalation.v1.policy_pb2 import EscalationRule
from tocsin.escalation.v1.schedule_pb2 import Schedule, Shift
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
KEY = "deploy:42:1"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        for name in ("Ada", "Bob", "Eve"):
            await opened.person(name)  # who get the ids 1, 2, 3
        yield opened


async def internal(house: House, method: str, request: Message) -> Answer:
    service = calls.DESCRIPTOR.services_by_name["RunService"]
    return await Calls(service, RunServicer(house.db, house.clock))(method, request)


async def schedule(house: House, *shifts: tuple[int, int, int]) -> int:
    """Makes a schedule of (user, from, until) in hours from now."""
    service = schedule_calls.DESCRIPTOR.services_by_name["ScheduleService"]
    told = Schedule(
        name="Night",
        timezone="UTC",
        type="STATIC",
        shifts=[
            Shift(user=User(id=user), start=NOW + start * HOUR, end=NOW + end * HOUR)
            for user, start, end in shifts
        ],
    )
    request = schedule_calls.CreateScheduleRequest(schedule=told)
    made = await Calls(service, ScheduleServicer(house.db, house.clock))("CreateSchedule", request)
    assert made.code == OK, made.details
    schedule_id: int = made.reply.id
    return schedule_id


async def start(house: House, *rules: EscalationRule, **subject: Any) -> int:
    made = await house.policies("CreateEscalationPolicy", new_policy(*rules))
    policy_id: int = made.reply.id
    told = Subject(**{"kind": "deploy", "id": "42", "title": "x", **subject})
    assert (await house.start(told, policy_id)).code == OK
    return policy_id


async def next_users(house: House, *keys: str) -> dict[str, list[int]]:
    request = calls.FindNextUsersRequest(keys=keys or [KEY])
    answer = await internal(house, "FindNextUsers", request)
    assert answer.code == OK, answer.details
    return {run.key: [user.id for user in run.users] for run in answer.reply.runs}


def rule(minutes: int = 60, **targets: Any) -> EscalationRule:
    return EscalationRule(escalation_timeout=minutes, **targets)


async def test_next_is_who_is_on_call_when_the_step_is_taken(house: House) -> None:
    night = await schedule(house, (2, -1, 1), (3, 1, 9))  # Bob now, Eve in an hour
    await start(house, rule(120, users=[User(id=1)]), rule(schedules=[Schedule(id=night)]))

    assert await next_users(house) == {KEY: [1]}
    await house.goes_on()
    assert await next_users(house) == {KEY: [3]}
    await house.goes_on(seconds=7201)
    assert list((await house.told(PageRequested))[-1].user_ids) == [3]
    assert await next_users(house) == {}  # there is no further level


async def test_next_are_the_members_of_a_team(house: House) -> None:
    team_id = await make_team(house, "Ops", 3, 2)
    await start(house, rule(users=[User(id=1)]), rule(teams=[Team(id=team_id)]))
    await house.goes_on()

    assert await next_users(house, KEY, "deploy:43:1") == {KEY: [3, 2]}


async def test_a_level_with_nobody_is_passed_over(house: House) -> None:
    gap = await schedule(house, (2, 8, 9))
    await start(house, rule(schedules=[Schedule(id=gap)]), rule(users=[User(id=3)]))

    assert await next_users(house) == {KEY: [3]}


async def test_many_runs_are_asked_for_at_once(house: House) -> None:
    night = await schedule(house, (2, -1, 9))
    by_schedule = rule(schedules=[Schedule(id=night)])
    for number in range(5):
        await start(house, by_schedule, by_schedule, id=str(number))
    keys = [f"deploy:{number}:1" for number in range(5)]

    assert await next_users(house, *keys) == {key: [2] for key in keys}
    too_many = calls.FindNextUsersRequest(keys=["x"] * 101)
    assert (await internal(house, "FindNextUsers", too_many)).code == INVALID


async def test_a_run_that_ended_has_nobody_next(house: House) -> None:
    await start(house, rule(users=[User(id=1)]))
    await house.db.write(running.stop, NOW, 1, Actor("SYSTEM"))

    assert await next_users(house) == {}


async def test_whom_a_policy_means_now(house: House) -> None:
    team_id = await make_team(house, "Ops", 3, 1)
    night, gap = await schedule(house, (2, -1, 1)), await schedule(house, (3, 8, 9))
    policy_id = await start(
        house,
        rule(schedules=[Schedule(id=gap), Schedule(id=night)]),
        rule(users=[User(id=1)], teams=[Team(id=team_id)]),
    )

    async def people(id_: int) -> Answer:
        return await internal(house, "FindPeople", calls.FindPeopleRequest(policy_id=id_))

    assert (await people(policy_id)).reply.user_ids == [2, 1, 3]
    assert (await people(99)).code == NOT_FOUND


async def test_a_call_by_hand_is_told_as_one(house: House) -> None:
    policy_id = await start(house, rule(users=[User(id=1)]))
    await house.db.write(running.call, NOW, 1, 4, [2, 9], Actor("USER", user_id=1))

    told = (await house.told(EscalationChanged))[-1]
    assert told.cause == EscalationChanged.CALLED
    assert (list(told.called_user_ids), told.call_number) == ([2], 4)
    assert told.escalation.escalation_policy_id == policy_id
    others = (await house.told(EscalationChanged))[:-1]
    assert not any(each.called_user_ids or each.call_number for each in others)
    deleted = policy_calls.DeleteEscalationPolicyRequest(id=policy_id)
    assert "escalation 1" in (await house.policies("DeleteEscalationPolicy", deleted)).details
