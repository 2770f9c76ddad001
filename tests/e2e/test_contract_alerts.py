"""The alerts contract (events' effects and the alerts REST), rule by rule, through Envoy."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.parts.suite import pretty
from tests.parts.team import Team, is_page_of, messages
from tests.parts.waiting import eventually
from tests.parts.webhook import WebhookSink

GERMAN = "hat den Alarm angelegt"


def call(team: Team, method: str, path: str, status: int, **sent: Any) -> Any:
    """Calls the API as the admin and returns the JSON body of the status that is expected."""
    with team.suite.client() as client:
        answer: httpx.Response = client.request(method, path, **sent)
    assert answer.status_code == status, pretty(answer)
    if status >= 400:
        body = answer.json()
        assert body["status"] == status
        assert body["message"]
        assert body["code"]
    return answer.json() if answer.content else None


def create(team: Team, summary: str, **fields: Any) -> dict[str, Any]:
    body = {"summary": summary, "alertSource": {"id": team.source_id}, **fields}
    made: dict[str, Any] = call(team, "POST", "/api/alerts", 201, json=body)
    return made


def word() -> str:
    return f"disk {secrets.token_hex(4)} full"


def new_policy(team: Team, **fields: Any) -> int:
    body = {
        "name": f"policy {secrets.token_hex(3)}",
        "escalationRules": [{"escalationTimeout": 5, "users": [{"id": team.bob.id}]}],
        **fields,
    }
    made: int = call(team, "POST", "/api/escalation-policies", 201, json=body)["id"]
    return made


def new_source(team: Team, **fields: Any) -> Team:
    """Returns the team with another source."""
    body = {
        "name": f"source {secrets.token_hex(3)}",
        "integrationType": "API",
        "escalationPolicy": {"id": team.policy_id},
        **fields,
    }
    made = call(team, "POST", "/api/alert-sources", 201, json=body)
    return Team(team.suite, team.ada, team.bob, team.policy_id, made["id"], made["integrationKey"])


async def settled(team: Team) -> None:
    """Returns once everything that was sent before is done."""
    marker = f"marker {secrets.token_hex(4)}"
    team.send("ALERT", marker, alertKey=marker)
    await team.alert(marker)


# §5.3 and §5.1: raising by hand


async def test_a_manual_alert_is_201_escalated_and_pages(team: Team, webhook: WebhookSink) -> None:
    summary = word()
    alert = create(team, summary, details="**much**", priority="HIGH")

    assert (alert["summary"], alert["details"], alert["status"]) == (summary, "**much**", "PENDING")
    assert alert["alertSource"]["id"] == team.source_id
    assert alert["alertSource"]["status"] == "PENDING"
    assert alert["alertSource"]["escalationPolicy"] == alert["escalationPolicy"]
    assert alert["escalationPolicy"]["id"] == team.policy_id
    assert "alertKey" not in alert
    assert "resolvedOn" not in alert
    assert [each["user"]["id"] for each in alert["responders"]] == [team.ada.id]
    assert alert["responders"][0]["status"] == "PENDING"
    assert alert["assignedTo"]["id"] == team.ada.id
    assert alert["nextEscalationRuleIndex"] == 1
    assert "nextEscalation" in alert
    await webhook.wait_for(is_page_of(team.ada, summary), within=20)


async def test_a_manual_alert_with_responders_pages_exactly_them(
    team: Team, webhook: WebhookSink
) -> None:
    summary = word()
    alert = create(team, summary, responders=[{"user": {"id": team.bob.id}}])

    assert [each["user"]["id"] for each in alert["responders"]] == [team.bob.id]
    assert "nextEscalation" not in alert
    await webhook.wait_for(is_page_of(team.bob, summary), within=20)
    assert messages(webhook, team.ada, summary) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"summary": "help"}, 400),
        ({"alertSource": {"id": 1}}, 400),
        ({"summary": "help", "alertSource": {"id": 1}, "priority": "LOUD"}, 400),
        ({"summary": "help", "alertSource": {"id": 999999}}, 404),
        ({"summary": "help", "escalationPolicy": {"id": 999999}}, 404),
        ({"summary": "help", "responders": [{"user": {"id": 999999}}]}, 404),
    ],
)
async def test_a_manual_alert_that_cannot_be_is_refused(
    team: Team, body: dict[str, Any], status: int
) -> None:
    call(team, "POST", "/api/alerts", status, json=body)


async def test_only_a_person_or_a_policy_will_do(team: Team) -> None:
    people = {"summary": word(), "assignedTo": {"id": team.bob.id}}
    assert call(team, "POST", "/api/alerts", 201, json=people)["assignedTo"]["id"] == team.bob.id
    policy = {"summary": word(), "escalationPolicy": {"id": team.policy_id}}
    made = call(team, "POST", "/api/alerts", 201, json=policy)
    assert made["escalationPolicy"]["id"] == team.policy_id
    assert "alertSource" not in made


# §4.1: states


async def test_the_states_and_no_path_back(team: Team) -> None:
    alert = create(team, word())
    path = f"/api/alerts/{alert['id']}"
    header = {"Content-Type": "application/json"}

    accepted = call(team, "PUT", f"{path}/accept", 200, headers=header)
    assert accepted["status"] == "ACCEPTED"
    assert "nextEscalation" not in accepted
    mine = [each for each in accepted["responders"] if each["status"] == "ACCEPTED"]
    assert "acceptedAt" in mine[0]
    resolved = call(team, "PUT", f"{path}/resolve", 200)
    assert resolved["status"] == "RESOLVED"
    assert "resolvedOn" in resolved
    assert call(team, "PUT", f"{path}/resolve", 200)["status"] == "RESOLVED"
    call(team, "PUT", f"{path}/accept", 400)


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("GET", "", {}),
        ("PUT", "/accept", {}),
        ("PUT", "/resolve", {}),
        ("PUT", "/escalate", {}),
        ("PUT", "/priority", {"params": {"priority": "LOW"}}),
        ("PUT", "/snooze", {"params": {"until": "2126-01-01T00:00:00Z"}}),
        ("POST", "/comments", {"json": {"content": "hm"}}),
        ("GET", "/comments", {}),
        ("GET", "/log-entries", {}),
        ("GET", "/suggested-responders", {}),
    ],
)
async def test_an_unknown_alert_is_404(
    team: Team, method: str, path: str, sent: dict[str, Any]
) -> None:
    call(team, method, f"/api/alerts/999999{path}", 404, **sent)


# §5.1: responders, assignment


async def test_responders_are_added_and_taken_off(team: Team, webhook: WebhookSink) -> None:
    summary = word()
    path = f"/api/alerts/{create(team, summary)['id']}"
    people = f"{path}/responders"

    added = call(team, "POST", people, 201, json={"user": {"id": team.bob.id}})
    assert (added["user"]["id"], added["status"]) == (team.bob.id, "PENDING")
    assert "acceptedAt" not in added
    await webhook.wait_for(is_page_of(team.bob, summary), within=20)
    call(team, "POST", people, 405, json={"id": team.bob.id})
    call(team, "POST", people, 404, params={"user": 999999})
    call(team, "POST", people, 400)
    assert call(team, "DELETE", f"{people}/{team.bob.id}", 204) is None
    call(team, "DELETE", f"{people}/{team.bob.id}", 404)
    call(team, "POST", people, 404, params={"user-id": "nobody"})
    call(team, "POST", people, 201, params={"user-id": team.bob.email})


async def test_help_for_a_taken_alert_is_paged(team: Team, webhook: WebhookSink) -> None:
    summary = word()
    path = f"/api/alerts/{create(team, summary)['id']}"
    call(team, "PUT", f"{path}/accept", 200)

    call(team, "POST", f"{path}/responders", 201, json={"id": team.bob.id})

    await webhook.wait_for(is_page_of(team.bob, summary), within=20)
    assert call(team, "GET", path, 200)["status"] == "ACCEPTED"


async def test_an_alert_is_assigned(team: Team, webhook: WebhookSink) -> None:
    summary = word()
    path = f"/api/alerts/{create(team, summary)['id']}/assign"
    other = new_policy(team)

    to_person = call(team, "PUT", path, 200, params={"user": str(team.bob.id)})
    assert team.bob.id in [each["user"]["id"] for each in to_person["responders"]]
    await webhook.wait_for(is_page_of(team.bob, summary), within=20)
    to_policy = call(team, "PUT", path, 200, params={"policy-id": str(other)})
    assert to_policy["escalationPolicy"]["id"] == other
    for said in (team.ada.id, team.ada.email, team.ada.email.partition("@")[0]):
        to_login = call(team, "PUT", path, 200, params={"user-id": said})
        assert team.ada.id in [each["user"]["id"] for each in to_login["responders"]]
    call(team, "PUT", path, 400)
    for kind in ("user", "policy", "schedule"):
        call(team, "PUT", path, 404, params={kind: "999999"})


async def test_an_alert_is_assigned_to_whoever_is_on_call(team: Team) -> None:
    now = datetime.now(UTC)
    shift = {
        "user": {"id": team.bob.id},
        "start": (now - timedelta(days=1)).isoformat(),
        "end": (now + timedelta(days=300)).isoformat(),
    }
    body = {"name": word(), "timezone": "UTC", "type": "STATIC", "shifts": [shift]}
    schedule = call(team, "POST", "/api/schedules", 201, json=body)["id"]
    path = f"/api/alerts/{create(team, word())['id']}"

    alert = call(team, "PUT", f"{path}/assign", 200, params={"schedule": str(schedule)})

    assert team.bob.id in [each["user"]["id"] for each in alert["responders"]]
    found = call(team, "GET", f"{path}/suggested-responders", 200)
    assert {"ON_CALL_SCHEDULE", "SUGGESTED", "ESCALATION_POLICY"} <= {s["group"] for s in found}
    bob = next(s for s in found if s["id"] == team.bob.id and s["group"] == "SUGGESTED")
    assert bob["disabled"] is True
    assert all(s["name"] for s in found)


async def test_the_next_level_now_priority_and_sleep(team: Team, webhook: WebhookSink) -> None:
    summary = word()
    path = f"/api/alerts/{create(team, summary)['id']}"

    escalated = call(team, "PUT", f"{path}/escalate", 200)
    assert "nextEscalation" not in escalated
    await webhook.wait_for(is_page_of(team.bob, summary), within=20)
    lowered = call(team, "PUT", f"{path}/priority", 200, params={"priority": "LOW"})
    assert lowered["priority"] == "LOW"
    call(team, "PUT", f"{path}/priority", 400)
    until = (datetime.now(UTC) + timedelta(days=4000)).isoformat().replace("+00:00", "Z")
    asleep = call(team, "PUT", f"{path}/snooze", 200, params={"until": until})
    assert "snoozedUntil" in asleep
    call(team, "PUT", f"{path}/snooze", 400)
    awake = call(team, "PUT", f"{path}/snooze", 200, params={"until": "2020-01-01T00:00:00Z"})
    assert "snoozedUntil" not in awake


async def test_many_are_answered_at_once(team: Team) -> None:
    ids = [create(team, word())["id"] for _ in range(2)]

    accepted = call(team, "POST", "/api/alerts-bulk/accept", 200, json={"ids": [*ids, 999999]})
    assert [each.get("status") for each in accepted] == ["ACCEPTED", "ACCEPTED", None]
    assert accepted[2]["code"] == "NOT_FOUND"
    resolved = call(team, "POST", "/api/alerts-bulk/resolve", 200, json={"ids": ids})
    assert [each["status"] for each in resolved] == ["RESOLVED", "RESOLVED"]
    call(team, "POST", "/api/alerts-bulk/resolve", 400, json={"ids": [1] * 501})


# §5.1: lists and what they show


async def test_alerts_are_filtered_in_both_spellings(team: Team) -> None:
    first, second = create(team, word()), create(team, word(), assignedTo={"id": team.bob.id})
    call(team, "PUT", f"/api/alerts/{first['id']}/resolve", 200)
    local = team.bob.email.partition("@")[0]
    for query, ids in (
        ({"sources": team.source_id}, [second["id"], first["id"]]),
        ({"alert-source": team.source_id, "state": "RESOLVED"}, [first["id"]]),
        ({"sources": team.source_id, "states": ["PENDING", "ACCEPTED"]}, [second["id"]]),
        ({"policies": team.policy_id}, [first["id"]]),
        ({"responders": str(team.bob.id)}, [second["id"]]),
        ({"responders": local}, [second["id"]]),
        ({"assigned-to": team.bob.email}, [second["id"]]),
        ({"responders": "nobody-of-that-name"}, []),
        ({"sources": team.source_id, "start-index": 1}, [first["id"]]),
        ({"sources": team.source_id, "until": "2020-01-01T00:00:00Z"}, []),
        (
            {"sources": team.source_id, "from": "2020-01-01T00:00:00Z", "max-results": 1},
            [second["id"]],
        ),
    ):
        found = call(team, "GET", "/api/alerts", 200, params=query)
        assert [each["id"] for each in found] == ids, query
    count = {"sources": team.source_id, "states": "RESOLVED"}
    assert call(team, "GET", "/api/alerts/count", 200, params=count) == {"count": 1}


@pytest.mark.parametrize(
    "query", [{"max-results": 101}, {"start-index": -1}, {"states": "OPEN"}, {"sources": "x"}]
)
async def test_a_list_that_cannot_be_is_400(team: Team, query: dict[str, Any]) -> None:
    call(team, "GET", "/api/alerts", 400, params=query)


async def test_what_is_included(team: Team) -> None:
    summary = word()
    details = {"host": {"name": "db1", "cpus": [1, 2]}, "ok": None}
    team.send("ALERT", summary, customDetails=details, severity=2, labels={"team": "db"})
    alert = await team.alert(summary)
    assert alert["severity"] == 2
    assert alert["labels"] == {"team": "db"}
    opt_in = {"customDetails", "nextEscalationUser", "escalationRules"}
    assert not opt_in & alert.keys()
    assert alert["escalationPolicy"]["escalationRules"]
    manual = create(team, word())
    assert not opt_in & manual.keys()
    assert (manual["images"], manual["links"]) == ([], [])
    await eventually(lambda: "nextEscalation" in team.alerts()[0], within=15)

    include = ["escalationRules", "nextEscalationUser", "customDetails", "whatever"]
    whole = call(team, "GET", f"/api/alerts/{alert['id']}", 200, params={"include": include})

    assert whole["customDetails"] == details
    assert len(whole["escalationRules"]) == 2
    assert whole["nextEscalationUser"]["id"] == team.bob.id
    assert whole["nextEscalationRuleIndex"] == 1


# §5.5: the log


async def test_the_log_speaks_english_and_german(team: Team) -> None:
    path = f"/api/alerts/{create(team, word())['id']}"
    call(team, "POST", f"{path}/comments", 201, json={"content": "on it"})
    call(team, "POST", f"{path}/comments", 400, json={"content": ""})
    call(team, "PUT", f"{path}/resolve", 200)

    english = call(team, "GET", f"{path}/log-entries", 200)
    types = [entry["logEntryType"] for entry in english]
    assert types[0] == "AlertCreatedByUserLogEntry"
    assert {"AlertCommentAddedLogEntry", "UserResponseLogEntry"} <= set(types)
    assert {"id", "timestamp", "text", "alertId", "filterTypes"} <= english[0].keys()
    assert "vars" not in english[0]
    for lang in ("lang", "lng"):
        query = {lang: "de", "include": "vars", "max-results": 1}
        (german,) = call(team, "GET", f"{path}/log-entries", 200, params=query)
        assert GERMAN in german["text"]
        assert german["vars"]["actor"]
    groups = {"filter-types": ["ALERT_UPDATES", "ALERT_SOURCE_EVENTS"]}
    found = call(team, "GET", f"{path}/log-entries", 200, params=groups)
    types = [entry["logEntryType"] for entry in found]
    assert {"AlertCommentAddedLogEntry", "UserResponseLogEntry"} <= set(types)
    assert "NotificationLogEntry" not in types
    none = {"filter-types": "ALERT_SOURCE_EVENTS"}  # it was raised by hand
    assert call(team, "GET", f"{path}/log-entries", 200, params=none) == []
    refused: list[dict[str, Any]] = [{"lang": "fr"}, {"filter-types": "X"}, {"max-results": 101}]
    for wrong in refused:
        call(team, "GET", f"{path}/log-entries", 400, params=wrong)
    (comment,) = call(team, "GET", f"{path}/comments", 200)
    assert (comment["id"], comment["content"]) == (1, "on it")
    assert comment["creator"]


# §4.2 to §4.5: what events do


async def test_a_comment_event_is_a_comment(team: Team) -> None:
    summary = word()
    team.send("ALERT", summary, alertKey="disk")
    alert = await team.alert(summary)
    team.send("COMMENT", alertKey=" DISK ", comments=[{"creator": "cron", "content": "still"}])
    team.send("COMMENT", alertKey="unknown", comments=[{"creator": "cron", "content": "lost"}])
    await settled(team)

    said = call(team, "GET", f"/api/alerts/{alert['id']}/comments", 200)
    assert [(each["creator"], each["content"]) for each in said] == [("cron", "still")]


@pytest.mark.parametrize(
    ("mode", "alerts"),
    [
        ("ONE_ALERT_PER_EMAIL", 3),
        ("ONE_ALERT_PER_EMAIL_SUBJECT", 2),
        ("ONE_PENDING_ALERT_ALLOWED", 1),
        ("ONE_OPEN_ALERT_ALLOWED", 1),
    ],
)
async def test_the_modes_of_creation(team: Team, mode: str, alerts: int) -> None:
    grouping = new_source(team, alertCreation=mode)
    summary = word()
    for key, told in (("a", summary), ("b", summary), ("c", f"other {summary}")):
        assert grouping.send("ALERT", told, alertKey=key).status_code == 202

    def all_counted() -> None:
        found = grouping.alerts()
        assert sum(each["eventCount"] for each in found) == 3
        assert len(found) == alerts

    await eventually(all_counted, within=15)


async def test_a_source_resolves_its_alerts_by_itself(team: Team) -> None:
    source = new_source(team, autoResolutionTimeout="PT10M")
    summary = word()
    source.send("ALERT", summary)
    alert = await source.alert(summary, "PENDING")

    team.suite.forward(601)

    await source.alert(summary, "RESOLVED")
    log = call(team, "GET", f"/api/alerts/{alert['id']}/log-entries", 200)
    assert "AlertAutoResolvedLogEntry" in [entry["logEntryType"] for entry in log]


async def test_a_louder_repeat_raises_the_priority(team: Team) -> None:
    summary = word()
    team.send("ALERT", summary, alertKey="disk", priority="LOW")
    assert (await team.alert(summary))["priority"] == "LOW"
    team.send("ALERT", summary, alertKey="disk", priority="HIGH")
    await eventually(lambda: team.alerts()[0]["priority"] == "HIGH", within=15)
    team.send("ALERT", summary, alertKey="disk", priority="LOW")
    await eventually(lambda: team.alerts()[0]["eventCount"] == 3, within=15)

    assert team.alerts()[0]["priority"] == "HIGH"
    log = call(team, "GET", f"/api/alerts/{team.alerts()[0]['id']}/log-entries", 200)
    assert "AlertRaisedBySystemLogEntry" in [entry["logEntryType"] for entry in log]


async def test_routing_keys_choose_and_later_ones_move(team: Team, webhook: WebhookSink) -> None:
    key = f"route-{secrets.token_hex(3)}"
    other = new_policy(team, routingKey=key)
    summary = word()
    team.send("ALERT", summary, alertKey="disk", routingKey="nobody-has-this")
    assert (await team.alert(summary))["escalationPolicy"]["id"] == team.policy_id

    def moved() -> None:
        assert team.alerts()[0]["escalationPolicy"]["id"] == other

    async def sent_until_known() -> None:  # the policy's key has to arrive where it is read
        team.send("ALERT", summary, alertKey="disk", routingKey=f"nobody-has-this,{key}")
        await eventually(moved, within=5)

    await sent_until_known()
    await webhook.wait_for(is_page_of(team.bob, summary), within=20)
    log = call(team, "GET", f"/api/alerts/{team.alerts()[0]['id']}/log-entries", 200)
    assert [e["logEntryType"] for e in log].count("AlertAssignedToPolicyLogEntry") == 1
