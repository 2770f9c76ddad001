"""How the edge itself limits an address, and what it tells services of callers."""

from collections.abc import AsyncIterator

import grpc
import grpc.aio
import pytest
import pytest_asyncio

from tests.e2e.edge_house import House, open_house
from tocsin.ingest.v1 import event_service_pb2, event_service_pb2_grpc

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLS = 12


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[House]:
    async with open_house(calls_per_minute=CALLS, trusted_hops=1) as house:
        yield house


async def test_an_address_is_told_when_it_calls_too_often(house: House) -> None:
    mine = {"x-forwarded-for": "192.0.2.9, 192.0.2.7", "x-tocsin-address": "192.0.2.1"}

    answers = [await house.http.get("/api/alerts/1", headers=mine) for _ in range(CALLS + 1)]

    assert [answer.status_code for answer in answers] == [200] * CALLS + [429]
    refused = answers[-1]
    assert refused.json() == {
        "status": 429,
        "message": "Too many requests",
        "code": "TOO_MANY_REQUESTS",
    }
    assert 0 < int(refused.headers["retry-after"]) <= 60
    theirs = {"x-forwarded-for": "192.0.2.8"}
    assert (await house.http.get("/api/alerts/1", headers=theirs)).status_code == 200
    addresses = [metadata["x-tocsin-address"] for _, metadata, _ in house.services.calls]
    assert addresses == ["192.0.2.7"] * CALLS + ["192.0.2.8"]


async def test_native_calls_are_told_in_grpcs_words(house: House) -> None:
    stub = event_service_pb2_grpc.EventServiceStub(house.channel)
    request = event_service_pb2.SubmitEventRequest()
    mine = [("x-forwarded-for", "2001:db8::7")]
    for _ in range(CALLS):
        await stub.SubmitEvent(request, metadata=mine)

    with pytest.raises(grpc.aio.AioRpcError) as refused:  # a neighbour in its network
        await stub.SubmitEvent(request, metadata=[("x-forwarded-for", "2001:db8::8")])

    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
