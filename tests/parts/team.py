"""People, a policy and an alert source of a test's own, made as a user would make them."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tests.parts.suite import Suite, pretty
from tests.parts.waiting import eventually
from tests.parts.webhook import Request, WebhookSink


@dataclass(frozen=True)
class Person:
    """Somebody who can be paged."""

    id: int
    path: str  # where their pages arrive
    email: str


@dataclass(frozen=True)
class Team:
    """Level 1 pages Ada, level 2 pages Bob, as long after as the policy says."""

    suite: Suite
    ada: Person
    bob: Person
    policy_id: int
    source_id: int
    key: str

    def send(self, event_type: str, summary: str = "", **fields: Any) -> httpx.Response:
        """Sends an event of the team's source."""
        return self.suite.send(event_type, summary, apiKey=self.key, **fields)

    def alerts(self, *states: str) -> list[dict[str, Any]]:
        """Returns the team's alerts, newest first."""
        with self.suite.client() as client:
            answer = client.get("/api/alerts", params={"sources": self.source_id, "states": states})
        assert answer.status_code == 200, pretty(answer)
        found: list[dict[str, Any]] = answer.json()
        return found

    async def alert(self, summary: str, *states: str, within: float = 15) -> dict[str, Any]:
        """Returns the alert of that summary, in one of the states, waiting for it."""

        def find() -> list[dict[str, Any]]:
            return [alert for alert in self.alerts(*states) if alert["summary"] == summary]

        found: list[dict[str, Any]] = await eventually(find, within=within)
        return found[0]

    def put(self, path: str) -> dict[str, Any]:
        """Does something to an alert, as a bare `curl -X PUT` would."""
        with self.suite.client() as client:
            answer = client.put(path)
        assert answer.status_code == 200, pretty(answer)
        changed: dict[str, Any] = answer.json()
        return changed


def messages(webhook: WebhookSink, person: Person, word: str = "") -> list[dict[str, Any]]:
    """Returns whatever a person was told, in order, as far as it has the word."""
    told = [json.loads(r.body) for r in webhook.requests if r.path == person.path]
    return [message for message in told if word in json.dumps(message)]


def pages(webhook: WebhookSink, person: Person, word: str = "") -> list[dict[str, Any]]:
    """Returns the messages that want a person; not those that take a page back.

    Whether a page is taken back hangs on how late it went out, and so on the machine.
    """
    return [told for told in messages(webhook, person, word) if told["type"] == "page"]


def is_page_of(person: Person, word: str) -> Any:
    """Returns a predicate on requests: a page to a person about something."""

    def check(request: Request) -> bool:
        if request.path != person.path or word.encode() not in request.body:
            return False
        is_page: bool = json.loads(request.body)["type"] == "page"
        return is_page

    return check


def make_team(suite: Suite, webhook: WebhookSink, *, timeout: int = 600) -> Team:
    """Makes a team whose pages arrive at the webhook."""
    with suite.client() as client:
        ada, bob = (make_person(client, webhook, name) for name in ("Ada", "Bob"))
        policy_id = make_policy(client, [ada, bob], timeout)
        source = client.post(
            "/api/alert-sources",
            json={
                "name": f"source {secrets.token_hex(3)}",
                "integrationType": "API",
                "escalationPolicy": {"id": policy_id},
            },
        )
    assert source.status_code == 201, pretty(source)
    made = source.json()
    return Team(suite, ada, bob, policy_id, made["id"], made["integrationKey"])


def make_person(client: httpx.Client, webhook: WebhookSink, name: str) -> Person:
    """Makes somebody whose pages arrive at the webhook."""
    word = secrets.token_hex(4)
    email = f"{name.lower()}.{word}@example.com"
    made = client.post(
        "/api/users", json={"firstName": name, "lastName": f"of {word}", "email": email}
    )
    assert made.status_code == 201, pretty(made)
    user_id = made.json()["id"]
    path = f"/{word}"
    contact = client.post(
        f"/api/users/{user_id}/contacts", json={"method": "WEBHOOK", "target": webhook.url + path}
    )
    assert contact.status_code == 201, pretty(contact)
    return Person(user_id, path, email)


def make_policy(client: httpx.Client, people: Sequence[Person], timeout: int) -> int:
    """Makes a policy that pages one after the other, so many seconds apart; returns its id."""
    levels = [
        {"escalationTimeoutSeconds": timeout, "users": [{"id": person.id}]} for person in people
    ]
    made = client.post(
        "/api/escalation-policies",
        json={"name": f"policy {secrets.token_hex(3)}", "escalationRules": levels},
    )
    assert made.status_code == 201, pretty(made)
    policy_id: int = made.json()["id"]
    return policy_id
