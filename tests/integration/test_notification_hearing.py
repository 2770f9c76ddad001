"""Which webhooks hear of what."""

import json
from collections.abc import AsyncIterator

import pytest

from services.notification import deliveries
from tests.integration.webhook_house import (
    OPS,
    OTHERS,
    SECRET,
    Hooks,
    changed,
    escalated,
    told_webhooks,
)
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject


@pytest.fixture
async def hooks(any_database_url: str) -> AsyncIterator[Hooks]:
    async with told_webhooks(any_database_url) as made:
        yield made


async def test_each_hears_what_it_asked_for(hooks: Hooks) -> None:
    for told_of in (("*",), ("alert.*",), ("escalation.*",), ("notification.*",), ()):
        await hooks.make(*told_of)

    await hooks.alert(changed())
    await hooks.house.react(escalated(1))
    await hooks.house.page()  # of a run that nobody told of yet, to somebody with an address

    assert await hooks.told() == {
        "/1": ["alert.created", "escalation.stepped"],
        "/2": ["alert.created"],
        "/3": ["escalation.stepped"],
    }
    run = Escalation(id=9, key="alert:7:1", escalation_policy_id=1, version=1)
    run.subject.CopyFrom(Subject(kind="alert", id="7"))
    await hooks.house.react(EscalationChanged(escalation=run, cause="BEGUN"))
    hooks.turn(seconds=3)
    told = await hooks.told()
    assert told["/4"] == ["notification.scheduled"]
    assert told["/1"] == [
        "alert.created",
        "escalation.begun",
        "escalation.stepped",
        "notification.scheduled",
    ]


@pytest.mark.parametrize(
    ("belongs_to", "heard_by"),
    [
        ([], {"none", "ops", "secret", "both"}),
        ([OPS], {"none", "ops", "secret", "both"}),
        ([SECRET], {"secret"}),
        ([SECRET, OPS], {"none", "ops", "secret", "both"}),
        ([SECRET, OTHERS], {"secret"}),
        ([OTHERS], set()),
        ([99], set()),  # a team that nobody knows
    ],
)
async def test_an_alert_reaches_webhooks_that_see_it(
    hooks: Hooks, belongs_to: list[int], heard_by: set[str]
) -> None:
    """A webhook of two teams may be moved by members of either, so it hears what both see."""
    names = {"none": (), "ops": (OPS,), "secret": (SECRET,), "both": (OPS, SECRET)}
    for teams in names.values():
        await hooks.make("*", teams=teams)

    await hooks.alert(changed(teams=belongs_to))

    paths = {f"/{number}": name for number, name in enumerate(names, 1)}
    assert {paths[path] for path in await hooks.told()} == heard_by
    assert len(await hooks.rows()) == len(heard_by)


async def test_an_escalation_is_its_policys_and_its_alerts(hooks: Hooks) -> None:
    await hooks.make("escalation.*")
    await hooks.make("escalation.*", teams=(SECRET,))

    await hooks.house.react(escalated(2))
    assert await hooks.told() == {"/2": ["escalation.stepped"]}

    await hooks.alert(changed(teams=[OTHERS]))  # nobody here sees that, whatever the policy
    await hooks.house.react(escalated(1, kind="alert", id_="7"))
    assert await hooks.told() == {"/2": ["escalation.stepped"]}


async def test_what_nobody_has_said_whose_it_is_waits_until_somebody_does(hooks: Hooks) -> None:
    await hooks.make("escalation.*")
    await hooks.make("escalation.*", teams=(SECRET,))
    await hooks.house.react(escalated(1, kind="alert", id_="7"))

    assert await hooks.told() == {}
    await hooks.alert(changed(teams=[SECRET]))
    hooks.turn(seconds=3)
    assert await hooks.told() == {"/2": ["escalation.stepped"]}
    assert [row.webhook_id for row in await hooks.rows()] == [2]  # the other knows nothing of it


async def test_what_nobody_ever_says_is_given_up_loudly(hooks: Hooks) -> None:
    await hooks.make("alert.*")
    await hooks.alert(changed(teams=None))  # by an older version

    assert await hooks.told() == {}
    hooks.turn(minutes=2)
    assert await hooks.told() == {}
    (row,) = await hooks.rows()
    assert (row.state, row.error) == ("FAILED", deliveries.NOBODY_KNOWS)
    assert len(await hooks.house.published(SuiteAlertRaised)) == 1


async def test_a_policy_of_a_private_team_goes_by_its_number(hooks: Hooks) -> None:
    await hooks.make("alert.*")
    await hooks.make("alert.*", teams=(SECRET,))
    await hooks.alert(changed(policy=2))
    await hooks.told()

    policies = {
        request.path: json.loads(request.body)["data"]["alert"]["escalationPolicy"].get("name")
        for request in hooks.house.posts.requests
    }
    assert policies == {"/1": None, "/2": "policy 2"}
