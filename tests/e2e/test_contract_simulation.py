"""What would page whom, over REST and in the terminal: it is what then pages."""

import json
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.test_contract_cli import tocsin
from tests.e2e.test_contract_schedules import make, recurring, shift, time_of
from tests.parts.suite import Suite, pretty
from tests.parts.team import Team, is_page_of
from tests.parts.webhook import WebhookSink

HOUR = timedelta(hours=1)
PATH = "/api/escalation-policies/simulate"


def simulated(client: httpx.Client, **request: Any) -> dict[str, Any]:
    answer = client.post(PATH, json=request)
    assert answer.status_code == 200, pretty(answer)
    told: dict[str, Any] = answer.json()
    return told


def short(told: dict[str, Any]) -> list[tuple[int, str, int, list[int]]]:
    return [
        (
            step["offsetSeconds"],
            step["kind"],
            step["level"],
            [page["user"]["id"] for page in step["pages"]],
        )
        for step in told["steps"]
    ]


def policy(client: httpx.Client, *rules: dict[str, Any], **fields: Any) -> dict[str, Any]:
    told = {"name": f"policy {secrets.token_hex(3)}", "escalationRules": rules, **fields}
    answer = client.post("/api/escalation-policies", json=told)
    assert answer.status_code == 201, pretty(answer)
    made: dict[str, Any] = answer.json()
    return made


def raise_alert(client: httpx.Client, summary: str, policy_id: int) -> None:
    told = {"summary": summary, "escalationPolicy": {"id": policy_id}}
    answer = client.post("/api/alerts", json=told)
    assert answer.status_code in (200, 201), pretty(answer)


async def test_what_is_foretold_then_pages(
    suite: Suite, team: Team, client: httpx.Client, webhook: WebhookSink
) -> None:
    now = time_of(suite)
    on_call = make(client, recurring(team.ada.id))
    gap = make(
        client,
        {
            "name": f"gap {secrets.token_hex(3)}",
            "timezone": "UTC",
            "type": "STATIC",
            "shifts": [shift(team.bob.id, now + 5 * HOUR, now + 6 * HOUR)],
        },
    )
    made = policy(
        client,
        {"escalationTimeout": 10, "schedules": [{"id": on_call["id"]}]},
        {"escalationTimeout": 10, "schedules": [{"id": gap["id"]}]},
        {"escalationTimeout": 10, "users": [{"id": team.bob.id}]},
    )
    told = simulated(client, escalationPolicyId=made["id"])

    assert short(told) == [
        (0, "BEGUN", 0, []),
        (0, "PAGED", 1, [team.ada.id]),
        (600, "SKIPPED", 2, []),
        (600, "PAGED", 3, [team.bob.id]),
        (1200, "EXHAUSTED", 0, []),
    ]
    assert (told["state"], told["contactsKnown"], told["notes"]) == ("EXHAUSTED", True, [])
    (page,) = told["steps"][1]["pages"]
    assert [contact["method"] for contact in page["contacts"]] == ["WEBHOOK"]
    (reason,) = page["reasons"]
    assert (reason["kind"], reason["schedule"]["name"]) == ("ON_CALL", on_call["name"])
    (nobody,) = told["steps"][2]["reasons"]
    assert (nobody["kind"], nobody["schedule"]["id"]) == ("NOBODY_ON_CALL", gap["id"])
    by_name = simulated(client, escalationPolicy=made["name"], at="2030-01-01T00:00:00Z")
    assert short(by_name)[:2] == short(told)[:2]

    word = secrets.token_hex(4)
    raise_alert(client, word, made["id"])
    await webhook.wait_for(is_page_of(team.ada, word))
    suite.forward(601)
    await webhook.wait_for(is_page_of(team.bob, word))


def test_faults_name_the_field(client: httpx.Client) -> None:
    for request, field in (
        ({}, "escalationPolicyId"),
        ({"escalationPolicyId": 1, "maxResults": 0}, "maxResults"),
    ):
        answer = client.post(PATH, json=request)
        assert answer.status_code == 400, pretty(answer)
        assert field in answer.text
    assert client.post(PATH, json={"escalationPolicyId": 999_999}).status_code == 404


