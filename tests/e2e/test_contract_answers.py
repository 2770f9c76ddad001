"""A message is answered by the link in it, over REST and over gRPC; no file has the link."""

import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import httpx
import pytest

from tests.parts.smtp import SmtpSink
from tests.parts.suite import Suite, pretty
from tests.parts.team import Team, make_team, pages
from tests.parts.waiting import eventually
from tests.parts.webhook import WebhookSink
from tocsin.notification.v1 import answer_service_pb2 as pb
from tocsin.notification.v1.answer_pb2 import Answer
from tocsin.notification.v1.answer_service_pb2_grpc import AnswerServiceStub
from tocsin.notification.v1.notification_events_pb2 import AnswerGiven

LINK = re.compile(r"http://\S+/m/([0-9A-Za-z]+)")


@pytest.fixture
def team(suite: Suite, webhook: WebhookSink) -> Team:
    made = make_team(suite, webhook)
    with suite.client() as client:
        for contact in ({"method": "EMAIL", "target": made.ada.email}, {"method": "TERMINAL"}):
            answer = client.post(f"/api/users/{made.ada.id}/contacts", json=contact)
            assert answer.status_code == 201, pretty(answer)
    return made


def call(suite: Suite, method: str, token: str, **more: Any) -> httpx.Response:
    """Calls the door of answers with the token alone."""
    return httpx.request(
        method, f"{suite.url}/api/answers/{token}", trust_env=False, timeout=10, **more
    )


async def token_in_mail(team: Team, mail: SmtpSink, word: str) -> str:
    """Has Ada paged by e-mail; returns the token of the link in it."""
    assert team.send("ALERT", word).status_code == 202
    page = await mail.wait_for(lambda m: word in str(m.message["subject"]), within=20)
    body = page.message.get_body(("plain",))
    assert body is not None
    found = LINK.search(body.get_content())
    assert found is not None, body.get_content()
    assert found[0].startswith(f"{team.suite.url}/m/")
    assert len(found[1]) <= 32
    return found[1]


def traces(suite: Suite, token: str) -> list[str]:
    """Where the token is found among all that the suite wrote."""
    found = []
    for file in Path(suite.folder).rglob("*"):
        with suppress(FileNotFoundError):  # a broker drops what was read
            if file.is_file() and token.encode() in file.read_bytes():
                found.append(str(file))
    return found


async def test_an_alert_is_accepted_and_resolved_from_a_mail(
    suite: Suite, team: Team, mail: SmtpSink, webhook: WebhookSink
) -> None:
    word = f"mailed {secrets.token_hex(4)}"
    token = await token_in_mail(team, mail, word)

    told = call(suite, "GET", token)
    assert told.status_code == 200, pretty(told)
    (subject,) = told.json()["subjects"]
    assert (subject["kind"], subject["title"], subject["state"]) == ("alert", word, "WANTED")
    assert subject["verbs"] == ["ACCEPT", "RESOLVE", "ESCALATE"]
    escalated = call(suite, "POST", token, json={"verb": "ESCALATE"})
    assert escalated.status_code == 200, pretty(escalated)
    await eventually(lambda: pages(webhook, team.bob, word), within=20)
    for _ in range(2):
        taken = call(suite, "POST", token, json={"verb": "ACCEPT"})
        assert taken.status_code == 200, pretty(taken)
        assert (taken.json()["subjects"][0]["state"], taken.json()["subjects"][0]["done"]) == (
            "ACCEPTED",
            True,
        )
    alert = await team.alert(word, "ACCEPTED", within=20)
    assert call(suite, "POST", token, json={"verb": "RESOLVE"}).status_code == 200
    await team.alert(word, "RESOLVED", within=20)
    with suite.client() as client:
        log = client.get(f"/api/alerts/{alert['id']}/log-entries", params={"lang": "de"}).json()
    name = told.json()["user"]
    said = [entry["text"] for entry in log]
    assert f"{name} hat über eine E-Mail die nächste Stufe sofort angefordert" in said
    assert f"{name} hat den Alarm über eine E-Mail angenommen" in said
    assert f"{name} hat den Alarm über eine E-Mail gelöst" in said
    late = call(suite, "POST", token, json={"verb": "ESCALATE"})
    assert (late.status_code, late.json()["code"]) == (409, "NOT_PENDING")
    # The terminal shows its own to whoever looks on, and what the suite wrote has none of them.
    shown = [found[1] for found in map(LINK.search, suite.lines) if found]
    (hooked,) = (LINK.fullmatch(page["link"]) for page in pages(webhook, team.ada, word))
    assert shown
    assert hooked is not None
    assert [traces(suite, each) for each in (token, hooked[1], *shown)] == [[]] * (len(shown) + 2)


async def test_another_programs_subject_is_answered_over_grpc(
    suite: Suite, team: Team, mail: SmtpSink
) -> None:
    word = f"job {secrets.token_hex(4)}"
    with suite.client() as client:
        run = client.post(
            "/api/escalations",
            json={
                "subject": {"kind": "job", "id": word, "title": word},
                "escalationPolicyId": team.policy_id,
            },
        )
    assert run.status_code < 300, pretty(run)
    page = await mail.wait_for(lambda m: word in str(m.message["subject"]), within=20)
    found = LINK.search(page.message.as_string())
    assert found is not None
    async with grpc.aio.insecure_channel(suite.address) as channel:
        stub = AnswerServiceStub(channel)
        request = pb.GiveAnswerRequest(token=found[1])
        request.answer.verb = AnswerGiven.ACCEPT
        told = await stub.GiveAnswer(request, timeout=10)
        assert told.subjects[0].state == Answer.ACCEPTED

    def state() -> str:
        with suite.client() as client:
            return str(client.get(f"/api/escalations/{run.json()['id']}").json()["state"])

    await eventually(lambda: state() == "ACKNOWLEDGED", within=20)


async def test_what_no_message_has_opens_nothing(suite: Suite, team: Team, mail: SmtpSink) -> None:
    token = await token_in_mail(team, mail, f"kept {secrets.token_hex(4)}")
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")

    for wrong in (forged, "x", "0" * 5000):
        refused = call(suite, "POST", wrong, json={"verb": "ACCEPT"})
        assert (refused.status_code, refused.json()["code"]) == (404, "LINK_UNKNOWN")
        assert wrong not in refused.text
    assert call(suite, "PUT", token, json={"verb": "ACCEPT"}).status_code in (404, 405)
    assert call(suite, "GET", f"{token}?verb=ACCEPT").status_code == 200
    for body in ({"verb": "SING"}, {}, {"verb": 99}):
        bad = call(suite, "POST", token, json=body)
        assert bad.status_code == 400, pretty(bad)
    assert call(suite, "GET", token).json()["subjects"][0]["state"] == "WANTED"
