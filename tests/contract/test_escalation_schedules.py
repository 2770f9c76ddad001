"""What callers are answered about schedules, who is on call, and runs they wait for."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message

from services.escalation.servicer import runs as run_servicer
from services.escalation.servicer.on_calls import OnCallServicer
from services.escalation.servicer.runs import RunServicer
from tests.contract.blocking import Answer, Calls
from tests.contract.escalation_house import (
    INVALID,
    NOT_FOUND,
    OK,
    WRONG_STATE,
    House,
    escalation,
    new_policy,
)
from tests.contract.schedule_house import (
    HOUR,
    NOW,
    ask,
    layer,
    make,
    on_call,
    override,
    schedule,
    shift,
)
from tocsin.escalation.internal.v1 import run_service_pb2 as run_calls
from tocsin.escalation.v1 import on_call_service_pb2 as on_call_calls
from tocsin.escalation.v1 import schedule_service_pb2 as calls
from tocsin.escalation.v1.escalation_events_pb2 import PageRequested, ScheduleChanged
from tocsin.escalation.v1.policy_pb2 import EscalationRule
from tocsin.escalation.v1.schedule_pb2 import Schedule, Shift
from tocsin.escalation.v1.user_pb2 import User

EVERYTHING = ["scheduleLayers", "shifts", "currentShift", "nextShift"]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        yield opened


async def test_a_schedule_is_read_back_as_it_was_made(house: House) -> None:
    ada, bob = await house.person("Ada"), await house.person("Bob")
    told = schedule(layer(ada, bob, name="First"), show_gaps=True, default_shift_duration="P1D")

    made = await make(house, told)

    assert [user.first_name for user in made.schedule_layers[0].users] == ["Ada", "Bob"]
    request = calls.GetScheduleRequest(id=made.id, include=EVERYTHING)
    found = (await ask(house, "GetSchedule", request)).reply
    assert found.schedule_layers == made.schedule_layers
    assert (found.show_gaps, found.default_shift_duration) == (True, "P1D")
    assert found.current_shift.user.id == bob  # the fourth day
    assert found.next_shift.user.id == ada
    assert found.next_shift.start == found.current_shift.end
    bare = (await ask(house, "GetSchedule", calls.GetScheduleRequest(id=made.id))).reply
    assert not bare.schedule_layers
    assert not bare.HasField("current_shift")
    assert (bare.name, bare.type) == ("Night", Schedule.RECURRING)


async def test_restrictions_are_read_back_and_kept_to(house: House) -> None:
    ada = await house.person("Ada")
    tomorrow = f"{NOW + timedelta(days=1):%A}".upper()
    only = {
        "from": {"day_of_week": tomorrow, "time": "00:00"},
        "to": {"day_of_week": tomorrow, "time": "23:00"},
    }
    told = layer(ada, restriction_type="TIMES_OF_WEEK", restrictions=[only])

    made = await make(house, schedule(told))

    request = calls.GetScheduleRequest(id=made.id, include=EVERYTHING)
    (found,) = (await ask(house, "GetSchedule", request)).reply.schedule_layers
    assert found.restriction_type == "TIMES_OF_WEEK"
    assert list(found.restrictions) == list(told.restrictions)
    assert await on_call(house, made.id) == 0
    midnight = NOW.replace(hour=0, minute=0, second=0) + timedelta(days=1)
    house.clock.turn(midnight + HOUR - NOW)
    assert await on_call(house, made.id) == ada
    bare = layer(ada, restrictions=[{"from": only["from"]}])
    answer = await ask(
        house, "CreateSchedule", calls.CreateScheduleRequest(schedule=schedule(bare))
    )
    assert (answer.code, "restrictions[0].to.dayOfWeek" in answer.details) == (INVALID, True)


async def test_static_shifts_are_read_back_and_asked_for(house: House) -> None:
    ada = await house.person("Ada")
    shifts = [shift(ada, NOW - HOUR, NOW + HOUR), shift(ada, NOW + 2 * HOUR, NOW + 3 * HOUR)]

    made = await make(house, schedule(type="STATIC", shifts=shifts))

    assert [s.end.ToDatetime(UTC) for s in made.shifts] == [NOW + HOUR, NOW + 3 * HOUR]
    assert await on_call(house, made.id) == ada
    house.clock.turn(HOUR + timedelta(seconds=60))
    assert await on_call(house, made.id) == 0
    answer = await ask(house, "GetUserOnCall", calls.GetUserOnCallRequest(id=made.id))
    assert (answer.code, answer.reply) == (OK, Shift())


async def test_a_shift_is_told_on_the_wall_clock_as_well(house: House) -> None:
    ada = User(id=await house.person("Ada"))
    told = Shift(user=ada, starts_on="2026-07-01T09:00:00", ends_on="2026-12-01T09:00")

    made = await make(house, schedule(type="STATIC", timezone="Europe/Berlin", shifts=[told]))

    (found,) = made.shifts
    assert found.start.ToDatetime(UTC) == datetime(2026, 7, 1, 7, tzinfo=UTC)
    assert found.end.ToDatetime(UTC) == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert not found.HasField("starts_on")
    later = await override(house, made.id, Shift(user=ada, starts_on="2026-07-01T09:00", end=NOW))
    assert later.reply.start == found.start
    refused = await override(house, made.id, Shift(user=ada, starts_on="now", end=NOW))
    assert (refused.code, refused.details.startswith("start must be")) == (INVALID, True)


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"timezone": "Mars/Olympus"},
        {"type": "TYPE_UNSPECIFIED"},
        {"schedule_layers": [layer(99)]},
        {"schedule_layers": [layer(1, rotation="PT1M")]},
        {"schedule_layers": [layer(1, starts_on="now")]},
        {"schedule_layers": [layer(1, rotation="P0M")]},
        {"schedule_layers": [layer(1, rotations=["P1D"])]},
        {"schedule_layers": [layer(1, rotation="")]},
        {"schedule_layers": [layer(1, users_per_shift=0)]},
        {"schedule_layers": [layer(1, users_per_shift=2)]},
        {"schedule_layers": [layer(1, restriction_type="TIMES_OF_DAY", restrictions=[{}])]},
        {"default_shift_duration": "P0D"},
        {"type": "STATIC", "schedule_layers": [], "shifts": [Shift(user=User(id=1))]},
        {"teams": [{"id": 9}]},
    ],
)
async def test_what_a_schedule_must_be(house: House, change: dict[str, Any]) -> None:
    await house.person("Ada")
    told = schedule(**{"schedule_layers": [layer(1)]} | change)

    answer = await ask(house, "CreateSchedule", calls.CreateScheduleRequest(schedule=told))

    assert answer.code is INVALID
    assert await house.told(ScheduleChanged) == []


async def test_schedules_are_listed_by_pages(house: House) -> None:
    ada = await house.person("Ada")
    ids = [(await make(house, schedule(layer(ada)))).id for _ in range(3)]

    async def listed(**page: Any) -> list[int]:
        answer = await ask(house, "ListSchedules", calls.ListSchedulesRequest(**page))
        assert answer.code is OK
        return [found.id for found in answer.reply.schedules]

    assert await listed() == ids
    assert await listed(start_index=1, max_results=1) == ids[1:2]
    too_many = calls.ListSchedulesRequest(max_results=21)
    assert (await ask(house, "ListSchedules", too_many)).code is INVALID


async def test_a_schedule_is_replaced_and_its_overrides_stay(house: House) -> None:
    ada, bob, eve = [await house.person(name) for name in ("Ada", "Bob", "Eve")]
    made = await make(house, schedule(layer(ada)))
    await override(house, made.id, shift(eve, NOW - HOUR, NOW + HOUR))

    request = calls.UpdateScheduleRequest(id=made.id, schedule=schedule(layer(bob), name="Day"))
    changed = (await ask(house, "UpdateSchedule", request)).reply

    assert (changed.id, changed.name) == (made.id, "Day")
    assert await on_call(house, made.id) == eve
    house.clock.turn(HOUR + timedelta(seconds=60))
    assert await on_call(house, made.id) == bob
    told = await house.told(ScheduleChanged)
    assert [(t.schedule.name, t.version) for t in told] == [("Night", 1), ("Day", 2)]
    assert [user.id for user in told[1].schedule.schedule_layers[0].users] == [bob]


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("GetSchedule", calls.GetScheduleRequest(id=9)),
        ("UpdateSchedule", calls.UpdateScheduleRequest(id=9, schedule=schedule(layer(1)))),
        ("DeleteSchedule", calls.DeleteScheduleRequest(id=9)),
        ("ListShifts", calls.ListShiftsRequest(id=9)),
        ("ListOverrides", calls.ListOverridesRequest(id=9)),
        ("AddOverride", calls.AddOverrideRequest(id=9, shift=shift(1, NOW, NOW + HOUR))),
        ("UpdateOverride", calls.UpdateOverrideRequest(id=9, override_id=1)),
        ("DeleteOverride", calls.DeleteOverrideRequest(id=9, override_id=1)),
        ("GetUserOnCall", calls.GetUserOnCallRequest(id=9)),
    ],
)
async def test_a_schedule_that_is_not_there(house: House, method: str, request_: Message) -> None:
    await house.person("Ada")

    assert (await ask(house, method, request_)).code is NOT_FOUND


async def test_shifts_are_listed_with_and_without_overrides(house: House) -> None:
    ada, bob = await house.person("Ada"), await house.person("Bob")
    made = await make(house, schedule(layer(ada)))
    await override(house, made.id, shift(bob, NOW, NOW + HOUR))

    async def listed(**more: Any) -> list[int]:
        request = calls.ListShiftsRequest(id=made.id, until=NOW + 2 * HOUR, **more)
        answer = await ask(house, "ListShifts", request)
        return [found.user.id for found in answer.reply.shifts]

    since = {"from": NOW - HOUR}
    assert await listed(**since) == [ada, bob, ada]
    assert set(await listed(exclude_overrides=True, **since)) == {ada}


@pytest.mark.parametrize(
    "span",
    [
        {"until": NOW - timedelta(days=1)},
        {"from": NOW, "until": NOW},
        {"from": NOW, "until": NOW + timedelta(days=367)},
        {"from": NOW.replace(year=3500)},
        {"from": NOW.replace(year=9999, month=12, day=31)},
        {"until": NOW.replace(year=9999, month=12, day=31)},
        {"from": {"seconds": 10**15}},
    ],
)
async def test_a_bad_span_is_refused(house: House, span: dict[str, Any]) -> None:
    made = await make(house, schedule(layer(await house.person("Ada"))))

    answer = await ask(house, "ListShifts", calls.ListShiftsRequest(id=made.id, **span))

    assert answer.code is INVALID


async def test_overrides_that_are_over_are_not_listed(house: House) -> None:
    ada = await house.person("Ada")
    made = await make(house, schedule(layer(ada)))
    for start in (5, 1, -9):
        await override(house, made.id, shift(ada, NOW + start * HOUR, NOW + (start + 1) * HOUR))

    answer = await ask(house, "ListOverrides", calls.ListOverridesRequest(id=made.id))

    starts = [found.start.ToDatetime(UTC) for found in answer.reply.overrides]
    assert starts == [NOW + HOUR, NOW + 5 * HOUR]
    assert answer.reply.overrides[0].user.first_name == "Ada"


@pytest.mark.parametrize(
    "told",
    [
        shift(99, NOW, NOW + HOUR),
        shift(1, NOW, NOW),
        shift(1, NOW, NOW + timedelta(days=367)),
        Shift(user=User(id=1), start=NOW),
        Shift(start=NOW, end=NOW + HOUR),
    ],
)
async def test_what_an_override_must_be(house: House, told: Shift) -> None:
    made = await make(house, schedule(layer(await house.person("Ada"))))

    assert (await override(house, made.id, told)).code is INVALID


async def test_a_schedule_in_use_is_not_deleted(house: House) -> None:
    ada = await house.person("Ada")
    made = await make(house, schedule(layer(ada)))
    rule = EscalationRule(escalation_timeout=5, schedules=[Schedule(id=made.id)])
    policy = (await house.policies("CreateEscalationPolicy", new_policy(rule))).reply

    refused = await ask(house, "DeleteSchedule", calls.DeleteScheduleRequest(id=made.id))

    assert refused.code is WRONG_STATE
    assert f"escalation policy {policy.id} (Night)" in refused.details
    free = await make(house, schedule(layer(ada)))
    gone = await ask(house, "DeleteSchedule", calls.DeleteScheduleRequest(id=free.id))
    assert gone.code is OK
    assert (await house.told(ScheduleChanged))[-1].deleted
    assert (await house.audit())[-1] == ("schedule.delete", f"schedule:{free.id}")


async def test_a_level_pages_whoever_is_on_call_at_its_step(house: House) -> None:
    ada, bob, eve = [await house.person(name) for name in ("Ada", "Bob", "Eve")]
    made = await make(house, schedule(layer(ada)))
    rules = [
        EscalationRule(escalation_timeout_seconds=3600, schedules=[Schedule(id=made.id)])
        for _ in range(2)
    ]
    policy = (await house.policies("CreateEscalationPolicy", new_policy(*rules))).reply
    await override(house, made.id, shift(bob, NOW + HOUR / 2, NOW + 2 * HOUR))
    await override(house, made.id, shift(eve, NOW + HOUR / 2, NOW + 2 * HOUR))

    await house.start(policy_id=policy.id)
    await house.goes_on()
    await house.goes_on(seconds=3601)

    assert [list(p.user_ids) for p in await house.told(PageRequested)] == [[ada], [eve]]


async def test_who_is_on_call_by_policy_and_level(house: House) -> None:
    ada, bob = await house.person("Ada"), await house.person("Bob")
    made = await make(house, schedule(layer(ada)))
    gap = await make(house, schedule(type="STATIC"))
    rules = [
        EscalationRule(escalation_timeout=5, schedules=[Schedule(id=gap.id), Schedule(id=made.id)]),
        EscalationRule(escalation_timeout=5, users=[User(id=bob)]),
    ]
    policy = (await house.policies("CreateEscalationPolicy", new_policy(*rules))).reply
    service = on_call_calls.DESCRIPTOR.services_by_name["OnCallService"]
    servicer = Calls(service, OnCallServicer(house.db, house.clock))

    async def listed(**asked: Any) -> list[Any]:
        answer = await servicer("ListOnCalls", on_call_calls.ListOnCallsRequest(**asked))
        return list(answer.reply.on_calls)

    first, second = await listed()
    assert (first.user.id, first.schedule.id, first.escalation_level) == (ada, made.id, 1)
    assert (first.escalation_policy.name, first.HasField("end")) == ("Night", True)
    assert (second.user.id, second.escalation_level) == (bob, 2)
    assert not second.HasField("schedule")
    assert await listed(users=[bob]) == [second]
    assert await listed(schedules=[made.id]) == [first]
    assert await listed(policies=[policy.id + 1]) == []


# what AlertState asks


async def internal(house: House, method: str, request: Message) -> Answer:
    service = run_calls.DESCRIPTOR.services_by_name["RunService"]
    return await Calls(service, RunServicer(house.db, house.clock))(method, request)


async def test_a_run_is_waited_for_until_its_step_is_taken(house: House) -> None:
    ada = await house.person("Ada")
    policy = (
        await house.policies(
            "CreateEscalationPolicy", new_policy(EscalationRule(users=[User(id=ada)]))
        )
    ).reply
    request = run_calls.AwaitRunRequest(key="deploy:42:1")
    waiting = asyncio.create_task(internal(house, "AwaitRun", request))
    await house.start(policy_id=policy.id)
    await house.goes_on()

    answer = await waiting

    assert answer.code is OK
    assert answer.reply.paged_user_ids == [ada]


async def test_a_run_that_does_not_come_is_not_found(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_servicer, "LONGEST_WAIT_SECONDS", 0.2)
    await house.start()
    missing = run_calls.AwaitRunRequest(key="deploy:43:1")
    newer = run_calls.AwaitRunRequest(key="deploy:42:1", subject_version=2)

    assert (await internal(house, "AwaitRun", missing)).code is NOT_FOUND
    assert (await internal(house, "AwaitRun", newer)).code is NOT_FOUND


async def test_who_is_on_call_for_another_service(house: House) -> None:
    made = await make(house, schedule(layer(await house.person("Ada"))))

    found = await internal(house, "FindOnCall", run_calls.FindOnCallRequest(schedule_id=made.id))
    missing = await internal(house, "FindOnCall", run_calls.FindOnCallRequest(schedule_id=9))

    assert found.reply.user.first_name == "Ada"
    assert missing.code is NOT_FOUND
