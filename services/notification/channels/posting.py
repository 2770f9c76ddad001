"""What every HTTP answer to a message is read for."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

MOST_ANSWER_BYTES = 64 * 1024
#: Digits of a number of seconds; more would not fit a time.
LONGEST_NUMBER = 9


async def drain(answer: httpx.Response) -> None:
    """Reads a short answer to its end; a longer one costs the connection."""
    size = 0
    async for part in answer.aiter_raw():
        size += len(part)
        if size > MOST_ANSWER_BYTES:
            return


def retry_after(told: str, now: datetime) -> timedelta | None:
    """Reads a Retry-After header: seconds, or a date."""
    if told.isascii() and told.isdigit():
        return timedelta(seconds=int(told[:LONGEST_NUMBER]))
    try:
        date = parsedate_to_datetime(told)
    except ValueError:
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)) - now
