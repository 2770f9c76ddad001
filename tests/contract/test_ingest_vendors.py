"""What ingest answers in PagerDuty's, Opsgenie's and ilert's older dialects."""

import json
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, update

from services.ingest import consumer
from services.ingest.store.tables import EVENT
from tests.contract.ingest_house import CODE, URL, Door, open_door
from tests.contract.vendor_doors import VendorDoors
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.ingest.v1.event_pb2 import Event
from tocsin.ingest.v1.ingest_events_pb2 import AcceptedEvent

TRIGGER = {"event_action": "trigger", "payload": {"summary": "disk full", "severity": "error"}}
STRANGER = "il1" + "s" * 40


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as door:
        yield door


@pytest.fixture
async def vendors(door: Door) -> VendorDoors:
    return VendorDoors(door)


def genie(key: str) -> dict[str, str]:
    return {"authorization": f"GenieKey {key}"}


async def test_a_trigger_is_on_disk_and_told_before_it_is_answered(
    door: Door, vendors: VendorDoors
) -> None:
    key = await door.key(integration_type="PAGERDUTY", alert_priority_rule="LOW")
    body = {"routing_key": key, "dedup_key": "Disk-7", **TRIGGER}

    answer = await vendors.post("EnqueuePagerdutyEvent", body)

    assert answer.code is CODE.OK
    assert answer.reply.status == "success"
    assert answer.reply.message == "Event processed"
    assert answer.reply.dedup_key == "Disk-7"
    (row,), (event,) = await vendors.log(), await vendors.told()
    assert (event.type, event.repeat) == (Event.ALERT, AcceptedEvent.APPEND)
    assert (event.alert_key, event.summary, event.severity) == ("Disk-7", "disk full", 2)
    assert event.priority == Event.HIGH
    assert json.loads(row.raw) == {**body, "routing_key": "*" * len(key)}


async def test_a_trigger_without_a_key_is_told_the_one_it_got(
    door: Door, vendors: VendorDoors
) -> None:
    key = await door.key()
    body = {"routing_key": key, **TRIGGER}

    answers = [await vendors.post("EnqueuePagerdutyEvent", body) for _ in range(2)]

    keys = [answer.reply.dedup_key for answer in answers]
    assert len(set(keys)) == 2
    assert [event.alert_key for event in await vendors.told()] == keys


async def test_older_clients_show_the_routing_key_in_a_header(
    door: Door, vendors: VendorDoors
) -> None:
    shown = {"x_routing_key": await door.key()}

    answer = await vendors.post("EnqueuePagerdutyEvent", TRIGGER, shown)

    assert answer.code is CODE.OK


async def test_a_change_is_kept_and_raises_nothing(door: Door, vendors: VendorDoors) -> None:
    body = {"routing_key": await door.key(), "payload": {"summary": "deployed"}}

    answer = await vendors.post("EnqueuePagerdutyChange", body)

    assert answer.code is CODE.OK
    assert answer.reply.message == "Change event processed"
    assert [row.type for row in await vendors.log()] == ["COMMENT"]
    assert [(event.type, event.match_key) for event in await vendors.told()] == [
        (Event.COMMENT, "")
    ]


@pytest.mark.parametrize("method", ["EnqueuePagerdutyEvent", "EnqueuePagerdutyChange"])
async def test_an_unknown_routing_key_is_a_bad_request(vendors: VendorDoors, method: str) -> None:
    answer = await vendors.post(method, {"routing_key": STRANGER, **TRIGGER})

    assert answer.code is CODE.INVALID_ARGUMENT
    assert answer.details == "Invalid routing key"
    assert await vendors.log() == []


