"""Who is on call at any instant, and the shifts of many schedules."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import Connection

from services.calendar.schedules import Kind
from services.calendar.schedules import Schedule as CalendarSchedule
from services.calendar.schedules import Shift as CalendarShift
from services.escalation.servicer import many_shifts
from services.escalation.servicer.on_calls import OnCallServicer
from services.escalation.store import schedules as schedules_store
from tests.contract.blocking import ADA, Answer, Calls
from tests.contract.escalation_config_house import make_team, schedules
from tests.contract.escalation_house import INVALID, NOT_FOUND, OK, House, escalation, new_policy
from tocsin.escalation.v1 import on_call_service_pb2 as calls
from tocsin.escalation.v1 import schedule_service_pb2 as schedule_calls
from tocsin.escalation.v1.policy_pb2 import EscalationRule
from tocsin.escalation.v1.schedule_pb2 import Schedule, ScheduleLayer, Shift
from tocsin.escalation.v1.team_pb2 import Team
from tocsin.escalation.v1.user_pb2 import User

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
Rows = list[tuple[int, int, int, int]]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        yield opened


async def ask(house: House, method: str, request: Any, caller: Any = ADA) -> Answer:
    service = calls.DESCRIPTOR.services_by_name["OnCallService"]
    return await Calls(service, OnCallServicer(house.db, house.clock), caller)(method, request)


async def make_schedule(house: House, *users: int, rotation: str = "P7D", **more: Any) -> int:
    """People who take turns from the first Monday of March 2026 on."""
    turns = ScheduleLayer(
        starts_on="2026-03-02T00:00", rotation=rotation, users=[User(id=user) for user in users]
    )
    told = {"name": "Night", "timezone": "UTC", "type": "RECURRING", "schedule_layers": [turns]}
    request = schedule_calls.CreateScheduleRequest(schedule=Schedule(**told | more))
    made = await schedules(house, "CreateSchedule", request)
    assert made.code is OK, made.details
    id_: int = made.reply.id
    return id_


async def make_policy(house: House, *rules: EscalationRule, **more: Any) -> int:
    made = await house.policies("CreateEscalationPolicy", new_policy(*rules, **more))
    assert made.code is OK, made.details
    id_: int = made.reply.id
    return id_


async def on_call(house: House, at: datetime, caller: Any = ADA, **where: int) -> list[Any]:
    answer = await ask(house, "GetOnCall", calls.GetOnCallRequest(at=at, **where), caller)
    assert answer.code is OK, answer.details
    assert answer.reply.at.ToDatetime(UTC) == at
    return list(answer.reply.on_calls)


def rows(found: list[Any]) -> Rows:
    return [(o.escalation_policy.id, o.escalation_level, o.schedule.id, o.user.id) for o in found]


async def test_a_schedule_is_told_at_any_instant(house: House) -> None:
    ada, bob = await house.person("Ada"), await house.person("Bob")
    night = await make_schedule(house, ada, bob)

    (first,) = await on_call(house, MONDAY + DAY, schedule=night)
    (later,) = await on_call(house, MONDAY + 521 * WEEK, schedule=night)

    assert (first.user.id, first.user.first_name, first.schedule.name) == (ada, "Ada", "Night")
    assert first.start.ToDatetime(UTC) == MONDAY
    assert first.end.ToDatetime(UTC) == MONDAY + WEEK
    assert not first.HasField("escalation_policy")
    assert (later.user.id, later.escalation_level) == (bob, 0)
    assert await on_call(house, MONDAY - DAY, schedule=night) == []  # before it begins


async def test_an_override_counts_when_it_is_over_too(house: House) -> None:
    ada, bob = await house.person("Ada"), await house.person("Bob")
    night = await make_schedule(house, ada)
    shift = Shift(user=User(id=bob), start=MONDAY + DAY, end=MONDAY + 2 * DAY)
    request = schedule_calls.AddOverrideRequest(id=night, shift=shift)
    assert (await schedules(house, "AddOverride", request)).code is OK

    (found,) = await on_call(house, MONDAY + 1.5 * DAY, schedule=night)

    assert (found.user.id, found.end.ToDatetime(UTC)) == (bob, MONDAY + 2 * DAY)


async def test_a_policy_and_a_person_are_told_by_level_and_schedule(house: House) -> None:
    ada, bob = await house.person("Ada"), await house.person("Bob")
    crew = await make_team(house, "Crew", ada, bob)
    night, other = await make_schedule(house, ada, bob), await make_schedule(house, bob)
    policy = await make_policy(
        house,
        EscalationRule(schedules=[Schedule(id=night)], users=[User(id=bob)], escalation_timeout=5),
        EscalationRule(teams=[Team(id=crew)]),
    )
    at = MONDAY + DAY

    along = await on_call(house, at, policy=policy)
    where = await on_call(house, at, user=bob)

    assert rows(along) == [
        (policy, 1, night, ada),
        (policy, 1, 0, bob),
        (policy, 2, 0, ada),
        (policy, 2, 0, bob),
    ]
    assert not along[1].HasField("start")
    assert rows(where) == [(policy, 1, 0, bob), (policy, 2, 0, bob), (0, 0, other, bob)]
    assert rows(await on_call(house, at + WEEK, user=bob)) == [
        (policy, 1, night, bob),
        *rows(where),
    ]


async def test_the_policy_of_all_admins_is_told(house: House) -> None:
    told = User(first_name="Ada", last_name="L", email="a@example.com", role="ADMIN")
    from tocsin.escalation.v1.user_service_pb2 import CreateUserRequest

    admin = (await house.users("CreateUser", CreateUserRequest(user=told))).reply.id

    assert rows(await on_call(house, MONDAY, policy=1)) == [(1, 1, 0, admin)]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (calls.GetOnCallRequest(), INVALID),
        (calls.GetOnCallRequest(schedule=1, user=1), INVALID),
        (calls.GetOnCallRequest(schedule=99), NOT_FOUND),
        (calls.GetOnCallRequest(policy=99), NOT_FOUND),
        (calls.GetOnCallRequest(user=99), NOT_FOUND),
        (calls.GetOnCallRequest(schedule=1, at=Timestamp(seconds=-62_135_596_800)), INVALID),
        (calls.GetOnCallRequest(schedule=1, at=Timestamp(seconds=250_000_000_000)), INVALID),
    ],
    ids=str,
)
async def test_what_nobody_is_on_call_for(house: House, request_: Any, code: Any) -> None:
    assert (await ask(house, "GetOnCall", request_)).code is code


async def test_what_is_hidden_is_not_told(house: House) -> None:
    ada = await house.person("Ada")
    secret = await make_team(house, "Secret", visibility="PRIVATE")
    night = await make_schedule(house, ada, teams=[Team(id=secret)])
    rule = EscalationRule(schedules=[Schedule(id=night)])
    policy = await make_policy(house, rule)
    scopes = frozenset({"oncall:read"})
    stranger = replace(ADA, user_id=7, scopes=scopes, hidden=frozenset({secret}))

    (found,) = await on_call(house, MONDAY, stranger, policy=policy)

    assert (found.user.id, found.schedule.id, found.schedule.name) == (ada, night, "")
    assert rows(await on_call(house, MONDAY, stranger, user=ada)) == [(policy, 1, night, ada)]
    asked = calls.GetOnCallRequest(schedule=night)
    assert (await ask(house, "GetOnCall", asked, stranger)).code is NOT_FOUND
    listed = calls.ListShiftsOfSchedulesRequest(schedules=[night])
    assert (await ask(house, "ListShiftsOfSchedules", listed, stranger)).code is NOT_FOUND
    every = await shifts(house, stranger)
    assert every.schedules == []


# shifts


async def shifts(house: House, caller: Any = ADA, **wanted: Any) -> Any:
    wanted = {"from": MONDAY, "until": MONDAY + 28 * DAY} | wanted
    request = calls.ListShiftsOfSchedulesRequest(**wanted)
    answer = await ask(house, "ListShiftsOfSchedules", request, caller)
    assert answer.code is OK, answer.details
    return answer.reply


async def test_shifts_of_several_schedules_come_together(house: House) -> None:
    ada, bob = await house.person("Ada"), await house.person("Bob")
    first, second = await make_schedule(house, ada, bob), await make_schedule(house, bob)
    third = await make_schedule(house, ada, rotation="P1D")

    reply = await shifts(house, schedules=[third, first, third])
    every = await shifts(house)

    assert [(each.schedule_id, len(each.shifts)) for each in reply.schedules] == [
        (first, 4),
        (third, 28),
    ]
    assert [shift.user_id for shift in reply.schedules[0].shifts] == [ada, bob, ada, bob]
    assert reply.schedules[0].shifts[1].start.ToDatetime(UTC) == MONDAY + WEEK
    assert [(user.id, user.first_name) for user in reply.users] == [(ada, "Ada"), (bob, "Bob")]
    assert [each.schedule_id for each in every.schedules] == [first, second, third]
    assert not every.next_page_token


async def test_what_does_not_fit_into_a_reply_comes_in_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = await house.person("Ada"), await house.person("Bob")
    for _ in range(3):
        await make_schedule(house, ada, bob, rotation="P1D")
    whole = await shifts(house)
    monkeypatch.setattr(many_shifts, "MOST_SHIFTS", 10)

    found: dict[int, list[Any]] = {}
    token, replies = "", 0
    while replies == 0 or token:
        reply = await shifts(house, page_token=token)
        assert sum(len(each.shifts) for each in reply.schedules) <= 10
        for each in reply.schedules:
            found.setdefault(each.schedule_id, []).extend(each.shifts)
        token, replies = reply.next_page_token, replies + 1

    assert replies == 9  # of 84 shifts
    assert found == {each.schedule_id: list(each.shifts) for each in whole.schedules}


async def test_more_schedules_than_a_reply_tells_of_come_in_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await house.person("Ada")
    made = [await make_schedule(house, ada) for _ in range(5)]
    monkeypatch.setattr(many_shifts, "MOST_SCHEDULES", 2)

    replies = [await shifts(house)]
    while token := replies[-1].next_page_token:
        replies.append(await shifts(house, page_token=token))
    found = [[each.schedule_id for each in reply.schedules] for reply in replies]
    assert found == [made[:2], made[2:4], made[4:]]
    assert all(len(each.shifts) == 4 for reply in replies for each in reply.schedules)


def _add_many(connection: Connection, count: int, last: CalendarShift) -> None:
    """Adds schedules that are empty but for the last one."""
    for id_ in range(1, count + 1):
        shifts = (last,) * (id_ == count)
        empty = CalendarSchedule(id=id_, name="s", timezone="UTC", kind=Kind.STATIC, shifts=shifts)
        schedules_store.add(connection, empty)


async def test_a_person_is_found_in_the_last_of_very_many_schedules(house: House) -> None:
    ada = await house.person("Ada")
    await house.db.write(_add_many, 1001, CalendarShift(ada, MONDAY, MONDAY + DAY))

    found = await on_call(house, MONDAY, user=ada)
    assert [each.schedule.id for each in found] == [1001]
    first = await shifts(house)
    assert len(first.schedules) == 1000
    rest = await shifts(house, page_token=first.next_page_token)
    assert [(each.schedule_id, len(each.shifts)) for each in rest.schedules] == [(1001, 1)]


@pytest.mark.parametrize(
    "wanted",
    [
        {"until": MONDAY},
        {"until": MONDAY + 400 * DAY},
        {"page_token": "nonsense"},
        {"page_token": "1.1.1.0"},
        {"page_token": f"1.1.{9 * 10**17}.{9 * 10**17}"},
        {"page_token": f"1.1.0.{9 * 10**17}"},
        {"schedules": range(1, 1002)},
    ],
    ids=str,
)
async def test_what_no_list_of_shifts_is(house: House, wanted: dict[str, Any]) -> None:
    request = calls.ListShiftsOfSchedulesRequest(**{"from": MONDAY} | wanted)
    assert (await ask(house, "ListShiftsOfSchedules", request)).code is INVALID


async def test_no_shifts_of_a_schedule_that_is_not_there(house: House) -> None:
    request = calls.ListShiftsOfSchedulesRequest(schedules=[99])
    assert (await ask(house, "ListShiftsOfSchedules", request)).code is NOT_FOUND
