"""The contract on ttyops' API, row by row, through the edge."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.parts.suite import Suite
from tests.parts.team import Team, is_page_of, make_team, messages, pages
from tests.parts.waiting import arrival, eventually, until
from tests.parts.webhook import WebhookSink

JSON = {"Content-Type": "application/json"}
SCOPES = ["ingest", "alerts:read", "alerts:write"]
ALERT_FIELDS = {"id", "title", "status", "service", "assignedto"}
ALERT, BATCH = "/api/v1/alert", "alerts"


@dataclass(frozen=True)
class Service:
    """A service, with the number of its source."""

    name: str
    source_id: int


@pytest.fixture(scope="module")
def admin(suite: Suite) -> Iterator[httpx.Client]:
    """The client of a person who may do everything."""
    with suite.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def token(admin: httpx.Client) -> str:
    """A token as ttyops gives one: with three scopes."""
    made = admin.post("/api/tokens", json={"name": "ttyops", "scopes": SCOPES})
    assert made.status_code == 201, made.text
    return str(made.json()["token"])


@pytest.fixture(scope="module")
def client(suite: Suite, token: str) -> Iterator[httpx.Client]:
    """A client of ttyops."""
    shown = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=suite.url, headers=shown, trust_env=False, timeout=10) as opened:
        yield opened


@pytest.fixture(scope="module")
def service(suite: Suite, admin: httpx.Client) -> Service:
    return new_service(admin, int(suite.credentials["TOCSIN_POLICY_ID"]))


def new_service(admin: httpx.Client, policy_id: int) -> Service:
    name = f"web {secrets.token_hex(4)}"
    body = {"name": name, "integrationType": "TTYOPS", "escalationPolicy": {"id": policy_id}}
    made = admin.post("/api/alert-sources", json=body)
    assert made.status_code == 201, made.text
    return Service(name, made.json()["id"])


def told(service: Service, fingerprint: str, **fields: Any) -> dict[str, Any]:
    """Returns an alert that is accepted."""
    said = {"fingerprint": fingerprint, "status": "firing", "service": service.name}
    return {**said, "title": "disk full", **fields}


def send(client: httpx.Client, *alerts: dict[str, Any]) -> dict[str, Any]:
    """Sends alerts, all of which are accepted."""
    answer = client.post(ALERT, json={"alerts": list(alerts)})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    reply: dict[str, Any] = answer.json()
    assert reply == {"accepted": len(alerts), "refused": []}
    return reply


def refused(answer: httpx.Response, status: int, error: str, *words: str) -> None:
    """Checks an error body: the vendor publishes none."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body.keys() == {"error", "message"}
    assert body["error"] == error
    for word in words:
        assert word in body["message"]


def alerts(client: httpx.Client, title: str) -> list[dict[str, Any]]:
    """Returns the alerts that a client sees whose title begins like this."""
    answer = client.get(ALERT)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["alerts"]
    return [each for each in found if each["title"].startswith(title)]


def reach(client: httpx.Client, title: str, *statuses: str) -> list[dict[str, Any]]:
    """Returns the alerts of a title once they have these statuses, newest first."""
    until(lambda: [each["status"] for each in alerts(client, title)] == [*statuses], within=15)
    return alerts(client, title)


def own(admin: httpx.Client, service: Service) -> list[dict[str, Any]]:
    """Returns the alerts of a service in Tocsin's own words, newest first."""
    found: list[dict[str, Any]] = admin.get(
        "/api/alerts", params={"sources": service.source_id}
    ).json()
    return found


def word() -> str:
    return f"title {secrets.token_hex(4)}"


# ---------------------------------------------------------------- 10.1 endpoints


def test_a_batch_is_answered_with_200_and_every_alert_is_listed(
    client: httpx.Client, service: Service
) -> None:
    title = word()

    send(client, *(told(service, f"{title} {n}", title=f"{title} {n}") for n in range(3)))

    found = alerts(client, title)
    until(lambda: len(alerts(client, title)) == 3, within=15)
    found = alerts(client, title)
    services = {
        each["name"]: each["id"] for each in client.get("/api/v1/service").json()["services"]
    }
    for each in found:
        assert each.keys() == ALERT_FIELDS
        assert (each["status"], each["service"]) == ("firing", services[service.name])
        assert all(isinstance(value, str) for value in each.values())
    assert len({each["id"].partition("-")[0] for each in found}) == 3
    assert [each["title"] for each in found] == [f"{title} {n}" for n in (2, 1, 0)]


