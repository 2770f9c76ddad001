"""What ingest answers to events, state by state."""

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.ingest.store.tables import EVENT
from tests.contract.ingest_house import (
    CODE,
    URL,
    Door,
    body,
    open_door,
)
from tocsin.ingest.v1 import event_pb2
from tocsin.ingest.v1 import event_service_pb2 as event_pb
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.ingest_events_pb2 import EventsAccepted


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as door:
        yield door


async def test_an_event_is_on_disk_and_told_before_it_is_answered(door: Door) -> None:
    key = await door.key()

    answer = await door.post(body(key, alertKey=" Disk-7 ", priority="LOW"))

    assert answer.code is CODE.OK
    receipt = answer.reply
    assert receipt.response_code == "ACCEPTED"
    assert receipt.alert_key == " Disk-7 "
    assert receipt.alert_url == f"{URL}/api/alerts?sources=2"
    (row,) = await door.rows(EVENT)
    (told,) = await door.published(EventsAccepted)
    (event,) = told.events
    assert (row.seq, row.event_id) == (event.seq, event.event_id)
    assert event.event_id == receipt.event_id
    assert (row.match_key, event.match_key) == ("disk-7", "disk-7")
    assert event.priority == event_pb2.Event.LOW
    assert event.escalation_policy_id == 1
    assert (event.source_id, event.source_version) == (2, 1)
    assert event.HasField("accept_time")


async def test_the_event_log_has_the_body_without_its_key(door: Door) -> None:
    key = await door.key()

    await door.post(body(key, details="two  blanks stay"))

    (row,) = await door.rows(EVENT)
    assert row.raw == body("*" * len(key), details="two  blanks stay")
    assert (row.content_type, row.type, row.repairs) == ("application/json", "ALERT", "[]")


async def test_repairs_are_listed_in_the_event_log(door: Door) -> None:
    key = await door.key()

    assert (await door.post(body(key, details=5))).code is CODE.OK

    (row,) = await door.rows(EVENT)
    assert json.loads(row.repairs) == ["details: was no text, read as one"]


@pytest.mark.parametrize("name", ["apiKey", "integrationKey"])
async def test_either_name_of_the_key_will_do(door: Door, name: str) -> None:
    key = await door.key()

    assert (
        await door.post(json.dumps({name: key, "eventType": "RESOLVE"}).encode())
    ).code is CODE.OK


@pytest.mark.parametrize("content_type", ["", "application/json", "Application/JSON; charset=utf8"])
async def test_the_content_type_may_be_json_or_nothing(door: Door, content_type: str) -> None:
    assert (await door.post(body(await door.key()), content_type)).code is CODE.OK


async def test_another_content_type_is_refused(door: Door) -> None:
    answer = await door.post(body(await door.key()), "text/plain")

    assert answer.code is CODE.INVALID_ARGUMENT
    assert door.failure.http_status == 415


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (b"", None),
        (b"{", None),
        (gzip.compress(b"{}"), None),
        (b'{"eventType":"ALERT","summary":"s"}', "apiKey"),
        (body("il1nobody", eventType=None), "eventType"),
        (body("il1nobody", summary=None), "summary"),
        (body("il1nobody", priority="MEDIUM"), "priority"),
        (body("il1nobody", severity="3"), "severity"),
    ],
    ids=["nothing", "half", "gzip", "no key", "no type", "no summary", "priority", "severity"],
)
async def test_what_cannot_become_an_alert_is_refused(
    door: Door, sent: bytes, field: str | None
) -> None:
    answer = await door.post(sent)

    assert answer.code is CODE.INVALID_ARGUMENT
    assert door.failure.field == field
    assert await door.rows(EVENT) == []


async def test_an_unknown_key_is_not_found_and_not_told(door: Door) -> None:
    answer = await door.post(body("il1nobody-has-this-key"))

    assert answer.code is CODE.NOT_FOUND
    assert "apiKey" in answer.details
    assert "il1nobody" not in answer.details


async def test_more_than_512_kib_is_too_large(door: Door) -> None:
    answer = await door.post(body(await door.key(), details="x" * 524_288))

    assert answer.code is CODE.RESOURCE_EXHAUSTED
    assert door.failure.http_status == 413


async def test_an_event_of_an_inactive_source_is_kept_and_not_told(door: Door) -> None:
    key = await door.key(active=False)

    assert (await door.post(body(key))).code is CODE.OK

    (row,) = await door.rows(EVENT)
    assert row.note == "SOURCE_INACTIVE"
    assert await door.published(EventsAccepted) == []


async def test_a_low_source_stays_low(door: Door) -> None:
    key = await door.key(alert_priority_rule=AlertSource.LOW)

    await door.post(body(key, priority="HIGH"))

    assert (await door.published(EventsAccepted))[0].events[0].priority == event_pb2.Event.LOW


