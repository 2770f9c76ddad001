"""Turns of all kinds, several people in them, and overrides that are taken back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from services.escalation.servicer.on_calls import OnCallServicer
from services.escalation.store.schedules import SCHEDULE
from tests.contract.blocking import Calls
from tests.contract.escalation_house import (
    INVALID,
    NOT_FOUND,
    OK,
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
from tocsin.escalation.v1 import on_call_service_pb2 as on_call_calls
from tocsin.escalation.v1 import schedule_service_pb2 as calls
from tocsin.escalation.v1.escalation_events_pb2 import PageRequested, ScheduleChanged
from tocsin.escalation.v1.policy_pb2 import EscalationRule
from tocsin.escalation.v1.schedule_pb2 import Schedule, Shift
from tocsin.escalation.v1.user_pb2 import User

EVERYTHING = ["scheduleLayers", "currentShift", "nextShift", "currentShifts", "nextShifts"]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        yield opened


async def test_several_people_have_a_turn_of_a_month(house: House) -> None:
    ada, bob, eve = [await house.person(name) for name in ("Ada", "Bob", "Eve")]
    first = f"{NOW - timedelta(days=1):%Y-%m-%dT%H:%M}"
    told = layer(ada, bob, eve, starts_on=first, rotation="P1M", users_per_shift=2)

    made = await make(house, schedule(told))

    request = calls.GetScheduleRequest(id=made.id, include=EVERYTHING)
    found = (await ask(house, "GetSchedule", request)).reply
    (known,) = found.schedule_layers
    assert (known.rotation, known.users_per_shift, list(known.rotations)) == ("P1M", 2, [])
    assert [shift.user.id for shift in found.current_shifts] == [ada, bob]
    assert [shift.user.id for shift in found.next_shifts] == [eve, ada]
    assert (found.current_shift, found.next_shift) == (
        found.current_shifts[0],
        found.next_shifts[0],
    )
    assert await on_call(house, made.id) == ada
    only = calls.GetScheduleRequest(id=made.id, include=["nextShifts"])
    bare = (await ask(house, "GetSchedule", only)).reply
    assert (len(bare.current_shifts), len(bare.next_shifts)) == (0, 2)
    assert not bare.HasField("next_shift")


async def test_turns_of_several_lengths_are_read_back(house: House) -> None:
    ada, bob = await house.person("Ada"), await house.person("Bob")
    told = layer(ada, bob, rotation="", rotations=["P5D", "P2D"])

    made = await make(house, schedule(told))

    request = calls.GetScheduleRequest(id=made.id, include=EVERYTHING)
    (known,) = (await ask(house, "GetSchedule", request)).reply.schedule_layers
    assert (known.rotation, list(known.rotations)) == ("", ["P5D", "P2D"])
    assert not known.HasField("users_per_shift")
    assert await on_call(house, made.id) == ada
    (changed,) = await house.told(ScheduleChanged)
    assert list(changed.schedule.schedule_layers[0].rotations) == ["P5D", "P2D"]


async def test_what_was_kept_before_there_were_other_turns_is_read(house: House) -> None:
    ada = await house.person("Ada")
    made = await make(house, schedule(layer(ada)))
    new = {"rotations", "users_per_shift", "restrictions", "restriction_type"}

    def forget(connection: Connection) -> None:
        (row,) = connection.execute(select(SCHEDULE.c.layers)).scalars()
        older = [{key: told for key, told in each.items() if key not in new} for each in row]
        connection.execute(update(SCHEDULE).values(layers=older))

    await house.db.write(forget)

    request = calls.GetScheduleRequest(id=made.id, include=EVERYTHING)
    found = (await ask(house, "GetSchedule", request)).reply
    assert found.schedule_layers == made.schedule_layers
    assert found.current_shift.user.id == ada


async def test_times_of_the_day_are_read_back_and_kept_to(house: House) -> None:
    ada = await house.person("Ada")
    hour = NOW.hour
    only = {"from": {"time": f"{hour:02}:00"}, "to": {"time": f"{(hour + 1) % 24:02}:00"}}
    told = layer(ada, restriction_type="TIMES_OF_DAY", restrictions=[only])

    made = await make(house, schedule(told))

    request = calls.GetScheduleRequest(id=made.id, include=EVERYTHING)
    (found,) = (await ask(house, "GetSchedule", request)).reply.schedule_layers
    assert found.restriction_type == "TIMES_OF_DAY"
    assert list(found.restrictions) == list(told.restrictions)
    assert await on_call(house, made.id) == ada
    house.clock.turn(2 * HOUR)
    assert await on_call(house, made.id) == 0


async def test_everybody_of_a_turn_is_paged(house: House) -> None:
    ada, bob, eve = [await house.person(name) for name in ("Ada", "Bob", "Eve")]
    start = f"{NOW - HOUR:%Y-%m-%dT%H:%M}"
    made = await make(house, schedule(layer(ada, bob, eve, starts_on=start, users_per_shift=2)))
    rule = EscalationRule(escalation_timeout=5, schedules=[Schedule(id=made.id)])
    policy = (await house.policies("CreateEscalationPolicy", new_policy(rule))).reply

    await house.start(policy_id=policy.id)
    await house.goes_on()

    assert [list(p.user_ids) for p in await house.told(PageRequested)] == [[ada, bob]]
    service = on_call_calls.DESCRIPTOR.services_by_name["OnCallService"]
    servicer = Calls(service, OnCallServicer(house.db, house.clock))
    listed = (await servicer("ListOnCalls", on_call_calls.ListOnCallsRequest())).reply.on_calls
    assert [each.user.id for each in listed] == [ada, bob]


async def test_an_override_is_replaced_and_removed(house: House) -> None:
    ada, bob, eve = [await house.person(name) for name in ("Ada", "Bob", "Eve")]
    made = await make(house, schedule(layer(ada)))
    first = (await override(house, made.id, shift(bob, NOW - HOUR, NOW + HOUR))).reply
    assert await on_call(house, made.id) == bob

    request = calls.UpdateOverrideRequest(
        id=made.id, override_id=first.id, shift=shift(eve, NOW - HOUR, NOW + 2 * HOUR)
    )
    changed = (await ask(house, "UpdateOverride", request)).reply

    assert (changed.id, changed.user.id) == (first.id, eve)
    assert await on_call(house, made.id) == eve
    assert (await ask(house, "UpdateOverride", request)).reply == changed
    listed = await ask(house, "ListOverrides", calls.ListOverridesRequest(id=made.id))
    assert list(listed.reply.overrides) == [changed]
    request.shift.end.FromDatetime(NOW - 2 * HOUR)
    assert (await ask(house, "UpdateOverride", request)).code is INVALID
    other = await make(house, schedule(layer(ada)))
    elsewhere = calls.DeleteOverrideRequest(id=other.id, override_id=first.id)
    assert (await ask(house, "DeleteOverride", elsewhere)).code is NOT_FOUND
    gone = calls.DeleteOverrideRequest(id=made.id, override_id=first.id)
    assert (await ask(house, "DeleteOverride", gone)).code is OK
    assert (await ask(house, "DeleteOverride", gone)).code is NOT_FOUND
    assert await on_call(house, made.id) == ada
    actions = [action for action, _ in await house.audit()]
    assert [a.removeprefix("schedule.override") for a in actions if "override" in a] == [
        "",
        ".update",
        ".delete",
    ]


async def test_an_override_on_the_wall_clock_ends_when_its_end_is_last_shown(house: House) -> None:
    ada = User(id=await house.person("Ada"))
    made = await make(house, schedule(layer(ada.id), timezone="Europe/Berlin"))
    told = Shift(user=ada, starts_on="2026-10-25T02:15", ends_on="2026-10-25T02:30")

    added = (await override(house, made.id, told)).reply

    assert added.start.ToDatetime(UTC) == datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    assert added.end.ToDatetime(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


async def test_too_many_shifts_are_refused(house: House) -> None:
    users = [await house.person(name) for name in ("Ada", "Bob")]
    made = await make(house, schedule(layer(*users, rotation="PT1H", users_per_shift=2)))

    request = calls.ListShiftsRequest(id=made.id, until=NOW + timedelta(days=366))
    answer = await ask(house, "ListShifts", request)

    assert (answer.code, answer.details.startswith("until must be earlier")) == (INVALID, True)
