"""What all doors share: whose an event is, and the way to the disk."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from services.chassis import tracing
from services.chassis.clock import Clock
from services.ingest.acceptor import Acceptor, Outcome
from services.ingest.dialects import text
from services.ingest.domain.arrivals import Arrival, Note
from services.ingest.domain.events import Event, EventType
from services.ingest.domain.sources import NOWHERE, Source
from services.ingest.event_id import new_event_id
from services.ingest.keyring import Keyring

#: The content type of an event that came as a typed message.
TYPED = "application/x-protobuf"
LONGEST_CONTENT_TYPE = 255


class Doors:
    """The way in. A dialect reads a payload, finds its source here and hands the event over."""

    def __init__(self, acceptor: Acceptor, sources_by_key: Keyring, clock: Clock) -> None:
        self._acceptor = acceptor
        self._keyring = sources_by_key
        self._clock = clock

    async def source_of_key(self, key: str) -> Source:
        """Returns the source that an integration key opens. Raises NotFound, without the key."""
        return await self._keyring.source_of(key)

    async def has_source(self, source_id: int) -> bool:
        """Tells whether there is a source with this id."""
        return await self._keyring.knows(source_id)

    def new_key(self) -> str:
        """Returns an alert key that no event has."""
        return new_event_id(self._clock)

    async def accept(self, source: Source, event: Event, raw: bytes, content_type: str) -> Arrival:
        """Returns the event as it is on disk; `raw` is kept as it came, so it holds no secret.

        Raises Unavailable if the disk is away or can't keep up.
        """
        arrival = await self.arrival(source, event, raw, content_type)
        await self._acceptor.accept(arrival)
        return arrival

    async def arrival(self, source: Source, event: Event, raw: bytes, content_type: str) -> Arrival:
        """Returns an event that is let in, to be handed over."""
        return self._arrival(source, event, raw, content_type)

    def refused(self, note: Note, why: str, raw: bytes, content_type: str) -> Arrival:
        """Returns what is refused and kept in the event log all the same, to be handed over."""
        event = Event(type=EventType.ALERT, repairs=(why,))
        return replace(self._arrival(NOWHERE, event, raw, content_type), refused=note)

    def hand_over(self, arrivals: Sequence[Arrival]) -> "asyncio.Future[Sequence[Outcome]]":
        """Takes several events in at once; the future tells what became of each."""
        return self._acceptor.hand_over(arrivals)

    def _arrival(self, source: Source, event: Event, raw: bytes, content_type: str) -> Arrival:
        return Arrival(
            event_id=new_event_id(self._clock),
            source=source,
            event=event,
            raw=raw,
            content_type=text.clean(content_type)[:LONGEST_CONTENT_TYPE],
            trace=tracing.current(),
        )
