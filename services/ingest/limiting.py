"""Lets in as many events a minute as a source's limit says; the rest is refused with 429.

The last fifth of the limit is for events that may page somebody at HIGH: what floods a source
with noise must not hide them. Nothing here limits what the suite says about itself, because
that comes through no door.
"""

from services.chassis.limits import Limits
from services.ingest.domain.arrivals import Arrival
from services.ingest.domain.limits import Defaults, shares
from services.ingest.floods import Floods


class Limiting:
    """The limits of sources."""

    def __init__(self, limits: Limits, defaults: Defaults, floods: Floods) -> None:
        self._limits = limits
        self._defaults = defaults
        self._floods = floods

    async def admit(self, arrival: Arrival) -> None:
        """Counts an event. Raises RateLimited, and has it told, if it is one too many."""
        source = arrival.source
        most = self._defaults.of(source.events_per_minute, source.integration_type)
        anyones, reserved = shares(most)
        if await self._limits.take(f"source:{source.id}", anyones):
            return
        self._floods.note(source.id, most, self._limits.window)
        if arrival.may_page and await self._limits.take(f"source:{source.id}:paging", reserved):
            return
        raise self._limits.reached(f"alert source {source.id}", most, "events")
