"""What all doors share: whose an event is, and the way to the disk."""

from services.chassis import tracing
from services.chassis.clock import Clock
from services.ingest.acceptor import Acceptor
from services.ingest.dialects import text
from services.ingest.domain.arrivals import Arrival
from services.ingest.domain.events import Event
from services.ingest.domain.sources import Source
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

    async def accept(self, source: Source, event: Event, raw: bytes, content_type: str) -> Arrival:
        """Returns the event as it is on disk; `raw` is kept as it came, so it holds no secret.

        Raises Unavailable if the disk is away or can't keep up.
        """
        arrival = Arrival(
            event_id=new_event_id(self._clock),
            source=source,
            event=event,
            raw=raw,
            content_type=text.clean(content_type)[:LONGEST_CONTENT_TYPE],
            trace=tracing.current(),
        )
        await self._acceptor.accept(arrival)
        return arrival
