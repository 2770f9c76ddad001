"""ISO durations of whole hours, days or weeks, which is what turns are made of.

A turn is counted on the wall clock: PT24H, P1D are the same, and a day of 23 or 25 hours is
one day.
"""

import re
from datetime import timedelta

from services.chassis.errors import InvalidRequest

LONGEST = timedelta(days=366)
_DURATION = re.compile(
    r"P(?:(?P<weeks>\d{1,5})W)?(?:(?P<days>\d{1,5})D)?(?:T(?P<hours>\d{1,5})H)?", re.ASCII
)


def duration(text: str, field: str, other: str = "") -> timedelta:
    """Returns how long an ISO duration is on the wall clock.

    Raises InvalidRequest, which also tells what `other` forms the field may have.
    """
    found = _DURATION.fullmatch(text)
    parts = (
        {unit: int(count) for unit, count in found.groupdict().items() if count} if found else {}
    )
    length = timedelta(**parts)
    if not parts or not timedelta() < length <= LONGEST:
        raise InvalidRequest(
            f"{field} must be whole hours, days or weeks, like PT12H, P1D or P1W{other},"
            f" and {LONGEST.days} days at most",
            field=field,
        )
    return length
