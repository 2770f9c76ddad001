"""What stands around a stream: readers who stand still, and callers who may no longer see it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import grpc.aio
import pytest

from services.chassis import facts, principal, tokens
from services.chassis import rpc as guard
from services.chassis.authentication import Authenticator
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database, database
from services.chassis.migrations import migrate
from tocsin.alertstate.v1 import alert_watch_service_pb2 as pb
from tocsin.alertstate.v1 import alert_watch_service_pb2_grpc as rpc
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.escalation.v1.token_pb2 import ApiToken, TokenRecord

SECONDS = 10
LARGE = pb.WatchAlertsResponse(alert=Alert(details="x" * 500_000))
#: Without these a client takes megabytes that nobody has asked for.
TAKES_LITTLE = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_535)]


class Watches(rpc.AlertWatchServiceServicer):
    """Tells as much as each test wants, and then nothing."""

    def __init__(self) -> None:
        self.count = 1
        self.told = 0
        self.ended = asyncio.Event()

    async def WatchAlerts(
        self, request: pb.WatchAlertsRequest, context: Context
    ) -> AsyncIterator[pb.WatchAlertsResponse]:
        try:
            await context.send_initial_metadata(())
            for _ in range(self.count):
                self.told += 1
                yield LARGE
            await asyncio.sleep(3600)
        finally:
            assert principal.caller().kind == "TOKEN"
            self.ended.set()


class House:
    """A guarded stream."""

    def __init__(self, db: Database, channel: grpc.aio.Channel, watches: Watches) -> None:
        self.db = db
        self.watches = watches
        self._stub = rpc.AlertWatchServiceStub(channel)

    async def watch(self, expires: datetime | None = None) -> Any:
        self.token = tokens.new_token()
        told = ApiToken(id=self.token.id, name="t", scopes=["alerts:read"], expire_time=expires)
        record = TokenRecord(token=told, secret_sha256=self.token.sha256())
        await self.db.write(facts.publish, "token", self.token.id, record)
        metadata = (("authorization", str(self.token)),)
        return self._stub.WatchAlerts(pb.WatchAlertsRequest(), metadata=metadata)

    async def revoke(self) -> None:
        await self.db.write(facts.publish, "token", self.token.id, TokenRecord(), deleted=True)

    async def ended(self) -> None:
        async with asyncio.timeout(SECONDS):
            await self.watches.ended.wait()


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    migrate(database_url, "alertstate")
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(database(database_url, "x"))
        server = grpc.aio.server(
            interceptors=[guard.Guard(Authenticator(db, Clock(), "", None))], options=guard.OPTIONS
        )
        watches = Watches()  # type: ignore[abstract] # the guard needs one method
        rpc.add_AlertWatchServiceServicer_to_server(watches, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        stack.push_async_callback(server.stop, 0)
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=TAKES_LITTLE)
        yield House(db, await stack.enter_async_context(channel), watches)


async def code_of(call: Any) -> grpc.StatusCode:
    async with asyncio.timeout(SECONDS):
        code: grpc.StatusCode = await call.code()
    return code


async def test_a_reader_that_stands_still_is_let_go(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.streams.TAKE_SECONDS", 0.3)
    monkeypatch.setattr("services.chassis.rpc.FAREWELL_SECONDS", 0.3)
    house.watches.count = 100
    call = await house.watch()

    await house.ended()

    assert house.watches.told < 50
    with pytest.raises(grpc.aio.AioRpcError) as error:
        async with asyncio.timeout(SECONDS):
            while await call.read() is not grpc.aio.EOF:
                pass
    assert error.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_reader_that_takes_its_time_gets_everything(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.streams.TAKE_SECONDS", 2)
    house.watches.count = 20
    call = await house.watch()

    async with asyncio.timeout(SECONDS):
        for _ in range(20):
            assert await call.read() == LARGE
    call.cancel()
    await house.ended()


@pytest.mark.parametrize("count", [1, 100], ids=["silent", "blocked"])
async def test_a_stream_ends_when_its_token_is_revoked(
    house: House, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr("services.chassis.rpc.CHECK_AGAIN_SECONDS", 0.2)
    monkeypatch.setattr("services.chassis.rpc.FAREWELL_SECONDS", 0.3)
    house.watches.count = count
    call = await house.watch()
    assert await call.read() == LARGE

    await house.revoke()

    await house.ended()
    if count == 1:
        assert await code_of(call) is grpc.StatusCode.UNAUTHENTICATED


async def test_a_stream_ends_when_its_token_expires(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.rpc.CHECK_AGAIN_SECONDS", 0.2)
    call = await house.watch(expires=datetime.now(UTC) + timedelta(seconds=1))
    assert await call.read() == LARGE

    assert await code_of(call) is grpc.StatusCode.UNAUTHENTICATED
    await house.ended()
