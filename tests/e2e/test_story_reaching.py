"""Somebody finds out whether pages reach them, and answers the test as any page."""

import json
import re
import secrets
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.parts.smtp import Mail, SmtpSink
from tests.parts.suite import ROOT, Suite, pretty
from tests.parts.team import make_person
from tests.parts.waiting import eventually
from tests.parts.webhook import WebhookSink

LINK = re.compile(r"http://\S+/m/([0-9A-Za-z]+)")


def post(client: httpx.Client, path: str, status: int = 201, **body: Any) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == status, pretty(answer)
    record: dict[str, Any] = answer.json()
    return record


def notified(client: httpx.Client, kind: str, subject_id: str) -> list[dict[str, Any]]:
    """Returns who was told what about a subject."""
    answer = client.get("/api/notifications", params={"kind": kind, "subject-id": subject_id})
    assert answer.status_code == 200, pretty(answer)
    found: list[dict[str, Any]] = answer.json()
    return found


def tocsin(suite: Suite, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *words],
        cwd=ROOT,
        env={**suite.environment, **suite.credentials},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


async def test_a_test_page_is_answered_by_the_link_in_its_mail(
    suite: Suite, client: httpx.Client, webhook: WebhookSink, mail: SmtpSink
) -> None:
    ada = make_person(client, webhook, "Ada")
    path = f"/api/users/{ada.id}"
    post(client, f"{path}/contacts", method="EMAIL", target=ada.email)

    run = post(client, f"{path}/test-page")

    def is_test(told: Mail) -> bool:
        return ada.email in told.recipients

    page = await mail.wait_for(is_test, within=20)
    assert page.message["Subject"] == "[tocsin] Test: a page to see whether it arrives"
    assert "This is a test page: nothing is wrong." in page.text
    assert "Nobody else will be paged." in page.text
    called = await webhook.wait_for(lambda r: r.path == ada.path, within=20)
    assert json.loads(called.body)["subject"]["kind"] == "test"
    link = LINK.search(page.text)
    assert link is not None
    post(client, f"/api/answers/{link[1]}", 200, verb="ACCEPT")

    def taken() -> list[Any]:
        found = client.get(f"/api/escalations?kind=test&subject-id={run['subject']['id']}").json()
        return [each for each in found if each["state"] == "ACKNOWLEDGED"]

    (after,) = await eventually(taken, within=20)
    assert after["id"] == run["id"]
    assert after["endedBy"]["userId"] == ada.id
    told = notified(client, "test", run["subject"]["id"])
    assert {each["status"] for each in told} == {"SUCCESS"}
    assert {each["user"]["id"] for each in told} == {ada.id}


def test_too_many_test_pages_are_refused_and_say_when_to_try_again(client: httpx.Client) -> None:
    address = f"ada.{secrets.token_hex(4)}@example.com"
    ada = post(client, "/api/users", firstName="Ada", lastName="L", email=address)["id"]
    for _ in range(5):
        post(client, f"/api/users/{ada}/test-page", priority="LOW")

    refused = client.post(f"/api/users/{ada}/test-page")

    assert refused.status_code == 429, pretty(refused)
    assert 0 < int(refused.headers["retry-after"]) <= 3600


@pytest.mark.parametrize("words", [(), ("--priority", "LOW")])
def test_a_command_shows_how_each_way_went(suite: Suite, words: tuple[str, ...]) -> None:
    ran = tocsin(suite, "page-me", *words)

    assert ran.returncode == 0, ran.stderr
    assert "TERMINAL SUCCESS" in ran.stdout


async def test_people_hear_what_became_of_a_page_and_that_a_shift_begins(
    suite: Suite, client: httpx.Client, webhook: WebhookSink, mail: SmtpSink
) -> None:
    ada, bob = (make_person(client, webhook, name) for name in ("Ada", "Bob"))
    contact = post(client, f"/api/users/{ada.id}/contacts", method="EMAIL", target=ada.email)
    rules = f"/api/users/{ada.id}/notification-preferences"
    post(client, f"{rules}/updates", method="EMAIL", type="ALERT_ACCEPTED")
    post(client, f"{rules}/duties", method="EMAIL", contact={"id": contact["id"]}, beforeMin=60)
    word = secrets.token_hex(4)
    level = {"escalationTimeoutSeconds": 600, "users": [{"id": ada.id}, {"id": bob.id}]}
    policy = post(client, "/api/escalation-policies", name=word, escalationRules=[level])
    source = post(
        client,
        "/api/alert-sources",
        name=word,
        integrationType="API",
        escalationPolicy={"id": policy["id"]},
    )
    assert suite.send("ALERT", word, apiKey=source["integrationKey"]).status_code == 202
    page = await webhook.wait_for(lambda r: r.path == bob.path, within=20)
    token = json.loads(page.body)["link"].rpartition("/")[2]

    post(client, f"/api/answers/{token}", 200, verb="ACCEPT")

    def is_update(told: Mail) -> bool:
        return told.recipients == (ada.email,) and "Accepted" in str(told.message["Subject"])

    update = await mail.wait_for(is_update, within=20)
    assert str(update.message["Subject"]).startswith("[tocsin] Accepted by Bob of ")
    assert "/m/" not in update.text

    soon = datetime.fromtimestamp(suite.now, UTC).replace(microsecond=0) + timedelta(hours=6)
    shift = {
        "user": {"id": ada.id},
        "start": soon.isoformat(),
        "end": (soon + timedelta(hours=8)).isoformat(),
    }
    made = post(client, "/api/schedules", name=word, timezone="UTC", type="STATIC", shifts=[shift])
    assert notified(client, "schedule", str(made["id"])) == []
    suite.forward(5.5 * 3600)

    def is_reminder(told: Mail) -> bool:
        return f"Your shift in {word} begins " in str(told.message["Subject"])

    await mail.wait_for(is_reminder, within=30)
    (told,) = notified(client, "schedule", str(made["id"]))
    assert (told["user"]["id"], told["method"]) == (ada.id, "EMAIL")