def submitted(key: str, **fields: Any) -> event_pb.SubmitEventRequest:
    said = {"api_key": key, "event_type": "ALERT", "summary": "disk full", **fields}
    return event_pb.SubmitEventRequest(event=event_pb2.Event(**said))


async def test_a_typed_event_is_taken_like_its_twin(door: Door) -> None:
    key = await door.key()
    request = submitted(
        "",
        integration_key=key,
        alert_key="A",
        routing_key="night, day",
        images=[{"src": "a.png"}],
        severity=2,
        comments=[{"creator": "Ada", "content": "again"}],
        labels={"env": "prod"},
    )
    request.event.custom_details.update({"n": 1, "deep": [{"x": None}, 2.5, True]})

    answer = await door.event("SubmitEvent", request)

    assert answer.reply.alert_key == "A"
    (event,) = (await door.published(EventsAccepted))[0].events
    assert json.loads(event.custom_details) == {"n": 1, "deep": [{"x": None}, 2.5, True]}
    assert list(event.routing_keys) == ["night", "day"]
    assert list(event.images) == []
    assert event.severity == 2
    assert [(c.creator, c.content) for c in event.comments] == [("Ada", "again")]
    assert dict(event.labels) == {"env": "prod"}
    (row,) = await door.rows(EVENT)
    kept = event_pb2.Event.FromString(row.raw)
    assert (kept.integration_key, kept.alert_key) == ("", "A")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"api_key": ""}, "apiKey"),
        ({"event_type": 0}, "eventType"),
        ({"event_type": 99}, "eventType"),
        ({"summary": ""}, "summary"),
        ({"priority": 99}, "priority"),
        ({"severity": 0}, "severity"),
        ({"severity": 6}, "severity"),
    ],
)
async def test_a_typed_event_is_refused_like_its_twin(
    door: Door, fields: dict[str, Any], field: str
) -> None:
    answer = await door.event("SubmitEvent", submitted("il1nobody", **{**fields}))

    assert answer.code is CODE.INVALID_ARGUMENT
    assert door.failure.field == field


async def test_a_typed_event_of_an_unknown_key_is_not_found(door: Door) -> None:
    assert (await door.event("SubmitEvent", submitted("il1nobody"))).code is CODE.NOT_FOUND


async def test_a_typed_event_can_be_too_large(door: Door) -> None:
    request = submitted("il1nobody", details="x" * 524_288)

    assert (await door.event("SubmitEvent", request)).code is CODE.RESOURCE_EXHAUSTED


async def test_an_event_tells_all_that_its_source_decides(door: Door) -> None:
    key = await door.key(
        integration_type="GRAFANA",
        alert_priority_rule=AlertSource.LOW,
        alert_creation=AlertSource.ONE_OPEN_ALERT_ALLOWED,
        auto_resolution_timeout="PT2H",
    )
    said = {"severity": 4, "labels": {"a": "b"}, "comments": [{"content": "c"}]}

    await door.post(body(key, priority="HIGH", **said))

    (event,) = (await door.published(EventsAccepted))[0].events
    assert event.priority == event_pb2.Event.HIGH
    assert event.creation == AlertSource.ONE_OPEN_ALERT_ALLOWED
    assert event.auto_resolution_seconds == 7200
    assert event.severity == 4
    assert dict(event.labels) == {"a": "b"}
    assert [comment.content for comment in event.comments] == ["c"]


async def test_by_default_a_source_decides_little(door: Door) -> None:
    await door.post(body(await door.key()))

    (event,) = (await door.published(EventsAccepted))[0].events
    assert event.creation == AlertSource.ONE_ALERT_PER_EMAIL
    assert (event.auto_resolution_seconds, event.severity) == (0, 0)


async def test_a_comment_needs_no_summary(door: Door) -> None:
    key = await door.key()

    assert (await door.post(body(key, eventType="COMMENT", summary=None))).code is CODE.OK
    await door.post(body(key, eventType="COMMENT", summary="looks", details="bad"))

    empty, said = (event for told in await door.published(EventsAccepted) for event in told.events)
    assert empty.type == said.type == event_pb2.Event.COMMENT
    assert list(empty.comments) == []
    assert [comment.content for comment in said.comments] == ["looks\n\nbad"]


async def test_custom_details_are_kept_byte_for_byte(door: Door) -> None:
    key = await door.key()
    start, rest = (
        b'{"apiKey":"',
        b'","eventType":"ALERT", "summary":"s","customDetails": {"b": 1.0,',
    )
    rest += b' "a" :[1e3,null ,"\\u00e9"],"b":12345678901234567890123}, "logs":[ ]}'

    assert (await door.post(start + key.encode() + rest)).code is CODE.OK

    (row,) = await door.rows(EVENT)
    assert row.raw == start + b"*" * len(key) + rest
