"""ilert's older paths and that of Prometheus, through the edge."""

from typing import Any

import httpx
import pytest

from tests.parts.sources import Source
from tests.parts.suite import Suite
from tests.parts.waiting import until


@pytest.mark.parametrize("name", ["incidentKey", "alertKey"])
def test_an_alert_over_the_older_path(suite: Suite, client: httpx.Client, name: str) -> None:
    source = Source(suite, client)
    for type_, status in (("ALERT", "PENDING"), ("ACCEPT", "ACCEPTED"), ("RESOLVE", "RESOLVED")):
        body = {"apiKey": source.key, "eventType": type_, "summary": "disk full", name: "K-7"}
        answer = httpx.post(f"{suite.url}/api/v1/events", json=body, trust_env=False)

        assert answer.status_code == 200
        told = answer.json()
        assert (told["incidentKey"], told["alertKey"]) == ("K-7", "K-7")
        assert told["incidentUrl"] == told["alertUrl"]
        assert told["responseCode"] == "ACCEPTED"
        assert source.alert(status=status)["alertKey"] == "K-7"


def test_faults_are_told_as_everywhere_in_this_dialect(client: httpx.Client) -> None:
    answer = client.post("/api/v1/events", json={"apiKey": "nobody's", "eventType": "RESOLVE"})

    assert answer.status_code == 404
    assert answer.json().keys() == {"status", "message", "code"}


def prometheus(status: str, fingerprint: str) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": "DiskFull", "severity": "warning"},
        "annotations": {"summary": f"disk {fingerprint} is full"},
        "startsAt": "2026-03-01T21:24:56.771Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus:9090/graph",
        "fingerprint": fingerprint,
    }


def test_a_group_of_prometheus_and_its_key_reaches_no_log(
    suite: Suite, client: httpx.Client
) -> None:
    source = Source(suite, client, integrationType="PROMETHEUS")
    path = f"/api/v1/events/prometheus/{source.key}"

    for status in ("firing", "resolved"):
        told = [prometheus(status, "a"), prometheus("firing", "b")]
        group = {"version": "4", "status": status, "alerts": told}
        answer = httpx.post(f"{suite.url}{path}", json=group, trust_env=False)
        assert answer.status_code == 202
        assert answer.json() == {"accepted": 2, "refused": 0}
        until(lambda: len(source.alerts()) == 2, within=20)

    def statuses() -> dict[str, str]:
        return {alert["summary"]: alert["status"] for alert in source.alerts()}

    until(lambda: statuses()["disk a is full"] == "RESOLVED", within=20)
    assert statuses()["disk b is full"] == "PENDING"
    until(lambda: logged(suite, "PostPrometheusAlerts"), within=10)
    assert not logged(suite, source.key)
    refused = httpx.post(f"{suite.url}{path}x", json=group, trust_env=False)
    assert refused.status_code == 404
    assert source.key not in refused.text
    assert not logged(suite, source.key)


def logged(suite: Suite, word: str) -> bool:
    """Tells whether a word is anywhere in what the suite says or logs."""
    texts = [content.decode(errors="replace") for _, content in suite.contents("*.log*")]
    assert texts
    return any(word in text for text in (*texts, *suite.lines))
