"""Alerts as ttyops shows them."""

from services.alertstate.domain.alerts import Alert, Status
from services.chassis import short_ids
from services.chassis.errors import NotFound
from tocsin.alertstate.v1 import ttyops_service_pb2 as pb

STATUSES = {
    Status.PENDING: "firing",
    Status.ACCEPTED: "acknowledged",
    Status.RESOLVED: "resolved",
}


def alert_id(said: str) -> int:
    """Returns which alert an id, or the first part of one, names. Raises NotFound."""
    number = short_ids.number(short_ids.ALERT, said)
    if number is None:
        raise NotFound("there is no such alert")
    return number


def member_id(said: str) -> int:
    """Returns which person an id, or the first part of one, names. Raises NotFound."""
    number = short_ids.number(short_ids.MEMBER, said)
    if number is None:
        raise NotFound("there is no such account")
    return number


def alert(alert: Alert) -> pb.TtyopsAlert:
    """Renders an alert."""
    service, member = alert.source_id, assigned_to(alert)
    return pb.TtyopsAlert(
        id=short_ids.short_id(short_ids.ALERT, alert.id),
        title=alert.content.summary,
        status=STATUSES[alert.status],
        service=short_ids.short_id(short_ids.SERVICE, service) if service else "",
        assignedto=short_ids.short_id(short_ids.MEMBER, member) if member else "",
    )


def assigned_to(alert: Alert) -> int:
    """Returns whose an alert is, 0 if nobody's.

    That is whom it was handed to last, unless they were taken off it; else who took it, else who
    was paged first.
    """
    handed = [call.user_id for call in reversed(alert.calls) if alert.has(call.user_id)]
    took = [each.user_id for each in alert.responders if each.accepted_at]
    paged = [each.user_id for each in alert.responders]
    return next(iter((*handed, *took, *paged)), 0)
