"""Schedules over REST: their shapes, their validation, and that they say who is paged."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.parts.suite import Suite, pretty
from tests.parts.team import Team, is_page_of, messages
from tests.parts.webhook import WebhookSink

HOUR = timedelta(hours=1)
EVERYTHING = ("scheduleLayers", "shifts", "currentShift", "nextShift")


def recurring(*users: int, **more: Any) -> dict[str, Any]:
    layer = {
        "name": "first",
        "startsOn": "2026-01-05T09:00",
        "users": [{"id": user} for user in users],
        "rotation": "P7D",
    }
    name = f"schedule {secrets.token_hex(3)}"
    told = {"name": name, "timezone": "Europe/Berlin", "type": "RECURRING"}
    return {**told, "scheduleLayers": [layer | more.pop("layer", {})], **more}


def make(client: httpx.Client, told: dict[str, Any]) -> dict[str, Any]:
    answer = client.post("/api/schedules", json=told)
    assert answer.status_code == 201, pretty(answer)
    made: dict[str, Any] = answer.json()
    return made


def time_of(suite: Suite) -> datetime:
    """Returns the suite's own time, which tests turn."""
    return datetime.fromtimestamp(suite.now, UTC)


def shift(user: int, start: datetime, end: datetime) -> dict[str, Any]:
    return {"user": {"id": user}, "start": start.isoformat(), "end": end.isoformat()}


def test_a_shift_without_a_zone_is_in_the_schedules(team: Team, client: httpx.Client) -> None:
    shift = {
        "user": {"id": team.ada.id, "position": '{"start": "2026-12-22T07:22"}'},
        "start": "2026-12-22T07:22:38",
        "end": "2026-12-23T07:22:38",
    }
    told = {"name": "static", "timezone": "Europe/Berlin", "type": "STATIC", "shifts": [shift]}

    made = make(client, told)

    (found,) = made["shifts"]
    assert (found["start"], found["end"]) == ("2026-12-22T06:22:38Z", "2026-12-23T06:22:38Z")
    assert not {"startsOn", "endsOn"} & found.keys()


def test_restrictions_are_read_back(team: Team, client: httpx.Client) -> None:
    told = recurring(team.ada.id)
    only = {
        "from": {"dayOfWeek": "MONDAY", "time": "09:00"},
        "to": {"dayOfWeek": "FRIDAY", "time": "17:00"},
    }
    told["scheduleLayers"][0] |= {"restrictionType": "TIMES_OF_WEEK", "restrictions": [only]}

    (layer,) = make(client, told)["scheduleLayers"]

    assert (layer["restrictionType"], layer["restrictions"]) == ("TIMES_OF_WEEK", [only])


def test_a_recurring_schedule_has_the_contracts_shape(team: Team, client: httpx.Client) -> None:
    told = recurring(team.ada.id, team.bob.id, showGaps=True, defaultShiftDuration="P1D")

    made = make(client, told)

    found = client.get(f"/api/schedules/{made['id']}", params={"include": EVERYTHING})
    assert found.status_code == 200, pretty(found)
    schedule = found.json()
    layer = schedule["scheduleLayers"][0]
    assert {k: v for k, v in layer.items() if k != "users"} == {
        "name": "first",
        "startsOn": "2026-01-05T09:00",
        "rotation": "P7D",
    }
    assert [user["firstName"] for user in layer["users"]] == ["Ada", "Bob"]
    assert (schedule["timezone"], schedule["type"]) == ("Europe/Berlin", "RECURRING")
    assert (schedule["showGaps"], schedule["defaultShiftDuration"]) == (True, "P1D")
    assert schedule["currentShift"]["end"] == schedule["nextShift"]["start"]
    people = {schedule[shift]["user"]["id"] for shift in ("currentShift", "nextShift")}
    assert people == {team.ada.id, team.bob.id}

    bare = client.get(f"/api/schedules/{made['id']}").json()
    assert not {"scheduleLayers", "shifts"} & bare.keys()
    assert "currentShift" not in bare
    assert "nextShift" not in bare


