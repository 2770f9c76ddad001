"""What those are shown of an alert who were paged about it."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from services.alertstate.servicer.reader import MOST, AlertReaderServicer
from services.chassis.behalf import told
from services.chassis.principal import INTERNAL, Principal
from tests.contract.alertstate_house import ADA, House, accepted, running_house
from tests.contract.blocking import Answer, Calls
from tocsin.alertstate.internal.v1 import alert_reader_service_pb2 as pb
from tocsin.alertstate.v1 import alert_service_pb2 as alerts
from tocsin.alertstate.v1.alert_pb2 import Alert, Comment

READER = pb.DESCRIPTOR.services_by_name["AlertReaderService"]
PEER = Principal(
    kind="SERVICE", id="notification", name="notification", scopes=frozenset({INTERNAL})
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path) as running:
        await running.take(accepted(1, details="**full**", custom_details=b'{"n": 1}'))
        yield running


async def read(house: House, alert_id: int = 1, language: str = "") -> Answer:
    eve = Principal(kind="USER", id="", name="Eve", user_id=9, hidden=frozenset({8}))
    request = pb.ReadAlertRequest(id=alert_id, reader=told(eve), language=language)
    return await Calls(READER, AlertReaderServicer(house.db), PEER)("ReadAlert", request)


async def test_who_was_paged_sees_the_alert_whoever_it_belongs_to(house: House) -> None:
    found = (await read(house)).reply

    assert found.alert.details == "**full**"
    assert found.alert.custom_details["n"] == 1
    assert [rule.users[0].id for rule in found.alert.escalation_rules] == [1]
    assert found.alert.status == Alert.PENDING
    assert found.log_entries[0].text == "Grafana raised the alert"
    assert (await read(house, language="de")).reply.log_entries[0].text.startswith("Grafana hat")


async def test_the_newest_of_many_comments_and_entries_are_told(house: House) -> None:
    for number in range(MOST + 2):
        said = alerts.CommentAlertRequest(id=1, comment=Comment(content=f"word {number}"))
        await house.call("CommentAlert", said, ADA)

    found = (await read(house)).reply

    assert [len(found.comments), len(found.log_entries)] == [MOST, MOST]
    assert found.comments[-1].content == f"word {MOST + 1}"
    assert found.comments[0].content == "word 2"
    assert found.log_entries[-1].id > MOST


async def test_there_is_no_such_alert(house: House) -> None:
    assert (await read(house, alert_id=99)).code is grpc.StatusCode.NOT_FOUND
