"""What ingest answers to several events at once, and to repeats."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.api import httpbody_pb2
from sqlalchemy import Connection

from services.chassis.errors import InvalidRequest
from services.ingest import idempotency
from services.ingest.servicer import events as servicer
from services.ingest.store.tables import EVENT, EVENT_NAME
from tests.contract.ingest_house import (
    CODE,
    Door,
    body,
    open_door,
    post_all,
    refusals,
    said,
)
from tocsin.ingest.v1 import event_pb2
from tocsin.ingest.v1 import event_service_pb2 as pb
from tocsin.ingest.v1.ingest_events_pb2 import EventsAccepted


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as door:
        yield door


class Named:
    """Stands for the context of a call that has the header."""

    def __init__(self, key: str) -> None:
        self._key = key

    def invocation_metadata(self) -> list[tuple[str, str]]:
        return [("accept", "*/*"), ("idempotency-key", self._key)]


async def post_named(door: Door, data: bytes, name: str) -> event_pb2.EventReceipt:
    raw = httpbody_pb2.HttpBody(data=data, content_type="application/json")
    context: Any = Named(name)
    return await door.events.PostEvent(pb.PostEventRequest(body=raw), context)


def event(key: str, **fields: Any) -> event_pb2.Event:
    told = {"event_type": event_pb2.Event.ALERT, "summary": "disk full", **fields}
    return event_pb2.Event(api_key=key, **told)


async def test_a_bad_event_refuses_only_itself(door: Door) -> None:
    first, second = await door.key(), await door.key(name="Other")
    bad = [
        {"apiKey": "no", "eventType": "ALERT", "summary": "s"},
        {"apiKey": first, "eventType": "ALARM"},
        {"eventType": "RESOLVE"},
        5,
    ]

    answer = await post_all(door, [said(first, alertKey="a"), *bad, said(second)])

    assert answer.code is CODE.OK
    assert refusals(answer) == [
        (404, "NOT_FOUND", "apiKey"),
        (400, "INVALID_REQUEST", "eventType"),
        (400, "INVALID_REQUEST", "apiKey"),
        (400, "NOT_JSON", ""),
    ]
    receipts = [one.receipt for one in answer.reply.results if one.HasField("receipt")]
    rows = await door.rows(EVENT)
    assert [row.event_id for row in rows] == [one.event_id for one in receipts]
    assert [row.source_id for row in rows] == [2, 3]
    assert receipts[0].alert_key == "a"
    assert len(await door.published(EventsAccepted)) == 1  # one commit, one message


async def test_each_event_of_a_batch_is_kept_as_it_came_without_its_key(door: Door) -> None:
    key = await door.key()
    one = (
        b'{ "apiKey" : "%b", "eventType":"ALERT",\n "summary":"\\u0061]}" ,"x":1e999}'
        % key.encode()
    )

    answer = await post_all(door, b'{"version": 1, "events" : [' + one + b" ] }")

    assert answer.code is CODE.OK
    (row,) = await door.rows(EVENT)
    assert row.raw == one.replace(key.encode(), b"*" * len(key))
    assert row.repairs != "[]"


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (b"", None),
        (b"[", None),
        (b"[1,]", None),
        (b"[] []", None),
        (b'"events"', None),
        (b"\xff", None),
        (b"{}", "events"),
        (b'{"events": {}}', "events"),
        (b"[" + b"1," * 1000 + b"1]", "events"),
    ],
)
async def test_what_is_no_batch_is_refused_whole(
    door: Door, document: bytes, field: str | None
) -> None:
    answer = await post_all(door, document)

    assert answer.code is CODE.INVALID_ARGUMENT
    assert door.failure.field == field


async def test_an_empty_batch_has_no_results(door: Door) -> None:
    documents: list[object] = [[], {"events": []}]
    for document in documents:
        answer = await post_all(door, document)
        assert (answer.code, len(answer.reply.results)) == (CODE.OK, 0)


async def test_the_native_batch_has_the_same_rules(door: Door) -> None:
    key = await door.key()
    request = pb.SubmitEventsRequest()
    request.events.add(event=event(key))
    request.events.add(event=event(key, summary=""))
    request.events.add(event=event(key), event_id="ü")

    answer = await door.event("SubmitEvents", request)

    assert refusals(answer) == [
        (400, "INVALID_REQUEST", "summary"),
        (400, "INVALID_REQUEST", "eventId"),
    ]
    assert len(await door.rows(EVENT)) == 1
    many = pb.SubmitEventsRequest(events=[pb.SubmitEventRequest()] * 1001)
    assert (await door.event("SubmitEvents", many)).code is CODE.INVALID_ARGUMENT


async def stream(door: Door, *messages: pb.StreamEventsRequest) -> pb.StreamEventsResponse:
    async def requests() -> AsyncIterator[pb.StreamEventsRequest]:
        for message in messages:
            yield message

    context: Any = None
    return await door.events.StreamEvents(requests(), context)


async def test_a_stream_is_answered_at_its_end_in_its_order(door: Door) -> None:
    key = await door.key()
    keys = [str(n) for n in range(200)]
    messages = [
        pb.StreamEventsRequest(events=[pb.SubmitEventRequest(event=event(key, alert_key=one))])
        for one in keys
    ]
    messages[7].events[0].event.api_key = "no"

    reply = await stream(door, *messages)

    told = [one.receipt.alert_key or one.refusal.status for one in reply.results]
    assert told == [*keys[:7], 404, *keys[8:]]
    assert [row.match_key for row in await door.rows(EVENT)] == [*keys[:7], *keys[8:]]


async def test_a_stream_that_has_enough_is_answered_at_once(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servicer, "MOST_IN_A_STREAM", 5)
    key = await door.key()
    message = pb.StreamEventsRequest(events=[pb.SubmitEventRequest(event=event(key))] * 3)

    reply = await stream(door, message, message, message)

    assert len(reply.results) == 5
    assert len(await door.rows(EVENT)) == 5


async def test_a_repeat_under_the_same_name_is_answered_as_the_first_time(door: Door) -> None:
    key = await door.key()

    first = await post_named(door, body(key, alertKey="a"), "one")
    again = await post_named(door, body(key, alertKey="a"), "one")
    other = await post_named(door, body(key, alertKey="a"), "two")

    assert again == first
    assert other.event_id != first.event_id
    assert len(await door.rows(EVENT)) == 2
    with pytest.raises(InvalidRequest) as refused:
        await post_named(door, body(key, alertKey="b"), "one")
    assert (refused.value.code, refused.value.http_status) == ("IDEMPOTENCY_KEY_REUSED", 422)
    elsewhere = await door.key(name="Other")  # whose names are its own
    assert (await post_named(door, body(elsewhere), "one")).event_id != first.event_id


@pytest.mark.parametrize("name", ["n" * 256, "ü", "a\tb"])
async def test_a_name_is_visible_ascii(door: Door, name: str) -> None:
    key = await door.key()
    with pytest.raises(InvalidRequest, match="Idempotency-Key"):
        await post_named(door, body(key), name)


async def test_a_batch_may_name_its_events(door: Door) -> None:
    key = await door.key()
    request = pb.SubmitEventsRequest()
    for summary, name in (("a", "x"), ("a", "x"), ("b", "x"), ("a", "y"), ("a", "")):
        request.events.add(event=event(key, summary=summary), event_id=name)

    answer = await door.event("SubmitEvents", request)
    again = await door.event("SubmitEvents", request)

    ids = [one.receipt.event_id for one in answer.reply.results]
    assert ids[0] == ids[1]
    assert refusals(answer) == [(422, "IDEMPOTENCY_KEY_REUSED", "")]
    assert list(again.reply.results)[:4] == list(answer.reply.results)[:4]
    assert len(await door.rows(EVENT)) == 4  # x, y, and the nameless one twice


async def test_labels_in_another_order_are_the_same_event(door: Door) -> None:
    key, names = await door.key(), [f"label {n}" for n in range(20)]
    ids = set()
    for labels in (names, names[::-1]):
        request = pb.SubmitEventsRequest()
        told = event(key)
        for label in labels:
            told.labels[label] = "x"
        request.events.add(event=told, event_id="one")
        answer = await door.event("SubmitEvents", request)
        ids.add(answer.reply.results[0].receipt.event_id)

    assert len(ids - {""}) == 1
    assert refusals(answer) == []


async def test_a_batch_that_is_sent_again_under_its_name_is_kept_once(door: Door) -> None:
    key = await door.key()
    data = b"[%b,%b]" % (body(key, summary="a"), body(key, summary="b"))
    raw = httpbody_pb2.HttpBody(data=data)
    context: Any = Named("batch")

    replies = [
        await door.events.PostEvents(pb.PostEventsRequest(body=raw), context) for _ in range(2)
    ]

    assert replies[0] == replies[1]
    assert len(await door.rows(EVENT)) == 2


async def test_a_name_is_kept_for_a_day(door: Door) -> None:
    key = await door.key()
    first = await post_named(door, body(key), "one")
    door.clock.turn(timedelta(hours=23))
    assert await post_named(door, body(key), "one") == first

    door.clock.turn(timedelta(hours=2))
    later = await post_named(door, body(key, details="new"), "one")

    assert later.event_id != first.event_id
    assert await post_named(door, body(key, details="new"), "one") == later
    door.clock.turn(timedelta(hours=25))

    def prune(connection: Connection) -> None:
        idempotency.forget_old(connection, door.clock.now(connection), "all")

    await door.db.write(prune)
    assert await door.rows(EVENT_NAME) == []
