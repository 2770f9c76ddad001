"""How people are reached, row by row, through the edge: as ilert's clients ask, and by codes."""

import re
import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.test_contract_cli import tocsin
from tests.e2e.test_contract_people import answered, new_user, refused
from tests.parts.smtp import SmtpSink
from tests.parts.suite import Suite
from tests.parts.team import Person, Team, is_page_of, make_team
from tests.parts.waiting import eventually
from tests.parts.webhook import WebhookSink


@pytest.fixture
def team(suite: Suite, webhook: WebhookSink) -> Team:
    return make_team(suite, webhook)


@pytest.fixture
def person(client: httpx.Client) -> int:
    return new_user(client)


@pytest.fixture
def client(suite: Suite) -> Iterator[httpx.Client]:
    with suite.client() as opened:
        yield opened


def as_person(suite: Suite, person: Person) -> httpx.Client:
    """Returns a client with a token of a person's own, which answers alerts and no more."""
    told = {
        "name": f"own {secrets.token_hex(3)}",
        "scopes": ["alerts:write", "alerts:read", "config:read"],
        "user": {"id": person.id},
    }
    with suite.client() as client:
        token = answered(client.post("/api/tokens", json=told), 201)["token"]
    return httpx.Client(
        base_url=suite.url,
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
        timeout=10,
    )


def told_of(suite: Suite, path: str) -> Any:
    with suite.client() as client:
        return answered(client.get(path))


def mute(suite: Suite, person: Person) -> None:
    path = f"/api/users/{person.id}"
    with suite.client() as client:
        muted = {**answered(client.get(path)), "mutedUntil": "2999-01-01T00:00:00Z"}
        answered(client.put(path, json=muted))


def address() -> str:
    return f"{secrets.token_hex(4)}@example.com"


def test_an_email_contact_as_ilerts_clients_have_it(client: httpx.Client, person: int) -> None:
    path = f"/api/users/{person}/contacts/emails"
    mail, other = address(), address()

    made = answered(client.post(path, json={"target": mail}), 201)
    one = f"{path}/{made['id']}"
    assert made == {"id": made["id"], "target": mail, "status": "OK"}
    assert answered(client.get(path)) == [made]
    assert answered(client.get(one)) == made
    assert answered(client.post(f"{path}/search-target", json={"target": mail})) == made
    refused(client.post(path, json={"target": mail}), 409, "ALREADY_EXISTS", "already")
    refused(client.post(path, json={"target": "ada"}), 400, "INVALID_REQUEST", "target")
    moved = answered(client.put(one, json={**made, "target": other}))
    assert moved == {**made, "target": other}
    missing = client.post(f"{path}/search-target", json={"target": mail})
    refused(missing, 404, "NOT_FOUND", "target")
    answered(client.delete(one), 204)
    refused(client.get(one), 404, "NOT_FOUND", "contact")
    refused(client.get("/api/users/2000000000/contacts/emails"), 404, "NOT_FOUND", "user")


def test_what_the_deployment_cannot_reach_is_refused(client: httpx.Client, person: int) -> None:
    contacts = f"/api/users/{person}/contacts"
    apprise = {"method": "APPRISE", "target": "gotify://host/token"}

    refused(client.post(contacts, json=apprise), 400, "INVALID_REQUEST", "json")
    assert answered(client.get(contacts)) == []


@pytest.mark.parametrize(
    ("kind", "rule", "changed"),
    [
        ("alerts", {"delayMin": 0, "type": "HIGH_PRIORITY"}, {"delayMin": 5}),
        ("duties", {"beforeMin": 60, "type": "ON_CALL"}, {"beforeMin": 0}),
        ("updates", {"type": "ALERT_RESOLVED"}, {"type": "ALERT_ACCEPTED"}),
    ],
)
def test_a_preference_as_ilerts_clients_have_it(
    client: httpx.Client, person: int, kind: str, rule: dict[str, Any], changed: dict[str, Any]
) -> None:
    user = f"/api/users/{person}"
    mail = answered(client.post(f"{user}/contacts/emails", json={"target": address()}), 201)
    path = f"{user}/notification-preferences/{kind}"
    told = {"method": "EMAIL", "contact": {"id": mail["id"]}, **rule}

    made = answered(client.post(path, json=told), 201)
    one = f"{path}/{made['id']}"
    assert {**made, "contact": {"id": made["contact"]["id"]}} == {"id": made["id"], **told}
    assert answered(client.get(path)) == [made]
    assert answered(client.get(one)) == made
    put = answered(client.put(one, json={**told, **changed}))
    assert put == {**made, **changed}
    refused(client.post(path, json={**told, "method": "WHATSAPP"}), 400, "BAD_REQUEST", "method")
    refused(
        client.post(path, json={**told, "contact": {"id": 1}}), 400, "INVALID_REQUEST", "contact"
    )
    any_of_them = answered(client.post(path, json={"method": "PUSH", **rule}), 201)
    assert any_of_them.get("contact") is None
    answered(client.delete(one), 204)
    refused(client.get(one), 404, "NOT_FOUND", "preference")


