"""A document that changes several services: all of it, or nothing, whatever fails in between."""

import copy
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from sqlalchemy import insert

from services.chassis.timers import Timers
from services.escalation.documents import applying
from services.ingest import sources
from services.ingest.store import sources as store
from services.notification.store.contacts import CONTACT
from tests.integration.configuration_house import House, away, three_services
from tests.parts.documents import ADA, BOB, WHOLE, policy
from tocsin.configuration.v1.configuration_service_pb2 import Change
from tocsin.escalation.v1 import escalation_service_pb2 as run_pb
from tocsin.escalation.v1.escalation_pb2 import Subject
from tocsin.escalation.v1.escalation_service_pb2_grpc import EscalationServiceStub

MAIL = {"method": "EMAIL", "target": "ada@example.com"}
HOOK = {"method": "WEBHOOK", "target": "https://example.com/hook"}
CHECKS = {
    "name": "Checks",
    "integrationType": "API",
    "escalationPolicy": {"name": "databases"},
    "supportHours": {"name": "Office"},
    "teams": [{"name": "Core"}],
}
OLD = {"name": "Old", "integrationType": "GRAFANA", "escalationPolicy": {"name": "Doomed"}}
BEFORE: Any = {
    **WHOLE,
    "contacts": [{"email": "ada@example.com", "contacts": [MAIL]}],
    "escalationPolicies": [*WHOLE["escalationPolicies"], policy("Doomed", "ada@example.com")],
    "alertSources": [CHECKS, OLD],
}
#: Makes, changes and deletes something of every service.
AFTER: Any = {
    "users": [{**ADA, "position": "Countess"}, BOB, {**BOB, "email": "cy@example.com"}],
    "contacts": [
        {"email": "ada@example.com", "contacts": [HOOK]},
        {"email": "cy@example.com", "contacts": [{"method": "TERMINAL"}]},
    ],
    "escalationPolicies": [
        {**WHOLE["escalationPolicies"][0], "delayMin": 3},
        policy("Web", "cy@example.com"),
    ],
    "alertSources": [
        {**CHECKS, "escalationPolicy": {"name": "Web"}},
        {**OLD, "name": "New", "escalationPolicy": {"name": "Web"}},
    ],
}
CHANGES = [
    ("UPDATE", "users", "ada@example.com"),
    ("CREATE", "users", "cy@example.com"),
    ("UPDATE", "contacts", "ada@example.com"),
    ("CREATE", "contacts", "cy@example.com"),
    ("UPDATE", "escalationPolicies", "Databases"),
    ("DELETE", "escalationPolicies", "Doomed"),
    ("CREATE", "escalationPolicies", "Web"),
    ("UPDATE", "alertSources", "Checks (API)"),
    ("CREATE", "alertSources", "New (GRAFANA)"),
    ("DELETE", "alertSources", "Old (GRAFANA)"),
]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with three_services(tmp_path) as opened:
        await opened.apply(BEFORE)
        yield opened


async def test_a_document_changes_all_services_on_postgresql(
    tmp_path: Path, postgres: Callable[[], str]
) -> None:
    async with three_services(tmp_path, postgres) as house:
        await house.apply(BEFORE)
        before = await house.state()
        house.faults.at["after sources"] = [away]
        with pytest.raises(grpc.aio.AioRpcError):
            await house.apply(AFTER, prune=True)
        assert await house.state() == before

        made = await house.apply(AFTER, prune=True)

        told = [(Change.Action.Name(each.action), each.section, each.name) for each in made.changes]
        assert told == CHANGES
        assert not (await house.apply(AFTER, prune=True, dry_run=True)).changes


async def test_a_document_changes_all_services(house: House) -> None:
    keys = await house.sources()
    tried = await house.apply(AFTER, prune=True, dry_run=True)

    made = await house.apply(AFTER, prune=True, digest=tried.digest)

    told = [(Change.Action.Name(each.action), each.section, each.name) for each in made.changes]
    assert told == CHANGES
    assert made.changes == tried.changes
    assert not (await house.apply(AFTER, prune=True, dry_run=True)).changes
    assert (await house.sources())["Checks"] == keys["Checks"]


async def test_what_is_exported_rebuilds_another_suite(house: House, tmp_path: Path) -> None:
    told = await house.export()
    (tmp_path / "other").mkdir()

    async with three_services(tmp_path / "other") as other:
        assert (await other.apply(told)).applied
        assert await other.export() == told
        assert not (await other.apply(told, prune=True, dry_run=True)).changes


@pytest.mark.parametrize(
    "moment", ["before contacts", "after contacts", "before sources", "after sources"]
)
async def test_what_fails_in_between_leaves_everything_as_it_was(house: House, moment: str) -> None:
    before = await house.state()
    house.faults.at[moment] = [away]

    with pytest.raises(grpc.aio.AioRpcError) as error:
        await house.apply(AFTER, prune=True)

    assert error.value.code() is grpc.StatusCode.UNAVAILABLE
    assert await house.state() == before
    assert (await house.apply(AFTER, prune=True)).applied


