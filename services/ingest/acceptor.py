"""Takes events in: all that wait go to the disk with one commit, and only then are answered.

What comes while nothing is being written is written at once; what comes meanwhile goes with
the next commit, so that groups grow with the load and a single event waits for nobody.
"""

import asyncio
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime

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


def accept(connection: Connection, now: datetime, arrivals: Sequence[Arrival]) -> None:
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


class Acceptor:
    """The door to the disk."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: deque[tuple[Arrival, asyncio.Future[None]]] = deque()
        self._waiting_bytes = 0
        self._writing: asyncio.Task[None] | None = None

    async def accept(self, arrival: Arrival) -> None:
        """Returns once the event is on disk. A caller who goes away doesn't undo it.

        Raises Unavailable if the disk is away or can't keep up.
        """
        if self._waiting_bytes > MOST_WAITING:
            raise Unavailable("too many events wait for the disk", reason="OVERLOADED")
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, written))
        self._waiting_bytes += _weight(arrival)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        await written

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                count = min(len(self._waiting), LARGEST_WRITE)
                taken = [self._waiting.popleft() for _ in range(count)]
                self._waiting_bytes -= sum(_weight(arrival) for arrival, _ in taken)
                await self._write(taken)
        finally:
            self._writing = None

    async def _write(self, taken: Sequence[tuple[Arrival, asyncio.Future[None]]]) -> None:
        arrivals = [arrival for arrival, _ in taken]
        (failure,) = await asyncio.gather(
            self._database.write_bulk(self._accept, arrivals), return_exceptions=True
        )
        if failure is not None and len(taken) > 1 and not isinstance(failure, Unavailable):
            for one in taken:  # what one event does must not cost the others
                await self._write([one])
            return
        if failure is None:
            ACCEPTED.inc(len(taken))
            GROUP.observe(len(taken))
        _tell(taken, failure)

    def _accept(self, connection: Connection, arrivals: Sequence[Arrival]) -> None:
        accept(connection, self._clock.now(connection), arrivals)


@contextmanager
def counting_refusals() -> Generator[None]:
    """Counts what is refused within the block."""
    try:
        yield
    except TocsinError as refusal:
        REFUSED.labels(refusal.code).inc()
        raise


def _weight(arrival: Arrival) -> int:
    return 2 * len(arrival.raw) + OVERHEAD


def _tell(
    taken: Sequence[tuple[Arrival, asyncio.Future[None]]], failure: BaseException | None
) -> None:
    for _, written in taken:
        if written.done():
            continue  # its caller went away
        if failure is None:
            written.set_result(None)
        else:
            written.set_exception(failure)
