"""Times, as a person's clock shows them."""

from datetime import UTC, datetime, timedelta, tzinfo

from services.calendar.wall import zone_of
from services.chassis.errors import InvalidRequest
from services.notification.messages.catalogue import Catalogue

WEEK = timedelta(days=6)


def told(moment: datetime, now: datetime, timezone: str, words: Catalogue, *, zone: bool) -> str:
    """Returns when something is: today, on a day of this week, or on a date.

    `zone` says whether the time zone is told, too.
    """
    place = _zone(timezone)
    there, today = moment.astimezone(place), now.astimezone(place).date()
    form = words.clock_zone if zone else words.clock
    clock = form.format(time=f"{there:%H:%M}", zone=_abbreviation(there, words))
    if there.date() == today:
        return words.today.format(clock=clock)
    if abs(there.date() - today) <= WEEK:
        return words.weekday.format(weekday=words.weekdays[there.weekday()], clock=clock)
    month = words.months[there.month - 1]
    return words.date.format(day=there.day, month=month, clock=clock)


def _zone(name: str) -> tzinfo:
    """Returns a time zone; UTC for one that this machine does not know."""
    try:
        return zone_of(name, "timezone") if name else UTC
    except InvalidRequest:
        return UTC


def _abbreviation(there: datetime, words: Catalogue) -> str:
    name = there.tzname() or "UTC"
    if name[0] in "+-":  # a zone without a name for its time
        return f"UTC{name}"
    return words.zones.get(name, name)
