"""The pages for those who signed in: what is open, one alert, who is on call.

Everything is asked of its owner with the visitor's own token, so that scopes and teams hold as
they do everywhere.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from google.api.httpbody_pb2 import HttpBody
from sqlalchemy import Connection

from services.chassis.database import Database
from services.chassis.errors import InvalidRequest
from services.notification.web import content, duty, forms, paged, replies, standing
from services.notification.web.caller import Doors, Visitor
from services.notification.web.paged import Run
from services.notification.web.rendering import Renderer
from services.notification.web.replies import Reply
from services.notification.web.standing import Shown
from services.notification.web.times import Times
from services.notification.wire import ALERT
from tocsin.alertstate.v1 import alert_service_pb2 as calls
from tocsin.alertstate.v1.alert_pb2 import Alert, Comment, LogEntry
from tocsin.alertstate.v1.alert_service_pb2_grpc import AlertServiceStub
from tocsin.escalation.v1 import on_call_service_pb2 as on_calls

STATES = {
    "open": (Alert.PENDING, Alert.ACCEPTED),
    "pending": (Alert.PENDING,),
    "accepted": (Alert.ACCEPTED,),
    "resolved": (Alert.RESOLVED,),
}
PAGE = 50
#: Of a log, so many parts of 100 entries are read.
MOST_PARTS = 5
PART = 100
#: How long what a page can go without may take, in seconds.
PATIENCE = 1.0
#: How far a page looks for who is on call next.
AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Line:
    """An alert among others."""

    alert: Alert
    shown: Shown
    source: str
    responders: str


class Console:
    """Makes the pages."""

    def __init__(self, database: Database, doors: Doors, renderer: Renderer) -> None:
        self._database = database
        self._doors = doors
        self._renderer = renderer

    async def alerts(self, visitor: Visitor, times: Times, state: str, start: int) -> Reply:
        """Returns a page of alerts in a state, newest first."""
        if self._doors.alerts is None:
            return replies.see("/on-call")
        alerts, wanted = self._doors.alerts, state if state in STATES else "open"
        listed, pending, accepted = await asyncio.gather(
            visitor.ask(alerts.ListAlerts, _list(wanted, start)),
            visitor.ask(alerts.CountAlerts, calls.CountAlertsRequest(states=[Alert.PENDING])),
            visitor.ask(alerts.CountAlerts, calls.CountAlertsRequest(states=[Alert.ACCEPTED])),
        )
        counts = {"pending": pending.count, "accepted": accepted.count}
        counts["open"] = sum(counts.values())
        html = await self._renderer.html(
            "alerts.html",
            visitor.reader,
            times,
            page="alerts",
            state=wanted,
            states=list(STATES),
            counts=counts,
            lines=[_line(alert, times) for alert in listed.alerts[:PAGE]],
            newer=max(start - PAGE, 0) if start else None,
            older=start + PAGE if len(listed.alerts) > PAGE else None,
            utc=standing.utc,
        )
        return replies.page(html)

    async def alert(self, visitor: Visitor, times: Times, alert_id: int, said: str) -> Reply:
        """Returns the page of one alert; `said` is what was done a moment ago."""
        alerts = self._alerts()
        alert, entries, comments = await asyncio.gather(
            visitor.ask(alerts.GetAlert, _get(alert_id)),
            _entries(alerts, visitor, alert_id),
            _comments(alerts, visitor, alert_id),
        )
        run = await self._database.read(_run, alert_id)
        on_call = await self._on_call(visitor, alert.escalation_policy.id)
        shown = standing.of_alert(alert, run.newest, times)
        told = await asyncio.to_thread(content.of_alert, alert, comments)
        words = visitor.reader.words
        html = await self._renderer.html(
            "alert.html",
            visitor.reader,
            times,
            page="alert",
            shown=shown,
            banner=words(f"did.{said}") if words.has(f"did.{said}") else "",
            alert=alert,
            content=told,
            entries=list(reversed(entries)),
            rows=paged.rows(run, words, alert),
            levels=paged.levels(run, shown.next, alert.escalation_rules, on_call),
            utc=standing.utc,
        )
        return replies.page(html, images=told.shown)

    async def change(self, visitor: Visitor, alert_id: int, form: HttpBody) -> Reply:
        """Does something to an alert and returns where that is seen. Raises InvalidRequest."""
        alerts, told = self._alerts(), forms.fields(form)
        verb = told.get("verb", "")
        asked: dict[str, tuple[Any, Any]] = {
            "accept": (alerts.AcceptAlert, calls.AcceptAlertRequest(id=alert_id)),
            "resolve": (alerts.ResolveAlert, calls.ResolveAlertRequest(id=alert_id)),
            "escalate": (alerts.EscalateAlert, calls.EscalateAlertRequest(id=alert_id)),
            "comment": (
                alerts.CommentAlert,
                calls.CommentAlertRequest(
                    id=alert_id, comment=Comment(content=told.get("content", ""))
                ),
            ),
        }
        if verb not in asked:
            raise InvalidRequest(f"verb must be one of {', '.join(asked)}", field="verb")
        await visitor.ask(*asked[verb])
        return replies.see(f"/alerts/{alert_id}?said={verb}")

    async def on_call(self, visitor: Visitor, times: Times) -> Reply:
        """Returns who is on call now."""
        shifts, listed = await asyncio.gather(
            self._shifts(visitor, times),
            visitor.ask(self._doors.on_calls.ListOnCalls, on_calls.ListOnCallsRequest()),
        )
        html = await self._renderer.html(
            "on_call.html",
            visitor.reader,
            times,
            page="on_call",
            schedules=duty.schedules(shifts, times.now),
            policies=duty.policies(listed.on_calls),
        )
        return replies.page(html)

    def _alerts(self) -> AlertServiceStub:
        if self._doors.alerts is None:
            raise InvalidRequest("there are no alerts here", field="id")
        return self._doors.alerts

    async def _on_call(self, visitor: Visitor, policy_id: int) -> dict[int, list[str]]:
        """Returns whom the levels of a policy mean now, as far as the visitor may know that."""
        if not policy_id:
            return {}
        request = on_calls.GetOnCallRequest(policy=policy_id)
        found = await visitor.ask_if_possible(self._doors.on_calls.GetOnCall, request, PATIENCE)
        return dict(duty.by_level(found.on_calls)) if found is not None else {}

    async def _shifts(
        self, visitor: Visitor, times: Times
    ) -> list[on_calls.ListShiftsOfSchedulesResponse]:
        found: list[on_calls.ListShiftsOfSchedulesResponse] = []
        request = on_calls.ListShiftsOfSchedulesRequest(until=times.now + AHEAD)
        getattr(request, "from").FromDatetime(times.now)
        while len(found) < MOST_PARTS:
            part = await visitor.ask(self._doors.on_calls.ListShiftsOfSchedules, request)
            found.append(part)
            request.page_token = part.next_page_token
            if not part.next_page_token:
                break
        return found


async def _entries(alerts: AlertServiceStub, visitor: Visitor, alert_id: int) -> list[LogEntry]:
    found: list[LogEntry] = []
    for _ in range(MOST_PARTS):
        request = calls.ListLogEntriesRequest(
            id=alert_id,
            start_index=len(found),
            max_results=PART,
            lang=visitor.reader.words.language,
        )
        part = await visitor.ask(alerts.ListLogEntries, request)
        found += part.log_entries
        if len(part.log_entries) < PART:
            break
    return found


async def _comments(alerts: AlertServiceStub, visitor: Visitor, alert_id: int) -> list[Comment]:
    request = calls.ListCommentsRequest(id=alert_id, max_results=PART)
    return list((await visitor.ask(alerts.ListComments, request)).comments)


def _list(state: str, start: int) -> calls.ListAlertsRequest:
    """Returns what asks for a page of alerts and one more, which tells whether there is another."""
    return calls.ListAlertsRequest(
        states=STATES[state],
        start_index=start,
        max_results=PAGE + 1,
        include=["nextEscalationUser"],
    )


def _get(alert_id: int) -> calls.GetAlertRequest:
    include = ["escalationRules", "nextEscalationUser", "customDetails"]
    return calls.GetAlertRequest(id=alert_id, include=include)


def _run(connection: Connection, alert_id: int) -> Run:
    return paged.of_subject(connection, ALERT, str(alert_id))


def _line(alert: Alert, times: Times) -> Line:
    names = [f"{r.user.first_name} {r.user.last_name}".strip() for r in alert.responders]
    return Line(
        alert=alert,
        shown=standing.of_alert(alert, None, times),
        source=alert.alert_source.name,
        responders=", ".join(names),
    )
