"""Alertmanager's webhook as ilert takes it: an event for each alert."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.errors import InvalidRequest, TooLarge
from services.ingest.dialects import alertmanager
from services.ingest.domain.events import Event, EventType, Link
from tests.parts.anything import ANYTHING
from tests.parts.careless import assert_listed, careless

JSON = "application/json"
ADDRESS = "http://prometheus:9090/graph?g0.expr=up"
RUNBOOK = "https://wiki.example.com/disk"
ALERT = {
    "status": "firing",
    "labels": {
        "alertname": "DiskFull",
        "severity": "Critical",
        "instance": "web-1",
        "ilert_routingkey": "sre, night",
    },
    "annotations": {
        "summary": "disk full",
        "description": "no space on /var",
        "runbook_url": RUNBOOK,
    },
    "startsAt": "2026-03-01T21:24:56.771Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": ADDRESS,
    "fingerprint": "e25963d69425c836",
}


def read(*alerts: Any, **group: Any) -> alertmanager.Reading:
    body = {"version": "4", "status": "firing", "receiver": "tocsin", "alerts": alerts, **group}
    return alertmanager.read(json.dumps(body).encode(), JSON)


def one(**fields: Any) -> Event:
    ((event, _),) = read({**ALERT, **fields}).events
    return event


def test_a_whole_alert() -> None:
    found = one()

    details = json.loads(found.custom_details)
    assert found == Event(
        type=EventType.ALERT,
        summary="disk full",
        details="no space on /var",
        alert_key="e25963d69425c836",
        severity=1,
        links=(Link(href=ADDRESS, text="Source"), Link(href=RUNBOOK, text="Runbook")),
        labels=ALERT["labels"],  # type: ignore[arg-type] # JSON has no types
        custom_details=found.custom_details,
        routing_keys=("sre", "night"),
    )
    assert details["labels"]["instance"] == "web-1"
    assert details["receiver"] == "tocsin"


def test_each_alert_of_a_group_is_an_event_with_its_own_part_of_the_body() -> None:
    resolved = {**ALERT, "status": "resolved", "fingerprint": "b"}

    reading = read(ALERT, resolved, {"labels": {"alertname": "NoStatus"}})

    types = [event.type for event, _ in reading.events]
    assert types == [EventType.ALERT, EventType.RESOLVE, EventType.ALERT]
    assert [json.loads(part) for _, part in reading.events][:2] == [ALERT, resolved]
    assert reading.refused == 0


@pytest.mark.parametrize("bad", [5, None, "text", [], {"status": "unknown"}])
def test_a_bad_alert_does_not_cost_the_others(bad: Any) -> None:
    reading = read(bad, ALERT)

    assert (len(reading.events), reading.refused) == (1, 1)


def test_an_alert_that_is_nested_too_deep_does_not_cost_the_others() -> None:
    deep: Any = "x"
    for _ in range(50):
        deep = [deep]

    reading = read(
        {**ALERT, "fingerprint": "b", "annotations": {"summary": "deep", "x": deep}}, ALERT
    )

    assert [event.alert_key for event, _ in reading.events] == ["b", ALERT["fingerprint"]]
    assert reading.refused == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"alerts":null}',
        b'{"alerts":{"a":1}}',
        b'{"alerts":[5]}',
        b'{"alerts":[{}]}',
    ],
)
def test_what_has_no_alerts_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        alertmanager.read(body, JSON)


def test_a_group_without_alerts_is_none() -> None:
    assert read() == alertmanager.Reading([], 0)


def test_a_body_may_not_be_too_large() -> None:
    many = json.dumps({"status": "firing", "alerts": [{}] * 2001}).encode()
    for body in (b" " * (512 * 1024 + 1), many):
        with pytest.raises(TooLarge):
            alertmanager.read(body, JSON)


@pytest.mark.parametrize(
    ("annotations", "labels", "summary"),
    [
        ({"summary": "s", "title": "t"}, {"alertname": "a"}, "s"),
        ({"title": "t", "description": "d"}, {"alertname": "a"}, "t"),
        ({"message": "m"}, {"alertname": "a"}, "m"),
        ({"description": "d"}, {"alertname": "a"}, "d"),
        ({"summary": " "}, {"alertname": "a"}, "a"),
        ({}, {"job": "j", "instance": "i"}, "job=j, instance=i"),
        ({}, {}, "Alert without a name"),
        (None, None, "Alert without a name"),
        ("text", ["list"], "Alert without a name"),
    ],
)
def test_summaries(annotations: Any, labels: Any, summary: str) -> None:
    assert one(annotations=annotations, labels=labels).summary == summary


def test_an_alert_without_a_fingerprint_is_known_by_its_labels() -> None:
    one_way = one(fingerprint=None, labels={"a": "1", "b": "2"}).alert_key
    other_way = one(fingerprint="", labels={"b": "2", "a": "1"}).alert_key

    assert one_way == other_way
    assert one(fingerprint=None, labels={"a": "1"}).alert_key != one_way


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*ALERT, "alerts"]), ANYTHING))
def test_wrong_types_in_an_alert_cost_no_other(fields: dict[str, Any]) -> None:
    for alert in (fields, {**fields, "status": "firing"}):
        reading = read(alert, ALERT)
        assert all(event.summary and event.alert_key for event, _ in reading.events)
        assert reading.events[-1][0] == one()


def test_repairs_of_the_whole_body_are_listed_with_each_event() -> None:
    alerts = [ALERT, {**ALERT, "generatorURL": "javascript:alert(1)"}]

    reading = alertmanager.read(careless(json.dumps(alerts)), JSON)

    first, second = (event.repairs for event, _ in reading.events)
    assert_listed(first)
    assert second == (second[0], *first)
    assert second[0].startswith("generatorURL: ")
