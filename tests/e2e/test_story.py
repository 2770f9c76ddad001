"""One event pages a person, escalates past them, and is stopped by an accept."""

import json
import secrets
from typing import Any

import grpc
import grpc.aio
import pytest

from tests.parts.smtp import SmtpSink
from tests.parts.suite import Suite, pretty
from tests.parts.team import is_page_of, make_team, messages, pages
from tests.parts.waiting import eventually
from tests.parts.webhook import WebhookSink
from tocsin.alertstate.v1 import alert_service_pb2 as alert_rpc
from tocsin.alertstate.v1.alert_pb2 import Alert
from tocsin.alertstate.v1.alert_service_pb2_grpc import AlertServiceStub
from tocsin.escalation.v1 import escalation_service_pb2 as escalation_rpc
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.escalation_service_pb2_grpc import EscalationServiceStub
from tocsin.ingest.v1.event_pb2 import Event
from tocsin.ingest.v1.event_service_pb2 import SubmitEventRequest
from tocsin.ingest.v1.event_service_pb2_grpc import EventServiceStub

TIMEOUT = 600


async def test_the_story_over_rest(suite: Suite, webhook: WebhookSink, mail: SmtpSink) -> None:
    team = make_team(suite, webhook, timeout=TIMEOUT)
    word = f"disk {secrets.token_hex(4)} full"
    with suite.client() as client:
        for contact in ({"method": "EMAIL", "target": team.ada.email}, {"method": "TERMINAL"}):
            made = client.post(f"/api/users/{team.ada.id}/contacts", json=contact)
            assert made.status_code == 201, pretty(made)

    sent = team.send("ALERT", word, alertKey="disk", details="97 % of /var", priority="HIGH")
    assert sent.status_code == 202, pretty(sent)
    assert sent.json()["responseCode"] == "ACCEPTED"

    # Level 1 is told by all three of her ways.
    await webhook.wait_for(is_page_of(team.ada, word), within=20)
    page = await mail.wait_for(lambda m: word in str(m.message["subject"]), within=20)
    assert page.recipients == (team.ada.email,)
    await eventually(lambda: any(word in line for line in suite.lines), within=20)
    alert = await team.alert(word)
    assert alert["status"] == "PENDING"
    assert messages(webhook, team.bob) == []
    path = f"/api/alerts/{alert['id']}/notifications"
    # An attempt that the turned clock cuts short would be made again, or called off.
    await eventually(lambda: _all_went_out(suite, path), within=20)

    # Nobody accepts: level 2 is told.
    suite.forward(TIMEOUT + 1)
    await webhook.wait_for(is_page_of(team.bob, word), within=20)

    async def both_are_responders() -> None:
        told = (await team.alert(word))["responders"]
        assert [each["user"]["id"] for each in told] == [team.ada.id, team.bob.id]

    await eventually(both_are_responders)

    # An accept stops it.
    accepted = team.put(f"/api/alerts/{alert['id']}/accept")
    assert accepted["status"] == "ACCEPTED"
    assert "nextEscalation" not in accepted
    told = len(pages(webhook, team.ada, word)), len(pages(webhook, team.bob, word))
    suite.forward(10 * TIMEOUT)
    await _later_pages_arrive(team, webhook)
    assert told == (len(pages(webhook, team.ada, word)), len(pages(webhook, team.bob, word)))

    resolved = team.put(f"/api/alerts/{alert['id']}/resolve")
    assert resolved["status"] == "RESOLVED"
    assert "resolvedOn" in resolved
    with suite.client() as client:
        listed = client.get(path).json()
        log = client.get(f"/api/alerts/{alert['id']}/log-entries").json()
    assert [n for n in listed if n["status"] != "SUCCESS"] == []
    assert {"WEBHOOK", "EMAIL", "TERMINAL"} <= {n["method"] for n in listed}
    assert [entry["id"] for entry in log] == list(range(1, len(log) + 1))
    types = [entry["logEntryType"] for entry in log]
    assert types[0] == "AlertReceivedLogEntry"
    assert "AlertEscalatedToLevelLogEntry" in types
    assert "NotificationLogEntry" in types


