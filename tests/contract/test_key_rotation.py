"""A source's new integration key, and how long the old one works."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import grpc
import pytest

from services.ingest.domain.sources import SUITE_SOURCE_ID
from tests.contract.blocking import Answer
from tests.contract.ingest_house import Door, open_door
from tocsin.ingest.v1 import alert_source_service_pb2 as pb

CODE = grpc.StatusCode


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as door:
        yield door


async def rotate(door: Door, source_id: int, overlap: int | None = None) -> Answer:
    rotation = pb.RotateIntegrationKeyRequest.Rotation(overlap_seconds=overlap)
    request = pb.RotateIntegrationKeyRequest(id=source_id, rotation=rotation)
    return await door.source("RotateIntegrationKey", request)


async def opens(door: Door, key: str) -> bool:
    body = f'{{"apiKey": "{key}", "eventType": "ALERT", "summary": "x"}}'
    return (await door.post(body.encode())).code is CODE.OK


async def test_the_old_key_works_for_the_overlap(door: Door) -> None:
    made = (await door.create()).reply

    rotated = (await rotate(door, made.id, 60)).reply

    assert rotated.integration_key != made.integration_key
    keys = (made.integration_key, rotated.integration_key)
    assert [await opens(door, key) for key in keys] == [True, True]
    door.clock.turn(timedelta(minutes=2))
    door.forget()
    assert [await opens(door, key) for key in keys] == [False, True]


async def test_only_the_last_of_the_former_keys_works_on(door: Door) -> None:
    made = (await door.create()).reply
    second = (await rotate(door, made.id)).reply
    third = (await rotate(door, made.id)).reply
    told = [await opens(door, each.integration_key) for each in (made, second, third)]
    assert told == [False, True, True]


async def test_what_cannot_be_rotated(door: Door) -> None:
    made = (await door.create()).reply
    for overlap in (-1, 604_801):
        assert (await rotate(door, made.id, overlap)).code is CODE.INVALID_ARGUMENT
    assert (await rotate(door, 99)).code is CODE.NOT_FOUND
    assert (await rotate(door, SUITE_SOURCE_ID)).code is CODE.FAILED_PRECONDITION
