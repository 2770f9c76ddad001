"""A model of the streams: every message comes, in any order, late, twice, until it is acked."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from services.chassis.pull import Pull
from tests.simulation.faults import Faults
from tests.simulation.loop import Call, SeededLoop

#: How long a reader has before a message goes to another.
ACK_SECONDS = 30.0
LATEST = 90.0
#: A reader that asks for so long waits until there is something.
PATIENT = 1.0


@dataclass(eq=False)
class Parcel:
    """A message on its way to one reader; what the real consumer sees of nats-py's."""

    seq: int
    headers: Mapping[str, str]
    data: bytes
    place: "Durable"
    subject: str = ""
    tries: int = 0
    deadline: Call | None = None

    @property
    def metadata(self) -> Any:
        """Returns where it is in its stream."""
        sequence = SimpleNamespace(stream=self.seq)
        return SimpleNamespace(
            stream=self.place.stream, sequence=sequence, num_delivered=self.tries, num_pending=0
        )

    async def ack(self) -> None:
        """Says that its effect is on disk."""
        await self.place.faults.point("before ack", self.place.reader)
        self.place.unacknowledged.discard(self.seq)
        if self.deadline is not None:
            self.deadline.cancel()

    async def nak(self, delay: float) -> None:
        """Asks for it again."""
        if self.deadline is not None:
            self.deadline.cancel()
        self.place.loop.later(delay, self.place.offer, self)


@dataclass(eq=False)
class Durable(Pull):
    """A reader's place in a stream, which its replicas share."""

    stream: str
    reader: str
    loop: SeededLoop
    dice: random.Random
    faults: Faults
    waiting: list[Parcel] = field(default_factory=list)
    all: list[Parcel] = field(default_factory=list)
    unacknowledged: set[int] = field(default_factory=set)
    _readers: list[asyncio.Future[None]] = field(default_factory=list)

    def put(self, headers: Mapping[str, str], data: bytes) -> None:
        """Publishes a message; the same id twice is one, as the inbox sees it."""
        parcel = Parcel(len(self.all) + 1, headers, data, self)
        self.all.append(parcel)
        self._send(parcel)
        if self.faults.strikes("twice"):
            self._send(Parcel(parcel.seq, headers, data, self))

    def repeat_everything(self) -> None:
        """Delivers all messages again, as after a reader's place was lost."""
        for parcel in self.all:
            self._send(Parcel(parcel.seq, parcel.headers, parcel.data, self))

    def offer(self, parcel: Parcel) -> None:
        """Makes a message available to the readers."""
        self.waiting.append(parcel)
        for reader in self._readers:
            if not reader.done():
                reader.set_result(None)
        self._readers.clear()

    async def batch(self, most: int, wait: float) -> list[Any]:
        """Returns some of what is there, in any order."""
        while not self.waiting:
            arrival = self.loop.create_future()
            self._readers.append(arrival)
            if wait > PATIENT:
                await arrival
            else:
                await asyncio.wait({arrival}, timeout=wait)
                if not self.waiting:
                    return []
        count = self.dice.randint(1, min(most, len(self.waiting)))
        return [self._take() for _ in range(count)]

    async def close(self) -> None:
        """Has nothing to give up."""

    def _take(self) -> Parcel:
        parcel = self.waiting.pop(int(self.dice.random() * len(self.waiting)))
        parcel.tries += 1
        parcel.deadline = self.loop.later(ACK_SECONDS, self.offer, parcel)
        return parcel

    def _send(self, parcel: Parcel) -> None:
        self.unacknowledged.add(parcel.seq)
        most = LATEST if self.faults.strikes("late") else 0.05
        self.loop.later(most * self.dice.random(), self.offer, parcel)


class Desk:
    """What a consumer asks the bus about its place, from its start on."""

    def __init__(self, place: Durable) -> None:
        self._place = place
        self._newest = len(place.all)

    async def left(self, stream: str, durable: str) -> Any:
        """Tells whether everything of before the start is acknowledged."""
        first = min(self._place.unacknowledged, default=self._newest + 1)
        floor = 0 if first > self._newest else -1  # the consumer asks for no less than 0
        return SimpleNamespace(floor=floor, none=False)


@dataclass(eq=False)
class Streams:
    """What services say to each other."""

    durables: Sequence[Durable]

    def publish(self, publisher: str, msg_id: str, type_: str, payload: bytes) -> None:
        """Sends a committed message on its way to every reader of its stream."""
        headers = {"Nats-Msg-Id": f"{msg_id}", "Tocsin-Type": type_}
        for durable in self.durables:
            if durable.stream == publisher:
                durable.put(headers, payload)
