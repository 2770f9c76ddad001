"""Opsgenie's alert API, as the vendor documents it, through the edge."""

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.parts.sources import Source
from tests.parts.suite import Suite
from tests.parts.waiting import until

ALERT: dict[str, Any] = {
    "message": "An example alert message",
    "alias": "Life is too short for no alias",
    "description": "Every alert needs a description",
    "responders": [
        {"id": "4513b7ea-3b91-438f-b7e4-e3e54af9147c", "type": "team"},
        {"name": "NOC", "type": "team"},
        {"username": "trinity@example.com", "type": "user"},
    ],
    "visibleTo": [{"name": "rocket_team", "type": "team"}],
    "actions": ["Restart", "AnExampleAction"],
    "tags": ["OverwriteQuietHours", "Critical"],
    "details": {"key1": "value1", "key2": "value2"},
    "entity": "An example entity",
    "priority": "P1",
}
STRANGER = "il1" + "s" * 40


@pytest.fixture
def source(suite: Suite, client: httpx.Client) -> Source:
    return Source(suite, client, integrationType="OPSGENIE")


class Genie:
    """The API as a client of the vendor sees it."""

    def __init__(self, suite: Suite, key: str) -> None:
        shown = {"Authorization": f"GenieKey {key}"}
        url = f"{suite.url}/opsgenie"
        self.http = httpx.Client(base_url=url, headers=shown, trust_env=False, timeout=10)

    def alerts(self, path: str = "", body: Any = None, **options: Any) -> httpx.Response:
        """Posts about alerts."""
        return self.http.post(f"/v2/alerts{path}", json=body, **options)

    def accepted(self, path: str = "", body: Any = None, **options: Any) -> str:
        """Posts about alerts and returns the request's id."""
        answer = self.alerts(path, body, **options)
        assert answer.status_code == 202, answer.text
        told: dict[str, Any] = answer.json()
        assert told.keys() == {"result", "took", "requestId"}
        assert told["result"] == "Request will be processed"
        assert isinstance(told["took"], int | float)
        return str(uuid.UUID(told["requestId"]))

    def became(self, request_id: str) -> dict[str, Any]:
        """Returns what became of a request, once that is known."""
        path = f"/v2/alerts/requests/{request_id}"
        until(lambda: self.http.get(path).status_code == 200, within=20)
        answer: dict[str, Any] = self.http.get(path).json()
        assert answer.keys() == {"data", "took", "requestId"}
        assert answer["requestId"] == request_id
        found: dict[str, Any] = answer["data"]
        return found


@pytest.fixture
def genie(suite: Suite, source: Source) -> Iterator[Genie]:
    opened = Genie(suite, source.key)
    with opened.http:
        yield opened


def test_an_alert_from_creation_to_close(genie: Genie, source: Source) -> None:
    request_id = genie.accepted(body={**ALERT, "note": "look here", "user": "Ada"})

    raised = source.alert(status="PENDING")
    assert raised["summary"] == ALERT["message"]
    assert raised["details"] == ALERT["description"]
    assert (raised["priority"], raised["severity"]) == ("HIGH", 1)
    assert raised["labels"] == ALERT["details"]
    assert raised["customDetails"]["tags"] == ALERT["tags"]
    data = genie.became(request_id)
    assert (data["action"], data["status"]) == ("Create", "Created alert")
    assert (data["success"], data["isSuccess"]) == (True, True)
    assert (data["alertId"], data["alias"]) == (str(raised["id"]), ALERT["alias"])
    assert data["integrationId"] == str(source.id)
    assert data["processedAt"].endswith("Z")

    alias = {"identifierType": "alias"}
    path = f"/{ALERT['alias']}".replace(" ", "%20")
    genie.accepted(f"{path}/acknowledge", {"user": "Monitoring Script"}, params=alias)
    assert source.alert(status="ACCEPTED")["id"] == raised["id"]
    closed = genie.accepted(f"{path}/close", {"note": "over"}, params=alias)
    assert source.alert(status="RESOLVED")["id"] == raised["id"]
    assert genie.became(closed)["action"] == "Close"


