"""The life of an event on its way to a webhook.

    PENDING ──claim──► SENDING ──record──► SENT | RETRY ──claim──► SENDING … FAILED

A claim that ran out hides the outcome of its try: the event goes out again under the same id.
Pure functions over frozen values.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.notification.domain.values import Failed, Outcome, Retry, Sent, State

#: How long an event is worth trying, from when it became known.
WORTH = timedelta(hours=48)
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)
LEAST_PATIENCE = timedelta(seconds=1)
#: A webhook that asks for more patience than this is tried in between.
LONGEST_PATIENCE = timedelta(hours=12)
MOST_DOUBLINGS = 16  # more would overflow

TOO_MANY = "given up: too many newer events wait for this webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event for a webhook."""

    id: int  # 0: none yet
    webhook_id: int
    event_id: str  # the same for every try
    type: str
    about: tuple[str, ...]  # whose it is: names of what the event is about
    body: bytes = field(repr=False)
    state: State
    attempt: int = 0
    error: str = ""
    created_at: datetime
    due_at: datetime | None  # None: it ended
    expires_at: datetime
    ended_at: datetime | None = None


def claim(delivery: Delivery, now: datetime, *, until: datetime) -> Delivery:
    """Takes a due event to be sent; one that was tried for too long ends."""
    if delivery.attempt and delivery.expires_at <= now:
        return give_up(delivery, now, _late(delivery.error or "nobody knows what became of it"))
    return replace(delivery, state=State.SENDING, attempt=delivery.attempt + 1, due_at=until)


def record(
    delivery: Delivery, attempt: int, outcome: Outcome, now: datetime, *, chance: float
) -> Delivery:
    """Writes down how a try went; the outcome of an older one changes nothing.

    `chance` (0 to 1) spreads the next tries of many.
    """
    if delivery.state is not State.SENDING or delivery.attempt != attempt:
        return delivery
    match outcome:
        case Sent():
            return replace(delivery, state=State.SENT, due_at=None, ended_at=now, error="")
        case Failed(why):
            return give_up(delivery, now, why)
        case Retry(why, after, _):
            at = now + patience(attempt, after, chance)
            if at >= delivery.expires_at:
                return give_up(delivery, now, _late(why))
            return replace(delivery, state=State.RETRY, due_at=at, error=why)


def patience(attempt: int, after: timedelta | None, chance: float) -> timedelta:
    """Returns how long to wait after a try: what the webhook asked for, or ever longer."""
    if after is not None:
        return min(max(after, LEAST_PATIENCE), LONGEST_PATIENCE)
    doubled: timedelta = FIRST_DELAY * 2 ** min(attempt - 1, MOST_DOUBLINGS)
    return min(doubled, LONGEST_DELAY) * (0.5 + chance / 2)


def give_up(delivery: Delivery, now: datetime, why: str) -> Delivery:
    """Ends a delivery that did not succeed."""
    return replace(delivery, state=State.FAILED, due_at=None, ended_at=now, error=why)


def postponed(delivery: Delivery, until: datetime) -> Delivery:
    """Lets a delivery wait that cannot be tried yet."""
    return replace(delivery, due_at=until)


def again(delivery: Delivery, now: datetime) -> Delivery:
    """Has a delivery tried now that waits or was given up, for as long as a new one.

    One that is being tried stays as it is.
    """
    if delivery.state is State.SENDING:
        return replace(delivery, expires_at=now + WORTH)
    return replace(delivery, state=State.RETRY, due_at=now, ended_at=None, expires_at=now + WORTH)


def _late(why: str) -> str:
    return f"gave up after {WORTH // timedelta(hours=1)} hours: {why}"
