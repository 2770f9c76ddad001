"""Answers CalendarFeedService."""

import hashlib
import secrets

from google.api.httpbody_pb2 import HttpBody
from sqlalchemy import Connection

from services.calendar import ical
from services.chassis import audit, counters
from services.chassis.callers import Callers
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest, NotFound
from services.chassis.principal import caller
from services.escalation import on_duty, reach
from services.escalation.domain.feeds import AHEAD, BACK, MOST_FEEDS, Feed, events, midnight
from services.escalation.store import feeds, schedules, users
from services.escalation.store.alone import CONFIGURATION, alone
from services.escalation.wire import feeds as wire
from tocsin.escalation.v1 import calendar_feed_pb2
from tocsin.escalation.v1 import calendar_feed_service_pb2 as pb
from tocsin.escalation.v1 import calendar_feed_service_pb2_grpc as rpc

TOKEN_BYTES = 32
#: What only its reader may keep, and for as long as calendars are asked to wait anyway.
CACHE_CONTROL = "private, max-age=300"


class CalendarFeedServicer(rpc.CalendarFeedServiceServicer):
    """The gRPC face of the calendar feeds."""

    def __init__(self, database: Database, clock: Clock, callers: Callers, public_url: str) -> None:
        self._database = database
        self._clock = clock
        self._callers = callers
        self._public_url = public_url

    async def CreateCalendarFeed(
        self, request: pb.CreateCalendarFeedRequest, context: Context
    ) -> calendar_feed_pb2.CalendarFeed:
        """See the proto."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        made = await self._database.write(_create, self._clock, request, token)
        made.url = f"{self._public_url.rstrip('/')}/api/calendars/{token}/shifts.ics"
        return made

    async def ListCalendarFeeds(
        self, request: pb.ListCalendarFeedsRequest, context: Context
    ) -> pb.ListCalendarFeedsResponse:
        """See the proto."""
        return pb.ListCalendarFeedsResponse(feeds=await self._database.read(_listed, request.id))

    async def DeleteCalendarFeed(
        self, request: pb.DeleteCalendarFeedRequest, context: Context
    ) -> pb.DeleteCalendarFeedResponse:
        """See the proto."""
        await self._database.write(_delete, self._clock, request)
        return pb.DeleteCalendarFeedResponse()

    async def GetCalendar(self, request: pb.GetCalendarRequest, context: Context) -> HttpBody:
        """See the proto."""
        feed = await self._database.read(feeds.opened, _sha256(request.token))
        if feed is None:
            await self._callers.stranger()
            raise _unknown()
        await self._callers.admit_by(f"feed:{feed.id}", f"calendar feed {feed.id}")
        data = await self._database.read_slowly(_told, self._clock, feed)
        headers = (("cache-control", CACHE_CONTROL), ("etag", _etag(data)))
        await context.send_initial_metadata(headers)
        return HttpBody(content_type=ical.MEDIA_TYPE, data=data)


def _create(
    connection: Connection, clock: Clock, request: pb.CreateCalendarFeedRequest, token: str
) -> calendar_feed_pb2.CalendarFeed:
    alone(connection, CONFIGURATION)  # or its person could be deleted meanwhile
    now = clock.now(connection)
    schedule = reach.changeable(schedules.get(connection, request.id), "schedule")
    user = request.feed.user.id
    if request.feed.HasField("user") and not users.existing(connection, [user]):
        raise InvalidRequest(f"user: there is no user {user}", field="user")
    if feeds.count(connection, schedule.id) >= MOST_FEEDS:
        raise InvalidRequest(f"schedule {schedule.id} has {MOST_FEEDS} feeds already", field="id")
    feed = Feed(
        id=counters.allocate(connection, "calendar_feed"),
        schedule_id=schedule.id,
        user_id=user,
        token_sha256=_sha256(token),
        created_at=now,
        creator=caller().name,
    )
    feeds.add(connection, feed)
    told = wire.feed(feed, users.by_ids(connection, [user]))
    target = f"schedule:{schedule.id}"
    after = audit.shown(told)
    audit.record(connection, now, caller().actor(), "schedule.feed.create", target, after=after)
    return told


def _listed(connection: Connection, schedule_id: int) -> list[calendar_feed_pb2.CalendarFeed]:
    reach.seen(schedules.get(connection, schedule_id), "schedule")
    found = feeds.of_schedule(connection, schedule_id)
    people = users.by_ids(connection, {feed.user_id for feed in found})
    return [wire.feed(feed, people) for feed in found]


def _delete(connection: Connection, clock: Clock, request: pb.DeleteCalendarFeedRequest) -> None:
    alone(connection, CONFIGURATION)
    schedule = reach.changeable(schedules.get(connection, request.id), "schedule")
    if not feeds.remove(connection, schedule.id, request.feed_id):
        raise NotFound(f"schedule {schedule.id} has no feed {request.feed_id}")
    now, target = clock.now(connection), f"schedule:{schedule.id}"
    audit.record(connection, now, caller().actor(), "schedule.feed.delete", target)


def _told(connection: Connection, clock: Clock, feed: Feed) -> bytes:
    """Returns what a feed says. Raises NotFound if it is no more."""
    if feeds.opened(connection, feed.token_sha256) is None:
        raise _unknown()
    schedule = schedules.get(connection, feed.schedule_id)
    today = midnight(clock.now(connection))
    shifts = on_duty.shifts(connection, schedule, today - BACK, today + AHEAD)
    people = users.by_ids(connection, {shift.user for shift in shifts})
    names = {id_: user.name for id_, user in people.items()}
    return ical.calendar(schedule.name, events(feed, schedule, shifts, names), today)


def _etag(data: bytes) -> str:
    """Tells what a feed says from what it said before."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def _unknown() -> NotFound:
    return NotFound("there is no such calendar")  # without the token


def _sha256(token: str) -> bytes:
    """Returns what may be stored of a feed's secret."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
