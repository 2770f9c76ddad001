"""When to leave a provider alone, and when to try it again.

    CLOSED ──several failures in a row──► OPEN ──its time──► HALF_OPEN ──a message goes──►
        works: CLOSED · fails: OPEN, for longer

A failure is a provider that does not answer or does not take messages. A refusal that is the
recipient's doing is an answer: the provider works. Pure functions over frozen values.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.notification.domain.values import Failed, Outcome, Retry, Sent

#: How long a provider is left alone first; each time twice as long, up to the longest.
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=5)
#: What the doublings stop at; more would overflow.
MOST_DOUBLINGS = 16


class Circuit(StrEnum):
    """Whether messages go to a provider."""

    CLOSED = "CLOSED"  # they do
    OPEN = "OPEN"  # none does
    HALF_OPEN = "HALF_OPEN"  # one does, to see how that goes


class Verdict(StrEnum):
    """What an attempt says of its provider."""

    WORKS = "WORKS"
    FAILS = "FAILS"
    NEITHER = "NEITHER"


@dataclass(frozen=True, slots=True)
class Breaker:
    """How it stands with a provider."""

    failures: int = 0  # in a row
    openings: int = 0  # in a row
    retry_at: datetime | None = None  # None: closed

    def circuit(self, now: datetime) -> Circuit:
        """Returns whether messages go to the provider."""
        if self.retry_at is None:
            return Circuit.CLOSED
        return Circuit.OPEN if now < self.retry_at else Circuit.HALF_OPEN

    def is_open(self, now: datetime) -> bool:
        """Tells whether no message goes to the provider, not even to see how that goes."""
        return self.circuit(now) is Circuit.OPEN

    def most(self, now: datetime, each: int) -> int:
        """Returns how many messages may be with the provider at once; `each` if it works."""
        match self.circuit(now):
            case Circuit.CLOSED:
                return each
            case Circuit.HALF_OPEN:
                return 1
            case Circuit.OPEN:
                return 0


def verdict(outcome: Outcome) -> Verdict:
    """Returns what an outcome says of the provider."""
    match outcome:
        case Sent() | Failed():
            return Verdict.WORKS
        case Retry(theirs=True):
            return Verdict.NEITHER
        case Retry():
            return Verdict.FAILS


def heard(
    breaker: Breaker,
    said: Verdict,
    now: datetime,
    *,
    limit: int,
    chance: float,
    after: timedelta | None = None,
) -> Breaker:
    """Returns how it stands with a provider after a message came back from it.

    It is left alone after `limit` failures in a row, at least for as long as it asked for
    (`after`); `chance` (0 to 1) spreads the next tries of many processes.
    """
    match said, breaker.circuit(now):
        case Verdict.WORKS, _:
            return Breaker()
        case Verdict.NEITHER, _:
            return breaker
        case _, Circuit.OPEN:
            return breaker  # it went before the provider was left alone
        case _, Circuit.CLOSED if breaker.failures + 1 < limit:
            return replace(breaker, failures=breaker.failures + 1)
        case _:
            pause = max(_pause(breaker.openings, chance), min(after or timedelta(), LONGEST_PAUSE))
            return Breaker(limit, breaker.openings + 1, now + pause)


def _pause(openings: int, chance: float) -> timedelta:
    doubled: timedelta = FIRST_PAUSE * 2 ** min(openings, MOST_DOUBLINGS)
    return min(doubled, LONGEST_PAUSE) * (1 + chance / 2)
