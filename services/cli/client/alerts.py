"""What the `tocsin alerts` commands do, but for the watch."""

import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import datetime
from typing import Any

import grpc.aio
from rich.console import Console
from rich.progress import track

from services.cli.client import showing
from services.cli.client.calling import SECONDS, Refused
from services.cli.client.target import Target
from services.cli.client.watching import Watch
from tocsin.alertstate.v1 import alert_service_pb2 as pb
from tocsin.alertstate.v1.alert_pb2 import Alert, Comment, LogEntry
from tocsin.alertstate.v1.alert_service_pb2_grpc import AlertServiceStub
from tocsin.alertstate.v1.alert_watch_service_pb2 import WatchAlertsRequest
from tocsin.alertstate.v1.alert_watch_service_pb2_grpc import AlertWatchServiceStub

PAGE = 100  # the most that the service lists at once
BULK = 500  # the most that it changes at once


class Alerts:
    """The alerts of one Tocsin, as one caller may see and change them."""

    def __init__(self, target: Target, channel: grpc.aio.Channel, *, as_json: bool) -> None:
        self._stub = AlertServiceStub(channel)
        self._changes = AlertWatchServiceStub(channel)
        self._target = target
        self._metadata = target.metadata
        self._as_json = as_json

    async def list(self, states: Sequence[int], sources: Sequence[int], limit: int) -> None:
        """Prints the newest alerts."""
        found: dict[int, Alert] = {}  # one more alert meanwhile moves all others down by one
        for start in _tracked(range(0, limit, PAGE), "alerts"):
            request = pb.ListAlertsRequest(
                start_index=start,
                max_results=min(PAGE, limit - start),
                states=[Alert.Status.Name(state) for state in states],
                sources=sources,
            )
            page = (await self._call(self._stub.ListAlerts, request)).alerts
            found |= {alert.id: alert for alert in page}
            if len(page) < request.max_results:
                break
        show = showing.document if self._as_json else showing.alerts
        show(list(found.values()))

    async def show(self, alert_id: int) -> None:
        """Prints all about one alert."""
        alert = await self._call(self._stub.GetAlert, pb.GetAlertRequest(id=alert_id))
        if self._as_json:
            showing.document(alert)
            return
        showing.alert(alert, await self._log(alert_id), await self._comments(alert_id))

    async def accept(self, ids: Sequence[int]) -> None:
        """Takes alerts."""
        if len(ids) == 1:
            request = pb.AcceptAlertRequest(id=ids[0])
            self._tell(await self._call(self._stub.AcceptAlert, request))
            return
        await self._all(ids, pb.BulkAcceptAlertsRequest, self._stub.BulkAcceptAlerts)

    async def resolve(self, ids: Sequence[int]) -> None:
        """Ends alerts."""
        if len(ids) == 1:
            request = pb.ResolveAlertRequest(id=ids[0])
            self._tell(await self._call(self._stub.ResolveAlert, request))
            return
        await self._all(ids, pb.BulkResolveAlertsRequest, self._stub.BulkResolveAlerts)

    async def snooze(self, alert_id: int, until: datetime) -> None:
        """Lets an alert sleep."""
        request = pb.SnoozeAlertRequest(id=alert_id, until=until)
        self._tell(await self._call(self._stub.SnoozeAlert, request))

    async def comment(self, alert_id: int, content: str) -> None:
        """Says something about an alert."""
        request = pb.CommentAlertRequest(id=alert_id, comment=Comment(content=content))
        made = await self._call(self._stub.CommentAlert, request)
        if self._as_json:
            showing.document(made)
        else:
            showing.done(f"comment {made.id} on alert {alert_id}")

    async def watch(self, states: Sequence[int], sources: Sequence[int], since: str) -> None:
        """Prints changes of alerts as they happen."""
        wanted = WatchAlertsRequest(
            resume_token=since,
            states=[Alert.Status.Name(state) for state in states],
            sources=sources,
        )
        watch = Watch(
            self._target, self._changes.WatchAlerts, showing.change, as_json=self._as_json
        )
        await watch.run(wanted)

    async def _all(self, ids: Sequence[int], request: Any, method: Any) -> None:
        results: list[pb.BulkResult] = []
        parts = range(0, len(ids), BULK)
        for start in _tracked(parts, "alerts"):
            part = request(ids=ids[start : start + BULK])
            results += (await self._call(method, part)).results
        if self._as_json:
            showing.document(results)
        refused = [result for result in results if result.HasField("code")]
        for result in () if self._as_json else results:
            showing.done(_said(result))
        if refused:
            raise Refused(f"{len(refused)} of {len(results)} alerts are as they were")

    async def _log(self, alert_id: int) -> Sequence[LogEntry]:
        entries: list[LogEntry] = []
        more = True
        while more:
            request = pb.ListLogEntriesRequest(
                id=alert_id, start_index=len(entries), max_results=PAGE
            )
            page = (await self._call(self._stub.ListLogEntries, request)).log_entries
            entries += page
            more = len(page) == PAGE
        return entries

    async def _comments(self, alert_id: int) -> Sequence[Comment]:
        comments: list[Comment] = []
        more = True
        while more:
            request = pb.ListCommentsRequest(
                id=alert_id, start_index=len(comments), max_results=PAGE
            )
            page = (await self._call(self._stub.ListComments, request)).comments
            comments += page
            more = len(page) == PAGE
        return comments

    async def _call(self, method: Callable[..., Any], request: Any) -> Any:
        return await method(request, metadata=self._metadata, timeout=SECONDS)

    def _tell(self, alert: Alert) -> None:
        if self._as_json:
            showing.document(alert)
        else:
            showing.alerts([alert])


Work = Callable[[Alerts], Coroutine[Any, Any, None]]


def _tracked(steps: range, what: str) -> Iterator[int]:
    """Yields the steps; if there are many and somebody looks on, with a bar."""
    if len(steps) < 2 or not sys.stderr.isatty():
        yield from steps
        return
    yield from track(steps, what, console=Console(stderr=True), transient=True)


def _said(result: pb.BulkResult) -> str:
    if result.HasField("code"):
        return f"alert {result.id}: refused: {result.message or result.code}"
    return f"alert {result.id}: {Alert.Status.Name(result.status)}"
