"""From a document to records, and every fault with its place."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict

from services.escalation.documents.problems import Unresolved
from services.escalation.documents.records import Records
from services.escalation.documents.resolving import resolve
from tests.parts.documents import ADA, BOB, WHOLE
from tests.parts.documents import policy as policy_of
from tocsin.configuration.v1.configuration_pb2 import Configuration

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
NOTHING = Records()


def document(told: Any = WHOLE) -> Configuration:
    return ParseDict(told, Configuration())


def policy(name: str) -> Any:
    return policy_of(name, ADA["email"])


def refused(told: Any, stored: Records = NOTHING) -> list[str]:
    with pytest.raises(Unresolved) as error:
        resolve(document(told), stored, NOW)
    return [str(problem) for problem in error.value.problems]


def test_a_document_becomes_records_that_know_each_other_by_id() -> None:
    found = resolve(document(), NOTHING, NOW)

    assert [user.email for user in found.users.values()] == [ADA["email"], BOB["email"]]
    assert found.teams[1].user_ids == {2}
    assert found.schedules[1].layers[0].users == (1, 2)
    assert found.schedules[1].teams == (1,)
    assert [shift.user for shift in found.overrides[1]] == [2]
    assert found.policies[2].levels[0].schedules == (1,)
    assert found.policies[2].levels[1].teams == (1,)
    assert found.policies[2].levels[0].timeout == timedelta(minutes=5)
    assert found.support_hours[1].days["MONDAY"].start == "09:00"


def test_what_is_stored_keeps_its_id_and_may_be_named() -> None:
    stored = resolve(document(), NOTHING, NOW)
    told = {
        "users": [
            {**BOB, "position": "Engineer", "email": "Bob@Example.com"},
            {**ADA, "email": "c@d"},
        ],
        "escalationPolicies": [
            {"name": "Web", "escalationRules": [{"users": [{"email": "ada@example.com"}]}]},
            {"name": " databases", "escalationRules": [{"schedules": [{"name": "DAY"}]}]},
        ],
    }

    found = resolve(document(told), stored, NOW)

    assert {id_: user.email for id_, user in found.users.items()} == {
        2: "Bob@Example.com",
        3: "c@d",
    }
    assert found.policies[2].levels[0].schedules == (1,)
    assert found.policies[3].levels[0].users == (1,)
    assert not found.schedules


def test_policies_that_follow_in_a_circle_are_told_with_their_names() -> None:
    stored = resolve(
        document({"users": [ADA], "escalationPolicies": [policy("Old")]}), NOTHING, NOW
    )
    told = {
        "escalationPolicies": [
            {**policy("A"), "fallback": {"name": "b"}},
            {**policy("B"), "fallback": {"name": "OLD"}},
            {**policy("Old"), "fallback": {"name": "A"}},
            {**policy("Last"), "fallback": {"id": 1}},
            {**policy("By id"), "fallback": {"id": 77}},
        ]
    }

    assert refused(told, stored) == [
        "escalationPolicies[3].fallback: escalation policy 1 is built in and follows no other",
        "escalationPolicies[4].fallback: there is no escalation policy 77",
        "escalationPolicies[0].fallback: would lead in a circle: A (3) → B (4) → Old (2) → A (3)",
        "escalationPolicies[1].fallback: would lead in a circle: B (4) → Old (2) → A (3) → B (4)",
        "escalationPolicies[2].fallback: would lead in a circle: Old (2) → A (3) → B (4) → Old (2)",
    ]


def test_every_fault_is_told_with_its_place() -> None:
    told = {
        "users": [ADA, {**BOB, "email": ""}, ADA, {**BOB, "timezone": "Mars/Base"}],
        "teams": [{"name": "Core", "members": [{"user": {"email": "eve@example.com"}}, {}]}],
        "schedules": [
            {
                "schedule": {"name": "Day", "timezone": "UTC", "type": "STATIC"},
                "overrides": [
                    {"user": {"email": "who@x"}},
                    {"user": {"email": ADA["email"]}, "start": "2026-01-01T00:00:00Z"},
                ],
            }
        ],
        "escalationPolicies": [
            {
                "name": "Web",
                "escalationRules": [{"users": [{"email": ADA["email"]}, {"email": "x@y"}]}],
                "fallback": {"name": "Nowhere"},
            },
            {"name": "Empty"},
            {"name": "By id", "escalationRules": [{"users": [{"id": 9}]}]},
        ],
    }

    assert refused(told) == [
        "users[1].email: is required",
        "users[2]: ada@example.com is at users[0] already",
        "users[3].timezone: must be an IANA time zone, not Mars/Base",
        "teams[0].members[0].user: there is no user eve@example.com",
        "schedules[0].overrides[0].user: there is no user who@x",
        "schedules[0].overrides[1].end: is required",
        "escalationPolicies[0].escalationRules[0].users[1]: there is no user x@y",
        "escalationPolicies[0].fallback: there is no escalation policy Nowhere",
        "escalationPolicies[1].escalationRules: must have at least one",
        "escalationPolicies[2].escalationRules[0].users[0]: there is no user 9",
    ]
