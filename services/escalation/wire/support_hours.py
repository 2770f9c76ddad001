"""Support hours as protobuf messages."""

from collections.abc import Mapping

from services.calendar.wall import DAYS
from services.chassis.errors import InvalidRequest
from services.escalation.domain.support_hours import (
    Day,
    ExceptionDays,
    SupportHours,
    SupportStatus,
)
from services.escalation.domain.teams import Label
from services.escalation.wire import policies
from tocsin.escalation.v1 import support_hours_pb2 as pb

STATUSES = {
    pb.SupportHours.Exception.DURING: SupportStatus.DURING,
    pb.SupportHours.Exception.OUTSIDE: SupportStatus.OUTSIDE,
}


def support_hours(hours: SupportHours, labels: Mapping[int, Label]) -> pb.SupportHours:
    """Renders support hours, their days in the order of the week."""
    return pb.SupportHours(
        id=hours.id,
        name=hours.name,
        timezone=hours.timezone,
        support_days={
            name: pb.SupportHours.Day(start=hours.days[name].start, end=hours.days[name].end)
            for name in DAYS
            if name in hours.days
        },
        exceptions=[_exception(days) for days in hours.exceptions],
        teams=policies.teams(hours.teams, labels),
    )


def new_support_hours(told: pb.SupportHours, hours_id: int) -> SupportHours:
    """Reads support hours as told. Raises InvalidRequest naming the field."""
    return SupportHours(
        id=hours_id,
        name=told.name,
        timezone=told.timezone,
        days={
            name: Day(day.start, day.end)
            for name, day in told.support_days.items()
            if day.start or day.end  # JSON's null arrives as a day without either
        },
        exceptions=tuple(
            _exception_value(days, f"exceptions[{index}]")
            for index, days in enumerate(told.exceptions)
        ),
        teams=tuple(dict.fromkeys(team.id for team in told.teams)),
    )


def _exception(days: ExceptionDays) -> pb.SupportHours.Exception:
    return pb.SupportHours.Exception(
        name=days.name, start=days.start, end=days.end, support_status=days.status.name
    )


def _exception_value(told: pb.SupportHours.Exception, field: str) -> ExceptionDays:
    if told.support_status not in STATUSES:
        raise InvalidRequest(
            f"{field}.supportStatus must be DURING or OUTSIDE", field=f"{field}.supportStatus"
        )
    return ExceptionDays(told.name, told.start, told.end, STATUSES[told.support_status])
