"""What the `watch` commands do: print changes, and go on when the connection drops."""

import asyncio
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import grpc
import grpc.aio

from services.chassis.clock import Clock
from services.cli.client import showing
from services.cli.client.target import Target

#: Where the service says, beside the changes, where a watcher stands.
RESUME_TOKEN = "tocsin-resume-token"
#: Statuses that the same call may not meet again a moment later.
PASSING = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
}
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0


class Watch:
    """A watch that outlives its connections."""

    def __init__(
        self, target: Target, method: Any, show: Callable[[Any, datetime], None], *, as_json: bool
    ) -> None:
        """Takes the method that streams, and what prints a change for people."""
        self._method = method
        self._show = show
        self._metadata = target.metadata
        self._url = target.url
        self._as_json = as_json
        self._token = ""
        self._begun = False
        self._pause = FIRST_PAUSE

    async def run(self, wanted: Any) -> None:
        """Prints the changes that a request asks for, for as long as nobody ends it."""
        self._token = wanted.resume_token
        while True:
            wanted.resume_token = self._token
            try:
                await self._follow(wanted)
            except grpc.aio.AioRpcError as error:
                await self._again(error)

    async def _follow(self, wanted: Any) -> None:
        call = self._method(wanted, metadata=self._metadata)
        try:
            self._stand(await call.initial_metadata())
            async for told in call:
                if self._as_json:
                    showing.line(told)
                else:
                    self._show(told, Clock().wall())
                self._token = told.resume_token
            self._stand(await call.trailing_metadata())
        finally:
            call.cancel()

    def _stand(self, metadata: grpc.aio.Metadata | None) -> None:
        """Notes what the service says; a call that failed says nothing here."""
        for name, value in metadata or ():
            if name == RESUME_TOKEN:
                self._token = str(value) or self._token
                self._connected()

    def _connected(self) -> None:
        if self._pause > FIRST_PAUSE:
            _say(f"connected to {self._url} again")
        self._begun, self._pause = True, FIRST_PAUSE

    async def _again(self, error: grpc.aio.AioRpcError) -> None:
        """Waits before the next try, if there is to be one."""
        if error.code() is grpc.StatusCode.OUT_OF_RANGE and self._begun:
            _say("changes were missed: they are no longer kept; watching from now on")
            self._token = ""
            return
        if error.code() not in PASSING or not self._begun:
            raise error
        if self._pause == FIRST_PAUSE:
            _say(f"the connection to {self._url} is lost; trying until it is back")
        await asyncio.sleep(self._pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)


def _say(text: str) -> None:
    print(f"tocsin: {text}", file=sys.stderr, flush=True)
