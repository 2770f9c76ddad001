"""The pages as browsers and other programs get them: statuses, headers, who is let in."""

import re
import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.parts.suite import Suite
from tests.parts.waiting import until

SECONDS = 15
HTML = "text/html; charset=utf-8"


@pytest.fixture
def browser(suite: Suite) -> Iterator[httpx.Client]:
    """Sends what a browser sends of a form of its own page, and keeps cookies."""
    with httpx.Client(
        base_url=suite.url, headers={"Origin": suite.url}, trust_env=False, timeout=10
    ) as client:
        yield client


@pytest.fixture
def alert_id(suite: Suite) -> int:
    summary = f"pages {secrets.token_hex(4)}"
    suite.send("ALERT", summary, alertKey=summary)

    def found() -> list[int]:
        with suite.client() as client:
            alerts = client.get("/api/alerts").json()
        return [alert["id"] for alert in alerts if alert["summary"] == summary]

    until(found, within=SECONDS)
    return found()[0]


def token(suite: Suite, *scopes: str) -> str:
    with suite.client() as client:
        name = f"pages {secrets.token_hex(4)}"
        made = client.post("/api/tokens", json={"name": name, "scopes": scopes})
    assert made.status_code == 201, made.text
    return str(made.json()["token"])


def is_page(answer: httpx.Response, status: int, *words: str) -> bool:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == HTML
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    assert not re.search(r" on\w+=", answer.text)
    for word in words:
        assert word in answer.text
    return True


def test_signing_in_and_out(suite: Suite, browser: httpx.Client, alert_id: int) -> None:
    path, own = f"/alerts/{alert_id}", token(suite, "alerts:read", "alerts:write", "oncall:read")
    assert is_page(browser.get("/sign-in"), 200, "API token")
    assert is_page(browser.get(path), 401, f'value="{path}"')
    wrong = browser.post("/sign-in", data={"token": "tcs_wrong", "to": path})
    assert is_page(wrong, 401, "unknown, revoked or expired", f'value="{path}"')

    let_in = browser.post("/sign-in", data={"token": own, "to": path})
    assert (let_in.status_code, let_in.headers["location"]) == (303, path)
    kept = let_in.headers["set-cookie"]
    assert kept.startswith(f"tocsin={own}; Path=/; Max-Age=")
    assert kept.endswith("; HttpOnly; SameSite=Strict")
    assert is_page(browser.get(path), 200, "do-accept")
    assert is_page(browser.get("/", params={"state": "pending"}), 200, path)
    assert is_page(browser.get("/on-call"), 200, "Level 1")

    out = browser.post("/sign-out")
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert "tocsin" not in browser.cookies


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/api/alerts", "/\\x"])
def test_signing_in_leads_to_pages_only(suite: Suite, browser: httpx.Client, to: str) -> None:
    let_in = browser.post("/sign-in", data={"token": suite.token, "to": to})
    assert let_in.headers["location"] == "/"


def test_the_cookie_is_no_credential_elsewhere(suite: Suite, alert_id: int) -> None:
    kept = {"Cookie": f"a=b; tocsin={suite.token}", "Origin": suite.url}
    with httpx.Client(base_url=suite.url, headers=kept, trust_env=False) as client:
        assert client.get("/").status_code == 200
        assert client.get(f"/api/alerts/{alert_id}").status_code == 401
        assert client.put(f"/api/alerts/{alert_id}/accept").status_code == 401
        with client.stream("GET", "/api/alert-stream") as stream:
            assert stream.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
def test_forms_of_others_change_nothing(
    suite: Suite, alert_id: int, headers: dict[str, str]
) -> None:
    own = {"Origin": suite.url} if "Sec-Fetch-Site" in headers else {}
    told = {"Cookie": f"tocsin={suite.token}", **own, **headers}
    with httpx.Client(base_url=suite.url, headers=told, trust_env=False) as client:
        refused = client.post(f"/alerts/{alert_id}", data={"verb": "resolve"})
        assert is_page(refused, 403, "Not allowed")
        assert client.post("/sign-in", data={"token": suite.token}).status_code == 403
    with suite.client() as client:
        assert client.get(f"/api/alerts/{alert_id}").json()["status"] == "PENDING"


