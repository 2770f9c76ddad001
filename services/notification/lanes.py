"""What this process has under way with each provider, and which of them it leaves alone.

Kept in memory: a process that starts anew finds out anew, at the cost of a few attempts.
"""

import logging
import random
from collections import Counter
from datetime import datetime

from services.notification import metrics
from services.notification.domain import breaker
from services.notification.domain.breaker import Breaker, Circuit, Verdict
from services.notification.domain.lanes import Admission
from services.notification.domain.values import Outcome, Retry

log = logging.getLogger(__name__)


class Lanes:
    """The providers, as one process knows them."""

    def __init__(self, *, total: int, each: int, limit: int) -> None:
        """Takes how many messages may be under way at once, in all and with each provider.

        A provider that fails `limit` times in a row is left alone for a while.
        """
        self._total = total
        self._each = each
        self._limit = limit
        self._busy: Counter[str] = Counter()
        self._breakers: dict[str, Breaker] = {}

    @property
    def full(self) -> bool:
        """Whether nothing more may be under way."""
        return self._busy.total() >= self._total

    def admission(self) -> Admission:
        """Returns what there is room for now."""
        return Admission(
            free=max(0, self._total - self._busy.total()),
            each=self._each,
            busy=dict(self._busy),
            breakers=dict(self._breakers),
        )

    def circuit(self, provider: str, now: datetime) -> Circuit:
        """Returns whether messages go to a provider."""
        return self._breakers.get(provider, Breaker()).circuit(now)

    def enter(self, provider: str) -> None:
        """Counts a message that goes to a provider."""
        self._busy[provider] += 1

    def leave(self, provider: str) -> None:
        """Counts a message no more that was with a provider."""
        self._busy[provider] -= 1
        if self._busy[provider] <= 0:
            del self._busy[provider]

    def hear(self, provider: str, outcome: Outcome, now: datetime) -> None:
        """Learns from how an attempt went; `now` is the database's time."""
        before = self._breakers.get(provider, Breaker())
        said = breaker.verdict(outcome)
        asked = outcome.after if isinstance(outcome, Retry) else None
        after = breaker.heard(
            before, said, now, limit=self._limit, chance=random.random(), after=asked
        )
        if after == before:
            return
        self._breakers[provider] = after
        if said is Verdict.WORKS:
            del self._breakers[provider]
        self._tell(provider, before, after)

    def _tell(self, provider: str, before: Breaker, after: Breaker) -> None:
        if after.retry_at is not None and after.openings != before.openings:
            log.warning("provider %s is failing: left alone until %s", provider, after.retry_at)
        elif before.retry_at is not None and after.retry_at is None:
            log.info("provider %s works again", provider)
        broken = [name for name, known in self._breakers.items() if known.retry_at is not None]
        metrics.tell_failing(broken)
