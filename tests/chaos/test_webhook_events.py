"""kill -9 of notification while it tells of an event: nothing is lost, and the id stays."""

import json
import secrets
from typing import Any

from tests.parts.suite import Suite, pretty
from tests.parts.team import make_team
from tests.parts.waiting import eventually
from tests.parts.webhook import Reply, Request, WebhookSink

BACK_SECONDS = 40
CLAIM_SECONDS = 30


async def test_an_event_outlives_whoever_was_telling_it(suite: Suite, webhook: WebhookSink) -> None:
    team = make_team(suite, webhook)
    word, path = f"told {secrets.token_hex(4)}", f"/{secrets.token_hex(4)}"
    told = {"name": word, "url": webhook.url + path, "events": ["alert.created"]}
    with suite.client() as client:
        made = client.post("/api/webhooks", json=told)
    assert made.status_code == 201, pretty(made)

    def came() -> list[tuple[Request, dict[str, Any]]]:
        found = [each for each in webhook.requests if each.path == path]
        return [(each, json.loads(each.body)) for each in found]

    webhook.reply = Reply(delay=60)  # holds what is told in the teller's hands
    team.send("ALERT", word)
    ((first, body),) = await eventually(came, within=BACK_SECONDS)
    suite.kill("notification")
    webhook.reply = Reply()
    another = f"meanwhile {word}"
    team.send("ALERT", another)
    await eventually(suite.healthy, within=BACK_SECONDS)
    suite.forward(CLAIM_SECONDS + 1)

    def everything() -> None:
        told = [body["data"]["alert"]["summary"] for _, body in came()]
        assert sorted(told) == sorted([word, word, another])

    await eventually(everything, within=BACK_SECONDS)
    again = [request for request, told in came() if told == body]
    ids = [request.headers["webhook-id"] for request in again]
    assert ids == [first.headers["webhook-id"]] * 2
