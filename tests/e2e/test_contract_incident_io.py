"""The contract on incident.io's HTTP alert sources, row by row, through the edge."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.parts.suite import Suite
from tests.parts.waiting import until

JSON = {"Content-Type": "application/json"}
ADDRESS = "https://www.my-alerting-platform.com/alerts"
STRANGER = "01GW2G3V0S59R238FAHPDS1R66"


@dataclass(frozen=True)
class Source:
    """An HTTP alert source."""

    id: int
    path: str
    ulid: str
    key: str

    @property
    def shown(self) -> dict[str, str]:
        """The header that opens it."""
        return {"Authorization": f"Bearer {self.key}"}


@pytest.fixture(scope="module")
def client(suite: Suite) -> Iterator[httpx.Client]:
    """The client of a person, with an API token."""
    with suite.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def tool(suite: Suite) -> Iterator[httpx.Client]:
    """A client that shows no credential of its own accord."""
    with httpx.Client(base_url=suite.url, trust_env=False, timeout=10) as opened:
        yield opened


def new_source(suite: Suite, client: httpx.Client, **fields: Any) -> Source:
    told = {
        "name": f"incident.io {secrets.token_hex(4)}",
        "integrationType": "INCIDENT_IO_HTTP",
        "escalationPolicy": {"id": int(suite.credentials["TOCSIN_POLICY_ID"])},
    }
    answer = client.post("/api/alert-sources", json={**told, **fields})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    path = made["integrationUrl"].removeprefix(suite.url)
    return Source(made["id"], path, path.rpartition("/")[2], made["integrationKey"])


@pytest.fixture(scope="module")
def source(suite: Suite, client: httpx.Client) -> Source:
    return new_source(suite, client)


def told(key: str | None = "", **fields: Any) -> dict[str, Any]:
    """Returns a body that is accepted; an empty key stands for one of its own."""
    key = secrets.token_hex(4) if key == "" else key
    return {"title": "disk full", "status": "firing", "deduplication_key": key, **fields}


def accepted(answer: httpx.Response) -> str:
    """Returns the key of an accepted event (9.2)."""
    assert answer.status_code == 202, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body == {
        "status": "success",
        "message": "Event accepted for processing",
        "deduplication_key": body["deduplication_key"],
    }
    return str(body["deduplication_key"])


def refused(answer: httpx.Response, status: int, type_: str, code: str, field: str = "") -> None:
    """Checks an error body (9.3)."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body.keys() == {"type", "status", "request_id", "errors"}
    assert (body["type"], body["status"]) == (type_, status)
    assert body["request_id"] == answer.headers["x-request-id"]
    (error,) = body["errors"]
    assert error["code"] == code
    assert error["message"]
    source = {"field": field, "pointer": f"/{field}"} if field else None
    assert error.get("source") == source


def alerts(client: httpx.Client, key: str, **more: Any) -> list[dict[str, Any]]:
    """Returns the alerts of a key, newest first, in incident.io's words."""
    answer = client.get("/v2/alerts", params={"deduplication_key[is]": key, **more})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["alerts"]
    return found


def reach(client: httpx.Client, key: str, *statuses: str) -> list[dict[str, Any]]:
    """Returns the alerts of a key once they have these statuses, newest first."""
    wanted = [*statuses]
    until(lambda: [alert["status"] for alert in alerts(client, key)] == wanted, within=15)
    return alerts(client, key)