def test_an_alert_by_its_id(genie: Genie, source: Source) -> None:
    data = genie.became(genie.accepted(body={"message": "no alias"}))
    assert data["alias"]

    for type_ in ("", "?identifierType=id", "?identifierType=tiny"):
        genie.accepted(f"/{data['alertId']}/notes{type_}", {"note": f"note {type_}"})
    genie.accepted(f"/{data['alertId']}/close")

    assert source.alert(status="RESOLVED")["id"] == int(data["alertId"])
    unknown = genie.alerts("/2000000000/close", {})
    assert unknown.status_code == 404
    assert unknown.json().keys() == {"message", "took", "requestId"}


def test_a_repeat_is_appended_and_its_texts_are_told(
    client: httpx.Client, genie: Genie, source: Source
) -> None:
    genie.accepted(body={**ALERT, "alias": "a", "message": "first"})
    raised = source.alert(summary="first")
    genie.accepted(body={**ALERT, "alias": "A", "message": "second"})
    params = {"identifierType": "alias"}
    for name in ("message", "description"):
        answer = genie.http.put(f"/v2/alerts/a/{name}", params=params, json={name: "fuller"})
        assert answer.status_code == 202
    genie.accepted("/a/notes", {"note": "the last"}, params=params)

    def said() -> list[str]:
        comments = client.get(f"/api/alerts/{raised['id']}/comments").json()
        return [comment["content"] for comment in comments]

    until(lambda: "the last" in said(), within=20)
    assert said() == ["Message: fuller", "Description: fuller", "the last"]
    assert len(source.alerts()) == 1


@pytest.mark.parametrize(
    ("priority", "rule", "found"),
    [("P2", "LOW", "HIGH"), (None, "HIGH", "HIGH"), ("P3", "LOW", "LOW"), ("P4", "HIGH", "LOW")],
)
def test_priorities(
    suite: Suite, client: httpx.Client, priority: str | None, rule: str, found: str
) -> None:
    source = Source(suite, client, integrationType="OPSGENIE", alertPriorityRule=rule)
    genie = Genie(suite, source.key)
    with genie.http:
        genie.accepted(body={"message": "m", "priority": priority})
    source.alert(priority=found)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"alias": "no message"}, "message"),
        ({"message": ""}, "message"),
        ({"message": 5}, "message"),
        ({"message": "m", "priority": "P9"}, "priority"),
    ],
)
def test_a_body_that_is_not_processable(genie: Genie, body: dict[str, Any], field: str) -> None:
    answer = genie.alerts(body=body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert told.keys() == {"message", "errors", "took", "requestId"}
    assert told["errors"].keys() == {field}


@pytest.mark.parametrize("shown", [{}, {"Authorization": f"GenieKey {STRANGER}"}])
def test_without_a_right_key(suite: Suite, shown: dict[str, str]) -> None:
    url = f"{suite.url}/opsgenie/v2/alerts"
    answer = httpx.post(url, json=ALERT, headers=shown, trust_env=False)

    assert answer.status_code == 401
    told = answer.json()
    assert told.keys() == {"message", "took", "requestId"}
    assert told["message"] == "Could not authenticate"
    assert STRANGER not in answer.text


def test_what_nobody_asked_for_is_not_found(genie: Genie) -> None:
    answer = genie.http.get(f"/v2/alerts/requests/{uuid.uuid4()}")

    assert answer.status_code == 404
    assert answer.json().keys() == {"message", "took", "requestId"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
def test_what_is_no_json(genie: Genie, body: bytes) -> None:
    json = {"content-type": "application/json"}
    answer = genie.http.post("/v2/alerts", content=body, headers=json)

    assert answer.status_code == 400
    assert answer.json().keys() == {"message", "took", "requestId"}
