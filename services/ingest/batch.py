"""Takes in several events that came together: what becomes of one doesn't depend on the others."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from services.chassis.errors import TocsinError, Unavailable
from services.ingest.acceptor import REFUSED, Outcome
from services.ingest.domain.arrivals import Arrival
from services.ingest.doors import Doors
from services.ingest.wire import results
from tocsin.ingest.v1.event_pb2 import EventResult

log = logging.getLogger(__name__)

#: Reads an event, finds its source and lets it in, or raises why not.
Arriving = Callable[[], Awaitable[Arrival]]


class Batch:
    """Events that came together, on their way; they are written with one commit."""

    def __init__(self, doors: Doors, public_url: str) -> None:
        self._doors = doors
        self._public_url = public_url
        self._outcomes: list[Arrival | TocsinError] = []
        self._written: asyncio.Future[Sequence[Outcome]] | None = None

    def __len__(self) -> int:
        return len(self._outcomes)

    async def take(self, arriving: Sequence[Arriving]) -> None:
        """Lets events in and hands them over, in their order.

        Raises Unavailable if the disk can't keep up.
        """
        for each in arriving:
            try:
                self._outcomes.append(await each())
            except TocsinError as refusal:
                self._outcomes.append(refusal)
        self._written = self._doors.hand_over(self._arrivals())

    async def results(self) -> list[EventResult]:
        """Returns what became of each event, once that is certain.

        Raises Unavailable if none could be written.
        """
        assert self._written is not None
        outcomes = await self._written
        if outcomes and all(isinstance(outcome, Unavailable) for outcome in outcomes):
            raise Unavailable("the events could not be written, try again")
        written = iter(zip(self._arrivals(), outcomes, strict=True))
        return [
            self._refusal(each) if isinstance(each, TocsinError) else self._told(*next(written))
            for each in self._outcomes
        ]

    def _arrivals(self) -> list[Arrival]:
        return [each for each in self._outcomes if isinstance(each, Arrival)]

    def _told(self, arrival: Arrival, outcome: Outcome) -> EventResult:
        if isinstance(outcome, BaseException):
            return self._refusal(outcome)
        return results.accepted(arrival, outcome, self._public_url)

    def _refusal(self, error: BaseException) -> EventResult:
        if isinstance(error, TocsinError):
            REFUSED.labels(error.code).inc()
            return results.refused(error)
        log.error("an event of several could not be written", exc_info=error)
        REFUSED.labels(results.INTERNAL).inc()
        return results.broken()