async def test_the_story_over_grpc(suite: Suite, webhook: WebhookSink) -> None:
    team = make_team(suite, webhook, timeout=TIMEOUT)
    word = f"disk {secrets.token_hex(4)} full"
    me = [("authorization", f"Bearer {suite.token}")]
    async with grpc.aio.insecure_channel(suite.address) as channel:
        alerts = AlertServiceStub(channel)
        event = Event(
            integration_key=team.key, event_type=Event.ALERT, summary=word, alert_key="disk"
        )
        receipt = await EventServiceStub(channel).SubmitEvent(SubmitEventRequest(event=event))
        assert receipt.response_code == "ACCEPTED"

        await webhook.wait_for(is_page_of(team.ada, word), within=20)
        suite.forward(TIMEOUT + 1)
        await webhook.wait_for(is_page_of(team.bob, word), within=20)

        asked = alert_rpc.ListAlertsRequest(sources=[team.source_id], states=[Alert.PENDING])
        (alert,) = (await alerts.ListAlerts(asked, metadata=me)).alerts
        assert alert.summary == word

        accepted = await alerts.AcceptAlert(alert_rpc.AcceptAlertRequest(id=alert.id), metadata=me)
        assert accepted.status == Alert.ACCEPTED
        suite.forward(10 * TIMEOUT)
        await _later_pages_arrive(team, webhook)
        assert len(pages(webhook, team.bob, word)) == 1

        resolved = await alerts.ResolveAlert(
            alert_rpc.ResolveAlertRequest(id=alert.id), metadata=me
        )
        assert resolved.status == Alert.RESOLVED


async def test_events_accept_and_resolve_too(suite: Suite, webhook: WebhookSink) -> None:
    team = make_team(suite, webhook)
    word = f"disk {secrets.token_hex(4)} full"
    team.send("ALERT", word, alertKey="Disk 1")
    await team.alert(word, "PENDING")
    await eventually(lambda: team.alerts()[0]["responders"], within=15)

    assert team.send("ACCEPT", alertKey=" disk 1 ").status_code == 202
    accepted = await team.alert(word, "ACCEPTED")
    assert [r["status"] for r in accepted["responders"]] == ["PENDING"]  # an event is nobody

    assert team.send("RESOLVE", alertKey="DISK 1").status_code == 202
    await team.alert(word, "RESOLVED")

    assert team.send("ALERT", word, alertKey="disk 1").status_code == 202
    again = await team.alert(word, "PENDING")
    assert again["id"] != accepted["id"]


async def test_a_repeat_joins_the_open_alert_and_pages_nobody_again(
    suite: Suite, webhook: WebhookSink
) -> None:
    team = make_team(suite, webhook)
    word = f"disk {secrets.token_hex(4)} full"
    for _ in range(5):
        team.send("ALERT", word, alertKey="disk")
    alert = await team.alert(word)
    await eventually(lambda: team.alerts()[0]["eventCount"] == 5, within=15)
    await webhook.wait_for(is_page_of(team.ada, word), within=20)
    await _later_pages_arrive(team, webhook)

    assert [a["id"] for a in team.alerts()][1:] == [alert["id"]]
    assert len(pages(webhook, team.ada, word)) == 1


async def test_a_low_alert_tells_the_first_level_only(suite: Suite, webhook: WebhookSink) -> None:
    team = make_team(suite, webhook, timeout=TIMEOUT)
    word = f"disk {secrets.token_hex(4)} filling"
    team.send("ALERT", word, priority="LOW")
    await webhook.wait_for(is_page_of(team.ada, word), within=20)

    suite.forward(10 * TIMEOUT)
    await _later_pages_arrive(team, webhook)

    assert messages(webhook, team.bob, word) == []


