"""What the contract says about teams in lists, gaps and past shifts, and who is asked next."""

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.parts.suite import pretty
from tests.parts.team import Team
from tests.parts.waiting import eventually

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


def call(client: httpx.Client, method: str, path: str, status: int = 200, **sent: Any) -> Any:
    answer = client.request(method, path, **sent)
    assert answer.status_code == status, pretty(answer)
    return answer.json() if answer.content else None


def named(**fields: Any) -> dict[str, Any]:
    return {"name": f"name {secrets.token_hex(4)}", **fields}


def new_team(client: httpx.Client, *members: int, **fields: Any) -> int:
    told = named(members=[{"user": {"id": id_}} for id_ in members], **fields)
    team_id: int = call(client, "POST", "/api/teams", status=201, json=told)["id"]
    return team_id


def shift(user: int, start: timedelta, end: timedelta) -> dict[str, Any]:
    return {
        "user": {"id": user},
        "start": (NOW + start).isoformat(),
        "end": (NOW + end).isoformat(),
    }


def static(*shifts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return named(timezone="UTC", type="STATIC", shifts=shifts, **fields)


# §2.3: teams


def test_every_list_is_narrowed_to_a_team(team: Team, client: httpx.Client) -> None:
    belonging = [{"id": new_team(client, team.bob.id)}]
    level = {"escalationTimeout": 5, "users": [{"id": team.bob.id}]}
    policy = named(escalationRules=[level], teams=belonging)
    policy_id = call(client, "POST", "/api/escalation-policies", 201, json=policy)["id"]
    told = named(integrationType="API", escalationPolicy={"id": policy_id}, teams=belonging)
    source_id = call(client, "POST", "/api/alert-sources", 201, json=told)["id"]
    alert = {"summary": "disk full", "alertSource": {"id": source_id}}
    alert_id = call(client, "POST", "/api/alerts", 201, json=alert)["id"]

    def listed(path: str, header: str = "team-context") -> list[dict[str, Any]]:
        headers = {header: str(belonging[0]["id"])}
        found: list[dict[str, Any]] = call(client, "GET", path, headers=headers)
        return found

    expected = {"alert-sources": source_id, "alerts": alert_id, "escalation-policies": policy_id}
    expected |= {"users": team.bob.id, "teams": belonging[0]["id"]}
    for path, id_ in expected.items():
        for header in ("team-context", "x-team-context"):
            assert [each["id"] for each in listed(f"/api/{path}", header)] == [id_], path
    assert [each["user"]["id"] for each in listed("/api/on-calls")] == [team.bob.id]
    for path in ("/api/schedules", "/api/support-hours"):
        assert listed(path) == []
    count = call(client, "GET", "/api/alerts/count", headers={"team-context": "-1"})
    assert count == {"count": 0}  # the admin is in no team
    for path in ("/api/alerts", "/api/alert-sources", "/api/users", "/api/on-calls"):
        refused = call(client, "GET", path, 400, headers={"team-context": "mine"})
        assert "team-context" in refused["message"]


def paths_of(client: httpx.Client, user: int, teams: list[dict[str, int]]) -> list[str]:
    """Makes one record of each kind that belongs to teams, and tells where each is."""
    level = {"escalationTimeout": 5, "users": [{"id": user}], "teams": teams}

    def made(path: str, told: dict[str, Any]) -> int:
        id_: int = call(client, "POST", f"/api/{path}", 201, json=told)["id"]
        return id_

    policy_id = made("escalation-policies", named(escalationRules=[level], teams=teams))
    source = named(integrationType="API", escalationPolicy={"id": policy_id}, teams=teams)
    source_id = made("alert-sources", source)
    schedule_id = made("schedules", static(teams=teams))
    alert_id = made("alerts", {"summary": "disk full", "alertSource": {"id": source_id}})
    return [
        f"/api/escalation-policies/{policy_id}",
        f"/api/alert-sources/{source_id}",
        f"/api/schedules/{schedule_id}",
        f"/api/alerts/{alert_id}?include=escalationRules",
    ]


def readers_header(client: httpx.Client, user_id: int) -> dict[str, str]:
    told = {"name": "x", "scopes": ["config:read", "alerts:read"], "userId": user_id}
    return {"Authorization": call(client, "POST", "/api/tokens", 201, json=told)["token"]}


async def test_a_private_teams_name_is_nowhere(team: Team, client: httpx.Client) -> None:
    secret = f"secret {secrets.token_hex(4)}"
    private = {"id": new_team(client, team.ada.id, visibility="PRIVATE", name=secret)}
    public = {"id": new_team(client, team.ada.id)}
    of_both = paths_of(client, team.bob.id, [private, public])
    called_to = paths_of(client, team.bob.id, [private])[-1]
    bob, ada = (readers_header(client, person.id) for person in (team.bob, team.ada))
    await eventually(lambda: client.get(called_to, headers=bob).is_success, within=15)

    for headers, shown in ((bob, False), (ada, True)):
        for path in (*of_both, called_to):
            text = json.dumps(call(client, "GET", path, headers=headers))
            assert (secret in text) is shown, path
            assert '"visibility": "PRIVATE"' in text or "/alerts/" in path


def test_what_is_a_private_teams_alone_is_not_there_for_others(
    team: Team, client: httpx.Client
) -> None:
    private = {"id": new_team(client, team.ada.id, visibility="PRIVATE")}
    of_private = paths_of(client, team.ada.id, [private])  # who is called sees the alert
    bob, ada = (readers_header(client, person.id) for person in (team.bob, team.ada))

    for path in of_private:
        call(client, "GET", path, 404, headers=bob)
        call(client, "GET", path, 200, headers=ada)
        everything, _, id_ = path.partition("?")[0].rpartition("/")
        for headers, listed in ((bob, False), (ada, True)):
            of_team = {**headers, "team-context": str(private["id"])}
            found = call(client, "GET", everything, headers=of_team)
            assert (int(id_) in [each["id"] for each in found]) is listed, path


# §6: schedules


def test_gaps_are_refused_when_asked(team: Team, client: httpx.Client) -> None:
    first, last = shift(team.ada.id, -DAY, DAY), shift(team.bob.id, 2 * DAY, 3 * DAY)
    asked = {"abort-on-gaps": "true"}

    refused = call(client, "POST", "/api/schedules", 400, params=asked, json=static(first, last))
    start, end = ((NOW + days * DAY).isoformat()[:19] + "Z" for days in (1, 2))
    assert refused["message"] == f"shifts leave gaps: {start} to {end}"
    made = call(client, "POST", "/api/schedules", 201, json=static(first, last))
    path = f"/api/schedules/{made['id']}"
    call(client, "PUT", path, 400, params=asked, json=static(first, last))
    whole = static(first, shift(team.bob.id, DAY, 3 * DAY))
    assert call(client, "PUT", path, params=asked, json=whole)["name"] == whole["name"]


def test_what_is_included_of_a_schedule(team: Team, client: httpx.Client) -> None:
    # Long ago and far ahead, as other tests turn the clock.
    past, later = shift(team.ada.id, -9 * DAY, -8 * DAY), shift(team.bob.id, -DAY, 300 * DAY)
    made = call(client, "POST", "/api/schedules", 201, json=static(past, later))
    assert len(made["shifts"]) == 2
    assert "scheduleLayers" not in made

    def included(*words: str) -> Any:
        path = f"/api/schedules/{made['id']}"
        return call(client, "GET", path, params={"include": words})

    assert not {"scheduleLayers", "shifts", "currentShift", "nextShift"} & included().keys()
    assert [each["user"]["id"] for each in included("shifts")["shifts"]] == [team.bob.id]
    assert len(included("shifts", "past")["shifts"]) == 2
    assert included("scheduleLayers")["scheduleLayers"] == []
    listed = call(client, "GET", "/api/on-calls", params={"schedules": made["id"]})
    assert listed == []


def test_nobody_is_invited(client: httpx.Client) -> None:
    told = {"firstName": "A", "lastName": "B", "email": f"{secrets.token_hex(4)}@example.com"}
    call(client, "POST", "/api/users", 201, params={"send-no-invitation": "true"}, json=told)


# §5: who is asked


async def test_who_is_next_and_suggested_by_schedule_and_team(
    team: Team, client: httpx.Client
) -> None:
    always = shift(team.bob.id, -DAY, 300 * DAY)
    schedule = call(client, "POST", "/api/schedules", 201, json=static(always))["id"]
    told = {"firstName": "Eve", "lastName": "L", "email": f"{secrets.token_hex(4)}@example.com"}
    eve = call(client, "POST", "/api/users", 201, json=told)["id"]
    levels = [
        {"escalationTimeout": 600, "users": [{"id": team.ada.id}]},
        {"escalationTimeout": 600, "schedules": [{"id": schedule}]},
        {"escalationTimeout": 600, "teams": [{"id": new_team(client, eve)}]},
    ]
    policy = named(escalationRules=levels)
    policy_id = call(client, "POST", "/api/escalation-policies", 201, json=policy)["id"]
    alert = {"summary": "disk full", "escalationPolicy": {"id": policy_id}}
    path = f"/api/alerts/{call(client, 'POST', '/api/alerts', 201, json=alert)['id']}"

    def next_user() -> int:
        shown = call(client, "GET", path, params={"include": "nextEscalationUser"})
        user: int = shown.get("nextEscalationUser", {}).get("id", 0)
        return user

    await eventually(lambda: next_user() == team.bob.id, within=15)
    call(client, "PUT", f"{path}/escalate")
    await eventually(lambda: next_user() == eve, within=15)

    def suggested() -> bool:
        found = call(client, "GET", f"{path}/suggested-responders")
        people = [each for each in found if each["group"] in ("SUGGESTED", "USER")]
        assert len({each["id"] for each in people}) == len(people)
        first = {each["id"]: each["disabled"] for each in people if each["group"] == "SUGGESTED"}
        return first == {team.ada.id: True, team.bob.id: True, eve: False}

    await eventually(suggested, within=15)


async def test_a_call_by_hand_is_in_the_log(team: Team, client: httpx.Client) -> None:
    alert = {"summary": "disk full", "alertSource": {"id": team.source_id}}
    path = f"/api/alerts/{call(client, 'POST', '/api/alerts', 201, json=alert)['id']}"
    call(client, "POST", f"{path}/responders", 201, json={"id": team.bob.id})

    def logged() -> bool:
        log = call(client, "GET", f"{path}/log-entries")
        return any(
            each["logEntryType"] == "AlertAssignedBySystemLogEntry"
            and each["text"].startswith("called to the alert by hand: Bob")
            for each in log
        )

    await eventually(logged, within=15)
