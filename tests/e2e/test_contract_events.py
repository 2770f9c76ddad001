"""The contract on events and alert sources, row by row, through the edge."""

import json
import secrets
import sqlite3
from collections.abc import Iterator
from typing import Any

import grpc
import grpc.aio
import httpx
import pytest

from tests.parts.suite import Suite
from tests.parts.waiting import until
from tocsin.ingest.v1 import event_service_pb2, event_service_pb2_grpc
from tocsin.ingest.v1.event_pb2 import Event

JSON = {"Content-Type": "application/json"}
NOBODY = 2_000_000_000
KEY = "il1" + "k" * 40


@pytest.fixture(scope="module")
def client(suite: Suite) -> Iterator[httpx.Client]:
    with suite.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def reader(suite: Suite, client: httpx.Client) -> Iterator[httpx.Client]:
    """A client that may read and not write."""
    token = answered(client.post("/api/tokens", json={"name": "r", "scopes": ["config:read"]}), 201)
    shown = {"Authorization": f"Bearer {token['token']}"}
    with httpx.Client(base_url=suite.url, headers=shown, trust_env=False) as opened:
        yield opened


def answered(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json() if status != 204 else answer.content


def refused(answer: httpx.Response, status: int, word: str) -> dict[str, Any]:
    """Returns an error body (contract 2.1), after checking that it names what is amiss."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert word in body["message"]
    assert body["code"] == body["code"].upper()
    return body


def wanted(suite: Suite, **fields: Any) -> dict[str, Any]:
    policy = {"id": int(suite.credentials["TOCSIN_POLICY_ID"])}
    told = {"name": f"source {secrets.token_hex(4)}", "integrationType": "API"}
    return {**told, "escalationPolicy": policy, **fields}


def new_source(suite: Suite, client: httpx.Client, **fields: Any) -> dict[str, Any]:
    made = client.post("/api/alert-sources", json=wanted(suite, **fields))
    source: dict[str, Any] = answered(made, 201)
    return source


def send(client: httpx.Client, source: dict[str, Any], **fields: Any) -> httpx.Response:
    body = {"apiKey": source["integrationKey"], "eventType": "ALERT", "summary": "disk full"}
    return client.post("/api/events", json={**body, **fields})


def alerts(client: httpx.Client, source: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
    params = {"sources": source["id"], **query}
    found: list[dict[str, Any]] = answered(client.get("/api/alerts", params=params))
    return found


def the_alert(client: httpx.Client, source: dict[str, Any], **query: Any) -> dict[str, Any]:
    """Returns the one alert of a source, waiting for it."""
    until(lambda: alerts(client, source, **query) != [], within=15)
    (found,) = alerts(client, source, **query)
    return found


@pytest.fixture(scope="module")
def source(suite: Suite, client: httpx.Client) -> dict[str, Any]:
    return new_source(suite, client)


def test_an_event_with_every_field_becomes_an_alert(suite: Suite, client: httpx.Client) -> None:
    source = new_source(suite, client)
    images = [{"src": "https://a/b.png", "href": None, "alt": "graph"}]
    details = {"b": 1, "a": [None, {"c": "ü"}]}

    sent = send(
        client,
        source,
        details="**much**",
        alertKey=" Disk-7 ",
        priority="LOW",
        severity=2,
        images=images,
        links=[{"href": "https://a/runbook", "text": None}],
        customDetails=details,
        routingKey="nobody-has-it, nor-this",
        comments=[{"creator": "Ada", "content": "again"}],
        labels={"env": "prod", "n": 5},
        services=[{"alias": "shop"}],
        logs=[{"timestamp": "2026-03-29T01:00:00Z", "level": "ERROR", "body": "b", "labels": {}}],
        flavour="salty",
    )

    assert answered(sent, 202)["alertKey"] == " Disk-7 "
    alert = the_alert(client, source)
    assert (alert["summary"], alert["details"]) == ("disk full", "**much**")
    assert (alert["priority"], alert["severity"]) == ("LOW", 2)
    assert alert["images"] == [{"src": "https://a/b.png", "alt": "graph"}]
    assert alert["links"] == [{"href": "https://a/runbook"}]
    assert alert["labels"] == {"env": "prod", "n": "5"}


@pytest.mark.parametrize("name", ["apiKey", "integrationKey"])
def test_the_key_goes_by_either_name_and_needs_no_header(
    suite: Suite, source: dict[str, Any], name: str
) -> None:
    body = {name: source["integrationKey"], "eventType": "RESOLVE", "alertKey": "nobody"}
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        answer = httpx.post(f"{suite.url}/api/events", json=body, headers=headers, trust_env=False)
        answered(answer, 202)


ACCEPTED: list[dict[str, Any]] = [
    {"eventType": "ALERT", "alertKey": None, "details": None, "priority": None, "severity": None},
    {"eventType": "ALERT", "images": None, "links": None, "customDetails": None, "labels": None},
    {"eventType": "ALERT", "details": "", "images": [], "links": [], "customDetails": {}},
    {"eventType": "ALERT", "comments": [], "labels": {}, "services": [], "logs": []},
    {"eventType": "ACCEPT", "summary": None, "alertKey": "unknown"},
    {"eventType": "RESOLVE", "summary": "", "alertKey": "unknown"},
    {"eventType": "COMMENT", "summary": None, "alertKey": "unknown"},
    {"eventType": "COMMENT", "comments": [{"content": "hm"}], "alertKey": "unknown"},
    {"eventType": "ACCEPT", "summary": None},
]


@pytest.mark.parametrize("fields", ACCEPTED)
def test_accepted_is_202_with_a_json_object(
    client: httpx.Client, source: dict[str, Any], fields: dict[str, Any]
) -> None:
    answer = send(client, source, **fields)

    body = answered(answer, 202)
    assert answer.headers["content-type"] == "application/json"
    assert body["responseCode"] == "ACCEPTED"
    assert body.get("alertKey") == fields.get("alertKey")
    assert ("alertUrl" in body) == bool(fields.get("alertKey"))


def test_the_alert_url_leads_to_the_alerts(client: httpx.Client, source: dict[str, Any]) -> None:
    sent = answered(send(client, source, alertKey="url"), 202)

    assert answered(client.get(sent["alertUrl"])) is not None


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("apiKey", {"apiKey": None}),
    ("apiKey", {"apiKey": ""}),
    ("apiKey", {"apiKey": 5}),
    ("eventType", {"eventType": None}),
    ("eventType", {"eventType": "EXPLODE"}),
    ("eventType", {"eventType": "alert"}),
    ("summary", {"summary": None}),
    ("summary", {"summary": ""}),
    ("priority", {"priority": "MEDIUM"}),
    ("severity", {"severity": "3"}),
    ("severity", {"severity": 0}),
    ("severity", {"severity": 6}),
]


@pytest.mark.parametrize(("word", "fields"), REFUSED)
def test_a_missing_or_invalid_field_is_400_and_named(
    client: httpx.Client, source: dict[str, Any], word: str, fields: dict[str, Any]
) -> None:
    body = refused(send(client, source, **fields), 400, word)

    assert source["integrationKey"] not in json.dumps(body)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"summary=x"])
def test_what_is_not_json_is_400(client: httpx.Client, content: bytes) -> None:
    refused(client.post("/api/events", content=content, headers=JSON), 400, "JSON")


def test_an_unknown_key_is_404(client: httpx.Client, source: dict[str, Any]) -> None:
    refused(send(client, source, apiKey=KEY), 404, "apiKey")


def test_custom_details_are_kept_byte_for_byte(suite: Suite, client: httpx.Client) -> None:
    source = new_source(suite, client)
    key = source["integrationKey"].encode()
    details = rb'{"b" : 1.0,"a":[ 1e3,null,"\u00e9\/"], "b":12345678901234567890123 }'
    body = b'{"apiKey":"%b","eventType":"ALERT","summary":"s","customDetails": %b}'

    answered(client.post("/api/events", content=body % (key, details), headers=JSON), 202)

    with sqlite3.connect(f"file:{suite.folder}/data/ingest.db?mode=ro", uri=True) as log:
        ((raw,),) = log.execute("SELECT raw FROM event WHERE source_id = ?", [source["id"]])
    assert raw == body % (b"*" * len(key), details)


def test_a_comment_reaches_its_alert_alone(suite: Suite, client: httpx.Client) -> None:
    source = new_source(suite, client)
    send(client, source, alertKey="k")
    send(client, source, alertKey="K ", eventType="COMMENT", summary=None, details="looks bad")
    send(client, source, alertKey="other", eventType="COMMENT", summary="nobody hears it")

    alert = the_alert(client, source)

    def commented() -> bool:
        entries = client.get(f"/api/alerts/{alert['id']}/log-entries").json()
        return "looks bad" in json.dumps(entries)

    until(commented, within=15)
    assert len(alerts(client, source)) == 1


async def test_the_typed_twin_has_the_same_rules(suite: Suite, client: httpx.Client) -> None:
    source = new_source(suite, client)
    event = Event(
        integration_key=source["integrationKey"],
        event_type="ALERT",
        summary="typed",
        severity=1,
        labels={"env": "prod"},
    )
    async with grpc.aio.insecure_channel(suite.address) as channel:
        submit = event_service_pb2_grpc.EventServiceStub(channel).SubmitEvent
        receipt = await submit(event_service_pb2.SubmitEventRequest(event=event), timeout=10)
        event.severity = 6
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await submit(event_service_pb2.SubmitEventRequest(event=event), timeout=10)

    assert receipt.response_code == "ACCEPTED"
    assert failure.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "severity" in str(failure.value.details())
    alert = the_alert(client, source)
    assert (alert["summary"], alert["severity"], alert["labels"]) == ("typed", 1, {"env": "prod"})


@pytest.mark.parametrize(
    ("type_", "said", "found"),
    [("API", "HIGH", "LOW"), ("GRAFANA", "HIGH", "HIGH"), ("SERVICENOW", None, "LOW")],
)
def test_a_low_source_honours_no_priority_but_grafanas_and_servicenows(
    suite: Suite, client: httpx.Client, type_: str, said: str | None, found: str
) -> None:
    source = new_source(suite, client, integrationType=type_, alertPriorityRule="LOW")

    answered(send(client, source, priority=said), 202)

    assert the_alert(client, source)["priority"] == found


def test_a_source_is_made_and_shown_with_its_defaults(suite: Suite, client: httpx.Client) -> None:
    made = new_source(suite, client)

    assert made["integrationKey"].startswith("il1")
    assert made["integrationUrl"] == f"{suite.url}/api/events"
    assert made["active"] is True
    assert made["bidirectional"] is False
    assert made["alertPriorityRule"] == "HIGH"
    assert made["alertCreation"] == "ONE_ALERT_PER_EMAIL"
    assert made["status"] == "ALL_RESOLVED"
    assert made["escalationPolicy"]["escalationRules"]
    assert made.keys().isdisjoint({"autoResolutionTimeout", "iconUrl", "supportHours"})
    for where in (made["id"], made["integrationKey"], f"name/{made['name'].upper()}"):
        assert answered(client.get(f"/api/alert-sources/{where}")) == made


def test_a_source_has_teams_hours_and_the_rest(suite: Suite, client: httpx.Client) -> None:
    team = answered(client.post("/api/teams", json={"name": f"team {secrets.token_hex(4)}"}), 201)
    week = {"MONDAY": {"start": "09:00", "end": "17:00"}}
    told = {"name": f"hours {secrets.token_hex(4)}", "timezone": "UTC", "supportDays": week}
    hours = answered(client.post("/api/support-hours", json=told), 201)

    made = new_source(
        suite,
        client,
        teams=[{"id": team["id"]}],
        supportHours={"id": hours["id"]},
        autoResolutionTimeout="PT90M",
        alertCreation="ONE_OPEN_ALERT_ALLOWED",
        alertPriorityRule="LOW",
        iconUrl="https://example.com/i.png",
        active=False,
    )

    assert [(each["id"], each["name"]) for each in made["teams"]] == [(team["id"], team["name"])]
    assert (made["supportHours"]["id"], made["supportHours"]["name"]) == (hours["id"], told["name"])
    assert made["autoResolutionTimeout"] == "PT90M"
    assert made["alertCreation"] == "ONE_OPEN_ALERT_ALLOWED"
    assert (made["alertPriorityRule"], made["status"]) == ("LOW", "DISABLED")
    assert made["iconUrl"] == "https://example.com/i.png"


def test_keys_are_for_callers_with_write_permission(
    suite: Suite, client: httpx.Client, reader: httpx.Client
) -> None:
    made = new_source(suite, client)
    path = f"/api/alert-sources/{made['id']}"

    until(lambda: reader.get(path).status_code == 200, within=15)
    shown = answered(reader.get(path))
    assert "integrationKey" not in shown
    assert shown == {name: value for name, value in made.items() if name != "integrationKey"}
    assert "integrationKey" not in reader.get("/api/alert-sources").text
    refused(reader.get(f"/api/alert-sources/{made['integrationKey']}"), 404, "alert source")
    refused(reader.delete(path), 403, "")


def test_put_replaces_all_but_the_key(suite: Suite, client: httpx.Client) -> None:
    made = new_source(suite, client, autoResolutionTimeout="PT10M", alertPriorityRule="LOW")
    path = f"/api/alert-sources/{made['id']}"
    assert answered(client.put(path, json=made)) == made  # what was read can be written

    replaced = answered(client.put(path, json=wanted(suite, name="other")))

    assert (replaced["id"], replaced["name"]) == (made["id"], "other")
    assert replaced["integrationKey"] == made["integrationKey"]
    assert replaced["alertPriorityRule"] == "HIGH"
    assert "autoResolutionTimeout" not in replaced
    assert answered(client.get(path)) == replaced


def test_an_inactive_source_takes_events_and_makes_no_alert(
    suite: Suite, client: httpx.Client
) -> None:
    made = new_source(suite, client)
    path = f"/api/alert-sources/{made['id']}"
    answered(client.put(path, json={**made, "active": False}))

    answered(send(client, made, summary="unheard"), 202)
    answered(client.put(path, json=made))
    answered(send(client, made, summary="heard"), 202)

    assert the_alert(client, made)["summary"] == "heard"


def test_a_deleted_source_is_gone_and_its_key_unknown(suite: Suite, client: httpx.Client) -> None:
    made = new_source(suite, client)
    path = f"/api/alert-sources/{made['id']}"
    answered(send(client, made), 202)

    assert answered(client.delete(path), 204) == b""

    refused(send(client, made), 404, "apiKey")
    for where in (made["id"], made["integrationKey"], f"name/{made['name']}"):
        refused(client.get(f"/api/alert-sources/{where}"), 404, "alert source")
    refused(client.put(path, json=made), 404, "alert source")
    refused(client.delete(path), 404, "alert source")


def test_the_built_in_source_stays(suite: Suite, client: httpx.Client) -> None:
    answers = (
        client.put("/api/alert-sources/1", json=wanted(suite)),
        client.delete("/api/alert-sources/1"),
    )
    for answer in answers:
        assert 400 <= answer.status_code < 500
        refused(answer, answer.status_code, "built-in")
    assert answered(client.get("/api/alert-sources/1"))["name"] == "tocsin"


REFUSED_SOURCES: list[tuple[str, dict[str, Any]]] = [
    ("name", {"name": None}),
    ("name", {"name": "x" * 256}),
    ("integrationType", {"integrationType": None}),
    ("integrationType", {"integrationType": "NO_SUCH_TOOL"}),
    ("escalationPolicy", {"escalationPolicy": None}),
    ("escalationPolicy", {"escalationPolicy": {"id": NOBODY}}),
    ("supportHours", {"supportHours": {"id": NOBODY}}),
    ("teams", {"teams": [{"id": NOBODY}]}),
    ("autoResolutionTimeout", {"autoResolutionTimeout": "PT1M"}),
    ("alertCreation", {"alertCreation": "ONE_ALERT_GROUPED_PER_WINDOW"}),
    ("alertCreation", {"alertCreation": "INTELLIGENT_GROUPING"}),
    ("alertCreation", {"alertCreation": "SOMETIMES"}),
    ("alertPriorityRule", {"alertPriorityRule": "MEDIUM"}),
    ("iconUrl", {"iconUrl": "javascript:alert(1)"}),
]


@pytest.mark.parametrize(("word", "fields"), REFUSED_SOURCES)
def test_a_source_that_is_amiss_is_400_and_the_field_named(
    suite: Suite, client: httpx.Client, source: dict[str, Any], word: str, fields: dict[str, Any]
) -> None:
    told = wanted(suite, **fields)

    refused(client.post("/api/alert-sources", json=told), 400, word)
    refused(client.put(f"/api/alert-sources/{source['id']}", json=told), 400, word)


@pytest.mark.parametrize("query", ["max-results=51", "max-results=-1", "start-index=-1"])
def test_a_page_out_of_bounds_is_400(client: httpx.Client, query: str) -> None:
    refused(client.get(f"/api/alert-sources?{query}"), 400, query.partition("=")[0])


def test_sources_are_a_bare_list_in_pages_oldest_first(
    suite: Suite, client: httpx.Client, source: dict[str, Any]
) -> None:
    first = answered(client.get("/api/alert-sources", params={"max-results": 2}))
    rest = answered(client.get("/api/alert-sources", params={"start-index": 1}))

    assert [each["id"] for each in first] == [1, 2]
    assert rest[0] == first[1]
    assert [each["id"] for each in rest] == sorted(each["id"] for each in rest)
    assert answered(client.get("/api/alert-sources", params={"start-index": 100_000})) == []


def test_a_source_stands_as_its_alerts_do(suite: Suite, client: httpx.Client) -> None:
    source = new_source(suite, client)

    def stands(status: str) -> None:
        path = f"/api/alert-sources/{source['id']}"
        until(lambda: client.get(path).json()["status"] == status, within=15)

    stands("ALL_RESOLVED")
    for event_type, status in (
        ("ALERT", "PENDING"),
        ("ACCEPT", "ALL_ACCEPTED"),
        ("RESOLVE", "ALL_RESOLVED"),
    ):
        send(client, source, alertKey="k", eventType=event_type)
        stands(status)


def test_requests_without_or_with_an_unknown_credential(suite: Suite) -> None:
    url = f"{suite.url}/api/alert-sources"

    refused(httpx.get(url, trust_env=False), 401, "")
    for shown in ("Bearer nonsense", "nonsense"):
        refused(httpx.get(url, headers={"Authorization": shown}, trust_env=False), 403, "")
    bare = {"Authorization": suite.token}
    answered(httpx.get(url, headers=bare, trust_env=False))


def test_what_older_and_newer_clients_send_beside_is_ignored(
    suite: Suite, client: httpx.Client
) -> None:
    templates = {"summaryTemplate": {"textTemplate": "x"}, "linkTemplates": [{"text": "x"}]}
    words = {"lightIconUrl": "x", "alertGroupingWindow": "PT5M", "scoreThreshold": 0.5}
    outputs = {"id": 7, "status": "DISABLED", "integrationKey": KEY, "integrationUrl": "x"}

    made = new_source(suite, client, **templates, **words, **outputs)

    assert made["id"] != 7
    assert made["status"] == "ALL_RESOLVED"
    assert made["integrationKey"] != KEY
    nulls = ("autoResolutionTimeout", "iconUrl", "supportHours", "teams", "alertCreation", "active")
    new_source(suite, client, **dict.fromkeys(nulls))


def test_source_facts_reach_the_alerts_without_their_key(
    suite: Suite, client: httpx.Client
) -> None:
    source = new_source(suite, client)
    send(client, source)

    shown = the_alert(client, source)["alertSource"]

    assert (shown["id"], shown["name"]) == (source["id"], source["name"])
    assert shown["integrationType"] == "API"
    assert "integrationKey" not in shown
