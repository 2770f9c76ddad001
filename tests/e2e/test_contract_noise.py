"""Somebody about whose alerts very much is to be told gets few mails, and each page is listed."""

from typing import Any

from tests.parts.smtp import SmtpSink
from tests.parts.suite import Suite, pretty
from tests.parts.team import Team, make_team, pages
from tests.parts.waiting import eventually
from tests.parts.webhook import WebhookSink

SUMMARIES = [f"noisy disk {number}" for number in range(1, 6)]
WINDOW_SECONDS = 180


async def test_what_is_too_much_for_one_person_is_told_together(
    suite: Suite, webhook: WebhookSink, mail: SmtpSink
) -> None:
    team = make_team(suite, webhook)
    with suite.client() as client:
        mailed = {"method": "EMAIL", "target": team.ada.email}
        assert client.post(f"/api/users/{team.ada.id}/contacts", json=mailed).status_code == 201
    for summary in SUMMARIES:
        assert team.send("ALERT", summary, alertKey=summary).status_code == 202

    await eventually(lambda: len(pages(webhook, team.ada, "noisy")) == 5)  # a program gets each
    waits = await eventually(lambda: _waiting(team), within=15)
    assert {each["reason"] for each in waits} == {"waits for room: 3 messages within 180 s"}
    assert len(_mails(mail, team)) == 3

    suite.forward(WINDOW_SECONDS)
    together = await eventually(lambda: _told_by_another(team), within=15)
    (told,) = together
    assert (told["status"], "errorMessage" in told) == ("SUCCESS", False)
    assert told["reason"] == f"told by notification {told['toldBy']}"
    assert len(_mails(mail, team)) == 4
    assert not _waiting(team)


def _notifications(team: Team) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with team.suite.client() as client:
        for alert in team.alerts():
            answer = client.get(f"/api/alerts/{alert['id']}/notifications")
            assert answer.status_code == 200, pretty(answer)
            found += answer.json()
    return [each for each in found if each["method"] == "EMAIL"]


def _waiting(team: Team) -> list[dict[str, Any]]:
    """Returns the mails that wait, once the others have been sent."""
    found = _notifications(team)
    settled = sum(each["status"] == "SUCCESS" for each in found) == 3
    waits = [each for each in found if each["status"] == "SCHEDULED" and each.get("reason")]
    return waits if settled and len(waits) == 2 else []


def _told_by_another(team: Team) -> list[dict[str, Any]]:
    found = _notifications(team)
    if any(each["status"] != "SUCCESS" for each in found):
        return []
    return [each for each in found if each["toldBy"]]


def _mails(mail: SmtpSink, team: Team) -> list[str]:
    return [str(m.message["Subject"]) for m in mail.mails if team.ada.email in m.recipients]
