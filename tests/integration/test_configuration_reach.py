"""How people are reached, as a part of a document: contacts by name, rules, and secrets."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from services.notification.changing import Wanted
from services.notification.domain.values import Method
from services.notification.targets import Offer
from services.notification.wishes import Faults, wish
from tests.integration.configuration_house import House, away, three_services
from tests.parts.documents import ADA, BOB, WHOLE
from tocsin.notification.internal.v1.configuration_service_pb2 import PersonContacts
from tocsin.notification.v1.preference_pb2 import AlertPreference, Preferences

SECRET = "https://hooks.example.com/do-not-tell-me"
PHONE = {"method": "PHONE", "target": "+4930123456", "name": "Mobile"}
HOOK = {"method": "WEBHOOK", "target": SECRET}
RULES = {
    "alerts": [
        {"method": "WEBHOOK", "contact": HOOK, "type": "HIGH_PRIORITY"},
        {"method": "SMS", "contact": {"name": "mobile"}, "delayMin": 5, "type": "HIGH_PRIORITY"},
        {"method": "EMAIL", "type": "LOW_PRIORITY"},
    ],
    "duties": [{"method": "SMS", "beforeMin": 30, "type": "ON_CALL"}],
    "updates": [{"method": "SMS", "contact": {"name": "Mobile"}, "type": "ALERT_RESOLVED"}],
    "quietHours": {"timezone": "Europe/Berlin", "start": "22:00", "end": "07:00"},
}


def of_ada(contacts: list[Any], **more: Any) -> Any:
    return {"contacts": [{"email": "ada@example.com", "contacts": contacts, **more}]}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with three_services(tmp_path) as opened:
        await opened.apply({**WHOLE, "users": [ADA, BOB]})
        await opened.apply(of_ada([PHONE, HOOK], preferences=RULES))
        yield opened


async def reach(house: House) -> Any:
    (told,) = (await house.export())["contacts"]
    return told


async def test_a_document_says_how_people_are_reached(house: House) -> None:
    told = await reach(house)

    hook, phone = told["contacts"]
    assert (hook["target"], phone["regionCode"]) == (SECRET, "DE")
    rules = told["preferences"]
    assert [(each["method"], each.get("contact")) for each in rules["alerts"]] == [
        ("WEBHOOK", HOOK),
        ("EMAIL", None),
        ("SMS", {"name": "Mobile"}),
    ]
    assert rules["quietHours"]["lowPriority"] == "WAIT"
    again = await house.apply(await house.export(), dry_run=True, prune=True)
    assert (list(again.problems), list(again.changes)) == ([], [])


async def test_rules_that_are_not_said_stay_but_for_those_of_contacts_that_go(
    house: House,
) -> None:
    await house.apply(of_ada([HOOK]))

    rules = (await reach(house))["preferences"]
    assert [each["method"] for each in rules["alerts"]] == ["WEBHOOK", "EMAIL"]
    assert "updates" not in rules
    assert rules["duties"]
    await house.apply(of_ada([HOOK], preferences={}))
    assert "preferences" not in await reach(house)


async def test_a_target_told_as_others_see_it_is_the_one_that_there_is(house: House) -> None:
    shown = {"method": "WEBHOOK", "target": "https://hooks.example.com/…", "name": "Bot"}

    await house.apply(of_ada([PHONE, shown]))
    assert (await reach(house))["contacts"][0]["target"] == SECRET
    other = {"method": "WEBHOOK", "target": "https://other.example.com/…"}
    tried = await house.apply(of_ada([other]), dry_run=True)
    assert [f"{one.place}: {one.message}" for one in tried.problems] == [
        "contacts[0].contacts[0].target:"
        " is told as others see it, and the person has no such contact"
    ]


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (
            {"method": "SMS", "contact": {"name": "Home"}, "type": "HIGH_PRIORITY"},
            "alerts[0].contact: the person has no contact called Home",
        ),
        (
            {"method": "PUSH", "contact": {"name": "Mobile"}, "type": "HIGH_PRIORITY"},
            "alerts[0].contact: is PHONE, which PUSH does not reach",
        ),
        ({"method": "SMS"}, "alerts[0].type: must be one of HIGH_PRIORITY, LOW_PRIORITY"),
        (
            {"method": "SMS", "type": "HIGH_PRIORITY", "delayMin": 500},
            "alerts[0].delayMin: must be 0 to 120",
        ),
    ],
)
async def test_what_is_wrong_with_a_rule_is_told_with_its_place(
    house: House, rule: Any, problem: str
) -> None:
    before = await house.state()
    tried = await house.apply(of_ada([PHONE], preferences={"alerts": [rule]}), dry_run=True)

    assert [f"{one.place}: {one.message}" for one in tried.problems] == [
        f"contacts[0].preferences.{problem}"
    ]
    assert await house.state() == before


async def test_what_fails_later_takes_it_all_back(house: House) -> None:
    before = await house.state()
    told = {
        **of_ada([{"method": "TERMINAL"}], preferences={}),
        "alertSources": [
            {
                "name": "New",
                "integrationType": "API",
                "escalationPolicy": {"name": "Databases"},
            }
        ],
    }
    house.faults.at["before sources"] = [away]

    with pytest.raises(grpc.aio.AioRpcError):
        await house.apply(told)

    assert await house.state() == before


async def test_who_is_not_named_keeps_nothing_when_the_rest_is_pruned(house: House) -> None:
    bobs = {"contacts": [{"email": "bob@example.com", "contacts": [{"method": "TERMINAL"}]}]}
    await house.apply(bobs, prune=True)

    assert [each["email"] for each in (await house.export())["contacts"]] == ["bob@example.com"]


def test_a_contact_that_is_said_twice_is_one() -> None:
    told = PersonContacts(user_id=1)
    for _ in range(2):
        told.contacts.add(method="PHONE", target="+4930123456")
    told.contacts.add(method="EMAIL", target="ada@example.com")
    mail = AlertPreference(method="EMAIL", type="HIGH_PRIORITY", contact=told.contacts[2])
    told.preferences.CopyFrom(Preferences(alerts=[mail]))
    faults = Faults()

    found = wish(told, [], Offer(), faults)

    assert not faults.found
    assert found.contacts == (
        Wanted(Method.PHONE, "+4930123456"),
        Wanted(Method.EMAIL, "ada@example.com"),
    )
    assert found.rules is not None
    assert [rule.contact_id for rule in found.rules.rules] == [2]