def test_the_sample_of_the_document_raises_an_alert(
    client: httpx.Client, tool: httpx.Client, source: Source
) -> None:
    key = f"4293868629 {secrets.token_hex(4)}"
    body = {
        "deduplication_key": key,
        "description": "We've detected a number of timeouts on hello.world.com",
        "metadata": {"service": "hello.world.com", "team": ["my-team"]},
        "source_url": "https://www.my-alerting-platform.com/alerts/my-alert-123",
        "status": "firing",
        "title": "*errors.withMessage: PG::Error failed to connect",
    }

    assert accepted(tool.post(source.path, json=body, headers=source.shown)) == key

    (alert,) = reach(client, key, "firing")
    assert alert == {
        "id": alert["id"],
        "alert_source_id": source.ulid,
        "status": "firing",
        "title": body["title"],
        "deduplication_key": key,
        "created_at": alert["created_at"],
        "updated_at": alert["updated_at"],
        "description": body["description"],
        "source_url": body["source_url"],
        "attributes": [],
    }
    (own,) = client.get("/api/alerts", params={"sources": source.id}).json()
    assert (own["summary"], own["alertKey"]) == (body["title"], key)
    shown = client.get(f"/api/alerts/{own['id']}", params={"include": "customDetails"}).json()
    assert shown["customDetails"] == body["metadata"]


def test_a_repeat_changes_nothing_and_a_resolved_alert_fires_anew(
    suite: Suite, client: httpx.Client, tool: httpx.Client
) -> None:
    source = new_source(suite, client)
    key = secrets.token_hex(4)

    def send(status: str, title: str) -> None:
        more = {"description": f"{title} one", "metadata": {"nth": title}}
        body = told(key, status=status, title=title, source_url=f"{ADDRESS}/{title}", **more)
        accepted(tool.post(source.path, json=body, headers=source.shown))

    def own() -> dict[str, Any]:
        (alert,) = client.get("/api/alerts", params={"sources": source.id}).json()
        path, wanted = f"/api/alerts/{alert['id']}", {"include": "customDetails"}
        found: dict[str, Any] = client.get(path, params=wanted).json()
        return found

    send("firing", "first")
    (first,) = reach(client, key, "firing")
    send("firing", "second")
    until(lambda: own()["eventCount"] == 2, within=15)
    kept = own()
    assert (kept["summary"], kept["details"]) == ("first", "first one")
    assert kept["customDetails"] == {"nth": "first"}
    assert kept["links"][0]["href"] == f"{ADDRESS}/first"
    entries = client.get(f"/api/alerts/{kept['id']}/log-entries").json()
    received = [each for each in entries if each["logEntryType"] == "AlertReceivedLogEntry"]
    assert len(received) == 1  # the repeat is counted, and that is all
    send("resolved", "third")
    (over,) = reach(client, key, "resolved")
    assert (over["id"], over["title"]) == (first["id"], "first")
    assert over["resolved_at"]
    send("resolved", "fourth")
    send("firing", "fifth")
    again, before = reach(client, key, "firing", "resolved")

    for each in (before, over):
        del each["updated_at"]  # its pages are still being written down
    assert before == over
    assert (again["title"], "resolved_at" in again) == ("fifth", False)
    assert again["id"] != before["id"]


def test_resolving_what_nobody_knows_is_accepted_and_does_nothing(
    client: httpx.Client, tool: httpx.Client, source: Source
) -> None:
    unknown, known = secrets.token_hex(4), secrets.token_hex(4)

    body = told(unknown, status="resolved")
    assert accepted(tool.post(source.path, json=body, headers=source.shown)) == unknown
    accepted(tool.post(source.path, json=told(known), headers=source.shown))

    reach(client, known, "firing")  # and so the one before was acted on
    assert alerts(client, unknown) == []


def test_keys_belong_to_their_source(
    suite: Suite, client: httpx.Client, tool: httpx.Client, source: Source
) -> None:
    other, key = new_source(suite, client), secrets.token_hex(4)

    for each in (source, other):
        accepted(tool.post(each.path, json=told(key), headers=each.shown))

    both = reach(client, key, "firing", "firing")
    assert {alert["alert_source_id"] for alert in both} == {source.ulid, other.ulid}
    (only,) = alerts(client, key, **{"alert_source[one_of]": other.ulid})
    assert only["alert_source_id"] == other.ulid


def test_the_token_may_stand_in_the_query(
    tool: httpx.Client, client: httpx.Client, source: Source
) -> None:
    by_query = f"{source.path}?token={source.key}"

    accepted(tool.post(by_query, json=told()))
    accepted(tool.post(f"{source.path}?a=b&token={source.key}&c=d", json=told()))
    accepted(client.post(by_query, json=told()))  # beside the API token of an account
    accepted(tool.post(f"{source.path}?token=", json=told(), headers=source.shown))


