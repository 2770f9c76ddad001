"""Answers AlertService and SubjectService: load, decide, save, reply."""

from sqlalchemy import Connection

from services.alertstate import known, outgoing, wire
from services.alertstate.domain.alerts import Action, Actor, Alert, Status, act
from services.alertstate.domain.keys import resolved_by_hand
from services.alertstate.store import alerts, keys, lists, log
from services.alertstate.store.lists import Wanted
from services.chassis import audit
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest
from services.chassis.paging import Page, page
from services.chassis.principal import caller
from tocsin.alertstate.v1 import alert_pb2
from tocsin.alertstate.v1 import alert_service_pb2 as pb
from tocsin.alertstate.v1 import alert_service_pb2_grpc as rpc
from tocsin.chassis.internal.v1 import subject_service_pb2 as subject_pb
from tocsin.chassis.internal.v1 import subject_service_pb2_grpc as subject_rpc

DEFAULT_PAGE = 50
LARGEST_PAGE = 100
MOST_SUBJECTS = 500


class AlertServicer(rpc.AlertServiceServicer):
    """The gRPC face of the alerts."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def ListAlerts(
        self, request: pb.ListAlertsRequest, context: Context
    ) -> pb.ListAlertsResponse:
        """See the proto."""
        part = page(request, default=DEFAULT_PAGE, most=LARGEST_PAGE)
        found = await self._database.read(_list, wire.wanted(request), part)
        return pb.ListAlertsResponse(alerts=found)

    async def CountAlerts(
        self, request: pb.CountAlertsRequest, context: Context
    ) -> pb.CountAlertsResponse:
        """See the proto."""
        count = await self._database.read(lists.count, wire.wanted(request))
        return pb.CountAlertsResponse(count=count)

    async def GetAlert(self, request: pb.GetAlertRequest, context: Context) -> alert_pb2.Alert:
        """See the proto."""
        return await self._database.read(_get, request.id)

    async def AcceptAlert(
        self, request: pb.AcceptAlertRequest, context: Context
    ) -> alert_pb2.Alert:
        """See the proto."""
        return await self._act(request.id, Action.ACCEPT)

    async def ResolveAlert(
        self, request: pb.ResolveAlertRequest, context: Context
    ) -> alert_pb2.Alert:
        """See the proto."""
        return await self._act(request.id, Action.RESOLVE)

    async def ListLogEntries(
        self, request: pb.ListLogEntriesRequest, context: Context
    ) -> pb.ListLogEntriesResponse:
        """See the proto."""
        part = page(request, default=DEFAULT_PAGE, most=LARGEST_PAGE)
        found = await self._database.read(_log, request.id, part)
        return pb.ListLogEntriesResponse(log_entries=found)

    async def _act(self, alert_id: int, action: Action) -> alert_pb2.Alert:
        by = wire.actor(caller())
        return await self._database.write(_act, self._clock, alert_id, action, by)


class SubjectServicer(subject_rpc.SubjectServiceServicer):
    """Tells whether pages about alerts still have to go out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def CheckSubjects(
        self, request: subject_pb.CheckSubjectsRequest, context: Context
    ) -> subject_pb.CheckSubjectsResponse:
        """See the proto."""
        if len(request.subjects) > MOST_SUBJECTS:
            raise InvalidRequest(f"at most {MOST_SUBJECTS} subjects at once", field="subjects")
        asked = [(wire.alert_id(each.kind, each.id), each.episode) for each in request.subjects]
        ids = [alert_id for alert_id, _ in asked if alert_id is not None]
        standings = await self._database.read(lists.standings, ids)
        states = [_state(standings.get(alert_id or 0), episode) for alert_id, episode in asked]
        return subject_pb.CheckSubjectsResponse(states=states)


def _state(
    standing: tuple[Status, int] | None, episode: int
) -> subject_pb.CheckSubjectsResponse.State:
    if standing is None:
        return subject_pb.CheckSubjectsResponse.STATE_UNSPECIFIED
    if standing == (Status.PENDING, episode):
        return subject_pb.CheckSubjectsResponse.PENDING
    return subject_pb.CheckSubjectsResponse.OVER


def _get(connection: Connection, alert_id: int) -> alert_pb2.Alert:
    return _rendered(connection, [alerts.get(connection, alert_id)])[0]


def _list(connection: Connection, wanted: Wanted, part: Page) -> list[alert_pb2.Alert]:
    return _rendered(connection, lists.newest(connection, wanted, part))


def _log(connection: Connection, alert_id: int, part: Page) -> list[alert_pb2.LogEntry]:
    alerts.get(connection, alert_id)
    entries = log.oldest(connection, alert_id, part)
    return [wire.log_entry(alert_id, number, entry) for number, entry in entries]


def _act(
    connection: Connection, clock: Clock, alert_id: int, action: Action, by: Actor
) -> alert_pb2.Alert:
    now = clock.now(connection)
    # The key first, as events do: whoever locks in another order may wait for ever.
    unlocked = alerts.get(connection, alert_id)
    key = unlocked.source_id, unlocked.content.match_key
    states = keys.lock(connection, [key] if unlocked.content.match_key else [], now)
    before = alerts.get(connection, alert_id, lock=True)
    after, entries = act(before, action, by, now)
    if entries:
        alerts.save(connection, [(before, after)], now)
        log.add(connection, [(after, entries)])
        answered = {
            key: resolved_by_hand(state)
            for key, state in states.items()
            if action is Action.RESOLVE and state.alert_id == alert_id
        }
        keys.save(connection, answered, now)
        about = known.about(connection, [after])
        outgoing.publish(connection, now, [(after, action.cause, by)], about)
        audit.record(connection, now, caller().actor(), f"alert.{action}", f"alert:{alert_id}")
    return _rendered(connection, [after])[0]


def _rendered(connection: Connection, found: list[Alert]) -> list[alert_pb2.Alert]:
    about = known.about(connection, found)
    return [wire.alert(alert, about) for alert in found]
