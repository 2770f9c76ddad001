"""What the edge does with calls beside translating them: headers, retries, gRPC, logs, health."""

import json
from collections.abc import AsyncIterator

import grpc
import grpc.aio
import httpx
import pytest
import pytest_asyncio

from tests.e2e.edge_house import House, open_house
from tests.parts.waiting import eventually
from tocsin.alertstate.v1 import alert_service_pb2, alert_service_pb2_grpc
from tocsin.chassis.internal.v1 import subject_service_pb2, subject_service_pb2_grpc
from tocsin.ingest.v1 import event_pb2, event_service_pb2, event_service_pb2_grpc

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


async def test_services_see_the_edge_s_headers_and_no_others(house: House) -> None:
    names = ("x-tocsin-actor", "x-internal-user", "x-envoy-max-retries", "x-foo-bin")
    headers = dict.fromkeys(names, "1") | {"grpc-timeout": "1n", "grpc-encoding": "zip"}
    house.services.calls.clear()

    reply = await house.http.get("/api/alerts/count?zip=1", headers=headers)

    [(_, metadata, seconds)] = house.services.calls
    assert not metadata.keys() & {*names, "x-envoy-original-path"}
    assert metadata["x-request-id"] == reply.headers["x-request-id"]
    assert 9 < seconds <= 10


async def test_a_header_that_grpc_has_no_word_for_costs_nobody_the_call(house: House) -> None:
    headers = [(b"q+", b"1"), (b"1!u", b"2"), (b"referer", b"caf\xe9"), (b"x-tab", b"a\tb")]
    answer = await house.http.get("/api/alerts/7", headers=[*headers, (b"x-seen", b"3")])

    assert answer.status_code == 200, answer.text
    _, metadata, _ = house.services.calls[-1]
    assert metadata["x-seen"] == "3"
    assert not {"q+", "1!u", "referer", "x-tab"} & metadata.keys()


async def test_only_what_is_safe_to_repeat_is_retried(house: House) -> None:
    house.services.calls.clear()

    await house.http.get("/api/alerts/503")
    await house.http.put("/api/alerts/503/accept")

    names = [name for name, _, _ in house.services.calls]
    assert names == ["GetAlert"] * 3 + ["AcceptAlert"]


async def test_native_grpc_passes_untouched(house: House) -> None:
    alerts = alert_service_pb2_grpc.AlertServiceStub(house.channel)
    events = event_service_pb2_grpc.EventServiceStub(house.channel)

    listed = await alerts.ListAlerts(alert_service_pb2.ListAlertsRequest(max_results=2))
    event = event_pb2.Event(summary="disk full")
    kept = await events.SubmitEvent(event_service_pb2.SubmitEventRequest(event=event))
    with pytest.raises(grpc.aio.AioRpcError, match='no alert "404"') as failed:
        await alerts.GetAlert(alert_service_pb2.GetAlertRequest(id=404))

    assert len(listed.alerts) == 2
    assert kept.event_id == "disk full"
    assert failed.value.code() is grpc.StatusCode.NOT_FOUND


async def test_internal_services_cannot_be_called(house: House) -> None:
    subjects = subject_service_pb2_grpc.SubjectServiceStub(house.channel)

    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await subjects.CheckSubjects(subject_service_pb2.CheckSubjectsRequest())
    web = await grpc_web(house, "tocsin.chassis.internal.v1.SubjectService/CheckSubjects", b"")

    assert failed.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert web.status_code == 404


async def test_grpc_web_is_served_on_the_same_port(house: House) -> None:
    request = alert_service_pb2.GetAlertRequest(id=7).SerializeToString()

    reply = await grpc_web(house, "tocsin.alertstate.v1.AlertService/GetAlert", request)

    assert reply.headers["content-type"] == "application/grpc-web+proto"
    assert b"disk full" in reply.content
    assert b"grpc-status:0" in reply.content


async def grpc_web(house: House, method: str, message: bytes) -> httpx.Response:
    frame = b"\0" + len(message).to_bytes(4, "big") + message
    headers = {"content-type": "application/grpc-web+proto"}
    return await house.http.post(f"/{method}", content=frame, headers=headers)


async def test_the_access_log_names_rpcs_and_no_paths(house: House) -> None:
    headers = {"x-request-id": "hush"}
    await house.http.get("/api/alerts/7?hush=1", headers=headers)
    await house.http.get("/hush?hush", headers=headers)
    await house.http.post("/api/alerts/count?hush", headers=headers)
    await house.http.get("/api/users/hush?hush=1", headers=headers)
    last = (await house.http.get("/api/users/current")).headers["x-request-id"]

    await eventually(lambda: last in house.log.read_text())

    text = house.log.read_text()
    rpcs = [json.loads(line)["rpc"] for line in text.splitlines()][-5:]
    assert rpcs == [
        "tocsin.alertstate.v1.AlertService/GetAlert",
        "-",
        "-",
        "tocsin.escalation.v1.UserService/GetUser",
        "tocsin.escalation.v1.UserService/GetCurrentUser",
    ]
    assert "hush" not in text
    assert "/api" not in text


async def test_a_service_that_is_down_makes_the_edge_unhealthy(house: House) -> None:
    assert (await house.http.get("/healthz")).text == "ok\n"

    await house.fragile.server.stop(0)

    message = "The service is not available, try again"
    away = {"status": 503, "message": message, "code": "UNAVAILABLE"}
    assert (await house.http.get("/api/notifications?kind=alert")).json() == away

    async def noticed() -> None:
        assert (await house.http.get("/healthz")).text.startswith('{"status":503,')

    await eventually(noticed)
    assert (await house.http.get("/api/alerts/7")).status_code == 200