def test_the_terminal_draws_it(suite: Suite, team: Team, client: httpx.Client) -> None:
    made = policy(client, {"escalationTimeout": 10, "users": [{"id": team.ada.id}]})
    ran = tocsin(
        suite, "simulate", str(made["id"]), "--zone", "Europe/Berlin", "--at", "2030-10-27T02:30"
    )

    assert ran.returncode == 0, ran.stderr
    assert f"{made['name']}, HIGH, from Sun 2030-10-27 02:30 CEST" in ran.stdout
    assert "→ WEBHOOK" in ran.stdout
    accepted = tocsin(
        suite, "simulate", made["name"], "--accept-after", "5m", "--by", str(team.bob.id), "--json"
    )
    assert json.loads(accepted.stdout)["state"] == "ACKNOWLEDGED"
    assert tocsin(suite, "simulate").returncode == 2
    assert tocsin(suite, "simulate", "999999").returncode == 1


def test_what_would_go_wrong_is_told(suite: Suite, client: httpx.Client) -> None:
    answer = client.post(
        "/api/users",
        json={"firstName": "No", "lastName": "Way", "email": f"{secrets.token_hex(4)}@nowhere"},
    )
    nobody = answer.json()["id"]
    shift = {"user": {"id": nobody}, "start": "2998-01-01T00:00:00Z", "end": "2998-01-02T00:00:00Z"}
    told = {"name": "empty", "timezone": "UTC", "type": "STATIC", "shifts": [shift]}
    schedule = make(client, told)
    made = policy(client, {"escalationTimeout": 5, "schedules": [{"id": schedule["id"]}]})
    answer = client.put(f"/api/schedules/{schedule['id']}", json=told | {"shifts": []})
    assert answer.status_code == 200, pretty(answer)
    assert client.get("/api/lint", params={"colour": "red"}).status_code == 400

    answer = client.get("/api/lint", params={"days": 30})
    assert answer.status_code == 200, pretty(answer)
    places = {(each["check"], each["kind"], each["id"]): each for each in answer.json()["findings"]}
    assert places["POLICY_REACHES_NOBODY", "escalation policy", str(made["id"])]
    assert places["GAP", "schedule", str(schedule["id"])]
    assert ("NO_CONTACT", "user", str(nobody)) not in places  # no level means them
    assert answer.json()["unchecked"] == []

    ran = tocsin(suite, "lint")
    assert ran.returncode == 5, ran.stderr
    assert f"escalation policy {made['id']} ({made['name']})" in ran.stdout
    client.delete(f"/api/escalation-policies/{made['id']}")


def test_what_a_document_does_otherwise_is_told(
    suite: Suite, team: Team, client: httpx.Client, tmp_path: Path
) -> None:
    made = policy(client, {"escalationTimeout": 10, "users": [{"id": team.ada.id}]})
    bob = client.get(f"/api/users/{team.bob.id}").json()["email"]
    rule = {"escalationTimeout": 10, "users": [{"email": bob}]}
    document = {"escalationPolicies": [{"name": made["name"], "escalationRules": [rule]}]}

    answer = client.post("/api/configuration/compare", json={"after": document})
    assert answer.status_code == 200, pretty(answer)
    found = answer.json()["escalationPolicies"]
    assert [(each["escalationPolicy"]["id"], each["priority"]) for each in found] == [
        (made["id"], "HIGH"),
        (made["id"], "LOW"),
    ]
    (difference,) = found[0]["differences"]
    (level,) = difference["levels"]
    assert level["before"]["users"][0]["id"] == team.ada.id
    assert level["after"]["users"][0]["id"] == team.bob.id
    faulty = {"after": {"escalationPolicies": [{"name": "x", "escalationRules": [{}]}]}}
    answer = client.post("/api/configuration/compare", json=faulty)
    assert (answer.status_code, "escalationPolicies[0]" in answer.text) == (400, True)

    file = tmp_path / "after.yaml"
    file.write_text(json.dumps(document))
    ran = tocsin(suite, "simulate", "--compare", str(file), "--until", "2d")
    assert ran.returncode == 0, ran.stderr
    assert f"escalation policy {made['name']}, HIGH" in ran.stdout
    same = tocsin(suite, "simulate", "--compare", str(file), str(file))
    assert "nothing differs" in same.stdout
    assert tocsin(suite, "simulate", "--compare", str(tmp_path / "none")).returncode == 1
