"""PagerDuty's Events API v2, as the vendor documents it, through the edge."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.parts.sources import Source
from tests.parts.suite import Suite

TRIGGER: dict[str, Any] = {
    "event_action": "trigger",
    "dedup_key": "samplekeyhere",
    "client": "Sample Monitoring Service",
    "client_url": "https://monitoring.service.com",
    "payload": {
        "summary": "Example alert on host1.example.com",
        "timestamp": "2015-07-17T08:42:58.315+0000",
        "source": "monitoringtool:cloudvendor:central-region-dc-01:852559987:cluster/api-stats",
        "severity": "info",
        "component": "postgres",
        "group": "prod-datapipe",
        "class": "deploy",
        "custom_details": {"ping time": "1500ms", "load avg": 0.75},
    },
    "links": [{"href": "https://example.com/", "text": "Link text"}],
    "images": [
        {"src": "https://chart.example.com/7.png", "href": "https://example.com/", "alt": "Example"}
    ],
}
STRANGER = "il1" + "s" * 40


@pytest.fixture(scope="module")
def client(suite: Suite) -> Iterator[httpx.Client]:
    with suite.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def source(suite: Suite, client: httpx.Client) -> Source:
    return Source(suite, client, integrationType="PAGERDUTY")


def enqueue(suite: Suite, source: Source, **fields: Any) -> httpx.Response:
    body = {"routing_key": source.key, **TRIGGER, **fields}
    return httpx.post(f"{suite.url}/v2/enqueue", json=body, trust_env=False)


def test_an_incident_from_trigger_to_resolve(
    suite: Suite, client: httpx.Client, source: Source
) -> None:
    triggered = enqueue(suite, source)

    assert triggered.status_code == 202
    assert triggered.headers["content-type"] == "application/json"
    assert triggered.json() == {
        "status": "success",
        "message": "Event processed",
        "dedup_key": "samplekeyhere",
    }
    raised = source.alert(status="PENDING")
    assert raised["summary"] == "Example alert on host1.example.com"
    assert (raised["priority"], raised["severity"]) == ("HIGH", 4)
    assert raised["customDetails"]["custom_details"] == {"ping time": "1500ms", "load avg": 0.75}
    hrefs = [link["href"] for link in raised["links"]]
    assert hrefs == ["https://example.com/", "https://monitoring.service.com"]
    assert raised["images"][0]["alt"] == "Example"

    for action, status in (("acknowledge", "ACCEPTED"), ("resolve", "RESOLVED")):
        body = {"routing_key": source.key, "event_action": action, "dedup_key": "SampleKeyHere"}
        answer = client.post("/v2/enqueue", json=body)
        assert answer.status_code == 202
        assert source.alert(status=status)["id"] == raised["id"]


def test_a_repeat_is_appended_to_the_open_alert(suite: Suite, client: httpx.Client) -> None:
    source = Source(suite, client, integrationType="PAGERDUTY", alertPriorityRule="LOW")
    quiet = {"summary": "first", "source": "s", "severity": "warning"}
    assert enqueue(suite, source, payload=quiet).status_code == 202
    raised = source.alert(priority="LOW")

    loud = {"summary": "second", "source": "s", "severity": "critical"}
    assert enqueue(suite, source, payload=loud).status_code == 202

    grown = source.alert(priority="HIGH")
    assert (grown["id"], grown["summary"]) == (raised["id"], "first")
    assert len(source.alerts()) == 1


def test_a_trigger_without_a_key_is_an_alert_of_its_own(suite: Suite, client: httpx.Client) -> None:
    source = Source(suite, client, integrationType="PAGERDUTY")

    answers = [enqueue(suite, source, dedup_key=None) for _ in range(2)]

    keys = [answer.json()["dedup_key"] for answer in answers]
    assert len(set(keys)) == 2
    resolve = {"event_action": "resolve", "dedup_key": keys[1]}
    assert enqueue(suite, source, **resolve).status_code == 202
    source.alert(status="RESOLVED")
    assert sorted(alert["status"] for alert in source.alerts()) == ["PENDING", "RESOLVED"]


def test_a_change_raises_nothing(suite: Suite, client: httpx.Client) -> None:
    source = Source(suite, client, integrationType="PAGERDUTY")
    body = {"routing_key": source.key, "payload": {"summary": "Build Success"}}

    answer = client.post("/v2/change/enqueue", json=body)

    assert answer.status_code == 202
    assert answer.json() == {"status": "success", "message": "Change event processed"}
    assert enqueue(suite, source).status_code == 202
    source.alert(summary=TRIGGER["payload"]["summary"])
    assert len(source.alerts()) == 1


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"routing_key": STRANGER}, "routing key"),
        ({"routing_key": None}, "'routing_key'"),
        ({"event_action": "snooze"}, "'event_action'"),
        ({"event_action": "resolve", "dedup_key": ""}, "'dedup_key'"),
        ({"payload": {"severity": "error"}}, "'payload.summary'"),
    ],
)
def test_an_invalid_event(suite: Suite, source: Source, fields: dict[str, Any], word: str) -> None:
    answer = enqueue(suite, source, **fields)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body.keys() == {"status", "message", "errors"}
    assert (body["status"], body["message"]) == ("invalid event", "Event object is invalid")
    assert len(body["errors"]) == 1
    assert word in body["errors"][0]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"routing_key":NaN}', b"\xff"])
def test_what_is_no_json(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/v2/enqueue", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["status"] == "invalid event"


def test_what_is_no_json_by_its_type_or_too_large(client: httpx.Client) -> None:
    form = client.post("/v2/enqueue", data={"routing_key": "k"})
    large = client.post(
        "/v2/enqueue",
        content=json.dumps({"payload": "x" * 600_000}),
        headers={"content-type": "application/json"},
    )

    assert (form.status_code, large.status_code) == (415, 413)
    for answer in (form, large):
        assert answer.json().keys() == {"status", "message", "errors"}
