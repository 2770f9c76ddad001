"""What became of each message, and of what carries them, through the edge and the command."""

import secrets

from tests.e2e.test_contract_cli import tocsin, told
from tests.parts.suite import Suite
from tests.parts.team import is_page_of, make_team
from tests.parts.waiting import eventually
from tests.parts.webhook import Reply, WebhookSink


async def test_a_message_tells_its_attempts_and_its_provider(
    suite: Suite, webhook: WebhookSink
) -> None:
    team = make_team(suite, webhook, timeout=600)
    word = f"tried {secrets.token_hex(4)}"
    webhook.replies.append(Reply(status=503))
    team.send("ALERT", word)
    alert = await team.alert(word)
    await webhook.wait_for(is_page_of(team.ada, word), within=20)
    suite.forward(3)
    name = f"webhook:{webhook.url}/…"

    def sent() -> None:
        (page,) = told(suite, "notifications", str(alert["id"]))
        assert page["status"] == "SUCCESS"

    await eventually(sent, within=20)
    with suite.client() as client:
        (page,) = client.get(f"/api/alerts/{alert['id']}/notifications").json()
        query = {"kind": "alert", "subject-id": alert["id"]}
        assert client.get("/api/notifications", params=query).json() == [page]
        (provider,) = (p for p in client.get("/api/providers").json() if p["name"] == name)
        assert client.get("/api/providers", headers={"authorization": ""}).status_code == 401

    first, second = page["attempts"]
    assert (first["number"], first["outcome"], first["reason"]) == (1, "RETRY", "HTTP 503")
    assert (second["number"], second["outcome"], second["provider"]) == (2, "SENT", name)
    assert (page["provider"], page["reason"], page["possibleRepeat"]) == (name, "", False)
    assert "nextAttemptTime" not in page
    assert (provider["configured"], provider["circuit"]) == (True, "CLOSED")
    assert provider["lastFailureReason"] == "HTTP 503"
    assert provider["lastSuccessTime"] > provider["lastFailureTime"]
    assert provider["queueDepth"] == 0

    shown = tocsin(suite, "notifications", str(alert["id"])).stdout
    assert "SUCCESS" in shown
    listed = tocsin(suite, "providers").stdout
    assert name in listed
    assert "terminal" in listed
    assert {"terminal", "smtp", name} <= {each["name"] for each in told(suite, "providers")}
