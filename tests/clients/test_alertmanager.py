"""Debian's Alertmanager, with all the receivers that have a door here."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.parts.alertmanager import Alertmanager, alertmanager
from tests.parts.sources import Source
from tests.parts.suite import Suite
from tests.parts.waiting import until

SERVICE = "checkout"
#: Receivers that tell of a group as one alert.
GROUPED = ("PAGERDUTY", "OPSGENIE")
SECONDS = 30


@pytest.fixture(scope="module")
def client(suite: Suite) -> Iterator[httpx.Client]:
    with suite.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def sources(suite: Suite, client: httpx.Client) -> dict[str, Source]:
    types = ("TTYOPS", *GROUPED, "PROMETHEUS")
    names = {"TTYOPS": {"name": SERVICE}}
    return {
        type_: Source(suite, client, integrationType=type_, **names.get(type_, {}))
        for type_ in types
    }


@pytest.fixture(scope="module")
def manager(
    suite: Suite,
    client: httpx.Client,
    sources: dict[str, Source],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Alertmanager]:
    scopes = ["ingest", "alerts:read", "alerts:write"]
    token = client.post("/api/tokens", json={"name": "alertmanager", "scopes": scopes}).json()
    folder: Path = tmp_path_factory.mktemp("alertmanager")
    with alertmanager(folder, receiver(suite.url, str(token["token"]), sources)) as running:
        yield running


def receiver(url: str, token: str, sources: dict[str, Source]) -> dict[str, Any]:
    """Returns one receiver that tells all the doors, as their vendors' guides have it."""
    prometheus = sources["PROMETHEUS"].key
    bearer = {"authorization": {"credentials": token}}
    return {
        "webhook_configs": [
            {
                "url": f"{url}/api/v1/alert",
                "http_config": bearer,
            },
            {"url": f"{url}/api/v1/events/prometheus/{prometheus}"},
        ],
        "pagerduty_configs": [
            {
                "routing_key": sources["PAGERDUTY"].key,
                "url": f"{url}/v2/enqueue",
                "severity": "{{ .CommonLabels.severity }}",
                "links": [{"href": "https://wiki.example.com/disk", "text": "runbook"}],
            }
        ],
        "opsgenie_configs": [
            {
                "api_key": sources["OPSGENIE"].key,
                "api_url": f"{url}/opsgenie",
                "priority": "P2",
                "tags": "disk,{{ .CommonLabels.severity }}",
                "responders": [{"type": "team", "name": "SRE"}],
                "update_alerts": True,
            }
        ],
    }


@pytest.mark.parametrize("type_", ["TTYOPS", "PROMETHEUS", *GROUPED])
def test_what_fires_and_is_over_is_raised_and_resolved(
    manager: Alertmanager, sources: dict[str, Source], type_: str
) -> None:
    source = sources[type_]
    name = f"DiskFullFor{type_.title()}"
    labels = {"alertname": name, "service": SERVICE, "severity": "critical"}
    first, second = ({**labels, "instance": instance} for instance in ("web-1", "web-2"))
    count = 1 if type_ in GROUPED else 2

    def statuses() -> list[str]:
        return [alert["status"] for alert in source.alerts() if name in alert["summary"]]

    manager.fire(first, title=f"{name} on web-1", summary=f"{name} on web-1")
    until(lambda: statuses() == ["PENDING"], within=SECONDS)
    manager.fire(second, title=f"{name} on web-2", summary=f"{name} on web-2")
    until(lambda: repeated(source, name, count), within=SECONDS)
    assert statuses() == ["PENDING"] * count

    manager.resolve(first, second)
    until(lambda: statuses() == ["RESOLVED"] * count, within=SECONDS)


def repeated(source: Source, name: str, count: int) -> bool:
    """Tells whether the second alert of a group has come, as an alert or as a repeat."""
    found = [alert for alert in source.alerts() if name in alert["summary"]]
    return len(found) == count and (count > 1 or found[0]["eventCount"] > 1)