def test_services_members_and_schedules(
    suite: Suite, client: httpx.Client, admin: httpx.Client, service: Service
) -> None:
    user_id = int(suite.credentials["TOCSIN_USER_ID"])
    layer = {
        "name": "all day",
        "startsOn": "2026-01-01T00:00",
        "users": [{"id": user_id}],
        "rotation": "P7D",
    }
    names = [f"{kind} {secrets.token_hex(4)}" for kind in ("nights", "nobody")]
    for name, layers in zip(names, ([layer], []), strict=True):
        shape = {"type": "RECURRING", "scheduleLayers": layers} if layers else {"type": "STATIC"}
        body = {"name": name, "timezone": "UTC", **shape}
        made = admin.post("/api/schedules", json=body)
        assert made.status_code == 201, made.text

    services = client.get("/api/v1/service")
    members = client.get("/api/v1/team/members")
    schedules = client.get("/api/v1/schedule")

    assert [each.status_code for each in (services, members, schedules)] == [200, 200, 200]
    assert "default" in [each["name"] for each in services.json()["services"]]
    assert all(each.keys() == {"id", "name"} for each in services.json()["services"])
    person = next(
        each for each in members.json()["members"] if each["email"] == "oncall@example.com"
    )
    assert person.keys() == {"id", "email"}
    on_call = {each["name"]: each["on-call"] for each in schedules.json()["schedules"]}
    assert on_call[names[0]] == person
    assert on_call[names[1]] == {"id": "", "email": ""}


def test_acknowledge_resolve_and_assign(
    client: httpx.Client, admin: httpx.Client, service: Service
) -> None:
    title, key = word(), secrets.token_hex(4)
    send(client, told(service, key, title=title))
    (alert,) = reach(client, title, "firing")
    email = f"{secrets.token_hex(4)}@example.com"
    admin.post("/api/users", json={"firstName": "Ada", "lastName": "L", "email": email})
    members = client.get("/api/v1/team/members").json()["members"]
    ada = next(each["id"] for each in members if each["email"] == email)

    path = f"{ALERT}/{alert['id']}"
    for verb, status in (("acknowledge", "acknowledged"), (f"assign/{ada}", "acknowledged")):
        answer = client.put(f"{path}/{verb}", headers=JSON)
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == status
    assert alerts(client, title)[0]["assignedto"] == ada
    for _ in range(2):  # a repeat is harmless
        answer = client.put(f"{path}/resolve")
        assert (answer.status_code, answer.json()["status"]) == (200, "resolved")
    refused(client.put(f"{path}/acknowledge"), 400, "alert_resolved")
    assert [each["status"] for each in alerts(client, title)] == ["resolved"]


def test_the_first_part_of_an_id_is_enough(client: httpx.Client, service: Service) -> None:
    title = word()
    send(client, told(service, title, title=title))
    (alert,) = reach(client, title, "firing")

    first = alert["id"].partition("-")[0]
    assert client.put(f"{ALERT}/{first}/acknowledge").status_code == 200

    assert alerts(client, title)[0]["status"] == "acknowledged"


@pytest.mark.parametrize(
    "path",
    [
        "7ffffff0-alert/acknowledge",
        "7ffffff0-alert/resolve",
        "7ffffff0-alert/assign/00000001-member",
        "7/acknowledge",
        "x/resolve",
        "..%2f..%2fx/resolve",
        "00000001-service/resolve",
    ],
)
def test_an_alert_that_is_not_there(client: httpx.Client, path: str) -> None:
    refused(client.put(f"{ALERT}/{path}"), 404, "not_found")


def test_an_account_that_is_not_there(client: httpx.Client, service: Service) -> None:
    title = word()
    send(client, told(service, title, title=title))
    (alert,) = reach(client, title, "firing")
    for account in ("7ffffff0-member", "ada", "00000001-alert"):
        refused(client.put(f"{ALERT}/{alert['id']}/assign/{account}"), 404, "not_found")


