"""Very many messages that are due at once all arrive, each once, though providers misbehave.

Ten thousand with TOCSIN_LONG set, fewer otherwise.
"""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from services.notification.config import Config
from services.notification.deliver import Deliverer
from services.notification.domain.values import Method, Outcome, Page, Retry, Sent, State
from services.notification.store.notifications import NOTIFICATION
from tests.integration.notification_house import House, notification
from tests.parts.claiming import SEALER
from tests.parts.waiting import eventually

PEOPLE = 100
COUNT = 10_000 if os.environ.get("TOCSIN_LONG") else 1_000
#: The bound, whatever else this machine does meanwhile.
SECONDS = 600 if os.environ.get("TOCSIN_LONG") else 120


@dataclass
class Server:
    """Takes a line with a message's key and answers in a line; knows what it took."""

    port: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            key = (await reader.readline()).decode().strip()
            self.asked += 1
            if not self.answers.is_set():
                await self.answers.wait()  # and takes nothing
            elif self.asked % 50 == 0:
                writer.write(b"busy\n")
            else:
                self.taken[key] += 1
                writer.write(b"ok\n")
            await writer.drain()
        writer.close()


@dataclass
class Wire:
    """A channel of several providers; which one, the person says."""

    servers: list[Server]

    def provider(self, page: Page) -> str:
        """See `Channel`."""
        return f"wire{page.intent.user_id % len(self.servers)}"

    async def send(self, page: Page) -> Outcome:
        """See `Channel`."""
        server = self.servers[int(page.notification.provider.removeprefix("wire"))]
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            writer.write(f"{page.notification.key}\n".encode())
            answer = await reader.readline()
        finally:
            writer.close()
        match answer:
            case b"ok\n":
                return Sent()
            case b"busy\n":
                return Retry("busy", theirs=True)
            case _:
                return Retry("cut", unknown=True)


@asynccontextmanager
async def serving(count: int) -> AsyncIterator[list[Server]]:
    """Runs servers on free ports."""
    servers = [Server() for _ in range(count)]
    running = [await asyncio.start_server(each.serve, "127.0.0.1", 0) for each in servers]
    for server, listening in zip(servers, running, strict=True):
        server.port = listening.sockets[0].getsockname()[1]
    try:
        yield servers
    finally:
        for listening in running:
            listening.close()


class Nobody:
    """The owners of the subjects: they want every page."""

    async def over(self, pages: Any) -> set[int]:
        return set()


@asynccontextmanager
async def two_processes(house: House, wire: Wire) -> AsyncIterator[None]:
    config = Config(database_url="", nats_url="", listen="", claim_seconds=600)
    nobody: Any = Nobody()
    channels = {"TERMINAL": wire}
    both = (Deliverer(house.db, house.clock, config, nobody, channels, SEALER) for _ in range(2))
    running = [asyncio.create_task(each.run()) for each in both]
    try:
        yield
    finally:
        for each in running:
            each.cancel()
        await asyncio.wait(running)


@pytest.mark.timeout(3 * SECONDS)
async def test_all_arrive_and_each_once(any_database_url: str) -> None:
    async with notification(any_database_url) as house, serving(4) as servers:
        for user_id in range(PEOPLE):
            await house.reach(Method.TERMINAL, user_id=user_id + 1)
        for level in range(COUNT // PEOPLE):
            await house.page(user_ids=range(1, PEOPLE + 1), level=level)
        hung, *others = servers
        for server in others:
            server.answers.set()
        share = COUNT // len(servers)

        async with two_processes(house, Wire(servers)):

            async def others_have_all() -> bool:
                house.clock.turn(timedelta(seconds=0.5))  # back-offs need not last
                return all(len(server.taken) == share for server in others)

            await eventually(others_have_all, within=SECONDS)
            assert not hung.taken
            hung.answers.set()

            async def all_have_all() -> bool:
                house.clock.turn(timedelta(seconds=0.5))
                sent = NOTIFICATION.c.state == State.SENT.value
                asked = select(func.count()).select_from(NOTIFICATION).where(sent)
                return await house.db.read(lambda c: c.execute(asked).scalar_one()) == COUNT

            await eventually(all_have_all, within=SECONDS)

        taken = sum((server.taken for server in servers), Counter[str]())
        assert len(taken) == COUNT
        assert set(taken.values()) == {1}
