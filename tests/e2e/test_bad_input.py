"""What a caller got wrong is told in ilert's words, never as a 5xx, and stores nothing."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.parts.suite import Suite
from tests.parts.waiting import until

JSON = {"Content-Type": "application/json"}
KEY = "${KEY}"  # stands for the suite's own integration key


def event(**fields: Any) -> bytes:
    return json.dumps({"apiKey": KEY, "eventType": "ALERT", "summary": "bad", **fields}).encode()


REFUSED_EVENTS = [
    ("broken JSON", b'{"apiKey":', 400),
    ("no JSON", b"hello", 400),
    ("no object", b"[1]", 400),
    ("nothing", b"", 400),
    ("bad UTF-8", b'{"apiKey":"' + KEY.encode() + b'","eventType":"ALERT","summary":"\xff"}', 400),
    ("not a number", event().replace(b'"bad"', b"NaN"), 400),
    ("no key", json.dumps({"eventType": "ALERT", "summary": "bad"}).encode(), 400),
    ("no event type", event(eventType=None), 400),
    ("unknown event type", event(eventType="EXPLODE"), 400),
    ("event type of a wrong type", event(eventType=7), 400),
    ("no summary", event(summary=None), 400),
    ("empty summary", event(summary="  "), 400),
    ("unknown priority", event(priority="MEDIUM"), 400),
    ("unknown key", event(apiKey="il1nobody"), 404),
    ("nested beyond reason", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 413),
    ("deep", b'{"a":' * 20_000 + b"1" + b"}" * 20_000, 400),
    ("over 512 KiB", event(details="x" * 524_288), 413),
]


def refusal(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Returns the error body, after checking that it is one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"]
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["message"]
    assert body["code"] == body["code"].upper()
    return body


@pytest.mark.parametrize(
    ("body", "status"),
    [(body, status) for _, body, status in REFUSED_EVENTS],
    ids=[name for name, *_ in REFUSED_EVENTS],
)
def test_a_bad_event_is_refused_and_stores_nothing(suite: Suite, body: bytes, status: int) -> None:
    content = body.replace(KEY.encode(), suite.integration_key.encode())
    with suite.client() as client:
        before = client.get("/api/alerts/count").json()
        answer = client.post("/api/events", content=content, headers=JSON)
        refusal(answer, status)
        assert client.get("/api/alerts/count").json() == before
    assert suite.integration_key not in answer.text


REPAIRED_EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("nulls", {"details": None, "alertKey": None, "priority": None, "images": None}),
    ("empties", {"details": "", "links": [], "customDetails": {}}),
    ("unknown fields", {"flavour": "salty"}),
    ("a relative image", {"images": [{"src": "a.png"}]}),
    ("a javascript link", {"links": [{"href": "javascript:alert(1)"}]}),
    ("deep custom details", {"customDetails": {"a": [[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]}}),
    ("a huge number", {"customDetails": {"n": 10**40}}),
]


@pytest.mark.parametrize(
    "fields", [fields for _, fields in REPAIRED_EVENTS], ids=[name for name, _ in REPAIRED_EVENTS]
)
def test_what_can_be_repaired_is_accepted(suite: Suite, fields: dict[str, Any]) -> None:
    answer = suite.send("ALERT", f"repaired {secrets.token_hex(4)}", **fields)
    assert answer.status_code == 202, answer.text
    assert answer.headers["content-type"] == "application/json"


def test_control_characters_and_double_keys_are_repaired(suite: Suite) -> None:
    body = (
        b'{"apiKey":"' + suite.integration_key.encode() + b'","eventType":"EXPLODE",'
        b'"eventType":"ALERT","summary":"bell \x07 and tab \t"}'
    )
    with suite.client() as client:
        assert client.post("/api/events", content=body, headers=JSON).status_code == 202


REQUESTS: list[tuple[str, str, Mapping[str, Any], int]] = [
    ("GET", "/api/alerts/2000000000", {}, 404),
    ("GET", "/api/alerts/abc", {}, 400),
    ("GET", "/api/alerts/99999999999", {}, 400),
    ("GET", "/api/alerts?max-results=101", {}, 400),
    ("GET", "/api/alerts?start-index=-1", {}, 400),
    ("GET", "/api/alerts?states=ASLEEP", {}, 400),
    ("GET", "/api/alerts?from=yesterday", {}, 400),
    ("PUT", "/api/alerts/2000000000/accept", {}, 404),
    ("PUT", "/api/alerts/2000000000/resolve", {}, 404),
    ("GET", "/api/alerts/2000000000/notifications", {}, 404),
    ("GET", "/api/alerts/2000000000/log-entries", {}, 404),
    ("POST", "/api/alerts/1/accept", {}, 405),
    ("DELETE", "/api/alerts/1", {}, 405),
    ("GET", "/api/events", {}, 405),
    ("GET", "/api/nothing", {}, 404),
    ("GET", "/nothing", {}, 404),
    ("POST", "/api/events", {"content": b"a=b", "headers": {"Content-Type": "text/plain"}}, 415),
    ("POST", "/api/users", {"content": b"a=b", "headers": {"Content-Type": "text/plain"}}, 415),
    ("POST", "/api/users", {"json": {}}, 400),
    ("POST", "/api/users", {"json": {"firstName": "A", "lastName": "B", "email": "no"}}, 400),
    ("POST", "/api/users", {"content": b"{", "headers": JSON}, 400),
    ("POST", "/api/tokens?flavour=salty", {"json": {"name": "t", "scopes": ["admin"]}}, 400),
    ("GET", "/api/users/2000000000", {}, 404),
    ("POST", "/api/escalation-policies", {"json": {"name": "empty"}}, 400),
    (
        "POST",
        "/api/escalation-policies",
        {"json": {"name": "x", "escalationRules": [{"users": [{"id": 2000000000}]}]}},
        400,
    ),
    ("POST", "/api/alert-sources", {"json": {"name": "x"}}, 400),
    (
        "POST",
        "/api/alert-sources",
        {
            "json": {
                "name": "x",
                "integrationType": "API",
                "escalationPolicy": {"id": 2000000000},
            }
        },
        400,
    ),
    ("GET", "/api/alert-sources/2000000000", {}, 404),
    ("POST", "/api/users/2000000000/contacts", {"json": {"method": "TERMINAL"}}, 404),
    ("POST", "/api/users/1/contacts", {"json": {"method": "PIGEON"}}, 400),
    ("POST", "/api/users/1/contacts", {"json": {"method": "EMAIL", "target": "no"}}, 400),
    ("POST", "/api/tokens", {"json": {"name": "t", "scopes": ["everything"]}}, 400),
    ("DELETE", "/api/tokens/nobody", {}, 404),
    ("POST", "/api/escalations", {"json": {"subject": {"kind": "x"}}}, 400),
    ("GET", "/api/escalations/2000000000", {}, 404),
    ("GET", "/api/notifications", {}, 400),
]


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    REQUESTS,
    ids=[f"{method} {path} {status} {n}" for n, (method, path, _, status) in enumerate(REQUESTS)],
)
def test_a_bad_request_is_refused(
    suite: Suite, method: str, path: str, more: Mapping[str, Any], status: int
) -> None:
    with suite.client() as client:
        answer = client.request(method, path, **more)
    refusal(answer, status)


@pytest.mark.parametrize(
    ("authorization", "status", "code"),
    [(None, 401, "UNAUTHENTICATED"), ("Bearer nonsense", 403, "KEY_ERROR")],
)
def test_a_stranger_is_refused(
    suite: Suite, authorization: str | None, status: int, code: str
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = httpx.get(f"{suite.url}/api/alerts", headers=headers, trust_env=False)
    assert refusal(answer, status)["code"] == code


def test_the_bare_key_is_as_good_as_bearer(suite: Suite) -> None:
    headers = {"Authorization": suite.token}
    answer = httpx.get(f"{suite.url}/api/alerts", headers=headers, trust_env=False)
    assert answer.status_code == 200


def test_a_narrow_token_may_what_it_says_and_no_more_until_it_is_revoked(suite: Suite) -> None:
    with suite.client() as client:
        made = client.post("/api/tokens", json={"name": "reader", "scopes": ["alerts:read"]})
        assert made.status_code == 201, made.text
        token = made.json()
        listed = client.get("/api/tokens").json()
        assert token["id"] in [entry["id"] for entry in listed]
        assert all("token" not in entry for entry in listed)
        reader = {"Authorization": f"Bearer {token['token']}"}
        assert client.get("/api/alerts", headers=reader).status_code == 200
        assert refusal(client.put("/api/alerts/1/accept", headers=reader), 403)["code"] == (
            "SCOPE_MISSING"
        )
        assert refusal(client.get("/api/users", headers=reader), 403)["code"] == "SCOPE_MISSING"

        assert client.delete(f"/api/tokens/{token['id']}").status_code == 204
        assert client.get("/api/users", headers=reader).status_code == 403


def test_an_accept_of_a_resolved_alert_is_refused(suite: Suite) -> None:
    word = f"over {secrets.token_hex(4)}"
    suite.send("ALERT", word)
    with suite.client() as client:
        alert_id = _id_of(client, word)
        for _ in range(2):  # a repeat is harmless
            assert client.put(f"/api/alerts/{alert_id}/resolve").status_code == 200
        body = refusal(client.put(f"/api/alerts/{alert_id}/accept"), 400)
    assert body["code"] == "ALERT_RESOLVED"


def _id_of(client: httpx.Client, word: str) -> int:
    found: list[int] = []

    def find() -> bool:
        alerts = client.get("/api/alerts").json()
        found.extend(alert["id"] for alert in alerts if alert["summary"] == word)
        return bool(found)

    until(find, within=15)
    return found[0]
