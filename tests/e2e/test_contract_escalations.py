"""Escalations and on-call questions over REST, as programs that know no alert use them."""

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.parts.suite import Suite, pretty
from tests.parts.team import Team, make_team, pages
from tests.parts.waiting import eventually
from tests.parts.webhook import WebhookSink

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def team(suite: Suite, webhook: WebhookSink) -> Team:
    return make_team(suite, webhook, timeout=60)


def good(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, pretty(answer)
    return answer.json()


def get(client: httpx.Client, path: str) -> Any:
    return good(client.get(path))


def put(client: httpx.Client, path: str) -> Any:
    return good(client.put(path))


def start(client: httpx.Client, team: Team, name: str, key: str, title: str = "late") -> Any:
    subject = {"kind": "job", "id": name, "title": title}
    body = {"escalationPolicyId": team.policy_id, "subject": subject}
    return client.post("/api/escalations", json=body, headers={"Idempotency-Key": key})


async def test_a_job_is_paged_found_taken_and_begins_anew(
    client: httpx.Client, team: Team, webhook: WebhookSink
) -> None:
    word = secrets.token_hex(4)
    name = f"nightly/{word} ü"
    first = good(start(client, team, name, f"{word} 1"), 201)
    again = good(start(client, team, name, f"{word} 1"), 201)
    refused = start(client, team, name, f"{word} 1", title="another")
    (page,) = await eventually(lambda: pages(webhook, team.ada, word))

    assert (first["id"], first["state"]) == (again["id"], "RUNNING")
    assert (refused.status_code, refused.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert page["acceptUrl"].endswith(f"/api/escalations/{first['id']}/acknowledge")
    by_key = get(client, f"/api/escalations/by-key?key={quote(first['key'], safe='')}")
    assert by_key["id"] == first["id"]

    taken = put(client, f"{page['acceptUrl']}?user-id={team.ada.id}")
    assert (taken["state"], taken["endedBy"]["userId"]) == ("ACKNOWLEDGED", team.ada.id)
    second = good(start(client, team, name, f"{word} 2"), 201)
    assert second["key"] == f"job:{name}:2"
    listed = get(client, f"/api/escalations?policies={team.policy_id}&states=RUNNING")
    assert [run["id"] for run in listed] == [second["id"]]
    assert put(client, f"/api/escalations/{second['id']}/stop")["state"] == "STOPPED"


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("max-results=101", 400, "max-results"),
        ("start-index=-1", 400, "start-index"),
        ("subject-id=x", 400, "kind"),
        ("states=ASLEEP", 400, ""),
        ("unknown=1", 400, ""),
    ],
)
def test_what_no_list_is_is_told(client: httpx.Client, query: str, status: int, field: str) -> None:
    answer = client.get(f"/api/escalations?{query}")

    assert answer.status_code == status, pretty(answer)
    assert field in answer.json()["message"]


def test_changes_are_streamed(client: httpx.Client, team: Team) -> None:
    path = f"/api/escalation-stream?policies={team.policy_id}&kinds=job"
    with client.stream("GET", path) as stream:
        assert stream.headers["content-type"] == "text/event-stream"
        lines = stream.iter_lines()
        assert next(lines) == ": ping"
        name = secrets.token_hex(4)
        run = good(start(client, team, name, name), 201)
        data = next(line for line in lines if line.startswith("data: "))

    told = json.loads(data.removeprefix("data: "))
    assert (told["escalation"]["id"], told["cause"]) == (run["id"], "BEGUN")
    good(client.put(f"/api/escalations/{run['id']}/stop"))


def test_who_is_on_call_at_any_instant(client: httpx.Client, team: Team) -> None:
    schedule = good(
        client.post(
            "/api/schedules",
            json={
                "name": f"night {secrets.token_hex(4)}",
                "timezone": "Europe/Berlin",
                "type": "RECURRING",
                "scheduleLayers": [
                    {
                        "startsOn": "2026-03-02T00:00",
                        "rotation": "P7D",
                        "users": [{"id": team.ada.id}, {"id": team.bob.id}],
                    }
                ],
            },
        ),
        201,
    )
    at = (MONDAY + timedelta(days=8)).isoformat().replace("+00:00", "Z")

    told = good(client.get("/api/on-calls/at", params={"schedule": schedule["id"], "at": at}))
    along = good(client.get("/api/on-calls/at", params={"policy": team.policy_id}))
    where = good(client.get("/api/on-calls/at", params={"user": team.bob.id, "at": at}))

    (found,) = told["onCalls"]
    assert (told["at"], found["user"]["id"]) == (at, team.bob.id)
    assert (found["start"], found["end"]) == ("2026-03-08T23:00:00Z", "2026-03-15T23:00:00Z")
    assert [each["user"]["id"] for each in along["onCalls"]] == [team.ada.id, team.bob.id]
    assert [(o["escalationLevel"], o.get("schedule", {}).get("id")) for o in where["onCalls"]] == [
        (2, None),
        (0, schedule["id"]),
    ]
    span = {"from": "2026-03-02T00:00:00Z", "until": "2026-03-30T00:00:00Z"}
    shifts = good(client.get("/api/shifts", params={"schedules": [schedule["id"]], **span}))
    assert [shift["userId"] for shift in shifts["schedules"][0]["shifts"]] == [
        team.ada.id,
        team.bob.id,
        team.ada.id,
        team.bob.id,
        team.ada.id,
    ]
    assert [user["id"] for user in shifts["users"]] == sorted([team.ada.id, team.bob.id])
    assert shifts["nextPageToken"] == ""
    missing = client.get("/api/on-calls/at")
    assert (missing.status_code, missing.json()["code"]) == (400, "INVALID_REQUEST")
