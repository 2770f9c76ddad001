"""The hours in which a person is not told of what can wait."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.calendar.wall import DAYS, instant, last_instant, shown, zone_of
from services.chassis.errors import InvalidRequest

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From when until when, on which days, by whose clock."""

    timezone: str
    start: str  # "22:00"
    end: str  # "07:00": on the next day unless it is later than the start
    days: tuple[str, ...] = ()  # on which they begin; none: on every day
    drops: bool = False  # what could wait is not sent at all

    def until(self, now: datetime) -> datetime | None:
        """Returns when the quiet that there is now ends; None if there is none."""
        zone = ZoneInfo(self.timezone)
        today = shown(now, zone).date()
        end: datetime | None = None
        # What began yesterday may last; each that begins before the last one's end joins it.
        for number in range(-1, len(DAYS) + 1):
            span = self._on(today + number * DAY, zone)
            if span is not None and span[0] <= (end or now) < span[1]:
                end = span[1]
        return end

    def _on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """Returns what begins on a day."""
        if self.days and DAYS[day.weekday()] not in self.days:
            return None
        start, end = time.fromisoformat(self.start), time.fromisoformat(self.end)
        last = day if end > start else day + DAY
        begun = instant(datetime.combine(day, start), zone)
        return begun, last_instant(datetime.combine(last, end), zone)


def checked(hours: QuietHours) -> QuietHours:
    """Returns what quiet hours may be. Raises InvalidRequest naming the field."""
    zone_of(hours.timezone, "timezone")
    for name, told in (("start", hours.start), ("end", hours.end)):
        if not _TIME.fullmatch(told):
            raise InvalidRequest(f"{name} must be a time like 22:00", field=name)
    if hours.start == hours.end and len(set(hours.days or DAYS)) == len(DAYS):
        raise InvalidRequest(
            "quiet hours must end: mute a person (mutedUntil) who is not to be told at all",
            field="end",
        )
    return hours
