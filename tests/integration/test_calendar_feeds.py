"""Calendar feeds behind the guard, on both kinds of database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import grpc
import pytest

from services.chassis import tokens
from services.chassis.authentication import Authenticator
from services.chassis.callers import Callers
from services.chassis.clock import Clock
from services.chassis.config import Config
from services.chassis.database import database
from services.chassis.limits import Limits
from services.chassis.migrations import migrate
from services.chassis.rpc import Guard
from services.chassis.watching import Bell
from services.escalation import first_start
from services.escalation.app import served
from tests.parts.waiting import ended
from tocsin.escalation.v1 import calendar_feed_service_pb2 as feeds
from tocsin.escalation.v1 import calendar_feed_service_pb2_grpc as feeds_rpc
from tocsin.escalation.v1 import schedule_service_pb2 as schedules
from tocsin.escalation.v1 import schedule_service_pb2_grpc as schedules_rpc
from tocsin.escalation.v1 import user_service_pb2 as users
from tocsin.escalation.v1 import user_service_pb2_grpc as users_rpc
from tocsin.escalation.v1.calendar_feed_pb2 import CalendarFeed
from tocsin.escalation.v1.schedule_pb2 import Schedule, ScheduleLayer
from tocsin.escalation.v1.user_pb2 import User

MOST_TRIES = 5
SECONDS_FOR_A_TEST = 20.0
CONFIG = Config(
    database_url="",
    nats_url="",
    listen="",
    public_url="https://tocsin.example/",
    address_calls_per_minute=MOST_TRIES,
)


@dataclass
class House:
    """Escalation as its callers see it; `shown` is the first admin's credential."""

    feeds: Any
    schedules: Any
    users: Any
    shown: Any
    limits: Limits
    clock: Clock

    async def person(self, name: str) -> int:
        told = User(first_name=name, last_name="L", email=f"{name}@example.com")
        request = users.CreateUserRequest(user=told)
        return int((await self.users.CreateUser(request, metadata=self.shown)).id)

    async def schedule(self, *people: int) -> int:
        layer = ScheduleLayer(
            starts_on="2026-01-05T09:00",
            users=[User(id=user) for user in people],
            rotation="P1D",
        )
        told = Schedule(name="Night", timezone="UTC", type="RECURRING", schedule_layers=[layer])
        request = schedules.CreateScheduleRequest(schedule=told)
        return int((await self.schedules.CreateSchedule(request, metadata=self.shown)).id)

    async def feed(self, schedule: int, **told: Any) -> Any:
        request = feeds.CreateCalendarFeedRequest(id=schedule, feed=CalendarFeed(**told))
        return await self.feeds.CreateCalendarFeed(request, metadata=self.shown)

    async def listed(self, schedule: int) -> list[int]:
        request = feeds.ListCalendarFeedsRequest(id=schedule)
        found = await self.feeds.ListCalendarFeeds(request, metadata=self.shown)
        return [feed.id for feed in found.feeds]

    async def read(self, url: str) -> Any:
        token = url.removeprefix("https://tocsin.example/api/calendars/")
        request = feeds.GetCalendarRequest(token=token.removesuffix("/shifts.ics"))
        return await self.feeds.GetCalendar(request)

    async def refusal(self, url: str) -> grpc.StatusCode:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await self.read(url)
        code: grpc.StatusCode = refused.value.code()
        return code


@pytest.fixture
async def house(any_database_url: str) -> AsyncIterator[House]:
    admin, clock = tokens.new_token(), Clock()
    migrate(any_database_url, "escalation")
    async with database(any_database_url, "escalation") as db:
        await db.write(first_start.prepare, clock, f"{admin.id}:{admin.sha256().hex()}")
        limits = Limits(db, clock)
        dividing = asyncio.create_task(limits.run())
        callers = Callers(limits, CONFIG)
        guard = Guard(Authenticator(db, clock, "", None), callers)
        server = grpc.aio.server(interceptors=[guard])
        base: Any = SimpleNamespace(database=db, clock=clock, callers=callers, config=CONFIG)
        for _, add in served(base, Bell(db)):
            add(server)
        address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        await server.start()
        async with grpc.aio.insecure_channel(address) as channel:
            yield House(
                feeds_rpc.CalendarFeedServiceStub(channel),
                schedules_rpc.ScheduleServiceStub(channel),
                users_rpc.UserServiceStub(channel),
                [("authorization", str(admin))],
                limits,
                clock,
            )
        await server.stop(None)
        await ended(dividing)


async def test_a_feed_is_made_read_and_ended(house: House) -> None:
    ada, bob = await house.person("Ada"), await house.person("Bob")
    night, day = await house.schedule(ada, bob), await house.schedule(ada)

    made = await house.feed(night)
    bobs = await house.feed(night, user=User(id=bob))

    assert (made.HasField("user"), bobs.user.first_name) == (False, "Bob")
    calendar = await house.read(made.url)
    assert calendar.content_type == "text/calendar; charset=utf-8"
    assert b"SUMMARY:Ada L on call: Night\r\n" in calendar.data
    assert b"SUMMARY:Ada" not in (await house.read(bobs.url)).data
    assert await house.listed(night) == [made.id, bobs.id]
    assert await house.listed(day) == []
    elsewhere = feeds.DeleteCalendarFeedRequest(id=day, feed_id=made.id)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await house.feeds.DeleteCalendarFeed(elsewhere, metadata=house.shown)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    gone = feeds.DeleteCalendarFeedRequest(id=night, feed_id=made.id)
    await house.feeds.DeleteCalendarFeed(gone, metadata=house.shown)
    assert await house.refusal(made.url) is grpc.StatusCode.NOT_FOUND
    assert await house.listed(night) == [bobs.id]


async def test_a_feed_ends_with_its_person_and_with_its_schedule(house: House) -> None:
    ada, bob = await house.person("Ada"), await house.person("Bob")
    night = await house.schedule(ada)
    bobs, everybodys = await house.feed(night, user=User(id=bob)), await house.feed(night)

    await house.users.DeleteUser(users.DeleteUserRequest(id=bob), metadata=house.shown)

    assert await house.refusal(bobs.url) is grpc.StatusCode.NOT_FOUND
    assert await house.listed(night) == [everybodys.id]
    request = schedules.DeleteScheduleRequest(id=night)
    await house.schedules.DeleteSchedule(request, metadata=house.shown)
    assert await house.refusal(everybodys.url) is grpc.StatusCode.NOT_FOUND


async def test_whoever_tries_tokens_is_refused_but_a_good_one_is_not(house: House) -> None:
    made = await house.feed(await house.schedule(await house.person("Ada")))
    if house.limits.seconds_left() < SECONDS_FOR_A_TEST:  # it would go over into the next minute
        house.clock.turn(timedelta(seconds=house.limits.seconds_left()))

    for _ in range(MOST_TRIES):
        assert await house.refusal("none") is grpc.StatusCode.NOT_FOUND
    assert await house.refusal("none") is grpc.StatusCode.RESOURCE_EXHAUSTED

    assert (await house.read(made.url)).data


@pytest.mark.parametrize("user", [0, 99])
async def test_nobodys_feed_is_refused(house: House, user: int) -> None:
    night = await house.schedule(await house.person("Ada"))

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await house.feed(night, user=User(id=user))

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert await house.listed(night) == []
