"""Batches, repeats and limits of events through the edge."""

import json
import secrets
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio
import httpx

from tests.parts.suite import Suite
from tests.parts.waiting import eventually, until
from tocsin.ingest.v1 import event_service_pb2 as pb
from tocsin.ingest.v1 import event_service_pb2_grpc as rpc
from tocsin.ingest.v1.event_pb2 import Event


def new_source(suite: Suite, client: httpx.Client, **fields: Any) -> dict[str, Any]:
    policy = {"id": int(suite.credentials["TOCSIN_POLICY_ID"])}
    told = {"name": f"source {secrets.token_hex(4)}", "integrationType": "API"}
    answer = client.post("/api/alert-sources", json={**told, "escalationPolicy": policy, **fields})
    assert answer.status_code == 201, answer.text
    source: dict[str, Any] = answer.json()
    return source


def event(source: dict[str, Any], **fields: Any) -> dict[str, Any]:
    key = source["integrationKey"]
    return {
        "apiKey": key,
        "eventType": "ALERT",
        "summary": "disk full",
        "priority": "LOW",
        **fields,
    }


def count(client: httpx.Client, source: dict[str, Any]) -> int:
    answer = client.get("/api/alerts/count", params={"sources": source["id"]})
    return int(answer.json()["count"])


def test_a_batch_is_answered_event_by_event(suite: Suite, client: httpx.Client) -> None:
    first, second = new_source(suite, client), new_source(suite, client)
    events = [event(first, alertKey="a"), {"apiKey": "no", **event(first, eventType="X")}]

    for body in ([*events, event(second)], {"events": [*events, event(second)]}):
        answer = client.post("/api/events/batch", json=body)

        assert answer.status_code == 202, answer.text
        one, two, three = answer.json()["results"]
        assert one["receipt"]["alertKey"] == "a"
        assert two["refusal"] == {
            "status": 400,
            "code": "INVALID_REQUEST",
            "message": "eventType must be one of ALERT, ACCEPT, RESOLVE, COMMENT",
            "field": "eventType",
        }
        assert three["receipt"]["responseCode"] == "ACCEPTED"
    until(lambda: count(client, second) == 2, within=15)


def test_what_is_no_batch_is_refused_in_the_same_words(client: httpx.Client) -> None:
    answer = client.post("/api/events/batch", json={"events": 5})

    assert answer.status_code == 400
    told = {"status": 400, "message": "events must be an array", "code": "INVALID_REQUEST"}
    assert answer.json() == told


def test_a_repeat_with_its_key_is_answered_as_the_first_time(
    suite: Suite, client: httpx.Client
) -> None:
    source = new_source(suite, client)
    named = {"Idempotency-Key": secrets.token_hex(8)}

    first, again = (client.post("/api/events", json=event(source), headers=named) for _ in range(2))
    other = client.post("/api/events", json=event(source, summary="other"), headers=named)

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    last = client.post("/api/events", json=event(source, summary="last"))
    assert last.status_code == 202
    until(lambda: count(client, source) == 2, within=15)


def test_a_source_that_reached_its_limit_is_told_so(suite: Suite, client: httpx.Client) -> None:
    source = new_source(suite, client, eventsPerMinute=5)
    assert source["eventsPerMinute"] == 5

    def answers() -> list[httpx.Response]:
        return [client.post("/api/events", json=event(source)) for _ in range(10)]

    told = [answer for answer in answers() if answer.status_code != 202]

    assert len(told) >= 2  # a minute may have ended meanwhile
    refused = told[-1]
    seconds = int(refused.headers["retry-after"])
    assert 0 < seconds <= 60
    body = refused.json()
    assert body.pop("message").startswith(f"alert source {source['id']} is limited to 5 events a")
    assert body == {"status": 429, "code": "TOO_MANY_REQUESTS"}

    def warned() -> bool:
        shown = client.get(f"/api/alert-sources/{source['id']}").json()
        return "limitReached" in shown

    until(warned, within=15)

    def about_it() -> list[dict[str, Any]]:
        alerts: list[dict[str, Any]] = client.get("/api/alerts", params={"sources": 1}).json()
        return [alert for alert in alerts if source["name"] in alert["summary"]]

    until(lambda: len(about_it()) == 1, within=15)


async def test_a_stream_passes_the_edge(suite: Suite, client: httpx.Client) -> None:
    source = new_source(suite, client)

    async def requests() -> AsyncIterator[pb.StreamEventsRequest]:
        for number in range(50):
            sent = Event(
                api_key=source["integrationKey"] if number != 20 else "no",
                event_type=Event.ALERT,
                summary="disk full",
                alert_key=str(number),
            )
            one = pb.SubmitEventRequest(event=sent, event_id=f"s{number}")
            yield pb.StreamEventsRequest(events=[one])

    async with grpc.aio.insecure_channel(suite.address) as channel:
        stub = rpc.EventServiceStub(channel)
        reply = await stub.StreamEvents(requests(), timeout=20)
        again = await stub.StreamEvents(requests(), timeout=20)

    assert [one.WhichOneof("outcome") for one in reply.results].count("receipt") == 49
    assert reply.results[20].refusal.status == 404
    assert again == reply
    await eventually(lambda: count(client, source) == 49, within=15)


def test_a_body_that_is_too_large_is_refused(suite: Suite, client: httpx.Client) -> None:
    source = new_source(suite, client)
    body = json.dumps([event(source, details="x" * 60_000)] * 10)

    answer = client.post(
        "/api/events/batch", content=body, headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")
