"""A German is paged by e-mail, and reads all there is to know in German, by their own clock."""

import secrets
from typing import Any

import httpx

from tests.parts.smtp import SmtpSink
from tests.parts.suite import Suite, pretty
from tests.parts.team import make_person
from tests.parts.webhook import WebhookSink

DETAILS = "**97 %** belegt\n\n<script>alert(1)</script> [hier](javascript:alert(1))"


def make(client: httpx.Client, path: str, **body: Any) -> dict[str, Any]:
    made = client.post(path, json=body)
    assert made.status_code == 201, pretty(made)
    record: dict[str, Any] = made.json()
    return record


async def test_a_german_is_paged_by_mail(
    suite: Suite, webhook: WebhookSink, mail: SmtpSink
) -> None:
    word = secrets.token_hex(4)
    with suite.client() as client:
        greta = make(
            client,
            "/api/users",
            firstName="Greta",
            lastName="Groß",
            email=f"greta.{word}@example.com",
            language="de",
            timezone="Europe/Berlin",
        )
        ada, bob = (make_person(client, webhook, name) for name in ("Ada", "Bob"))
        room = make(client, "/api/webhooks", name=f"room {word}", url=f"{webhook.url}/room")
        levels = [
            {
                "escalationTimeoutSeconds": 600,
                "users": [{"id": greta["id"]}, {"id": ada.id}],
                "webhooks": [{"id": room["id"]}],
            },
            {"escalationTimeoutSeconds": 600, "users": [{"id": bob.id}]},
        ]
        policy = make(
            client, "/api/escalation-policies", name=f"policy {word}", escalationRules=levels
        )
        source = make(
            client,
            "/api/alert-sources",
            name=f"source {word}",
            integrationType="API",
            escalationPolicy={"id": policy["id"]},
        )
    summary = f"Platte „{word}“ voll"
    key = source["integrationKey"]
    sent = suite.send("ALERT", summary, apiKey=key, details=DETAILS, priority="HIGH")
    assert sent.status_code == 202, pretty(sent)

    page = await mail.wait_for(lambda m: m.recipients == (greta["email"],), within=20)

    assert page.message["Subject"] == f"[tocsin] {summary}"
    assert page.message["Content-Language"] == "de"
    for part in (page.text, page.html):
        assert "Dies ist Stufe 1 von 2." in part
        assert "Stufe 2 wird " in part
        assert "benachrichtigt, wenn niemand annimmt." in part
        assert " Uhr ME" in part  # MEZ or MESZ
        assert f"Ebenfalls benachrichtigt: Ada of {ada.email[4:12]}, room {word}." in part
        assert "Von Tocsin an Greta Groß gesendet." in part
    assert "<strong>97 %</strong> belegt" in page.html
    assert "<script" not in page.html
    assert 'href="javascript' not in page.html
    alone = await webhook.wait_for(lambda r: r.path == "/room", within=20)
    assert "This is level 1 of 2." in alone.body.decode()
    assert "Greta Groß" in alone.body.decode()