def test_an_alert_is_changed_by_a_form(suite: Suite, browser: httpx.Client, alert_id: int) -> None:
    browser.cookies.set("tocsin", suite.token)
    path = f"/alerts/{alert_id}"
    for verb, more in (("comment", {"content": "*so*"}), ("accept", {}), ("resolve", {})):
        done = browser.post(path, data={"verb": verb, **more})
        assert (done.status_code, done.headers["location"]) == (303, f"{path}?said={verb}")
    assert is_page(browser.get(path), 200, "<em>so</em>", "badge RESOLVED")

    late = browser.post(path, data={"verb": "accept"})
    assert is_page(late, 409, "That did not work")
    assert is_page(browser.post(path, data={"verb": "dance"}), 400)
    assert is_page(browser.post(path, json={"verb": "accept"}), 400)
    assert is_page(browser.post(path, data={"verb": "comment", "content": ""}), 400)


def test_a_token_does_what_it_may(suite: Suite, browser: httpx.Client, alert_id: int) -> None:
    browser.cookies.set("tocsin", token(suite, "oncall:read"))
    assert is_page(browser.get("/"), 403, "Your token may not do this", "alerts:read")
    assert is_page(browser.get("/on-call"), 200)
    browser.cookies.set("tocsin", token(suite, "alerts:read"))
    assert is_page(browser.get(f"/alerts/{alert_id}"), 200)
    refused = browser.post(f"/alerts/{alert_id}", data={"verb": "accept"})
    assert is_page(refused, 403, "alerts:write")
    assert is_page(browser.get("/alerts/2000000000"), 404, "There is no such alert")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/alerts/seven", 404),
        ("/alerts/99999999999999", 404),
        ("/alerts/7/8", 404),
        ("/?start=-1", 400),
        ("/m/nothing", 404),
        ("/m/nothing/x", 404),
        ("/m/%00", 400),
        ("/static/nothing.css", 404),
        ("/static/..%2fservicer.py", 404),
    ],
)
def test_people_are_told_in_a_page(browser: httpx.Client, path: str, status: int) -> None:
    assert is_page(browser.get(path), status)


def test_a_link_that_is_not_known_says_so_in_the_readers_language(browser: httpx.Client) -> None:
    german = browser.get("/m/nothing", headers={"Accept-Language": "de-CH,de;q=0.9"})
    assert is_page(german, 404, '<html lang="de">', "Dieser Link ist nicht bekannt")
    posted = browser.post("/m/nothing", data={"verb": "accept"})
    assert is_page(posted, 404, "This link is not known")
    assert browser.put("/m/nothing").status_code == 405


def test_files_are_kept_until_they_change(browser: httpx.Client) -> None:
    page = browser.get("/sign-in").text
    found = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(found) == 3
    for address in found:
        got = browser.get(address)
        assert got.status_code == 200
        assert "immutable" in got.headers["cache-control"]
        known = {"If-None-Match": got.headers["etag"]}
        again = browser.get(address, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        plain = browser.get(address.partition("?")[0])
        assert plain.headers["cache-control"] == "no-cache"
        assert plain.content == got.content
    assert browser.get(found[0]).status_code == 200  # the connection is in order


def test_no_page_asks_another_host(suite: Suite, browser: httpx.Client, alert_id: int) -> None:
    browser.cookies.set("tocsin", suite.token)
    for path in ("/", "/on-call", "/sign-in", f"/alerts/{alert_id}", "/m/nothing"):
        loaded: list[Any] = re.findall(
            r'<(?:link|script|img)[^>]*(?:href|src)="([^"]*)"', browser.get(path).text
        )
        assert loaded
        assert all(address.startswith("/static/") for address in loaded)
