"""Tells watchers of changes as they are published, over gRPC and as server-sent events.

A watcher is its generator and nothing else: it reads a page, together with all who stand at
the same place, hands it out as fast as its reader takes it (gRPC's flow control holds the
generator, and it alone; the guard lets go of one that takes nothing), and reads the next.
Nothing is queued for it. A watch ends after a while, so that no credential is believed for
ever and new replicas get their part; whoever goes on with its token misses nothing.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Generic

from google.api import httpbody_pb2
from google.protobuf import json_format

from services.chassis import watch
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import Unavailable
from services.chassis.pausing import pause
from services.chassis.principal import caller
from services.chassis.watch import C, Page, Watched
from services.chassis.watching import Bell, Pages

#: A connection may be closed 16 minutes after it was asked to be (`services.chassis.rpc`).
LONGEST_SECONDS = 900.0
SILENCE_SECONDS = 15.0
#: Where a watcher that was told nothing yet finds out where it stands: at the beginning of
#: the stream, and at its end.
RESUME_TOKEN = "tocsin-resume-token"
LAST_EVENT_ID = "last-event-id"
EVENT_STREAM = "text/event-stream"


@dataclass(frozen=True, slots=True)
class _News(Generic[C]):
    """A change, or that there is none, and the place after it."""

    change: C | None
    page: Page[C]
    place: str


class Watches(Generic[C]):
    """All watches of one sort of record."""

    def __init__(
        self,
        database: Database,
        bell: Bell,
        watched: Watched[Any, C],
        *,
        event: str,
        omitted: Collection[str] = (),
    ) -> None:
        """Takes the name of a server-sent event, and which members it has only unless empty."""
        self._database = database
        self._bell = bell
        self._watched = watched
        self._event = event
        self._omitted = frozenset(omitted)
        self._pages = Pages(database, watched)

    async def told(
        self, token: str, wants: Callable[[C], bool], context: Context
    ) -> AsyncIterator[C]:
        """Yields the changes that a caller wants, and says in the metadata where they stand."""
        if self._bell.closed:  # or whoever goes on where this ended would ask in circles
            raise Unavailable("this service is ending: go on a moment later")
        with self._bell.heard(caller().id) as ringing:
            place = await self._database.read(watch.begin, self._watched, token)
            await context.send_initial_metadata(((RESUME_TOKEN, place),))
            async with aclosing(self._news(place, wants, ringing)) as told:
                async for news in told:
                    place = news.place
                    if news.change is not None:
                        yield news.change
        context.set_trailing_metadata(((RESUME_TOKEN, place),))

    async def frames(
        self, token: str, wants: Callable[[C], bool], context: Context
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        """Yields the same as server-sent events; the header Last-Event-ID wins over the token."""
        with self._bell.heard(caller().id) as ringing:
            last = _last_event_id(context) or token
            place = await self._database.read(watch.begin, self._watched, last)
            yield _frame(_ping(place))  # the first one lets the reply's headers go
            async with aclosing(self._news(place, wants, ringing)) as told:
                async for news in told:
                    yield self._shown(news)

    async def _news(
        self, place: str, wants: Callable[[C], bool], ringing: asyncio.Event
    ) -> AsyncGenerator[_News[C]]:
        """Yields changes as they come, and none after each silence."""
        ends = time.monotonic() + LONGEST_SECONDS
        silent_until = time.monotonic() + SILENCE_SECONDS
        while not self._is_over(ends):
            page = await self._pages.after(place, self._bell.rings)
            for change in page.changes:
                if wants(change):
                    yield _News(change, page, change.resume_token)
                    silent_until = time.monotonic() + SILENCE_SECONDS
                    if self._is_over(ends):  # its reader may have taken long
                        return
            place = page.place
            if time.monotonic() >= silent_until:
                yield _News(None, page, place)
                silent_until = time.monotonic() + SILENCE_SECONDS
            if not page.moved:
                await pause(max(silent_until - time.monotonic(), 0), ringing)

    def _is_over(self, ends: float) -> bool:
        return self._bell.closed or time.monotonic() >= ends

    def _shown(self, news: _News[C]) -> httpbody_pb2.HttpBody:
        """Returns a frame, the same for all who are told of the same page."""
        if news.change is None:
            return _frame(_ping(news.place))
        frame = news.page.frames.get(news.place)
        if frame is None:
            frame = news.page.frames[news.place] = _frame(self._rendered(news.change))
        return frame

    def _rendered(self, change: Any) -> str:
        told = json_format.MessageToDict(change, always_print_fields_with_no_presence=True)
        data = json.dumps(_trimmed(told, self._omitted), ensure_ascii=False)
        return f"id: {change.resume_token}\nevent: {self._event}\ndata: {data}\n\n"


def _last_event_id(context: Context) -> str:
    metadata = dict(context.invocation_metadata() or ())
    return str(metadata.get(LAST_EVENT_ID, ""))


def _frame(text: str) -> httpbody_pb2.HttpBody:
    return httpbody_pb2.HttpBody(content_type=EVENT_STREAM, data=text.encode())


def _ping(place: str) -> str:
    """Returns a frame that is no event, and tells a browser what it may go on after."""
    return f": ping\nid: {place}\n\n" if place else ": ping\n\n"


def _trimmed(told: Any, omitted: Collection[str]) -> Any:
    """Leaves out, as the edge does, what would have to be asked for; a watch has no `include`."""
    match told:
        case dict():
            kept = {name: value for name, value in told.items() if value or name not in omitted}
            return {name: _trimmed(value, omitted) for name, value in kept.items()}
        case list():
            return [_trimmed(each, omitted) for each in told]
        case _:
            return told
