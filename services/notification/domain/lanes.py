"""How many messages may be with each provider at once, so that none holds up another's.

Each provider has a bound of its own. Providers of a family (all e-mail, all webhooks: what
stands before the colon) share another: together they hold no more than is free. So whatever
hangs, and however many of a family do, there is always room for another family's messages:
the last free places go to whoever holds least. Pure functions over frozen values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.notification.domain.breaker import Breaker


def family(provider: str) -> str:
    """Returns what sort of provider it is."""
    return provider.partition(":")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What is under way in a process, and how it stands with the providers."""

    free: int  # places for more
    each: int  # the most that may be with one provider
    busy: Mapping[str, int]  # messages under way, by provider
    breakers: Mapping[str, Breaker]  # where something went wrong

    def breaker(self, provider: str) -> Breaker:
        """Returns how it stands with a provider."""
        return self.breakers.get(provider, Breaker())

    def failing(self, now: datetime) -> frozenset[str]:
        """Returns the providers that are left alone."""
        return frozenset(name for name, known in self.breakers.items() if known.is_open(now))

    def room(self, provider: str, now: datetime) -> int:
        """Returns how many more messages may go to a provider."""
        own = self.breaker(provider).most(now, self.each) - self.busy.get(provider, 0)
        kin = family(provider)
        held = sum(count for name, count in self.busy.items() if family(name) == kin)
        fair = (self.free - held + 1) // 2  # as many as leave more free than the family holds
        return max(0, min(own, fair, self.free))

    def entered(self, provider: str, count: int) -> "Admission":
        """Returns what there is after some messages went to a provider."""
        busy = {**self.busy, provider: self.busy.get(provider, 0) + count}
        return replace(self, free=self.free - count, busy=busy)
