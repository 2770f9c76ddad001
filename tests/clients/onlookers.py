"""Whom the pages are for, and how a test looks at them."""

import os
import re
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.parts.suite import Suite
from tests.parts.waiting import until

SECONDS = 20


@dataclass
class Team:
    """Ada is paged, then Bob; what they are told is printed where the suite runs."""

    suite: Suite
    client: httpx.Client
    key: str
    policy: int
    token: str  # of Ada's

    def raise_(self, summary: str, **fields: Any) -> tuple[int, str]:
        """Raises an alert and returns its number, and the link that Ada was told."""
        name = f"{summary} {secrets.token_hex(3)}"
        self.suite.send("ALERT", name, apiKey=self.key, **fields)
        until(lambda: self._link(name), within=SECONDS)
        alerts = self.client.get("/api/alerts").json()
        return next(a["id"] for a in alerts if a["summary"] == name), self._link(name)

    def alert(self, alert_id: int) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"/api/alerts/{alert_id}").json()
        return found

    def _link(self, name: str) -> str:
        text = "\n".join(self.suite.lines)
        after = text.partition(name)[2]
        found = re.search(r"answer in a browser: (http\S+/m/\w+)", after)
        return found[1] if found else ""


@dataclass
class Seen:
    """A page, and what its browser had to say about it."""

    page: Page
    faults: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


def person(client: httpx.Client, name: str, language: str) -> int:
    told = {"firstName": name, "lastName": "Example", "email": f"{fresh(name)}@example.com"}
    id_: int = made(client, "users", **told, language=language, timezone="Europe/Berlin")["id"]
    made(client, f"users/{id_}/contacts", method="TERMINAL")
    return id_


def made(client: httpx.Client, what: str, **fields: Any) -> dict[str, Any]:
    answer = client.post(f"/api/{what}", json=fields)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


def fresh(word: str) -> str:
    return f"{word.lower()}.{secrets.token_hex(3)}"


def sign_in(page: Page, team: Team, base: str = "") -> None:
    page.goto(f"{base or team.suite.url}/")
    page.get_by_label("API token").fill(team.token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def is_as_wide_as_the_screen(page: Page) -> bool:
    wide: bool = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return wide


@contextmanager
def hanging(suite: Suite, service: str) -> Iterator[None]:
    pid = suite.pid_of(service)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def press_until_focused(page: Page, id_: str) -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == id_:
            return
    raise AssertionError(f"{id_} cannot be reached")


def others(own: str, id_: int) -> str:
    """Returns a page of somebody else's that sends its visitors here."""
    return (
        f'<form method="post" action="{own}/alerts/{id_}"><button name="verb" value="resolve">Win'
        f'</button></form><a href="{own}/alerts/{id_}">Look</a>'
    )
