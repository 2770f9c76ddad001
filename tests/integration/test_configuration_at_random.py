"""Documents at random, one after another: a dry run tells what happens, and all happens or nothing.

A failing seed is tried again by its number: `-k seed123`.
"""

import os
from pathlib import Path
from random import Random
from typing import Any

import grpc
import grpc.aio
import pytest

from tests.integration.configuration_house import House, three_services

SEEDS = range(200 if os.environ.get("TOCSIN_TEST_ALL") else 4)
STEPS = 8
EMAILS = [f"p{number}@example.com" for number in range(4)]
NAMES = ["A", "B", "C"]


class Dice:
    """Makes documents up."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def some(self, of: list[str], least: int, most: int) -> list[str]:
        return self.random.sample(of, self.random.randint(least, most))

    def names(self, least: int, most: int) -> list[Any]:
        return [{"name": name} for name in self.some(NAMES, least, most)]

    def people(self) -> list[Any]:
        return [{"email": email} for email in self.some(EMAILS, 1, 3)]

    def document(self) -> Any:
        sections = {
            "users": [self._user(email) for email in self.some(EMAILS, 0, 4)],
            "contacts": [self._contacts(email) for email in self.some(EMAILS, 0, 2)],
            "teams": [self._team(name) for name in self.some(NAMES, 0, 2)],
            "schedules": [self._schedule(name) for name in self.some(NAMES, 0, 2)],
            "supportHours": [self._hours(name) for name in self.some(NAMES, 0, 2)],
            "escalationPolicies": [self._policy(name) for name in self.some(NAMES, 0, 3)],
            "alertSources": [self._source(name) for name in self.some(NAMES, 0, 3)],
        }
        return {section: records for section, records in sections.items() if records}

    def _user(self, email: str) -> Any:
        role = self.random.choice(["USER", "ADMIN"])
        return {"firstName": "F", "lastName": "L", "email": email, "role": role}

    def _contacts(self, email: str) -> Any:
        targets = self.some(["a@b.example", "c@d.example"], 0, 2)
        contacts = [{"method": "EMAIL", "target": target} for target in targets]
        return {"email": email, "contacts": contacts}

    def _team(self, name: str) -> Any:
        visibility = self.random.choice(["PUBLIC", "PRIVATE"])
        members = [{"user": user} for user in self.people()]
        return {"name": name, "visibility": visibility, "members": members}

    def _schedule(self, name: str) -> Any:
        rotation = self.random.choice(["P1D", "P7D"])
        layer = {"startsOn": "2026-01-01T00:00", "rotation": rotation, "users": self.people()}
        span = {"start": "2030-01-01T00:00:00Z", "end": "2030-01-02T00:00:00Z"}
        told = {"name": name, "timezone": "UTC", "type": "RECURRING", "scheduleLayers": [layer]}
        overrides = [{"user": user, **span} for user in self.people()]
        return {
            "schedule": {**told, "teams": self.names(0, 1)},
            "overrides": overrides[: self.random.randint(0, 2)],
        }

    def _hours(self, name: str) -> Any:
        day = {"start": "09:00", "end": self.random.choice(["17:00", "18:00"])}
        told = {"name": name, "timezone": "UTC", "supportDays": {"MONDAY": day}}
        return {**told, "teams": self.names(0, 1)}

    def _policy(self, name: str) -> Any:
        rules = [
            {
                "escalationTimeout": self.random.randint(0, 3),
                "users": self.people(),
                "schedules": self.names(0, 1),
                "teams": self.names(0, 1),
            }
            for _ in range(self.random.randint(1, 2))
        ]
        rules[0]["distribution"] = self.random.choice(["ALL", "ROUND_ROBIN"])
        told = {"name": name, "teams": self.names(0, 1), "escalationRules": rules}
        following = self.names(0, 1)  # which may lead in a circle
        return {**told, "fallback": following[0]} if following else told

    def _source(self, name: str) -> Any:
        told = {
            "name": name,
            "integrationType": self.random.choice(["API", "GRAFANA"]),
            "escalationPolicy": self.names(1, 1)[0],
            "teams": self.names(0, 1),
        }
        hours = self.names(0, 1)
        return {**told, "supportHours": hours[0]} if hours else told


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"seed{seed}")
async def test_whatever_is_applied_is_what_was_shown(seed: int, tmp_path: Path) -> None:
    dice = Dice(seed)
    async with three_services(tmp_path) as house:
        people = [{"firstName": "F", "lastName": "L", "email": e, "role": "ADMIN"} for e in EMAILS]
        await house.apply({"users": people})
        for _ in range(STEPS):
            await house.spread()
            await _try(house, dice.document(), prune=dice.random.random() < 0.4)


async def _try(house: House, document: Any, *, prune: bool) -> None:
    before = await house.state()
    tried = await house.apply(document, prune=prune, dry_run=True)
    assert await house.state() == before
    wanted = {"prune": prune, "digest": tried.digest}
    if tried.problems:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await house.apply(document, **wanted)
        assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT, error.value.details()
        assert await house.state() == before
        return
    made = await house.apply(document, **wanted)
    assert made.changes == tried.changes
    after = await house.state()
    assert bool(made.changes) == (after != before)
    for told, how in ((document, prune), (after[0], True)):
        again = await house.apply(told, prune=how, dry_run=True)
        assert not again.changes
        assert not again.problems
