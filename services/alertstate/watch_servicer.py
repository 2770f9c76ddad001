"""Answers AlertWatchService: tells watchers of changes as they are published.

A watcher is its generator and nothing else: it reads a page, hands it out as fast as its
reader takes it (gRPC's flow control holds the generator, and it alone), and reads the next.
Nothing is queued for it. A watch ends after a while, so that no credential is believed for
ever and new replicas get their part; whoever goes on with its token misses nothing.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager, suppress
from typing import Any

from google.api import httpbody_pb2
from google.protobuf import json_format

from services.alertstate import watch
from services.alertstate.watch import Page, Wanted
from services.chassis import outbox
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import Unavailable
from services.chassis.pausing import pause
from tocsin.alertstate.v1 import alert_watch_service_pb2 as pb
from tocsin.alertstate.v1 import alert_watch_service_pb2_grpc as rpc

#: A connection may be closed 16 minutes after it was asked to be (`services.chassis.rpc`).
LONGEST_SECONDS = 900.0
SILENCE_SECONDS = 15.0
#: Publishing takes a moment after the commit that rings; another replica's rings nowhere here.
SOON_SECONDS = 0.02
IDLE_SECONDS = 1.0
#: Where a watcher that was told nothing yet finds out where it stands: at the beginning of
#: the stream, and at its end.
RESUME_TOKEN = "tocsin-resume-token"
LAST_EVENT_ID = "last-event-id"
EVENT_STREAM = "text/event-stream"
#: Of an alert and the policy in it: see the options of the fields.
OMITTED = ("escalationRules", "members", "restrictions", "scheduleLayers", "shifts")


class Bell:
    """Rings for every watcher when something was published."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._committed = asyncio.Event()
        self._watchers: set[asyncio.Event] = set()
        self._newest = -1
        self.closed = False

    async def run(self) -> None:
        """Rings for as long as the service runs; in the end for the last time."""
        self._database.wake(outbox.TOPIC, self._committed.set)
        delay = IDLE_SECONDS
        try:
            while True:
                delay = min(delay * 2, IDLE_SECONDS)
                if await self._woken_within(delay):
                    delay = SOON_SECONDS
                    await asyncio.sleep(delay)
                if self._watchers and await self._moved():
                    self._ring()
        finally:
            self.closed = True
            self._ring()

    @contextmanager
    def heard(self) -> Iterator[asyncio.Event]:
        """Yields what is set when it rings."""
        ringing = asyncio.Event()
        self._watchers.add(ringing)
        try:
            yield ringing
        finally:
            self._watchers.discard(ringing)

    @property
    def watchers(self) -> int:
        """How many listen."""
        return len(self._watchers)

    def _ring(self) -> None:
        for ringing in self._watchers:
            ringing.set()

    async def _woken_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._committed.wait()
        woken = self._committed.is_set()
        self._committed.clear()
        return woken

    async def _moved(self) -> bool:
        try:
            newest = await self._database.read(watch.newest_number)
        except Unavailable:
            return True  # the watchers find out for themselves
        before, self._newest = self._newest, newest
        return newest != before


class AlertWatchServicer(rpc.AlertWatchServiceServicer):
    """The gRPC face of the changes."""

    def __init__(self, database: Database, bell: Bell) -> None:
        self._database = database
        self._bell = bell

    async def WatchAlerts(  # noqa: N802 # the contract's name
        self, request: pb.WatchAlertsRequest, context: Context
    ) -> AsyncIterator[pb.WatchAlertsResponse]:
        """See the proto."""
        if self._bell.closed:  # or whoever goes on where this ended would ask in circles
            raise Unavailable("this service is ending: go on a moment later")
        asked = watch.wanted(request)
        place = await self._database.read(watch.begin, request.resume_token)
        await context.send_initial_metadata(((RESUME_TOKEN, place),))
        async with aclosing(self._pages(place, asked)) as pages:
            async for page in pages:
                place = page.place
                for change in page.changes:
                    yield change
        context.set_trailing_metadata(((RESUME_TOKEN, place),))

    async def StreamAlerts(  # noqa: N802 # as above
        self, request: pb.StreamAlertsRequest, context: Context
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        """See the proto."""
        asked = watch.wanted(request)
        token = _last_event_id(context) or request.resume_token
        place = await self._database.read(watch.begin, token)
        yield _frame(_ping(place))  # the first one lets the reply's headers go
        async with aclosing(self._pages(place, asked)) as pages:
            async for page in pages:
                for change in page.changes:
                    yield _frame(_event(change))
                if not page.changes:
                    yield _frame(_ping(page.place))

    async def _pages(self, place: str, asked: Wanted) -> AsyncGenerator[Page]:
        """Yields pages of changes as they come, and an empty one after each silence."""
        ends = time.monotonic() + LONGEST_SECONDS
        silent_until = time.monotonic() + SILENCE_SECONDS
        with self._bell.heard() as ringing:
            while not self._bell.closed and time.monotonic() < ends:
                page = await self._database.read(watch.page, place, asked)
                place = page.place
                if page.changes or time.monotonic() >= silent_until:
                    yield page
                    silent_until = time.monotonic() + SILENCE_SECONDS
                if not page.moved:
                    await pause(max(silent_until - time.monotonic(), 0), ringing)


def _last_event_id(context: Context) -> str:
    metadata = dict(context.invocation_metadata() or ())
    return str(metadata.get(LAST_EVENT_ID, ""))


def _frame(text: str) -> httpbody_pb2.HttpBody:
    return httpbody_pb2.HttpBody(content_type=EVENT_STREAM, data=text.encode())


def _ping(place: str) -> str:
    """Returns a frame that is no event, and tells a browser what it may go on after."""
    return f": ping\nid: {place}\n\n" if place else ": ping\n\n"


def _event(change: pb.WatchAlertsResponse) -> str:
    told = json_format.MessageToDict(change, always_print_fields_with_no_presence=True)
    data = json.dumps(_trimmed(told), ensure_ascii=False)
    return f"id: {change.resume_token}\nevent: alert\ndata: {data}\n\n"


def _trimmed(told: Any) -> Any:
    """Leaves out, as the edge does, what would have to be asked for; a watch has no `include`."""
    match told:
        case dict():
            kept = {name: value for name, value in told.items() if value or name not in OMITTED}
            return {name: _trimmed(value) for name, value in kept.items()}
        case list():
            return [_trimmed(each) for each in told]
        case _:
            return told
