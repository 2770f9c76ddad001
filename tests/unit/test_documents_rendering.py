"""From records to a document and back, and what differs between two documents."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict
from hypothesis import given, settings
from hypothesis import strategies as st

from services.escalation.documents.differences import differences
from services.escalation.documents.names import names
from services.escalation.documents.planning import plan
from services.escalation.documents.records import Records
from services.escalation.documents.rendering import render
from services.escalation.documents.resolving import resolve
from tests.parts.documents import WHOLE
from tocsin.configuration.v1.configuration_pb2 import Configuration
from tocsin.configuration.v1.configuration_service_pb2 import Change

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)

TEXTS = st.text("aAbBß 7:#-é", min_size=1, max_size=6).filter(str.strip)
EMAILS = [f"p{n}@example.com" for n in range(4)]
NAMES = ["Core", "Night", "Web", "Day 2"]
#: What is there besides, and no document tells of.
THERE = Records(webhooks={3: "Bot", 5: "core"})
RESTRICTED = [
    {},
    {
        "restrictionType": "TIMES_OF_DAY",
        "restrictions": [{"from": {"time": "22:00"}, "to": {"time": "06:00"}}],
    },
    {
        "restrictionType": "TIMES_OF_WEEK",
        "restrictions": [
            {
                "from": {"dayOfWeek": "MONDAY", "time": "08:00"},
                "to": {"dayOfWeek": "FRIDAY", "time": "17:30"},
            }
        ],
    },
]
TURNS = [{"rotation": "P9D"}, {"rotation": "P1M"}, {"rotations": ["P5D", "P2D"]}]


def some(of: list[str], most: int = 3) -> Any:
    return st.lists(st.sampled_from(of), min_size=1, max_size=most, unique=True)


@st.composite
def documents(draw: Any) -> Configuration:
    """Draws a document whose records refer to each other."""
    teams, schedules = draw(some(NAMES)), draw(some(NAMES))
    people = [
        {"firstName": draw(TEXTS), "lastName": draw(TEXTS), "email": email, "role": "ADMIN"}
        for email in EMAILS
    ]
    belonging = st.lists(st.sampled_from(teams), max_size=2, unique=True)
    rules = draw(some(NAMES))
    return ParseDict(
        {
            "users": people,
            "teams": [
                {"name": name, "members": [{"user": {"email": e}} for e in draw(some(EMAILS))]}
                for name in teams
            ],
            "schedules": [_schedule(draw, name, belonging) for name in schedules],
            "escalationPolicies": [
                _policy(draw, name, teams, schedules, belonging)
                | draw(st.sampled_from([{}, *({"fallback": {"name": n}} for n in rules[:place])]))
                for place, name in enumerate(rules)
            ][:: draw(st.sampled_from((1, -1)))],
        },
        Configuration(),
    )


def _schedule(draw: Any, name: str, belonging: Any) -> Any:
    layers = st.lists(
        st.builds(
            lambda turns, restricted, emails, together: {
                "name": "l",
                "startsOn": "2026-01-05T09:00",
                "users": [{"email": email} for email in emails],
                "usersPerShift": min(together, len(emails)),
                **turns,
                **restricted,
            },
            st.sampled_from(TURNS),
            st.sampled_from(RESTRICTED),
            some(EMAILS),
            st.integers(1, 2),
        ),
        max_size=2,
    )
    shifts = st.lists(
        st.builds(
            lambda email, hours: {
                "user": {"email": email},
                "start": "2026-03-28T00:00:00Z",
                "end": (NOW + timedelta(hours=hours)).isoformat(),
            },
            st.sampled_from(EMAILS),
            st.integers(-5, 5),
        ),
        max_size=3,
    )
    schedule = {
        "name": name,
        "timezone": "Europe/Berlin",
        "type": "RECURRING",
        "scheduleLayers": draw(layers),
        "teams": [{"name": team} for team in draw(belonging)],
    }
    return {"schedule": schedule, "overrides": draw(shifts)}


def _policy(draw: Any, name: str, teams: list[str], schedules: list[str], belonging: Any) -> Any:
    rules = st.builds(
        lambda seconds, emails, paged, rotas, called, distribution: {
            "escalationTimeoutSeconds": seconds,
            "users": [{"email": email} for email in emails],
            "teams": [{"name": team} for team in paged],
            "schedules": [{"name": rota} for rota in rotas],
            "webhooks": [{"name": webhook} for webhook in called],
            "distribution": distribution,
        },
        st.integers(0, 400),
        some(EMAILS),
        st.lists(st.sampled_from(teams), max_size=2, unique=True),
        st.lists(st.sampled_from(schedules), max_size=2, unique=True),
        st.lists(st.sampled_from(["BOT", "Core"]), max_size=2, unique=True),
        st.sampled_from(["ALL", "ROUND_ROBIN"]),
    )
    expiry = draw(st.sampled_from([{}, {"acceptExpiryMin": 30}]))
    return {
        "name": name,
        "escalationRules": draw(st.lists(rules, min_size=1, max_size=3)),
        "repeating": draw(st.booleans()),
        **expiry,
        "teams": [{"name": team} for team in draw(belonging)],
    }


def shown(records: Records) -> Configuration:
    return render(records, names(THERE, records), NOW)


@settings(max_examples=40, deadline=None)
@given(documents())
def test_what_is_shown_means_what_is_stored(document: Configuration) -> None:
    stored = replace(resolve(document, THERE, NOW), webhooks=THERE.webhooks)
    told = shown(stored)

    again = resolve(told, stored, NOW)

    assert shown(again) == told
    assert again.policies == stored.policies
    assert again.schedules == stored.schedules
    assert again.teams == stored.teams
    assert again.users == stored.users
    unchanged = plan(told, stored, NOW, prune=True)
    assert unchanged.before == unchanged.after
    assert not any(unchanged.puts.values())
    assert not any(unchanged.deleted.values())
    assert not unchanged.overrides


@settings(max_examples=40, deadline=None)
@given(documents())
def test_another_suite_shows_the_same(document: Configuration) -> None:
    told = shown(resolve(document, THERE, NOW))

    assert shown(resolve(told, THERE, NOW)) == told


@settings(max_examples=25, deadline=None)
@given(documents(), documents())
def test_differences_are_nothing_between_equals_only(
    one: Configuration, other: Configuration
) -> None:
    assert not differences(one, one)
    assert bool(differences(one, other)) == (one != other)
    back = differences(other, one)
    for there, again in zip(differences(one, other), back, strict=True):
        assert (there.section, there.name) == (again.section, again.name)
        if there.action == Change.UPDATE:
            assert sorted(f.field for f in there.fields) == sorted(f.field for f in again.fields)


@settings(max_examples=25, deadline=None)
@given(documents(), documents())
def test_a_plan_makes_exactly_its_difference(
    stored_document: Configuration, wanted: Configuration
) -> None:
    stored = replace(resolve(stored_document, THERE, NOW), webhooks=THERE.webhooks)

    made = plan(wanted, stored, NOW, prune=True)

    changed = {
        (change.section, change.name)
        for change in differences(made.before, made.after)
        if change.action != Change.DELETE and change.section != "schedules"
    }
    puts = {
        (section, put.record.email if section == "users" else put.record.name)
        for section, records in made.puts.items()
        for put in records
        if section != "schedules"
    }
    assert puts == changed


def test_a_change_is_told_as_deep_as_it_goes() -> None:
    before = ParseDict(WHOLE, Configuration())
    after = Configuration()
    after.CopyFrom(before)
    layer = after.schedules[0].schedule.schedule_layers[0]
    layer.rotation = "P2W"
    del layer.users[1]
    after.escalation_policies[0].name = "DATABASES"
    del after.support_hours[:]

    told = [MessageToDict(change) for change in differences(before, after)]

    assert told == [
        {
            "action": "UPDATE",
            "section": "schedules",
            "name": "Day",
            "fields": [
                {
                    "field": "schedule.scheduleLayers[0].users[1]",
                    "before": {"email": "bob@example.com"},
                },
                {
                    "field": "schedule.scheduleLayers[0].rotation",
                    "before": "P1W",
                    "after": "P2W",
                },
            ],
        },
        {"action": "DELETE", "section": "supportHours", "name": "Office"},
        {
            "action": "UPDATE",
            "section": "escalationPolicies",
            "name": "DATABASES",
            "fields": [{"field": "name", "before": "Databases", "after": "DATABASES"}],
        },
    ]
