"""Keeps copies of other services' records whole: before ready, and compared now and then.

A snapshot is taken at the first start, and sums are compared every few minutes. What is not in
the copy is asked of the owner; an owner that is away is UNAVAILABLE, never "there is none".
"""

import asyncio
import time
from collections.abc import Sequence

import grpc.aio
from sqlalchemy import Connection, select

from services.chassis.database import Database
from services.chassis.errors import Unavailable
from services.chassis.facts import PAGE_SIZE, M, apply, digest, get
from services.chassis.sql import upsert
from services.chassis.tables import PositionRow
from tocsin.chassis.internal.v1 import fact_service_pb2 as pb
from tocsin.chassis.internal.v1 import fact_service_pb2_grpc as rpc

ASK_SECONDS = 1.0
SNAPSHOT_SECONDS = 60.0
RETRY_SECONDS = 0.5
COMPARE_SECONDS = 45.0  # a revoked token is refused within a minute, even while NATS is away
ABSENT_SECONDS = 2.0  # how long a record that the owner does not know is not asked for again

POSITION = PositionRow.__table__


class Follower:
    """Keeps copies of one owner's records whole."""

    def __init__(
        self, database: Database, owner: rpc.FactServiceStub, kinds: Sequence[str]
    ) -> None:
        self._database = database
        self._owner = owner
        self._kinds = list(kinds)
        self._mark = f"facts:{','.join(sorted(kinds))}"
        self._absent: dict[tuple[str, str], float] = {}
        self.whole = asyncio.Event()

    async def run(self) -> None:
        """Takes a snapshot, then compares now and then, for as long as the service runs.

        Copies that were whole once are good enough to begin with: events made them newer, and
        a service must be able to start while the owner is away.
        """
        while True:
            try:
                if await self._database.read(_was_whole, self._mark):
                    self.whole.set()
                if not await self._same():
                    await self._take_snapshot()
                if not self.whole.is_set():
                    await self._database.write(_now_whole, self._mark)
                self.whole.set()
                await asyncio.sleep(COMPARE_SECONDS)
            except (grpc.aio.AioRpcError, Unavailable):
                await asyncio.sleep(RETRY_SECONDS)

    async def ask(self, kind: str, id_: object, message: type[M]) -> M | None:
        """Returns a record, asking the owner if it is not here. Raises Unavailable."""
        found = await self._database.read(get, kind, id_, message)
        if found is not None or self._absent.get((kind, str(id_)), 0.0) > time.monotonic():
            return found
        try:
            fact = await self._owner.GetFact(
                pb.GetFactRequest(kind=kind, id=str(id_)), timeout=ASK_SECONDS
            )
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise Unavailable(f"cannot find out about {kind} {id_} now") from error
            fact = pb.Fact(deleted=True)
        else:
            await self._database.write(_apply_all, [fact])
        if fact.deleted:
            self._remember_absent(kind, str(id_))
            return None
        return message.FromString(fact.payload)

    async def refresh(self) -> None:
        """Makes the copies as new as the owner's records are now. Raises Unavailable."""
        try:
            if not await self._same():
                await self._take_snapshot()
        except grpc.aio.AioRpcError as error:
            told = f"cannot find out now what is new about {', '.join(self._kinds)}"
            raise Unavailable(told) from error

    def _remember_absent(self, kind: str, id_: str) -> None:
        now = time.monotonic()
        self._absent = {key: until for key, until in self._absent.items() if until > now}
        self._absent[kind, id_] = now + ABSENT_SECONDS

    async def _same(self) -> bool:
        theirs = await self._owner.Digest(
            pb.DigestRequest(kinds=self._kinds), timeout=ASK_SECONDS * 5
        )
        ours = await self._database.read(digest, self._kinds)
        return (theirs.count, theirs.version_sum) == ours

    async def _take_snapshot(self) -> None:
        page: list[pb.Fact] = []
        asked = pb.SnapshotRequest(kinds=self._kinds)
        async for fact in self._owner.Snapshot(asked, timeout=SNAPSHOT_SECONDS):
            page.append(fact)
            if len(page) == PAGE_SIZE:
                await self._database.write(_apply_all, page)
                page = []
        await self._database.write(_apply_all, page)


def _apply_all(connection: Connection, facts: Sequence[pb.Fact]) -> None:
    for fact in facts:
        apply(connection, fact.kind, fact.id, fact.version, fact.payload, deleted=fact.deleted)


def _was_whole(connection: Connection, mark: str) -> bool:
    known = select(POSITION.c.stream).where(POSITION.c.stream == mark)
    return connection.execute(known).scalar_one_or_none() is not None


def _now_whole(connection: Connection, mark: str) -> None:
    row = upsert(connection, POSITION).values(stream=mark, seq=0, stream_created="")
    connection.execute(row.on_conflict_do_nothing())
