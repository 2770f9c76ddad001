"""kill -9 of every part between the event and the page: the page comes, and comes once."""

import secrets

import pytest

from tests.parts.suite import Suite
from tests.parts.team import is_page_of, make_team, messages, pages
from tests.parts.waiting import eventually
from tests.parts.webhook import Reply, WebhookSink

BACK_SECONDS = 40
CLAIM_SECONDS = 30


@pytest.mark.parametrize(
    "victim", ["ingest", "alertstate", "escalation", "notification", "nats", "envoy"]
)
async def test_a_part_that_dies_before_the_claim_costs_no_page_and_doubles_none(
    suite: Suite, webhook: WebhookSink, victim: str
) -> None:
    team = make_team(suite, webhook)
    word = f"{victim} {secrets.token_hex(4)}"
    before = suite.pid_of(victim)
    if victim in ("alertstate", "escalation", "notification", "nats"):
        suite.kill(victim)  # first, so that the page cannot be faster than the kill
    sent = team.send("ALERT", word, alertKey="disk")
    assert sent.status_code == 202, sent.text
    if victim in ("ingest", "envoy"):
        suite.kill(victim)

    await webhook.wait_for(is_page_of(team.ada, word), within=BACK_SECONDS)
    await eventually(lambda: suite.pid_of(victim) not in (None, before), within=BACK_SECONDS)
    await eventually(suite.healthy, within=BACK_SECONDS)

    marker = f"marker {secrets.token_hex(4)}"
    await eventually(lambda: team.send("ALERT", marker).status_code == 202, within=BACK_SECONDS)
    await webhook.wait_for(is_page_of(team.ada, marker), within=BACK_SECONDS)
    assert len(pages(webhook, team.ada, word)) == 1
    assert [alert["summary"] for alert in team.alerts()].count(word) == 1


async def test_notification_dies_while_sending_and_the_second_page_says_so(
    suite: Suite, webhook: WebhookSink
) -> None:
    team = make_team(suite, webhook)
    word = f"twice {secrets.token_hex(4)}"
    webhook.replies.append(Reply(delay=60))  # holds the first page in the sender's hands
    team.send("ALERT", word)
    first = await webhook.wait_for(is_page_of(team.ada, word), within=BACK_SECONDS)

    suite.kill("notification")
    await eventually(suite.healthy, within=BACK_SECONDS)
    suite.forward(CLAIM_SECONDS + 1)
    await eventually(lambda: len(pages(webhook, team.ada, word)) == 2, within=BACK_SECONDS)

    second = [request for request in webhook.requests if is_page_of(team.ada, word)(request)][1]
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert b"(possible repeat)" not in first.body
    assert b"(possible repeat)" in second.body
    suite.forward(4 * CLAIM_SECONDS)
    marker = f"marker {secrets.token_hex(4)}"
    team.send("ALERT", marker)
    await webhook.wait_for(is_page_of(team.ada, marker), within=BACK_SECONDS)
    assert len(pages(webhook, team.ada, word)) == 2


async def test_an_accept_that_was_answered_stops_the_paging_whatever_dies_next(
    suite: Suite, webhook: WebhookSink
) -> None:
    team = make_team(suite, webhook, timeout=600)
    word = f"accepted {secrets.token_hex(4)}"
    team.send("ALERT", word)
    alert = await team.alert(word, within=BACK_SECONDS)
    await webhook.wait_for(is_page_of(team.ada, word), within=BACK_SECONDS)

    team.put(f"/api/alerts/{alert['id']}/accept")
    for victim in ("alertstate", "escalation", "nats"):
        suite.kill(victim)
    suite.forward(601)  # level 2 is due while the accept is still on its way

    await eventually(suite.healthy, within=BACK_SECONDS)
    marker = f"marker {secrets.token_hex(4)}"
    await eventually(lambda: team.send("ALERT", marker).status_code == 202, within=BACK_SECONDS)
    await webhook.wait_for(is_page_of(team.ada, marker), within=BACK_SECONDS)
    assert messages(webhook, team.bob, word) == []
