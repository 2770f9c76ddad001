"""What may be recorded of people, scopes and policies."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.chassis.errors import InvalidRequest
from services.escalation.domain import policies, users
from services.escalation.domain.policies import Level, Policy
from tests.parts.people import person

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ADA, BOB, EVE = 1, 2, 3
EVERYBODY = frozenset({ADA, BOB, EVE})
LEVELS = (Level((ADA,), 5 * MINUTE), Level((BOB, EVE), 10 * MINUTE))
POLICY = Policy(id=7, name="Night", levels=LEVELS)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"levels": ()}, "escalationRules"),
        ({"levels": (*LEVELS, Level((), MINUTE))}, "escalationRules[2].users"),
        ({"levels": (Level((99,), MINUTE),)}, "escalationRules[0].users"),
        ({"frequency": 0}, "frequency"),
        ({"frequency": 10}, "frequency"),
        ({"delay_min": 16}, "delayMin"),
        ({"delay_min": -1}, "delayMin"),
        ({"routing_key": " "}, "routingKey"),
        ({"teams": (4,)}, "teams"),
    ],
)
def test_what_a_policy_must_have(change: dict[str, Any], field: str) -> None:
    assert policies.checked(POLICY, users=EVERYBODY, teams=()) == POLICY
    with pytest.raises(InvalidRequest, match=field.replace("[", r"\[")) as refused:
        policies.checked(replace(POLICY, **change), users=EVERYBODY, teams=())
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("minutes", "seconds", "expected"),
    [
        (0, None, timedelta()),
        (525_600, None, timedelta(days=365)),
        (5, 20, timedelta(seconds=20)),
        (5, 0, timedelta()),
        (-1, 31_536_000, timedelta(days=365)),
    ],
)
def test_seconds_count_if_they_are_said(
    minutes: int, seconds: int | None, expected: timedelta
) -> None:
    assert policies.timeout(minutes=minutes, seconds=seconds, field="r") == expected


@pytest.mark.parametrize(
    ("minutes", "seconds"), [(-1, None), (525_601, None), (0, -1), (0, 31_536_001)]
)
def test_a_timeout_has_a_range(minutes: int, seconds: int | None) -> None:
    with pytest.raises(InvalidRequest, match=r"r\.escalationTimeout"):
        policies.timeout(minutes=minutes, seconds=seconds, field="r")


def test_a_policy_that_does_not_repeat_has_one_round_whatever_its_frequency() -> None:
    assert replace(POLICY, frequency=9).plan().repeats == 0
    assert replace(POLICY, frequency=9, repeating=True).plan().repeats == 9


PERSON = person(1, NOW, timezone="Europe/London")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"first_name": ""}, "firstName"),
        ({"last_name": "\n"}, "lastName"),
        ({"email": ""}, "email"),
        ({"email": "ada"}, "email"),
        ({"email": "ada@"}, "email"),
        ({"email": "a@b@c"}, "email"),
        ({"email": "ada lovelace@example.com"}, "email"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"region": "de"}, "region"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
    ],
)
def test_what_a_person_must_have(change: dict[str, Any], field: str) -> None:
    assert users.checked(PERSON) == PERSON
    with pytest.raises(InvalidRequest) as refused:
        users.checked(replace(PERSON, **change))
    assert refused.value.field == field
