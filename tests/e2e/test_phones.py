"""Pages reach telephones, and are answered there: by Twilio's protocol, through the edge."""

import re
import secrets
import string
from typing import Any
from xml.etree import ElementTree

import httpx

from tests.parts.suite import Suite, pretty
from tests.parts.team import Person, Team, make_team, pages
from tests.parts.twilio import Twilio
from tests.parts.waiting import eventually
from tests.parts.webhook import WebhookSink

TIMEOUT = 600


def give_phone(client: httpx.Client, person: Person, method: str) -> str:
    """Has a person told at a telephone alone, and returns its number."""
    number = f"+49151{secrets.randbelow(9 * 10**7) + 10**7}"
    contact = client.post(
        f"/api/users/{person.id}/contacts", json={"method": "PHONE", "target": number}
    )
    assert contact.status_code == 201, pretty(contact)
    rule = {
        "method": method,
        "contact": {"id": contact.json()["id"]},
        "delayMin": 0,
        "type": "HIGH_PRIORITY",
    }
    made = client.post(f"/api/users/{person.id}/notification-preferences/alerts", json=rule)
    assert made.status_code in (200, 201), pretty(made)
    return number


async def test_a_page_is_texted_and_accepted_by_a_reply(
    suite: Suite, webhook: WebhookSink, telephone: Twilio
) -> None:
    team = make_team(suite, webhook, timeout=TIMEOUT)
    word = f"disk {secrets.token_hex(4)} full"
    with suite.client() as client:
        number = give_phone(client, team.ada, "SMS")

    assert team.send("ALERT", word, alertKey="disk", priority="HIGH").status_code == 202
    text = await telephone.text(number)
    assert word in text["Body"]
    code = re.search(r"1 ([0-9][0-9a-z]+)", text["Body"])
    assert code is not None, text["Body"]

    # Whoever is not Twilio changes nothing.
    forged = await telephone.writes_back(suite.url, suite.url, number, "1", token="forged")
    assert forged.status_code == 403, forged.text
    assert (await team.alert(word))["status"] == "PENDING"

    delivered = await telephone.reports(suite.url, text, "delivered")
    assert (delivered.status_code, delivered.content) == (204, b"")
    unclear = await telephone.writes_back(suite.url, suite.url, number, "was ist los?")
    assert "Reply 1 to accept" in answered(unclear)
    accepted = await telephone.writes_back(suite.url, suite.url, number, f"1 {code[1].upper()}")
    assert answered(accepted) == f"Accepted: {word}."

    await stays_accepted(team, webhook, word)
    with suite.client() as client:
        listed = client.get(f"/api/alerts/{team.alerts()[0]['id']}/notifications").json()
    mine = [each for each in listed if each["method"] == "SMS"]
    assert [each["status"] for each in mine] == ["SUCCESS"]

    again = await telephone.writes_back(suite.url, suite.url, number, "fixed")
    assert answered(again) == f"Resolved: {word}."
    await team.alert(word, "RESOLVED")


async def test_a_page_is_called_and_accepted_by_a_key(
    suite: Suite, webhook: WebhookSink, telephone: Twilio
) -> None:
    team = make_team(suite, webhook, timeout=TIMEOUT)
    name = "".join(secrets.choice(string.ascii_lowercase) for _ in range(8))
    word = f"disk {name} full"  # digits are said one by one
    with suite.client() as client:
        number = give_phone(client, team.ada, "VOICE")

    assert team.send("ALERT", word, alertKey="disk", priority="HIGH").status_code == 202
    call = await telephone.call(number)
    assert word in call["Twiml"]

    waited = await telephone.presses(suite.url, suite.url, call, "")
    assert waited.headers["content-type"].startswith("text/xml")
    assert word in spoken(waited)
    wrong = await telephone.presses(suite.url, suite.url, call, "9")
    assert "Press 1 to accept" in spoken(wrong)
    accepted = await telephone.presses(suite.url, suite.url, call, "1")
    assert spoken(accepted) == f"Accepted: {word}."
    assert (await telephone.reports(suite.url, call, "completed")).status_code == 204

    await stays_accepted(team, webhook, word)


async def stays_accepted(team: Team, webhook: WebhookSink, word: str) -> None:
    """Waits until an alert is accepted by Ada, and makes sure that nobody else is paged."""
    alert = await team.alert(word, "ACCEPTED")

    def ada_answered() -> list[Any]:
        responders = team.alerts()[0]["responders"]
        return [
            each
            for each in responders
            if (each["user"]["id"], each["status"]) == (team.ada.id, "ACCEPTED")
        ]

    await eventually(ada_answered)
    team.suite.forward(10 * TIMEOUT)
    with team.suite.client() as client:
        shown = client.get(f"/api/alerts/{alert['id']}").json()
    assert shown["status"] == "ACCEPTED"
    assert [page for page in pages(webhook, team.bob, word) if page["type"] == "page"] == []


def answered(response: httpx.Response) -> str:
    """Returns the message in an answer to Twilio."""
    assert response.status_code == 200, response.text
    return ElementTree.fromstring(response.content).findtext("Message") or ""


def spoken(response: httpx.Response) -> str:
    """Returns what an answer to Twilio says."""
    assert response.status_code == 200, response.text
    return " ".join(
        each.text or "" for each in ElementTree.fromstring(response.content).iter("Say")
    )
