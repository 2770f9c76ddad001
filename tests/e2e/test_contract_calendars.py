"""Turns of all kinds, overrides that are taken back and calendar feeds, over REST."""

import secrets
from typing import Any

import httpx
import pytest

from tests.parts.suite import Suite, pretty
from tests.parts.team import Team
from tests.parts.waiting import until


def post(client: httpx.Client, path: str, told: Any, status: int = 201) -> dict[str, Any]:
    answer = client.post(path, json=told)
    assert answer.status_code == status, pretty(answer)
    made: dict[str, Any] = answer.json()
    return made


def schedule(*users: int, **layer: Any) -> dict[str, Any]:
    usual = {"startsOn": "2026-01-31T09:00", "users": [{"id": user} for user in users]}
    return {
        "name": f"schedule {secrets.token_hex(3)}",
        "timezone": "Europe/Berlin",
        "type": "RECURRING",
        "scheduleLayers": [usual | layer],
    }


def test_turns_of_months_begin_on_the_last_day_of_a_short_one(
    team: Team, client: httpx.Client
) -> None:
    made = post(client, "/api/schedules", schedule(team.ada.id, team.bob.id, rotation="P1M"))

    span = {"from": "2026-02-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"}
    found = client.get(f"/api/schedules/{made['id']}/shifts", params=span)
    assert found.status_code == 200, pretty(found)
    assert [(each["user"]["id"], each["start"]) for each in found.json()] == [
        (team.ada.id, "2026-01-31T08:00:00Z"),
        (team.bob.id, "2026-02-28T08:00:00Z"),
        (team.ada.id, "2026-03-31T07:00:00Z"),
    ]
    assert all("id" not in each for each in found.json())


def test_several_people_at_times_of_the_day(team: Team, client: httpx.Client) -> None:
    at_night = {"from": {"time": "20:00"}, "to": {"time": "08:00"}}
    told = schedule(
        team.ada.id,
        team.bob.id,
        rotations=["P5D", "P2D"],
        usersPerShift=2,
        restrictionType="TIMES_OF_DAY",
        restrictions=[at_night],
    )

    made = post(client, "/api/schedules", told)

    (layer,) = made["scheduleLayers"]
    assert (layer["rotations"], layer["usersPerShift"]) == (["P5D", "P2D"], 2)
    assert layer["restrictions"] == [
        {"from": {"dayOfWeek": "", "time": "20:00"}, "to": {"dayOfWeek": "", "time": "08:00"}}
    ]
    path = f"/api/schedules/{made['id']}"
    span = {"from": "2026-03-02T12:00:00Z", "until": "2026-03-03T12:00:00Z"}
    shifts = client.get(f"{path}/shifts", params=span).json()
    assert [each["user"]["id"] for each in shifts] == [team.ada.id, team.bob.id]
    assert {(each["start"], each["end"]) for each in shifts} == {
        ("2026-03-02T19:00:00Z", "2026-03-03T07:00:00Z")
    }
    both = {"include": ["nextShift", "nextShifts", "currentShifts"]}
    found = client.get(path, params=both).json()
    assert found["nextShift"] == found["nextShifts"][0]
    assert len(found["nextShifts"]) == 2
    assert isinstance(found["currentShifts"], list)
    bare = client.get(path).json()
    assert not {"currentShifts", "nextShifts"} & bare.keys()
    again = client.put(path, json=made)
    assert again.status_code == 200, pretty(again)
    assert again.json() == made


@pytest.mark.parametrize(
    ("layer", "field"),
    [
        ({"rotation": "P13M"}, "scheduleLayers[0].rotation"),
        ({"rotation": "P0D"}, "scheduleLayers[0].rotation"),
        ({"rotation": "P1D", "rotations": ["P1D"]}, "scheduleLayers[0].rotation"),
        ({"rotations": ["P1D", "P1M"]}, "scheduleLayers[0].rotations[1]"),
        ({"rotation": "P1D", "usersPerShift": 3}, "scheduleLayers[0].usersPerShift"),
        ({"rotation": "P1D", "restrictionType": "NEVER"}, "scheduleLayers[0].restrictionType"),
    ],
)
def test_a_fault_names_its_field(
    team: Team, client: httpx.Client, layer: dict[str, Any], field: str
) -> None:
    told = schedule(team.ada.id, team.bob.id, **layer)

    answer = client.post("/api/schedules", json=told)

    assert answer.status_code == 400, pretty(answer)
    assert answer.json()["message"].startswith(field)


def test_an_override_that_was_a_mistake_is_removed(team: Team, client: httpx.Client) -> None:
    made = post(client, "/api/schedules", schedule(team.ada.id, rotation="P1D"))
    path = f"/api/schedules/{made['id']}/overrides"
    told = {"user": {"id": team.bob.id}, "start": "2099-01-01T09:00", "end": "2099-01-02T09:00"}
    added = client.put(path, json=told).json()

    told["start"] = "2099-01-01T12:00"
    changed = client.put(f"{path}/{added['id']}", json=told)

    assert changed.status_code == 200, pretty(changed)
    assert changed.json() == added | {"start": "2099-01-01T11:00:00Z"}
    assert client.get(path).json() == [changed.json()]
    gone = client.delete(f"{path}/{added['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.get(path).json() == []
    assert client.delete(f"{path}/{added['id']}").status_code == 404


def test_a_calendar_reads_a_feed_by_its_url_alone(
    suite: Suite, team: Team, client: httpx.Client
) -> None:
    made = post(client, "/api/schedules", schedule(team.ada.id, team.bob.id, rotation="P1D"))
    path = f"/api/schedules/{made['id']}/feeds"

    everybodys = post(client, path, {})
    bobs = post(client, path, {"user": {"id": team.bob.id}})

    assert everybodys["url"].startswith(f"{suite.url}/api/calendars/")
    assert everybodys["url"].endswith("/shifts.ics")
    listed = client.get(path).json()
    assert [each["id"] for each in listed] == [everybodys["id"], bobs["id"]]
    assert not any("url" in each for each in listed)
    answer = read(everybodys["url"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=300"
    assert answer.headers["etag"] == read(everybodys["url"]).headers["etag"]
    events = answer.text.count("BEGIN:VEVENT")
    assert 120 <= events <= 122
    theirs = read(bobs["url"]).text
    assert events // 2 - 1 <= theirs.count("BEGIN:VEVENT") <= events // 2 + 1
    assert "Bob" in theirs
    assert "Ada" not in theirs
    assert client.delete(f"{path}/{bobs['id']}").status_code == 204
    for url in (bobs["url"], f"{suite.url}/api/calendars/none/shifts.ics"):
        refused = read(url)
        assert (refused.status_code, refused.json()["code"]) == (404, "NOT_FOUND")
    until(lambda: "GetCalendar" in log_of(suite), within=20)
    assert not any(secret_of(each) in log_of(suite) for each in (everybodys, bobs))
    assert client.delete(f"/api/schedules/{made['id']}").status_code == 204
    assert read(everybodys["url"]).status_code == 404


def read(url: str) -> httpx.Response:
    """Reads as a calendar does, which shows no token."""
    return httpx.get(url, trust_env=False)


def secret_of(feed: dict[str, Any]) -> str:
    secret: str = feed["url"].split("/")[-2]
    assert len(secret) > 40
    return secret


def log_of(suite: Suite) -> str:
    """Returns what all processes wrote down."""
    logs = (suite.folder / "data" / "logs").glob("*.log")
    return "".join(path.read_text(errors="replace") for path in logs)
