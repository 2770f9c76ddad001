"""What policies have beyond ilert's, through the edge: fallbacks, turns, accepts that expire."""

import secrets
from typing import Any

import pytest

from tests.e2e.test_contract_alerts import call, create, word
from tests.parts.suite import Suite
from tests.parts.team import Team, is_page_of, pages
from tests.parts.waiting import eventually
from tests.parts.webhook import WebhookSink

PATH = "/api/escalation-policies"


def level(*users: int, seconds: int = 600, **fields: Any) -> dict[str, Any]:
    people = [{"id": user} for user in users]
    return {"escalationTimeoutSeconds": seconds, "users": people, **fields}


def policy(team: Team, *levels: dict[str, Any], **fields: Any) -> dict[str, Any]:
    told = {"name": f"policy {secrets.token_hex(3)}", "escalationRules": levels, **fields}
    made: dict[str, Any] = call(team, "POST", PATH, 201, json=told)
    return made


def log_of(team: Team, alert_id: int, lang: str = "en") -> list[str]:
    path = f"/api/alerts/{alert_id}/log-entries"
    found = call(team, "GET", path, 200, params={"lang": lang, "max-results": 100})
    return [entry["text"] for entry in found]


def test_a_policy_has_a_fallback_turns_an_expiry_and_a_version(team: Team) -> None:
    last = policy(team, level(team.bob.id))
    in_turn = level(team.ada.id, team.bob.id, distribution="ROUND_ROBIN")
    made = policy(team, in_turn, fallback={"id": last["id"]}, acceptExpiryMin=30)

    assert made["fallback"] == {"id": last["id"], "name": last["name"]}
    assert (made["acceptExpiryMin"], made["version"]) == (30, 1)
    assert made["escalationRules"][0]["distribution"] == "ROUND_ROBIN"
    assert last["escalationRules"][0]["distribution"] == "ALL"
    assert {"fallback", "acceptExpiryMin"}.isdisjoint(last)
    path = f"{PATH}/{made['id']}"
    changed = call(team, "PUT", path, 200, json=made | {"acceptExpiryMin": None, "delayMin": 1})
    assert (changed["version"], "acceptExpiryMin" in changed) == (2, False)
    used = call(team, "DELETE", f"{PATH}/{last['id']}", 400)
    assert (used["code"], f"escalation policy {made['id']}" in used["message"]) == ("IN_USE", True)
    circle = call(team, "PUT", f"{PATH}/{last['id']}", 400, json=last | {"fallback": made})
    assert last["name"] in circle["message"]
    assert made["name"] in circle["message"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"fallback": {"id": 2_000_000_000}}, "fallback"),
        ({"fallback": {"id": 1}}, "built in"),
        ({"acceptExpiryMin": 0}, "acceptExpiryMin must be 1 to 43200"),
        ({"acceptExpiryMin": 43_201}, "acceptExpiryMin must be 1 to 43200"),
        ({"escalationRules": [level(1)] * 1000}, "escalationRules must have 50 at most"),
        ({"escalationRules": [level(1, distribution="DICE")]}, "DICE"),
    ],
)
def test_a_policy_that_cannot_be(team: Team, fields: dict[str, Any], words: str) -> None:
    told = {"name": "x", "escalationRules": [level(team.ada.id)], **fields}
    assert words in call(team, "POST", PATH, 400, json=told)["message"]


async def test_an_alert_says_what_its_policy_did_and_that_nobody_answered(
    team: Team, webhook: WebhookSink
) -> None:
    last = policy(team, level(team.bob.id, seconds=1))
    first = policy(team, level(team.ada.id, seconds=1), fallback={"id": last["id"]})
    summary = word()
    alert = create(team, summary, escalationPolicy={"id": first["id"]})
    path = f"/api/alerts/{alert['id']}"

    def exhausted() -> bool:
        return "escalationExhausted" in call(team, "GET", path, 200)

    await eventually(exhausted, within=20)
    (page,) = pages(webhook, team.bob, summary)
    assert (page["level"], page["levelCount"]) == (1, 1)
    told = log_of(team, alert["id"])
    people = [each["user"] for each in call(team, "GET", path, 200)["responders"]]
    ada, bob = (f"{each['firstName']} {each['lastName']}" for each in people)
    lines = [
        f"the escalation began along the policy {first['name']} (version 1)",
        f"the alert was escalated to level 1; named there: {ada}",
        f"nobody accepted the alert in time: the policy {last['name']} (version 1) follows",
        f"the alert was escalated to level 1; named there: {bob}",
        "the escalation ended after its last level: nobody accepted the alert",
    ]
    assert [line for line in told if line in lines] == lines
    assert any("Eskalationsplan" in line for line in log_of(team, alert["id"], "de"))
    taken = call(team, "PUT", f"{path}/accept", 200)
    assert "escalationExhausted" not in taken


async def test_an_accept_that_expires_pages_anew(
    suite: Suite, team: Team, webhook: WebhookSink
) -> None:
    forgetful = policy(team, level(team.ada.id), acceptExpiryMin=1)
    summary = word()
    alert = create(team, summary, escalationPolicy={"id": forgetful["id"]})
    await webhook.wait_for(is_page_of(team.ada, summary), within=20)
    path = f"/api/alerts/{alert['id']}"
    assert "acceptExpires" in call(team, "PUT", f"{path}/accept", 200)

    suite.forward(61)

    def paged_twice() -> bool:
        return len([p for p in pages(webhook, team.ada, summary) if p["level"] == 1]) == 2

    await eventually(paged_twice, within=20)
    assert call(team, "GET", path, 200)["status"] == "PENDING"
    assert any("not resolved in time" in line for line in log_of(team, alert["id"]))
    call(team, "PUT", f"{path}/resolve", 200)