async def test_a_person_verifies_an_address_and_is_told_there(
    suite: Suite, team: Team, mail: SmtpSink, webhook: WebhookSink
) -> None:
    target = address()
    user = f"/api/users/{team.ada.id}"
    with as_person(suite, team.ada) as own:
        made = answered(own.post(f"{user}/contacts/emails", json={"target": target}), 201)
        assert made["status"] == "LOCKED"
        verification = f"{user}/contacts/{made['id']}/verification"
        sent = answered(own.post(verification), 202)
        assert sent["triesLeft"] == 5
        arrived = await mail.wait_for(lambda each: each.recipients == (target,))
        found = re.search(r"code: (\d{6})", str(arrived.message["subject"]))
        assert found
        wrong = own.post(f"{verification}/confirm", json={"code": "no"})
        refused(wrong, 400, "INVALID_REQUEST", "code is wrong; 4 tries are left")
        verified = answered(own.post(f"{verification}/confirm", json={"code": found[1]}))
        assert verified["status"] == "OK"
        others = own.post(f"/api/users/{team.bob.id}/contacts/emails", json={"target": target})
        refused(others, 403, "NOT_YOURSELF", "ADMIN")
        high = {"method": "WEBHOOK", "delayMin": 0, "type": "HIGH_PRIORITY"}
        late = {"method": "EMAIL", "delayMin": 5, "type": "HIGH_PRIORITY"}
        for rule in (high, late):
            answered(own.post(f"{user}/notification-preferences/alerts", json=rule), 201)
        shown = answered(own.get(f"{user}/contacts"))
        assert webhook.url in str(shown)
        assert team.ada.path in str(answered(own.get(f"{user}/contacts/{shown[0]['id']}")))
        assert team.ada.path not in str(shown)

    word = f"rules {secrets.token_hex(3)}"
    team.send("ALERT", word)
    await webhook.wait_for(is_page_of(team.ada, word))
    alert = await team.alert(word)
    rows = told_of(suite, f"/api/alerts/{alert['id']}/notifications")
    assert [(row["method"], row["status"]) for row in rows[1:]] == [("EMAIL", "SCHEDULED")]
    assert all(team.ada.path not in row["target"] for row in rows)
    assert not any(
        each.recipients == (target,) and word in str(each.message) for each in mail.mails
    )
    suite.forward(5 * 60 + 1)
    page = await mail.wait_for(lambda each: word in str(each.message["subject"]), within=20)
    assert page.recipients == (target,)
    assert found[1] not in (suite.folder / "data" / "logs" / "notification.log").read_text()


async def test_who_is_muted_is_passed_over(suite: Suite, team: Team, webhook: WebhookSink) -> None:
    mute(suite, team.ada)

    word = f"muted {secrets.token_hex(3)}"
    team.send("ALERT", word)

    await webhook.wait_for(is_page_of(team.bob, word))
    alert = await team.alert(word)

    def logged() -> bool:
        log = told_of(suite, f"/api/alerts/{alert['id']}/log-entries")
        return any("muted: Ada" in each["text"] for each in log)

    await eventually(logged, within=15)


def test_quiet_hours_are_kept(client: httpx.Client, person: int) -> None:
    path = f"/api/users/{person}/quiet-hours"
    told = {"timezone": "Europe/Berlin", "start": "22:00", "end": "07:00", "days": ["SUNDAY"]}

    refused(client.get(path), 404, "NOT_FOUND", "quiet hours")
    put = answered(client.put(path, json=told))
    assert put == {**told, "lowPriority": "WAIT"}
    assert answered(client.get(path)) == put
    refused(client.put(path, json={**told, "start": "9"}), 400, "INVALID_REQUEST", "start")
    answered(client.delete(path), 204)


async def test_contacts_and_rules_on_the_command_line(suite: Suite, team: Team) -> None:
    whose = ("--user", team.ada.email)
    target = address()

    added = tocsin(suite, "contacts", "add", "email", target, "--name", "Home", *whose)
    assert added.returncode == 0, added.stderr
    id_ = re.search(r"^(\d+) ", added.stdout, re.MULTILINE)
    assert id_
    rule = tocsin(suite, "rules", "add", "EMAIL", "--contact", id_[1], "--delay", "5", *whose)
    assert "after 5 min" in rule.stdout, rule.stderr
    contacts = tocsin(suite, "contacts", "list", *whose).stdout
    assert "Home" in contacts
    assert team.ada.path not in contacts
    rules = tocsin(suite, "rules", "list", *whose).stdout
    number = re.search(r"^(\d+) +HIGH +after 5 min +EMAIL", rules, re.MULTILINE)
    assert number
    assert "Home" in rules
    verify = tocsin(suite, "contacts", "verify", id_[1], *whose)
    assert (verify.returncode, "verified already" in verify.stderr) == (1, True)
    for words in (("rules", "remove", number[1]), ("contacts", "remove", id_[1])):
        assert tocsin(suite, *words, *whose).returncode == 0
    assert "told as is usual" in tocsin(suite, "rules", "list", *whose).stdout
    wrong = tocsin(suite, "contacts", "add", "pigeon", "x", *whose)
    assert (wrong.returncode, "make it one of" in wrong.stderr) == (2, True)