async def test_an_alert_is_raised_answered_and_told_of(door: Door, vendors: VendorDoors) -> None:
    shown = genie(await door.key(integration_type="OPSGENIE", alert_priority_rule="LOW"))
    about: Any = {"shown": shown, "identifier": "Disk-7", "identifier_type": "alias"}
    alert = {"message": "disk full", "alias": "Disk-7", "priority": "P2", "note": "look"}

    answers = [
        await vendors.post("CreateOpsgenieAlert", alert, shown),
        await vendors.post("AddOpsgenieNote", {"note": "mine", "user": "Ada"}, **about),
        await vendors.post("UpdateOpsgenieMessage", {"message": "fuller"}, **about),
        await vendors.post("UpdateOpsgenieDescription", {"description": "very"}, **about),
        await vendors.post("AcknowledgeOpsgenieAlert", {}, **about),
        await vendors.post("CloseOpsgenieAlert", b"", **about),
    ]

    assert {answer.code for answer in answers} == {CODE.OK}
    rows, events = await vendors.log(), await vendors.told()
    for answer, row in zip(answers, rows, strict=True):
        assert answer.reply.result == "Request will be processed"
        assert uuid.UUID(answer.reply.request_id).hex == row.event_id
        assert 0 <= answer.reply.took < 10
    assert [event.type for event in events] == [
        Event.ALERT,
        Event.COMMENT,
        Event.COMMENT,
        Event.COMMENT,
        Event.ACCEPT,
        Event.RESOLVE,
    ]
    assert {event.match_key for event in events} == {"disk-7"}
    assert (events[0].priority, events[0].severity) == (Event.HIGH, 2)
    said = [comment.content for event in events for comment in event.comments]
    assert said == ["look", "mine", "Message: fuller", "Description: very"]


@pytest.mark.parametrize(
    "shown", [{}, {"authorization": ""}, {"authorization": "GenieKey"}, genie(STRANGER)]
)
async def test_without_a_right_key_nobody_is_let_in(
    vendors: VendorDoors, shown: dict[str, str]
) -> None:
    for method, body in (
        ("CreateOpsgenieAlert", {"message": "m"}),
        ("CloseOpsgenieAlert", {}),
    ):
        answer = await vendors.post(method, body, shown)
        assert answer.code is CODE.UNAUTHENTICATED
        assert answer.details == "Could not authenticate"
    assert await vendors.log() == []


@pytest.mark.parametrize("scheme", ["GenieKey ", "geniekey  ", "Bearer ", ""])
async def test_a_key_is_known_with_and_without_its_scheme(
    door: Door, vendors: VendorDoors, scheme: str
) -> None:
    shown = {"authorization": f"{scheme}{await door.key()}"}

    assert (await vendors.post("CreateOpsgenieAlert", {"message": "m"}, shown)).code is CODE.OK


async def news(
    door: Door, alert_id: int, source_id: int, key: str, raised: datetime | None = None
) -> None:
    """Lets ingest hear of an alert, by default as if it was raised just now."""
    alert = Alert(id=alert_id, alert_key=key, status=Alert.PENDING)
    alert.alert_source.id = source_id
    changed = AlertChanged(alert=alert, version=1, accept_time=raised or door.clock.wall())
    await door.db.write(consumer.alert, door.clock.wall(), changed)


async def test_an_alert_may_be_named_by_its_id(door: Door, vendors: VendorDoors) -> None:
    shown = genie(await door.key())
    await news(door, 17, 2, "Disk-7")
    await news(door, 18, 3, "another source's")
    await news(door, 19, 2, "")

    for fields in ({}, {"identifier_type": "id"}, {"identifier_type": "tiny"}):
        named = await vendors.post("CloseOpsgenieAlert", {}, shown, identifier="17", **fields)
        assert named.code is CODE.OK
    by_alias = await vendors.post(
        "CloseOpsgenieAlert", {}, shown, identifier="17", identifier_type="alias"
    )
    assert by_alias.code is CODE.OK
    keys = [event.alert_key for event in await vendors.told()]
    assert keys == ["Disk-7", "Disk-7", "Disk-7", "17"]
    for identifier, type_ in (("18", ""), ("19", "id"), ("20", "tiny"), ("Disk-7", "id")):
        answer = await vendors.post(
            "CloseOpsgenieAlert", {}, shown, identifier=identifier, identifier_type=type_
        )
        assert answer.code is CODE.NOT_FOUND
    wrong = await vendors.post(
        "CloseOpsgenieAlert", {}, shown, identifier="17", identifier_type="name"
    )
    assert wrong.code is CODE.INVALID_ARGUMENT


