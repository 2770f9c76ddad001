"""An answer from a message that was answered 2xx stops the paging, whatever dies next."""

import json
import secrets
from typing import Any

import httpx

from tests.parts.suite import Suite, pretty
from tests.parts.team import Team, is_page_of, make_team, pages
from tests.parts.waiting import eventually
from tests.parts.webhook import WebhookSink

BACK_SECONDS = 60
LEVEL_SECONDS = 600


async def paged(team: Team, webhook: WebhookSink, word: str) -> dict[str, Any]:
    """Has Ada paged about something; returns her page."""
    assert team.send("ALERT", word).status_code == 202
    request = await webhook.wait_for(is_page_of(team.ada, word), within=BACK_SECONDS)
    page: dict[str, Any] = json.loads(request.body)
    return page


def answer(page: dict[str, Any], verb: str) -> dict[str, Any]:
    """Answers a page by its link, as a program would that knows nothing else."""
    told = httpx.post(page["answerUrl"], json={"verb": verb}, trust_env=False, timeout=10)
    assert told.status_code == 200, pretty(told)
    (subject,) = told.json()["subjects"]
    assert subject["done"], subject
    return dict(subject)


def state(page: dict[str, Any]) -> str:
    """Returns how something stands, as its page's link tells; empty while nobody tells."""
    told = httpx.get(page["answerUrl"], trust_env=False, timeout=10)
    return str(told.json()["subjects"][0]["state"]) if told.status_code == 200 else ""


def run_of(suite: Suite, page: dict[str, Any]) -> dict[str, Any]:
    """Returns how far the escalation is that a page is of."""
    with suite.client() as client:
        told = client.get(f"/api/escalations/{page['escalationId']}")
    assert told.status_code == 200, pretty(told)
    return dict(told.json())


async def is_taken_by_ada(team: Team, page: dict[str, Any], word: str) -> None:
    """Waits until AlertState shows that Ada has it, and how she took it."""
    alert = await team.alert(word, "ACCEPTED", within=BACK_SECONDS)
    accepted = [each["user"]["id"] for each in alert["responders"] if each["status"] == "ACCEPTED"]
    assert accepted == [team.ada.id]
    with team.suite.client() as client:
        log = client.get(f"/api/alerts/{alert['id']}/log-entries").json()
    told = f"{page['user']['name']} accepted the alert through a webhook"
    assert told in [entry["text"] for entry in log]


async def test_an_accept_outlives_the_end_of_everything(suite: Suite, webhook: WebhookSink) -> None:
    team = make_team(suite, webhook, timeout=LEVEL_SECONDS)
    word = f"taken {secrets.token_hex(4)}"
    page = await paged(team, webhook, word)
    suite.hold("alertstate")

    subject = answer(page, "ACCEPT")
    suite.forward(LEVEL_SECONDS + 1)

    assert subject["by"] == page["user"]["name"]
    # Escalation has not heard of it and asks for the next level, which nobody is paged for.
    await eventually(lambda: run_of(suite, page)["level"] == 2, within=BACK_SECONDS)
    suite.crash()
    suite.start()
    await is_taken_by_ada(team, page, word)
    suite.forward(LEVEL_SECONDS + 1)
    marker = f"marker {secrets.token_hex(4)}"
    await paged(team, webhook, marker)
    assert pages(webhook, team.bob, word) == []
    assert len(pages(webhook, team.ada, word)) == 1
    assert answer(page, "ACCEPT")["stateTime"] == subject["stateTime"]  # she may ask again


async def test_an_accept_outlives_notification(suite: Suite, webhook: WebhookSink) -> None:
    team = make_team(suite, webhook, timeout=LEVEL_SECONDS)
    word = f"taken {secrets.token_hex(4)}"
    page = await paged(team, webhook, word)

    answer(page, "ACCEPT")
    suite.kill("notification")
    suite.forward(LEVEL_SECONDS + 1)

    await is_taken_by_ada(team, page, word)
    await eventually(lambda: state(page) == "ACCEPTED", within=BACK_SECONDS)
    marker = f"marker {secrets.token_hex(4)}"
    await paged(team, webhook, marker)
    assert pages(webhook, team.bob, word) == []


async def test_a_resolve_outlives_the_end_of_alertstate_and_escalation(
    suite: Suite, webhook: WebhookSink
) -> None:
    team = make_team(suite, webhook, timeout=LEVEL_SECONDS)
    word = f"over {secrets.token_hex(4)}"
    page = await paged(team, webhook, word)
    for service in ("alertstate", "escalation"):
        suite.hold(service)

    answer(page, "RESOLVE")
    for service in ("alertstate", "escalation", "nats"):
        suite.kill(service)
    suite.forward(LEVEL_SECONDS + 1)

    await team.alert(word, "RESOLVED", within=BACK_SECONDS)
    marker = f"marker {secrets.token_hex(4)}"
    await eventually(lambda: team.send("ALERT", marker).status_code == 202, within=BACK_SECONDS)
    await webhook.wait_for(is_page_of(team.ada, marker), within=BACK_SECONDS)
    assert pages(webhook, team.bob, word) == []
