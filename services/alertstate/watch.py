"""What a watcher is told of a change of an alert, and which alerts they ask for."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from services.alertstate import known, reach, showing, wire
from services.alertstate.store.tables import ALERT
from services.chassis.errors import InvalidRequest
from services.chassis.principal import caller
from services.chassis.teams import hides_nothing
from services.chassis.watch import Watched
from tocsin.alertstate.v1 import alert_watch_service_pb2 as pb
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert

STATES = (Alert.PENDING, Alert.ACCEPTED, Alert.RESOLVED)
Published = Sequence[tuple[str, AlertChanged]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts a watcher asks for; empty is all."""

    states: frozenset[int]
    sources: frozenset[int]

    def has(self, change: pb.WatchAlertsResponse) -> bool:
        """Tells whether a change is of one of them."""
        alert = change.alert
        return (not self.states or alert.status in self.states) and (
            not self.sources or alert.alert_source.id in self.sources
        )


def wanted(request: pb.WatchAlertsRequest | pb.StreamAlertsRequest) -> Wanted:
    """Reads which alerts a watcher asks for. Raises InvalidRequest."""
    if not set(request.states) <= set(STATES):
        raise InvalidRequest("states must be PENDING, ACCEPTED or RESOLVED", field="states")
    return Wanted(frozenset(request.states), frozenset(request.sources))


def _tell(connection: Connection, changes: Published) -> Sequence[pb.WatchAlertsResponse]:
    changes = _seen(connection, changes)
    alerts = [change.alert for _, change in changes]
    source_ids = {alert.alert_source.id for alert in alerts}
    about = known.beside(connection, source_ids, {each.escalation_policy.id for each in alerts})
    about = showing.with_standing(connection, about)
    return [
        pb.WatchAlertsResponse(
            resume_token=token,
            alert=wire.complete(change.alert, about),
            cause=change.cause,
            version=change.version,
        )
        for token, change in changes
    ]


def _seen(connection: Connection, changes: Published) -> Published:
    """Leaves out the alerts that the watcher does not see."""
    if hides_nothing(caller()):
        return changes
    ids = {change.alert.id for _, change in changes}
    query = select(ALERT.c.id).where(ALERT.c.id.in_(sorted(ids)), reach.seen(caller()))
    theirs = set(connection.execute(query).scalars())
    return [(token, change) for token, change in changes if change.alert.id in theirs]


ALERTS = Watched(AlertChanged, _tell, "alerts")
