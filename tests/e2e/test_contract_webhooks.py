"""Webhooks over REST: their shapes, that a policy calls them, and that they hear of the end."""

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

import httpx
import pytest

from tests.parts.suite import pretty
from tests.parts.team import Team, is_page_of
from tests.parts.waiting import eventually
from tests.parts.webhook import Request, WebhookSink


def make(client: httpx.Client, url: str, **more: Any) -> dict[str, Any]:
    told = {"name": f"webhook {secrets.token_hex(3)}", "url": url, **more}
    answer = client.post("/api/webhooks", json=told)
    assert answer.status_code == 201, pretty(answer)
    made: dict[str, Any] = answer.json()
    return made


def change(client: httpx.Client, path: str, told: Any = None) -> dict[str, Any]:
    answer = client.put(path, json=told)
    assert answer.status_code == 200, pretty(answer)
    changed: dict[str, Any] = answer.json()
    return changed


def listed(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(path).json()
    return found


def calls(sink: WebhookSink, path: str) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in sink.requests if each.path == path]


def is_signed(request: Request, secret: str) -> bool:
    told = request.headers
    content = f"{told['webhook-id']}.{told['webhook-timestamp']}.".encode() + request.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return told["webhook-signature"] == f"v1,{signature}"


async def test_a_policy_calls_a_webhook_and_tells_it_of_the_end(
    team: Team, client: httpx.Client, webhook: WebhookSink
) -> None:
    path = f"/{secrets.token_hex(4)}"
    made = make(client, webhook.url + path)
    levels = [
        {"escalationTimeoutSeconds": 1, "webhooks": [{"id": made["id"]}]},
        {"escalationTimeoutSeconds": 600, "users": [{"id": team.ada.id}]},
    ]
    told = {"name": f"policy {secrets.token_hex(3)}", "escalationRules": levels}
    policy = change(client, f"/api/escalation-policies/{team.policy_id}", told)
    (first, _) = policy["escalationRules"]
    assert first["webhooks"] == [{"id": made["id"], "name": made["name"]}]

    team.send("ALERT", "disk full")
    request = await webhook.wait_for(lambda r: r.path == path)
    await webhook.wait_for(is_page_of(team.ada, "disk full"))
    alert = await team.alert("disk full", "PENDING")
    (page,) = calls(webhook, path)
    team.put(page["acceptUrl"])
    ended = await webhook.wait_for(lambda r: r.path == path and b"stand_down" in r.body)

    assert is_signed(request, made["secret"])
    assert is_signed(ended, made["secret"])
    assert (page["type"], page["subject"]["id"]) == ("page", str(alert["id"]))
    last = json.loads(ended.body)
    assert (last["reason"], last["escalationKey"]) == ("accepted", page["escalationKey"])

    def recorded() -> list[dict[str, Any]]:  # which happens after the call
        told_of = listed(client, f"/api/alerts/{alert['id']}/notifications")
        ours = [each for each in told_of if each.get("webhook", {}).get("id") == made["id"]]
        assert {each["target"] for each in ours} == {made["name"]}
        assert {each["status"] for each in ours} == {"SUCCESS"}
        return told_of

    told_of = await eventually(recorded)
    log = json.dumps(listed(client, f"/api/alerts/{alert['id']}/log-entries"))
    assert f"webhook {made['name']} was notified by WEBHOOK" in log
    assert path not in log + json.dumps(told_of)


def test_a_webhook_over_rest(client: httpx.Client) -> None:
    url = "https://hooks.example.com/T0/secret?key=1"
    made = make(client, url)
    of_it = f"/api/webhooks/{made['id']}"

    assert made["url"] == url
    assert made["secret"].startswith("whsec_")
    assert made["teams"] == []
    shown = client.get(of_it).json()
    assert shown == {key: value for key, value in made.items() if key != "secret"}
    assert client.get(f"/api/webhooks/name/{made['name'].upper()}").json() == shown
    changed = client.put(of_it, json={"name": f"{made['name']} two"})
    assert changed.status_code == 200, pretty(changed)
    assert changed.json()["url"] == url
    rotated = client.post(f"{of_it}/rotate-secret", json={"overlapSeconds": 0})
    assert rotated.status_code == 200, pretty(rotated)
    assert rotated.json()["secret"] not in (made["secret"], "")
    assert client.post(f"{of_it}/rotate-secret").status_code == 200
    all_ = listed(client, "/api/webhooks")
    assert "https://hooks.example.com/…" in {each["url"] for each in all_}
    assert not any("secret" in each or "T0" in each["url"] for each in all_)
    assert client.delete(of_it).status_code == 204
    assert client.get(of_it).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "ftp://example.com"}, "url"),
        ({"url": "http://169.254.169.254/latest"}, "url"),
        ({"url": None}, "url"),
        ({"name": ""}, "name"),
        ({"teams": [{"id": 4711}]}, "teams"),
    ],
)
def test_what_a_webhook_cannot_be(client: httpx.Client, wrong: dict[str, Any], field: str) -> None:
    told = {"name": "never", "url": "https://example.com", **wrong}

    refused = client.post("/api/webhooks", json=told)

    assert refused.status_code == 400, pretty(refused)
    assert field in refused.json()["message"]


def test_a_webhook_in_use_stays(team: Team, client: httpx.Client, webhook: WebhookSink) -> None:
    made = make(client, webhook.url)
    again = client.post("/api/webhooks", json={"name": made["name"], "url": webhook.url})
    assert again.status_code == 409, pretty(again)
    rule = {"escalationTimeout": 5, "webhooks": [{"id": made["id"]}]}
    told = {"name": "calls", "escalationRules": [rule]}
    policy = client.post("/api/escalation-policies", json=told).json()

    refused = client.delete(f"/api/webhooks/{made['id']}")
    assert refused.status_code == 400, pretty(refused)
    used = f"webhook {made['id']} is in use by escalation policy {policy['id']} (calls)"
    assert refused.json()["message"] == used
    unknown = {"name": "x", "escalationRules": [rule | {"webhooks": [{"id": 4711}]}]}
    answer = client.post("/api/escalation-policies", json=unknown)
    assert answer.status_code == 400, pretty(answer)
    assert "escalationRules[0].webhooks[0]: there is no webhook 4711" in answer.json()["message"]
