"""Takes events in: all that wait go to the disk with one commit, and only then are answered.

What comes while nothing is being written is written at once; what comes meanwhile goes with
the next commit, so that groups grow with the load and a single event waits for nobody.
"""

import asyncio
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from prometheus_client import Counter, Histogram
from sqlalchemy import Connection

from services.chassis import outbox, tracing
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import TocsinError, Unavailable
from services.ingest.domain.arrivals import Arrival, Note, groups
from services.ingest.store import events as store
from services.ingest.wire import events as wire
from tocsin.ingest.v1.ingest_events_pb2 import EventsAccepted

ACCEPTED = Counter("tocsin_ingest_events_accepted_total", "Events that are on disk.")
REFUSED = Counter(
    "tocsin_ingest_events_refused_total", "Events that were refused, by reason.", ["reason"]
)
GROUP = Histogram(
    "tocsin_ingest_group_events",
    "Events that were written with one commit.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
)

LARGEST_WRITE = 1000
#: Bytes that may wait for the disk; beyond it, senders are told to try again.
MOST_WAITING = 64 * 1024 * 1024
#: What an event takes in memory beside its body, roughly.
OVERHEAD = 2048


#: What became of an event: the id of the one that is on disk, or why none is.
Outcome = str | BaseException


def accept(connection: Connection, now: datetime, arrivals: Sequence[Arrival]) -> Sequence[Outcome]:
    """Writes events to the log and, in the same transaction, what tells the others of them."""
    seqs = store.add(connection, now, arrivals)
    told = [
        (wire.accepted_event(arrival, seq, now), arrival.trace)
        for arrival, seq in zip(arrivals, seqs, strict=True)
        if arrival.note is Note.NONE
    ]
    for group in groups([message.ByteSize() for message, _ in told]):
        first, last = told[group[0]], told[group[-1]]
        tracing.follow(first[1])  # a group has one trace: its first event's
        message = EventsAccepted(events=[told[index][0] for index in group])
        outbox.put(connection, now, message, key=f"events:{first[0].seq}-{last[0].seq}")
    return [arrival.event_id for arrival in arrivals]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Events that came together."""

    arrivals: Sequence[Arrival]
    weight: int
    written: "asyncio.Future[Sequence[Outcome]]"

    def tell(self, outcomes: Sequence[Outcome]) -> None:
        if not self.written.done():  # or its caller went away
            self.written.set_result(outcomes)


class Acceptor:
    """The door to the disk."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: deque[_Waiting] = deque()
        self._waiting_bytes = 0
        self._writing: asyncio.Task[None] | None = None

    async def accept(self, arrival: Arrival) -> str:
        """Returns the event's id once it is on disk. A caller who goes away doesn't undo it.

        Raises Unavailable if the disk is away or can't keep up.
        """
        (outcome,) = await self.hand_over([arrival])
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def hand_over(self, arrivals: Sequence[Arrival]) -> "asyncio.Future[Sequence[Outcome]]":
        """Takes events in together; what became of each is known when the future is done.

        What becomes of one doesn't depend on the others. Raises Unavailable if the disk can't
        keep up.
        """
        if self._waiting_bytes > MOST_WAITING:
            raise Unavailable("too many events wait for the disk", reason="OVERLOADED")
        weight = sum(2 * len(arrival.raw) + OVERHEAD for arrival in arrivals)
        waiting = _Waiting(arrivals, weight, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._waiting_bytes += weight
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return waiting.written

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                taken, count = [self._waiting.popleft()], 0
                while self._waiting and count < LARGEST_WRITE:
                    count += len(taken[-1].arrivals)
                    taken.append(self._waiting.popleft())
                self._waiting_bytes -= sum(each.weight for each in taken)
                await self._write(taken)
        finally:
            self._writing = None

    async def _write(self, taken: Sequence[_Waiting]) -> None:
        arrivals = [arrival for each in taken for arrival in each.arrivals]
        (outcomes,) = await asyncio.gather(
            self._database.write_bulk(self._accept, arrivals), return_exceptions=True
        )
        if isinstance(outcomes, BaseException):
            await self._write_apart(taken, outcomes)
            return
        GROUP.observe(len(arrivals))
        kept = zip(arrivals, outcomes, strict=True)
        ACCEPTED.inc(sum(arrival.event_id is outcome for arrival, outcome in kept))
        rest = iter(outcomes)
        for each in taken:
            each.tell(list(islice(rest, len(each.arrivals))))

    async def _write_apart(self, taken: Sequence[_Waiting], failure: BaseException) -> None:
        """Writes smaller groups, down to one: what one event does must not cost the others."""
        many = len(taken) > 1 or len(taken[0].arrivals) > 1
        if isinstance(failure, Unavailable) or not many:
            for each in taken:
                each.tell([failure] * len(each.arrivals))
        elif len(taken) > 1:
            for each in taken:
                await self._write([each])
        else:
            loop = asyncio.get_running_loop()
            ones = [_Waiting([one], 0, loop.create_future()) for one in taken[0].arrivals]
            for one in ones:
                await self._write([one])
            taken[0].tell([outcome for one in ones for outcome in one.written.result()])

    def _accept(self, connection: Connection, arrivals: Sequence[Arrival]) -> Sequence[Outcome]:
        return accept(connection, self._clock.now(connection), arrivals)


@contextmanager
def counting_refusals() -> Generator[None]:
    """Counts what is refused within the block."""
    try:
        yield
    except TocsinError as refusal:
        REFUSED.labels(refusal.code).inc()
        raise
