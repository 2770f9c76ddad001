"""How many alerts can be asked for at once, and by which words people are meant."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from google.protobuf.message import Message
from grpc import StatusCode

from services.chassis import facts
from tests.contract.alertstate_house import House, accepted, running_house
from tocsin.alertstate.v1 import alert_service_pb2 as pb
from tocsin.escalation.v1.user_pb2 import User


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


@pytest.mark.parametrize("login", ["2", "bn@example.com", "BN", " bn "])
async def test_an_alert_is_handed_to_a_person_by_login(house: House, login: str) -> None:
    await house.take(accepted(1), accepted(2, key="Load"))

    assigned = await house.call("AssignAlert", pb.AssignAlertRequest(id=1, user_login=login))
    asked = pb.AddResponderRequest(id=2, user_login=login)
    added = await house.call("AddResponder", asked)

    assert assigned.reply.assigned_to.id == 2
    assert added.reply.user.id == 2


async def test_a_login_must_mean_one_person(house: House) -> None:
    other = User(id=3, email="bn@example.org")
    await house.db.write(facts.publish, "user", 3, other)
    await house.take(accepted(1))

    for login, code in (("bn", StatusCode.INVALID_ARGUMENT), ("jd", StatusCode.NOT_FOUND)):
        assign = pb.AssignAlertRequest(id=1, user_login=login)
        assert (await house.call("AssignAlert", assign)).code is code
        add = pb.AddResponderRequest(id=1, user_login=login)
        assert (await house.call("AddResponder", add)).code is code
    whole = pb.AssignAlertRequest(id=1, user_login="bn@example.org")
    assert (await house.call("AssignAlert", whole)).reply.assigned_to.id == 3
