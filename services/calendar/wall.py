"""From the wall clock to instants.

A wall time that comes twice has a first and a last instant; one that is skipped has the first
instant after what is skipped. So neither the first nor the last instant of a later wall time is
ever earlier, and what follows on another on the wall leaves no gap in truth.
"""

from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from services.chassis.errors import InvalidRequest

#: What calendars are kept for; more would overflow somewhere.
FIRST_YEAR, LAST_YEAR = 1970, 2999
DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


@lru_cache(maxsize=65536)
def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Returns when a wall clock first shows a time; when it first shows a later one if never."""
    local = wall.replace(tzinfo=zone, fold=0)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return moment
    return _change(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment, zone)


@lru_cache(maxsize=65536)
def last_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Returns when a wall clock last shows a time; when it first shows a later one if never."""
    moment = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return moment if shown(moment, zone) == wall else instant(wall, zone)


def shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """Returns what a wall clock shows at a moment."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def zone_of(name: str, field: str) -> ZoneInfo:
    """Returns a time zone by its name. Raises InvalidRequest."""
    if name not in _names():
        raise InvalidRequest(f"{field} must be an IANA time zone, not {name}", field=field)
    return ZoneInfo(name)


def wall_time(text: str, field: str) -> datetime:
    """Reads YYYY-MM-DDTHH:MM[:SS]. Raises InvalidRequest."""
    for form in ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"):
        try:
            wall = datetime.strptime(text, form)  # noqa: DTZ007 # a wall time has no zone
        except ValueError:
            continue
        if FIRST_YEAR <= wall.year <= LAST_YEAR:
            return wall
    raise InvalidRequest(
        f"{field} must be a wall time like 2026-03-30T08:00, without a zone", field=field
    )


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Returns the first second after a change of the clock between two moments."""
    offset = before.astimezone(zone).utcoffset()
    seconds = int((after - before).total_seconds())
    same, other = 0, seconds
    while other - same > 1:
        middle = (same + other) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            same = middle
        else:
            other = middle
    # Wall times with fractions of a second do not come from outside; changes have none.
    return (before + timedelta(seconds=other)).replace(microsecond=0)


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())
