"""The contract on users, teams, policies and support hours, row by row, through the edge."""

import secrets
from typing import Any

import grpc
import grpc.aio
import httpx
import pytest

from tests.parts.suite import Suite
from tests.parts.waiting import until
from tocsin.escalation.v1 import policy_service_pb2 as policy_calls
from tocsin.escalation.v1 import support_hours_service_pb2 as hours_calls
from tocsin.escalation.v1 import team_service_pb2 as team_calls
from tocsin.escalation.v1 import user_service_pb2 as user_calls
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, EscalationRule
from tocsin.escalation.v1.policy_service_pb2_grpc import PolicyServiceStub
from tocsin.escalation.v1.support_hours_pb2 import SupportHours
from tocsin.escalation.v1.support_hours_service_pb2_grpc import SupportHoursServiceStub
from tocsin.escalation.v1.team_pb2 import Team, TeamMember
from tocsin.escalation.v1.team_service_pb2_grpc import TeamServiceStub
from tocsin.escalation.v1.user_pb2 import User
from tocsin.escalation.v1.user_service_pb2_grpc import UserServiceStub

DAYS = {"MONDAY": {"start": "09:00", "end": "17:00"}}
NOBODY = 2_000_000_000


def word() -> str:
    return secrets.token_hex(4)


def person(**fields: Any) -> dict[str, Any]:
    return {"firstName": "Ada", "lastName": "L", "email": f"{word()}@example.com", **fields}