PATHS = (
    ("POST", ALERT),
    ("GET", ALERT),
    ("GET", "/api/v1/service"),
    ("GET", "/api/v1/team/members"),
    ("GET", "/api/v1/schedule"),
    ("PUT", f"{ALERT}/00000001-alert/acknowledge"),
    ("PUT", f"{ALERT}/00000001-alert/resolve"),
    ("PUT", f"{ALERT}/00000001-alert/assign/00000001-member"),
)


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_token_is_needed(suite: Suite, admin: httpx.Client, method: str, path: str) -> None:
    body = json.dumps({BATCH: []}) if method == "POST" else None
    made = admin.post("/api/tokens", json={"name": "n", "scopes": ["config:read"]}).json()
    nobody: tuple[dict[str, str], ...]
    nobody = ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": suite.integration_key})

    with httpx.Client(base_url=suite.url, trust_env=False) as stranger:
        for shown in nobody:
            answer = stranger.request(method, path, content=body, headers={**JSON, **shown})
            refused(answer, 401, "key_error" if shown else "unauthenticated")
        shown = {"Authorization": made["token"]}
        answer = stranger.request(method, path, content=body, headers={**JSON, **shown})
        refused(answer, 403, "scope_missing")
        shown = {"Authorization": suite.token}  # the CLI's way: without Bearer
        answer = stranger.request(method, path, content=body, headers={**JSON, **shown})
        assert answer.status_code in (200, 400, 404)


def test_what_is_not_there(client: httpx.Client) -> None:
    refused(client.get("/api/v1/nothing"), 404, "not_found")
    refused(client.delete(ALERT), 405, "method_not_allowed")
    assert client.get(f"{ALERT}?unknown=1").status_code == 200


# ---------------------------------------------------------------- 10.2 the alert object


@pytest.mark.parametrize(
    ("body", "status", "error", "message"),
    [
        (b"", 400, "not_json", ""),
        (b'{"alerts":', 400, "not_json", ""),
        (b"[]", 400, "not_json", ""),
        (b"\xff", 400, "not_json", ""),
        (b"{}", 400, "invalid_request", "alerts is required"),
        (b'{"alerts":null}', 400, "invalid_request", "alerts is required"),
        (b'{"alerts":{}}', 400, "invalid_request", "alerts must be a list"),
        (b'{"alerts":[1]}', 400, "invalid_request", "alerts[0] must be an object"),
        (b'{"alerts":[{}]}', 400, "invalid_request", "alerts[0].service is required"),
    ],
)
def test_a_body_that_nothing_can_be_made_of(
    client: httpx.Client, body: bytes, status: int, error: str, message: str
) -> None:
    refused(client.post(ALERT, content=body, headers=JSON), status, error, message)


def test_a_body_of_another_type_or_size(client: httpx.Client, service: Service) -> None:
    refused(client.post(ALERT, data={"a": "b"}), 415, "unsupported_media_type")
    large = json.dumps({BATCH: [told(service, "k", x="y" * 2**20)]}).encode()
    refused(client.post(ALERT, content=large, headers=JSON), 413, "payload_too_large")
    many = json.dumps({BATCH: [told(service, "k")] * 2001}).encode()
    refused(client.post(ALERT, content=many, headers=JSON), 413, "payload_too_large")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"title": None}, "alerts[0].title is required"),
        ({"title": {}}, "alerts[0].title is required"),
        ({"service": None}, "alerts[0].service is required"),
        ({"status": "loud"}, "alerts[0].status must be one of firing, resolved"),
        ({"status": None}, "alerts[0].status is required"),
        ({"fingerprint": None}, "alerts[0].fingerprint is required"),
    ],
)
def test_what_keeps_an_alert_from_being_one(
    client: httpx.Client, service: Service, fields: dict[str, Any], message: str
) -> None:
    answer = client.post(ALERT, json={BATCH: [told(service, "k") | fields]})
    refused(answer, 400, "invalid_request", message)


def test_fields_stand_at_the_root_in_labels_or_annotations(
    client: httpx.Client, service: Service
) -> None:
    titles = [word() for _ in range(4)]
    base = {"fingerprint": titles[0], "status": "firing", "service": service.name}

    send(client, {**base, "title": titles[0]})
    send(client, {"labels": {**base, "fingerprint": titles[1], "title": titles[1]}})
    send(
        client,
        {"labels": {**base, "fingerprint": titles[2]}, "annotations": {"title": titles[2]}},
        {
            **base,
            "fingerprint": titles[3],
            "title": titles[3],
            "labels": {"title": "no", "service": "no", "status": "resolved", "fingerprint": "no"},
            "annotations": {"title": "no"},
        },
    )

    for title in titles:
        reach(client, title, "firing")


