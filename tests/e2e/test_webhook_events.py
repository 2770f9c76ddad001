"""Webhooks that are told of events, over REST and the command line, through the edge."""

import asyncio
import json
import secrets
import subprocess
import sys
import time
from typing import Any

import httpx

from tests.parts.standard_webhooks import signatures, verified
from tests.parts.suite import ROOT, Suite, pretty
from tests.parts.team import Team
from tests.parts.waiting import eventually
from tests.parts.webhook import Reply, Request, WebhookSink


def make(client: httpx.Client, url: str, *events: str) -> dict[str, Any]:
    told = {"name": f"webhook {secrets.token_hex(3)}", "url": url, "events": events}
    answer = client.post("/api/webhooks", json=told)
    assert answer.status_code == 201, pretty(answer)
    made: dict[str, Any] = answer.json()
    return made


def came(webhook: WebhookSink, path: str, type_: str, word: str) -> list[Request]:
    """Returns what came of one type about the alert with a word in it."""
    return [
        request
        for request in webhook.requests
        if request.path == path
        and word.encode() in request.body
        and json.loads(request.body)["type"] == type_
    ]


async def get(client: httpx.Client, path: str, **params: str) -> Any:
    """Asks without standing in the way of what arrives here."""
    return (await asyncio.to_thread(client.get, path, params=params)).json()


async def post(client: httpx.Client, path: str, told: Any = None) -> Any:
    """As `get`: what is asked for may be a call to here."""
    return (await asyncio.to_thread(client.post, path, json=told)).json()


def tocsin(suite: Suite, *words: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "services.cli", "webhooks", *words],
        cwd=ROOT,
        env={**suite.environment, **suite.credentials},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


async def test_a_webhook_is_told_of_events_until_it_takes_them(
    suite: Suite, team: Team, client: httpx.Client, webhook: WebhookSink
) -> None:
    path, word = f"/{secrets.token_hex(4)}", f"disk {secrets.token_hex(4)}"
    made = make(client, webhook.url + path, "alert.created", "alert.accepted", "escalation.*")
    of_it = f"/api/webhooks/{made['id']}"
    assert made["events"] == ["escalation.*", "alert.created", "alert.accepted"]
    webhook.reply = Reply(status=500)

    team.send("ALERT", word)
    (created,) = await eventually(lambda: came(webhook, path, "alert.created", word), within=15)
    told = json.loads(created.body)
    alert = told["data"]["alert"]
    assert verified(created, made["secret"], suite_time(suite))
    assert created.headers["webhook-id"] == f"event:alert:{alert['id']}:{told['data']['version']}"
    assert (told["data"]["cause"], alert["status"]) == ("RAISED", "PENDING")
    await eventually(lambda: came(webhook, path, "escalation.begun", word), within=15)

    def failing() -> dict[str, Any]:
        shown: dict[str, Any] = client.get(of_it).json()
        assert shown["lastFailure"] == "HTTP 500"
        assert shown["pendingDeliveries"] >= 3  # the alert, the run's begin and its step
        return shown

    shown = await eventually(failing, within=15)
    assert "lastSuccessTime" not in shown
    listed = await get(client, f"{of_it}/deliveries", states="PENDING")
    assert {each["type"] for each in listed} >= {"alert.created", "escalation.begun"}
    assert await get(client, f"{of_it}/deliveries", states="FAILED") == []

    webhook.reply = Reply()
    rotated = await post(client, f"{of_it}/rotate-secret", {"overlapSeconds": 600})
    suite.forward(60)

    def twice() -> list[Request]:
        found = came(webhook, path, "alert.created", word)
        assert len(found) > 1
        return found

    first, *_, last = await eventually(twice, within=15)
    assert first.headers["webhook-id"] == last.headers["webhook-id"]
    assert signatures(last) == 2
    for secret in (made["secret"], rotated["secret"]):
        assert verified(last, secret, suite_time(suite))

    def calm() -> bool:
        shown = client.get(of_it).json()
        return shown["pendingDeliveries"] == 0 and "lastSuccessTime" in shown

    await eventually(calm, within=15)
    team.put(f"/api/alerts/{alert['id']}/accept")
    await eventually(lambda: came(webhook, path, "alert.accepted", word), within=15)
    assert not came(webhook, path, "alert.escalation_changed", word)

    table = tocsin(suite, "deliveries", str(made["id"]))
    assert "alert.accepted" in table
    assert "SENT" in table
    pinged = await asyncio.to_thread(tocsin, suite, "ping", str(made["id"]))
    assert "the webhook took it" in pinged
    (ping,) = came(webhook, path, "webhook.ping", made["name"])
    assert verified(ping, rotated["secret"], suite_time(suite))
    webhook.reply = Reply(status=503)
    failed = await post(client, f"{of_it}/ping")
    assert (failed["delivered"], failed["error"]) == (False, "HTTP 503")
    webhook.reply = Reply()


def test_webhooks_on_the_command_line(suite: Suite, webhook: WebhookSink) -> None:
    name = f"cli {secrets.token_hex(3)}"
    url = f"{webhook.url}/hidden"

    made = tocsin(suite, "create", name, url, "--event", "alert.*")
    assert "whsec_" in made
    (listed,) = (
        each for each in json.loads(tocsin(suite, "list", "--json")) if each["name"] == name
    )
    assert listed["events"] == ["alert.*"]
    assert "secret" not in listed
    rotated = tocsin(suite, "rotate", str(listed["id"]), "--overlap", "0")
    assert "whsec_" in rotated
    assert name in tocsin(suite, "list")


def test_what_nothing_is_called_cannot_be_asked_for(client: httpx.Client) -> None:
    told = {"name": "never", "url": "https://example.com", "events": ["alert.exploded"]}

    refused = client.post("/api/webhooks", json=told)

    assert refused.status_code == 400, pretty(refused)
    assert "alert.created" in refused.json()["message"]
    assert "'alert.exploded' is none" in refused.json()["message"]


def suite_time(suite: Suite) -> float:
    """Returns the time as the suite's services see it."""
    return time.time() + suite.forwarded