def test_schedules_are_listed_as_a_bare_array_of_20_at_most(
    team: Team, client: httpx.Client
) -> None:
    made = make(client, recurring(team.ada.id))
    first = client.get("/api/schedules", params={"max-results": 1})

    assert first.status_code == 200
    assert len(first.json()) == 1
    seen: list[int] = []
    while page := client.get("/api/schedules", params={"start-index": len(seen)}).json():
        assert len(page) <= 20
        seen += [schedule["id"] for schedule in page]
    assert seen == sorted(seen)
    assert made["id"] in seen
    over = client.get("/api/schedules", params={"max-results": 21})
    assert (over.status_code, over.json()["status"]) == (400, 400)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"type": None}, "type"),
        ({"type": "SOMETIMES"}, "type"),
        ({"layer": {"startsOn": "tomorrow"}}, "scheduleLayers[0].startsOn"),
        ({"layer": {"endsOn": "2025-01-05T09:00"}}, "scheduleLayers[0].endsOn"),
        ({"layer": {"rotation": "PT30M"}}, "scheduleLayers[0].rotation"),
        ({"layer": {"users": []}}, "scheduleLayers[0].users"),
        ({"layer": {"users": [{"id": 2147483647}]}}, "scheduleLayers[0].users[0]"),
        ({"teams": [{"id": 2147483647}]}, "teams"),
    ],
)
def test_a_fault_names_its_field(
    team: Team, client: httpx.Client, change: dict[str, Any], field: str
) -> None:
    answer = client.post("/api/schedules", json=recurring(team.ada.id, **change))

    assert answer.status_code == 400, pretty(answer)
    assert answer.json()["status"] == 400
    assert answer.json()["code"]
    assert field in answer.json()["message"]


def test_static_shifts_must_not_overlap(team: Team, client: httpx.Client) -> None:
    start = datetime(2026, 1, 5, 8, tzinfo=UTC)
    shifts = [
        shift(team.ada.id, start, start + 8 * HOUR),
        shift(team.bob.id, start + 7 * HOUR, start + 9 * HOUR),
    ]
    told = {"name": "days", "timezone": "UTC", "type": "STATIC", "shifts": shifts}

    refused = client.post("/api/schedules", json=told)

    assert refused.status_code == 400, pretty(refused)
    assert "shifts[1]" in refused.json()["message"]
    shifts[1]["start"] = shifts[0]["end"]
    made = make(client, told)
    assert [s["start"] for s in made["shifts"]] == ["2026-01-05T08:00:00Z", "2026-01-05T16:00:00Z"]


def test_a_schedule_is_replaced_and_deleted(team: Team, client: httpx.Client) -> None:
    made = make(client, recurring(team.ada.id))
    path = f"/api/schedules/{made['id']}"

    changed = client.put(path, json=recurring(team.bob.id, name="renamed"))
    assert changed.status_code == 200, pretty(changed)
    assert (changed.json()["id"], changed.json()["name"]) == (made["id"], "renamed")
    assert client.get(f"{path}/user-on-call").json()["user"]["id"] == team.bob.id

    gone = client.delete(path)
    assert (gone.status_code, gone.content) == (204, b"")
    for answer in (client.get(path), client.put(path, json=recurring(team.ada.id))):
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_shifts_and_overrides(suite: Suite, team: Team, client: httpx.Client) -> None:
    now = time_of(suite)
    made = make(client, recurring(team.ada.id))
    path = f"/api/schedules/{made['id']}"
    override = shift(team.bob.id, now + HOUR, now + 2 * HOUR)

    added = client.put(f"{path}/overrides", json=override)

    assert added.status_code == 200, pretty(added)
    assert added.json()["user"]["id"] == team.bob.id
    listed = client.get(f"{path}/overrides")
    assert listed.json() == [added.json()]
    span = {"from": now.isoformat(), "until": (now + 3 * HOUR).isoformat()}
    answer = client.get(f"{path}/shifts", params=span)
    assert answer.status_code == 200, pretty(answer)
    shifts = answer.json()
    assert [s["user"]["id"] for s in shifts] == [team.ada.id, team.bob.id, team.ada.id]
    without = client.get(f"{path}/shifts", params={**span, "exclude-overrides": True}).json()
    assert {s["user"]["id"] for s in without} == {team.ada.id}
    long = {"from": now.isoformat(), "until": (now + timedelta(days=367)).isoformat()}
    assert client.get(f"{path}/shifts", params=long).status_code == 400
    ended = {**override, "end": override["start"]}
    refused = client.put(f"{path}/overrides", json=ended)
    assert refused.status_code == 400
    assert "end" in refused.json()["message"]