def test_alertmanagers_body_passes_as_it_is(
    suite: Suite, client: httpx.Client, admin: httpx.Client
) -> None:
    service = new_service(admin, int(suite.credentials["TOCSIN_POLICY_ID"]))
    title = word()

    def body(status: str) -> dict[str, Any]:
        labels = {"alertname": "Down", "service": service.name, "severity": "critical"}
        return {
            "receiver": "ttyops",
            "status": status,
            "alerts": [
                {
                    "status": status,
                    "labels": {**labels, "instance": instance},
                    "annotations": {"title": f"{title} {instance}", "description": "it is down"},
                    "startsAt": "2026-11-22T08:00:00.123456789Z",
                    "endsAt": "0001-01-01T00:00:00Z",
                    "generatorURL": "http://prometheus.example.com/graph?g0.expr=up",
                    "fingerprint": f"{secrets.token_hex(4)}" if not keys else keys[index],
                }
                for index, instance in enumerate(("a", "b"))
            ],
            "groupLabels": {"alertname": "Down"},
            "commonLabels": labels,
            "commonAnnotations": {},
            "externalURL": "http://alertmanager.example.com",
            "version": "4",
            "groupKey": '{}:{alertname="Down"}',
            "truncatedAlerts": 0,
        }

    keys: list[str] = []
    first = body("firing")
    keys += [each["fingerprint"] for each in first["alerts"]]
    assert client.post(ALERT, json=first).status_code == 200
    reach(client, title, "firing", "firing")
    (newest, _) = own(admin, service)
    assert newest["labels"]["instance"] == "b"
    assert (newest["severity"], newest["details"]) == (1, "it is down")
    assert newest["links"][0]["href"].startswith("http://prometheus.example.com")
    assert client.post(ALERT, json=body("resolved")).status_code == 200
    reach(client, title, "resolved", "resolved")


def test_the_clis_alert_is_raised_by_hand(client: httpx.Client, service: Service) -> None:
    title = word()

    for _ in range(2):
        send(client, {"title": title, "service": service.name})

    reach(client, title, "firing", "firing")  # each is one of its own


# ---------------------------------------------------------------- 10.3 semantics


def test_the_same_fingerprint_changes_the_alert(
    client: httpx.Client, admin: httpx.Client, service: Service
) -> None:
    title, key = word(), secrets.token_hex(4)
    send(client, told(service, key, title=f"{title} 1", labels={"a": "1"}))
    (before,) = reach(client, title, "firing")
    changed = told(
        service,
        key.upper(),
        title=f"{title} 2",
        labels={"a": "2"},
        annotations={"description": "worse"},
        severity="warning",
    )
    for _ in range(2):  # told twice, it changes once
        send(client, changed)
    until(lambda: alerts(client, title)[0]["title"] == f"{title} 2", within=15)

    (after,) = alerts(client, title)
    assert after == {**before, "title": f"{title} 2", "assignedto": after["assignedto"]}
    number = int(after["id"].partition("-")[0], 16)
    until(lambda: admin.get(f"/api/alerts/{number}").json()["eventCount"] == 3, within=15)
    shown = admin.get(f"/api/alerts/{number}", params={"include": "customDetails"}).json()
    assert (shown["details"], shown["labels"], shown["severity"]) == ("worse", {"a": "2"}, 3)
    assert shown["customDetails"] == {"description": "worse"}
    entries = admin.get(f"/api/alerts/{number}/log-entries").json()
    types = [each["logEntryType"] for each in entries]
    assert types.count("AlertSummaryChangedLogEntry") == 1
    assert types.count("AlertReceivedLogEntry") == 1


def test_resolved_clears_it_and_an_unknown_fingerprint_does_nothing(
    client: httpx.Client, admin: httpx.Client, service: Service
) -> None:
    title, key = word(), secrets.token_hex(4)

    send(client, told(service, f"unknown {key}", title=title, status="resolved"))
    send(client, told(service, key, title=title))
    reach(client, title, "firing")
    send(client, {"fingerprint": key, "status": "resolved", "service": service.name})
    reach(client, title, "resolved")