async def test_another_scheduler_uses_escalation_alone(suite: Suite, webhook: WebhookSink) -> None:
    team = make_team(suite, webhook, timeout=TIMEOUT)
    word = f"rollout {secrets.token_hex(4)} waits"
    me = [("authorization", f"Bearer {suite.token}")]
    async with grpc.aio.insecure_channel(suite.address) as channel:
        stub = EscalationServiceStub(channel)
        subject = Subject(kind="deploy", id=secrets.token_hex(4), title=word)
        start = escalation_rpc.StartEscalationRequest(
            subject=subject, escalation_policy_id=team.policy_id
        )
        run = await stub.StartEscalation(start, metadata=me)
        assert (await stub.StartEscalation(start, metadata=me)).id == run.id

        await webhook.wait_for(is_page_of(team.ada, word), within=20)
        suite.forward(TIMEOUT + 1)
        await webhook.wait_for(is_page_of(team.bob, word), within=20)
        taken = await stub.AcknowledgeEscalation(
            escalation_rpc.AcknowledgeEscalationRequest(id=run.id), metadata=me
        )
        assert taken.state == Escalation.ACKNOWLEDGED

        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.StartEscalation(
                escalation_rpc.StartEscalationRequest(
                    subject=Subject(kind="alert", id="1", title=word),
                    escalation_policy_id=team.policy_id,
                ),
                metadata=me,
            )
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT

    path = f"/api/notifications?kind=deploy&subject-id={subject.id}"
    await eventually(lambda: _all_went_out(suite, path))


async def test_a_policy_that_reaches_nobody_is_told_to_the_admins(
    suite: Suite, webhook: WebhookSink
) -> None:
    """The suite's own alert arrives at the admin whom the first start made."""
    team = make_team(suite, webhook)
    admin = int(suite.credentials["TOCSIN_USER_ID"])
    with suite.client() as client:
        made = client.post(
            f"/api/users/{admin}/contacts",
            json={"method": "WEBHOOK", "target": f"{webhook.url}/admin"},
        )
        assert made.status_code == 201, pretty(made)
        for contact in client.get(f"/api/users/{team.ada.id}/contacts").json():
            gone = client.delete(f"/api/users/{team.ada.id}/contacts/{contact['id']}")
            assert gone.status_code == 204
    word = f"disk {secrets.token_hex(4)} full"

    def admin_was_told() -> list[dict[str, Any]]:
        return [json.loads(r.body) for r in webhook.requests if r.path == "/admin"]

    try:
        team.send("ALERT", word)  # Ada has no way to be reached any more but a mail nobody takes
        path = f"/api/alerts/{(await team.alert(word))['id']}/notifications"
        await eventually(lambda: _listed(suite, path), within=20)
        suite.forward(5 * 3600)  # until the mail is given up
        await eventually(admin_was_told, within=30)
    finally:
        with suite.client() as client:  # who pages the admin later would wait for its answer
            gone = client.delete(f"/api/users/{admin}/contacts/{made.json()['id']}")
    assert gone.status_code == 204, pretty(gone)


def _listed(suite: Suite, path: str) -> list[dict[str, Any]]:
    """Returns the messages of a list."""
    with suite.client() as client:
        listed: list[dict[str, Any]] = client.get(path).json()
    return listed


def _all_went_out(suite: Suite, path: str) -> bool:
    """Tells whether there are messages, and all of them were sent."""
    listed = _listed(suite, path)
    assert {n["status"] for n in listed} == {"SUCCESS"}, listed
    return True


async def _later_pages_arrive(team: Any, webhook: WebhookSink) -> None:
    """Proves that nothing is on its way: what was raised later has arrived."""
    marker = f"marker {secrets.token_hex(4)}"
    team.send("ALERT", marker)
    await webhook.wait_for(is_page_of(team.ada, marker), within=20)
