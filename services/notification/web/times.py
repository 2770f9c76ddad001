"""Times as the reader of a page sees them: on their own clock, in their own language."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.notification.web.words import Words

#: Up to here a span is told in this unit: by its name, and its seconds.
UNITS = (("seconds", 1, 90), ("minutes", 60, 90 * 60), ("hours", 3600, 48 * 3600))
DAY_SECONDS = 86_400


def zone(name: str) -> ZoneInfo:
    """Returns a time zone by its name; UTC if there is none of that name."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Times:
    """The times of one page."""

    now: datetime
    zone: ZoneInfo
    words: Words

    def clock(self, time: datetime) -> str:
        """Returns a time of today to the second, of other days with the day."""
        local = time.astimezone(self.zone)
        if local.date() == self.now.astimezone(self.zone).date():
            return f"{local:%H:%M:%S}"
        month = self.words("months").split()[local.month - 1]
        return self.words("day", day=local.day, month=month, clock=f"{local:%H:%M}")

    def ago(self, time: datetime) -> str:
        """Returns how long ago something happened."""
        return self.words("ago", span=self._span(max(self.now - time, timedelta())))

    def left(self, time: datetime) -> str:
        """Returns how long it is until a time, as a clock that runs down shows it."""
        seconds = round((time - self.now).total_seconds())
        if seconds <= 0:
            return self.words("now")
        hours, rest = divmod(seconds, 3600)
        minutes, seconds = divmod(rest, 60)
        shown = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
        return self.words("in", span=shown)

    def iso(self, time: datetime) -> str:
        """Returns a time as programs read it."""
        return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    def _span(self, span: timedelta) -> str:
        seconds = span.total_seconds()
        for unit, size, most in UNITS:
            if seconds < most:
                return self.words(unit, count=int(seconds // size))
        return self.words("days", count=int(seconds // DAY_SECONDS))