def _policy(client: httpx.Client, schedule: int) -> dict[str, Any]:
    rule = {"escalationTimeout": 5, "schedules": [{"id": schedule}]}
    name = f"policy {secrets.token_hex(3)}"
    told = {"name": name, "escalationRules": [rule]}
    made = client.post("/api/escalation-policies", json=told)
    assert made.status_code == 201, pretty(made)
    policy: dict[str, Any] = made.json()
    return policy


def _key(client: httpx.Client, policy: int) -> str:
    name = f"source {secrets.token_hex(3)}"
    told = {"name": name, "integrationType": "API", "escalationPolicy": {"id": policy}}
    made = client.post("/api/alert-sources", json=told)
    assert made.status_code == 201, pretty(made)
    return str(made.json()["integrationKey"])


def _bob_takes_over(suite: Suite, team: Team, client: httpx.Client, schedule: int) -> None:
    now = time_of(suite)
    override = shift(team.bob.id, now - HOUR, now + HOUR)
    answer = client.put(f"/api/schedules/{schedule}/overrides", json=override)
    assert answer.status_code == 200, pretty(answer)


def _on_calls(client: httpx.Client, **only: int) -> list[dict[str, Any]]:
    answer = client.get("/api/on-calls", params=only)
    assert answer.status_code == 200, pretty(answer)
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_whoever_is_on_call_is_paged_and_an_override_changes_who(
    suite: Suite, team: Team, client: httpx.Client, webhook: WebhookSink
) -> None:
    schedule = make(client, recurring(team.ada.id))["id"]
    policy = _policy(client, schedule)
    key = _key(client, policy["id"])
    first, second = (f"disk {secrets.token_hex(4)} full" for _ in range(2))

    suite.send("ALERT", first, apiKey=key)
    await webhook.wait_for(is_page_of(team.ada, first), within=20)
    _bob_takes_over(suite, team, client, schedule)
    suite.send("ALERT", second, apiKey=key)
    await webhook.wait_for(is_page_of(team.bob, second), within=20)

    assert messages(webhook, team.ada, second) == []
    (on_call,) = _on_calls(client, policies=policy["id"])
    assert on_call["user"]["id"] == team.bob.id
    assert on_call["escalationLevel"] == 1
    assert on_call["escalationPolicy"]["name"] == policy["name"]
    assert on_call["schedule"]["id"] == schedule
    assert on_call["start"] < on_call["end"]


def test_the_people_whom_a_policy_names_are_on_call_too(team: Team, client: httpx.Client) -> None:
    first, second = _on_calls(client, policies=team.policy_id)

    assert [first["user"]["id"], second["user"]["id"]] == [team.ada.id, team.bob.id]
    assert [first["escalationLevel"], second["escalationLevel"]] == [1, 2]
    assert "schedule" not in first
    assert "start" not in first
    (only,) = _on_calls(client, users=team.bob.id)
    assert only == second


def test_a_schedule_that_a_policy_uses_is_not_deleted(team: Team, client: httpx.Client) -> None:
    schedule = make(client, recurring(team.ada.id))["id"]
    policy = _policy(client, schedule)

    refused = client.delete(f"/api/schedules/{schedule}")

    assert refused.status_code == 400, pretty(refused)
    assert refused.json()["code"] == "IN_USE"
    assert policy["name"] in refused.json()["message"]


def test_nobody_is_on_call_in_a_gap(client: httpx.Client) -> None:
    told = {"name": "empty", "timezone": "UTC", "type": "STATIC"}
    made = make(client, told)

    answer = client.get(f"/api/schedules/{made['id']}/user-on-call")

    assert (answer.status_code, answer.content) == (204, b"")  # over gRPC an empty shift