async def test_what_is_used_just_before_it_goes_brings_everything_back(house: House) -> None:
    before = await house.state()
    house.faults.at["after sources"] = [lambda: _begin_escalation(house)]

    with pytest.raises(grpc.aio.AioRpcError) as error:
        await house.apply(AFTER, prune=True)

    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "escalation policy 3 is in use by escalation" in (error.value.details() or "")
    assert await house.state() == before


async def test_a_service_that_comes_back_is_waited_for(house: House) -> None:
    before = await house.state()
    house.faults.at["after sources"] = [away]
    house.faults.at["revert sources"] = [away, away]

    with pytest.raises(grpc.aio.AioRpcError):
        await house.apply(AFTER, prune=True)

    assert await house.state() == before


async def test_what_cannot_be_taken_back_is_made_true_by_applying_it_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "REVERT_SECONDS", 0.0)
    house.faults.at["after sources"] = [away]
    house.faults.at["revert sources"] = [away]

    with pytest.raises(grpc.aio.AioRpcError) as error:
        await house.apply(AFTER, prune=True)

    assert "what changed in Ingest could not be taken back" in (error.value.details() or "")
    await house.spread()
    assert (await house.apply(AFTER, prune=True)).applied
    assert not (await house.apply(AFTER, prune=True, dry_run=True)).changes


@pytest.mark.parametrize(
    "moment", ["before contacts", "after contacts", "before sources", "after sources"]
)
async def test_what_nobody_takes_back_is_made_whole_by_applying_it_again(
    house: House, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    async def dead(_: object) -> None:
        """Takes nothing back, like a process that has died."""

    house.faults.at[moment] = [away]
    with monkeypatch.context() as dying, pytest.raises(grpc.aio.AioRpcError):
        dying.setattr(applying._Making, "take_back", dead)
        await house.apply(AFTER, prune=True)
    await house.spread()
    assert (await house.apply(AFTER, prune=True, dry_run=True)).changes

    assert (await house.apply(AFTER, prune=True)).applied
    assert not (await house.apply(AFTER, prune=True, dry_run=True)).changes


async def test_the_key_of_a_source_that_is_gone_is_forgotten_after_an_hour(house: House) -> None:
    ingest = house.dbs["ingest"]
    (old, _) = (await house.sources())["Old"]
    await house.apply(AFTER, prune=True)
    timers = Timers(ingest, house.clock, {sources.HIDDEN: sources.forget_key})

    for passed, kept in ((timedelta(), [old]), (sources.RESTORABLE, [])):
        house.clock.turn(passed)
        await timers.step()
        assert list(await ingest.read(store.sealed_keys, [old])) == kept


async def test_every_owner_says_what_is_wrong_with_its_part(house: House) -> None:
    told = copy.deepcopy(AFTER)
    told["contacts"][0]["contacts"][0]["target"] = "nowhere"
    told["alertSources"][1]["integrationType"] = "NOTHING"
    before = await house.state()

    tried = await house.apply(told, dry_run=True)
    assert [f"{one.place}: {one.message}" for one in tried.problems] == [
        "alertSources[1].integrationType: must be one of the known types, for example API",
        "contacts[0].contacts[0].target: must be an absolute http or https URL",
    ]
    assert await house.state() == before


async def test_a_contact_leads_nowhere_that_a_call_may_not_go_unless_it_is_there(
    house: House,
) -> None:
    near = {"method": "WEBHOOK", "target": "http://127.0.0.1:1/metrics"}
    told = {"contacts": [{"email": "ada@example.com", "contacts": [MAIL, near]}]}

    tried = await house.apply(told, dry_run=True)
    assert [f"{one.place}: {one.message}" for one in tried.problems] == [
        "contacts[0].contacts[1].target: leads to 127.0.0.1, where this deployment calls nobody"
    ]

    row = insert(CONTACT).values(
        id=99, user_id=1, method="WEBHOOK", target=near["target"], created_at=house.clock.wall()
    )
    await house.dbs["notification"].write(lambda connection: connection.execute(row))
    reply = await house.apply(told, dry_run=True)
    assert (list(reply.problems), list(reply.changes)) == ([], [])


async def _begin_escalation(house: House) -> None:
    """Has somebody begin to follow the policy that is about to go."""
    request = run_pb.StartEscalationRequest(
        subject=Subject(kind="deploy", id="1", title="Rollout waits"), escalation_policy_id=3
    )
    stub = EscalationServiceStub(house.escalation)
    await stub.StartEscalation(request, metadata=house.metadata)
