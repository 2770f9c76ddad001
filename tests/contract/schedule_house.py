"""Schedules as tests make and ask for them, over a service without its doors."""

from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.message import Message

from services.escalation.servicer.schedules import ScheduleServicer
from tests.contract.blocking import Answer, Calls
from tests.contract.escalation_house import OK, House
from tocsin.escalation.v1 import schedule_service_pb2 as calls
from tocsin.escalation.v1.schedule_pb2 import Schedule, ScheduleLayer, Shift
from tocsin.escalation.v1.user_pb2 import User

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)


async def ask(house: House, method: str, request: Message) -> Answer:
    service = calls.DESCRIPTOR.services_by_name["ScheduleService"]
    return await Calls(service, ScheduleServicer(house.db, house.clock))(method, request)


def layer(*users: int, **more: Any) -> ScheduleLayer:
    start = f"{NOW - timedelta(days=3, hours=5):%Y-%m-%dT%H:%M}"
    told = {"starts_on": start, "rotation": "P1D", "users": [User(id=user) for user in users]}
    return ScheduleLayer(**told | more)


def schedule(*layers: ScheduleLayer, **more: Any) -> Schedule:
    told = {"name": "Night", "timezone": "UTC", "type": "RECURRING", "schedule_layers": layers}
    return Schedule(**told | more)


def shift(user: int, start: datetime, end: datetime) -> Shift:
    return Shift(user=User(id=user), start=start, end=end)


async def make(house: House, told: Schedule) -> Schedule:
    answer = await ask(house, "CreateSchedule", calls.CreateScheduleRequest(schedule=told))
    assert answer.code is OK, answer.details
    made: Schedule = answer.reply
    return made


async def override(house: House, id_: int, told: Shift) -> Answer:
    return await ask(house, "AddOverride", calls.AddOverrideRequest(id=id_, shift=told))


async def on_call(house: House, id_: int) -> int:
    answer = await ask(house, "GetUserOnCall", calls.GetUserOnCallRequest(id=id_))
    user: int = answer.reply.user.id
    return user