async def test_a_warning_is_shown_and_notifies_nobody_until_it_is_critical(
    suite: Suite, client: httpx.Client, admin: httpx.Client, webhook: WebhookSink
) -> None:
    team, title, loud = make_team(suite, webhook), word(), word()
    service = new_service(admin, team.policy_id)

    send(client, told(service, title, title=title, severity="warning"))
    reach(client, title, "firing")
    send(client, told(service, loud, title=loud))  # and so the one before was acted on
    await paged(webhook, team, loud)
    _, warning = own(admin, service)
    assert (warning["silent"], warning["status"]) == (True, "PENDING")
    assert "nextEscalation" not in warning
    assert messages(webhook, team.ada, title) == []

    send(client, told(service, title, title=title, severity="critical"))
    await paged(webhook, team, title)
    send(client, told(service, title, title=title, severity="critical"))
    send(client, told(service, title, title=title, severity="warning"))

    def counted() -> None:
        louder = admin.get(f"/api/alerts/{warning['id']}").json()
        assert louder["eventCount"] == 4
        assert (louder["silent"], louder["status"]) == (False, "PENDING")
        assert louder["nextEscalation"]  # critical to warning silences nothing

    await eventually(counted)
    assert len(pages(webhook, team.ada, title)) == 1


async def test_people_can_have_others_notified_of_a_warning(
    suite: Suite, client: httpx.Client, admin: httpx.Client, webhook: WebhookSink
) -> None:
    team = make_team(suite, webhook)
    service = new_service(admin, team.policy_id)
    titles = [word() for _ in range(3)]
    for title in titles:
        send(client, told(service, title, title=title, severity="warning"))
        reach(client, title, "firing")
    numbers = {each["summary"]: each["id"] for each in own(admin, service)}

    put(admin, f"/api/alerts/{numbers[titles[0]]}/escalate")
    put(admin, f"/api/alerts/{numbers[titles[1]]}/priority", json={"priority": "HIGH"})
    put(admin, f"/api/alerts/{numbers[titles[2]]}/assign?user={team.ada.id}")

    for title in titles:
        await paged(webhook, team, title)
    silent = [own_alert["silent"] for own_alert in own(admin, service)]
    assert silent == [True, False, False]  # a call by hand pages without starting the policy


def put(admin: httpx.Client, path: str, **body: Any) -> None:
    answer = admin.put(path, **body)
    assert answer.status_code == 200, answer.text


async def paged(webhook: WebhookSink, team: Team, title: str) -> None:
    await arrival(webhook.requests, is_page_of(team.ada, title), within=15)


def test_firing_again_keeps_an_acknowledgement_and_after_resolved_fires_anew(
    client: httpx.Client, service: Service
) -> None:
    title = word()
    send(client, told(service, title, title=title))
    (alert,) = reach(client, title, "firing")
    client.put(f"{ALERT}/{alert['id']}/acknowledge")

    send(client, told(service, title, title=f"{title} again"))
    until(lambda: alerts(client, title)[0]["title"] == f"{title} again", within=15)
    reach(client, title, "acknowledged")
    send(client, told(service, title, title=title, status="resolved"))
    reach(client, title, "resolved")
    send(client, told(service, title, title=title))
    again, before = reach(client, title, "firing", "resolved")

    assert before["id"] == alert["id"] != again["id"]


def test_a_bad_alert_does_not_cost_the_others(client: httpx.Client, service: Service) -> None:
    title = word()
    good = told(service, title, title=title)
    strange = told(Service("nowhere", 0), "k")

    answer = client.post(ALERT, json={BATCH: [{"title": "x"}, good, strange, None]})

    assert answer.status_code == 200, answer.text
    reply = answer.json()
    assert (reply["accepted"], [each["index"] for each in reply["refused"]]) == (1, [0, 2, 3])
    assert reply["refused"][0]["message"] == "alerts[0].service is required"
    reach(client, title, "firing")


def test_an_unknown_service_is_refused_and_told_once(
    client: httpx.Client, admin: httpx.Client, service: Service
) -> None:
    name = f"nowhere {secrets.token_hex(4)}"

    for key in ("a", "b"):
        answer = client.post(ALERT, json={BATCH: [told(Service(name, 0), key)]})
        refused(answer, 400, "unknown_service", name, "default")

    def told_of() -> list[dict[str, Any]]:
        found = admin.get("/api/alerts", params={"sources": 1}).json()
        return [each for each in found if name in each["summary"]]

    until(told_of, within=15)
    (alert,) = told_of()
    assert alert["eventCount"] == 1


def test_names_of_services_are_compared_without_case(
    client: httpx.Client, service: Service
) -> None:
    title = word()
    send(client, told(Service(f" {service.name.upper()} ", 0), title, title=title))
    reach(client, title, "firing")
