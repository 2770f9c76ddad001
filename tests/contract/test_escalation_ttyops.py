"""Who there is and who is on call, in ttyops' words."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from google.protobuf.message import Message
from grpc import StatusCode

from services.calendar.schedules import Kind, Layer, Schedule
from services.escalation.servicer.ttyops import TtyopsServicer
from services.escalation.store import schedules
from tests.contract.blocking import Answer, Calls
from tests.contract.escalation_house import House, escalation
from tocsin.escalation.v1 import ttyops_service_pb2 as pb

SERVICE = pb.DESCRIPTOR.services_by_name["TtyopsService"]
LAYER = Layer(name="day", starts_on="2026-01-01T09:00", users=(2,), rotation="P7D")
STRANGER = Layer(name="day", starts_on="2026-01-01T09:00", users=(99,), rotation="P7D")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with escalation(tmp_path) as opened:
        yield opened


async def call(house: House, method: str, request: Message) -> Answer:
    answer = await Calls(SERVICE, TtyopsServicer(house.db, house.clock))(method, request)
    assert answer.code is StatusCode.OK, answer
    return answer


async def test_members_are_the_people_oldest_first(house: House) -> None:
    for name in ("Zoe", "Ada"):
        await house.person(name)

    answer = await call(house, "ListTtyopsMembers", pb.ListTtyopsMembersRequest())

    assert [(each.id, each.email) for each in answer.reply.members] == [
        ("00000001-member", "Zoe@example.com"),
        ("00000002-member", "Ada@example.com"),
    ]


async def test_each_schedule_says_who_is_on_call(house: House) -> None:
    for name in ("Zoe", "Ada"):
        await house.person(name)
    layers = {"nights": (LAYER,), "nobody": (), "gone": (STRANGER,)}
    for number, (name, its) in enumerate(layers.items(), start=1):
        schedule = Schedule(id=number, name=name, timezone="UTC", kind=Kind.RECURRING, layers=its)
        await house.db.write(schedules.add, schedule)

    answer = await call(house, "ListTtyopsSchedules", pb.ListTtyopsSchedulesRequest())

    found = {each.name: (each.HasField("on_call"), each.on_call) for each in answer.reply.schedules}
    assert list(found) == ["nights", "nobody", "gone"]
    ada = pb.TtyopsMember(id="00000002-member", email="Ada@example.com")
    assert found["nights"] == (True, ada)
    assert found["nobody"] == found["gone"] == (True, pb.TtyopsMember())


async def test_nobody_and_nothing_are_empty_lists(house: House) -> None:
    members = await call(house, "ListTtyopsMembers", pb.ListTtyopsMembersRequest())
    found = await call(house, "ListTtyopsSchedules", pb.ListTtyopsSchedulesRequest())

    assert (len(members.reply.members), len(found.reply.schedules)) == (0, 0)
