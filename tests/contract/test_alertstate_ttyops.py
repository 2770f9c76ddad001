"""Alerts in ttyops' words: what is shown, and who may be named how."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from grpc import StatusCode

from services.alertstate.peers import References
from services.alertstate.servicer.ttyops import MOST_RESOLVED, TtyopsServicer
from services.chassis.principal import Principal
from tests.contract.alertstate_house import ADA, BOT, Copies, House, accepted, running_house
from tests.contract.blocking import Answer, Calls
from tocsin.alertstate.v1 import ttyops_service_pb2 as pb
from tocsin.ingest.v1.event_pb2 import Event

SERVICE = pb.DESCRIPTOR.services_by_name["TtyopsService"]
VERBS = {
    "AcknowledgeTtyopsAlert": pb.AcknowledgeTtyopsAlertRequest,
    "ResolveTtyopsAlert": pb.ResolveTtyopsAlertRequest,
    "AssignTtyopsAlert": pb.AssignTtyopsAlertRequest,
}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path) as house:
        yield house


async def call(house: House, method: str, request: Message, caller: Principal = ADA) -> Answer:
    copies = Copies(house.db)
    servicer = TtyopsServicer(house.db, house.clock, References(copies, copies))
    return await Calls(SERVICE, servicer, caller)(method, request)


async def verb(house: House, method: str, caller: Principal = ADA, **named: Any) -> Answer:
    return await call(house, method, VERBS[method](**named), caller)


async def listed(house: House) -> list[pb.TtyopsAlert]:
    answer = await call(house, "ListTtyopsAlerts", pb.ListTtyopsAlertsRequest())
    assert answer.code is StatusCode.OK, answer
    return list(answer.reply.alerts)


async def test_an_alert_in_ttyops_words(house: House) -> None:
    await house.take(accepted(1))

    (alert,) = await listed(house)

    assert alert == pb.TtyopsAlert(
        id="00000001-alert", title="disk full", status="firing", service="00000003-service"
    )


async def test_open_alerts_are_before_resolved_ones_newest_first(house: House) -> None:
    await house.take(*(accepted(seq, key=f"{seq}") for seq in range(1, 6)))
    await house.accept(2, ADA)
    for alert_id in (3, 5):
        await house.resolve(alert_id, ADA)

    found = [(each.id[7], each.status) for each in await listed(house)]

    assert found == [
        ("4", "firing"),
        ("2", "acknowledged"),
        ("1", "firing"),
        ("5", "resolved"),
        ("3", "resolved"),
    ]


async def test_only_the_newest_resolved_alerts_are_listed(house: House) -> None:
    count = MOST_RESOLVED + 5
    alerts = [accepted(seq, key=f"{seq}") for seq in range(1, count + 1)]
    over = [accepted(count + seq, Event.RESOLVE, key=f"{seq}") for seq in range(1, count + 1)]
    await house.take(*alerts, *over)

    found = await listed(house)

    assert len(found) == MOST_RESOLVED
    assert found[0].id == f"{count:08x}-alert"


async def test_whose_an_alert_is(house: House) -> None:
    await house.take(accepted(1))

    answer = await verb(house, "AcknowledgeTtyopsAlert", id="00000001-alert")
    assert (answer.reply.status, answer.reply.assignedto) == ("acknowledged", "00000001-member")
    answer = await verb(
        house, "AssignTtyopsAlert", id="00000001-alert", account_id="00000002-member"
    )
    assert (answer.reply.status, answer.reply.assignedto) == ("acknowledged", "00000002-member")
    answer = await verb(house, "ResolveTtyopsAlert", id="00000001")
    assert (answer.reply.status, answer.reply.assignedto) == ("resolved", "00000002-member")


async def test_a_token_of_nobody_takes_an_alert_that_is_nobodys_then(house: House) -> None:
    await house.take(accepted(1))

    answer = await verb(house, "AcknowledgeTtyopsAlert", BOT, id="00000001-alert")

    assert (answer.reply.status, answer.reply.assignedto) == ("acknowledged", "")


@pytest.mark.parametrize("method", VERBS)
@pytest.mark.parametrize("id_", ["", "1", "00000009-alert", "00000001-member", "x", "\0"])
async def test_an_alert_that_is_not_there(house: House, method: str, id_: str) -> None:
    named: dict[str, Any] = {"id": id_}
    if method == "AssignTtyopsAlert":
        named["account_id"] = "00000002-member"

    answer = await verb(house, method, **named)

    assert answer.code is StatusCode.NOT_FOUND


@pytest.mark.parametrize("account", ["", "ada", "2", "00000009-member", "00000001-alert"])
async def test_an_account_that_is_not_there(house: House, account: str) -> None:
    await house.take(accepted(1))

    answer = await verb(house, "AssignTtyopsAlert", id="00000001-alert", account_id=account)

    assert answer.code is StatusCode.NOT_FOUND


async def test_answers_are_idempotent_and_a_resolved_alert_is_over(house: House) -> None:
    await house.take(accepted(1))

    for _ in range(2):
        answer = await verb(house, "AcknowledgeTtyopsAlert", id="00000001-alert")
        assert answer.code is StatusCode.OK
    for _ in range(2):
        answer = await verb(house, "ResolveTtyopsAlert", id="00000001-alert")
        assert answer.code is StatusCode.OK
    for method in ("AcknowledgeTtyopsAlert", "AssignTtyopsAlert"):
        named: dict[str, Any] = {"id": "00000001-alert"}
        if method == "AssignTtyopsAlert":
            named["account_id"] = "00000002-member"
        answer = await verb(house, method, **named)
        assert answer.code is StatusCode.FAILED_PRECONDITION