def answered(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json() if status != 204 else answer.content


def refused(answer: httpx.Response, status: int, code: str, words: str) -> None:
    """Checks an error body (contract 2.1)."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert words in body["message"]


def new_user(client: httpx.Client, **fields: Any) -> int:
    user_id: int = answered(client.post("/api/users", json=person(**fields)), 201)["id"]
    return user_id


def new_team(client: httpx.Client, *members: int, **fields: Any) -> int:
    told = {"name": f"team {word()}", "members": [{"user": {"id": id_}} for id_ in members]}
    team_id: int = answered(client.post("/api/teams", json=told | fields), 201)["id"]
    return team_id


def new_policy(client: httpx.Client, user_id: int, **fields: Any) -> int:
    told = {"name": f"policy {word()}", "escalationRules": [rule(user_id)]}
    answer = client.post("/api/escalation-policies", json=told | fields)
    policy_id: int = answered(answer, 201)["id"]
    return policy_id


def rule(user_id: int, minutes: int = 5) -> dict[str, Any]:
    return {"escalationTimeout": minutes, "users": [{"id": user_id}]}


# users


def test_a_user_from_the_first_to_the_last(client: httpx.Client) -> None:
    told = person(
        timezone="Europe/Berlin",
        position="SRE",
        department="Platform",
        avatarUrl="https://example.com/ada.png",
        language="de",
        role="RESPONDER",
        shiftColor="#1F77B4",
        region="DE",
    )
    made = answered(client.post("/api/users", json=told), 201)
    assert made == told | {
        "id": made["id"],
        "shiftColor": "#1f77b4",
        "createdAt": made["createdAt"],
        "updatedAt": made["updatedAt"],
    }
    path = f"/api/users/{made['id']}"
    local = told["email"].partition("@")[0]
    for who in (told["email"], told["email"].upper(), local):
        assert answered(client.get(f"/api/users/{who}")) == made
    refused(client.get(f"/api/users/{local}x"), 404, "NOT_FOUND", "no user")
    assert answered(client.get(path)) == made
    found = client.post("/api/users/search-email", json={"email": told["email"].upper()})
    assert answered(found) == made

    replaced = answered(client.put(path, json=person(email=told["email"], lastName="King")))
    assert (replaced["id"], replaced["lastName"], replaced["role"]) == (made["id"], "King", "USER")
    assert (replaced["timezone"], replaced["language"]) == ("UTC", "en")
    assert replaced.get("position") is None  # what is absent takes its default
    assert replaced["createdAt"] == made["createdAt"]

    assert answered(client.delete(path), 204) == b""
    refused(client.get(path), 404, "NOT_FOUND", f"no user {made['id']}")
    refused(client.delete(path), 404, "NOT_FOUND", "no user")


@pytest.mark.parametrize(
    ("change", "status", "code", "words"),
    [
        ({"firstName": None}, 400, "INVALID_REQUEST", "firstName"),
        ({"lastName": ""}, 400, "INVALID_REQUEST", "lastName"),
        ({"firstName": "x" * 256}, 400, "INVALID_REQUEST", "1 to 255"),
        ({"email": "nobody"}, 400, "INVALID_REQUEST", "email"),
        ({"email": "TAKEN@example.com"}, 409, "ALREADY_EXISTS", "belongs to somebody"),
        ({"timezone": "Mars"}, 400, "INVALID_REQUEST", "timezone"),
        ({"language": "fr"}, 400, "INVALID_REQUEST", "language"),
        ({"shiftColor": "red"}, 400, "INVALID_REQUEST", "shiftColor"),
        ({"avatarUrl": "nowhere"}, 400, "INVALID_REQUEST", "avatarUrl"),
        ({"role": 77}, 400, "INVALID_REQUEST", "role"),
    ],
)
def test_a_user_that_cannot_be(
    client: httpx.Client, change: dict[str, Any], status: int, code: str, words: str
) -> None:
    client.post("/api/users", json=person(email="taken@example.com"))
    user_id = new_user(client)

    refused(client.post("/api/users", json=person(**change)), status, code, words)
    refused(client.put(f"/api/users/{user_id}", json=person(**change)), status, code, words)


def test_an_unknown_word_for_a_role_is_refused(client: httpx.Client) -> None:
    answer = client.post("/api/users", json=person(role="BOSS"))
    assert (answer.status_code, answer.json()["status"]) == (400, 400)


def test_users_that_are_not_there(client: httpx.Client) -> None:
    refused(client.put(f"/api/users/{NOBODY}", json=person()), 404, "NOT_FOUND", "no user")
    search = client.post("/api/users/search-email", json={"email": f"{word()}@example.com"})
    refused(search, 404, "NOT_FOUND", "nobody has")
    refused(client.post("/api/users/search-email", json={}), 400, "INVALID_REQUEST", "email")


def test_the_current_user_keeps_their_role(client: httpx.Client) -> None:
    user_id = new_user(client, role="RESPONDER")
    mine = {"name": "mine", "scopes": ["alerts:write", "alerts:read"], "userId": user_id}
    token = answered(client.post("/api/tokens", json=mine), 201)["token"]
    me = {"Authorization": f"Bearer {token}"}
    known = answered(client.get("/api/users/current", headers=me))

    told = known | {"lastName": "King", "role": "ADMIN"}
    changed = answered(client.put("/api/users/current", json=told, headers=me))

    assert (changed["id"], changed["lastName"]) == (user_id, "King")
    assert changed["role"] == "RESPONDER"
    refused(client.get(f"/api/users/{user_id}", headers=me), 403, "SCOPE_MISSING", "config:read")
    everyone = client.put(f"/api/users/{user_id}", json=told, headers=me)
    refused(everyone, 403, "SCOPE_MISSING", "admin")


def test_a_deleted_users_token_works_no_more(client: httpx.Client) -> None:
    user_id = new_user(client)
    told = {"name": "mine", "scopes": ["alerts:read"], "userId": user_id}
    token = answered(client.post("/api/tokens", json=told), 201)["token"]
    me = {"Authorization": f"Bearer {token}"}
    assert answered(client.get("/api/users/current", headers=me))["id"] == user_id

    answered(client.delete(f"/api/users/{user_id}"), 204)

    refused(client.get("/api/users/current", headers=me), 403, "KEY_ERROR", "revoked")


# teams


def test_a_team_from_the_first_to_the_last(client: httpx.Client) -> None:
    ada, bob = new_user(client), new_user(client)
    name = f"Ops {word()}"
    members = [{"user": {"id": ada}, "role": "ADMIN"}, {"user": {"id": bob}}]
    told = {"name": name, "members": members}
    made = answered(client.post("/api/teams", json=told), 201)
    assert (made["name"], made["visibility"]) == (name, "PUBLIC")
    assert [(m["user"]["id"], m["role"]) for m in made["members"]] == [
        (ada, "ADMIN"),
        (bob, "RESPONDER"),
    ]
    assert made["createdAt"] == made["updatedAt"]
    path = f"/api/teams/{made['id']}"
    assert answered(client.get(path)) == made
    refused(client.post("/api/teams", json={"name": name.upper()}), 409, "ALREADY_EXISTS", "OPS")

    replaced = answered(client.put(path, json={"name": name, "visibility": "PRIVATE"}))
    assert (replaced["visibility"], replaced["members"]) == ("PRIVATE", [])

    assert answered(client.delete(path), 204) == b""
    refused(client.get(path), 404, "NOT_FOUND", "no team")
    refused(client.put(path, json=told), 404, "NOT_FOUND", "no team")
    refused(client.delete(path), 404, "NOT_FOUND", "no team")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "name"),
        ({"name": "x" * 256}, "1 to 255"),
        ({"name": "x", "members": [{"user": {"id": NOBODY}}]}, "members[0].user"),
        ({"name": "x", "members": [{"role": "USER"}]}, "members[0].user"),
        ({"name": "x", "visibility": 77}, "visibility"),
    ],
)
def test_a_team_that_cannot_be(client: httpx.Client, told: dict[str, Any], words: str) -> None:
    team_id = new_team(client)
    refused(client.post("/api/teams", json=told), 400, "INVALID_REQUEST", words)
    refused(client.put(f"/api/teams/{team_id}", json=told), 400, "INVALID_REQUEST", words)


# policies


def test_a_policy_from_the_first_to_the_last(client: httpx.Client) -> None:
    ada, bob = new_user(client), new_user(client)
    team_id, routing_key = new_team(client, bob), word()
    told = {
        "name": f"policy {word()}",
        "escalationRules": [
            {"escalationTimeout": 5, "user": {"id": ada}},
            {"escalationTimeout": 0, "users": [{"id": ada}], "teams": [{"id": team_id}]},
        ],
        "teams": [{"id": team_id}],
        "routingKey": routing_key,
    }
    made = answered(client.post("/api/escalation-policies", json=told), 201)
    assert (made["repeating"], made["frequency"], made["delayMin"]) == (False, 1, 0)
    first, second = made["escalationRules"]
    assert ([user["id"] for user in first["users"]], "user" in first) == ([ada], False)
    assert [team["id"] for team in second["teams"]] == [team_id]
    assert made["teams"][0]["name"] == second["teams"][0]["name"]
    path = f"/api/escalation-policies/{made['id']}"
    assert answered(client.get(path)) == made
    resolve = "/api/escalation-policies/resolve"
    assert answered(client.get(resolve, params={"routing-key": routing_key})) == made
    assert made in answered(client.get("/api/escalation-policies", headers=of_team(team_id)))

    level = answered(client.put(f"{path}/levels/1", json=rule(bob, 9)))
    assert [entry["escalationTimeout"] for entry in level["escalationRules"]] == [5, 9]
    assert level["escalationRules"][1]["users"][0]["id"] == bob
    refused(client.put(f"{path}/levels/2", json=rule(bob)), 404, "NOT_FOUND", "no level 2")

    whole = {"name": "new", "escalationRules": [rule(bob)], "repeating": True, "frequency": 9}
    replaced = answered(client.put(path, json=whole))
    assert (replaced["name"], replaced["frequency"], replaced["teams"]) == ("new", 9, [])
    assert replaced.get("routingKey") is None
    refused(client.get(resolve, params={"routing-key": routing_key}), 404, "NOT_FOUND", "routing")

    assert answered(client.delete(path), 204) == b""
    refused(client.get(path), 404, "NOT_FOUND", "no escalation policy")
    refused(client.put(path, json=whole), 404, "NOT_FOUND", "no escalation policy")
    refused(client.delete(path), 404, "NOT_FOUND", "no escalation policy")


def of_team(number: int, name: str = "team-context") -> dict[str, str]:
    return {name: str(number)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": None}, "name"),
        ({"escalationRules": []}, "escalationRules"),
        ({"escalationRules": [{"escalationTimeout": 5}]}, "escalationRules[0].users"),
        ({"escalationRules": [rule(NOBODY)]}, "escalationRules[0].users[0]"),
        ({"escalationRules": [{"user": {"id": NOBODY}}]}, "escalationRules[0].users[0]"),
        ({"escalationRules": [{"schedule": {"id": NOBODY}}]}, "escalationRules[0].schedules[0]"),
        ({"escalationRules": [{"schedules": [{"id": NOBODY}]}]}, "escalationRules[0].schedules[0]"),
        ({"escalationRules": [{"teams": [{"id": NOBODY}]}]}, "escalationRules[0].teams[0]"),
        ({"escalationRules": [rule(1, -1)]}, "escalationTimeout"),
        ({"escalationRules": [rule(1, 525_601)]}, "escalationTimeout"),
        ({"frequency": 0}, "frequency"),
        ({"frequency": 10}, "frequency"),
        ({"delayMin": 16}, "delayMin"),
        ({"routingKey": "a,b"}, "routingKey"),
        ({"teams": [{"id": NOBODY}]}, "teams[0]"),
    ],
)
def test_a_policy_that_cannot_be(client: httpx.Client, change: dict[str, Any], words: str) -> None:
    user_id = new_user(client)
    policy_id = new_policy(client, user_id)
    told = {"name": "x", "escalationRules": [rule(user_id)], **change}
    code = "INVALID_REQUEST"
    refused(client.post("/api/escalation-policies", json=told), 400, code, words)
    refused(client.put(f"/api/escalation-policies/{policy_id}", json=told), 400, code, words)


def test_the_built_in_policy_stays(client: httpx.Client) -> None:
    user_id, path = new_user(client), "/api/escalation-policies/1"
    told = {"name": "x", "escalationRules": [rule(user_id)]}
    refused(client.put(path, json=told), 400, "BUILT_IN", "built in")
    refused(client.put(f"{path}/levels/0", json=rule(user_id)), 400, "BUILT_IN", "built in")
    refused(client.delete(path), 400, "BUILT_IN", "built in")


def test_a_routing_key_is_unique(client: httpx.Client) -> None:
    user_id, routing_key = new_user(client), word()
    new_policy(client, user_id, routingKey=routing_key)
    told = {"name": "x", "escalationRules": [rule(user_id)], "routingKey": routing_key}
    answer = client.post("/api/escalation-policies", json=told)
    refused(answer, 409, "ALREADY_EXISTS", routing_key)


# support hours


def test_support_hours_from_the_first_to_the_last(client: httpx.Client) -> None:
    team_id = new_team(client)
    exception = {"name": "Xmas", "start": "2026-12-24", "end": "2026-12-26"}
    told = {
        "name": f"hours {word()}",
        "timezone": "Europe/Berlin",
        "supportDays": {**DAYS, "SUNDAY": {"start": "10:00:30", "end": "11:00"}},
        "exceptions": [exception | {"supportStatus": "OUTSIDE"}],
        "teams": [{"id": team_id}],
    }
    made = answered(client.post("/api/support-hours", json=told), 201)
    assert (made["supportDays"], made["exceptions"]) == (told["supportDays"], told["exceptions"])
    assert [team["id"] for team in made["teams"]] == [team_id]
    path = f"/api/support-hours/{made['id']}"
    assert answered(client.get(path)) == made
    listed = client.get("/api/support-hours", headers=of_team(team_id, "x-team-context"))
    assert answered(listed) == [made]

    later = {"name": "late", "timezone": "UTC", "supportDays": DAYS}
    replaced = answered(client.put(path, json=later))
    assert replaced == later | {"id": made["id"], "exceptions": [], "teams": []}

    assert answered(client.delete(path), 204) == b""
    refused(client.get(path), 404, "NOT_FOUND", "no support hours")
    refused(client.put(path, json=later), 404, "NOT_FOUND", "no support hours")
    refused(client.delete(path), 404, "NOT_FOUND", "no support hours")


def one_exception(**fields: str) -> dict[str, Any]:
    days = {"name": "x", "start": "2026-12-24", "end": "2026-12-26", "supportStatus": "DURING"}
    return {"exceptions": [days | fields]}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "name"),
        ({"timezone": None}, "timezone"),
        ({"timezone": "Mars"}, "timezone"),
        ({"supportDays": {}}, "supportDays"),
        ({"supportDays": {"FUNDAY": DAYS["MONDAY"]}}, "supportDays"),
        ({"supportDays": {"MONDAY": {"start": "9", "end": "17:00"}}}, "supportDays.MONDAY.start"),
        ({"supportDays": {"MONDAY": {"start": "09:00"}}}, "supportDays.MONDAY.end"),
        ({"supportDays": {"MONDAY": {"start": "9:00", "end": "25:00"}}}, "supportDays.MONDAY"),
        (
            {"supportDays": {"MONDAY": {"start": "17:00", "end": "09:00"}}},
            "supportDays.MONDAY.end must be after",
        ),
        (one_exception(start="tomorrow"), "exceptions[0].start"),
        (one_exception(end="2026-02-30"), "exceptions[0].end"),
        (one_exception(end="2026-12-23"), "exceptions[0].end must not be before"),
        ({"exceptions": [{"start": "2026-12-24"}]}, "exceptions[0].supportStatus"),
        ({"teams": [{"id": NOBODY}]}, "teams[0]"),
    ],
)
def test_support_hours_that_cannot_be(
    client: httpx.Client, change: dict[str, Any], words: str
) -> None:
    told = {"name": "x", "timezone": "UTC", "supportDays": DAYS} | change
    refused(client.post("/api/support-hours", json=told), 400, "INVALID_REQUEST", words)


# what is in use stays


def test_what_is_in_use_is_not_deleted(client: httpx.Client) -> None:
    user_id = new_user(client)
    team_id = new_team(client, user_id)
    policy_id = new_policy(client, user_id, teams=[{"id": team_id}])
    hours = {"name": "h", "timezone": "UTC", "supportDays": DAYS}
    hours_id = answered(client.post("/api/support-hours", json=hours), 201)["id"]
    start_run(client, policy_id)  # so that the policy stays while its owner hears of the source
    told = {
        "name": f"source {word()}",
        "integrationType": "API",
        "escalationPolicy": {"id": policy_id},
        "supportHours": {"id": hours_id},
    }
    made = answered(client.post("/api/alert-sources", json=told), 201)
    source = f"alert source {made['id']} ({told['name']})"

    path = f"/api/escalation-policies/{policy_id}"
    until(lambda: source in client.delete(path).text, within=10)
    refused(client.delete(path), 400, "IN_USE", source)
    refused(client.delete(f"/api/support-hours/{hours_id}"), 400, "IN_USE", source)
    place = f"escalation policy {policy_id}"
    refused(client.delete(f"/api/users/{user_id}"), 400, "IN_USE", place)
    refused(client.delete(f"/api/users/{user_id}"), 400, "IN_USE", f"team {team_id}")
    refused(client.delete(f"/api/teams/{team_id}"), 400, "IN_USE", place)


def start_run(client: httpx.Client, policy_id: int) -> int:
    subject = {"kind": "deploy", "id": word(), "title": "Rollout waits"}
    told = {"subject": subject, "escalationPolicyId": policy_id}
    run_id: int = answered(client.post("/api/escalations", json=told), 201)["id"]
    return run_id


def test_what_a_running_escalation_follows_is_not_deleted(client: httpx.Client) -> None:
    policy_id = new_policy(client, new_user(client))
    run_id = start_run(client, policy_id)
    path = f"/api/escalation-policies/{policy_id}"
    refused(client.delete(path), 400, "IN_USE", f"escalation {run_id} (deploy:")
    answered(client.put(f"/api/escalations/{run_id}/stop"))
    answered(client.delete(path), 204)


# lists


@pytest.mark.parametrize(
    ("path", "default", "most"),
    [
        ("/api/users", 50, 100),
        ("/api/teams", 50, 100),
        ("/api/escalation-policies", 50, 50),
        ("/api/support-hours", 50, 50),
    ],
)
def test_lists_have_pages_that_are_refused_and_never_clamped(
    client: httpx.Client, path: str, default: int, most: int
) -> None:
    assert len(answered(client.get(path))) <= default
    assert isinstance(answered(client.get(path, params={"max-results": most})), list)
    assert answered(client.get(path, params={"start-index": NOBODY})) == []
    code = "INVALID_REQUEST"
    refused(client.get(path, params={"max-results": most + 1}), 400, code, "max-results")
    refused(client.get(path, params={"start-index": -1}), 400, code, "start-index")


def test_pages_follow_each_other(client: httpx.Client) -> None:
    for _ in range(3):
        new_user(client)
    whole = answered(client.get("/api/users", params={"max-results": 3}))
    paged = [
        answered(client.get("/api/users", params={"start-index": n, "max-results": 1}))[0]
        for n in range(3)
    ]
    assert paged == whole


@pytest.mark.parametrize("header", ["x", "-2", "1.5"])
def test_a_team_context_that_means_nothing(client: httpx.Client, header: str) -> None:
    answer = client.get("/api/escalation-policies", headers={"team-context": header})
    refused(answer, 400, "INVALID_REQUEST", "team-context")


def test_lists_of_the_callers_own_teams(client: httpx.Client) -> None:
    user_id = new_user(client)
    team_id, other = new_team(client, user_id), new_team(client)
    own = new_policy(client, user_id, teams=[{"id": team_id}])
    new_policy(client, user_id, teams=[{"id": other}])
    told = {"name": "mine", "scopes": ["config:read"], "userId": user_id}
    token = answered(client.post("/api/tokens", json=told), 201)["token"]
    mine = {"Authorization": token, "team-context": "-1"}

    def ids(path: str) -> list[int]:
        return [entry["id"] for entry in answered(client.get(path, headers=mine))]

    assert ids("/api/escalation-policies") == [own]
    assert ids("/api/teams") == [team_id]
    assert ids("/api/support-hours") == []


@pytest.mark.parametrize(
    "path", ["/api/users", "/api/teams", "/api/escalation-policies", "/api/support-hours"]
)
def test_who_may_not_is_told_so(suite: Suite, client: httpx.Client, path: str) -> None:
    stranger = httpx.get(suite.url + path, trust_env=False)
    refused(stranger, 401, "UNAUTHENTICATED", "Authorization")
    unknown = httpx.get(suite.url + path, headers={"Authorization": "x"}, trust_env=False)
    refused(unknown, 403, "KEY_ERROR", "token")
    told = {"name": "narrow", "scopes": ["alerts:read"]}
    token = answered(client.post("/api/tokens", json=told), 201)["token"]
    narrow = {"Authorization": f"Bearer {token}"}
    refused(client.get(path, headers=narrow), 403, "SCOPE_MISSING", "config:read")
    assert client.post(path, json={}, headers=narrow).status_code == 403
    wrong = client.patch(f"{path}/1", json={})
    assert (wrong.status_code, wrong.json()["status"]) == (405, 405)
    broken = client.post(path, content=b"{", headers={"Content-Type": "application/json"})
    assert (broken.status_code, broken.json()["status"]) == (400, 400)


# the same over gRPC


async def test_the_same_over_grpc(suite: Suite) -> None:
    me = [("authorization", f"Bearer {suite.token}")]
    async with grpc.aio.insecure_channel(suite.address) as channel:
        users, teams = UserServiceStub(channel), TeamServiceStub(channel)
        policies, hours = PolicyServiceStub(channel), SupportHoursServiceStub(channel)
        told = User(first_name="Ada", last_name="L", email=f"{word()}@example.com")
        user = await users.CreateUser(user_calls.CreateUserRequest(user=told), metadata=me)
        user.position = "SRE"
        changed = await users.UpdateUser(
            user_calls.UpdateUserRequest(id=user.id, user=user), metadata=me
        )
        assert changed.position == "SRE"
        by_address = user_calls.SearchUserByEmailRequest(email=told.email)
        assert await users.SearchUserByEmail(by_address, metadata=me) == changed

        member = TeamMember(user=User(id=user.id))
        team = await teams.CreateTeam(
            team_calls.CreateTeamRequest(team=Team(name=word(), members=[member])), metadata=me
        )
        assert team.members[0].user == changed
        policy = await policies.CreateEscalationPolicy(
            policy_calls.CreateEscalationPolicyRequest(
                escalation_policy=EscalationPolicy(
                    name="grpc", escalation_rules=[EscalationRule(teams=[Team(id=team.id)])]
                )
            ),
            metadata=me,
        )
        assert policy.escalation_rules[0].teams[0].name == team.name
        day = SupportHours.Day(start="09:00", end="17:00")
        week = SupportHours(name="grpc", timezone="UTC", support_days={"FRIDAY": day})
        made = await hours.CreateSupportHours(
            hours_calls.CreateSupportHoursRequest(support_hours=week), metadata=me
        )
        assert made.support_days["FRIDAY"] == day

        with pytest.raises(grpc.aio.AioRpcError) as in_use:
            await teams.DeleteTeam(team_calls.DeleteTeamRequest(id=team.id), metadata=me)
        assert in_use.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert f"escalation policy {policy.id} (grpc)" in str(in_use.value.details())
        await policies.DeleteEscalationPolicy(
            policy_calls.DeleteEscalationPolicyRequest(id=policy.id), metadata=me
        )
        await teams.DeleteTeam(team_calls.DeleteTeamRequest(id=team.id), metadata=me)
        await users.DeleteUser(user_calls.DeleteUserRequest(id=user.id), metadata=me)
        await hours.DeleteSupportHours(
            hours_calls.DeleteSupportHoursRequest(id=made.id), metadata=me
        )
