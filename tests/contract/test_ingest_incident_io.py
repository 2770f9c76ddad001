"""What the door of incident.io's HTTP alert sources answers, state by state."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google.api.httpbody_pb2 import HttpBody

from services.chassis import ulids
from services.ingest.store.tables import EVENT
from tests.contract.blocking import Answer
from tests.contract.ingest_house import CODE, SOURCE_MESSAGE, URL, Door, open_door
from tocsin.ingest.v1 import alert_source_service_pb2 as source_pb
from tocsin.ingest.v1 import incident_io_service_pb2 as pb
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.event_pb2 import Event
from tocsin.ingest.v1.ingest_events_pb2 import AcceptedEvent, EventsAccepted

NOBODY = ulids.ulid(ulids.SOURCE, 999)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as door:
        yield door


async def made(door: Door, **fields: Any) -> AlertSource:
    answer = await door.create(integration_type="INCIDENT_IO_HTTP", **fields)
    assert isinstance(answer.reply, AlertSource)
    return answer.reply


def ulid_of(source: AlertSource) -> str:
    return source.integration_url.rpartition("/")[2]


async def post(
    door: Door, ulid: str, *, bearer: str = "", token: str = "", **fields: Any
) -> Answer:
    told = {"title": "disk full", "status": "firing", "deduplication_key": "Disk-7", **fields}
    body = HttpBody(data=json.dumps(told).encode(), content_type="application/json")
    request = pb.CreateHttpAlertEventRequest(alert_source_config_id=ulid, body=body)
    shown = {"authorization": bearer, "x_tocsin_token": token}
    metadata = {name: value for name, value in shown.items() if value}
    return await door.incident_io("CreateHttpAlertEvent", request, **metadata)


async def test_an_event_is_on_disk_and_told_before_it_is_answered(door: Door) -> None:
    source = await made(door)

    answer = await post(door, ulid_of(source), bearer=f"Bearer {source.integration_key}")

    assert answer.code is CODE.OK
    assert answer.reply.status == "success"
    assert answer.reply.message == "Event accepted for processing"
    assert answer.reply.deduplication_key == "Disk-7"
    (row,) = await door.rows(EVENT)
    (told,) = await door.published(EventsAccepted)
    (event,) = told.events
    assert (row.source_id, event.source_id) == (source.id, source.id)
    assert (event.type, event.repeat) == (Event.ALERT, AcceptedEvent.KEEP)
    assert (event.alert_key, event.match_key) == ("Disk-7", "disk-7")


async def test_either_credential_opens_the_door(door: Door) -> None:
    source = await made(door)
    ulid, key = ulid_of(source), source.integration_key
    percent = "".join(f"%{ord(letter):02X}" for letter in key)

    answers = [
        await post(door, ulid, bearer=f"Bearer {key}"),
        await post(door, ulid, bearer=f"bearer  {key} "),
        await post(door, ulid, bearer=key),
        await post(door, ulid, token=key),
        await post(door, ulid, token=percent),
        await post(door, ulid.lower(), token=key),
        await post(door, ulid, token=key, bearer="Bearer an-account-key"),
        await post(door, ulid, token="stale", bearer=f"Bearer {key}"),
    ]

    assert {answer.code for answer in answers} == {CODE.OK}


@pytest.mark.parametrize(
    ("shown", "code", "reason"),
    [
        ({}, CODE.UNAUTHENTICATED, "MISSING_AUTHORIZATION_MATERIAL"),
        ({"bearer": "Bearer "}, CODE.UNAUTHENTICATED, "MISSING_AUTHORIZATION_MATERIAL"),
        ({"token": "  "}, CODE.UNAUTHENTICATED, "MISSING_AUTHORIZATION_MATERIAL"),
        ({"bearer": "Bearer il1nobody"}, CODE.UNAUTHENTICATED, "ACCESS_TOKEN_INVALID"),
        ({"token": "il1nobody"}, CODE.UNAUTHENTICATED, "ACCESS_TOKEN_INVALID"),
    ],
)
async def test_without_a_right_credential_nobody_learns_of_sources(
    door: Door, shown: dict[str, str], code: object, reason: str
) -> None:
    source = await made(door)

    for ulid in (ulid_of(source), NOBODY, "nonsense"):
        assert (await post(door, ulid, **shown)).code is code
        assert door.failure.code == reason
    assert await door.rows(EVENT) == []


async def test_a_key_opens_its_own_source_only(door: Door) -> None:
    mine, other = await made(door), await made(door)

    refused = await post(door, ulid_of(other), token=mine.integration_key)
    assert refused.code is CODE.UNAUTHENTICATED
    assert door.failure.code == "ACCESS_TOKEN_INVALID"

    request = source_pb.DeleteAlertSourceRequest(id=other.id)
    assert (await door.source("DeleteAlertSource", request)).code is CODE.OK
    for ulid in (ulid_of(other), NOBODY, "nonsense", ulids.ulid(ulids.ALERT, mine.id)):
        absent = await post(door, ulid, token=mine.integration_key)
        assert absent.code is CODE.NOT_FOUND
        assert mine.integration_key not in absent.details
    assert await door.rows(EVENT) == []


async def test_a_key_is_required_unless_the_source_says_otherwise(door: Door) -> None:
    strict, lenient = await made(door), await made(door, deduplication_key_required=False)

    refused = await post(
        door, ulid_of(strict), token=strict.integration_key, deduplication_key=None
    )
    assert refused.code is CODE.INVALID_ARGUMENT
    assert (door.failure.field, door.failure.http_status) == ("deduplication_key", 422)

    keys = [
        (
            await post(
                door, ulid_of(lenient), token=lenient.integration_key, deduplication_key=None
            )
        ).reply.deduplication_key
        for _ in range(2)
    ]
    assert all(keys)
    assert keys[0] != keys[1]


async def test_what_is_asked_of_keys_can_be_changed(door: Door) -> None:
    source = await made(door)
    wanted = AlertSource()
    wanted.CopyFrom(SOURCE_MESSAGE)
    wanted.integration_type = "INCIDENT_IO_HTTP"
    wanted.deduplication_key_required = False
    assert source.deduplication_key_required

    request = source_pb.UpdateAlertSourceRequest(id=source.id, alert_source=wanted)
    changed = (await door.source("UpdateAlertSource", request)).reply

    assert changed.HasField("deduplication_key_required")
    assert not changed.deduplication_key_required
    assert changed.integration_url == source.integration_url


@pytest.mark.parametrize(
    ("type_", "path"),
    [
        ("API", "/api/events"),
        ("PROMETHEUS", "/api/events"),
        ("INCIDENT_IO_HTTP", f"/v2/alert_events/http/{ulids.ulid(ulids.SOURCE, 2)}"),
        ("TTYOPS", "/api/v1/alert"),
        ("PAGERDUTY", "/v2/enqueue"),
        ("OPSGENIE", "/opsgenie"),
    ],
)
async def test_a_source_says_where_its_tool_posts(door: Door, type_: str, path: str) -> None:
    source = (await door.create(integration_type=type_)).reply

    assert source.id == 2
    assert source.integration_url == f"{URL}{path}"
    assert source.HasField("deduplication_key_required") == (type_ == "INCIDENT_IO_HTTP")