def test_a_token_in_a_query_is_found_nowhere(
    suite: Suite, tool: httpx.Client, client: httpx.Client
) -> None:
    source = new_source(suite, client)
    paths = (
        source.path,
        source.path + "/x",
        "/v2/alerts",
        "/api/alerts",
        "/api/users/current",
        "/",
    )

    for path in paths:
        for method in ("POST", "GET", "PUT"):
            answer = tool.request(method, f"{path}?token={source.key}", json=told())
            assert source.key not in answer.text + str(answer.headers)

    seen = [file for file, content in suite.contents() if source.key.encode() in content]
    assert seen == []
    assert source.key not in "\n".join(suite.lines)


def test_without_a_credential(tool: httpx.Client, source: Source) -> None:
    missing = "missing_authorization_material"
    for path in (source.path, f"{source.path}?token=", f"{source.path}?x=1"):
        refused(tool.post(path, json=told()), 401, "authentication_error", missing)
    refused(tool.get("/v2/alerts"), 401, "authentication_error", missing)


def test_with_a_wrong_credential(
    suite: Suite, tool: httpx.Client, client: httpx.Client, source: Source
) -> None:
    other = new_source(suite, client)
    wrong = [
        {"Authorization": "Bearer nonsense"},
        {"Authorization": f"Bearer {suite.token}"},
        other.shown,
        {"X-Tocsin-Token": source.key},  # only the edge may set it
    ]

    for headers in wrong[:3]:
        answer = tool.post(source.path, json=told(), headers=headers)
        refused(answer, 401, "authentication_error", "access_token_invalid")
    answer = tool.post(source.path, json=told(), headers=wrong[3])
    refused(answer, 401, "authentication_error", "missing_authorization_material")
    answer = tool.get("/v2/alerts", headers=source.shown)
    refused(answer, 401, "authentication_error", "access_token_invalid")


def test_a_token_needs_the_scope(client: httpx.Client, tool: httpx.Client) -> None:
    made = client.post("/api/tokens", json={"name": "r", "scopes": ["config:read"]}).json()
    answer = tool.get("/v2/alerts", headers={"Authorization": f"Bearer {made['token']}"})
    refused(answer, 403, "resource_forbidden", "scope_missing")


@pytest.mark.parametrize(
    ("path", "status", "type_", "code"),
    [
        (f"/v2/alert_events/http/{STRANGER}", 404, "not_found", "not_found"),
        ("/v2/alert_events/http/7", 404, "not_found", "not_found"),
        ("/v2/alert_events/http/", 404, "not_found", "not_found"),
        ("/v2/alert_events", 404, "not_found", "not_found"),
        ("/v2/alerts", 405, "method_not_allowed", "method_not_allowed"),
    ],
)
def test_what_is_not_there(
    tool: httpx.Client, source: Source, path: str, status: int, type_: str, code: str
) -> None:
    refused(tool.post(path, json=told(), headers=source.shown), status, type_, code)


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"title": None}, "title", "is_required"),
        ({"title": " "}, "title", "is_required"),
        ({"title": 5}, "title", "is_invalid"),
        ({"status": None}, "status", "is_required"),
        ({"status": "loud"}, "status", "is_invalid"),
        ({"status": 5}, "status", "is_invalid"),
        ({"deduplication_key": None}, "deduplication_key", "is_required"),
        ({"deduplication_key": {}}, "deduplication_key", "is_invalid"),
    ],
)
def test_a_field_that_is_missing_or_wrong(
    tool: httpx.Client, source: Source, fields: dict[str, Any], field: str, code: str
) -> None:
    answer = tool.post(source.path, json={**told(), **fields}, headers=source.shown)
    refused(answer, 422, "validation_error", code, field)


@pytest.mark.parametrize(
    "body", [b"", b'{"title":', b"[]", b"\xff", b'{"title": NaN}', b"{" * 9999]
)
def test_a_body_that_is_no_json(tool: httpx.Client, source: Source, body: bytes) -> None:
    answer = tool.post(source.path, content=body, headers={**JSON, **source.shown})
    refused(answer, 400, "invalid_request_error", "not_json")


