"""How much a list of alerts can be asked for at once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from google.protobuf.message import Message
from grpc import StatusCode

from tests.contract.alertstate_house import House, running_house
from tocsin.alertstate.v1 import alert_service_pb2 as pb


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path) as running:
        yield running


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("states", "states"),
        ("state", "state"),
        ("sources", "sources"),
        ("alert_source", "alert-source"),
        ("policies", "policies"),
        ("responders", "responders"),
        ("assigned_to", "assigned-to"),
    ],
)
async def test_a_filter_has_a_hundred_values_at_most(house: House, name: str, told: str) -> None:
    asks: dict[str, type[Message]] = {"ListAlerts": pb.ListAlertsRequest}
    if name in pb.CountAlertsRequest.DESCRIPTOR.fields_by_name:
        asks["CountAlerts"] = pb.CountAlertsRequest
    for method, request in asks.items():
        most = await house.call(method, filled(request(), name, 100))
        more = await house.call(method, filled(request(), name, 40_000))

        assert most.code is StatusCode.OK, most
        assert more.code is StatusCode.INVALID_ARGUMENT
        assert told in more.details


def filled(request: Message, name: str, count: int) -> Message:
    """Returns a request with so many different values of a filter."""
    states = name in ("states", "state")
    values = [1 if states else number for number in range(1, count + 1)]
    names = name in ("responders", "assigned_to")
    getattr(request, name).extend(map(str, values) if names else values)
    return request
