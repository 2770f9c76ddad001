"""Server-sent events through the edge: at once, for as long as both ends like, errors as ever."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from services.cli.edge import DRAIN_SECONDS, Envoy
from tests.e2e.edge_house import House, open_house
from tests.parts.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/api/alert-stream?states=PENDING"
SECONDS = 1.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


async def test_what_is_streamed_arrives_at_once(house: House) -> None:
    house.services.frames.put_nowait(": hello\n\n")
    async with house.http.stream("GET", f"{PATH}&zip=1") as reply:
        assert reply.status_code == 200
        assert reply.headers["content-type"] == "text/event-stream"
        parts = reply.aiter_text()
        assert await anext(parts) == ": hello\n\n"
        for number in range(3):
            house.services.frames.put_nowait(f"id: {number}\n\n")
            async with asyncio.timeout(SECONDS):
                assert await anext(parts) == f"id: {number}\n\n"

        house.services.frames.put_nowait("")
        assert [part async for part in parts] == []


async def test_a_stream_may_be_larger_than_any_reply(house: House) -> None:
    large = "x" * 1024 * 1024
    for frame in [*[large] * 12, ""]:
        house.services.frames.put_nowait(frame)

    async with house.http.stream("GET", PATH) as reply:
        size = sum([len(part) async for part in reply.aiter_bytes()])

    assert size == 12 * len(large)


async def test_the_service_notices_that_the_reader_is_gone(house: House) -> None:
    house.services.frames.put_nowait(": hello\n\n")
    async with house.http.stream("GET", PATH):
        assert house.services.streaming == 1

    await eventually(lambda: house.services.streaming == 0, within=SECONDS)


async def test_the_header_of_a_browser_reaches_the_service(house: House) -> None:
    house.services.calls.clear()

    reply = await house.http.get("/api/alert-stream", headers={"Last-Event-ID": "7"})

    assert reply.json() == {"status": 400, "message": "unreadable", "code": "BAD_REQUEST"}
    [(name, metadata, _)] = house.services.calls
    assert name == "StreamAlerts"
    assert metadata["last-event-id"] == "7"


@pytest.mark.parametrize(
    ("verb", "path", "status", "code"),
    [
        ("GET", "/api/alert-stream?states=ODD", 400, "BAD_REQUEST"),
        ("POST", "/api/alert-stream", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/api/alert-stream/x", 404, "NOT_FOUND"),
    ],
)
async def test_what_is_wrong_is_said_as_ever(
    house: House, verb: str, path: str, status: int, code: str
) -> None:
    reply = await house.http.request(verb, path)

    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert reply.headers["content-type"] == "application/json"


async def test_whoever_waits_for_calls_to_end_does_not_wait_for_streams(house: House) -> None:
    house.services.frames.put_nowait(": hello\n\n")
    async with house.http.stream("GET", PATH) as reply:
        await anext(reply.aiter_text())
        envoy = Envoy(house.admin, f"http://{house.target}")
        started = time.monotonic()

        await envoy.drain()

        assert time.monotonic() - started < DRAIN_SECONDS / 2
        await envoy.close()
