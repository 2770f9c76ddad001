"""Support hours: the hours of a week in which somebody is at work, as people keep them."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.calendar.schedules import check_teams
from services.calendar.wall import DAYS, zone_of
from services.chassis.errors import InvalidRequest
from services.escalation.domain.checks import line, line_or_none

MOST_EXCEPTIONS = 500
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.]\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)


class SupportStatus(StrEnum):
    """What days that are unlike the others are."""

    DURING = "DURING"  # as if in the hours
    OUTSIDE = "OUTSIDE"  # as if outside of them


@dataclass(frozen=True, slots=True)
class Day:
    """One day's hours, on the wall clock."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class ExceptionDays:
    """A stretch of days that is unlike the others."""

    name: str
    start: str
    end: str
    status: SupportStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportHours:
    """The hours of a week in which somebody is at work."""

    id: int
    name: str
    timezone: str
    days: Mapping[str, Day]
    exceptions: tuple[ExceptionDays, ...] = ()
    teams: tuple[int, ...] = ()


def checked(hours: SupportHours, *, teams: Collection[int]) -> SupportHours:
    """Returns support hours as they may be recorded, given which teams exist.

    Raises InvalidRequest naming the field.
    """
    line(hours.name, "name")
    if not hours.days:
        raise InvalidRequest("supportDays must have at least one", field="supportDays")
    for name, day in hours.days.items():
        _check_day(name, day)
    if len(hours.exceptions) > MOST_EXCEPTIONS:
        raise InvalidRequest(f"exceptions must have {MOST_EXCEPTIONS} at most", field="exceptions")
    zone = zone_of(hours.timezone, "timezone")
    check_teams(hours.teams, teams)
    exceptions = tuple(
        _checked_exception(days, zone, f"exceptions[{index}]")
        for index, days in enumerate(hours.exceptions)
    )
    return replace(hours, exceptions=exceptions)


def _check_day(name: str, day: Day) -> None:
    if name not in DAYS:
        raise InvalidRequest(
            f"supportDays must be named MONDAY to SUNDAY, not {name}", field="supportDays"
        )
    start = _time(day.start, f"supportDays.{name}.start")
    end = _time(day.end, f"supportDays.{name}.end")
    if start >= end:
        raise InvalidRequest(
            f"supportDays.{name}.end must be after its start", field=f"supportDays.{name}.end"
        )


def _checked_exception(days: ExceptionDays, zone: ZoneInfo, field: str) -> ExceptionDays:
    line_or_none(days.name, f"{field}.name")
    start = _date(days.start, zone, f"{field}.start")
    end = _date(days.end, zone, f"{field}.end")
    if start > end:
        raise InvalidRequest(f"{field}.end must not be before its start", field=f"{field}.end")
    return replace(days, start=start.isoformat(), end=end.isoformat())


def _time(value: str, field: str) -> time:
    if not _TIME.fullmatch(value):
        raise InvalidRequest(f"{field} must be a time like 09:00 or 09:00:00", field=field)
    return time.fromisoformat(value)


def _date(value: str, zone: ZoneInfo, field: str) -> date:
    """Reads a day, or what day a date-time is in a zone."""
    try:
        if _DATE.fullmatch(value):
            return date.fromisoformat(value)
        if _MOMENT.fullmatch(value):
            told = datetime.fromisoformat(value)
            return (told.astimezone(zone) if told.tzinfo else told).date()
    except (ValueError, OverflowError):
        pass
    raise InvalidRequest(f"{field} must be a date like 2026-12-24", field=field)
