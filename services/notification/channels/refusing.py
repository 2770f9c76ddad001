"""What it means for a message that a program cannot be called, or refuses what it is sent."""

from datetime import datetime

from services.notification.channels.asking import (
    TRY_AGAIN,
    NoAnswer,
    NotTaken,
    Reply,
    Unusable,
    retry_after,
)
from services.notification.domain.values import Failed, Outcome, Retry


def unheard(error: NotTaken | NoAnswer) -> Outcome:
    """Returns what became of a message about which nothing was answered."""
    if isinstance(error, Unusable):
        return Failed(str(error))
    return Retry(str(error), unknown=isinstance(error, NoAnswer))


def refused(reply: Reply, why: str, now: datetime) -> Retry | Failed:
    """Returns what became of a message that was answered with a status other than 2xx."""
    if reply.status in TRY_AGAIN or reply.status >= 500:
        return Retry(why, retry_after(reply.headers.get("retry-after", ""), now))
    return Failed(f"{why}: redirects are not followed" if reply.status < 400 else why)