async def test_what_became_of_a_request_is_told_once_it_is_known(
    door: Door, vendors: VendorDoors
) -> None:
    key, other = await door.key(), await door.key()
    posted = await vendors.post(
        "CreateOpsgenieAlert", {"message": "disk full", "alias": "Disk-7"}, genie(key)
    )
    id_ = posted.reply.request_id
    assert (await vendors.status(key, id_)).code is CODE.NOT_FOUND  # nothing came of it yet

    (event,) = await vendors.told()
    await news(door, 17, 2, "Disk-7", event.accept_time.ToDatetime(UTC))
    await news(door, 18, 2, "Disk-7")  # the next of its key, raised by a later event
    await news(door, 19, 2, "Disk-8", event.accept_time.ToDatetime(UTC))

    answer = await vendors.status(key, id_)
    assert answer.code is CODE.OK
    data = answer.reply.data
    assert (data.success, data.is_success, data.action) == (True, True, "Create")
    assert (data.alert_id, data.alias, data.integration_id) == ("17", "Disk-7", "2")
    assert data.status == "Created alert"
    assert data.HasField("processed_at")
    assert answer.reply.request_id == id_
    assert (await vendors.status(key, id_.replace("-", "").upper())).code is CODE.OK
    assert (await vendors.status(other, id_)).code is CODE.NOT_FOUND
    assert (await vendors.status(key, "nonsense")).code is CODE.NOT_FOUND
    assert (await vendors.status(STRANGER, id_)).code is CODE.UNAUTHENTICATED


async def test_what_nothing_was_heard_of_is_told_as_far_as_it_is_known(
    door: Door, vendors: VendorDoors
) -> None:
    key = await door.key()
    created = await vendors.post("CreateOpsgenieAlert", {"message": "m", "alias": "K"}, genie(key))
    closed = await vendors.post(
        "CloseOpsgenieAlert", {}, genie(key), identifier="other", identifier_type="alias"
    )

    def age(connection: Connection) -> None:
        long_ago = door.clock.wall() - timedelta(minutes=1)
        connection.execute(update(EVENT).values(received_at=long_ago))

    await door.db.write(age)

    raised = (await vendors.status(key, created.reply.request_id)).reply.data
    assert (raised.is_success, raised.alert_id, raised.alias) == (True, "", "k")
    ended = (await vendors.status(key, closed.reply.request_id)).reply.data
    assert (ended.is_success, ended.status) == (False, "Alert does not exist")


async def test_events_of_an_inactive_source_are_told_to_be_without_effect(
    door: Door, vendors: VendorDoors
) -> None:
    key = await door.key(active=False)
    posted = await vendors.post("CreateOpsgenieAlert", {"message": "m"}, genie(key))

    data = (await vendors.status(key, posted.reply.request_id)).reply.data

    assert (data.is_success, data.status) == (False, "The integration is not active")


@pytest.mark.parametrize("name", ["incidentKey", "alertKey"])
async def test_older_clients_post_to_the_older_path(
    door: Door, vendors: VendorDoors, name: str
) -> None:
    body = {"apiKey": await door.key(), "eventType": "ALERT", "summary": "s", name: "K-7"}

    reply = (await vendors.post("PostEventV1", body)).reply

    url = f"{URL}/api/alerts?sources=2"
    assert (reply.alert_key, reply.incident_key) == ("K-7", "K-7")
    assert (reply.alert_url, reply.incident_url) == (url, url)
    assert reply.response_code == "ACCEPTED"
    assert [event.alert_key for event in await vendors.told()] == ["K-7"]


async def test_an_answer_without_an_open_alert_is_taken_too(
    door: Door, vendors: VendorDoors
) -> None:
    body = {"apiKey": await door.key(), "eventType": "RESOLVE"}

    answer = await vendors.post("PostEventV1", body)

    assert answer.code is CODE.OK
    assert not answer.reply.HasField("incident_key")


def alert(status: str, fingerprint: str, **labels: str) -> dict[str, Any]:
    return {
        "status": status,
        "fingerprint": fingerprint,
        "labels": {"alertname": "DiskFull", **labels},
        "annotations": {"summary": f"disk {fingerprint} full"},
    }


async def test_each_alert_of_prometheus_is_an_event(door: Door, vendors: VendorDoors) -> None:
    key = await door.key(integration_type="PROMETHEUS")
    told = [alert("firing", "a", ilert_routingkey="sre,night"), 5, alert("resolved", "b")]

    answer = await vendors.post("PostPrometheusAlerts", {"alerts": told}, key=key)

    assert (answer.reply.accepted, answer.reply.refused) == (2, 1)
    events = await vendors.told()
    assert [(event.type, event.alert_key) for event in events] == [
        (Event.ALERT, "a"),
        (Event.RESOLVE, "b"),
    ]
    assert list(events[0].routing_keys) == ["sre", "night"]
    assert [json.loads(row.raw) for row in await vendors.log()] == [told[0], told[2]]


async def test_prometheus_needs_a_key_that_is_known(vendors: VendorDoors) -> None:
    answer = await vendors.post("PostPrometheusAlerts", {"alerts": []}, key=STRANGER)

    assert answer.code is CODE.NOT_FOUND
    assert STRANGER not in answer.details
