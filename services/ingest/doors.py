"""What all doors share: whose an event is, whether it has room, and the way to the disk."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from services.chassis import texts, tracing
from services.chassis.callers import Callers
from services.chassis.clock import Clock
from services.chassis.errors import NotFound, RateLimited
from services.ingest.acceptor import Acceptor, Outcome
from services.ingest.domain.arrivals import Arrival, Note
from services.ingest.domain.events import Event, EventType
from services.ingest.domain.sources import NOWHERE, Source
from services.ingest.event_id import new_event_id
from services.ingest.keyring import Keyring
from services.ingest.limiting import Limiting

#: The content type of an event that came as a typed message.
TYPED = "application/x-protobuf"
LONGEST_CONTENT_TYPE = 255


class Doors:
    """The way in. A dialect reads a payload, finds its source here and hands the event over."""

    def __init__(
        self,
        acceptor: Acceptor,
        sources_by_key: Keyring,
        clock: Clock,
        limiting: Limiting,
        callers: Callers,
    ) -> None:
        self._acceptor = acceptor
        self._keyring = sources_by_key
        self._clock = clock
        self._limiting = limiting
        self._callers = callers

    async def source_of_key(self, key: str) -> Source:
        """Returns the source that an integration key opens.

        Raises NotFound, without the key, and RateLimited if too many keys that open nothing came
        from the caller's address; a good key is not refused for that, even if it comes here for
        the first time: who seldom pages must not be kept out by a neighbour's mistake.
        """
        try:
            self._callers.check_address()
        except RateLimited:
            if not await self._keyring.is_good(key):
                raise
        try:
            return await self._keyring.source_of(key)
        except NotFound:
            await self._callers.stranger()
            raise

    async def has_source(self, source_id: int) -> bool:
        """Tells whether there is a source with this id."""
        return await self._keyring.knows(source_id)

    def new_key(self) -> str:
        """Returns an alert key that no event has."""
        return new_event_id(self._clock)

    async def accept(
        self, source: Source, event: Event, raw: bytes, content_type: str, name: str = ""
    ) -> Arrival:
        """Returns the event as it is on disk; `raw` is kept as it came, so it holds no secret.

        `name` is the sender's own for the event. Of one that came before, the first is returned.
        Raises RateLimited if its source sends too many, Unavailable if the disk is away or can't
        keep up, InvalidRequest if another event has its name.
        """
        return await self.keep(await self.arrival(source, event, raw, content_type, name))

    async def arrival(
        self, source: Source, event: Event, raw: bytes, content_type: str, name: str = ""
    ) -> Arrival:
        """Returns an event that is let in, to be handed over. Raises RateLimited."""
        arrival = self._arrival(source, event, raw, content_type, name)
        await self._limiting.admit(arrival)
        return arrival

    def refused(self, note: Note, why: str, raw: bytes, content_type: str) -> Arrival:
        """Returns what is refused and kept in the event log all the same, to be handed over."""
        event = Event(type=EventType.ALERT, repairs=(why,))
        return replace(self._arrival(NOWHERE, event, raw, content_type, ""), refused=note)

    async def keep(self, arrival: Arrival) -> Arrival:
        """Returns an event that was let in as it is on disk; see `accept`."""
        return replace(arrival, event_id=await self._acceptor.accept(arrival))

    def hand_over(self, arrivals: Sequence[Arrival]) -> "asyncio.Future[Sequence[Outcome]]":
        """Takes several events in at once; the future tells what became of each."""
        return self._acceptor.hand_over(arrivals)

    def _arrival(
        self, source: Source, event: Event, raw: bytes, content_type: str, name: str
    ) -> Arrival:
        return Arrival(
            event_id=new_event_id(self._clock),
            source=source,
            event=event,
            raw=raw,
            content_type=texts.clean(content_type)[:LONGEST_CONTENT_TYPE],
            trace=tracing.current(),
            name=name,
        )