def test_a_body_of_another_type_or_size(tool: httpx.Client, source: Source) -> None:
    answer = tool.post(source.path, data={"title": "x"}, headers=source.shown)
    refused(answer, 415, "invalid_request_error", "unsupported_media_type")
    large = json.dumps(told(description="x" * 524_288)).encode()
    answer = tool.post(source.path, content=large, headers={**JSON, **source.shown})
    refused(answer, 413, "payload_too_large", "payload_too_large")
    shell = len(json.dumps(told(description="")))
    body = json.dumps(told(description="x" * (524_288 - shell))).encode()
    assert len(body) == 524_288
    accepted(tool.post(source.path, content=body, headers={**JSON, **source.shown}))


def test_a_key_is_made_up_where_the_source_asks_for_none(
    suite: Suite, client: httpx.Client, tool: httpx.Client
) -> None:
    source = new_source(suite, client, deduplicationKeyRequired=False)

    keys = [
        accepted(tool.post(source.path, json=told(None), headers=source.shown)) for _ in range(2)
    ]

    assert keys[0] != keys[1]
    for key in keys:
        reach(client, key, "firing")


def test_what_can_be_repaired_is_accepted(
    client: httpx.Client, tool: httpx.Client, source: Source
) -> None:
    key = secrets.token_hex(4)
    body = (
        f'{{"title":"a","title":"b\\u0000c","status":"firing","deduplication_key":"{key}",'
        '"metadata":[1],"source_url":"javascript:alert(1)","description":7,"flavour":"salty"}'
    )

    accepted(tool.post(source.path, content=body, headers={**JSON, **source.shown}))

    (alert,) = reach(client, key, "firing")
    assert (alert["title"], alert["description"]) == ("bc", "7")
    assert "source_url" not in alert


def test_a_page_goes_on_where_the_last_ended(
    suite: Suite, client: httpx.Client, tool: httpx.Client
) -> None:
    source = new_source(suite, client)
    keys = [secrets.token_hex(4) for _ in range(3)]
    for key in keys:
        accepted(tool.post(source.path, json=told(key), headers=source.shown))
        reach(client, key, "firing")
    wanted = f"/v2/alerts?page_size=2&alert_source[one_of]={source.ulid}&status[one_of]=firing"

    first = client.get(wanted).json()
    second = client.get(f"{wanted}&after={first['pagination_meta']['after']}").json()

    found = [alert["deduplication_key"] for alert in first["alerts"] + second["alerts"]]
    assert found == keys[::-1]
    assert first["pagination_meta"] == {"page_size": 2, "after": first["alerts"][-1]["id"]}
    assert second["pagination_meta"] == {"page_size": 2}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page_size=51", "page_size"),
        ("page_size=x", "page_size"),
        ("after=x", "after"),
        ("status[one_of]=loud", "status[one_of]"),
        ("status%5Bnot_in%5D=loud", "status[not_in]"),
    ],
)
def test_a_parameter_that_is_wrong(client: httpx.Client, query: str, field: str) -> None:
    refused(client.get(f"/v2/alerts?{query}"), 422, "validation_error", "is_invalid", field)


def test_a_key_that_no_event_can_have_finds_nothing(client: httpx.Client) -> None:
    for key in ("%00", "%EF%BF%BF", "x" * 4000, "%25%27%22"):
        answer = client.get(f"/v2/alerts?deduplication_key[is]=nobody{key}")
        assert (answer.status_code, answer.json()["alerts"]) == (200, []), answer.text
    answer = client.get("/v2/alerts?deduplication_key[is]=%ff")
    refused(answer, 400, "invalid_request_error", "invalid_request")


def test_parameters_that_nobody_knows_are_ignored(client: httpx.Client) -> None:
    answer = client.get("/v2/alerts?tags[one_of]=x&has_notes[is]=true&flag&page_size=1")
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["alerts"]) == 1
